#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/funnel.h"

#define MEMBERS 60

/* Sixty hospitals in `provinces` provinces of equal size; those of the first one have `first`, the others go up and
   down around 700. */
struct country {
    struct organization organizations[MEMBERS];
    struct tag tags[MEMBERS];
    char names[MEMBERS][16];
    struct cohort_member members[MEMBERS];
    struct cohorts cohorts;
};

static void country_init(struct country *country, size_t count, size_t provinces, int first, int step)
{
    static char key[] = "province";
    memset(country, 0, sizeof *country);
    for (size_t i = 0; i < count; i++) {
        snprintf(country->names[i], sizeof country->names[i], "p%zu", i % provinces);
        country->tags[i] = (struct tag){key, country->names[i]};
        country->organizations[i] = (struct organization){
            .id = country->names[i], .name = country->names[i], .tags = &country->tags[i], .tags_count = 1};
        int index = i % provinces == 0 ? first : 700 + (i / provinces % 2 ? step : -step);
        country->members[i] = (struct cohort_member){.organization = &country->organizations[i],
                                                     .index_exact = index,
                                                     .index = index,
                                                     .band = band_of(index),
                                                     .gate = BAND_EXCELLENT};
    }
    assert_int_equal(cohorts_make(country->members, count, NULL, &country->cohorts), STATUS_OK);
}

static void test_limits(void **state)
{
    (void)state;
    const struct funnel funnel = {.mean = 759, .deviation = 152};
    double limits[2];
    /* model.md §6: a standard deviation of 152 and 31 hospitals make some ±54 points by the normal. */
    funnel_limits(&funnel, FUNNEL_95, 31, limits);
    assert_true(fabs(limits[1] - 759 - 53.507) < 0.01);
    assert_true(fabs(759 - limits[0] - 53.507) < 0.01);
    funnel_limits(&funnel, FUNNEL_999, 31, limits);
    assert_true(fabs(limits[1] - 759 - 89.832) < 0.01);
    funnel_limits(&funnel, FUNNEL_999, 1, limits);
    assert_true(limits[1] == 1000);
}

static void test_who_is_outside(void **state)
{
    (void)state;
    struct country country;
    country_init(&country, MEMBERS, 6, 400, 60);
    struct funnel funnel = funnel_of(&country.cohorts, "province");
    assert_int_equal(funnel.lack, FUNNEL_ENOUGH);
    assert_int_equal(funnel.count, 6);
    assert_int_equal(funnel.drawn, 6);
    assert_int_equal(funnel.largest, 10);
    for (size_t i = 0; i < funnel.count; i++)
        assert_int_equal(funnel_outside(&funnel, &funnel.groups[i]),
                         strcmp(funnel.groups[i].value, "p0") == 0 ? -2 : 0);
    cohorts_deinit(&country.cohorts);
}

static void test_lacks(void **state)
{
    (void)state;
    struct country country;
    country_init(&country, 20, 5, 400, 60);
    assert_int_equal(funnel_of(&country.cohorts, "province").lack, FUNNEL_FEW_ORGANIZATIONS);
    assert_int_equal(funnel_of(&country.cohorts, "level").lack, FUNNEL_NO_KEY);
    cohorts_deinit(&country.cohorts);
    country_init(&country, MEMBERS, 4, 400, 60);
    assert_int_equal(funnel_of(&country.cohorts, "province").lack, FUNNEL_FEW_GROUPS);
    cohorts_deinit(&country.cohorts);
    /* Two hospitals a province are too few to draw any. */
    country_init(&country, MEMBERS, 30, 400, 60);
    assert_int_equal(funnel_of(&country.cohorts, "province").lack, FUNNEL_FEW_GROUPS);
    cohorts_deinit(&country.cohorts);
    country_init(&country, MEMBERS, 6, 700, 0);
    assert_int_equal(funnel_of(&country.cohorts, "province").lack, FUNNEL_NO_SPREAD);
    cohorts_deinit(&country.cohorts);
    assert_int_equal(cohorts_make(country.members, 0, NULL, &country.cohorts), STATUS_OK);
    assert_int_equal(funnel_of(&country.cohorts, "province").lack, FUNNEL_NO_KEY);
    cohorts_deinit(&country.cohorts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_who_is_outside),
        cmocka_unit_test(test_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
