#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample.h"
#include "scoring/ranks.h"

#define GROUPS_MAX 64

struct expected {
    struct ranked groups[GROUPS_MAX];
    double above_next[GROUPS_MAX];
    size_t count;
};

static void check_case(const struct expected *expected)
{
    struct ranked groups[GROUPS_MAX];
    for (size_t i = 0; i < expected->count; i++)
        groups[i] = (struct ranked){.count = expected->groups[i].count,
                                    .mean = expected->groups[i].mean,
                                    .deviation = expected->groups[i].deviation};
    assert_int_equal(ranks_find(groups, expected->count), STATUS_OK);
    for (size_t i = 0; i < expected->count; i++) {
        assert_int_equal(groups[i].rank, expected->groups[i].rank);
        assert_int_equal(groups[i].could_be[0], expected->groups[i].could_be[0]);
        assert_int_equal(groups[i].could_be[1], expected->groups[i].could_be[1]);
        if (i + 1 == expected->count)
            continue;
        double p = welch_above(&groups[i], &groups[i + 1]), right = expected->above_next[i];
        assert_true(isnan(right) ? isnan(p) : fabs(p - right) <= 1e-9 * right);
    }
}

/* ranks.tsv, made by ranks.py with SciPy and statsmodels. */
static void test_against_scipy(void **state)
{
    (void)state;
    FILE *table = fopen(TEST_FOLDER "/ranks.tsv", "r");
    assert_non_null(table);
    struct expected expected = {.count = 0};
    struct ranked group = {0};
    double above = 0;
    int number = 0, before = 0, cases = 0;
    while (fscanf(table, "%d %zu %lf %lf %zu %zu %zu %lf", &number, &group.count, &group.mean,
                  &group.deviation, &group.rank, &group.could_be[0], &group.could_be[1], &above) == 8) {
        if (number != before) {
            check_case(&expected);
            expected.count = 0;
            cases++;
        }
        before = number;
        assert_true(expected.count < GROUPS_MAX);
        expected.groups[expected.count] = group;
        expected.above_next[expected.count++] = above;
    }
    check_case(&expected);
    assert_true(feof(table));
    assert_int_equal(cases + 1, 120);
    fclose(table);
}

/* The order in which groups come is nothing to their ranks. */
static void test_order(void **state)
{
    (void)state;
    struct chance chance = {7};
    struct ranked groups[20], turned[20];
    for (size_t i = 0; i < 20; i++)
        groups[i] = (struct ranked){.count = 1 + chance_below(&chance, 80),
                                    .mean = 600 + (double)chance_below(&chance, 300),
                                    .deviation = 1 + (double)chance_below(&chance, 100)};
    for (size_t i = 0; i < 20; i++)
        turned[i] = groups[19 - i];
    assert_int_equal(ranks_find(groups, 20), STATUS_OK);
    assert_int_equal(ranks_find(turned, 20), STATUS_OK);
    size_t certain = 0;
    for (size_t i = 0; i < 20; i++) {
        assert_memory_equal(&groups[i], &turned[19 - i], sizeof groups[i]);
        assert_in_range(groups[i].rank, groups[i].could_be[0], groups[i].could_be[1]);
        certain += groups[i].could_be[0] > 1 || groups[i].could_be[1] < 20;
    }
    assert_true(certain > 0);
}

/* 95 % of the times, every true rank lies in its interval: counted over draws of normal samples with unlike
   spreads, of which a third have the same mean, which is where an "above" is most easily wrong. */
static double normal(struct chance *chance)
{
    double u = ((double)chance_below(chance, 1u << 30) + 0.5) / (1u << 30);
    double v = (double)chance_below(chance, 1u << 30) / (1u << 30);
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

#define ROUNDS 2000
#define COHORT 12

static void test_coverage(void **state)
{
    (void)state;
    struct chance chance = {20180801};
    size_t missed = 0, informative = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct ranked groups[COHORT];
        double truth[COHORT];
        for (size_t i = 0; i < COHORT; i++) {
            size_t count = 5 + chance_below(&chance, 60);
            double spread = 20 + (double)chance_below(&chance, 150), sum = 0, squares = 0;
            truth[i] = i < 4 ? 700 : 500 + 25 * (double)i;
            for (size_t j = 0; j < count; j++) {
                double x = spread * normal(&chance);
                sum += x;
                squares += x * x;
            }
            double mean = sum / (double)count;
            groups[i] = (struct ranked){
                .count = count,
                .mean = truth[i] + mean,
                .deviation = sqrt((squares - (double)count * mean * mean) / (double)(count - 1))};
        }
        assert_int_equal(ranks_find(groups, COHORT), STATUS_OK);
        bool all = true;
        for (size_t i = 0; i < COHORT; i++) {
            size_t best = 1, worst = 0;
            for (size_t j = 0; j < COHORT; j++) {
                best += truth[j] > truth[i];
                worst += truth[j] >= truth[i];
            }
            all &= groups[i].could_be[0] <= best && groups[i].could_be[1] >= worst;
            informative += groups[i].could_be[1] - groups[i].could_be[0] < COHORT - 1;
        }
        missed += !all;
    }
    /* Five percent, and three standard errors of so many rounds on top. */
    assert_true((double)missed < ROUNDS * (0.05 + 3 * sqrt(0.05 * 0.95 / ROUNDS)));
    assert_true(informative > ROUNDS);
}

static void test_few_and_many(void **state)
{
    (void)state;
    struct ranked one = {.count = 31, .mean = 700, .deviation = 152};
    assert_int_equal(ranks_find(&one, 0), STATUS_OK);
    assert_int_equal(ranks_find(&one, 1), STATUS_OK);
    assert_true(one.rank == 1 && one.could_be[0] == 1 && one.could_be[1] == 1);
    struct ranked *many = calloc(36000, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < 36000; i++)
        many[i] = (struct ranked){.count = 2, .mean = (double)(i % 1000), .deviation = 1};
    assert_int_equal(ranks_find(many, 36000), STATUS_OK);
    assert_true(many[999].rank == 1 && many[998].rank == 37 && many[999].could_be[1] == 0);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_scipy),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_few_and_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
