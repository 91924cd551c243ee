#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hospitals.h"
#include "scoring/report/html.h"

/* --- the writer --- */

struct paper {
    char *text;
    size_t size;
    struct html html;
};

static struct html *begin(struct paper *paper)
{
    *paper = (struct paper){0};
    paper->html = (struct html){{open_memstream(&paper->text, &paper->size), STATUS_OK}, LANGUAGE_EN};
    assert_non_null(paper->html.writer.stream);
    return &paper->html;
}

static void expect(struct paper *paper, const char *wanted)
{
    assert_int_equal(fclose(paper->html.writer.stream), 0);
    assert_int_equal(paper->html.writer.status, STATUS_OK);
    assert_string_equal(paper->text, wanted);
    free(paper->text);
}

static void test_text_is_escaped(void **state)
{
    (void)state;
    struct paper paper;
    html_text(begin(&paper), "<script>alert(\"1\" & '2')</script>");
    expect(&paper, "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
    html_format(begin(&paper), "%s of %d", "<b>", 3);
    expect(&paper, "&lt;b&gt; of 3");
    html_element(begin(&paper), "td class=\"number\"", "a<b");
    expect(&paper, "<td class=\"number\">a&lt;b</td>");
}

static void test_text_is_safe(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } texts[] = {
        {"a\x1b[31mb", "a\\x1b[31mb"}, /* a terminal's escape */
        {"a\xe2\x80\xae"
         "b",
         "a\\u{202e}b"}, /* right to left override */
        {"a\xe2\x81\xa6"
         "b",
         "a\\u{2066}b"}, /* an isolate */
        {"a\xef\xbf\xbe"
         "b",
         "a\\u{fffe}b"}, /* no character */
        {"a\x80\xff"
         "b<",
         "a\\x80\\xffb&lt;"},              /* no UTF-8 */
        {"\xd6\xd0\xb9\xfa<", "中国&lt;"}, /* GB18030 */
        {"=cmd|' /C calc'!A0", "=cmd|&#39; /C calc&#39;!A0"},
        {"a\r\nb\tc", "a\\x0d\\x0ab\\x09c"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct paper paper;
        html_text(begin(&paper), texts[i].text);
        expect(&paper, texts[i].wanted);
    }
}

static void test_text_is_cut_between_characters(void **state)
{
    (void)state;
    struct paper paper;
    html_text_cut(begin(&paper), "医院医院", 7);
    expect(&paper, "医院…");
    html_text_cut(begin(&paper), "医院医院", 12);
    expect(&paper, "医院医院");
    html_text_cut(begin(&paper), "abcd", 3);
    expect(&paper, "abc…");
    html_text_cut(begin(&paper), "\x01\x02", 7);
    expect(&paper, "\\x01…");
    html_text(begin(&paper), NULL);
    expect(&paper, "");
    char *large = calloc(1, (1 << 20) + 1);
    assert_non_null(large);
    memset(large, '<', 1 << 20);
    html_text(begin(&paper), large);
    fclose(paper.html.writer.stream);
    assert_in_range(paper.size, HTML_TEXT_MAX, 4 * HTML_TEXT_MAX + 8);
    free(paper.text);
    free(large);
}

static void test_numbers(void **state)
{
    (void)state;
    struct paper paper;
    char text[HTML_SHARE_MAX];
    html_count(begin(&paper), 9999);
    expect(&paper, "9999");
    html_count(begin(&paper), 65536);
    expect(&paper, "65\u202f536");
    html_count(begin(&paper), UINT64_MAX);
    expect(&paper, "18\u202f446\u202f744\u202f073\u202f709\u202f551\u202f615");
    assert_string_equal(html_share(0.0343, text), "3.4\u202f%");
    assert_string_equal(html_share(0.0049, text), "0.49\u202f%");
    assert_string_equal(html_share(0.5, text), "50\u202f%");
    assert_string_equal(html_share(0, text), "0\u202f%");
    assert_string_equal(html_share((double)NAN, text), "–");
    html_moment(begin(&paper), 1780000000123);
    expect(&paper, "<time datetime=\"2026-05-28T20:26:40Z\">2026-05-28 20:26 UTC</time>");
    html_moment(begin(&paper), 0);
    expect(&paper, "");
    html_day(begin(&paper), 20260630);
    expect(&paper, "<time datetime=\"2026-06-30\">2026-06-30</time>");
}

/* --- the report --- */

/* Tags that the report itself has; whatever else opens is somebody's. */
static void assert_own_tags(const char *text)
{
    static const char *const own[] = {
        "html",    "head",   "meta", "link",    "title",   "style",   "body",   "a",     "svg",
        "defs",    "symbol", "g",    "marker",  "rect",    "use",     "header", "p",     "h1",
        "h2",      "h3",     "h4",   "main",    "div",     "nav",     "ol",     "ul",    "li",
        "section", "span",   "b",    "br",      "dl",      "dt",      "dd",     "table", "caption",
        "thead",   "tbody",  "tr",   "th",      "td",      "code",    "time",   "desc",  "line",
        "circle",  "path",   "text", "details", "summary", "article", "footer"};
    for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
        const char *name = at + 1 + (at[1] == '/');
        size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz1234567890");
        bool known = strncmp(at, "<!DOCTYPE html>", 15) == 0;
        for (size_t i = 0; i < sizeof own / sizeof own[0] && !known; i++)
            known = size == strlen(own[i]) && strncmp(name, own[i], size) == 0;
        if (!known)
            fail_msg("not our own: %.60s", at);
    }
}

