#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/cohort.h"

static char province[] = "province", level[] = "level", hubei[] = "湖北", hunan[] = "湖南", three[] = "3A";

static struct tag tags[][2] = {{{province, hunan}, {level, three}}, {{province, hubei}, {level, three}}};

static void fill(struct organization *organization, struct scorecard *scorecard,
                 struct report_organization *row, size_t place, double index)
{
    *organization = (struct organization){.tags = tags[place], .tags_count = 2};
    *scorecard = (struct scorecard){.assessed = !isnan(index), .index_exact = index, .band = BAND_GOOD};
    *row = (struct report_organization){.organization = organization, .scorecard = scorecard};
}

static const struct cohort *cohort_named(const struct cohorts *cohorts, const char *key, const char *value)
{
    for (size_t i = 0; i < cohorts->count; i++)
        if (strcmp(cohorts->items[i].key, key) == 0 && strcmp(cohorts->items[i].value, value) == 0)
            return &cohorts->items[i];
    fail_msg("no cohort %s %s", key, value);
    return NULL;
}

static void test_groups(void **state)
{
    (void)state;
    static const double indices[] = {700, 720, 740, 760, (double)NAN};
    struct organization organizations[5];
    struct scorecard scorecards[5];
    struct report_organization rows[5];
    struct cohorts cohorts;
    for (size_t i = 0; i < 5; i++)
        fill(&organizations[i], &scorecards[i], &rows[i], i > 0, indices[i]);
    organizations[4].tags_count = 0;
    assert_int_equal(cohorts_make(rows, 5, &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 4);
    assert_string_equal(cohorts.items[0].key, "all");
    assert_string_equal(cohorts.items[1].key, "province");
    const struct cohort *all = cohort_named(&cohorts, "all", "all");
    assert_int_equal(all->organizations, 4);
    assert_true(all->mean == 730);
    /* A standard error of sqrt(2000 / 3 / 4) and t(0.975, 3) = 3.182446. */
    assert_true(fabs(all->interval[0] - (730 - 3.182446 * sqrt(2000.0 / 12))) < 1e-3);
    assert_true(fabs(all->interval[1] - (730 + 3.182446 * sqrt(2000.0 / 12))) < 1e-3);
    assert_int_equal(all->bands[BAND_GOOD], 4);
    assert_int_equal(cohort_named(&cohorts, "province", hubei)->organizations, 3);
    assert_true(isnan(cohort_named(&cohorts, "province", hunan)->interval[0]));
    assert_int_equal(cohort_named(&cohorts, "level", three)->organizations, 4);
    cohorts_deinit(&cohorts);
}

static void test_nobody(void **state)
{
    (void)state;
    struct cohorts cohorts;
    assert_int_equal(cohorts_make(NULL, 0, &cohorts), STATUS_OK);
    assert_int_equal(cohorts.count, 0);
    cohorts_deinit(&cohorts);
}

/* model.md §6: 31 hospitals with a standard deviation of 152 have a mean known to 56 points. */
static void test_reach(void **state)
{
    (void)state;
    struct organization organizations[31];
    struct scorecard scorecards[31];
    struct report_organization rows[31];
    struct cohorts cohorts;
    double spread = 152 * sqrt(30.0 / 31), half = spread * sqrt(31.0 / 30);
    for (size_t i = 0; i < 31; i++)
        fill(&organizations[i], &scorecards[i], &rows[i], 0, i == 30 ? 500 : i % 2 ? 500 + half : 500 - half);
    assert_int_equal(cohorts_make(rows, 31, &cohorts), STATUS_OK);
    assert_true(fabs(cohorts.items[0].mean - 500) < 1e-9);
    assert_int_equal((int)(cohorts.items[0].interval[1] - 500 + 0.5), 56);
    cohorts_deinit(&cohorts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
