#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/report/columns.h"
#include "scoring/report/forms.h"
#include "scoring/report/page.h"
#include "scoring/report/table_parts.h"
#include "scoring/timestamp.h"

#define BAR_COLUMNS 20

enum band table_band(const struct scorecard *scorecard)
{
    return scorecard->gate < scorecard->band ? scorecard->gate : scorecard->band;
}

static enum style style_of(enum band band)
{
    return band == BAND_POOR ? STYLE_RED : band == BAND_FAIR ? STYLE_YELLOW : STYLE_GREEN;
}

const char *table_vantage(const struct page *page, const char *word)
{
    enum vantage vantage;
    if (!word || !vantage_parse(word, &vantage))
        return page_say(page, "不明", "not known");
    switch (vantage) {
    case VANTAGE_INTERNET:
        return page_say(page, "从互联网一侧", "seen from the internet");
    case VANTAGE_PARTNER:
        return page_say(page, "从合作方或行业网一侧", "seen from a partner network");
    case VANTAGE_INTERNAL:
        break;
    }
    return page_say(page, "从院内网一侧", "seen from inside");
}

static void put_moment(struct page *page, const struct report *report, size_t label)
{
    char moment[TIMESTAMP_TEXT_MAX];
    timestamp_format(report->run->started_ms / 1000, moment);
    moment[strcspn(moment, "T")] = ' ';
    moment[strcspn(moment, "Z")] = 0;
    page_paragraph(page, 2, page_say(page, "开始", "Started"), label,
                   page_say(page, "%s UTC，用时 %.1f 秒，%s", "%s UTC, took %.1f s, %s"), moment,
                   report->seconds, table_vantage(page, report->run->vantage));
}

/* How fast it was, and whether answers got lost on the way. */
static void put_pace(struct page *page, const struct report *report, size_t label)
{
    const struct store_pace *pace = report->pace;
    page_paragraph(page, 2, page_say(page, "探测", "Asked"), label,
                   page_say(page, "%" PRIu64 " 个探测包，平均每秒 %.0f 个，任意 10 毫秒内最多 %" PRIu64 " 个",
                            "%" PRIu64 " probes, %.0f a second on average, at most %" PRIu64 " in any 10 ms"),
                   report->run->probes_sent, pace->rate, pace->burst);
    if (pace->recall < 1 || pace->lost)
        page_paragraph(page, 2, "", label,
                       page_say(page, "有应答丢失（计数 %" PRIu64 "），估计听到了 %.1f%% 的应答目标",
                                "answers or probes got lost (%" PRIu64
                                " counted): an estimated %.1f %% of the targets that answer were heard"),
                       pace->lost, 100 * pace->recall);
}

/* "nmap lab.xml, 2026-01-05 to 2026-01-05: 3 organizations, 12 findings" */
static void put_source(struct page *page, const struct evidence_import *import, size_t label, bool first)
{
    char from[TIMESTAMP_TEXT_MAX] = "", until[TIMESTAMP_TEXT_MAX] = "";
    timestamp_format(import->run.from_ms / 1000, from);
    timestamp_format(import->run.until_ms / 1000, until);
    page_paragraph(page, 2, first ? page_say(page, "其他来源", "Other sources") : "", label,
                   page_say(page, "%s %s，%.10s 至 %.10s：机构 %zu 家，问题 %" PRIu64 " 处",
                            "%s %s, %.10s to %.10s: organizations %zu, findings %" PRIu64),
                   import->run.format, import->run.file, from, until, import->organizations,
                   import->findings);
}

static void put_sources(struct page *page, const struct report *report, size_t label)
{
    bool first = true;
    for (size_t i = 0; report->evidence && i < report->evidence->imports_count; i++) {
        if (report->evidence->imports[i].organizations == 0)
            continue;
        put_source(page, &report->evidence->imports[i], label, first);
        first = false;
    }
}

/* An index that was fitted to somebody's says so (model.md §3 step 6). */
static void put_calibration(struct page *page, const struct g *g, size_t label)
{
    const char *name = g->fit.name, *baseline = g->fit.baseline;
    if (name)
        page_paragraph(page, 2, page_say(page, "校准", "Calibration"), label,
                       page_say(page, "%s：%s，校准到 %s", "%s: %s, to %s"), name, g->fit.population,
                       baseline ? baseline
                                : page_say(page, "未注明的基线", "a baseline that it does not name"));
}