static void assert_harmless(const char *text)
{
    assert_own_tags(text);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, " onload"));
    assert_null(strstr(text, "\x1b"));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_null(strstr(text, "\xe2\x81\xa6"));
    assert_null(strstr(text, "http:"));
    assert_non_null(strstr(text, "</html>\n"));
}

static void test_both_languages(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    char *text = hospitals_written(&hospitals, "html");
    assert_harmless(text);
    assert_non_null(strstr(text, "<html lang=\"en\">"));
    assert_non_null(strstr(text, "content=\"default-src 'none';"));
    assert_non_null(strstr(text, "Second &lt;b&gt;Hospital&lt;/b&gt;"));
    assert_non_null(strstr(text, "not assessed"));
    assert_non_null(strstr(text, "HIS数据库"));
    assert_non_null(strstr(text, "[2001:db8::10]:3306"));
    free(text);
    hospitals.report.language = LANGUAGE_ZH;
    text = hospitals_written(&hospitals, "html");
    assert_harmless(text);
    assert_non_null(strstr(text, "<html lang=\"zh-CN\">"));
    assert_non_null(strstr(text, "运维窗口"));
    free(text);
    hospitals_deinit(&hospitals);
}

static void test_one_hospital(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    hospitals.report.organizations_count = 1;
    char *text = hospitals_written(&hospitals, "html");
    assert_harmless(text);
    assert_null(strstr(text, "id=\"ranking\""));
    assert_non_null(strstr(text, "id=\"findings\""));
    assert_non_null(strstr(text, "4a 00 00 00 0a 35 2e 35")); /* the first bytes */
    free(text);
    hospitals_deinit(&hospitals);
}

static const char hostile[] =
    "\"onload=\"alert(1)\"><script>alert('x')</"
    "script>\x1b[31m\xe2\x80\xae\xe2\x81\xa6=cmd()\x80\xff\xc4\xe3</td></svg>]]>-->";

static void replace(char **text, const char *by)
{
    free(*text);
    *text = strdup(by);
    assert_non_null(*text);
}

