#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "proportions.h"
#include "scoring/binomial.h"

static void test_table(void **state)
{
    (void)state;
    size_t count;
    struct proportion_case *cases = proportion_cases(&count);
    for (size_t i = 0; i < count; i++) {
        const struct proportion_case *one = &cases[i];
        assert_near(binomial_mass(one->k, one->n, one->p0), one->mass, "mass", one);
        assert_near(binomial_at_least(one->k, one->n, one->p0), one->greater, "p, more exposed", one);
        assert_near(binomial_two_sided(one->k, one->n, one->p0), one->two_sided, "p, two-sided", one);
    }
    free(cases);
}

static void near_relative(double got, double expected, const struct proportion_case *one)
{
    if (expected > 1e-300 && !(fabs(got / expected - 1) <= 1e-10))
        fail_msg("%llu of %llu against %.17g: %.17g in place of %.17g", (unsigned long long)one->k,
                 (unsigned long long)one->n, one->p0, got, expected);
}

/* Small p-values keep their digits: ten of them as far down as a double reaches. */
static void test_far_tails(void **state)
{
    (void)state;
    size_t count, small = 0;
    struct proportion_case *cases = proportion_cases(&count);
    for (size_t i = 0; i < count; i++) {
        const struct proportion_case *one = &cases[i];
        near_relative(binomial_at_least(one->k, one->n, one->p0), one->greater_exact, one);
        near_relative(binomial_two_sided(one->k, one->n, one->p0), one->two_sided_exact, one);
        small += one->two_sided_exact > 1e-300 && one->two_sided_exact < 1e-20;
    }
    assert_true(small > 50);
    free(cases);
}

/* Against the definition, summed in full, for every small case. */
static void test_definition(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 40; n++)
        for (uint64_t k = 0; k <= n; k++)
            for (double p = 0.05; p < 1; p += 0.15) {
                double least = 0, both = 0, limit = binomial_mass(k, n, p) * (1 + 1e-7);
                for (uint64_t j = 0; j <= n; j++) {
                    least += j >= k ? binomial_mass(j, n, p) : 0;
                    both += binomial_mass(j, n, p) <= limit ? binomial_mass(j, n, p) : 0;
                }
                assert_true(fabs(binomial_at_least(k, n, p) - least) < 1e-12);
                assert_true(fabs(binomial_two_sided(k, n, p) - both) < 1e-12);
                assert_true(fabs(binomial_at_most(k, n, p) + least - binomial_mass(k, n, p) - 1) < 1e-12);
            }
}

/* model.md §6, to the printed digits. */
static void test_examples(void **state)
{
    (void)state;
    assert_int_equal(lround(binomial_at_least(3, 40, 0.0138) * 1e4), 178);
    assert_true(binomial_at_most(0, 215, 0.0138) > 0.05);
    assert_true(binomial_at_most(0, 216, 0.0138) < 0.05);
}

static void test_edges(void **state)
{
    (void)state;
    assert_true(binomial_at_least(0, 5, 0.0) == 1 && binomial_at_least(1, 5, 0.0) == 0);
    assert_true(binomial_at_least(5, 5, 1.0) == 1 && binomial_at_most(4, 5, 1.0) == 0);
    assert_true(binomial_two_sided(0, 5, 0.0) == 1 && binomial_two_sided(1, 5, 0.0) == 0);
    assert_true(binomial_two_sided(5, 5, 1.0) == 1 && binomial_two_sided(4, 5, 1.0) == 0);
    assert_true(binomial_two_sided(0, 0, 0.3) == 1);
    assert_true(binomial_two_sided(5, 10, 0.5) == 1);
    assert_true(isnan(binomial_mass(6, 5, 0.5)) && isnan(binomial_at_least(1, 5, -0.1)));
    assert_true(isnan(binomial_two_sided(1, 5, (double)NAN)) &&
                isnan(binomial_at_most(1, BINOMIAL_MOST + 1, 0.5)));
    assert_true(fabs(binomial_at_least(BINOMIAL_MOST / 2, BINOMIAL_MOST, 0.5) - 0.5) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),    cmocka_unit_test(test_far_tails), cmocka_unit_test(test_definition),
        cmocka_unit_test(test_examples), cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
