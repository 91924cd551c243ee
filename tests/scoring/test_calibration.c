#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nation.h"
#include "scoring/calibration.h"

static char baseline_name[] = "cn-2018-08";
static const struct calibration_target published = {baseline_name, 759, {0.01, 0.39, 0.38, 0.22}};
static const struct calibration_options by_quantile = {G_QUANTILE, 0, NATION_SEED};
static const struct calibration_options by_power = {G_POWER, 0, NATION_SEED};

static void print_figures(const char *what, const struct calibration_figures *figures)
{
    print_message("%-10s mean %.1f (± %.1f), deviation %.1f; ", what, figures->mean, figures->mean_error,
                  figures->deviation);
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        print_message("%s %.1f %% (± %.1f) ", band_word((enum band)band), 100 * figures->bands[band],
                      100 * figures->bands_error[band]);
    print_message("\n");
}

static void print_folds(const struct calibration *calibration)
{
    print_message("ten folds:");
    for (size_t i = 0; i < CALIBRATION_FOLDS; i++)
        print_message(" %.0f", calibration->fold_means[i]);
    print_message("\n");
}

/* Within so many standard errors of what was published; the share of a small band has the error of the published
   one. */
static void assert_reproduces(const struct calibration_figures *figures, size_t count, double errors)
{
    assert_true(fabs(figures->mean - published.mean) <= errors * figures->mean_error);
    for (int band = 0; band < 4; band++) {
        double share = published.bands[band];
        double error = sqrt(share * (1 - share) / (double)count);
        assert_true(fabs(figures->bands[band] - share) <= errors * error);
    }
}

/* What the issue asks for: 956 hospitals, calibrated to the published bands, on hospitals that the fit did not
   see. */
static void test_nation(void **state)
{
    (void)state;
    struct nation nation;
    struct calibration calibration;
    const char *why = NULL;
    nation_init(&nation, NATION_HOSPITALS, NATION_SEED);
    assert_int_equal(
        calibration_fit(nation.scores, nation.count, &published, &by_quantile, &calibration, &why),
        STATUS_OK);
    print_message("%zu synthetic hospitals with %zu findings, seed %d\n", nation.count, nation.findings,
                  NATION_SEED);
    print_figures("raw", &calibration.raw);
    print_figures("fitted", &calibration.fitted);
    print_figures("held out", &calibration.held_out);
    print_folds(&calibration);
    assert_int_equal(calibration.g.knots_count, CALIBRATION_KNOTS);
    assert_reproduces(&calibration.held_out, nation.count, 3);
    /* Those that it saw come out right but for the whole organizations that a share can't be cut into. */
    assert_true(fabs(calibration.fitted.mean - published.mean) < 0.05);
    for (int band = 0; band < 4; band++)
        assert_true(fabs(calibration.fitted.bands[band] - published.bands[band]) <= 2.0 / NATION_HOSPITALS);
    calibration_deinit(&calibration);
    assert_int_equal(calibration_fit(nation.scores, nation.count, &published, &by_power, &calibration, &why),
                     STATUS_OK);
    print_message("power, gamma %.6f\n", calibration.g.gamma);
    print_figures("held out", &calibration.held_out);
    assert_true(fabs(calibration.held_out.mean - published.mean) <= 3 * calibration.held_out.mean_error);
    calibration_deinit(&calibration);
    nation_deinit(&nation);
}

