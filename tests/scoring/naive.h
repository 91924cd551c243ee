#ifndef TESTS_SCORING_NAIVE_H
#define TESTS_SCORING_NAIVE_H

#include "sample.h"

/* A second evaluation, straight from the report's six steps over each occurrence's own values and in long
   double: no levels, no exact sums, quadratic, and the integral taken the other way round, occurrence by
   occurrence from the heaviest (b · (f(n) − f(n − 1))). */
struct naive {
    const struct sample *sample;
    long double *weights; /* of one item's occurrences; the caller frees */
    size_t count;
};

void naive_init(struct naive *naive, const struct sample *sample);
/* Steps 3 to 5; what was not assessed is `absent`, or left out where that is NAN. */
long double naive_score(struct naive *naive, long double absent);
/* Step 6; 0 for NAN. */
long double naive_g(const struct sample *sample, long double score);

#endif
