#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/baseline.h"
#include "scoring/index.h"
#include "ward.h"

/* model.md §7, figure by figure: the printed value in percent, and the count that it comes from. */
static void test_printed_shares(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        double percent;
        uint64_t count, of;
    } printed[] = {
        {"survey-coverage", 1.80, 0, 0},
        {"open-3306", 3.43, 0, 0},
        {"open-3306-nation", 1.38, 0, 0},
        {"open-3389", 1.41, 0, 0},
        {"open-3389-nation", 1.01, 0, 0},
        {"open-remote-login", 50, 0, 0},
        {"unpatched", 30, 0, 0},
        {"unpatched-nation", 30, 0, 0},
        {"mining", 12, 0, 0},
        {"ransomware", 15, 0, 0},
        {"ransomware-aim", 29, 0, 0},
        {"online-any", 87.4, 0, 0},
        {"online-booking", 73, 0, 0},
        {"online-payment", 51.7, 0, 0},
        {"online-reports", 56.4, 0, 0},
        {"tertiary-app", 11.79, 31, 263},
        {"tertiary-platform", 10.65, 28, 263},
        {"app-hole", 79.75, 63, 79},
        {"app-exploitable", 67.09, 53, 79},
        {"classified-protection", 36.16, 175, 484},
        {"network-antivirus", 71.07, 344, 484},
        {"desktop-management", 46.49, 225, 484},
        {"software-firewall", 38.22, 185, 484},
        {"image-recovery", 26.45, 128, 484},
        {"standalone-antivirus", 24.79, 120, 484},
        {"hot-standby", 72.31, 350, 484},
        {"cluster", 48.55, 235, 484},
        {"cold-standby", 26.45, 128, 484},
        {"disaster-recovery", 49.79, 241, 484},
        {"database-mirror", 49.17, 238, 484},
        {"cold-backup", 41.74, 202, 484},
        {"offline-storage", 40.91, 198, 484},
        {"off-site-mirror", 22.11, 107, 484},
        {"database-audit", 20.66, 100, 484},
        {"identity-authentication", 13.43, 65, 484},
        {"firewall", 82.02, 397, 484},
        {"isolated-networks", 54.55, 264, 484},
        {"backbone", 86.98, 421, 484},
    };
    struct baseline baseline;
    ward_load(&baseline, NULL);
    for (size_t i = 0; i < sizeof printed / sizeof printed[0]; i++) {
        const struct figure *one = ward_figure(&baseline, printed[i].id);
        assert_int_equal(one->kind, FIGURE_SHARE);
        if (fabs(one->value * 100 - printed[i].percent) > 0.005 + 1e-9)
            fail_msg("%s is %g in place of %g %%", one->id, one->value * 100, printed[i].percent);
        assert_int_equal(one->count, printed[i].count);
        assert_int_equal(one->of, printed[i].of);
        assert_int_equal(one->count_known, printed[i].of > 0);
    }
    baseline_deinit(&baseline);
}

