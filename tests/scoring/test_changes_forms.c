#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "scoring/deadline.h"
#include "scoring/report/changes_forms.h"
#include "scoring/report/changes_records.h"
#include "scoring/report/columns.h"
#include "twice.h"

/* Two scans between which there is a change of each kind, and the report of them. */
struct scene {
    struct rounds rounds;
    struct store_run before, after;
    struct changes changes;
    struct deadlines deadlines;
    struct report report;
};

static const char scope[] =
    "{ \"auscult\": 1, \"authorization\": { \"reference\": \"R\", \"authorized_by\": \"A\", \"contact\": "
    "\"C\","
    " \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" },"
    " \"organizations\": [{ \"id\": \"h001\", \"name\": \"第一医院\", \"ranges\": [\"192.0.2.0/28\"],"
    " \"assets\": [{ \"range\": \"192.0.2.2\", \"value\": 5, \"name\": \"HIS\" }] },"
    " { \"id\": \"h002\", \"name\": \"Second\", \"ranges\": [\"192.0.2.16/28\"] }],"
    " \"accepted\": [{ \"item\": \"H03-2\", \"where\": \"192.0.2.9\", \"reason\": \"vendor\", \"by\": \"Dr. "
    "A\","
    " \"from\": \"2026-01-01\", \"until\": \"2026-01-08\" }],"
    " \"false_positives\": [{ \"item\": \"H04-1\", \"where\": \"192.0.2.8\", \"reason\": \"a honeypot\","
    " \"by\": \"Dr. B\", \"from\": \"2026-01-01\" }] }";

#define HOSTILE_VERSION "5.6\x1b[31m\xe2\x80\xae<script>=cmd()\xff"

static const struct round_endpoint first[] = {
    {NULL, 2, 3306, "mysql", "MySQL", "5.7.44"}, {NULL, 3, 6379, "redis", "Redis", "7.2.4"},
    {NULL, 4, 3306, "mysql", "MySQL", "8.4.6"},  {NULL, 8, 3306, "mysql", "MySQL", "8.4.6"},
    {NULL, 9, 22, "ssh", "OpenSSH", "9.9"},      {NULL, 10, 3306, "mysql", "MySQL", "8.4.6"},
    {"h002", 18, 22, "ssh", "OpenSSH", "9.9"}};
static const struct round_endpoint second[] = {{NULL, 2, 3306, "mysql", "MySQL", HOSTILE_VERSION},
                                               {NULL, 3, 0, NULL, NULL, NULL},
                                               {NULL, 8, 3306, "mysql", "MySQL", "8.4.6"},
                                               {NULL, 9, 22, "ssh", "OpenSSH", "9.9"},
                                               {NULL, 10, 3306, "unknown", "", ""},
                                               {NULL, 5, 3306, "mysql", "MySQL", "8.4.6"},
                                               {"h002", 18, 22, "ssh", "OpenSSH", "9.9"}};

static int setup(void **state)
{
    struct scene *scene = *state = calloc(1, sizeof *scene);
    struct complaints complaints;
    assert_non_null(scene);
    rounds_begin(&scene->rounds, scope);
    scene->before = rounds_scan(&scene->rounds, &(struct round){.day = 0, ENDPOINTS(first)});
    scene->after = rounds_scan(&scene->rounds, &(struct round){.day = 20, ENDPOINTS(second)});
    rounds_compare(&scene->rounds, &scene->before, &scene->after, 0, &scene->changes);
    complaints_init(&complaints, "deadlines");
    assert_int_equal(deadlines_load(&scene->deadlines, NULL, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
    scene->report = (struct report){.catalogue = &scene->rounds.catalogue,
                                    .run = &scene->after,
                                    .scope = &scene->rounds.scope,
                                    .today = 20260121,
                                    .language = LANGUAGE_EN,
                                    .complete = true,
                                    .changes = &scene->changes,
                                    .deadlines = &scene->deadlines,
                                    .width = 80};
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    deadlines_deinit(&scene->deadlines);
    changes_deinit(&scene->changes);
    store_run_deinit(&scene->before);
    store_run_deinit(&scene->after);
    rounds_end(&scene->rounds);
    free(scene);
    return 0;
}

static char *written(const struct scene *scene, const struct report_form *form)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(form->write(&scene->report, stream), STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in\n%s", part, text);
}

static void is_harmless(const char *text)
{
    assert_null(strchr(text, 0x1b));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_null(strchr(text, 0xff));
}

static void test_table(void **state)
{
    struct scene *scene = *state;
    scene->report.width = 100;
    char *text = written(scene, &changes_table);
    const char *const parts[] = {
        "From       2026-01-01 01:00",
        "To         2026-01-21 01:00",
        "第一医院 (h001)",
        "new: 1",
        "MySQL/MariaDB exposed (H04-1)",
        "192.0.2.5; to be mended by 2026-02-04",
        "acceptance lapsed: 1",
        "192.0.2.9: vendor (Dr. A); since 2026-01-01; to be mended by 2026-03-02",
        "mended: ",
        "192.0.2.3: the host answers, the port is open no longer",
        "host gone: 1",
        "192.0.2.4: its host answers nothing any more",
        "not checked this time: ",
        "192.0.2.10: something answers, and it could not be determined",
        "false positive: 1",
        "192.0.2.8: a honeypot (Dr. B)",
        "another version",
        "host down",
        "192.0.2.4",
        "Nothing changed.",
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        holds(text, parts[i]);
    is_harmless(text);
    free(text);
    assert_null(strstr(text = written(scene, &changes_table), "were heard"));
    free(text);
    scene->changes.recall = 0.9;
    holds(text = written(scene, &changes_table), "90.0 % were heard");
    free(text);
    scene->report.language = LANGUAGE_ZH;
    text = written(scene, &changes_table);
    holds(text, "两次扫描之间的变化");
    holds(text, "新出现：1 处");
    holds(text, "主机有应答，端口已不开放");
    holds(text, "应在 2026-02-04 前处理");
    holds(text, "没有变化。");
    is_harmless(text);
    free(text);
}

static void test_width(void **state)
{
    struct scene *scene = *state;
    for (unsigned width = 60; width <= 110; width += 10)
        for (int language = 0; language < 2; language++) {
            scene->report.width = width;
            scene->report.language = (enum language)language;
            char *text = written(scene, &changes_table), *rest = text;
            for (char *line; (line = strsep(&rest, "\n"));)
                if (columns_of(line) > width)
                    fail_msg("%zu columns of %u: %s", columns_of(line), width, line);
            free(text);
        }
}

static const char *member(const cJSON *record, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, name));
    return text ? text : "";
}

static void check_change(const cJSON *record)
{
    const cJSON *moved = cJSON_GetObjectItemCaseSensitive(record, "moved");
    const char *kind = member(record, "change");
    assert_true(cJSON_IsNumber(moved) && member(record, "first")[0] && member(record, "item")[0]);
    if (strcmp(kind, "new") == 0) {
        assert_true(moved->valuedouble < 0);
        assert_string_equal(member(record, "due"), "2026-02-04");
        assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(record, "overdue")));
    }
    if (strcmp(kind, "false") == 0) {
        assert_string_equal(member(record, "reason"), "a honeypot");
        assert_string_equal(member(record, "by"), "Dr. B");
    }
    bool to_mend = strcmp(kind, "new") == 0 || strcmp(kind, "open") == 0 || strcmp(kind, "lapsed") == 0;
    assert_int_equal(cJSON_HasObjectItem(record, "days"), to_mend);
    if (strcmp(kind, "mended") == 0 || strcmp(kind, "gone") == 0 || strcmp(kind, "unchecked") == 0)
        assert_true(member(record, "why")[0]);
}

