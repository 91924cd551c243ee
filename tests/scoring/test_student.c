#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "scoring/student.h"

#define PI 3.14159265358979323846

static void near(double got, double expected, double within)
{
    if (!(fabs(got - expected) <= within))
        fail_msg("%.12g in place of %.12g", got, expected);
}

/* Closed forms: one degree is Cauchy's distribution, two have a square root. */
static void test_closed_forms(void **state)
{
    (void)state;
    for (double t = -50; t <= 50; t += 0.37) {
        near(student_cumulative(t, 1), 0.5 + atan(t) / PI, 1e-12);
        near(student_cumulative(t, 2), 0.5 + t / (2 * sqrt(2 + t * t)), 1e-12);
    }
    near(student_quantile(0.975, 1), tan(PI * 0.475), 1e-7);
    near(student_quantile(0.975, 2), 0.95 / sqrt(2 * 0.975 * 0.025), 1e-9);
}

/* Tables of the distribution; the last is nearly the normal one. */
static void test_tables(void **state)
{
    (void)state;
    near(student_quantile(0.975, 5), 2.570582, 1e-6);
    near(student_quantile(0.975, 10), 2.228139, 1e-6);
    near(student_quantile(0.975, 30), 2.042272, 1e-6);
    near(student_quantile(0.95, 4), 2.131847, 1e-6);
    near(student_quantile(0.975, 1e7), 1.959964, 1e-5);
}

/* model.md §6: with a standard deviation near 152, ±54 by the normal and ±56 by Student's t for 31 hospitals. */
static void test_example(void **state)
{
    (void)state;
    double error = 152 / sqrt(31);
    assert_int_equal(lround(student_quantile(0.975, 1e6) * error), 54);
    assert_int_equal(lround(student_quantile(0.975, 30) * error), 56);
}

static void test_symmetry(void **state)
{
    (void)state;
    near(student_quantile(0.5, 7), 0, 1e-12);
    for (double share = 0.001; share < 0.5; share += 0.0173) {
        near(student_quantile(share, 12), -student_quantile(1 - share, 12), 1e-8);
        near(student_cumulative(student_quantile(share, 12), 12), share, 1e-12);
    }
}

/* Two degrees have a closed form that loses no digits either. */
static void test_small_tails(void **state)
{
    (void)state;
    for (double t = -40; t <= 1e6; t = t < 10 ? t + 0.53 : t * 1.7) {
        double root = sqrt(2 + t * t), expected = t > 0 ? 1 / (root * (root + t)) : 0.5 - t / (2 * root);
        near(student_at_least(t, 2), expected, 1e-11 * expected);
        near(student_at_least(t, 7.5), 1 - student_cumulative(t, 7.5), 1e-12);
    }
    near(student_at_least(0, 3), 0.5, 1e-15);
    near(student_at_least(INFINITY, 3), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_forms), cmocka_unit_test(test_tables),
        cmocka_unit_test(test_example),      cmocka_unit_test(test_symmetry),
        cmocka_unit_test(test_small_tails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