/* The generator does what its header says, within three and a half standard errors of each rate. */
static void test_rates_of_the_nation(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        double rate;
    } rates[] = {{"H10-1", 0.12},  {"H11-1", 0.15}, {"B6-2", 0.6384},  {"D5-2", 0.7934}, {"B2-2", 0.8657},
                 {"N7-1", 0.4545}, {"A05-1", 0.50}, {"H07-3", 0.30},   {"N1-1", 0.30},   {"N2-1", 0.15},
                 {"H12-1", 0.02},  {"D1-1", 0.06},  {"B6-1", 0.14246}, {"D5-1", 0.29669}};
    struct nation nation;
    double n = 3000;
    nation_init(&nation, 3000, NATION_SEED);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double share = (double)nation.having[catalogue_item(&nation.catalogue, rates[i].item)] / n;
        double rate = rates[i].rate;
        /* An item that needs another is not drawn by its severity. */
        if (nation.catalogue.items[catalogue_item(&nation.catalogue, rates[i].item)].alpha < 8)
            continue;
        if (!(fabs(share - rate) <= 3.5 * sqrt(rate * (1 - rate) / n)))
            fail_msg("%s: %.4f in place of %.4f", rates[i].item, share, rate);
    }
    assert_true(fabs((double)nation.remote_login / n - 0.5) <= 3.5 * sqrt(0.25 / n));
    nation_deinit(&nation);
}

static double standard_deviation(const double *values, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - sum / (double)count) * (values[i] - sum / (double)count);
    return sqrt(squares / (double)(count - 1));
}

#define DRAWS 60

/* How far the mean of all others comes out, by a fit of so many hospitals that were drawn. */
static double spread_of_fits(const struct nation *nation, size_t size, struct chance *chance)
{
    double means[DRAWS], drawn[400];
    for (size_t i = 0; i < DRAWS; i++) {
        struct calibration calibration;
        const char *why = NULL;
        double sum = 0;
        for (size_t j = 0; j < size; j++)
            drawn[j] = nation->scores[chance_below(chance, nation->count)];
        assert_int_equal(calibration_fit(drawn, size, &published, &by_quantile, &calibration, &why),
                         STATUS_OK);
        for (size_t j = 0; j < nation->count; j++)
            sum += index_g(&calibration.g, nation->scores[j], (double)NAN);
        means[i] = sum / (double)nation->count;
        calibration_deinit(&calibration);
    }
    return standard_deviation(means, DRAWS);
}

/* model.md §3 step 6: ± 34 points with 20 hospitals, ± 16 with 100, ± 11 with 300; why fewer than 100 are refused. */
static void test_what_a_size_can_carry(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        double points;
    } told[] = {{20, 34}, {100, 16}, {300, 11}};
    struct nation nation;
    struct chance chance = {NATION_SEED};
    nation_init(&nation, NATION_HOSPITALS, NATION_SEED);
    for (size_t i = 0; i < 3; i++) {
        double spread = spread_of_fits(&nation, told[i].size, &chance);
        print_message("fitted on %zu: the mean of all within ± %.1f (model.md: %.0f)\n", told[i].size, spread,
                      told[i].points);
        assert_true(spread > told[i].points * 0.6 && spread < told[i].points * 1.4);
    }
    nation_deinit(&nation);
}

static void fit(const double *scores, size_t count, const struct calibration_target *target,
                const struct calibration_options *options, struct calibration *calibration)
{
    const char *why = NULL;
    if (calibration_fit(scores, count, target, options, calibration, &why) != STATUS_OK)
        fail_msg("%s", why ? why : "failed");
}

static void assert_refused(const double *scores, size_t count, const struct calibration_target *target,
                           const struct calibration_options *options, const char *words)
{
    struct calibration calibration;
    const char *why = NULL;
    assert_int_equal(calibration_fit(scores, count, target, options, &calibration, &why), STATUS_MISMATCH);
    assert_non_null(why);
    if (!strstr(why, words))
        fail_msg("\"%s\" does not say \"%s\"", why, words);
}

static void test_power(void **state)
{
    (void)state;
    double scores[100];
    struct calibration calibration;
    for (size_t i = 0; i < 100; i++)
        scores[i] = 500;
    fit(scores, 100, &published, &by_power, &calibration);
    assert_true(fabs(calibration.g.gamma - log(0.759) / log(0.5)) < 1e-6);
    assert_true(fabs(calibration.held_out.mean - 759) < 1e-3);
    assert_true(calibration.raw.mean == 500 && calibration.raw.bands[BAND_FAIR] > 0.999);
    calibration_deinit(&calibration);
}

