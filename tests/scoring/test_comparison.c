#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "scoring/binomial.h"
#include "ward.h"

static const struct comparison_share *share(const struct ward_scene *scene, const char *figure)
{
    for (size_t i = 0; i < scene->comparison.shares_count; i++)
        if (strcmp(scene->comparison.shares[i].figure->id, figure) == 0)
            return &scene->comparison.shares[i];
    fail_msg("nothing was compared with %s", figure);
    return NULL;
}

/* model.md §6: 3 of 40 hosts. */
static const struct ward_organization one[] = {{.id = "h1",
                                                .province = "P",
                                                .addresses = 256,
                                                .answered = 60,
                                                .hosts = 40,
                                                .open = {{3306, 3}},
                                                .asked = {3389},
                                                .index = 700}};

static void test_example(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, one, 1, NULL);
    ward_compare(&scene);
    const struct comparison_share *nation = share(&scene, "open-3306-nation");
    assert_int_equal(nation->denominator, DENOMINATOR_HOST);
    assert_true(nation->proportion.count == 3 && nation->proportion.of == 40);
    assert_int_equal(lround(nation->lift * 10), 54);
    assert_int_equal(lround(nation->p_more * 1e4), 178);
    assert_true(fabs(nation->p_two_sided - binomial_two_sided(3, 40, 0.0138)) < 1e-15);
    /* Four figures are counted by hosts: Holm makes the smallest four times as large, no longer below 5 %. */
    assert_int_equal(nation->family, 4);
    assert_true(fabs(nation->p_holm - 4 * nation->p_two_sided) < 1e-15);
    assert_int_equal(nation->word, WORD_INDISTINCT);
    scene.options.denominator = DENOMINATOR_ADDRESS;
    ward_compare(&scene);
    nation = share(&scene, "open-3306-nation");
    assert_true(nation->proportion.of == 256 && !nation->unlike);
    assert_int_equal(lround(nation->lift * 100), 85);
    ward_end(&scene);
}

/* Nothing found is not called better: 0 of 40 says nothing of 1.41 %, and from where on it would. */
static void test_zero(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, one, 1, NULL);
    ward_compare(&scene);
    const struct comparison_share *rdp = share(&scene, "open-3389");
    assert_true(rdp->proportion.count == 0 && rdp->p_more == 1);
    assert_int_equal(rdp->word, WORD_INDISTINCT);
    assert_int_equal(lround(rdp->zero_from), 211);
    assert_true(isnan(share(&scene, "open-3306")->zero_from));
    ward_end(&scene);
}

static const char zero_baseline[] =
    "{\"auscult_baseline\": 1, \"name\": \"b\", \"date\": \"2026\", \"population\": {\"en\": \"p\"},"
    " \"source\": {\"en\": \"s\"}, \"figures\": ["
    "{\"id\": \"nation\", \"zh\": \"a\", \"en\": \"a\", \"ports\": \"3306\", \"denominator\": \"host\", "
    "\"share\": 0.0138},"
    "{\"id\": \"none\", \"zh\": \"a\", \"en\": \"a\", \"ports\": \"3389\", \"denominator\": \"host\", "
    "\"count\": 0, \"of\": 50},"
    "{\"id\": \"bound\", \"zh\": \"a\", \"en\": \"a\", \"ports\": \"22\", \"denominator\": \"host\", "
    "\"share\": 0.1, \"bound\": \"above\"},"
    "{\"id\": \"apps\", \"zh\": \"a\", \"en\": \"a\", \"denominator\": \"other\", \"share\": 0.1},"
    "{\"id\": \"address\", \"zh\": \"a\", \"en\": \"a\", \"ports\": \"23\", \"denominator\": \"address\", "
    "\"share\": 0.1},"
    "{\"id\": \"mean\", \"zh\": \"a\", \"en\": \"a\", \"mean\": 700}]}";

