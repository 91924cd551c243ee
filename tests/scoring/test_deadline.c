#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/deadline.h"
#include "scoring/deadline_read.h"

#define MS_OF_DAY INT64_C(86400000)
#define JANUARY_5 (INT64_C(20458) * MS_OF_DAY + 3600000) /* 2026-01-05 01:00 UTC */

static void load(struct deadlines *deadlines)
{
    struct complaints complaints;
    complaints_init(&complaints, "built in");
    assert_int_equal(deadlines_load(deadlines, NULL, &complaints), STATUS_OK);
    assert_int_equal(complaints.count, 0);
    complaints_deinit(&complaints);
}

static void load_catalogue(struct catalogue *catalogue)
{
    struct complaints complaints;
    complaints_init(&complaints, "built in");
    assert_int_equal(catalogue_load(catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
}

/* Table 1 of the directive as CERT/CC publishes it (SSVC, cisa_bod_26_04 1.0.0): known exploited, exposed,
   automatable, total, days, examine. */
static void test_table_of_the_directive(void **state)
{
    static const struct {
        struct deadline_case of;
        int days;
        bool examine;
    } table[] = {
        {{0, 0, 0, 0}, 0, false},  {{1, 0, 0, 0}, 14, false}, {{0, 1, 0, 0}, 60, false},
        {{0, 0, 1, 0}, 60, false}, {{0, 0, 0, 1}, 0, false},  {{1, 1, 0, 0}, 14, false},
        {{1, 0, 1, 0}, 14, false}, {{0, 1, 1, 0}, 14, false}, {{1, 0, 0, 1}, 14, false},
        {{0, 1, 0, 1}, 14, false}, {{0, 0, 1, 1}, 60, false}, {{1, 1, 1, 0}, 3, false},
        {{1, 1, 0, 1}, 3, true},   {{1, 0, 1, 1}, 3, true},   {{0, 1, 1, 1}, 3, false},
        {{1, 1, 1, 1}, 3, true},
    };
    struct deadlines deadlines;
    (void)state;
    load(&deadlines);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct deadline_rule *rule = deadline_rule(&deadlines, table[i].of);
        assert_non_null(rule);
        assert_int_equal(rule->days, table[i].days);
        assert_int_equal(rule->examine, table[i].examine);
        assert_true(rule->words.zh && rule->words.en);
    }
    assert_non_null(strstr(deadlines.source.en, "26-04"));
    deadlines_deinit(&deadlines);
}

/* Whatever the built-in file names is an item of ours, and each has a reason in both languages. */
static void test_items_are_ours(void **state)
{
    struct deadlines deadlines;
    struct catalogue catalogue;
    (void)state;
    load(&deadlines);
    load_catalogue(&catalogue);
    assert_true(deadlines.items_count > 40);
    for (size_t i = 0; i < deadlines.items_count; i++) {
        assert_int_not_equal(catalogue_item(&catalogue, deadlines.items[i].id), SIZE_MAX);
        assert_true(deadlines.items[i].reason.zh && deadlines.items[i].reason.en);
    }
    catalogue_deinit(&catalogue);
    deadlines_deinit(&deadlines);
}

static struct deadline ask(const struct deadlines *deadlines, const struct catalogue *catalogue,
                           const char *item, double exposure, int64_t first_ms, int today)
{
    size_t place = catalogue_item(catalogue, item);
    const struct finding finding = {.exposure = (double)NAN};
    assert_int_not_equal(place, SIZE_MAX);
    return deadline_of(deadlines, catalogue, place, &finding, exposure, first_ms, today);
}

static void test_due_and_overdue(void **state)
{
    struct deadlines deadlines;
    struct catalogue catalogue;
    (void)state;
    load(&deadlines);
    load_catalogue(&catalogue);
    struct deadline open = ask(&deadlines, &catalogue, "H06-1", 1, JANUARY_5, 20260108);
    assert_int_equal(open.days, 3);
    assert_true(open.examine);
    assert_int_equal(open.due_day, 20260108);
    assert_false(open.overdue);
    assert_true(open.reason_en[0] && open.reason_zh[0] && open.rule_en[0] && open.rule_zh[0]);
    assert_true(ask(&deadlines, &catalogue, "H06-1", 1, JANUARY_5, 20260109).overdue);
    /* Seen from inside it is not exposed, and still exploited, automatable and total. */
    assert_int_equal(ask(&deadlines, &catalogue, "H06-1", 0.3, JANUARY_5, 20260109).days, 3);
    assert_int_equal(ask(&deadlines, &catalogue, "H03-1", 1, JANUARY_5, 20260301).days, 14);
    assert_int_equal(ask(&deadlines, &catalogue, "H03-1", 0.3, JANUARY_5, 20260301).days, 60);
    assert_int_equal(ask(&deadlines, &catalogue, "H03-1", 1, JANUARY_5, 20260301).due_day, 20260119);
    /* SSH is not in the file: neither exploited nor automatable, partial. */
    struct deadline ssh = ask(&deadlines, &catalogue, "H03-2", 1, JANUARY_5, 20260301);
    assert_int_equal(ssh.days, 60);
    assert_int_equal(ssh.due_day, 20260306);
    assert_string_equal(ssh.reason_en, "");
    struct deadline inside = ask(&deadlines, &catalogue, "H03-2", 0.3, JANUARY_5, 20300101);
    assert_int_equal(inside.days, 0);
    assert_int_equal(inside.due_day, 0);
    assert_false(inside.overdue);
    /* Not known since when: days, and no date. */
    assert_int_equal(ask(&deadlines, &catalogue, "H06-1", 1, 0, 20300101).due_day, 0);
    assert_false(ask(&deadlines, &catalogue, "H06-1", 1, 0, 20300101).overdue);
    /* A sign that a host was taken has days of its own, wherever it was seen from. */
    assert_int_equal(ask(&deadlines, &catalogue, "H10-1", 0.3, JANUARY_5, 20260301).days, 3);
    assert_true(ask(&deadlines, &catalogue, "H10-1", 0.3, JANUARY_5, 20260301).overdue);
    catalogue_deinit(&catalogue);
    deadlines_deinit(&deadlines);
}

/* The finding's own exposure goes before that of the scan. */
static void test_exposure_of_the_finding(void **state)
{
    struct deadlines deadlines;
    struct catalogue catalogue;
    const struct finding inside = {.exposure = 0.3};
    (void)state;
    load(&deadlines);
    load_catalogue(&catalogue);
    size_t item = catalogue_item(&catalogue, "H03-1");
    assert_int_equal(deadline_of(&deadlines, &catalogue, item, &inside, 1, JANUARY_5, 20260106).days, 60);
    assert_int_equal(deadline_of(&deadlines, &catalogue, item, NULL, 1, JANUARY_5, 20260106).days, 14);
    catalogue_deinit(&catalogue);
    deadlines_deinit(&deadlines);
}

static void refuse(const char *text, unsigned line, unsigned column, const char *part)
{
    struct deadlines deadlines;
    struct complaints complaints;
    complaints_init(&complaints, "d.json");
    assert_int_equal(deadlines_parse(&deadlines, text, strlen(text), &complaints), STATUS_WRONG_FILE);
    assert_true(complaints.count > 0);
    char *said = complaints_format(&complaints);
    if (complaints.items[0].line != line || complaints.items[0].column != column || !strstr(said, part))
        fail_msg("wanted %u:%u '%s', got\n%s", line, column, part, said);
    free(said);
    complaints_deinit(&complaints);
    assert_null(deadlines.rules);
}

#define HEAD "{\"auscult_deadlines\": 1, \"name\": \"x\", \"source\": {\"en\": \"x\"},\n"

static void test_mistakes(void **state)
{
    (void)state;
    refuse(HEAD "\"rules\": [{\"days\": 3.5}], \"items\": []}", 2, 20, "whole number from 1 to 3650");
    refuse(HEAD "\"rules\": [{\"days\": \"soon\"}], \"items\": []}", 2, 20, "\"upgrade\"");
    refuse(HEAD "\"rules\": [{\"exposed\": 1, \"days\": 3}], \"items\": []}", 2, 23, "true or false");
    refuse(HEAD "\"rules\": [{\"exposed\": true, \"days\": 3}],\n\"items\": []}", 2, 10,
           "no rule fits what is not known to be exploited, not exposed");
    refuse(HEAD "\"rules\": [{\"days\": 3}],\n\"items\": [{\"id\": \"A\", \"reason\": {\"en\": \"x\"}},\n"
                "{\"id\": \"A\"}]}",
           4, 8, "more than once");
    refuse(HEAD "\"rules\": [{\"days\": 3}],\n\"items\": [{\"id\": \"A\"}]}", 3, 11, "\"reason\" is missing");
    refuse(HEAD "\"rules\": [{\"days\": 3}],\n"
                "\"items\": [{\"id\": \"A\", \"examine\": true, \"reason\": {\"en\": \"x\"}}]}",
           3, 23, "goes with its own \"days\"");
    refuse(HEAD "\"rules\": [{\"day\": 3, \"days\": 3}], \"items\": []}", 2, 12, "day");
    refuse("[]", 1, 1, "object");
    refuse("{\"auscult_deadlines\": 2}", 1, 1, "must be 1");
}

static void test_own_file(void **state)
{
    static const char text[] = HEAD "\"exposed_from\": 0.5, \"total_from\": 4,\n"
                                    "\"rules\": [{\"exposed\": true, \"impact\": \"total\", \"days\": 7},"
                                    "{\"days\": \"upgrade\"}], \"items\": []}";
    struct deadlines deadlines;
    struct catalogue catalogue;
    struct complaints complaints;
    (void)state;
    complaints_init(&complaints, "d.json");
    assert_int_equal(deadlines_parse(&deadlines, text, sizeof text - 1, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
    load_catalogue(&catalogue);
    assert_int_equal(ask(&deadlines, &catalogue, "H03-1", 0.6, JANUARY_5, 20260106).days, 7);
    assert_int_equal(ask(&deadlines, &catalogue, "H03-1", 0.3, JANUARY_5, 20260106).days, 0);
    assert_int_equal(ask(&deadlines, &catalogue, "H03-2", 1, JANUARY_5, 20260106).days, 0);
    catalogue_deinit(&catalogue);
    deadlines_deinit(&deadlines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_of_the_directive),
        cmocka_unit_test(test_items_are_ours),
        cmocka_unit_test(test_due_and_overdue),
        cmocka_unit_test(test_exposure_of_the_finding),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_own_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
