#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "scoring/rollup.h"

static void identity_and_power_keep_their_ends(void **state)
{
    (void)state;
    const struct g identity = {.kind = G_IDENTITY};
    const struct g power = {.kind = G_POWER, .gamma = 1.5, .kappa = 0.3, .f_ref = 4};
    const struct g steep = {.kind = G_POWER, .gamma = 1, .kappa = 100, .f_ref = 1e6};
    assert_true(index_g(&identity, 0, NAN) == 0 && index_g(&identity, 1000, NAN) == 1000);
    assert_true(index_g(&identity, 712.25, 5) == 712.25);
    assert_true(index_g(&power, 0, NAN) == 0 && index_g(&power, 1000, NAN) == 1000);
    assert_true(fabs(index_g(&power, 250, NAN) - 125) < 1e-12);
    assert_true(index_g(&power, 250, 4) == index_g(&power, 250, NAN));
    assert_true(index_g(&power, 250, 7) > index_g(&power, 250, 4));
    assert_true(index_g(&steep, 0, -1e6) == 0 && index_g(&steep, 1000, -1e6) == 1000);
    assert_true(index_g(&steep, 0, 1e6) == 0 && index_g(&steep, 999, -1e6) == 0);
}

static void a_table_is_flat_outside_its_knots(void **state)
{
    (void)state;
    double knots[][2] = {{100, 50}, {300, 450}, {600, 450}, {900, 990}};
    const struct g g = {.kind = G_QUANTILE, .knots = knots, .knots_count = 4};
    assert_true(index_g(&g, 0, NAN) == 50 && index_g(&g, 100, NAN) == 50);
    assert_true(index_g(&g, 200, NAN) == 250);
    assert_true(index_g(&g, 300, NAN) == 450 && index_g(&g, 450, NAN) == 450);
    assert_true(fabs(index_g(&g, 600.5, NAN) - 450.9) < 1e-12);
    assert_true(index_g(&g, 900, NAN) == 990 && index_g(&g, 1000, NAN) == 990);
    double before = 0;
    for (double score = 0; score <= 1000; score += 0.37) {
        assert_true(index_g(&g, score, NAN) >= before);
        before = index_g(&g, score, NAN);
    }
}

/* 43 dimensions as in the report: 7 network, 14 host, 11 application, 6 business, 5 data; one item each. */
static void catalogue_of_43(struct catalogue *catalogue, double alpha)
{
    static const size_t sizes[] = {7, 14, 11, 6, 5};
    char *text;
    size_t size, number = 0;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "{\"auscult_catalogue\": 1, \"name\": \"x\", \"domains\": [");
    for (size_t i = 0; i < 5; i++)
        fprintf(out, "%s{\"id\": \"K%zu\", \"zh\": \"域\", \"en\": \"d\"}", i ? "," : "", i);
    fprintf(out, "], \"dimensions\": [");
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < sizes[i]; j++, number++)
            fprintf(out, "%s{\"id\": \"D%zu\", \"domain\": \"K%zu\", \"zh\": \"维\", \"en\": \"d\"}",
                    number ? "," : "", number, i);
    fprintf(out, "], \"items\": [");
    for (size_t i = 0; i < number; i++)
        fprintf(out,
                "%s{\"id\": \"I%zu\", \"dimension\": \"D%zu\", \"zh\": \"项\", \"en\": \"i\", \"source\": "
                "\"import\", \"risk\": 2, \"severity\": 5, \"asset\": 5, \"confidence\": 5, \"alpha\": %g}",
                i ? "," : "", i, i, alpha);
    fprintf(out, "]}");
    fclose(out);
    sample_catalogue(catalogue, text);
    free(text);
}

static void the_worst_finding_costs_little_with_alpha_1(void **state)
{
    (void)state;
    struct catalogue catalogue;
    struct rollup rollup;
    catalogue_of_43(&catalogue, 1);
    assert_int_equal(rollup_init(&rollup, &catalogue, NAN), STATUS_OK);
    for (size_t i = 0; i < 43; i++)
        rollup_assess(&rollup, i);
    assert_true(rollup_index(&rollup, UNASSESSED_LEFT_OUT) == 1000);
    rollup_set_loss(&rollup, 0, 250);
    assert_true(fabs(1000 - rollup_index(&rollup, UNASSESSED_LEFT_OUT) - 250.0 / 43) < 1e-9);
    rollup_deinit(&rollup);
    catalogue_deinit(&catalogue);
}

/* The 24 dimensions that a scan can determine, all empty: 19/43 of 1000 are left (model.md §4). */
static void a_scan_alone_is_never_literally_worse_than_19_of_43(void **state)
{
    (void)state;
    struct catalogue catalogue;
    struct rollup rollup;
    catalogue_of_43(&catalogue, 8);
    assert_int_equal(rollup_init(&rollup, &catalogue, NAN), STATUS_OK);
    for (size_t i = 0; i < 24; i++) {
        rollup_assess(&rollup, i);
        rollup_set_loss(&rollup, i, 5000);
    }
    assert_true(rollup_index(&rollup, UNASSESSED_LEFT_OUT) == 0);
    assert_true(rollup_index(&rollup, UNASSESSED_EMPTY) == 0);
    assert_true(fabs(rollup_index(&rollup, UNASSESSED_PERFECT) - 19000.0 / 43) < 1e-9);
    rollup_deinit(&rollup);
    catalogue_deinit(&catalogue);
}

static void weights_are_renormalised_over_what_was_assessed(void **state)
{
    (void)state;
    struct catalogue catalogue;
    struct rollup rollup;
    catalogue_of_43(&catalogue, 8);
    assert_int_equal(rollup_init(&rollup, &catalogue, NAN), STATUS_OK);
    assert_true(isnan(rollup_score(&rollup, UNASSESSED_LEFT_OUT)));
    assert_true(rollup_index(&rollup, UNASSESSED_LEFT_OUT) == 0);
    assert_true(rollup_index(&rollup, UNASSESSED_PERFECT) == 1000);
    /* One of the network's 7 dimensions at 400, one of the data's 5 at 1000: omega is still 7 and 5. */
    rollup_assess(&rollup, 0);
    rollup_assess(&rollup, 42);
    rollup_set_loss(&rollup, 0, 600);
    assert_true(rollup_domain(&rollup, 0, UNASSESSED_LEFT_OUT) == 400);
    assert_true(isnan(rollup_domain(&rollup, 1, UNASSESSED_LEFT_OUT)));
    assert_true(rollup_score(&rollup, UNASSESSED_LEFT_OUT) == (400.0 * 7 + 1000.0 * 5) / 12);
    assert_true(fabs(rollup_score(&rollup, UNASSESSED_EMPTY) - 1400.0 / 43) < 1e-9);
    rollup_deinit(&rollup);
    catalogue_deinit(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_and_power_keep_their_ends),
        cmocka_unit_test(a_table_is_flat_outside_its_knots),
        cmocka_unit_test(the_worst_finding_costs_little_with_alpha_1),
        cmocka_unit_test(a_scan_alone_is_never_literally_worse_than_19_of_43),
        cmocka_unit_test(weights_are_renormalised_over_what_was_assessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
