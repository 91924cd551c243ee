#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "hospitals.h"
#include "scoring/report/columns.h"

static char *written(struct hospitals *hospitals, enum language language)
{
    hospitals->report.language = language;
    return hospitals_written(hospitals, "table");
}

/* No line is wider than the page, whatever the width and the language. */
static void test_width(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    for (unsigned width = 72; width <= 120; width += 7)
        for (int language = 0; language < 2; language++) {
            hospitals.report.width = width;
            char *text = written(&hospitals, (enum language)language), *rest = text;
            for (char *line; (line = strsep(&rest, "\n"));)
                if (columns_of(line) > width)
                    fail_msg("%zu columns of %u: %s", columns_of(line), width, line);
            free(text);
        }
    hospitals_deinit(&hospitals);
}

/* The column at which a part of a line begins. */
static size_t column_at(const char *line, const char *part)
{
    const char *at = strstr(line, part);
    char before[512] = "";
    if (!at)
        fail_msg("'%s' is not in: %s", part, line);
    memcpy(before, line, (size_t)(at - line));
    return columns_of(before);
}

static void copy_line(const char *text, const char *part, char line[512])
{
    const char *at = strstr(text, part);
    if (!at)
        fail_msg("no line with '%s'", part);
    while (at > text && at[-1] != '\n')
        at--;
    snprintf(line, 512, "%.*s", (int)strcspn(at, "\n"), at);
}

static void aligned(const char *text, const char *head, const char *row, const char *left, const char *right)
{
    char first[512], second[512];
    copy_line(text, head, first);
    copy_line(text, row, second);
    assert_int_equal(column_at(first, left), column_at(second, right));
}

/* By columns, though Chinese takes two and its bytes three. */
static void test_alignment(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    char *text = written(&hospitals, LANGUAGE_ZH);
    aligned(text, "名次   指数", "  示范第一人民医院", "机构", "示范第一人民医院");
    aligned(text, "名次   指数", "  h003", "机构", "h003");
    aligned(text, "名次   指数", "  示范第一人民医院", "等级", "较差");
    aligned(text, "1.  +500.0  SSH", "同第3项 MySQL", "SSH", "MySQL");
    free(text);
    text = written(&hospitals, LANGUAGE_EN);
    aligned(text, "rank  index", "  示范第一人民医院", "organization", "示范第一人民医院");
    aligned(text, "rank  index", "  h003", "band", "not assessed");
    free(text);
    hospitals_deinit(&hospitals);
}

/* What the page says does not depend on the C library's locale. */
static void test_locale(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    char *plain = written(&hospitals, LANGUAGE_ZH);
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip();
    char *utf8 = written(&hospitals, LANGUAGE_ZH);
    setlocale(LC_ALL, "C");
    assert_string_equal(plain, utf8);
    free(plain);
    free(utf8);
    hospitals_deinit(&hospitals);
}

static void test_hostile_names(void **state)
{
    (void)state;
    static const char hostile[] = "\x1b]0;owned\x07\x1b[2J\r\nIndex 1000\xe2\x80\xae\xff%s%n";
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    for (size_t i = 0; i < 3; i++) {
        free(hospitals.scope.organizations[i].name);
        hospitals.scope.organizations[i].name = strdup(hostile);
    }
    free(hospitals.catalogue.items[0].name.en);
    hospitals.catalogue.items[0].name.en = strdup(hostile);
    char *text = written(&hospitals, LANGUAGE_EN);
    assert_null(strpbrk(text, "\x1b\x07\r\xff"));
    assert_null(strstr(text, "\nIndex 1000"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "%s%n"));
    free(text);
    hospitals_deinit(&hospitals);
}

static void test_colour(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    unsetenv("NO_COLOR");
    char *text = written(&hospitals, LANGUAGE_EN);
    assert_null(strchr(text, '\x1b'));
    free(text);
    hospitals.report.terminal = true;
    text = written(&hospitals, LANGUAGE_EN);
    assert_non_null(strchr(text, '\x1b'));
    free(text);
    setenv("NO_COLOR", "1", 1);
    text = written(&hospitals, LANGUAGE_EN);
    assert_null(strchr(text, '\x1b'));
    free(text);
    unsetenv("NO_COLOR");
    hospitals_deinit(&hospitals);
}

static void says(struct hospitals *hospitals, enum language language, const char *part)
{
    char *text = written(hospitals, language);
    if (!strstr(text, part))
        fail_msg("it does not say '%s' in:\n%s", part, text);
    free(text);
}

/* A gate is named only where it lowers the band, and then no band is promised for after the fixes. */
static void test_gate(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    struct scorecard *scorecard = &hospitals.scorecards[0];
    hospitals.report.width = 100;
    scorecard->index = 950;
    scorecard->band = BAND_EXCELLENT;
    says(&hospitals, LANGUAGE_EN, "Index  950 of 1000, good\n");
    says(&hospitals, LANGUAGE_EN,
         "The average alone would be excellent; with these findings it is never more");
    says(&hospitals, LANGUAGE_EN, "MySQL exposed (H04-1)");
    says(&hospitals, LANGUAGE_ZH, "只看平均是“优秀”；但有下列严重问题时不高于“良好”：MySQL暴露（H04-1）、");
    hospitals_deinit(&hospitals);
}

static void test_unfinished(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    hospitals.report.complete = false;
    says(&hospitals, LANGUAGE_EN, "--resume goes on");
    says(&hospitals, LANGUAGE_ZH, "扫描没有做完");
    hospitals_deinit(&hospitals);
}

/* The accepted risk shows with its reason while it is in force. */
static void test_accepted(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    says(&hospitals, LANGUAGE_ZH, "SSH对外开放（H03-2）：运维窗口；信息科 接受，至 2026-06-30。");
    says(&hospitals, LANGUAGE_ZH, "若不接受，指数是 120。");
    hospitals_deinit(&hospitals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),         cmocka_unit_test(test_alignment), cmocka_unit_test(test_locale),
        cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_colour),    cmocka_unit_test(test_gate),
        cmocka_unit_test(test_unfinished),    cmocka_unit_test(test_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
