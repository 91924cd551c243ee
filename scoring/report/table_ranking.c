#include <inttypes.h>
#include <stdlib.h>

#include "scoring/cohort.h"
#include "scoring/report/table_parts.h"

static const size_t columns[] = {6, 7, 12, 12, 10};
#define COLUMNS (sizeof columns / sizeof columns[0])

/* Cells to the right of their columns but for the band; the name comes last, so that nothing is aligned
 * behind it. */
static void put_line(struct page *page, const char *const cells[COLUMNS], const char *name)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i == 2)
            page_part(page, STYLE_PLAIN, "  ");
        if (i == 2)
            page_left(page, columns[i] - 2, cells[i]);
        else
            page_right(page, columns[i], cells[i]);
    }
    page_part(page, STYLE_PLAIN, "  %s", name);
    page_end(page);
}

static uint64_t findings_of(const struct scorecard *scorecard)
{
    uint64_t count = 0;
    for (size_t i = 0; i < scorecard->items_count; i++)
        count += scorecard->items[i].count;
    return count;
}

static void put_organization(struct page *page, const struct report_organization *row, size_t rank)
{
    char texts[4][32] = {"-", "-", "-", "0"};
    const struct scorecard *scorecard = row->scorecard;
    const char *band = page_say(page, "未评估", "not assessed");
    if (scorecard->assessed) {
        snprintf(texts[0], sizeof texts[0], "%zu", rank);
        snprintf(texts[1], sizeof texts[1], "%d", scorecard->index);
        band = band_name(table_band(scorecard), page->language);
    }
    if (row->counts_known)
        snprintf(texts[2], sizeof texts[2], "%" PRIu64, row->open_hosts);
    snprintf(texts[3], sizeof texts[3], "%" PRIu64, findings_of(scorecard));
    const char *const cells[COLUMNS] = {texts[0], texts[1], band, texts[2], texts[3]};
    put_line(page, cells, row->organization->name);
}

static void put_mean(struct page *page, const struct cohort *all)
{
    page_paragraph(page, 2, "", 2,
                   page_say(page, "%zu 家平均 %d（95%% 置信区间 %d 到 %d，t 分布）。",
                            "The mean of %zu is %d (95 %% interval from %d to %d, Student's t)."),
                   all->organizations, index_round(all->mean), index_round(all->interval[0]),
                   index_round(all->interval[1]));
}

static void put_rows(struct page *page, const struct report *report, const struct cohort *all)
{
    for (size_t i = 0; all && i < all->organizations; i++)
        put_organization(page, &report->organizations[all->places[i].member->row], all->places[i].rank);
    for (size_t i = 0; i < report->organizations_count; i++)
        if (!report->organizations[i].scorecard->assessed)
            put_organization(page, &report->organizations[i], 0);
}

void table_ranking(struct page *page, const struct report *report)
{
    struct cohorts cohorts;
    if (report_cohorts(report, &cohorts) != STATUS_OK) {
        page->status = STATUS_NO_MEMORY;
        return;
    }
    const struct cohort *all = cohorts_of(&cohorts, COHORT_ALL);
    const char *const zh[COLUMNS] = {"名次", "指数", "等级", "开放主机", "问题"};
    const char *const en[COLUMNS] = {"rank", "index", "band", "open hosts", "findings"};
    page_gap(page);
    page_gap(page);
    page_heading(page, "%s", page_say(page, "全部机构", "All organizations"));
    page_gap(page);
    put_line(page, page->language == LANGUAGE_ZH ? zh : en, page_say(page, "机构", "organization"));
    put_rows(page, report, all);
    page_gap(page);
    if (all && all->organizations > 1)
        put_mean(page, all);
    cohorts_deinit(&cohorts);
}
