#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/report/cohort_forms.h"
#include "ward.h"

#define CATALOGUE "cn-medical-2018+auscult-2026"

static const struct ward_organization first[] = {
    {.id = "h1", .province = "湖北", .addresses = 4, .index = 640},
    {.id = "h2", .province = "湖北", .addresses = 4, .index = 812.5},
    {.id = "h3", .province = "湖南", .addresses = 4, .index = (double)NAN},
    {.id = "h4", .province = "a\x1b[31m\xe2\x80\xae", .addresses = 4, .index = 899.5},
};
static const struct ward_organization second[] = {
    {.id = "h2", .province = "湖南", .addresses = 4, .index = 700},
    {.id = "h5", .province = "湖南", .addresses = 4, .index = 455},
};

/* Two scans: what the second asked of again counts from there. */
static struct store *two_scans(const char *vantage, const char *catalogue, uint32_t shards)
{
    struct store *store = ward_open();
    struct store_run one = ward_run(store, first, 4);
    struct store_run two = ward_run_as(store, second, 2, vantage, catalogue, shards);
    store_run_deinit(&one);
    store_run_deinit(&two);
    return store;
}

static void assert_row(const struct roster *roster, size_t at, const char *id, const char *province,
                       int index)
{
    assert_string_equal(roster->rows[at].organization.id, id);
    assert_string_equal(organization_tag(&roster->rows[at].organization, "province"), province);
    assert_int_equal(roster->rows[at].scorecard.index, index);
}

static void test_newest(void **state)
{
    (void)state;
    struct store *store = two_scans("internet", CATALOGUE, 1);
    struct roster roster;
    const struct roster_options options = {0};
    assert_int_equal(roster_make(store, &options, &roster), STATUS_OK);
    assert_int_equal(roster.count, 5);
    assert_int_equal(roster.with_index, 4);
    assert_row(&roster, 0, "h1", "湖北", 640);
    assert_row(&roster, 1, "h2", "湖南", 700);
    assert_row(&roster, 4, "h5", "湖南", 455);
    assert_true(strcmp(roster.rows[0].run, roster.rows[1].run) != 0);
    assert_int_equal(roster.bases_count, 1);
    assert_int_equal(roster.bases[0].organizations, 4);
    struct cohort_member *members;
    size_t count;
    assert_int_equal(roster_members(&roster, &members, &count), STATUS_OK);
    assert_int_equal(count, 4);
    assert_int_equal(members[2].row, 3);
    assert_int_equal(members[2].band, BAND_EXCELLENT); /* 899.5 */
    free(members);
    roster_deinit(&roster);
    store_close(&store);
}

/* What was made otherwise is named, the most frequent first, ties by their names. */
static void test_bases(void **state)
{
    (void)state;
    struct store *store = two_scans("internal", "other", 3);
    struct roster roster;
    struct roster_options options = {0};
    assert_int_equal(roster_make(store, &options, &roster), STATUS_OK);
    assert_int_equal(roster.bases_count, 2);
    assert_int_equal(roster.bases[0].organizations, 2);
    assert_string_equal(roster.bases[0].catalogue, CATALOGUE);
    assert_string_equal(roster.bases[1].catalogue, "other");
    assert_string_equal(roster.bases[1].vantage, "internal");
    assert_int_equal(roster.bases[1].shards, 3);
    roster_deinit(&roster);
    options.vantage = "internet";
    assert_int_equal(roster_make(store, &options, &roster), STATUS_OK);
    assert_int_equal(roster.bases_count, 1);
    assert_row(&roster, 1, "h2", "湖北", 813);
    roster_deinit(&roster);
    options.vantage = "partner";
    assert_int_equal(roster_make(store, &options, &roster), STATUS_OK);
    assert_int_equal(roster.count, 0);
    roster_deinit(&roster);
    store_close(&store);
}

static void test_scope(void **state)
{
    (void)state;
    static const char text[] =
        "{\"auscult\":1,\"authorization\":{\"reference\":\"r\",\"authorized_by\":\"a\",\"contact\":\"b\","
        "\"valid_from\":\"2026-01-01\",\"valid_until\":\"2026-12-31\"},\"organizations\":["
        "{\"id\":\"h2\",\"name\":\"Renamed\",\"province\":\"Hubei\",\"informatization\":4,\"ranges\":[\"192."
        "0.2.1\"]}]}";
    struct store *store = two_scans("internet", CATALOGUE, 1);
    struct scope scope;
    struct complaints complaints;
    struct roster roster;
    complaints_init(&complaints, "scope");
    assert_int_equal(scope_parse(&scope, text, sizeof text - 1, &complaints), STATUS_OK);
    const struct roster_options options = {.scope = &scope};
    assert_int_equal(roster_make(store, &options, &roster), STATUS_OK);
    assert_int_equal(roster.count, 1);
    assert_int_equal(roster.left_out, 4);
    assert_row(&roster, 0, "h2", "Hubei", 700);
    assert_string_equal(roster.rows[0].organization.name, "Renamed");
    assert_true(roster.rows[0].organization.informatization == 4);
    roster_deinit(&roster);
    scope_deinit(&scope);
    complaints_deinit(&complaints);
    store_close(&store);
}

