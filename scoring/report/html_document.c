#include <string.h>

#include "scoring/data.h"
#include "scoring/report/forms.h"
#include "scoring/report/html_parts.h"

/* The report that people read: one file that asks nobody for anything, without script, in the language of the report.
   One hospital's page is the report itself; several have a page of the whole and one each behind it. */

#define ROWS_ALL       7000 /* findings listed over all hospitals */
#define ROWS_LEAST     4
#define ROWS_MOST      600
#define EVIDENCE_SMALL 300 /* bytes of one text of evidence */
#define EVIDENCE_LARGE 64
#define GROUP_LARGE    50 /* hospitals; more get less each */
#define FIXES_LARGE    5

/* One hospital's name, or how many there are. */
static const char *title_of(const struct html_document *document, char name[HTML_NAME_MAX])
{
    const struct report *report = document->report;
    const struct html *html = &document->html;
    size_t provinces = 0;
    if (document->single)
        return html_name(report->organizations[0].organization->name, name);
    for (size_t i = 0; i < document->group.cohorts.count; i++)
        provinces += strcmp(document->group.cohorts.items[i].key, "province") == 0;
    if (provinces > 1)
        snprintf(name, HTML_NAME_MAX, html_say(html, "%zu 省 %zu 家医院", "%zu provinces, %zu hospitals"),
                 provinces, report->organizations_count);
    else
        snprintf(name, HTML_NAME_MAX, html_say(html, "%zu 家医院", "%zu hospitals"),
                 report->organizations_count);
    return name;
}

/* --- what stands before the page --- */

static void put_style(struct html *html)
{
    const struct data_file *style = data_find("html");
    html_put(html, "<style>\n");
    if (style)
        html_put(html, style->text);
    /* Running heads; only words of our own. */
    html_markup(html, "@page{@top-left{content:\"%s\"}}\n",
                html_say(html, "auscult 听诊 · 网络暴露报告", "auscult · network exposure report"));
    html_put(html, "</style>\n");
}

static void put_head(struct html_document *document)
{
    struct html *html = &document->html;
    char name[HTML_NAME_MAX];
    html_markup(html, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                html_say(html, "zh-CN", "en"));
    html_put(html, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                   "'unsafe-inline'; img-src data:; "
                   "base-uri 'none'; form-action 'none'\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta name=\"referrer\" content=\"no-referrer\">\n"
                   "<meta name=\"robots\" content=\"noindex\">\n"
                   "<link rel=\"icon\" href=\"data:,\">\n<title>");
    html_text(html, title_of(document, name));
    html_text(html, html_say(html, " · 网络暴露报告", " · network exposure report"));
    html_put(html, "</title>\n");
    put_style(html);
    html_put(html, "</head>\n<body>\n<a class=\"skip\" href=\"#main\">");
    html_text(html, html_say(html, "跳到正文", "Skip to the content"));
    html_put(html, "</a>\n");
    html_band_marks(html);
}

/* --- the head page --- */

static void put_masthead(struct html_document *document)
{
    struct html *html = &document->html;
    const struct report *report = document->report;
    char name[HTML_NAME_MAX];
    html_put(html, "<header class=\"masthead\"><p class=\"kind\">");
    html_text(html, html_say(html, "网络暴露报告", "Network exposure report"));
    html_put(html, "</p>\n<h1>");
    html_text(html, title_of(document, name));
    html_put(html, "</h1>\n<p class=\"dateline\">");
    if (report->scope_reference && report->scope_reference[0]) {
        html_text_cut(html, report->scope_reference, HTML_NAME_MAX);
        html_put(html, " · ");
    }
    if (report->run && report->run->started_ms) {
        html_moment(html, report->run->started_ms);
        html_put(html, " · ");
    }
    html_text(html, html_vantage(html, report));
    html_put(html, "</p></header>\n");
}

struct chapter {
    const char *id, *zh, *en;
    void (*write)(struct html_document *document);
};

static void put_first(struct html_document *document)
{
    struct html *html = &document->html;
    html_section(html, "first", html_say(html, "先做什么", "What to fix first"));
    html_fixes(document, &document->report->organizations[0], 0);
    html_section_end(html);
}

static void put_domains(struct html_document *document)
{
    struct html *html = &document->html;
    html_section(html, "domains", html_say(html, "安全域", "Domains"));
    html_hospital_domains(document, &document->report->organizations[0], 0);
    html_section_end(html);
}

static void put_findings(struct html_document *document)
{
    struct html *html = &document->html;
    html_section(html, "findings", html_say(html, "问题与证据", "Findings and evidence"));
    html_findings(document, &document->report->organizations[0], 0);
    html_accepted(document, &document->report->organizations[0], 3);
    if (html_occurrences(document->report->organizations[0].scorecard) == 0)
        html_paragraph(
            html, "", html_say(html, "看过的部分没有发现问题。", "Nothing was found in what was looked at."));
    html_section_end(html);
}

