#ifndef SCORING_PROPORTION_H
#define SCORING_PROPORTION_H

#include <stdint.h>

/* `count` of `of`, what it says of the share behind it, and how it stands to another share (model.md §6).
   Intervals are of 95 %, low end first. count <= of, and of > 0 or everything is NAN. */
struct proportion {
    uint64_t count, of;
};

double proportion_share(struct proportion proportion);
/* Wilson 1927, without correction for continuity. */
void proportion_wilson(struct proportion proportion, double interval_out[2]);
/* Clopper and Pearson 1934: each end solves its binomial tail for 2.5 %. NAN beyond BINOMIAL_MOST. */
void proportion_clopper_pearson(struct proportion proportion, double interval_out[2]);
/* How often as large as `share`, with Clopper and Pearson's interval; NAN where the share is 0. */
double proportion_lift(struct proportion proportion, double share, double interval_out[2]);

#endif
