#include "scoring/report/markdown.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/cohort.h"
#include "scoring/report/forms.h"
#include "scoring/report/table_parts.h"
#include "scoring/report/tallies.h"
#include "scoring/timestamp.h"

static const char *vantage_of(const struct markdown *markdown)
{
    const struct page page = {.language = markdown->report->language};
    return table_vantage(&page, markdown->report->run->vantage);
}

static void put_head(struct markdown *markdown)
{
    const struct report *report = markdown->report;
    const struct store_run *run = report->run;
    const char *reference = report->scope_reference ? report->scope_reference
                            : run                   ? run->authorization
                                                    : NULL;
    struct writer *writer = &markdown->writer;
    char moment[TIMESTAMP_TEXT_MAX] = "";
    writer_put(writer, markdown_say(markdown, "# 听诊：网络暴露检查\n\n", "# auscult: network exposure\n\n"));
    if (reference && reference[0]) {
        writer_put(writer, markdown_say(markdown, "授权：", "Authorization: "));
        markdown_text(markdown, reference);
        writer_put(writer, "  \n");
    }
    if (run && run->started_ms && timestamp_format(run->started_ms / 1000, moment))
        writer_format(writer,
                      markdown_say(markdown, "%.10s %.8s UTC 开始，用时 %.1f 秒，%s。\n\n",
                                   "Begun %.10s %.8s UTC, took %.1f s, %s.\n\n"),
                      moment, moment + 11, report->seconds, vantage_of(markdown));
    if (report->without_addresses)
        writer_put(writer, markdown_say(markdown, "本报告不含地址、端口所在主机和证据。\n\n",
                                        "Addresses and evidence are left out of this report.\n\n"));
}

/* The one sentence of a group that matters. */
static void put_mean(struct markdown *markdown, const struct cohort *all)
{
    struct writer *writer = &markdown->writer;
    writer_format(writer,
                  markdown_say(markdown, "%zu 家机构，平均指数 **%d**（满分 1000）",
                               "%zu organizations with a mean index of **%d** of 1000"),
                  all->organizations, index_round(all->mean));
    if (all->organizations > 1)
        writer_format(writer,
                      markdown_say(markdown, "，95%% 置信区间 %d 到 %d", ", 95 %% interval from %d to %d"),
                      index_round(all->interval[0]), index_round(all->interval[1]));
    writer_format(writer,
                  markdown_say(markdown, "：优秀 %zu，良好 %zu，一般 %zu，较差 %zu。\n\n",
                               ": %zu excellent, %zu good, %zu fair, %zu poor.\n\n"),
                  all->shown[BAND_EXCELLENT], all->shown[BAND_GOOD], all->shown[BAND_FAIR],
                  all->shown[BAND_POOR]);
}

static void put_line(struct markdown *markdown, const struct report_organization *row, size_t rank)
{
    const struct scorecard *scorecard = row->scorecard;
    struct writer *writer = &markdown->writer;
    if (scorecard->assessed)
        writer_format(writer, "| %zu | %d | %s | %d–%d | ", rank, scorecard->index,
                      band_name(table_band(scorecard), markdown->report->language),
                      index_round(scorecard->bounds[0]), index_round(scorecard->bounds[1]));
    else
        writer_format(writer, "| – | – | %s | – | ", markdown_say(markdown, "未评估", "not assessed"));
    if (row->counts_known)
        writer_format(writer, "%" PRIu64, row->open_hosts);
    writer_format(writer, " | %" PRIu64 " | ", tally_severity(markdown->report->catalogue, scorecard, 0));
    markdown_text(markdown, row->organization->name);
    writer_put(writer, " |\n");
}

static void put_all(struct markdown *markdown)
{
    const struct report *report = markdown->report;
    struct cohorts cohorts;
    writer_keep(&markdown->writer, report_cohorts(report, &cohorts));
    const struct cohort *all = cohorts_of(&cohorts, COHORT_ALL);
    writer_put(&markdown->writer, markdown_say(markdown, "## 全部机构\n\n", "## All organizations\n\n"));
    if (all)
        put_mean(markdown, all);
    writer_put(&markdown->writer,
               markdown_say(markdown, "| 名次 | 指数 | 等级 | 界限 | 开放主机 | 问题 | 机构 |\n",
                            "| rank | index | band | bounds | open hosts | findings | organization |\n"));
    writer_put(&markdown->writer, "|--:|--:|:--|--:|--:|--:|:--|\n");
    for (size_t i = 0; all && i < all->organizations; i++)
        put_line(markdown, &report->organizations[all->places[i].member->row], all->places[i].rank);
    for (size_t i = 0; i < report->organizations_count; i++)
        if (!report->organizations[i].scorecard->assessed)
            put_line(markdown, &report->organizations[i], 0);
    writer_put(&markdown->writer, "\n");
    cohorts_deinit(&cohorts);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct markdown markdown = {.writer = {stream, STATUS_OK}, .report = report};
    put_head(&markdown);
    if (report->organizations_count > 1)
        put_all(&markdown);
    for (size_t i = 0; i < report->organizations_count && markdown.writer.status == STATUS_OK; i++)
        markdown_organization(&markdown, &report->organizations[i]);
    markdown_method(&markdown);
    return markdown.writer.status;
}

const struct report_form report_markdown = {
    .name = "markdown", .occurrences = true, .write = write, .changes = true};
