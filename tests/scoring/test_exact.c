#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "sample.h"
#include "scoring/exact.h"

static double sum_of(const double *terms, size_t count)
{
    struct exact exact;
    exact_init(&exact);
    for (size_t i = 0; i < count; i++)
        exact_add(&exact, terms[i]);
    return exact_value(&exact);
}

#define assert_sum(expected, ...)                                                                            \
    assert_true(sum_of((const double[]){__VA_ARGS__},                                                        \
                       sizeof((const double[]){__VA_ARGS__}) / sizeof(double)) == (expected))

static void nothing_is_lost_in_a_sum(void **state)
{
    (void)state;
    struct exact exact;
    exact_init(&exact);
    assert_true(exact_value(&exact) == 0);
    assert_sum(1.0, 1e16, 1.0, -1e16);
    assert_sum(1e-300, 1e300, 1e-300, -1e300);
    assert_sum(0.0, 0.1, 0.2, -0.2, -0.1);
    assert_sum(DBL_MAX, DBL_MAX, DBL_TRUE_MIN, -DBL_TRUE_MIN);
    assert_sum(1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1);
}

/* 2^53 + 1 lies halfway between two doubles; what is added below decides, and alone the even one is taken. */
static void values_are_rounded_once(void **state)
{
    (void)state;
    assert_sum(0x1p53, 0x1p53, 1.0);
    assert_sum(0x1p53 + 2, 0x1p53, 1.0, 0x1p-60);
    assert_sum(0x1p53, 0x1p53, 1.0, -0x1p-60);
    assert_sum(0x1p53 + 4, 0x1p53 + 2, 1.0);
    assert_sum(0x1p53 + 2, 0x1p53 + 2, 1.0, -0x1p-60);
    assert_sum(-0x1p53 - 2, -0x1p53, -1.0, -0x1p-60);
}

static void products_are_exact(void **state)
{
    (void)state;
    struct exact exact;
    exact_init(&exact);
    exact_add_product(&exact, 1 + 0x1p-52, 1 + 0x1p-52);
    exact_add(&exact, -1);
    exact_add(&exact, -0x1p-51);
    assert_true(exact_value(&exact) == 0x1p-104);
}

static void order_does_not_matter(void **state)
{
    (void)state;
    struct chance chance = {4};
    for (size_t round = 0; round < 500; round++) {
        double terms[60];
        for (size_t i = 0; i < 60; i++)
            terms[i] = ldexp((double)chance_below(&chance, 1u << 30) - (1 << 29),
                             (int)chance_below(&chance, 200) - 100);
        double sum = sum_of(terms, 60);
        for (size_t i = 60; i > 1; i--) {
            size_t j = chance_below(&chance, i);
            double kept = terms[i - 1];
            terms[i - 1] = terms[j];
            terms[j] = kept;
        }
        double other = sum_of(terms, 60);
        assert_memory_equal(&sum, &other, sizeof sum);
    }
}

static double mean_of(const double (*pairs)[2], size_t count)
{
    struct mean mean;
    mean_init(&mean);
    for (size_t i = 0; i < count; i++)
        mean_add(&mean, pairs[i][0], pairs[i][1]);
    return mean_value(&mean);
}

static void means_stay_within_their_values(void **state)
{
    (void)state;
    struct chance chance = {5};
    assert_true(isnan(mean_of(NULL, 0)));
    assert_true(isnan(mean_of((const double[][2]){{7, 0}}, 1)));
    assert_true(mean_of((const double[][2]){{0, 1}, {1000, 3}}, 2) == 750);
    for (size_t round = 0; round < 5000; round++) {
        double pairs[5][2];
        double value = 1000 / (double)(chance_below(&chance, 9) + 1);
        for (size_t i = 0; i < 5; i++) {
            pairs[i][0] = value;
            pairs[i][1] = 0.1 * (double)(chance_below(&chance, 30) + 1);
        }
        assert_true(mean_of((const double(*)[2])pairs, 5) == value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_in_a_sum),
        cmocka_unit_test(values_are_rounded_once),
        cmocka_unit_test(products_are_exact),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(means_stay_within_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