static void test_other_figures(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        enum figure_kind kind;
        enum figure_bound bound;
        double value;
    } others[] = {
        {"hospitals", FIGURE_NUMBER, BOUND_EXACT, 956},
        {"platforms", FIGURE_NUMBER, BOUND_EXACT, 7},
        {"sites", FIGURE_NUMBER, BOUND_EXACT, 92},
        {"apps", FIGURE_NUMBER, BOUND_EXACT, 79},
        {"survey-returned", FIGURE_NUMBER, BOUND_EXACT, 535},
        {"survey-valid", FIGURE_NUMBER, BOUND_EXACT, 484},
        {"index-mean", FIGURE_MEAN, BOUND_EXACT, 759},
        {"index-best-provinces", FIGURE_MEAN, BOUND_ABOVE, 770},
        {"index-last-provinces", FIGURE_MEAN, BOUND_BELOW, 750},
    };
    struct baseline baseline;
    ward_load(&baseline, NULL);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct figure *one = ward_figure(&baseline, others[i].id);
        assert_int_equal(one->kind, others[i].kind);
        assert_int_equal(one->bound, others[i].bound);
        assert_true(one->value == others[i].value);
    }
    const double *bands = ward_figure(&baseline, "index-bands")->bands;
    assert_true(bands[BAND_EXCELLENT] == 0.22 && bands[BAND_GOOD] == 0.38 && bands[BAND_FAIR] == 0.39 &&
                bands[BAND_POOR] == 0.01);
    assert_int_equal(ward_figure(&baseline, "app-hole")->bound, BOUND_ABOUT);
    assert_int_equal(ward_figure(&baseline, "open-3306")->denominator, DENOMINATOR_UNKNOWN);
    assert_int_equal(ward_figure(&baseline, "open-remote-login")->denominator, DENOMINATOR_ORGANIZATION);
    assert_int_equal(ward_figure(&baseline, "unpatched")->denominator, DENOMINATOR_OTHER);
    assert_true(ports_contain(&ward_figure(&baseline, "open-3389")->ports, 3389, TRANSPORT_TCP));
    assert_string_equal(baseline.date, "2018-08");
    assert_true(baseline.vantage_known && baseline.vantage == VANTAGE_INTERNET);
    assert_string_equal(figure_population(ward_figure(&baseline, "open-3306"), &baseline)->zh,
                        "956 家三级甲等医院");
    assert_string_equal(figure_population(ward_figure(&baseline, "open-3306-nation"), &baseline)->zh,
                        "国内全网");
    assert_string_equal(baseline_built_in(0), "cn-2018-08");
    assert_null(baseline_built_in(1));
    baseline_deinit(&baseline);
}

/* Every figure has its words in both languages. */
static void test_languages(void **state)
{
    (void)state;
    struct baseline baseline;
    ward_load(&baseline, NULL);
    assert_true(baseline.population.zh && baseline.population.en && baseline.source.zh && baseline.source.en);
    for (size_t i = 0; i < baseline.figures_count; i++) {
        const struct figure *one = &baseline.figures[i];
        assert_true(one->name.zh && one->name.en);
        assert_true((one->population.zh == NULL) == (one->population.en == NULL));
        assert_true((one->note.zh == NULL) == (one->note.en == NULL));
    }
    baseline_deinit(&baseline);
}