/* What the whole page is about. */
static void put_head(struct page *page, const struct report *report)
{
    size_t label = page->language == LANGUAGE_ZH ? 8 : 17;
    const struct store_run *run = report->run;
    const char *reference = report->scope_reference ? report->scope_reference
                            : run                   ? run->authorization
                                                    : NULL;
    page_heading(page, "%s", page_say(page, "auscult 听诊：网络暴露检查", "auscult: network exposure"));
    if (reference && reference[0])
        page_paragraph(page, 2, page_say(page, "授权", "Authorization"), label, "%s", reference);
    if (run && run->started_ms)
        put_moment(page, report, label);
    if (run && report->pace && report->pace->rate > 0)
        put_pace(page, report, label);
    page_paragraph(page, 2, page_say(page, "目录", "Catalogue"), label, "%s", report->catalogue->name);
    put_sources(page, report, label);
    put_calibration(page, &report->catalogue->g, label);
    if (run && !report->complete && run->engine && run->engine[0])
        page_paragraph(
            page, 2, page_say(page, "注意", "Note"), label, "%s",
            page_say(page, "扫描没有做完，以下只是已知的部分；--resume 可继续。",
                     "The scan did not come to its end; this is what is known so far, and --resume "
                     "goes on."));
    if (report->assessed_by_findings_only)
        page_paragraph(
            page, 2, page_say(page, "注意", "Note"), label, "%s",
            page_say(page, "没有来源说明检查过哪些项目，只有出现问题的维度计入指数。",
                     "No source says what was looked at, so only dimensions with findings count."));
}

static void put_title(struct page *page, const struct organization *organization)
{
    const char *province = organization_tag(organization, "province");
    const char *level = organization_tag(organization, "level");
    bool zh = page->language == LANGUAGE_ZH;
    page_gap(page);
    page_gap(page);
    if (strcmp(organization->name, organization->id) == 0)
        page_heading(page, "%s", organization->name);
    else
        page_heading(page, zh ? "%s（%s）%s%s%s%s" : "%s (%s)%s%s%s%s", organization->name, organization->id,
                     province ? (zh ? "，" : ", ") : "", province ? province : "",
                     level ? (zh ? "，" : ", ") : "", level ? level : "");
    page_gap(page);
}

/* Why the band that is shown is lower than the index alone says. */
static void put_gate(struct page *page, const struct report *report, const struct scorecard *scorecard)
{
    if (scorecard->gate >= scorecard->band)
        return;
    char *names = NULL;
    size_t size = 0;
    FILE *list = open_memstream(&names, &size);
    for (size_t i = 0; list && i < scorecard->gated_by_count; i++) {
        const struct item *item = &report->catalogue->items[scorecard->gated_by[i]];
        fprintf(list, page_say(page, "%s%s（%s）", "%s%s (%s)"), i ? page_say(page, "、", "; ") : "",
                words_in(&item->name, page->language), item->id);
    }
    if (!list || fclose(list) != 0) {
        page->status = STATUS_NO_MEMORY;
        free(names);
        return;
    }
    page_paragraph(
        page, 4, "", 4,
        page_say(page, "只看平均是“%s”；但有下列严重问题时不高于“%s”：%s。",
                 "The average alone would be %s; with these findings it is never more than %s: %s."),
        band_name(scorecard->band, page->language), band_name(scorecard->gate, page->language), names);
    free(names);
}

static void put_index(struct page *page, const struct report *report, const struct scorecard *scorecard)
{
    page_part(page, STYLE_PLAIN, "  %s", page_say(page, "安全指数  ", "Index  "));
    if (!scorecard->assessed) {
        page_part(page, STYLE_STRONG, "%s",
                  page_say(page, "没有：什么都没有评估", "none: nothing was assessed"));
        page_end(page);
        return;
    }
    enum band band = table_band(scorecard);
    page_part(page, STYLE_STRONG, "%d", scorecard->index);
    page_part(page, STYLE_PLAIN, "%s", page_say(page, " / 1000，", " of 1000, "));
    page_part(page, style_of(band), "%s", band_name(band, page->language));
    page_end(page);
    put_gate(page, report, scorecard);
}

/* What answered and is not believed, or not known to be believable. */
static void put_distrusted(struct page *page, const struct report_organization *row)
{
    if (row->synthetic_hosts)
        page_paragraph(
            page, 4, "", 4,
            page_say(page,
                     "应答一切端口的主机 %" PRIu64
                     " 台（无人使用的对照端口也应答）：其中不讲任何协议的端口 %" PRIu64
                     " 个不计为开放，也不说明该处没有服务。",
                     "Hosts that answer at every port, at a control port where nobody listens too: "
                     "%" PRIu64 ". Their ports that spoke no protocol, %" PRIu64
                     ", do not count as open; whether a service stands behind is not known."),
            row->synthetic_hosts, row->synthetic);
    if (row->undetermined_hosts)
        page_paragraph(page, 4, "", 4,
                       page_say(page,
                                "看似应答一切端口的主机 %" PRIu64
                                " 台，但授权不允许询问对照端口，未能判定：其端口按所见计为开放。",
                                "Hosts that seem to answer at every port, where the authorization allows no "
                                "control port: %" PRIu64 ". Their ports count as open, as they were seen."),
                       row->undetermined_hosts);
}

