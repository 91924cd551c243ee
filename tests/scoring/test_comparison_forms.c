#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/report/comparison_forms.h"
#include "ward.h"

/* model.md §6 again: 3 of 40 hosts of 60 that answer of 256 addresses; 3389 asked at all but one of them; the
   other organization has nothing. */
static const struct ward_organization two[] = {
    {.id = "h1",
     .province = "P",
     .addresses = 256,
     .answered = 60,
     .hosts = 40,
     .open = {{3306, 3}},
     .asked = {3389},
     .partly = 3389,
     .index = 612},
    {.id = "h2", .province = "P", .addresses = 16, .answered = 2, .hosts = 1, .asked = {3306}, .index = 1000},
};

/* Caller frees. */
static char *written(const struct ward_scene *scene, const char *form, enum language language)
{
    const struct report report = {
        .catalogue = &scene->catalogue, .language = language, .width = 80, .comparison = &scene->comparison};
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    for (size_t i = 0; comparison_forms[i]; i++)
        if (strcmp(comparison_forms[i]->name, form) == 0)
            assert_int_equal(comparison_forms[i]->write(&report, stream), STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    return text;
}

/* Lines are broken where they must; the words come one after the other all the same. */
static void assert_says(const char *text, const char *words)
{
    char *flat = strdup(text);
    size_t at = 0;
    bool zh = strstr(text, "区间") != NULL;
    for (size_t i = 0; text[i]; i++)
        if (text[i] == ' ' || text[i] == '\n') {
            if (!zh && at && flat[at - 1] != ' ')
                flat[at++] = ' ';
        } else {
            flat[at++] = text[i];
        }
    flat[at] = 0;
    if (!strstr(flat, words))
        fail_msg("it does not say \"%s\", but: %s", words, flat);
    free(flat);
}

static void test_table(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, two, 2, NULL);
    ward_compare(&scene);
    char *text = written(&scene, "table", LANGUAGE_EN);
    static const char *const says[] = {
        "all, organizations: 2",
        "authorized addresses: 272",
        "that answered at all: 62",
        "hosts with an open port: 41",
        "Denominator of the baseline unknown",
        "3 7.32 (2.52-19.4) 4.84 (1.66-13.3) 1.10 (0.38-3.19) 3306 MySQL 1/2",
        "0/1 *",
        "Not asked: 445 SMB",
        "here 3 of 41 hosts with an open port, 7.32 % (2.52 to 19.4); baseline 1.38 %",
        "denominator of the baseline unknown; lift 5.3 (1.11 to 14.4)",
        "(more exposed, one-sided)",
        "after Holm over 4",
        "none at all would exclude the baseline only from 296 on",
        "not all of these ports were asked everywhere",
        "The index was not calibrated on the baseline's population (956 tertiary grade-A hospitals)",
        "mean index: here 806",
        "fewer than 20 are too few",
    };
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++)
        assert_says(text, says[i]);
    free(text);
    ward_end(&scene);
}

static void test_table_in_chinese(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, two, 1, NULL);
    ward_compare(&scene);
    char *text = written(&scene, "table", LANGUAGE_ZH);
    static const char *const says[] = {
        "与基线cn-2018-08比较",
        "授权地址256个",
        "有应答的60个",
        "有开放端口的主机40台",
        "基线的分母未知",
        "3306端口开放（国内全网）：本处3/40有开放端口的主机",
        "7.50%（2.58到19.9）；基线1.38%，分母未知；倍数5.4",
        "无法区分",
        "没有探测",
        "指数没有按基线的总体（956家三级甲等医院）校准",
        "指数：本处612；基线平均759",
    };
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++)
        assert_says(text, says[i]);
    free(text);
    ward_end(&scene);
}

static const cJSON *find(const cJSON *records, const char *member, const char *value)
{
    const cJSON *record = NULL;
    cJSON_ArrayForEach(record, records)
    {
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, member));
        if (text && strcmp(text, value) == 0)
            return record;
    }
    fail_msg("no record whose %s is %s", member, value);
    return NULL;
}

static double number(const cJSON *object, const char *member)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, member);
    if (!cJSON_IsNumber(value))
        fail_msg("%s is no number", member);
    return value->valuedouble;
}

static const char *text_of(const cJSON *object, const char *member)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
    if (!text)
        fail_msg("%s is no text", member);
    return text;
}

static void check_records(const cJSON *records)
{
    const cJSON *subject = find(records, "type", "subject");
    assert_true(number(subject, "addresses") == 272 && number(subject, "answered") == 62 &&
                number(subject, "hosts") == 41);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(subject, "calibrated")));
    const cJSON *exposure = cJSON_GetObjectItemCaseSensitive(find(records, "id", "open-3306"), "of");
    static const char *const kinds[] = {"address", "answered", "host", "organization"};
    static const double of[] = {272, 62, 41, 2};
    for (size_t i = 0; i < 4; i++) {
        const cJSON *one = cJSON_GetObjectItemCaseSensitive(exposure, kinds[i]);
        assert_true(number(one, "of") == of[i]);
        assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(one, "interval")),
                         of[i] < COMPARISON_COUNTS ? 0 : 2);
    }
    const cJSON *nation = find(records, "figure", "open-3306-nation");
    assert_string_equal(text_of(nation, "denominator"), "host");
    assert_string_equal(text_of(nation, "baseline_denominator"), "unknown");
    assert_string_equal(text_of(nation, "word"), "not distinguishable");
    assert_true(fabs(number(nation, "share") - 3 / 41.0) < 1e-15 && number(nation, "holm") == 4);
    assert_true(fabs(number(nation, "p_holm") - 4 * number(nation, "p_two_sided")) < 1e-15);
    assert_string_equal(text_of(find(records, "id", "open-3389"), "asked"), "partly");
    assert_string_equal(text_of(find(records, "id", "open-445"), "asked"), "nowhere");
    const cJSON *mean = find(records, "type", "comparison_mean");
    assert_true(number(mean, "mean") == 806 && number(mean, "baseline") == 759);
    assert_string_equal(text_of(find(records, "band", "excellent"), "why"), "fewer than 20 are too few");
}

/* Both forms hold the same records. */
static void test_json(void **state)
{
    (void)state;
    struct ward_scene scene;
    ward_begin(&scene, two, 2, NULL);
    ward_compare(&scene);
    char *document = written(&scene, "json", LANGUAGE_EN), *lines = written(&scene, "jsonl", LANGUAGE_EN);
    cJSON *whole = cJSON_Parse(document), *list = cJSON_CreateArray();
    assert_non_null(whole);
    assert_true(number(whole, "auscult_comparison") == 1);
    for (char *rest = lines, *line; (line = strsep(&rest, "\n"));)
        if (*line)
            cJSON_AddItemToArray(list, cJSON_Parse(line));
    const cJSON *records = cJSON_GetObjectItemCaseSensitive(whole, "records");
    check_records(records);
    assert_true(cJSON_Compare(records, list, true));
    cJSON_Delete(whole);
    cJSON_Delete(list);
    free(document);
    free(lines);
    ward_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_table_in_chinese),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
