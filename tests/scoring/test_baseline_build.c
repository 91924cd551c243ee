#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/baseline_build.h"
#include "ward.h"

static const struct ward_organization three[] = {
    {.id = "h1",
     .province = "P",
     .addresses = 256,
     .answered = 60,
     .hosts = 40,
     .open = {{3306, 3}},
     .asked = {3389},
     .index = 600},
    {.id = "h2",
     .province = "P",
     .addresses = 64,
     .answered = 30,
     .hosts = 10,
     .asked = {3306, 3389},
     .partly = 3389,
     .index = 700},
    {.id = "h3",
     .province = "P",
     .addresses = 64,
     .answered = 4,
     .hosts = 1,
     .asked = {3306, 3389},
     .index = 950},
};

static void assert_share(const struct baseline *baseline, const char *id, enum denominator denominator,
                         uint64_t count, uint64_t of, enum figure_bound bound)
{
    const struct figure *one = ward_figure(baseline, id);
    assert_int_equal(one->denominator, denominator);
    assert_int_equal(one->bound, bound);
    assert_true(one->count_known && one->count == count && one->of == of);
    assert_true(fabs(one->value - (double)count / (double)of) < 1e-15);
}

static void build(struct ward_scene *scene, struct baseline *baseline)
{
    ward_begin(scene, three, 3, NULL);
    assert_int_equal(baseline_build(&scene->census, &scene->exposures, &scene->catalogue, &scene->subject,
                                    "ours", baseline),
                     STATUS_OK);
}

/* The denominators stay apart; what was not asked everywhere is a bound; the rest is not there. */
static void test_figures(void **state)
{
    (void)state;
    struct ward_scene scene;
    struct baseline baseline;
    build(&scene, &baseline);
    assert_share(&baseline, "open-3306-address", DENOMINATOR_ADDRESS, 3, 384, BOUND_EXACT);
    assert_share(&baseline, "open-3306-answered", DENOMINATOR_ANSWERED, 3, 94, BOUND_EXACT);
    assert_share(&baseline, "open-3306-host", DENOMINATOR_HOST, 3, 51, BOUND_EXACT);
    assert_share(&baseline, "open-3306-organization", DENOMINATOR_ORGANIZATION, 1, 3, BOUND_EXACT);
    assert_share(&baseline, "open-3389-host", DENOMINATOR_HOST, 0, 51, BOUND_ABOVE);
    for (size_t i = 0; i < baseline.figures_count; i++)
        assert_null(strstr(baseline.figures[i].id, "6379"));
    const struct figure *mean = ward_figure(&baseline, "index-mean"),
                        *bands = ward_figure(&baseline, "index-bands");
    assert_true(fabs(mean->value - 750) < 1e-9 && mean->of == 3);
    assert_true(mean->interval[0] < 750 && mean->interval[1] > 750);
    assert_true(fabs(bands->bands[BAND_FAIR] - 1 / 3.0) < 1e-15 && bands->bands[BAND_POOR] == 0);
    assert_string_equal(baseline.g, "identity");
    assert_string_equal(baseline.catalogue, "cn-medical-2018+auscult-2026");
    assert_string_equal(baseline.date, "2025-11-24");
    assert_true(baseline.vantage_known && baseline.vantage == VANTAGE_INTERNET);
    baseline_deinit(&baseline);
    ward_end(&scene);
}

/* It is read again, and whoever it was made of is not distinguishable from it, by every denominator. */
static void test_against_itself(void **state)
{
    (void)state;
    struct ward_scene scene;
    struct baseline baseline;
    char *text = NULL;
    size_t size = 0;
    build(&scene, &baseline);
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(baseline_write(&baseline, stream), STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    baseline_deinit(&baseline);
    ward_end(&scene);
    ward_begin(&scene, three, 3, text);
    ward_compare(&scene);
    size_t tested = 0;
    for (size_t i = 0; i < scene.comparison.shares_count; i++) {
        const struct comparison_share *share = &scene.comparison.shares[i];
        assert_true(share->word == WORD_INDISTINCT || share->word == WORD_COUNTS);
        assert_int_equal(share->denominator, share->figure->denominator);
        tested += share->word == WORD_INDISTINCT;
    }
    assert_true(tested >= 3 && scene.comparison.calibrated);
    assert_null(comparison_unlike(&scene.baseline, DENOMINATOR_HOST));
    size_t all = scene.comparison.shares_count;
    scene.options.denominator = DENOMINATOR_HOST;
    ward_compare(&scene);
    assert_true(scene.comparison.shares_count < all);
    free(text);
    ward_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_against_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