static void put_coverage(struct page *page, const struct report *report,
                         const struct report_organization *row)
{
    const struct scorecard *scorecard = row->scorecard;
    const struct catalogue *catalogue = report->catalogue;
    table_section(page, page_say(page, "看到了多少", "How much was seen"));
    if (row->counts_known)
        page_paragraph(page, 4, "", 4,
                       page_say(page,
                                "授权地址 %" PRIu64 " 个，问了 %" PRIu64 " 个，有应答 %" PRIu64
                                " 个，有开放端口 %" PRIu64 " 个。",
                                "Of %" PRIu64 " addresses authorized, %" PRIu64 " were asked, %" PRIu64
                                " answered, %" PRIu64 " had an open port."),
                       row->authorized, row->asked, row->answered, row->open_hosts);
    put_distrusted(page, row);
    page_paragraph(
        page, 4, "", 4,
        page_say(page, "评估了 %zu 个检查项（共 %zu），涉及 %zu 个维度（共 %zu）、%zu 个域（共 %zu）。",
                 "Assessed: %zu of %zu check items, in %zu of %zu dimensions and %zu of %zu domains."),
        scorecard->items_assessed, catalogue->items_count, scorecard->dimensions_assessed,
        catalogue->dimensions_count, scorecard->domains_assessed, catalogue->domains_count);
    page_paragraph(page, 4, "", 4,
                   page_say(page, "没有看的部分若全都最差，指数是 %d；若全无问题，是 %d。",
                            "If all that was not looked at were at its worst, the index would be %d; if it "
                            "were without fault, %d."),
                   index_round(scorecard->bounds[0]), index_round(scorecard->bounds[1]));
}

static uint64_t findings_in(const struct report *report, const struct scorecard *scorecard, size_t domain)
{
    uint64_t count = 0;
    for (size_t i = 0; i < scorecard->items_count; i++) {
        const struct item *item = &report->catalogue->items[scorecard->items[i].item];
        if (report->catalogue->dimensions[item->dimension].domain == domain)
            count += scorecard->items[i].count;
    }
    return count;
}

static void put_bar(struct page *page, double score)
{
    char bar[BAR_COLUMNS + 1];
    size_t full = (size_t)(score / 1000 * BAR_COLUMNS + 0.5);
    memset(bar, '.', BAR_COLUMNS);
    memset(bar, '#', full < BAR_COLUMNS ? full : BAR_COLUMNS);
    bar[BAR_COLUMNS] = 0;
    page_part(page, style_of(band_of(index_round(score))), "%s", bar);
}

static void put_domain(struct page *page, const struct report *report, const struct scorecard *scorecard,
                       size_t domain, size_t column)
{
    const struct score_dimension *of = &scorecard->domains[domain];
    char number[32];
    page_part(page, STYLE_PLAIN, "    ");
    page_left(page, column, words_in(&report->catalogue->domains[domain].name, page->language));
    if (!of->assessed) {
        page_part(page, STYLE_FAINT, "%s", page_say(page, "未评估", "not assessed"));
        page_end(page);
        return;
    }
    snprintf(number, sizeof number, "%d", index_round(of->score));
    page_right(page, 4, number);
    page_part(page, STYLE_PLAIN, "  ");
    put_bar(page, of->score);
    uint64_t findings = findings_in(report, scorecard, domain);
    if (findings)
        page_part(page, STYLE_PLAIN,
                  page_say(page, "  %" PRIu64 " 处问题",
                           findings == 1 ? "  %" PRIu64 " finding" : "  %" PRIu64 " findings"),
                  findings);
    page_end(page);
}

static void put_domains(struct page *page, const struct report *report, const struct scorecard *scorecard)
{
    const struct catalogue *catalogue = report->catalogue;
    size_t column = 0;
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        size_t columns = columns_of(words_in(&catalogue->domains[i].name, page->language));
        column = columns > column ? columns : column;
    }
    table_section(page, page_say(page, "各安全域", "Domains"));
    for (size_t i = 0; i < catalogue->domains_count; i++)
        put_domain(page, report, scorecard, i, column + 2);
}

static void put_organization(struct page *page, const struct report *report,
                             const struct report_organization *row)
{
    put_title(page, row->organization);
    put_index(page, report, row->scorecard);
    put_coverage(page, report, row);
    put_domains(page, report, row->scorecard);
    table_fixes(page, report, row);
    table_accepted(page, report, row);
    table_marked(page, report, row);
    table_changes(page, report, row);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct page page = page_on(report, stream);
    put_head(&page, report);
    for (size_t i = 0; i < report->organizations_count && page.status == STATUS_OK; i++)
        put_organization(&page, report, &report->organizations[i]);
    if (report->organizations_count > 1 && page.status == STATUS_OK)
        table_ranking(&page, report);
    return page.status;
}

const struct report_form report_table = {
    .name = "table", .occurrences = true, .write = write, .changes = true};
