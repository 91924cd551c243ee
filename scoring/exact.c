#include "scoring/exact.h"

#include <float.h>
#include <math.h>

/* Error-free transformations need every operation rounded to a double, once. */
_Static_assert(FLT_EVAL_METHOD == 0, "double arithmetic in double precision");

void exact_init(struct exact *exact)
{
    exact->count = 0;
}

/* a + b as the rounded sum and what the rounding took off (Knuth's TwoSum). */
static double two_sum(double a, double b, double *rest_out)
{
    double sum = a + b;
    double part = sum - a;
    *rest_out = (a - (sum - part)) + (b - part);
    return sum;
}

void exact_add(struct exact *exact, double term)
{
    size_t kept = 0;
    for (size_t i = 0; i < exact->count; i++) {
        double rest;
        term = two_sum(term, exact->partials[i], &rest);
        if (rest != 0)
            exact->partials[kept++] = rest;
    }
    if (term != 0 && kept < EXACT_PARTIALS_MAX)
        exact->partials[kept++] = term;
    exact->count = kept;
}

void exact_add_product(struct exact *exact, double a, double b)
{
    double product = a * b;
    exact_add(exact, product);
    exact_add(exact, fma(a, b, -product));
}

double exact_value(const struct exact *exact)
{
    double value = 0, rest = 0;
    size_t below = exact->count;
    while (below > 0 && rest == 0)
        value = two_sum(value, exact->partials[--below], &rest);
    /* Where the rest is just half a unit, the sign of what lies below it decides. */
    if (rest != 0 && below > 0 && (rest > 0) == (exact->partials[below - 1] > 0)) {
        double beyond = value + 2 * rest;
        if (beyond - value == 2 * rest)
            value = beyond;
    }
    return value;
}

void mean_init(struct mean *mean)
{
    exact_init(&mean->sum);
    exact_init(&mean->weights);
    mean->least = INFINITY;
    mean->most = -INFINITY;
}

void mean_add(struct mean *mean, double value, double weight)
{
    exact_add_product(&mean->sum, value, weight);
    exact_add(&mean->weights, weight);
    mean->least = fmin(mean->least, value);
    mean->most = fmax(mean->most, value);
}

double mean_value(const struct mean *mean)
{
    double weight = exact_value(&mean->weights);
    if (!(weight > 0))
        return NAN;
    return fmin(mean->most, fmax(mean->least, exact_value(&mean->sum) / weight));
}
