#include "scoring/student.h"

#include <math.h>

#define STEPS_MAX 500
#define TINY      1e-300

/* The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < TINY ? TINY : d);
    double value = d;
    for (int m = 1; m < STEPS_MAX; m++) {
        double terms[2] = {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                           -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))};
        double change = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + terms[i] * d;
            c = 1 + terms[i] / c;
            d = 1 / (fabs(d) < TINY ? TINY : d);
            c = fabs(c) < TINY ? TINY : c;
            change = c * d;
            value *= change;
        }
        if (fabs(change - 1) < 1e-15)
            break;
    }
    return value;
}

/* Regularized: I_x(a, b). `rest` is 1 - x, which the caller knows without losing digits. */
static double incomplete_beta(double a, double b, double x, double rest)
{
    if (x <= 0 || rest <= 0)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(rest));
    /* The fraction converges quickly on this side of the mean only. */
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, rest) / b;
}

double student_cumulative(double t, double degrees)
{
    double square = t * t;
    /* The share between -|t| and |t|. */
    double middle =
        incomplete_beta(0.5, degrees / 2, square / (degrees + square), degrees / (degrees + square));
    return t > 0 ? 0.5 + middle / 2 : 0.5 - middle / 2;
}

double student_at_least(double t, double degrees)
{
    double square = t * t;
    /* The share beyond |t| on both sides. */
    double beyond =
        incomplete_beta(degrees / 2, 0.5, degrees / (degrees + square), square / (degrees + square));
    return t > 0 ? beyond / 2 : 1 - beyond / 2;
}

double student_quantile(double share, double degrees)
{
    double low = -1, high = 1;
    while (student_cumulative(low, degrees) > share && low > -1e15)
        low *= 2;
    while (student_cumulative(high, degrees) < share && high < 1e15)
        high *= 2;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if (student_cumulative(middle, degrees) < share)
            low = middle;
        else
            high = middle;
    }
}