/* A calibration reads the raw scores that its catalogue made, and no others. */
static void test_calibrated(void **state)
{
    (void)state;
    char name[] = CATALOGUE "+fit";
    double knots[][2] = {{0, 0}, {640, 500}, {1000, 1000}};
    const struct catalogue catalogue = {.name = name,
                                        .g = {.kind = G_QUANTILE, .knots = knots, .knots_count = 3}};
    const struct roster_options options = {.catalogue = &catalogue};
    struct roster roster;
    struct store *store = two_scans("internet", CATALOGUE, 1);
    assert_int_equal(roster_make(store, &options, &roster), STATUS_OK);
    assert_row(&roster, 0, "h1", "湖北", 500);
    assert_int_equal(roster.rows[2].scorecard.assessed, false);
    roster_deinit(&roster);
    store_close(&store);
    store = two_scans("internet", "other", 1);
    assert_int_equal(roster_make(store, &options, &roster), STATUS_MISMATCH);
    assert_int_equal(roster.bases_count, 2);
    roster_deinit(&roster);
    store_close(&store);
}

/* --- the forms --- */

static char *written(struct store *store, const char *key, enum language language,
                     const struct report_form *form)
{
    struct roster roster;
    struct cohorts cohorts;
    struct cohort_member *members;
    size_t count, size = 0;
    char *text = NULL;
    const struct roster_options options = {0};
    assert_int_equal(roster_make(store, &options, &roster), STATUS_OK);
    assert_int_equal(roster_members(&roster, &members, &count), STATUS_OK);
    assert_int_equal(cohorts_make(members, count, NULL, &cohorts), STATUS_OK);
    const struct cohort_view view = {&roster, &cohorts, key, NULL};
    const struct report report = {.language = language, .width = 80, .cohorts = &view};
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(form->write(&report, stream), STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    free(members);
    cohorts_deinit(&cohorts);
    roster_deinit(&roster);
    return text;
}

static void assert_says(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (!strstr(text, *words))
            fail_msg("\"%s\" is not in\n%s", *words, text);
}

static void test_table(void **state)
{
    (void)state;
    static const char *const en[] = {
        "5, of which 4 have an index",
        CATALOGUE ", seen from the internet: 4",
        "Mean index     674 (95 %",
        "excellent 1 (25.0 %), good 1 (25.0 %), fair 1 (25.0 %), poor 1",
        "Province",
        "    2      1-3      1   640          -     0     0   100     0      0  湖北",
        "    3      1-3      2   578     0-1000     0    50     0    50      0  湖南",
        " rank  index  band      scanned     organization",
        "    1    700  good      2025-11-24  h2",
        NULL};
    static const char *const zh[] = {
        "5 家，其中 4 家有指数", "从互联网一侧：4 家", "省份", "也可能", "良好", NULL};
    static const char *const mixed[] = {"not made alike", "seen from inside, shard 1 of 3 only: 2", NULL};
    struct store *store = two_scans("internet", CATALOGUE, 1);
    char *text = written(store, "province", LANGUAGE_EN, &cohort_table);
    assert_says(text, en);
    assert_null(strstr(text, "\x1b"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_null(strstr(text, "not made alike"));
    free(text);
    text = written(store, COHORT_ALL, LANGUAGE_ZH, &cohort_table);
    assert_says(text, zh);
    free(text);
    store_close(&store);
    store = two_scans("internal", "other", 3);
    text = written(store, NULL, LANGUAGE_EN, &cohort_table);
    assert_says(text, mixed);
    assert_null(strstr(text, "scanned     organization"));
    free(text);
    store_close(&store);
}

static void count_types(const cJSON *record, size_t counts[3])
{
    static const char *const types[] = {"basis", "cohort", "rank"};
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "type"));
    assert_non_null(type);
    for (size_t i = 0; i < 3; i++)
        counts[i] += strcmp(type, types[i]) == 0;
}

/* The whole, three provinces; each of four organizations in both. */
static void test_records(void **state)
{
    (void)state;
    struct store *store = two_scans("internet", CATALOGUE, 1);
    char *text = written(store, NULL, LANGUAGE_EN, &cohort_jsonl), *rest = text;
    size_t lines[3] = {0}, entries[3] = {0};
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        cJSON *record = cJSON_Parse(line);
        assert_non_null(record);
        count_types(record, lines);
        cJSON_Delete(record);
    }
    free(text);
    assert_true(lines[0] == 1 && lines[1] == 4 && lines[2] == 8);
    text = written(store, NULL, LANGUAGE_EN, &cohort_json);
    cJSON *document = cJSON_Parse(text);
    assert_non_null(document);
    assert_true(cJSON_GetObjectItemCaseSensitive(document, "auscult_cohort")->valuedouble == 1);
    assert_true(cJSON_GetObjectItemCaseSensitive(document, "without_index")->valuedouble == 1);
    const cJSON *record;
    cJSON_ArrayForEach(record, cJSON_GetObjectItemCaseSensitive(document, "records"))
        count_types(record, entries);
    assert_memory_equal(lines, entries, sizeof lines);
    cJSON_Delete(document);
    free(text);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newest),     cmocka_unit_test(test_bases), cmocka_unit_test(test_scope),
        cmocka_unit_test(test_calibrated), cmocka_unit_test(test_table), cmocka_unit_test(test_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
