#ifndef SCORING_STANDING_H
#define SCORING_STANDING_H

#include "scoring/levels.h"
#include "scoring/occurrences.h"
#include "scoring/rollup.h"

/* Where an organization stands: its findings joined, weighed and rolled up. What a scorecard is made of. */
struct standing {
    const struct catalogue *catalogue;
    const struct occurrence **occurrences; /* ordered by item, and by place where findings are kept */
    size_t occurrences_count;
    bool *assessed;            /* per item */
    bool *found;               /* per item: seen at least once, accepted or not */
    struct levels *levels;     /* per item: what is in force */
    uint64_t *accepted;        /* per item: occurrences that are left out */
    int *asset;                /* per item: the highest asset value in force */
    struct rollup rollup;      /* of what is in force */
    enum unassessed literal;   /* how its own index takes what was not assessed */
    double score, index;       /* its own */
    double without_acceptance; /* the index with accepted risks counted */
};

/* `assessed` is per item: what was looked at. */
MUST_USE enum status standing_init(struct standing *standing, const struct catalogue *catalogue,
                                   const struct index_options *options, const struct occurrences *occurrences,
                                   const bool *assessed);
void standing_deinit(struct standing *standing);
/* The index, were this the loss of the item. */
double standing_index_with(struct standing *standing, size_t item, double loss);
/* Which of two items with the same gain comes first: by severity, risk, asset, count, id (model.md §5). */
int standing_item_compare(const struct standing *standing, size_t a, size_t b);
/* Gains that differ by less than their rounding are the same: to be compared as whole numbers. */
int64_t gain_rank(double gain);

#endif
