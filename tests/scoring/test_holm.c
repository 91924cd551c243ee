#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "proportions.h"
#include "scoring/binomial.h"
#include "scoring/holm.h"

#define FAMILY_MAX 20

/* Families of the table, each a row of cases. */
static void test_table(void **state)
{
    (void)state;
    size_t count, families = 0;
    struct proportion_case *cases = proportion_cases(&count);
    for (size_t first = 0, next; first < count; first = next, families++) {
        double values[FAMILY_MAX], adjusted[FAMILY_MAX];
        for (next = first; next < count && cases[next].family == cases[first].family; next++)
            values[next - first] = binomial_two_sided(cases[next].k, cases[next].n, cases[next].p0);
        assert_int_equal(holm_adjust(values, next - first, adjusted), STATUS_OK);
        for (size_t i = first; i < next; i++)
            assert_near(adjusted[i - first], cases[i].holm, "Holm", &cases[i]);
    }
    assert_true(families > 50);
    free(cases);
}

/* Holm 1979: the smallest times their number, the next times one less, never less than the one before. */
static void test_by_hand(void **state)
{
    (void)state;
    const double values[] = {0.04, (double)NAN, 0.01, 0.03, 0.9};
    double adjusted[5];
    assert_int_equal(holm_adjust(values, 5, adjusted), STATUS_OK);
    assert_true(fabs(adjusted[0] - 0.09) < 1e-15 && isnan(adjusted[1]));
    assert_true(fabs(adjusted[2] - 0.04) < 1e-15 && fabs(adjusted[3] - 0.09) < 1e-15);
    assert_true(adjusted[4] == 0.9);
    assert_int_equal(holm_adjust(values, 0, adjusted), STATUS_OK);
}

/* model.md §6: 3 of 40 against 1.38 %, the smallest of ten, comes to 0.178. */
static void test_example(void **state)
{
    (void)state;
    double values[10], adjusted[10];
    for (size_t i = 0; i < 10; i++)
        values[i] = i == 7 ? binomial_at_least(3, 40, 0.0138) : 0.5;
    assert_int_equal(holm_adjust(values, 10, adjusted), STATUS_OK);
    assert_int_equal(lround(adjusted[7] * 1e3), 178);
    assert_true(adjusted[0] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