/* model.md §6: zero of n excludes 1.38 % from n = 216 on, one-sided. */
static void test_zero_from(void **state)
{
    (void)state;
    static const struct ward_organization few[] = {{.id = "h1",
                                                    .province = "P",
                                                    .addresses = 300,
                                                    .answered = 215,
                                                    .hosts = 215,
                                                    .asked = {3306, 3389, 22, 23},
                                                    .index = 700}};
    struct ward_scene scene;
    ward_begin(&scene, few, 1, zero_baseline);
    ward_compare(&scene);
    const struct comparison_share *nation = share(&scene, "nation");
    assert_int_equal(lround(nation->zero_from), 216);
    assert_true(binomial_at_most(0, 215, 0.0138) > 0.05 && binomial_at_most(0, 216, 0.0138) < 0.05);
    /* What has no test has no word: a figure of 0, a bound. What no scan counts is left out. */
    assert_int_equal(share(&scene, "none")->why, WHY_CERTAIN);
    assert_int_equal(share(&scene, "none")->word, WORD_COUNTS);
    assert_int_equal(share(&scene, "bound")->why, WHY_BOUND);
    assert_int_equal(scene.comparison.shares_count, 4);
    assert_int_equal(nation->family, 1);
    ward_end(&scene);
}

/* Below, when they are: 0 of 1200 against 1.38 %, and not where a part of them was left unasked. */
static void test_below(void **state)
{
    (void)state;
    static const struct ward_organization many[] = {{.id = "h1",
                                                     .province = "P",
                                                     .addresses = 2000,
                                                     .answered = 1500,
                                                     .hosts = 1200,
                                                     .asked = {3306, 3389},
                                                     .partly = 3389,
                                                     .index = 700}};
    struct ward_scene scene;
    ward_begin(&scene, many, 1, NULL);
    ward_compare(&scene);
    assert_int_equal(share(&scene, "open-3306-nation")->word, WORD_BELOW);
    assert_int_equal(share(&scene, "open-3306-nation")->why, WHY_NONE);
    assert_true(share(&scene, "open-3389-nation")->p_holm < 0.05);
    assert_int_equal(share(&scene, "open-3389-nation")->word, WORD_INDISTINCT);
    assert_int_equal(share(&scene, "open-3389-nation")->why, WHY_PARTLY);
    ward_end(&scene);
}

/* Above; under 20 hosts only counts; not asked. */
static void test_other_words(void **state)
{
    (void)state;
    static const struct ward_organization bad[] = {{.id = "h1",
                                                    .province = "P",
                                                    .addresses = 256,
                                                    .answered = 60,
                                                    .hosts = 40,
                                                    .open = {{3306, 12}},
                                                    .index = 700}};
    static const struct ward_organization small[] = {{.id = "h1",
                                                      .province = "P",
                                                      .addresses = 256,
                                                      .answered = 19,
                                                      .hosts = 19,
                                                      .open = {{3306, 12}},
                                                      .asked = {3389},
                                                      .index = 700}};
    struct ward_scene scene;
    ward_begin(&scene, bad, 1, NULL);
    ward_compare(&scene);
    assert_int_equal(share(&scene, "open-3306")->word, WORD_ABOVE);
    assert_int_equal(share(&scene, "open-3389")->word, WORD_COUNTS);
    assert_int_equal(share(&scene, "open-3389")->why, WHY_NOT_ASKED);
    assert_int_equal(share(&scene, "open-3306")->family, 2);
    ward_end(&scene);
    ward_begin(&scene, small, 1, NULL);
    ward_compare(&scene);
    assert_int_equal(share(&scene, "open-3306")->word, WORD_COUNTS);
    assert_int_equal(share(&scene, "open-3306")->why, WHY_FEW);
    assert_true(isnan(share(&scene, "open-3306")->p_holm) && isnan(share(&scene, "open-3306")->lift) &&
                isnan(share(&scene, "open-3306")->interval[0]));
    scene.options.denominator = DENOMINATOR_ADDRESS;
    ward_compare(&scene);
    assert_true(share(&scene, "open-3306")->p_holm < 0.5);
    ward_end(&scene);
}

/* A comparison of unlike denominators is refused unless forced. */
static void test_unlike(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, one, 1, zero_baseline);
    assert_null(comparison_unlike(&scene.baseline, DENOMINATOR_UNKNOWN));
    assert_string_equal(comparison_unlike(&scene.baseline, DENOMINATOR_HOST)->id, "address");
    scene.options.denominator = DENOMINATOR_HOST;
    assert_int_equal(
        comparison_make(&scene.baseline, &scene.exposures, &scene.census, &scene.options, &scene.comparison),
        STATUS_MISMATCH);
    scene.options.force = true;
    ward_compare(&scene);
    assert_true(share(&scene, "address")->unlike);
    assert_int_equal(share(&scene, "address")->denominator, DENOMINATOR_HOST);
    assert_false(share(&scene, "nation")->unlike);
    ward_end(&scene);
    ward_begin(&scene, one, 1, NULL);
    assert_null(comparison_unlike(&scene.baseline, DENOMINATOR_ADDRESS));
    ward_end(&scene);
}

