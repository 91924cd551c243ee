#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <string.h>

/* Risks that somebody answers for, left out of the index while they are in force and listed beside it; and what
   somebody marked as false. */

static uint64_t accepted_of(const struct report *report, const struct scorecard *scorecard, const char *id)
{
    for (size_t i = 0; i < scorecard->items_count; i++)
        if (strcmp(report->catalogue->items[scorecard->items[i].item].id, id) == 0)
            return scorecard->items[i].accepted;
    return 0;
}

/* `places` 0: not known. */
static void put_risk(struct html_document *document, const struct accepted_risk *risk, uint64_t places)
{
    struct html *html = &document->html;
    size_t number = catalogue_item(document->report->catalogue, risk->item);
    html_put(html, "<tr><th scope=\"row\">");
    if (number != SIZE_MAX)
        html_item(html, &document->report->catalogue->items[number]);
    else
        html_text(html, risk->item);
    html_put(html, "</th><td class=\"number\">");
    if (places)
        html_count(html, places);
    else
        html_put(html, "–");
    html_put(html, "</td><td>");
    html_text(html, risk->reason);
    html_put(html, "</td><td>");
    html_text(html, risk->by);
    html_put(html, "</td><td>");
    if (risk->until_day)
        html_day(html, risk->until_day);
    else
        html_text(html, html_say(html, "不限", "for ever"));
    html_put(html, "</td></tr>\n");
}

static void begin_table(struct html *html, const char *name)
{
    html_table(html, "accepted stack", name);
    html_put(html, "<thead><tr>");
    html_column(html, "", html_say(html, "问题", "Finding"));
    html_column(html, "number", html_say(html, "处", "Places"));
    html_column(html, "", html_say(html, "理由", "Reason"));
    html_column(html, "", html_say(html, "何人", "By whom"));
    html_column(html, "", html_say(html, "至", "Until"));
    html_put(html, "</tr></thead><tbody>\n");
}

static void put_risks(struct html_document *document, const struct report_organization *row)
{
    const struct report *report = document->report;
    begin_table(&document->html, html_say(&document->html, "已接受的风险", "Accepted risks"));
    for (size_t i = 0; i < report->scope->accepted_count; i++) {
        const struct accepted_risk *risk = &report->scope->accepted[i];
        uint64_t places = accepted_of(report, row->scorecard, risk->item);
        if (places && accepted_risk_holds(risk, row->organization->id, report->today))
            put_risk(document, risk, places);
    }
    html_table_end(&document->html);
}

/* Without the scope, only which items and how many. */
static void put_counted(struct html_document *document, const struct scorecard *scorecard)
{
    struct html *html = &document->html;
    html_put(html, "<ul class=\"counted\">\n");
    for (size_t i = 0; i < scorecard->items_count; i++) {
        if (scorecard->items[i].accepted == 0)
            continue;
        html_put(html, "<li><span>");
        html_item(html, &document->report->catalogue->items[scorecard->items[i].item]);
        html_markup(html, "</span><span class=\"number\">%" PRIu64 "</span></li>\n",
                    scorecard->items[i].accepted);
    }
    html_put(html, "</ul>\n");
}

/* Findings that somebody looked at, and that are none. */
static void put_marked(struct html_document *document, const struct report_organization *row, int level)
{
    struct html *html = &document->html;
    const struct scope *scope = document->report->scope;
    if (row->scorecard->marked == 0)
        return;
    html_heading(html, level, html_say(html, "误报", "False positives"));
    html_put(html, "<p>");
    html_format(html,
                html_say(html, "有 %" PRIu64 " 处经人核实为误报，完全不计。",
                         "Looked at by somebody, marked as false, and left out altogether: %" PRIu64 "."),
                row->scorecard->marked);
    html_put(html, "</p>\n");
    if (!scope)
        return;
    begin_table(html, html_say(html, "标为误报的问题", "Findings marked as false"));
    for (size_t i = 0; i < scope->false_positives_count; i++)
        if (accepted_risk_holds(&scope->false_positives[i], row->organization->id, document->report->today))
            put_risk(document, &scope->false_positives[i], 0);
    html_table_end(html);
}

static void put_accepted(struct html_document *document, const struct report_organization *row, int level)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    if (scorecard_accepted(scorecard) == 0)
        return;
    html_heading(html, level, html_say(html, "已接受的风险", "Accepted risks"));
    html_put(html, "<p>");
    html_text(html, html_say(html, "不计入指数，期满自动恢复。",
                             "They are left out of the index, and come back by themselves when they end."));
    if (scorecard->assessed)
        html_format(html, html_say(html, "若不接受，指数是 %d。", " With them the index would be %d."),
                    index_round(scorecard->without_acceptance));
    html_put(html, "</p>\n");
    if (document->report->scope)
        put_risks(document, row);
    else
        put_counted(document, scorecard);
}

void html_accepted(struct html_document *document, const struct report_organization *row, int level)
{
    put_accepted(document, row, level);
    put_marked(document, row, level);
}
