#include <inttypes.h>
#include <string.h>

#include "scoring/report/table_parts.h"
#include "targets/calendar.h"

/* What the scope says of findings: risks that were accepted, and false positives. */

static uint64_t accepted_of(const struct report *report, const struct scorecard *scorecard, const char *id)
{
    for (size_t i = 0; i < scorecard->items_count; i++)
        if (strcmp(report->catalogue->items[scorecard->items[i].item].id, id) == 0)
            return scorecard->items[i].accepted;
    return 0;
}

/* "; ends in 12 days" where that is soon. */
static void write_days_left(const struct page *page, const struct accepted_risk *risk, int today, char *text,
                            size_t size)
{
    int days = accepted_risk_days_left(risk, today);
    text[0] = 0;
    if (days >= 0 && days <= ACCEPTED_WARNING_DAYS)
        snprintf(text, size, page_say(page, "，还有 %d 天到期", ", which is in %d days"), days);
}

static void put_entry(struct page *page, const struct report *report, const struct accepted_risk *risk,
                      const char *verb)
{
    size_t number = catalogue_item(report->catalogue, risk->item);
    char day[CALENDAR_TEXT_MAX], until[64] = "", soon[96];
    if (risk->until_day)
        snprintf(until, sizeof until, page_say(page, "，至 %s", " until %s"),
                 calendar_format(risk->until_day, day));
    write_days_left(page, risk, report->today, soon, sizeof soon);
    page_paragraph(page, 4, "", 4, page_say(page, "%s（%s）：%s；%s %s%s%s。", "%s (%s): %s; %s %s%s%s."),
                   number == SIZE_MAX ? "" : words_in(&report->catalogue->items[number].name, page->language),
                   risk->item, risk->reason, page->language == LANGUAGE_ZH ? risk->by : verb,
                   page->language == LANGUAGE_ZH ? verb : risk->by, until, soon);
}

/* Without the scope, only which items and how many occurrences. */
static void put_counted(struct page *page, const struct report *report, const struct scorecard *scorecard)
{
    for (size_t i = 0; i < scorecard->items_count; i++) {
        const struct item *item = &report->catalogue->items[scorecard->items[i].item];
        if (scorecard->items[i].accepted)
            page_paragraph(page, 4, "", 4, page_say(page, "%s（%s）：%" PRIu64 " 处", "%s (%s): %" PRIu64),
                           words_in(&item->name, page->language), item->id, scorecard->items[i].accepted);
    }
}

void table_accepted(struct page *page, const struct report *report, const struct report_organization *row)
{
    const struct scorecard *scorecard = row->scorecard;
    if (scorecard_accepted(scorecard) == 0)
        return;
    table_section(page,
                  page_say(page, "已接受的风险（不计入指数）", "Accepted risks (left out of the index)"));
    for (size_t i = 0; report->scope && i < report->scope->accepted_count; i++) {
        const struct accepted_risk *risk = &report->scope->accepted[i];
        if (accepted_risk_holds(risk, row->organization->id, report->today) &&
            accepted_of(report, scorecard, risk->item))
            put_entry(page, report, risk, page_say(page, "接受", "accepted by"));
    }
    if (!report->scope)
        put_counted(page, report, scorecard);
    page_paragraph(page, 4, "", 4,
                   page_say(page, "若不接受，指数是 %d。", "With them the index would be %d."),
                   index_round(scorecard->without_acceptance));
}

void table_marked(struct page *page, const struct report *report, const struct report_organization *row)
{
    size_t count = report->scope ? report->scope->false_positives_count : 0, held = 0;
    for (size_t i = 0; i < count; i++)
        held += accepted_risk_holds(&report->scope->false_positives[i], row->organization->id, report->today);
    if (row->scorecard->marked == 0)
        return;
    table_section(page, page_say(page, "标为误报（不计入指数）", "False positives (left out of the index)"));
    page_paragraph(
        page, 4, "", 4,
        page_say(page, "%" PRIu64 " 处结果与下列标记相符。", "%" PRIu64 " findings fit these marks."),
        row->scorecard->marked);
    for (size_t i = 0; i < count && held; i++) {
        const struct accepted_risk *mark = &report->scope->false_positives[i];
        if (accepted_risk_holds(mark, row->organization->id, report->today))
            put_entry(page, report, mark, page_say(page, "标记", "marked by"));
    }
}
