#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "proportions.h"
#include "scoring/binomial.h"
#include "scoring/proportion.h"

static void test_table(void **state)
{
    (void)state;
    size_t count;
    struct proportion_case *cases = proportion_cases(&count);
    for (size_t i = 0; i < count; i++) {
        const struct proportion_case *one = &cases[i];
        struct proportion proportion = {one->k, one->n};
        double wilson[2], clopper[2], lift[2];
        proportion_wilson(proportion, wilson);
        proportion_clopper_pearson(proportion, clopper);
        double ratio = proportion_lift(proportion, one->p0, lift);
        for (size_t end = 0; end < 2; end++) {
            assert_near(wilson[end], one->wilson[end], "Wilson", one);
            assert_near(clopper[end], one->clopper[end], "Clopper and Pearson", one);
            assert_near(lift[end] * one->p0, one->clopper[end], "the lift's interval", one);
        }
        assert_near(ratio * one->p0, (double)one->k / (double)one->n, "lift", one);
    }
    free(cases);
}

/* An end of Clopper and Pearson's interval is where its tail is 2.5 %, to all digits of a double nearly. */
static void test_ends(void **state)
{
    (void)state;
    size_t count;
    struct proportion_case *cases = proportion_cases(&count);
    for (size_t i = 0; i < count; i++) {
        uint64_t k = cases[i].k, n = cases[i].n;
        double ends[2];
        proportion_clopper_pearson((struct proportion){k, n}, ends);
        if (k > 0 && ends[0] < 0.99)
            assert_true(fabs(binomial_at_least(k, n, ends[0]) / 0.025 - 1) < 1e-7);
        if (k < n && ends[1] < 0.99)
            assert_true(fabs(binomial_at_most(k, n, ends[1]) / 0.025 - 1) < 1e-7);
    }
    free(cases);
}

/* model.md §6: 3 hosts of 40 that answer are a lift of 5.4 over 1.38 %; of 256 addresses, 0.85. */
static void test_examples(void **state)
{
    (void)state;
    double interval[2];
    assert_int_equal(lround(proportion_lift((struct proportion){3, 40}, 0.0138, interval) * 10), 54);
    assert_int_equal(lround(proportion_lift((struct proportion){3, 256}, 0.0138, interval) * 100), 85);
    assert_true(interval[0] < 0.85 && interval[1] > 0.85);
}

static void test_edges(void **state)
{
    (void)state;
    double ends[2];
    proportion_clopper_pearson((struct proportion){0, 7}, ends);
    assert_true(ends[0] == 0 && fabs(ends[1] - (1 - pow(0.025, 1 / 7.0))) < 1e-15);
    proportion_clopper_pearson((struct proportion){7, 7}, ends);
    assert_true(ends[1] == 1 && fabs(ends[0] - pow(0.025, 1 / 7.0)) < 1e-15);
    proportion_wilson((struct proportion){0, 7}, ends);
    assert_true(ends[0] == 0);
    proportion_wilson((struct proportion){7, 7}, ends);
    assert_true(ends[1] == 1);
    proportion_wilson((struct proportion){0, 0}, ends);
    assert_true(isnan(ends[0]) && isnan(ends[1]));
    proportion_clopper_pearson((struct proportion){0, 0}, ends);
    assert_true(isnan(ends[0]) && isnan(ends[1]));
    assert_true(isnan(proportion_share((struct proportion){0, 0})));
    assert_true(isnan(proportion_lift((struct proportion){1, 2}, 0, ends)));
    proportion_clopper_pearson((struct proportion){BINOMIAL_MOST / 4, BINOMIAL_MOST}, ends);
    assert_true(ends[0] < 0.25 && ends[0] > 0.2499 && ends[1] > 0.25 && ends[1] < 0.2501);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