static void put_change(struct html_document *document)
{
    struct html *html = &document->html;
    if (!document->report->changes) {
        html_changes(document);
        return;
    }
    html_section(html, "changes", html_say(html, "变化", "What changed"));
    html_hospital_changes(document, &document->report->organizations[0], 0);
    html_section_end(html);
}

static void put_hospitals(struct html_document *document)
{
    struct html *html = &document->html;
    html_section(html, "hospitals", html_say(html, "各医院", "Each hospital"));
    for (size_t i = 0; i < document->report->organizations_count && html->writer.status == STATUS_OK; i++)
        html_hospital(document, i);
    html_section_end(html);
}

static const struct chapter single[] = {
    {"index", "指数", "The index", html_index},
    {"changes", "变化", "What changed", put_change},
    {"first", "先做什么", "What to fix first", put_first},
    {"domains", "安全域", "Domains", put_domains},
    {"ports", "高危端口与数据库端口", "High-risk and database ports", html_ports},
    {"services", "远程登录、文件共享、邮件、医疗协议", "Remote login, shares, mail, medical protocols",
     html_services},
    {"findings", "问题与证据", "Findings and evidence", put_findings},
    {"method", "局限与方法", "Limits and method", html_method},
    {0},
};

static const struct chapter several[] = {
    {"index", "指数", "The index", html_index},
    {"bands", "等级的分布", "Distribution of bands", html_bands},
    {"changes", "变化", "What changed", html_changes},
    {"first", "先做什么", "What to fix first", html_priorities},
    {"provinces", "各省", "Provinces", html_funnel},
    {"domains", "安全域", "Domains", html_domains},
    {"ports", "高危端口与数据库端口", "High-risk and database ports", html_ports},
    {"services", "远程登录、文件共享、邮件、医疗协议", "Remote login, shares, mail, medical protocols",
     html_services},
    {"ranking", "全部医院", "All hospitals", html_ranking},
    {"method", "局限与方法", "Limits and method", html_method},
    {"hospitals", "各医院", "Each hospital", put_hospitals},
    {0},
};

/* A chapter that has nothing to tell is neither written nor listed. */
static bool is_there(const struct html_document *document, const struct chapter *chapter)
{
    if (strcmp(chapter->id, "provinces") == 0)
        return cohorts_of(&document->group.cohorts, "province") != NULL;
    if (strcmp(chapter->id, "bands") == 0)
        return document->group.all != NULL;
    return true;
}

static void put_contents(struct html_document *document, const struct chapter *chapters)
{
    struct html *html = &document->html;
    html_put(html, "<nav class=\"contents\" aria-label=\"");
    html_text(html, html_say(html, "目录", "Contents"));
    html_put(html, "\"><ol>\n");
    for (; chapters->id; chapters++) {
        if (!is_there(document, chapters))
            continue;
        html_markup(html, "<li><a href=\"#%s\">", chapters->id);
        html_text(html, html_say(html, chapters->zh, chapters->en));
        html_put(html, "</a></li>\n");
    }
    html_put(html, "</ol></nav>\n");
}

static void put_body(struct html_document *document)
{
    struct html *html = &document->html;
    const struct chapter *chapters = document->single ? single : several;
    put_masthead(document);
    html_put(html, "<main id=\"main\">\n");
    html_summary(document);
    put_contents(document, chapters);
    for (; chapters->id && html->writer.status == STATUS_OK; chapters++)
        if (is_there(document, chapters))
            chapters->write(document);
    html_put(html, "</main>\n<footer><p>");
    html_text(html, html_say(html, "由 auscult 听诊 生成。没有评估的，不等于安全。",
                             "Made by auscult. What was not assessed is not the same as safe."));
    html_put(html, "</p></footer>\n</body>\n</html>\n");
}

static size_t rows_most(const struct report *report)
{
    size_t each = report->organizations_count ? ROWS_ALL / report->organizations_count : ROWS_MOST;
    return each > ROWS_MOST ? ROWS_MOST : each < ROWS_LEAST ? ROWS_LEAST : each;
}

static enum status write(const struct report *report, FILE *stream)
{
    struct html_document document = {.html = {{stream, STATUS_OK}, report->language},
                                     .report = report,
                                     .single = report->organizations_count == 1,
                                     .rows_most = rows_most(report)};
    bool large = report->organizations_count > GROUP_LARGE;
    document.evidence_most = large ? EVIDENCE_LARGE : EVIDENCE_SMALL;
    document.fixes_most = large ? FIXES_LARGE : SIZE_MAX;
    enum status status = group_make(report, &document.group);
    if (status != STATUS_OK)
        return status;
    status = services_make(report, &document.services);
    if (status == STATUS_OK) {
        put_head(&document);
        put_body(&document);
        status = document.html.writer.status;
    }
    services_deinit(&document.services);
    group_deinit(&document.group);
    return status;
}

const struct report_form report_html = {
    .name = "html", .occurrences = true, .write = write, .compares = true, .changes = true};

/* The same, for a browser to print. */
const struct report_form report_pdf = {
    .name = "pdf", .occurrences = true, .write = write, .compares = true, .changes = true, .printed = true};
