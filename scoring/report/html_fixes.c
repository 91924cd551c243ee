#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/deadline.h"

/* What a hospital should fix first: each fix with the points that it brings alone, and as the next step of a set with
   the index after it. */

#define PLACES_MOST 6
#define NO_GAIN     0.05

static const struct axis axis = {.low = 0, .high = 1000};

static double gain_alone(const struct scorecard *scorecard, size_t item)
{
    for (size_t i = 0; i < scorecard->items_count; i++)
        if (scorecard->items[i].item == item)
            return scorecard->items[i].gain;
    return 0;
}

static void put_places(struct html_document *document, const struct report_organization *row, size_t item)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    size_t places = 0;
    for (size_t i = 0; i < scorecard->occurrences_count; i++) {
        const struct score_occurrence *occurrence = &scorecard->occurrences[i];
        if (occurrence->item != item || !occurrence->finding ||
            (!occurrence->finding->has_address && !occurrence->finding->key))
            continue;
        if (places++ >= PLACES_MOST)
            continue;
        html_put(html, places > 1 ? html_say(html, "、", ", ") : "<span class=\"places\">");
        html_place(html, occurrence->finding, document->report->catalogue->items[item].unit,
                   row->organization);
    }
    if (places > PLACES_MOST)
        html_format(html, html_say(html, "，另有 %zu 处", " and %zu more"), places - PLACES_MOST);
    html_put(html, places ? "</span>" : "");
}

/* From the index before to the one after, on the scale. */
static void put_step(struct html *html, double before, double after)
{
    double from = axis_place(&axis, before), to = axis_place(&axis, after);
    html_put(html, "<td class=\"plot\">");
    html_row(html, true);
    html_markup(html, "<rect class=\"bar step\" x=\"%.2f%%\" y=\"5\" width=\"%.2f%%\" height=\"8\"/>", from,
                to - from > 0.4 ? to - from : 0.4);
    html_row_end(html);
    html_put(html, "</td>");
}

/* The soonest of the item's places. */
static bool deadline_at(const struct html_document *document, const struct report_organization *row,
                        size_t item, struct deadline *deadline_out)
{
    const struct report *report = document->report;
    const struct scorecard *scorecard = row->scorecard;
    bool found = false;
    for (size_t i = 0; report->deadlines && i < scorecard->occurrences_count; i++) {
        const struct score_occurrence *occurrence = &scorecard->occurrences[i];
        if (occurrence->item != item || !occurrence->finding)
            continue;
        enum vantage vantage = VANTAGE_INTERNET;
        if (report->run && report->run->vantage)
            (void)vantage_parse(report->run->vantage, &vantage);
        struct deadline deadline = deadline_of(
            report->deadlines, report->catalogue, item, occurrence->finding, vantage_exposure(vantage),
            html_first_seen(report, row, occurrence->finding, item), report->today);
        if (!found || (deadline.days && (!deadline_out->days ||
                                         (deadline.due_day && deadline.due_day < deadline_out->due_day))))
            *deadline_out = deadline;
        found = true;
    }
    return found;
}

static void put_deadline(struct html_document *document, const struct report_organization *row, size_t item)
{
    struct html *html = &document->html;
    struct deadline deadline = {0};
    html_put(html, "<td class=\"due\">");
    if (!deadline_at(document, row, item, &deadline)) {
        html_put(html, "–");
    } else if (deadline.days == 0) {
        html_text(html, html_say(html, "下次升级", "next upgrade"));
    } else {
        html_put(html, deadline.overdue ? "<b class=\"overdue\">" : "<b>");
        if (deadline.due_day)
            html_day(html, deadline.due_day);
        html_put(html, "</b><span class=\"faint\"> ");
        html_format(html, html_say(html, "%d 天", deadline.days == 1 ? "%d day" : "%d days"), deadline.days);
        html_text(html, deadline.overdue ? html_say(html, "，已逾期", ", overdue") : "");
        html_put(html, "</span>");
    }
    html_put(html, "</td>");
}

