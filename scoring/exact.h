#ifndef SCORING_EXACT_H
#define SCORING_EXACT_H

#include <stddef.h>

/* Sums without rounding, so that neither order nor splitting into parts changes a bit, and a larger sum never
   comes out smaller (model.md §8). Kept as partials that do not overlap (Shewchuk 1997, "Adaptive Precision
   Floating-Point Arithmetic", grow-expansion); since they are not even adjacent, the range of a double has no
   room for more than these. */
#define EXACT_PARTIALS_MAX 1080
struct exact {
    size_t count;
    double partials[EXACT_PARTIALS_MAX]; /* growing */
};

void exact_init(struct exact *exact);
void exact_add(struct exact *exact, double term);
/* a · b, exact as long as it is far from the ends of a double's range. */
void exact_add_product(struct exact *exact, double a, double b);
/* The nearest double, ties to even. */
double exact_value(const struct exact *exact);

/* A weighted mean of exact sums. It never leaves the range of its values, so that the mean of what is all
   1000 is 1000. */
struct mean {
    struct exact sum;
    struct exact weights;
    double least, most;
};

void mean_init(struct mean *mean);
void mean_add(struct mean *mean, double value, double weight);
/* NAN when there was no value, or none with a weight. */
double mean_value(const struct mean *mean);

#endif
