#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "hospitals.h"

static char *golden(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/golden/%s", TEST_FOLDER, name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is not there", path);
    char *text = NULL;
    size_t size = 0;
    if (getdelim(&text, &size, 0, file) < 0)
        fail_msg("%s is empty", path);
    fclose(file);
    return text;
}

/* The first line that differs says more than two pages. */
static void compare(const char *name, char *written)
{
    char *expected = golden(name), *rest = expected, *lines = written;
    for (unsigned line = 1; rest || lines; line++) {
        const char *left = rest ? strsep(&rest, "\n") : "(end)";
        const char *right = lines ? strsep(&lines, "\n") : "(end)";
        if (strcmp(left, right) != 0)
            fail_msg("%s:%u\n  expected: %s\n  written:  %s", name, line, left, right);
    }
    free(expected);
    free(written);
}

/* To make them anew after a change that is meant: print hospitals_written into golden/, and read the
   difference. */
static void test_golden(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    compare("table.en.txt", hospitals_written(&hospitals, "table"));
    compare("report.json", hospitals_written(&hospitals, "json"));
    compare("report.jsonl", hospitals_written(&hospitals, "jsonl"));
    hospitals.report.language = LANGUAGE_ZH;
    compare("table.zh.txt", hospitals_written(&hospitals, "table"));
    hospitals_deinit(&hospitals);
}

static void test_forms(void **state)
{
    (void)state;
    static const char *const names[] = {"table", "json", "jsonl"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(report_form_named(names[i])->name, names[i]);
    assert_null(report_form_named("docx"));
    assert_null(report_form_named(""));
}

static const cJSON *get(const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!value)
        fail_msg("no %s", name);
    return value;
}

static void test_json_is_one_document(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    char *text = hospitals_written(&hospitals, "json");
    const char *end = NULL;
    cJSON *document = cJSON_ParseWithOpts(text, &end, 1);
    assert_non_null(document);
    const cJSON *organizations = get(document, "organizations");
    assert_int_equal(cJSON_GetArraySize(organizations), 3);
    const cJSON *first = cJSON_GetArrayItem(organizations, 0);
    assert_string_equal(get(first, "name")->valuestring, "示范第一人民医院");
    assert_int_equal(cJSON_GetArraySize(get(first, "findings")), 11);
    assert_int_equal(cJSON_GetArraySize(get(first, "observations")), 1);
    assert_int_equal(cJSON_GetArraySize(get(first, "occurrences")), 11);
    assert_true(cJSON_IsNull(get(cJSON_GetArrayItem(organizations, 2), "coverage")));
    /* Every item that was found is explained. */
    const cJSON *occurrence = NULL;
    cJSON_ArrayForEach(occurrence, get(first, "occurrences"))
        assert_true(cJSON_IsObject(get(get(document, "items"), get(occurrence, "item")->valuestring)));
    cJSON_Delete(document);
    free(text);
    hospitals_deinit(&hospitals);
}

/* Scored from records alone: no run, no store. */
static void test_without_a_run(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    hospitals.report.run = NULL;
    hospitals.report.evidence = NULL;
    hospitals.report.scope = NULL;
    hospitals.report.scope_reference = NULL;
    hospitals.report.assessed_by_findings_only = true;
    char *text = hospitals_written(&hospitals, "json");
    cJSON *document = cJSON_Parse(text);
    assert_true(cJSON_IsNull(get(document, "run")));
    cJSON_Delete(document);
    free(text);
    text = hospitals_written(&hospitals, "jsonl");
    assert_true(strstr(text, "{\"type\":\"assessed\"") == text);
    free(text);
    hospitals.report.width = 100;
    text = hospitals_written(&hospitals, "table");
    assert_non_null(strstr(text, "only dimensions with findings count"));
    assert_non_null(strstr(text, "SSH exposed (H03-2): 1\n"));
    free(text);
    hospitals_deinit(&hospitals);
}

static void test_nobody(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    hospitals.report.organizations_count = 0;
    for (size_t i = 0; report_forms[i]; i++)
        free(hospitals_written(&hospitals, report_forms[i]->name));
    char *text = hospitals_written(&hospitals, "json");
    cJSON *document = cJSON_Parse(text);
    assert_non_null(document);
    cJSON_Delete(document);
    free(text);
    hospitals_deinit(&hospitals);
}

/* A full disk is not silence. */
static void test_full_disk(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    for (size_t i = 0; report_forms[i]; i++) {
        FILE *full = fopen("/dev/full", "w");
        if (!full)
            skip();
        setvbuf(full, NULL, _IONBF, 0);
        assert_int_equal(report_forms[i]->write(&hospitals.report, full), STATUS_SYSTEM);
        fclose(full);
    }
    hospitals_deinit(&hospitals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_json_is_one_document),
        cmocka_unit_test(test_without_a_run),
        cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