#define GROUP 30

static void fill(struct ward_organization *group, char ids[][8], double index, double step)
{
    memset(group, 0, GROUP * sizeof *group);
    for (size_t i = 0; i < GROUP; i++) {
        snprintf(ids[i], sizeof ids[i], "h%03zu", i);
        group[i] = (struct ward_organization){.id = ids[i],
                                              .province = "P",
                                              .addresses = 16,
                                              .answered = 8,
                                              .hosts = 4,
                                              .index = index + step * (double)i};
        group[i].open[0].port = 22;
        group[i].open[0].hosts = i < 28;
        group[i].asked[0] = 23;
        const uint16_t rest[] = {2222, 3389, 3390, 5900, 5901, 5985, 5986};
        memcpy(group[i].asked + 1, rest, sizeof rest - sizeof rest[0]);
        group[i].open[1].port = 5986;
    }
}

/* A group: organizations with remote login, the mean with Student's interval, the bands. */
static void test_group(void **state)
{
    (void)state;
    struct ward_organization group[GROUP];
    char ids[GROUP][8];
    struct ward_scene scene;
    fill(group, ids, 500, 10);
    ward_begin(&scene, group, GROUP, NULL);
    ward_compare(&scene);
    const struct comparison_share *login = share(&scene, "open-remote-login");
    assert_int_equal(login->denominator, DENOMINATOR_ORGANIZATION);
    assert_true(login->proportion.count == 28 && login->proportion.of == GROUP && login->family == 1);
    assert_int_equal(login->why, WHY_NONE);
    assert_int_equal(login->word, WORD_ABOVE);
    assert_true(fabs(scene.comparison.indices.mean - 645) < 1e-9);
    assert_int_equal(scene.comparison.mean.word, WORD_BELOW);
    assert_string_equal(scene.comparison.mean.figure->id, "index-mean");
    assert_false(scene.comparison.calibrated);
    assert_int_equal(scene.comparison.bands_count, 4);
    const struct comparison_share *excellent = &scene.comparison.bands[0], *fair = &scene.comparison.bands[2];
    assert_string_equal(excellent->part, "excellent");
    assert_true(excellent->proportion.count == 0 && excellent->word == WORD_BELOW && excellent->family == 4);
    assert_true(fair->proportion.count == 20 && fair->proportion.of == GROUP && fair->baseline == 0.39);
    ward_end(&scene);
    fill(group, ids, 745, 1);
    ward_begin(&scene, group, GROUP, NULL);
    ward_compare(&scene);
    assert_int_equal(scene.comparison.mean.word, WORD_INDISTINCT);
    ward_end(&scene);
}

/* Calibrated is only what was fitted to this baseline, or a baseline that was made in the same way. */
static void test_calibrated(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, one, 1, NULL);
    scene.catalogue.g.fit.baseline = strdup("cn-2018-08");
    scene.catalogue.g.fit.name = strdup("calibrated-2026");
    scene.catalogue.g.kind = G_POWER;
    ward_compare(&scene);
    assert_true(scene.comparison.calibrated);
    free(scene.catalogue.name);
    scene.catalogue.name = strdup("another");
    ward_compare(&scene);
    assert_false(scene.comparison.indices.applied || scene.comparison.calibrated);
    free(scene.catalogue.name);
    scene.catalogue.name = strdup("calibrated-2026+auscult-2026+cn-medical-2018");
    free(scene.catalogue.g.fit.baseline);
    scene.catalogue.g.fit.baseline = strdup("other");
    ward_compare(&scene);
    assert_true(scene.comparison.indices.applied && !scene.comparison.calibrated);
    scene.baseline.g = strdup("calibrated-2026");
    scene.baseline.catalogue = strdup(scene.catalogue.name);
    ward_compare(&scene);
    assert_true(scene.comparison.calibrated);
    ward_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example), cmocka_unit_test(test_zero),        cmocka_unit_test(test_zero_from),
        cmocka_unit_test(test_below),   cmocka_unit_test(test_other_words), cmocka_unit_test(test_unlike),
        cmocka_unit_test(test_group),   cmocka_unit_test(test_calibrated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
