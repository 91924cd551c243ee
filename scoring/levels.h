#ifndef SCORING_LEVELS_H
#define SCORING_LEVELS_H

#include "scoring/catalogue.h"

/* The occurrences of one item by their weight b_e: the distinct weights, falling, each with how many
   occurrences have just that one (model.md §3, step 2). Owns its items. */
struct level {
    double weight;
    uint64_t count;
    uint64_t reached; /* N(weight): how many weigh this much or more; stops at UINT64_MAX */
};
struct levels {
    struct level *items;
    size_t count;
};

void levels_deinit(struct levels *levels);
/* Sorts and joins `items` in place, whose weights and counts are given; the levels own them from then on. */
void levels_settle(struct levels *levels, struct level *items, size_t count);
uint64_t levels_occurrences(const struct levels *levels);
/* Bbase_Loss: the integral of f(N(t)), exact but for the last rounding and that of f itself. */
double levels_loss(const struct levels *levels, const struct catalogue *catalogue, const struct item *item);
/* The same without one occurrence of level i, for each i; `losses_out` has room for all levels. One pass. */
void levels_losses_without(const struct levels *levels, const struct catalogue *catalogue,
                           const struct item *item, double *losses_out);

#endif
