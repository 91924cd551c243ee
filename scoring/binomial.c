#include "scoring/binomial.h"

#include <math.h>
#include <stdbool.h>

#define LOG_OF_TIE 1e-7 /* log(1 + 1e-7), to its own seventh digit */
#define LOG_2PI    1.8378770664093454836

/* log n! without n log n - n + log(2πn)/2: what Stirling's formula leaves out (DLMF 5.11.1). */
static double stirling_rest(double n)
{
    if (n < 16)
        return lgamma(n + 1) - (n * log(n) - n + (LOG_2PI + log(n)) / 2);
    double square = 1 / (n * n);
    return (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - square / 1188) * square) * square) * square) /
           n;
}

/* x log(x / mean) - (x - mean), which is small where x is near the mean and loses no digits there (Loader
   2000, "Fast and Accurate Computation of Binomial Probabilities"): with v = (x - mean) / (x + mean),
   log(x / mean) = 2 atanh(v). */
static double deviance(double x, double mean)
{
    double v = (x - mean) / (x + mean);
    if (fabs(v) > 0.1)
        return x * log(x / mean) - (x - mean);
    double sum = (x - mean) * v, power = 2 * x * v;
    for (int odd = 3; odd < 60; odd += 2) {
        power *= v * v;
        double next = sum + power / odd;
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

/* A chance and what is left of 1, each with its own digits: 1 - (1 - chance) would lose those of a small one. */
struct chances {
    double success, failure;
};

static struct chances chances_of(double chance)
{
    return (struct chances){chance, 1 - chance};
}

static struct chances turned(struct chances chances)
{
    return (struct chances){chances.failure, chances.success};
}

static double log_success(struct chances chances)
{
    return chances.failure < 0.5 ? log1p(-chances.failure) : log(chances.success);
}

/* log P(X = count), for a chance strictly between 0 and 1. */
static double log_mass(uint64_t count, uint64_t of, struct chances chances)
{
    double k = (double)count, n = (double)of, rest = (double)(of - count);
    if (count == 0)
        return n * log_success(turned(chances));
    if (count == of)
        return n * log_success(chances);
    return stirling_rest(n) - stirling_rest(k) - stirling_rest(rest) - deviance(k, n * chances.success) -
           deviance(rest, n * chances.failure) + (log(n / k) - log(rest) - LOG_2PI) / 2;
}

static bool possible(uint64_t count, uint64_t of, double chance)
{
    return count <= of && of <= BINOMIAL_MOST && chance >= 0 && chance <= 1;
}

double binomial_mass(uint64_t count, uint64_t of, double chance)
{
    if (!possible(count, of, chance))
        return (double)NAN;
    if (chance <= 0 || chance >= 1)
        return count == (chance <= 0 ? 0 : of);
    return exp(log_mass(count, of, chances_of(chance)));
}

/* The masses from `count` to `of` in units of the first, each made of the one before it. They fall, for
   `count` is above the mean. */
static double sum_upward(uint64_t count, uint64_t of, struct chances chances)
{
    double odds = chances.success / chances.failure, term = 1, sum = 1;
    for (uint64_t k = count; k < of && term > sum * 1e-18; k++) {
        term *= (double)(of - k) / (double)(k + 1) * odds;
        sum += term;
    }
    return sum;
}

/* P(X >= count) where count is above the mean. In logarithms, since the first mass may be too small for a
   double where the sum is not. */
static double upper_tail(uint64_t count, uint64_t of, struct chances chances)
{
    return fmin(1, exp(log_mass(count, of, chances) + log(sum_upward(count, of, chances))));
}

static double at_least(uint64_t count, uint64_t of, struct chances chances)
{
    if (count == 0 || chances.failure <= 0)
        return 1;
    if (count > of || chances.success <= 0)
        return 0;
    if ((double)count > (double)of * chances.success)
        return upper_tail(count, of, chances);
    /* Fewer than `count` successes are the upper tail of the failures. */
    return 1 - upper_tail(of - count + 1, of, turned(chances));
}

double binomial_at_least(uint64_t count, uint64_t of, double chance)
{
    return possible(count, of, chance) ? at_least(count, of, chances_of(chance)) : (double)NAN;
}

double binomial_at_most(uint64_t count, uint64_t of, double chance)
{
    return possible(count, of, chance) ? at_least(of - count, of, turned(chances_of(chance))) : (double)NAN;
}

/* The smallest outcome above the mean that is no likelier than `count`; of + 1 where there is none. The
   masses fall there. */
static uint64_t first_unlikely(uint64_t count, uint64_t of, struct chances chances)
{
    double limit = log_mass(count, of, chances) + LOG_OF_TIE;
    uint64_t low = (uint64_t)ceil((double)of * chances.success), high = of + 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (log_mass(middle, of, chances) <= limit)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* For `count` at or below the mean. */
static double both_tails(uint64_t count, uint64_t of, struct chances chances)
{
    double near = at_least(of - count, of, turned(chances));
    return fmin(1, near + at_least(first_unlikely(count, of, chances), of, chances));
}

double binomial_two_sided(uint64_t count, uint64_t of, double chance)
{
    if (!possible(count, of, chance))
        return (double)NAN;
    if (chance <= 0 || chance >= 1)
        return binomial_mass(count, of, chance);
    struct chances chances = chances_of(chance);
    if ((double)count <= (double)of * chance)
        return both_tails(count, of, chances);
    return both_tails(of - count, of, turned(chances));
}
