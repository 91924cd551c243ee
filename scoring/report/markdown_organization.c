#include <inttypes.h>
#include <string.h>

#include "scoring/report/markdown.h"
#include "scoring/report/table_parts.h"
#include "scoring/report/tallies.h"

static void put_title(struct markdown *markdown, const struct organization *organization)
{
    static const char *const keys[] = {"province", "level"};
    struct writer *writer = &markdown->writer;
    writer_put(writer, "## ");
    markdown_text(markdown, organization->name);
    if (strcmp(organization->name, organization->id) != 0) {
        writer_put(writer, markdown_say(markdown, "（", " ("));
        markdown_text(markdown, organization->id);
        writer_put(writer, markdown_say(markdown, "）", ")"));
    }
    for (size_t i = 0; i < 2; i++)
        if (organization_tag(organization, keys[i])) {
            writer_put(writer, markdown_say(markdown, "，", ", "));
            markdown_text(markdown, organization_tag(organization, keys[i]));
        }
    writer_put(writer, "\n\n");
}

static void put_gate(struct markdown *markdown, const struct scorecard *scorecard)
{
    enum language language = markdown->report->language;
    struct writer *writer = &markdown->writer;
    if (scorecard->gate >= scorecard->band)
        return;
    writer_format(
        writer,
        markdown_say(markdown, "只看平均是“%s”；但有下列严重问题时不高于“%s”：",
                     "The average alone would be %s; with these findings it is never more than %s: "),
        band_name(scorecard->band, language), band_name(scorecard->gate, language));
    for (size_t i = 0; i < scorecard->gated_by_count; i++) {
        writer_put(writer, i ? markdown_say(markdown, "、", "; ") : "");
        markdown_item(markdown, scorecard->gated_by[i]);
    }
    writer_put(writer, markdown_say(markdown, "。\n\n", ".\n\n"));
}

/* The summary: what it is, where it could be, what it rests on. */
static void put_index(struct markdown *markdown, const struct report_organization *row)
{
    const struct scorecard *scorecard = row->scorecard;
    const struct catalogue *catalogue = markdown->report->catalogue;
    struct writer *writer = &markdown->writer;
    if (!scorecard->assessed) {
        writer_put(writer, markdown_say(markdown, "没有评估任何项目，因此没有指数。\n\n",
                                        "Nothing was assessed, so there is no index.\n\n"));
        return;
    }
    writer_format(writer,
                  markdown_say(markdown, "**指数 %d（满分 1000），%s。** ", "**Index %d of 1000, %s.** "),
                  scorecard->index, band_name(table_band(scorecard), markdown->report->language));
    writer_format(
        writer,
        markdown_say(
            markdown,
            "检查了 %zu 个项目（共 %zu）；没有看的部分若全都最差，指数是 %d，若全无问题，是 %d。\n\n",
            "%zu of %zu check items were looked at; if all others were at their worst, the index would be "
            "%d, "
            "if they were without fault, %d.\n\n"),
        scorecard->items_assessed, catalogue->items_count, index_round(scorecard->bounds[0]),
        index_round(scorecard->bounds[1]));
    put_gate(markdown, scorecard);
}

static void put_coverage(struct markdown *markdown, const struct report_organization *row)
{
    struct writer *writer = &markdown->writer;
    if (!row->counts_known)
        return;
    writer_format(writer,
                  markdown_say(markdown,
                               "授权地址 %" PRIu64 " 个，问了 %" PRIu64 " 个，有应答 %" PRIu64
                               " 个，有开放端口 %" PRIu64 " 个。",
                               "Of %" PRIu64 " addresses authorized, %" PRIu64 " were asked, %" PRIu64
                               " answered, %" PRIu64 " had an open port."),
                  row->authorized, row->asked, row->answered, row->open_hosts);
    if (row->synthetic_hosts)
        writer_format(writer,
                      markdown_say(markdown, "%" PRIu64 " 台主机对所有端口都应答，不计为开放。",
                                   " Hosts that answer at every port, not counted as open: %" PRIu64 "."),
                      row->synthetic_hosts);
    writer_put(writer, "\n\n");
}

static void put_domains(struct markdown *markdown, const struct scorecard *scorecard)
{
    const struct catalogue *catalogue = markdown->report->catalogue;
    struct writer *writer = &markdown->writer;
    writer_put(writer, markdown_say(markdown, "### 各安全域\n\n| 域 | 得分 |\n|:--|--:|\n",
                                    "### Domains\n\n| domain | score |\n|:--|--:|\n"));
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        writer_put(writer, "| ");
        markdown_words(markdown, &catalogue->domains[i].name);
        if (scorecard->domains[i].assessed)
            writer_format(writer, " | %d |\n", index_round(scorecard->domains[i].score));
        else
            writer_format(writer, " | %s |\n", markdown_say(markdown, "未评估", "not assessed"));
    }
    writer_put(writer, "\n");
}

static void put_fix(struct markdown *markdown, const struct score_fix *fix, size_t number)
{
    const struct item *item = &markdown->report->catalogue->items[fix->item];
    struct writer *writer = &markdown->writer;
    writer_format(writer, "%zu. **", number);
    markdown_item(markdown, fix->item);
    writer_format(writer, markdown_say(markdown, "**，指数 %+.1f，到 %d", "**: %+.1f points, to %d"),
                  fix->gain, index_round(fix->index_after));
    writer_put(writer, markdown_say(markdown, "。", ". "));
    markdown_words(markdown, &item->fix);
    writer_put(writer, "\n");
}

static void put_fixes(struct markdown *markdown, const struct scorecard *scorecard)
{
    struct writer *writer = &markdown->writer;
    if (!scorecard->assessed)
        return;
    writer_put(writer, markdown_say(markdown, "### 先做什么\n\n", "### What to fix first\n\n"));
    if (scorecard->fixes_count == 0)
        writer_put(writer, markdown_say(markdown, "看过的部分没有发现问题。\n",
                                        "Nothing was found in what was looked at.\n"));
    else
        writer_put(
            writer,
            markdown_say(
                markdown, "按此顺序，每一项以前面各项已完成为前提。\n\n",
                "In this order; the points of each are those that it adds to the ones before it.\n\n"));
    for (size_t i = 0; i < scorecard->fixes_count; i++)
        put_fix(markdown, &scorecard->fixes[i], i + 1);
    writer_put(writer, "\n");
}

void markdown_organization(struct markdown *markdown, const struct report_organization *row)
{
    put_title(markdown, row->organization);
    put_index(markdown, row);
    put_coverage(markdown, row);
    if (row->scorecard->assessed)
        put_domains(markdown, row->scorecard);
    put_fixes(markdown, row->scorecard);
    markdown_findings(markdown, row);
    markdown_changes(markdown, row);
}
