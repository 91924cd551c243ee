#ifndef TESTS_SCORING_PROPORTIONS_H
#define TESTS_SCORING_PROPORTIONS_H

#include <stddef.h>
#include <stdint.h>

/* One case of proportions.tsv, which proportions.py made. */
struct proportion_case {
    size_t family; /* whose p-values Holm corrects together: cases beside each other */
    double holm;
    uint64_t k, n;
    double p0, mass;
    double wilson[2], clopper[2];
    double greater, two_sided;
    double greater_exact, two_sided_exact; /* right to the last digits, however small */
};

/* All cases; the caller frees. */
struct proportion_case *proportion_cases(size_t *count_out);
/* Fails unless `got` is within 1e-9 of `expected`. */
void assert_near(double got, double expected, const char *what, const struct proportion_case *of);

#endif
