#ifndef SCORING_REPORT_AXIS_H
#define SCORING_REPORT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

/* The arithmetic of charts: where a value stands on an axis, round numbers for its ticks, labels that do not
   overlap. Places are percent of the chart's width or height, from its left or its top. */

struct axis {
    double low, high; /* low < high */
    bool upward;      /* a height: the low end is at the bottom */
};

/* 0 to 100; what lies outside stands at the end. */
double axis_place(const struct axis *axis, double value);

#define AXIS_TICKS_MAX 12
/* Between 2 and AXIS_TICKS_MAX round numbers (1, 2, 5 times a power of ten) within the axis, about `wanted` of
   them. How many is the answer. */
size_t axis_ticks(const struct axis *axis, size_t wanted, double ticks_out[AXIS_TICKS_MAX]);
/* An axis from 0 that ends at a round number not below `most`; 0 and 1 when most is not positive. */
struct axis axis_from_zero(double most);
/* The same for any two, widened to round numbers. */
struct axis axis_around(double least, double most);

/* One label of a chart, in pixels. */
struct label {
    double at;     /* where it would stand */
    double placed; /* set: where it stands */
    size_t number; /* the caller's */
};
/* Moves labels apart so that each is at least `gap` from the next, within 0 to `most` as far as they fit; sorts
   them by where they stand. */
void labels_spread(struct label *labels, size_t count, double gap, double most);

#endif
