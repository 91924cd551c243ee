#ifndef SCORING_BINOMIAL_H
#define SCORING_BINOMIAL_H

#include <stdint.h>

/* The binomial distribution and its exact tests (model.md §6): `count` successes of `of` trials that each have
   the chance 0 <= chance <= 1. No approximation. Tails keep their relative accuracy as far as a double
   reaches (about 1e-300). NAN for more successes than trials, for more trials than BINOMIAL_MOST, and for a
   chance that is none. */

/* A tail is summed term by term, some 10 · √of of them; beyond this it would take seconds. */
#define BINOMIAL_MOST (UINT64_C(1) << 40)

/* P(X = count). */
double binomial_mass(uint64_t count, uint64_t of, double chance);
/* P(X <= count). */
double binomial_at_most(uint64_t count, uint64_t of, double chance);
/* P(X >= count): the one-sided p-value of "more than by chance". */
double binomial_at_least(uint64_t count, uint64_t of, double chance);
/* The two-sided p-value by minimum likelihood: the outcomes that are no likelier than `count`, where up to a
   factor of 1 + 1e-7 counts as a tie. */
double binomial_two_sided(uint64_t count, uint64_t of, double chance);

#endif
