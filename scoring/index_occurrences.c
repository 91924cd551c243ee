#include <stdlib.h>
#include <string.h>

#include "scoring/scorecard.h"

/* The occurrences of an index one by one, and what one more would make of it. */

static struct index_occurrence describe(const struct weighing *weighing, const struct occurrence *occurrence)
{
    const struct sighting *sighting = occurrence->in_force   ? occurrence->in_force
                                      : occurrence->accepted ? occurrence->accepted
                                                             : occurrence->marked;
    struct index_occurrence described = {.item = occurrence->spot.item, .finding = sighting->finding};
    if (sighting == occurrence->accepted) {
        described.state = OCCURRENCE_ACCEPTED;
        described.risk = weighing_risk(weighing, sighting->finding);
    } else if (sighting == occurrence->marked) {
        described.state = OCCURRENCE_MARKED;
        described.risk = weighing_mark(weighing, sighting->finding);
    }
    return described;
}

/* Those of the item that begins at `at`; returns where the next one begins, or SIZE_MAX. */
static size_t describe_item(struct standing *standing, const struct weighing *weighing, size_t at,
                            struct index_occurrence *list)
{
    size_t item = standing->occurrences[at]->spot.item;
    double *gains = standing_gains(standing, item);
    if (!gains)
        return SIZE_MAX;
    for (; at < standing->occurrences_count && standing->occurrences[at]->spot.item == item; at++) {
        const struct sighting *sighting = standing->occurrences[at]->in_force;
        list[at] = describe(weighing, standing->occurrences[at]);
        if (sighting)
            list[at].gain = gains[levels_place(&standing->levels[item], sighting->weight)];
    }
    free(gains);
    return at;
}

enum status index_occurrences(struct index *index, struct index_occurrence **list_out, size_t *count_out)
{
    struct standing standing;
    *list_out = NULL;
    *count_out = 0;
    enum status status = index_stand(index, &standing);
    if (status != STATUS_OK)
        return status;
    struct index_occurrence *list = calloc(standing.occurrences_count + 1, sizeof *list);
    size_t at = list ? 0 : SIZE_MAX;
    while (at != SIZE_MAX && at < standing.occurrences_count)
        at = describe_item(&standing, index_weighing(index), at, list);
    *count_out = standing.occurrences_count;
    standing_deinit(&standing);
    if (at == SIZE_MAX) {
        free(list);
        return STATUS_NO_MEMORY;
    }
    *list_out = list;
    return STATUS_OK;
}

static int endpoint_compare(const struct finding *a, const struct finding *b)
{
    int order = address_compare(a->address, b->address);
    order = order ? order : a->port.transport - b->port.transport;
    return order ? order : a->port.number - b->port.number;
}

int index_occurrence_compare(const struct catalogue *catalogue, const struct index_occurrence *a,
                             const struct index_occurrence *b)
{
    if (a->item != b->item)
        return a->item < b->item ? -1 : 1;
    enum item_unit unit = catalogue->items[a->item].unit;
    enum place place = place_of(unit, a->finding), other = place_of(unit, b->finding);
    if (place != other)
        return place < other ? -1 : 1;
    switch (place) {
    case PLACE_HOST:
        return address_compare(a->finding->address, b->finding->address);
    case PLACE_ENDPOINT:
        return endpoint_compare(a->finding, b->finding);
    case PLACE_KEY:
        return strcmp(a->finding->key, b->finding->key);
    case PLACE_NONE:
    case PLACE_ORGANIZATION:
        break;
    }
    return 0;
}

/* One more of this weight. */
static enum status loss_with(const struct standing *standing, size_t item, double weight, double *loss_out)
{
    const struct item *entry = &standing->catalogue->items[item];
    const struct levels *levels = &standing->levels[item];
    struct gathered gathered = {0};
    struct levels more = {NULL, 0};
    enum status status = levels_gather(&gathered, weight, 1);
    for (size_t i = 0; i < levels->count && status == STATUS_OK; i++)
        status = levels_gather(&gathered, levels->items[i].weight, levels->items[i].count);
    if (status == STATUS_OK) {
        levels_settle(&more, &gathered);
        *loss_out = entry->alpha * levels_loss(&more, standing->catalogue, entry);
    }
    gathered_deinit(&gathered);
    levels_deinit(&more);
    return status;
}

/* A finding makes its item assessed (model.md §4). */
static enum status evaluate_with(struct standing *standing, size_t item, double weight, double *index_out)
{
    size_t dimension = standing->catalogue->items[item].dimension;
    bool assessed = standing->rollup.assessed[dimension];
    double loss = 0;
    enum status status = loss_with(standing, item, weight, &loss);
    if (status != STATUS_OK)
        return status;
    rollup_assess(&standing->rollup, dimension);
    *index_out = standing_index_with(standing, item, loss);
    standing->rollup.assessed[dimension] =
        assessed; /* the loss was set back, and the domain forgotten with it */
    return STATUS_OK;
}

/* What was evaluated last of an item: most of its occurrences weigh the same. */
struct evaluated {
    bool known;
    double weight, index;
};

static enum status evaluate_finding(struct standing *standing, const struct weighing *weighing,
                                    const struct finding *finding, bool all_the_same, struct evaluated *last,
                                    double *index_out)
{
    size_t item = catalogue_item(standing->catalogue, finding->item);
    *index_out = standing->index;
    if (item == SIZE_MAX || !sighting_possible(finding))
        return STATUS_MISMATCH;
    const struct sighting sighting = sighting_of(weighing, item, finding);
    if ((sighting.accepted || sighting.marked) && !all_the_same)
        return STATUS_OK;
    if (!last[item].known || last[item].weight != sighting.weight) {
        enum status status = evaluate_with(standing, item, sighting.weight, &last[item].index);
        if (status != STATUS_OK)
            return status;
        last[item].known = true;
        last[item].weight = sighting.weight;
    }
    *index_out = last[item].index;
    return STATUS_OK;
}

enum status index_with(struct index *index, const struct finding *const *findings, size_t count,
                       bool all_the_same, double *indices_out)
{
    struct standing standing;
    enum status status = index_stand(index, &standing);
    if (status != STATUS_OK)
        return status;
    struct evaluated *last = calloc(standing.catalogue->items_count + 1, sizeof *last);
    if (!last)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = evaluate_finding(&standing, index_weighing(index), findings[i], all_the_same, last,
                                  &indices_out[i]);
    free(last);
    standing_deinit(&standing);
    return status;
}