/* Any number of knots, any scores: the map rises, ends where it must, and meets the mean. */
static void test_maps_rise(void **state)
{
    (void)state;
    static const size_t knots[] = {2, 3, 5, 9, 17, 40, CALIBRATION_KNOTS_MOST};
    struct chance chance = {5};
    for (int round = 0; round < 140; round++) {
        double scores[300];
        size_t count = 100 + chance_below(&chance, 201), apart = 1 + chance_below(&chance, 400);
        for (size_t i = 0; i < count; i++)
            scores[i] = (double)chance_below(&chance, 1 + 999 / apart) * (double)apart;
        const struct calibration_options options = {G_QUANTILE, knots[round % 7], 1};
        struct calibration calibration;
        const char *why = NULL;
        enum status status = calibration_fit(scores, count, &published, &options, &calibration, &why);
        if (status == STATUS_MISMATCH)
            continue; /* too few different scores for that mean */
        assert_int_equal(status, STATUS_OK);
        const struct g *g = &calibration.g;
        assert_true(g->knots[0][0] == 0 && g->knots[0][1] == 0);
        assert_true(g->knots[g->knots_count - 1][0] == 1000 && g->knots[g->knots_count - 1][1] == 1000);
        assert_true(g->knots_count <= (options.knots > 5 ? options.knots : 5));
        for (size_t i = 1; i < g->knots_count; i++)
            assert_true(g->knots[i][0] > g->knots[i - 1][0] && g->knots[i][1] >= g->knots[i - 1][1]);
        assert_true(fabs(calibration.fitted.mean - 759) <= 0.5);
        calibration_deinit(&calibration);
    }
}

/* Organizations that tie stay together, at the mean of what would be theirs. */
static void test_ties(void **state)
{
    (void)state;
    double scores[200];
    struct calibration calibration;
    for (size_t i = 0; i < 200; i++)
        scores[i] = 640;
    fit(scores, 200, &published, &by_quantile, &calibration);
    assert_true(fabs(calibration.fitted.mean - 759) <= 0.01);
    assert_true(calibration.fitted.bands[BAND_GOOD] > 0.999);
    calibration_deinit(&calibration);
}

/* The folds hang on the seed and the order alone, the fit on neither. */
static void test_repeats(void **state)
{
    (void)state;
    struct chance chance = {9};
    double scores[150], turned[150];
    struct calibration_options other_seed = {G_QUANTILE, 0, 2};
    struct calibration one, same, other, backwards;
    for (size_t i = 0; i < 150; i++)
        scores[i] = turned[149 - i] = 300 + (double)chance_below(&chance, 700000) / 1000;
    fit(scores, 150, &published, &by_quantile, &one);
    fit(scores, 150, &published, &by_quantile, &same);
    fit(scores, 150, &published, &other_seed, &other);
    fit(turned, 150, &published, &by_quantile, &backwards);
    size_t size = one.g.knots_count * sizeof *one.g.knots;
    assert_memory_equal(one.fold_means, same.fold_means, sizeof one.fold_means);
    assert_memory_equal(one.g.knots, same.g.knots, size);
    assert_memory_equal(one.g.knots, other.g.knots, size);
    assert_memory_equal(one.g.knots, backwards.g.knots, size);
    assert_true(memcmp(one.fold_means, other.fold_means, sizeof one.fold_means) != 0);
    calibration_deinit(&one);
    calibration_deinit(&same);
    calibration_deinit(&other);
    calibration_deinit(&backwards);
}