static void poison(struct hospitals *hospitals, const char *text)
{
    struct scope *scope = &hospitals->scope;
    for (size_t i = 0; i < scope->organizations_count; i++) {
        struct organization *organization = &scope->organizations[i];
        replace(&organization->name, text);
        for (size_t j = 0; j < organization->tags_count; j++)
            replace(&organization->tags[j].value, text);
        for (size_t j = 0; j < organization->assets_count; j++)
            replace(&organization->assets[j].name, text);
    }
    replace(&scope->reference, text);
    replace(&scope->authorized_by, text);
    replace(&scope->contact, text);
    replace(&scope->accepted[0].reason, text);
    replace(&scope->accepted[0].by, text);
    replace(&hospitals->run.authorization, text);
    replace(&hospitals->run.engine, text);
    replace(&hospitals->run.ports, text);
    replace(&hospitals->run.vantage, text);
    replace(&hospitals->catalogue.items[0].name.en, text);
    replace(&hospitals->catalogue.items[0].fix.en, text);
    hospitals->report.scope_reference = scope->reference;
}

/* In the findings, too: the scorecards point to copies of them. */
static void poison_findings(struct hospitals *hospitals, char *text, char *facts)
{
    for (size_t i = 0; i < 2; i++) {
        struct scorecard *scorecard = &hospitals->scorecards[i];
        for (size_t j = 0; j < scorecard->occurrences_count; j++) {
            struct finding *finding = calloc(1, sizeof *finding);
            assert_non_null(finding);
            *finding = *scorecard->occurrences[j].finding;
            finding->why = finding->key = text;
            finding->facts = facts;
            scorecard->occurrences[j].finding = finding;
        }
    }
}

static void free_findings(struct hospitals *hospitals)
{
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < hospitals->scorecards[i].occurrences_count; j++)
            free((void *)(uintptr_t)hospitals->scorecards[i].occurrences[j].finding);
}

static void write_poisoned(char *text, char *facts)
{
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    poison(&hospitals, text);
    poison_findings(&hospitals, text, facts);
    for (size_t count = 1; count <= 3; count += 2) {
        hospitals.report.organizations_count = count;
        char *written = hospitals_written(&hospitals, "html");
        assert_harmless(written);
        assert_in_range(strlen(written), 10000, 400000);
        free(written);
    }
    free_findings(&hospitals);
    hospitals_deinit(&hospitals);
}

static void test_hostile_texts(void **state)
{
    (void)state;
    char text[sizeof hostile],
        facts[] = "{\"<script>\":\"</td>\\u202e<script>\",\"\\\"onload=\":[\"<script>\"],\"n\":1}";
    memcpy(text, hostile, sizeof hostile);
    write_poisoned(text, facts);
}

static void test_large_texts(void **state)
{
    (void)state;
    size_t size = 1 << 20;
    char *large = calloc(1, size + sizeof hostile), facts[] = "no JSON <script>";
    assert_non_null(large);
    for (size_t at = 0; at + sizeof hostile < size; at += sizeof hostile - 1)
        memcpy(large + at, hostile, sizeof hostile - 1);
    write_poisoned(large, facts);
    free(large);
}

static void test_without_anything(void **state)
{
    (void)state;
    struct hospitals hospitals;
    hospitals_init(&hospitals);
    hospitals.report.run = NULL;
    hospitals.report.evidence = NULL;
    hospitals.report.scope = NULL;
    hospitals.report.scope_reference = NULL;
    hospitals.report.assessed_by_findings_only = true;
    char *text = hospitals_written(&hospitals, "html");
    assert_harmless(text);
    assert_non_null(strstr(text, "only dimensions with findings count"));
    free(text);
    hospitals.report.organizations = &hospitals.organizations[2];
    hospitals.report.organizations_count = 1;
    text = hospitals_written(&hospitals, "html");
    assert_harmless(text);
    assert_non_null(strstr(text, "not the same as safe"));
    free(text);
    hospitals_deinit(&hospitals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_text_is_safe),
        cmocka_unit_test(test_text_is_cut_between_characters),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_both_languages),
        cmocka_unit_test(test_one_hospital),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_large_texts),
        cmocka_unit_test(test_without_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
