#ifndef SCORING_ROLLUP_H
#define SCORING_ROLLUP_H

#include "scoring/catalogue.h"

/* From the losses of items to the index: model.md §3, steps 3 to 6. */

#define INDEX_MAX 1000.0

/* What becomes of the dimensions that were not assessed (model.md §4). */
enum unassessed {
    UNASSESSED_LEFT_OUT,
    UNASSESSED_EMPTY,   /* 0: the lower bound */
    UNASSESSED_PERFECT, /* 1000: the upper bound, and the literal index */
};

struct rollup {
    const struct catalogue *catalogue;
    double informatization;
    double *losses;               /* per item: alpha · Bbase_Loss */
    double *dimensions;           /* per dimension: its score */
    bool *assessed;               /* per dimension */
    struct domain_score *domains; /* per domain: its score as last asked for */
    size_t *next;                 /* per item: the next of its dimension, or SIZE_MAX */
    size_t *first;                /* per dimension: its first item, or SIZE_MAX */
};

MUST_USE enum status rollup_init(struct rollup *rollup, const struct catalogue *catalogue,
                                 double informatization);
void rollup_deinit(struct rollup *rollup);
/* Sets the loss of an item, and the score of its dimension with it. */
void rollup_set_loss(struct rollup *rollup, size_t item, double loss);
/* The dimension counts as assessed from then on. */
void rollup_assess(struct rollup *rollup, size_t dimension);
/* NAN when nothing in the domain counts. */
double rollup_domain(const struct rollup *rollup, size_t domain, enum unassessed unassessed);
/* Step 5; NAN when nothing counts at all. */
double rollup_score(const struct rollup *rollup, enum unassessed unassessed);
/* Step 6 of that; 0 when nothing counts. */
double rollup_index(const struct rollup *rollup, enum unassessed unassessed);

#endif