static void test_what_can_not_be_met(void **state)
{
    (void)state;
    const struct calibration_target no_mean = {baseline_name, (double)NAN, {0.01, 0.39, 0.38, 0.22}};
    const struct calibration_target no_bands = {baseline_name, 759, {(double)NAN, 0, 0, 0}};
    const struct calibration_target at_odds = {baseline_name, 950, {0.01, 0.39, 0.38, 0.22}};
    double scores[100], best[100];
    struct calibration calibration;
    for (size_t i = 0; i < 100; i++) {
        scores[i] = 5 + 9.9 * (double)i;
        best[i] = 1000;
    }
    assert_refused(scores, 1, &published, &by_quantile, "two organizations");
    assert_refused(scores, 100, &no_mean, &by_power, "no mean");
    assert_refused(scores, 100, &no_bands, &by_quantile, "no shares by band");
    assert_refused(scores, 100, &at_odds, &by_quantile, "can't both be met");
    assert_refused(best, 100, &published, &by_power, "no power");
    assert_refused(best, 100, &published, &by_quantile, "can't both be met");
    fit(scores, 100, &no_mean, &by_quantile, &calibration);
    /* Level bands: 0.01 · 250 + 0.39 · 600 + 0.38 · 800 + 0.22 · 950, but for what lies between two knots. */
    assert_true(fabs(calibration.fitted.mean - 749.5) < 1);
    calibration_deinit(&calibration);
}

static void test_target(void **state)
{
    (void)state;
    struct baseline baseline;
    struct complaints complaints;
    complaints_init(&complaints, "baseline");
    assert_int_equal(baseline_load(&baseline, "cn-2018-08", &complaints), STATUS_OK);
    struct calibration_target target = calibration_target_of(&baseline);
    assert_string_equal(target.name, "cn-2018-08");
    assert_true(target.mean == 759);
    for (int band = 0; band < 4; band++)
        assert_true(target.bands[band] == published.bands[band]);
    baseline_deinit(&baseline);
    complaints_deinit(&complaints);
}

/* What is written loads as a catalogue, and maps as what was fitted does. */
static void test_file(void **state)
{
    (void)state;
    char name[] = "calibrated-2026-11-26", population[] = "100 \"organizations\"",
         path[] = "/tmp/auscult-calibration-XXXXXX";
    const struct g_fit told = {name, 20261126, population, baseline_name, 4.9};
    static const struct calibration_options *const kinds[] = {&by_quantile, &by_power};
    double scores[100];
    for (size_t i = 0; i < 100; i++)
        scores[i] = 300 + 6.789 * (double)i;
    for (size_t kind = 0; kind < 2; kind++) {
        struct calibration calibration;
        struct catalogue catalogue;
        struct complaints complaints;
        FILE *stream = kind == 0 ? fdopen(mkstemp(path), "w") : fopen(path, "w");
        assert_non_null(stream);
        fit(scores, 100, &published, kinds[kind], &calibration);
        assert_int_equal(calibration_write(&calibration, CATALOGUE_EXTENSION, &told, stream), STATUS_OK);
        assert_int_equal(fclose(stream), 0);
        const char *source = path;
        complaints_init(&complaints, path);
        if (catalogue_load(&catalogue, &source, 1, &complaints) != STATUS_OK)
            fail_msg("%s", complaints_format(&complaints));
        assert_string_equal(catalogue.name, "cn-medical-2018+auscult-2026+calibrated-2026-11-26");
        assert_string_equal(catalogue.g.fit.population, population);
        assert_string_equal(catalogue.g.fit.baseline, "cn-2018-08");
        assert_true(catalogue.g.fit.day == 20261126 && catalogue.g.fit.error == 4.9);
        for (double score = 0; score <= 1000; score += 3.7)
            assert_true(index_g(&catalogue.g, score, (double)NAN) ==
                        index_g(&calibration.g, score, (double)NAN));
        catalogue_deinit(&catalogue);
        complaints_deinit(&complaints);
        calibration_deinit(&calibration);
    }
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nation),
        cmocka_unit_test(test_rates_of_the_nation),
        cmocka_unit_test(test_what_a_size_can_carry),
        cmocka_unit_test(test_power),
        cmocka_unit_test(test_maps_rise),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_what_can_not_be_met),
        cmocka_unit_test(test_target),
        cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
