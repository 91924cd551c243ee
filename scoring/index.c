#include "scoring/index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/scorecard.h"

#define FIXES_MAX_DEFAULT 10

struct index {
    const struct catalogue *catalogue;
    struct index_options options;
    struct weighing weighing;
    bool *assessed; /* per item */
    struct occurrences occurrences;
};

double vantage_exposure(enum vantage vantage)
{
    return vantage == VANTAGE_INTERNET ? 1.0 : vantage == VANTAGE_PARTNER ? 0.6 : 0.3;
}

static void take_options(struct index *index, const struct index_options *options)
{
    index->options = *options;
    if (index->options.fixes_max == 0)
        index->options.fixes_max = FIXES_MAX_DEFAULT;
}

enum status index_new(const struct catalogue *catalogue, const struct index_options *options,
                      struct index **index_out)
{
    struct index *index = calloc(1, sizeof *index);
    *index_out = NULL;
    if (!index)
        return STATUS_NO_MEMORY;
    index->catalogue = catalogue;
    take_options(index, options);
    index->assessed = calloc(catalogue->items_count + 1, sizeof *index->assessed);
    enum status status = index->assessed ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = occurrences_init(&index->occurrences, options->without_occurrences);
    if (status == STATUS_OK)
        status = weighing_init(&index->weighing, catalogue, &index->options);
    if (status == STATUS_OK)
        *index_out = index;
    else
        index_free(&index);
    return status;
}

void index_free(struct index **index)
{
    if (*index) {
        occurrences_deinit(&(*index)->occurrences);
        weighing_deinit(&(*index)->weighing);
        free((*index)->assessed);
    }
    free(*index);
    *index = NULL;
}

enum status index_reset(struct index *index, const struct index_options *options)
{
    take_options(index, options);
    memset(index->assessed, 0, index->catalogue->items_count * sizeof *index->assessed);
    occurrences_reset(&index->occurrences, options->without_occurrences);
    weighing_deinit(&index->weighing);
    return weighing_init(&index->weighing, index->catalogue, &index->options);
}

void index_assess(struct index *index, size_t item)
{
    if (item < index->catalogue->items_count)
        index->assessed[item] = true;
}

enum status index_add(struct index *index, const struct finding *finding)
{
    return occurrences_add(&index->occurrences, &index->weighing, finding);
}

void scorecard_deinit(struct scorecard *scorecard)
{
    free(scorecard->gated_by);
    free(scorecard->domains);
    free(scorecard->dimensions);
    free(scorecard->item_assessed);
    free(scorecard->items);
    free(scorecard->occurrences);
    free(scorecard->fixes);
    memset(scorecard, 0, sizeof *scorecard);
}

static enum status describe_tree(const struct standing *standing, struct scorecard *scorecard)
{
    const struct catalogue *catalogue = standing->catalogue;
    const struct rollup *rollup = &standing->rollup;
    scorecard->domains = calloc(catalogue->domains_count + 1, sizeof *scorecard->domains);
    scorecard->dimensions = calloc(catalogue->dimensions_count + 1, sizeof *scorecard->dimensions);
    if (!scorecard->domains || !scorecard->dimensions)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < catalogue->dimensions_count; i++) {
        bool assessed = rollup->assessed[i];
        bool counts = assessed || standing->literal == UNASSESSED_PERFECT;
        scorecard->dimensions[i] = (struct score_dimension){counts ? rollup->dimensions[i] : NAN, assessed};
        scorecard->dimensions_assessed += assessed;
        scorecard->domains[catalogue->dimensions[i].domain].assessed |= assessed;
    }
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        scorecard->domains[i].score = rollup_domain(rollup, i, standing->literal);
        scorecard->domains_assessed += scorecard->domains[i].assessed;
    }
    return STATUS_OK;
}

static enum status describe_items(const struct standing *standing, struct scorecard *scorecard)
{
    size_t count = standing->catalogue->items_count;
    scorecard->item_assessed = calloc(count + 1, sizeof *scorecard->item_assessed);
    if (!scorecard->item_assessed)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        scorecard->item_assessed[i] = standing->assessed[i];
        scorecard->items_assessed += standing->assessed[i];
    }
    return STATUS_OK;
}

/* Half up. The fraction is exact, the sum with one half would not be. */
uint64_t scorecard_accepted(const struct scorecard *scorecard)
{
    uint64_t accepted = 0;
    for (size_t i = 0; i < scorecard->items_count; i++)
        accepted += scorecard->items[i].accepted;
    return accepted;
}

int index_round(double index)
{
    double whole = floor(index);
    return (int)whole + (index - whole >= 0.5);
}

static void describe_index(const struct standing *standing, struct scorecard *scorecard)
{
    const struct rollup *rollup = &standing->rollup;
    scorecard->assessed = scorecard->dimensions_assessed > 0;
    scorecard->score = isnan(standing->score) ? 0 : standing->score;
    scorecard->index_exact = standing->index;
    scorecard->index = index_round(standing->index);
    scorecard->band = band_of(scorecard->index);
    scorecard->literal = rollup_index(rollup, UNASSESSED_PERFECT);
    scorecard->without_acceptance = standing->without_acceptance;
    double low = rollup_index(rollup, UNASSESSED_EMPTY), high = scorecard->literal;
    /* Means of different weights round apart in the last bit; the bounds hold the index all the same. */
    scorecard->bounds[0] = scorecard->assessed ? fmin(low, standing->index) : low;
    scorecard->bounds[1] = scorecard->assessed ? fmax(high, standing->index) : high;
}

static enum status describe(struct standing *standing, const struct index_options *options,
                            struct scorecard *scorecard)
{
    enum status status = describe_tree(standing, scorecard);
    if (status == STATUS_OK)
        status = describe_items(standing, scorecard);
    if (status == STATUS_OK)
        status = scorecard_gate(standing, scorecard);
    if (status == STATUS_OK)
        status = scorecard_items(standing, scorecard);
    if (status == STATUS_OK && !options->without_occurrences)
        status = scorecard_occurrences(standing, scorecard);
    if (status == STATUS_OK)
        describe_index(standing, scorecard);
    if (status == STATUS_OK && !options->without_fixes)
        status = scorecard_fixes(standing, options->fixes_max, scorecard);
    return status;
}

enum status index_stand(struct index *index, struct standing *standing_out)
{
    return standing_init(standing_out, index->catalogue, &index->options, &index->occurrences,
                         index->assessed);
}

const struct weighing *index_weighing(const struct index *index)
{
    return &index->weighing;
}

enum status index_score(struct index *index, struct scorecard *scorecard_out)
{
    struct standing standing;
    memset(scorecard_out, 0, sizeof *scorecard_out);
    enum status status = index_stand(index, &standing);
    if (status != STATUS_OK)
        return status;
    scorecard_out->marked = occurrences_marked(&index->occurrences);
    status = describe(&standing, &index->options, scorecard_out);
    standing_deinit(&standing);
    if (status != STATUS_OK)
        scorecard_deinit(scorecard_out);
    return status;
}
