#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/deadline.h"
#include "scoring/report/table_parts.h"
#include "targets/calendar.h"

#define PLACES_MAX   6
#define SET_SIZE     3
#define NO_GAIN      0.05 /* would be shown as 0.0 */
#define GAIN_COLUMNS 8

void table_section(struct page *page, const char *name)
{
    page_gap(page);
    page_part(page, STYLE_PLAIN, "  ");
    page_part(page, STYLE_STRONG, "%s", name);
    page_end(page);
}

void table_write_place(FILE *list, const struct finding *finding, enum item_unit unit,
                       const struct organization *organization)
{
    char address[ADDRESS_PORT_TEXT_MAX];
    if (!finding->has_address) {
        fputs(finding->key ? finding->key : "", list);
        return;
    }
    const struct asset *asset = organization ? organization_asset(organization, finding->address) : NULL;
    bool ported = finding->port.number && unit != UNIT_HOST;
    address_format_port(finding->address, ported ? finding->port.number : 0, address);
    fprintf(list, "%s%s", address, ported && finding->port.transport == TRANSPORT_UDP ? "/udp" : "");
    if (finding->key)
        fprintf(list, " %s", finding->key);
    if (asset && asset->name)
        fprintf(list, " (%s)", asset->name);
}

/* Where an item was found. */
static void put_places(struct page *page, const struct report *report, const struct report_organization *row,
                       size_t item, size_t indent)
{
    const struct scorecard *scorecard = row->scorecard;
    char *text = NULL;
    size_t size = 0, places = 0;
    FILE *list = open_memstream(&text, &size);
    for (size_t i = 0; list && i < scorecard->occurrences_count; i++) {
        const struct score_occurrence *occurrence = &scorecard->occurrences[i];
        if (occurrence->item != item || (!occurrence->finding->has_address && !occurrence->finding->key))
            continue;
        if (places++ >= PLACES_MAX)
            continue;
        fputs(places > 1 ? page_say(page, "、", ", ") : "", list);
        table_write_place(list, occurrence->finding, report->catalogue->items[item].unit, row->organization);
    }
    if (list && places > PLACES_MAX)
        fprintf(list, page_say(page, "，另有 %zu 处", " and %zu more"), places - PLACES_MAX);
    if (!list || fclose(list) != 0)
        page->status = STATUS_NO_MEMORY;
    else if (places)
        page_paragraph(page, indent, "", indent, "%s", text);
    free(text);
}

/* The fix with which one that brings nothing alone brings something; itself when it does. */
static size_t joins(const struct scorecard *scorecard, size_t fix)
{
    size_t with = fix;
    while (with + 1 < scorecard->fixes_count && scorecard->fixes[with].gain < NO_GAIN)
        with++;
    return scorecard->fixes[with].gain < NO_GAIN ? fix : with;
}

/* The nearest day by which an occurrence of the item is to be mended. */
static struct deadline nearest(const struct report *report, const struct report_organization *row,
                               size_t item)
{
    const struct scorecard *scorecard = row->scorecard;
    struct deadline nearest = {.days = -1};
    for (size_t i = 0; report->deadlines && i < scorecard->occurrences_count; i++) {
        const struct score_occurrence *occurrence = &scorecard->occurrences[i];
        if (occurrence->item != item)
            continue;
        struct deadline deadline = report_deadline(report, row->organization->id, item, occurrence->finding);
        if (deadline.due_day && (nearest.due_day == 0 || deadline.due_day < nearest.due_day))
            nearest = deadline;
    }
    return nearest;
}

static void put_deadline(struct page *page, const struct report *report,
                         const struct report_organization *row, size_t item, size_t indent)
{
    char day[CALENDAR_TEXT_MAX];
    struct deadline deadline = nearest(report, row, item);
    if (deadline.due_day == 0)
        return;
    page_paragraph(page, indent, "", indent, page_say(page, "期限 %s（%d 天）%s%s", "By %s (%d days)%s%s"),
                   calendar_format(deadline.due_day, day), deadline.days,
                   deadline.overdue ? page_say(page, "，已逾期", ", overdue") : "",
                   deadline.examine
                       ? page_say(page, "；并检查是否已被利用", "; and look whether it was used already")
                       : "");
}

