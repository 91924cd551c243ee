#ifndef SCORING_STUDENT_H
#define SCORING_STUDENT_H

/* Student's t distribution. degrees > 0. */

/* P(T <= t). */
double student_cumulative(double t, double degrees);
/* P(T >= t); small ones keep their relative accuracy. */
double student_at_least(double t, double degrees);
/* The t below which a share of 0 < share < 1 lies. */
double student_quantile(double share, double degrees);

#endif
