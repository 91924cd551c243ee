#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "scoring/report/axis.h"

static void assert_near(double value, double wanted)
{
    if (!(fabs(value - wanted) < 1e-9))
        fail_msg("%.12g is not %.12g", value, wanted);
}

static void test_places(void **state)
{
    (void)state;
    const struct axis across = {.low = 0, .high = 1000}, up = {.low = 200, .high = 700, .upward = true};
    assert_near(axis_place(&across, 712), 71.2);
    assert_near(axis_place(&across, -5), 0);
    assert_near(axis_place(&across, 1200), 100);
    assert_near(axis_place(&across, (double)NAN), 0);
    assert_near(axis_place(&up, 200), 100);
    assert_near(axis_place(&up, 700), 0);
    assert_near(axis_place(&up, 300), 80);
}

static void test_ticks_are_round_and_inside(void **state)
{
    (void)state;
    static const double ends[][2] = {{0, 1}, {0, 1000}, {0, 0.0343}, {487, 812},
                                     {0, 3}, {-5, 5},   {0, 1e9},    {0.3, 0.31}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        const struct axis axis = {.low = ends[i][0], .high = ends[i][1]};
        for (size_t wanted = 0; wanted < 30; wanted++) {
            double ticks[AXIS_TICKS_MAX];
            size_t count = axis_ticks(&axis, wanted, ticks);
            assert_in_range(count, 1, AXIS_TICKS_MAX);
            for (size_t j = 0; j < count; j++) {
                assert_true(ticks[j] >= axis.low - 1e-9 * fabs(axis.high));
                assert_true(ticks[j] <= axis.high + 1e-9 * fabs(axis.high));
                assert_true(j == 0 || ticks[j] > ticks[j - 1]);
            }
        }
    }
    double ticks[AXIS_TICKS_MAX];
    const struct axis percent = {.low = 0, .high = 0.1};
    assert_int_equal(axis_ticks(&percent, 5, ticks), 6);
    assert_near(ticks[1], 0.02);
}

static void test_axes_end_at_round_numbers(void **state)
{
    (void)state;
    assert_near(axis_from_zero(0.0343).high, 0.04);
    assert_near(axis_from_zero(16.1).high, 20);
    assert_near(axis_from_zero(20).high, 20);
    assert_near(axis_from_zero(0).high, 1);
    assert_near(axis_from_zero((double)NAN).high, 1);
    struct axis around = axis_around(512, 893);
    assert_near(around.low, 500);
    assert_near(around.high, 900);
    around = axis_around(7, 7);
    assert_true(around.low < 7 && around.high > 7);
}

static void test_labels_keep_apart(void **state)
{
    (void)state;
    struct label labels[] = {{.at = 50, .number = 0},
                             {.at = 48, .number = 1},
                             {.at = 99, .number = 2},
                             {.at = 97, .number = 3},
                             {.at = 5, .number = 4}};
    labels_spread(labels, 5, 14, 100);
    for (size_t i = 1; i < 5; i++)
        assert_true(labels[i].placed - labels[i - 1].placed >= 14 - 1e-9);
    assert_int_equal(labels[0].number, 4);
    assert_near(labels[0].placed, 5);
    assert_int_equal(labels[1].number, 1);
    assert_near(labels[4].placed, 100);
    assert_near(labels[3].placed, 86);
    labels_spread(labels, 0, 14, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_ticks_are_round_and_inside),
        cmocka_unit_test(test_axes_end_at_round_numbers),
        cmocka_unit_test(test_labels_keep_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