static void put_fix(struct page *page, const struct report *report, const struct report_organization *row,
                    size_t number)
{
    const struct scorecard *scorecard = row->scorecard;
    const struct score_fix *fix = &scorecard->fixes[number];
    const struct item *item = &report->catalogue->items[fix->item];
    size_t with = joins(scorecard, number);
    char head[64], gain[32];
    if (with == number)
        snprintf(gain, sizeof gain, "+%.1f", fix->gain);
    else
        snprintf(gain, sizeof gain, page_say(page, "同第%zu项", "with %zu"), with + 1);
    snprintf(head, sizeof head, "%2zu.  ", number + 1);
    page_part(page, STYLE_PLAIN, "   %s", head);
    page_left(page, GAIN_COLUMNS, gain);
    page_part(page, STYLE_STRONG, page_say(page, "%s", "%s"), words_in(&item->name, page->language));
    page_part(page, STYLE_FAINT, page_say(page, "（%s）", " (%s)"), item->id);
    page_end(page);
    size_t indent = 3 + strlen(head) + GAIN_COLUMNS;
    put_places(page, report, row, fix->item, indent);
    const char *how = words_in(&item->fix, page->language);
    if (how[0])
        page_paragraph(page, indent, "", indent, "%s", how);
    put_deadline(page, report, row, fix->item, indent);
}

static const char *band_after(const struct page *page, const struct scorecard *scorecard, int index)
{
    return scorecard->gate == BAND_EXCELLENT ? band_name(band_of(index), page->language) : NULL;
}

/* The first three, and what belongs together with the third. */
static void put_set(struct page *page, const struct scorecard *scorecard)
{
    size_t size = scorecard->fixes_count < SET_SIZE ? scorecard->fixes_count : SET_SIZE;
    size = joins(scorecard, size - 1) + 1;
    int after = index_round(scorecard->fixes[size - 1].index_after);
    const char *band = band_after(page, scorecard, after);
    page_gap(page);
    char set[64];
    if (size == 1)
        snprintf(set, sizeof set, "%s", page_say(page, "做完这一项", "Do this one"));
    else
        snprintf(set, sizeof set, page_say(page, "做完前 %zu 项", "Do the first %zu"), size);
    page_paragraph(
        page, 4, "", 4,
        page_say(page, "%s，指数从 %d 升到 %d%s%s%s。", "%s and the index goes from %d to %d%s%s%s."), set,
        scorecard->index, after, band ? page_say(page, "（", " (") : "", band ? band : "",
        band ? page_say(page, "）", ")") : "");
    if (scorecard->fixes_count > size)
        page_paragraph(page, 4, "", 4, page_say(page, "上面全部做完，是 %d。", "Do all of the above: %d."),
                       index_round(scorecard->fixes[scorecard->fixes_count - 1].index_after));
}

static size_t left_out(const struct scorecard *scorecard)
{
    size_t count = 0;
    for (size_t i = 0; i < scorecard->items_count; i++) {
        bool shown = scorecard->items[i].count == 0;
        for (size_t j = 0; j < scorecard->fixes_count && !shown; j++)
            shown = scorecard->fixes[j].item == scorecard->items[i].item;
        count += !shown;
    }
    return count;
}

void table_fixes(struct page *page, const struct report *report, const struct report_organization *row)
{
    const struct scorecard *scorecard = row->scorecard;
    if (!scorecard->assessed)
        return;
    table_section(page, page_say(page, "先做什么（按此顺序，每项给指数加的分）",
                                 "What to fix first (in this order, with the points that each adds)"));
    if (scorecard->fixes_count == 0) {
        page_paragraph(
            page, 4, "", 4, "%s",
            page_say(page, "看过的部分没有发现问题。", "Nothing was found in what was looked at."));
        return;
    }
    for (size_t i = 0; i < scorecard->fixes_count; i++)
        put_fix(page, report, row, i);
    put_set(page, scorecard);
    size_t rest = left_out(scorecard);
    if (rest)
        page_paragraph(page, 4, "", 4,
                       page_say(page, "另有 %zu 类问题，见 -o json。",
                                rest == 1 ? "There is %zu more kind of finding; -o json lists it."
                                          : "There are %zu more kinds of findings; -o json lists them."),
                       rest);
}
