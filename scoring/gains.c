#include <stdlib.h>

#include "scoring/scorecard.h"

/* What the index would gain without an item or an occurrence: true re-evaluations (model.md §5). */

static int item_compare(const void *a, const void *b, void *context)
{
    const struct score_item *left = a, *right = b;
    int64_t left_gain = gain_rank(left->gain), right_gain = gain_rank(right->gain);
    if (left_gain != right_gain)
        return left_gain > right_gain ? -1 : 1;
    return standing_item_compare(context, left->item, right->item);
}

static size_t count_found(const struct standing *standing)
{
    size_t found = 0;
    for (size_t i = 0; i < standing->catalogue->items_count; i++)
        found += standing->found[i];
    return found;
}

enum status scorecard_items(struct standing *standing, struct scorecard *scorecard)
{
    size_t items = standing->catalogue->items_count, count = 0;
    scorecard->items = calloc(count_found(standing) + 1, sizeof *scorecard->items);
    if (!scorecard->items)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < items; i++)
        if (standing->found[i])
            scorecard->items[count++] = (struct score_item){
                .item = i,
                .count = levels_occurrences(&standing->levels[i]),
                .accepted = standing->accepted[i],
                .loss = standing->rollup.losses[i],
                .gain = standing_index_with(standing, i, 0) - standing->index,
            };
    scorecard->items_count = count;
    qsort_r(scorecard->items, count, sizeof *scorecard->items, item_compare, standing);
    return STATUS_OK;
}

/* The same for all of one weight. */
double *standing_gains(struct standing *standing, size_t item)
{
    const struct levels *levels = &standing->levels[item];
    const struct item *entry = &standing->catalogue->items[item];
    double *gains = calloc(levels->count + 1, sizeof *gains);
    if (!gains)
        return NULL;
    levels_losses_without(levels, standing->catalogue, entry, gains);
    for (size_t i = 0; i < levels->count; i++)
        gains[i] = standing_index_with(standing, item, entry->alpha * gains[i]) - standing->index;
    return gains;
}

size_t levels_place(const struct levels *levels, double weight)
{
    size_t low = 0, high = levels->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (levels->items[middle].weight > weight)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* All occurrences of the item that begins at `at`; returns where the next one begins, or SIZE_MAX. */
static size_t add_occurrences(struct standing *standing, size_t at, struct scorecard *scorecard)
{
    size_t item = standing->occurrences[at]->spot.item;
    const struct levels *levels = &standing->levels[item];
    double *gains = standing_gains(standing, item);
    if (!gains)
        return SIZE_MAX;
    for (; at < standing->occurrences_count && standing->occurrences[at]->spot.item == item; at++) {
        const struct sighting *sighting = standing->occurrences[at]->in_force;
        if (!sighting)
            continue;
        scorecard->occurrences[scorecard->occurrences_count++] = (struct score_occurrence){
            item, sighting->finding, sighting->weight, gains[levels_place(levels, sighting->weight)]};
    }
    free(gains);
    return at;
}

/* What two entries of a scorecard point to lies in the same order as the joined occurrences, by item and
   place; so only the gain is compared, and the sort must be stable. */
struct ranked {
    int64_t gain;
    size_t position;
};

static int ranked_compare(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->gain != right->gain)
        return left->gain > right->gain ? -1 : 1;
    return left->position < right->position ? -1 : 1;
}

static enum status sort_occurrences(struct scorecard *scorecard)
{
    size_t count = scorecard->occurrences_count;
    struct ranked *ranks = calloc(count + 1, sizeof *ranks);
    struct score_occurrence *sorted = calloc(count + 1, sizeof *sorted);
    if (!ranks || !sorted) {
        free(ranks);
        free(sorted);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        ranks[i] = (struct ranked){gain_rank(scorecard->occurrences[i].gain), i};
    qsort(ranks, count, sizeof *ranks, ranked_compare);
    for (size_t i = 0; i < count; i++)
        sorted[i] = scorecard->occurrences[ranks[i].position];
    free(ranks);
    free(scorecard->occurrences);
    scorecard->occurrences = sorted;
    return STATUS_OK;
}

enum status scorecard_occurrences(struct standing *standing, struct scorecard *scorecard)
{
    scorecard->occurrences = calloc(standing->occurrences_count + 1, sizeof *scorecard->occurrences);
    if (!scorecard->occurrences)
        return STATUS_NO_MEMORY;
    for (size_t at = 0; at < standing->occurrences_count;) {
        at = add_occurrences(standing, at, scorecard);
        if (at == SIZE_MAX)
            return STATUS_NO_MEMORY;
    }
    return sort_occurrences(scorecard);
}
