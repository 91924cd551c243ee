#include "scoring/standing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void standing_deinit(struct standing *standing)
{
    for (size_t i = 0; standing->levels && i < standing->catalogue->items_count; i++)
        levels_deinit(&standing->levels[i]);
    free(standing->occurrences);
    free(standing->assessed);
    free(standing->found);
    free(standing->levels);
    free(standing->accepted);
    free(standing->asset);
    rollup_deinit(&standing->rollup);
    memset(standing, 0, sizeof *standing);
}

static enum status allocate(struct standing *standing, double informatization)
{
    size_t items = standing->catalogue->items_count + 1;
    standing->assessed = calloc(items, sizeof *standing->assessed);
    standing->found = calloc(items, sizeof *standing->found);
    standing->levels = calloc(items, sizeof *standing->levels);
    standing->accepted = calloc(items, sizeof *standing->accepted);
    standing->asset = calloc(items, sizeof *standing->asset);
    if (!standing->assessed || !standing->found || !standing->levels || !standing->accepted ||
        !standing->asset)
        return STATUS_NO_MEMORY;
    return rollup_init(&standing->rollup, standing->catalogue, informatization);
}

/* How many of the occurrences from the first on are of one item. */
static size_t run_of_item(const struct standing *standing, size_t first)
{
    size_t end = first + 1;
    while (end < standing->occurrences_count &&
           standing->occurrences[end]->spot.item == standing->occurrences[first]->spot.item)
        end++;
    return end - first;
}

enum counted { COUNT_IN_FORCE, COUNT_ALL };

/* The weight of an occurrence: that of the gravest sighting which counts; none: false. */
static bool weight_of(const struct occurrence *occurrence, enum counted counted, double *weight_out)
{
    const struct sighting *in_force = occurrence->in_force;
    const struct sighting *accepted = counted == COUNT_ALL ? occurrence->accepted : NULL;
    if (!in_force && !accepted)
        return false;
    *weight_out = fmax(in_force ? in_force->weight : 0, accepted ? accepted->weight : 0);
    return true;
}

static enum status gather(const struct occurrence *const *occurrences, size_t count, enum counted counted,
                          struct levels *levels)
{
    struct gathered gathered = {0};
    for (size_t i = 0; i < count; i++) {
        double weight;
        if (weight_of(occurrences[i], counted, &weight) &&
            levels_gather(&gathered, weight, occurrences[i]->count) != STATUS_OK) {
            gathered_deinit(&gathered);
            return STATUS_NO_MEMORY;
        }
    }
    levels_settle(levels, &gathered);
    return STATUS_OK;
}

static void note(struct standing *standing, const struct occurrence *occurrence)
{
    size_t item = occurrence->spot.item;
    if (!occurrence->in_force && !occurrence->accepted)
        return; /* a false positive is nothing that was found */
    standing->found[item] = standing->assessed[item] = true;
    if (!occurrence->in_force)
        standing->accepted[item] = counts_sum(standing->accepted[item], occurrence->count);
    else if (occurrence->in_force->asset > standing->asset[item])
        standing->asset[item] = occurrence->in_force->asset;
}

static double loss_of(const struct standing *standing, size_t item, const struct levels *levels)
{
    const struct item *entry = &standing->catalogue->items[item];
    return entry->alpha * levels_loss(levels, standing->catalogue, entry);
}

static enum status weigh_items(struct standing *standing)
{
    for (size_t at = 0, run; at < standing->occurrences_count; at += run) {
        const struct occurrence *const *first = &standing->occurrences[at];
        size_t item = (*first)->spot.item;
        run = run_of_item(standing, at);
        for (size_t i = 0; i < run; i++)
            note(standing, first[i]);
        if (gather(first, run, COUNT_IN_FORCE, &standing->levels[item]) != STATUS_OK)
            return STATUS_NO_MEMORY;
        rollup_set_loss(&standing->rollup, item, loss_of(standing, item, &standing->levels[item]));
    }
    for (size_t i = 0; i < standing->catalogue->items_count; i++)
        if (standing->assessed[i])
            rollup_assess(&standing->rollup, standing->catalogue->items[i].dimension);
    return STATUS_OK;
}

static bool has_accepted(const struct occurrence *const *occurrences, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (occurrences[i]->accepted)
            return true;
    return false;
}

/* Sets each item's loss to that of everything seen, asks for the index, and sets them back. */
static enum status weigh_accepted(struct standing *standing)
{
    enum status status = STATUS_OK;
    bool any = false;
    for (size_t at = 0, run; at < standing->occurrences_count; at += run) {
        const struct occurrence *const *first = &standing->occurrences[at];
        size_t item = (*first)->spot.item;
        struct levels all = {NULL, 0};
        run = run_of_item(standing, at);
        if (!has_accepted(first, run))
            continue;
        any = true;
        status = gather(first, run, COUNT_ALL, &all);
        if (status != STATUS_OK)
            break;
        rollup_set_loss(&standing->rollup, item, loss_of(standing, item, &all));
        levels_deinit(&all);
    }
    standing->without_acceptance = rollup_index(&standing->rollup, standing->literal);
    for (size_t i = 0; any && i < standing->catalogue->items_count; i++)
        if (standing->found[i])
            rollup_set_loss(&standing->rollup, i, loss_of(standing, i, &standing->levels[i]));
    return status;
}

enum status standing_init(struct standing *standing, const struct catalogue *catalogue,
                          const struct index_options *options, const struct occurrences *occurrences,
                          const bool *assessed)
{
    *standing = (struct standing){.catalogue = catalogue};
    standing->literal = options->literal ? UNASSESSED_PERFECT : UNASSESSED_LEFT_OUT;
    enum status status = allocate(standing, options->informatization);
    if (status == STATUS_OK)
        status = occurrences_sorted(occurrences, catalogue->items_count, &standing->occurrences);
    if (status == STATUS_OK) {
        standing->occurrences_count = occurrences->count;
        memcpy(standing->assessed, assessed, catalogue->items_count * sizeof *assessed);
        status = weigh_items(standing);
    }
    if (status == STATUS_OK) {
        standing->score = rollup_score(&standing->rollup, standing->literal);
        standing->index = rollup_index(&standing->rollup, standing->literal);
        status = weigh_accepted(standing);
    }
    if (status != STATUS_OK)
        standing_deinit(standing);
    return status;
}

double standing_index_with(struct standing *standing, size_t item, double loss)
{
    double before = standing->rollup.losses[item];
    rollup_set_loss(&standing->rollup, item, loss);
    double index = rollup_index(&standing->rollup, standing->literal);
    rollup_set_loss(&standing->rollup, item, before);
    return index;
}

int standing_item_compare(const struct standing *standing, size_t a, size_t b)
{
    const struct item *left = &standing->catalogue->items[a], *right = &standing->catalogue->items[b];
    uint64_t left_count = levels_occurrences(&standing->levels[a]);
    uint64_t right_count = levels_occurrences(&standing->levels[b]);
    int order = right->severity - left->severity;
    order = order ? order : right->risk - left->risk;
    order = order ? order : standing->asset[b] - standing->asset[a];
    order = order ? order : (left_count < right_count) - (left_count > right_count);
    return order ? order : strcmp(left->id, right->id);
}

int64_t gain_rank(double gain)
{
    return llround(gain * 1e9);
}