static void put_fix(struct html_document *document, const struct report_organization *row, size_t number)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    const struct score_fix *fix = &scorecard->fixes[number];
    const struct item *item = &document->report->catalogue->items[fix->item];
    double before = number ? scorecard->fixes[number - 1].index_after : scorecard->index_exact;
    html_markup(html, "<tr><td class=\"number\">%zu</td><th scope=\"row\">", number + 1);
    html_item(html, item);
    if (document->fixes_most == SIZE_MAX) /* else the findings say it */
        put_places(document, row, fix->item);
    if (document->single) {
        html_put(html, "<span class=\"how\">");
        html_text(html, words_in(&item->fix, html->language));
        html_put(html, "</span>");
    }
    html_put(html, "</th>");
    double alone = gain_alone(scorecard, fix->item);
    if (alone < NO_GAIN)
        html_put(html, "<td class=\"number\">–</td>");
    else
        html_markup(html, "<td class=\"number\">+%.1f</td>", alone);
    put_step(html, before, fix->index_after);
    html_markup(html, "<td class=\"number\">→ <b>%d</b></td>", index_round(fix->index_after));
    if (document->report->deadlines)
        put_deadline(document, row, fix->item);
    html_put(html, "</tr>\n");
}

static size_t left_out(const struct scorecard *scorecard, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < scorecard->items_count; i++) {
        bool shown = scorecard->items[i].count == 0;
        for (size_t j = 0; j < scorecard->fixes_count && j < most && !shown; j++)
            shown = scorecard->fixes[j].item == scorecard->items[i].item;
        count += !shown;
    }
    return count;
}

static void put_table(struct html_document *document, const struct report_organization *row)
{
    struct html *html = &document->html;
    html_table(html, "plots fixes stack",
               html_say(html, "整改事项，按此顺序", "What to mend, in this order"));
    html_put(html, "<thead><tr>");
    html_column(html, "number", html_say(html, "序", "No."));
    html_column(html, "", html_say(html, "问题、所在与整改", "Finding, where, and how to mend it"));
    html_column(html, "number", html_say(html, "单做", "Alone"));
    html_column(html, "plot", html_say(html, "依次做，0 至 1000", "One after the other, 0 to 1000"));
    html_column(html, "number", html_say(html, "做到此项", "Index then"));
    if (document->report->deadlines)
        html_column(html, "", html_say(html, "期限", "By"));
    html_put(html, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < row->scorecard->fixes_count && i < document->fixes_most; i++)
        put_fix(document, row, i);
    html_table_end(html);
}

void html_fixes(struct html_document *document, const struct report_organization *row, int level)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    if (!scorecard->assessed)
        return;
    html_heading(html, level, html_say(html, "先做什么", "What to fix first"));
    if (scorecard->fixes_count == 0) {
        html_paragraph(
            html, "", html_say(html, "看过的部分没有发现问题。", "Nothing was found in what was looked at."));
        return;
    }
    if (document->single)
        html_note(html, html_say(html,
                                 "“单做”是只整改这一项时指数的增加；“做到此项”是从上往下依次做完到这一项之后"
                                 "的指数。单做的分数不能相加。"
                                 "“–”表示单做不加分，要和同一维度的其他项一起做才加分。",
                                 "“Alone” is what the index gains if only this is mended; “index then” is "
                                 "the index once this and all above it are "
                                 "done. What they bring alone does not add up. “–”: alone it brings nothing, "
                                 "only together with others of its dimension."));
    put_table(document, row);
    size_t rest = left_out(scorecard, document->fixes_most);
    if (rest) {
        html_put(html, "<p class=\"faint\">");
        html_format(html,
                    html_say(html, "另有 %zu 类问题，见下。",
                             rest == 1 ? "There is %zu more kind of finding, below."
                                       : "There are %zu more kinds of findings, below."),
                    rest);
        html_put(html, "</p>\n");
    }
}
