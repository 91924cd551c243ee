#ifndef SCORING_RANKS_H
#define SCORING_RANKS_H

#include <stddef.h>

#include "targets/status.h"

/* Ranks of groups by their means, and the ranks that they could as well have (model.md §6).

   One group is certainly above another when a one-sided Welch test (Welch 1947: variances of their own, no
   pooled spread) says so. Every pair has two such hypotheses, one in each direction; Holm's step-down
   correction (Holm 1979) over all of them together keeps the chance of even one wrong "above" under 5 %,
   however the tests hang together. A group ranks below those that are certainly above it and above those that
   are certainly below it, so that with 95 % all true ranks lie in their intervals at once (the construction
   of Mohamad, Goeman and van Zwet 2019, "Simultaneous confidence intervals for ranks", with Holm's tests in
   place of Tukey's). What the test takes for granted is a sample of each group whose mean is about normal:
   with a handful of organizations it is a rough guide.

   Of a group of fewer than two, and of two groups that both have no spread, nothing is certain. */

struct ranked {
    size_t count;       /* organizations of the group */
    double mean;        /* finite */
    double deviation;   /* of a sample, by count - 1 */
    size_t rank;        /* set: one more than there are groups with a higher mean */
    size_t could_be[2]; /* set: the ranks that it could as well have, both ends included */
};

/* More groups than these are ranked, but not compared: could_be is then 0, 0. */
#define RANKS_COMPARED_MOST 1000

MUST_USE enum status ranks_find(struct ranked *groups, size_t count);

/* The p-value of "the mean behind `a` is above the one behind `b`", one-sided; NAN where nothing is certain. */
double welch_above(const struct ranked *a, const struct ranked *b);

#endif