static char *written(const struct baseline *baseline)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(baseline_write(baseline, stream), STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void test_written_and_read_again(void **state)
{
    (void)state;
    struct baseline baseline, again;
    struct complaints complaints;
    ward_load(&baseline, NULL);
    char *text = written(&baseline);
    complaints_init(&complaints, "again");
    assert_int_equal(baseline_parse(&again, text, strlen(text), &complaints), STATUS_OK);
    char *second = written(&again);
    assert_string_equal(text, second);
    complaints_deinit(&complaints);
    baseline_deinit(&baseline);
    baseline_deinit(&again);
    free(text);
    free(second);
}

#define HEAD                                                                                                 \
    "{\"auscult_baseline\": 1, \"name\": \"ours\", \"date\": \"2026\",\n"                                    \
    " \"population\": {\"en\": \"p\"}, \"source\": {\"en\": \"s\"},\n \"figures\": [\n"
#define FIGURE(rest) HEAD "{\"id\": \"a\", \"zh\": \"甲\", \"en\": \"a\", " rest "}]}"

/* Exactly one complaint, at the place that an @ marks, which is no part of the text. */
static void refuse(const char *marked, const char *says)
{
    struct baseline baseline;
    struct complaints complaints;
    size_t mark = strcspn(marked, "@");
    unsigned line = 1, column = 1;
    char *text = NULL;
    assert_true(asprintf(&text, "%.*s%s", (int)mark, marked, marked + mark + 1) > 0);
    for (size_t i = 0; i < mark; i++) {
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n';
    }
    complaints_init(&complaints, "ours.json");
    enum status status = baseline_parse(&baseline, text, strlen(text), &complaints);
    char *said = complaints_format(&complaints);
    if (status != STATUS_WRONG_FILE || complaints.count != 1 || complaints.items[0].line != line ||
        complaints.items[0].column != column || !strstr(complaints.items[0].text, says))
        fail_msg("%s\nis to be refused at %u:%u with \"%s\", but gives status %d and\n%s", text, line, column,
                 says, status, said);
    free(said);
    free(text);
    complaints_deinit(&complaints);
}

#define MARKED_FIGURE(rest) HEAD "@{\"id\": \"a\", \"zh\": \"甲\", \"en\": \"a\", " rest "}]}"
#define SET(layout, date)                                                                                    \
    "{\"auscult_baseline\": " layout ", \"name\": \"o\", \"date\": " date                                    \
    ", \"population\": {\"en\": \"p\"},"                                                                     \
    " \"source\": {\"en\": \"s\"}, \"figures\": [{\"id\": \"a\", \"zh\": \"a\", \"en\": \"a\", \"number\": " \
    "1}]}"

static void test_mistakes_of_the_head(void **state)
{
    (void)state;
    refuse(SET("1", "@\"2026-13\""), "no year, month or day");
    refuse(SET("1", "@\"2026-02-30\""), "no year, month or day");
    refuse(SET("1", "@2026"), "must be a string");
    refuse(SET("@2", "\"2026-12-31\""), "must be 1");
    refuse("{\"auscult_baseline\": 1, \"name\": \"o\", \"date\": \"2026\", \"population\": {\"en\": \"p\"},"
           " \"source\": {\"en\": \"s\"}, \"figures\": @[]}",
           "has 0 entries");
    refuse("{\"auscult_baseline\": 1, \"name\": \"o\", \"date\": \"2026\", \"vantage\": @\"moon\","
           " \"population\": {\"en\": \"p\"}, \"source\": {\"en\": \"s\"},"
           " \"figures\": [{\"id\": \"a\", \"zh\": \"a\", \"en\": \"a\", \"number\": 1}]}",
           "\"partner\"");
    refuse("@[]", "must be an object");
    refuse(FIGURE("\"number\": 1}, {\"id\": @\"a\", \"zh\": \"乙\", \"en\": \"b\", \"number\": 2"),
           "more than once");
}

static void test_mistakes_of_a_figure(void **state)
{
    (void)state;
    refuse(FIGURE("\"share\": 0.5, \"denominator\": @\"hosts\""), "must be one of \"address\"");
    refuse(MARKED_FIGURE("\"share\": 0.5"), "\"denominator\" is missing");
    refuse(MARKED_FIGURE("\"denominator\": \"host\""), "a figure has one value");
    refuse(MARKED_FIGURE("\"mean\": 5, \"number\": 6"), "a figure has one value");
    refuse(FIGURE("\"share\": @50, \"denominator\": \"host\""), "between 0 and 1");
    refuse(FIGURE("\"share\": 0.5, \"denominator\": \"host\", \"count\": @3"), "of how many");
    refuse(FIGURE("\"denominator\": \"host\", \"count\": @5, \"of\": 4"), "too many");
    refuse(FIGURE("\"share\": 0.5, \"denominator\": \"host\", \"count\": @3, \"of\": 4"), "0.7500");
    refuse(FIGURE("\"denominator\": \"host\", \"count\": 1, \"of\": @4.5"), "whole number");
    refuse(FIGURE("\"share\": 0.5, \"denominator\": \"host\", \"of\": @0"), "\"of\" is 0");
    refuse(FIGURE("\"share\": 0.5, \"denominator\": \"host\", \"ports\": @\"22,0\""), "character 4");
    refuse(FIGURE("\"mean\": 700, \"ports\": @\"22\""), "\"share\" only");
    refuse(FIGURE("\"mean\": 700, \"interval\": @[800, 600]"), "lower first");
    refuse(FIGURE("\"bands\": @{\"excellent\": 0.5, \"good\": 0.5, \"fair\": 0.5, \"poor\": 0}"),
           "come to 1.5");
    refuse(FIGURE("\"bands\": @{\"excellent\": 0.5, \"good\": 0.5, \"fair\": 0}"), "\"poor\" is missing");
    refuse(FIGURE("\"number\": 5, @\"worth\": 1"), "worth");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed_shares),
        cmocka_unit_test(test_other_figures),
        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_written_and_read_again),
        cmocka_unit_test(test_mistakes_of_the_head),
        cmocka_unit_test(test_mistakes_of_a_figure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