static void test_lines(void **state)
{
    struct scene *scene = *state;
    char *text = written(scene, &changes_jsonl), *rest = text;
    size_t counts[4] = {0};
    static const char *const types[] = {"changes", "index_change", "change", "endpoint_change"};
    is_harmless(text);
    for (char *line; (line = strsep(&rest, "\n")) && *line;) {
        cJSON *record = cJSON_Parse(line);
        assert_non_null(record);
        for (size_t i = 0; i < 4; i++)
            counts[i] += strcmp(types[i], member(record, "type")) == 0;
        if (strcmp(member(record, "type"), "change") == 0)
            check_change(record);
        cJSON_Delete(record);
    }
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 2);
    assert_int_equal(counts[2], scene->changes.count);
    assert_int_equal(counts[3], scene->changes.endpoints_count);
    free(text);
}

static void test_document(void **state)
{
    struct scene *scene = *state;
    char *text = written(scene, &changes_json);
    cJSON *document = cJSON_Parse(text), *changes = cJSON_GetObjectItemCaseSensitive(document, "changes");
    assert_non_null(document);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(changes, "changes")),
                     scene->changes.count);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(changes, "endpoints")),
                     scene->changes.endpoints_count);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(changes, "organizations")), 2);
    cJSON_Delete(document);
    is_harmless(text);
    free(text);
}

/* Each change is found again by its item and place, and nothing else is. */
static void test_found_again(void **state)
{
    struct scene *scene = *state;
    const struct changes *changes = &scene->changes;
    assert_true(changes->count > 8);
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        assert_ptr_equal(changes_find(changes, change->organization, change->item, change->finding), change);
        assert_int_equal(report_first_ms(&scene->report, change->organization, change->item, change->finding),
                         change->first_ms);
        struct finding elsewhere = *change->finding;
        elsewhere.address.low += 200;
        assert_null(changes_find(changes, change->organization, change->item, &elsewhere));
    }
    assert_null(changes_find(changes, "nobody", changes->items[0].item, changes->items[0].finding));
}

/* What is overdue is so from the day it was first seen. */
static void test_overdue(void **state)
{
    struct scene *scene = *state;
    const struct change *open = rounds_change(&scene->rounds, &scene->changes, "H04-1", 2);
    struct deadline deadline = report_deadline(&scene->report, "h001", open->item, open->finding);
    assert_int_equal(open->kind, CHANGE_OPEN);
    assert_int_equal(deadline.due_day, 20260115);
    assert_true(deadline.overdue);
    char *text = written(scene, &changes_table);
    holds(text, "beyond the day by which they were to be");
    free(text);
    scene->report.deadlines = NULL;
    assert_int_equal(report_deadline(&scene->report, "h001", open->item, open->finding).days, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_table, setup, teardown),
        cmocka_unit_test_setup_teardown(test_width, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_document, setup, teardown),
        cmocka_unit_test_setup_teardown(test_found_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_overdue, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
