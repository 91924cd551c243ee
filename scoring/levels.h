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

/* Stops at UINT64_MAX. */
uint64_t counts_sum(uint64_t a, uint64_t b);

void levels_deinit(struct levels *levels);
/* Weights and counts are gathered first, in any order, and settled then: sorted and joined. Zeroed is empty.
   Most occurrences weigh what one shortly before them did; those are joined at once. */
#define GATHERED_RECENT 64
struct gathered {
    struct level *items;
    size_t count, capacity;
    uint32_t recent[GATHERED_RECENT]; /* 1 + the place of the last weight of each kind; 0: none */
};
MUST_USE enum status levels_gather(struct gathered *gathered, double weight, uint64_t count);
/* Takes what was gathered, which is empty afterwards. */
void levels_settle(struct levels *levels, struct gathered *gathered);
void gathered_deinit(struct gathered *gathered);
uint64_t levels_occurrences(const struct levels *levels);
/* Bbase_Loss: the integral of f(N(t)), exact but for the last rounding and that of f itself. */
double levels_loss(const struct levels *levels, const struct catalogue *catalogue, const struct item *item);
/* The same without one occurrence of level i, for each i; `losses_out` has room for all levels. One pass. */
void levels_losses_without(const struct levels *levels, const struct catalogue *catalogue,
                           const struct item *item, double *losses_out);

#endif
