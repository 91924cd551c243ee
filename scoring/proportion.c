#include "scoring/proportion.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "scoring/binomial.h"

#define NORMAL_975 1.9599639845400542355 /* the normal distribution's quantile of 97.5 % */
#define OUTSIDE    0.025                 /* beyond each end */
#define STEPS_MAX  200

double proportion_share(struct proportion proportion)
{
    return proportion.of ? (double)proportion.count / (double)proportion.of : (double)NAN;
}

/* The roots of Wilson's quadratic equation, in forms that do not subtract: the low end of none is 0. */
void proportion_wilson(struct proportion proportion, double interval_out[2])
{
    double k = (double)proportion.count, n = (double)proportion.of, z = NORMAL_975;
    double sum = 2 * k + z * z + z * sqrt(z * z + 4 * k * (n - k) / n);
    interval_out[0] = 2 * k * k / (n * sum);
    interval_out[1] = n > 0 && k >= n ? 1 : sum / (2 * (n + z * z));
}

/* A tail of the binomial distribution and how fast its logarithm changes with the chance: that of `count` or
   more grows by count · P(X = count) / chance, that of `count` or fewer falls by (of - count) · P(X = count) /
   (1 - chance). */
static double tail_of(struct proportion proportion, bool upper, double chance, double *slope_out)
{
    uint64_t k = proportion.count, n = proportion.of;
    double tail = upper ? binomial_at_most(k, n, chance) : binomial_at_least(k, n, chance);
    double mass = binomial_mass(k, n, chance);
    *slope_out = (upper ? -(double)(n - k) / (1 - chance) : (double)k / chance) * mass / tail;
    return tail;
}

/* The chance at which the tail beyond the proportion is OUTSIDE: Newton's steps on the tail's logarithm, which
   is nearly straight, kept between two chances that enclose the root. */
static double solve(struct proportion proportion, bool upper, double chance)
{
    double share = proportion_share(proportion);
    double low = upper ? share : 0, high = upper ? 1 : share;
    for (int i = 0; i < STEPS_MAX; i++) {
        double slope, tail = tail_of(proportion, upper, chance, &slope);
        if ((tail < OUTSIDE) == upper)
            high = chance;
        else
            low = chance;
        double next = chance - log(tail / OUTSIDE) / slope;
        if (!(next > low && next < high))
            next = low + (high - low) / 2;
        if (fabs(next - chance) <= 2 * DBL_EPSILON * chance)
            return next;
        chance = next;
    }
    return chance;
}

void proportion_clopper_pearson(struct proportion proportion, double interval_out[2])
{
    uint64_t k = proportion.count, n = proportion.of;
    double guess[2];
    interval_out[0] = interval_out[1] = (double)NAN;
    if (n == 0 || k > n || n > BINOMIAL_MOST)
        return;
    proportion_wilson(proportion, guess);
    interval_out[0] = k == 0 ? 0 : solve(proportion, false, guess[0]);
    interval_out[1] = k == n ? 1 : solve(proportion, true, guess[1]);
}

double proportion_lift(struct proportion proportion, double share, double interval_out[2])
{
    interval_out[0] = interval_out[1] = (double)NAN;
    if (!(share > 0))
        return (double)NAN;
    proportion_clopper_pearson(proportion, interval_out);
    interval_out[0] /= share;
    interval_out[1] /= share;
    return proportion_share(proportion) / share;
}
