#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <stdlib.h>

/* Every hospital by its index: one curve of all, and the list that leads to each one's page. */

#define CURVE_FROM 12 /* hospitals; fewer make no curve */

static const struct axis axis = {.low = 0, .high = 1000, .upward = true};
static const struct axis across = {.low = 0, .high = 1000};

static void put_levels(struct html *html)
{
    static const int levels[] = {500, 700, 900};
    char text[16];
    for (size_t i = 0; i < 3; i++) {
        double y = axis_place(&axis, levels[i]);
        snprintf(text, sizeof text, "%d", levels[i]);
        html_markup(html, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.1f%%\" y2=\"%.1f%%\"/>", y, y);
        html_markup(
            html,
            "<text class=\"tick\" x=\"0\" dx=\"-8\" dy=\"4\" y=\"%.1f%%\" text-anchor=\"end\">%s</text>", y,
            text);
    }
    static const double middles[] = {250, 600, 800, 950};
    for (int band = BAND_POOR; band <= BAND_EXCELLENT; band++) {
        html_markup(html, "<text class=\"name\" x=\"100%%\" dx=\"8\" dy=\"4\" y=\"%.1f%%\">",
                    axis_place(&axis, middles[band]));
        html_text(html, band_name((enum band)band, html->language));
        html_put(html, "</text>\n");
    }
}

/* One path, however many; the viewBox is stretched, its strokes are not. */
static void put_curve(struct html *html, const struct cohort *all)
{
    html_put(html,
             "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" width=\"100%\" height=\"100%\">"
             "<path class=\"curve\" vector-effect=\"non-scaling-stroke\" d=\"");
    for (size_t i = 0; i < all->organizations; i++)
        html_markup(html, "%s%.1f %d", i ? "L" : "M", 1000 * (double)i / (double)(all->organizations - 1),
                    1000 - all->places[i].member->index);
    html_put(html, "\"/></svg>\n");
}

/* The first, the one in the middle and the last say their index. */
static void put_ends(struct html *html, const struct cohort *all)
{
    const size_t last = all->organizations - 1, places[] = {0, last / 2, last};
    static const char *const anchors[] = {"start", "middle", "end"};
    for (size_t i = 0; i < 3; i++) {
        int index = all->places[places[i]].member->index;
        double x = 100 * (double)places[i] / (double)last, y = axis_place(&axis, index);
        html_markup(html, "<circle class=\"point\" cx=\"%.2f%%\" cy=\"%.1f%%\" r=\"3.5\"/>", x, y);
        html_markup(
            html, "<text class=\"value\" x=\"%.2f%%\" y=\"%.1f%%\" dy=\"-10\" text-anchor=\"%s\">%d</text>\n",
            x, y, anchors[i], index);
    }
}

static void put_chart(struct html *html, const struct cohort *all)
{
    char description[300];
    snprintf(description, sizeof description,
             html_say(html, "%zu 家医院按指数由高到低排列：最高 %d，居中 %d，最低 %d。",
                      "%zu hospitals from the highest index to the lowest: %d at the top, %d in the middle, "
                      "%d at the end."),
             all->organizations, all->places[0].member->index,
             all->places[(all->organizations - 1) / 2].member->index,
             all->places[all->organizations - 1].member->index);
    html_put(html, "<div class=\"curve-box\">");
    html_chart(html, 220, "ranked", html_say(html, "全部医院，由高到低", "All hospitals, from high to low"),
               description);
    put_levels(html);
    put_curve(html, all);
    put_ends(html, all);
    html_chart_end(html);
    html_put(html, "</div>\n");
}

static void put_dot(struct html *html, const struct scorecard *scorecard)
{
    double at = axis_place(&across, scorecard->index_exact);
    html_row(html, true);
    html_markup(html, "<circle class=\"dot %s\" cx=\"%.1f%%\" cy=\"9\" r=\"4\"/>",
                band_word(html_band_shown(scorecard)), at);
    html_row_end(html);
}

static void put_name(struct html *html, const struct report_organization *row, size_t number)
{
    html_put(html, "<th scope=\"row\"><a href=\"#");
    html_hospital_id(html, number);
    html_put(html, "\">");
    html_text_cut(html, row->organization->name, HTML_NAME_MAX);
    html_put(html, "</a></th><td>");
    const char *province = organization_tag(row->organization, "province");
    html_text_cut(html, province ? province : "", HTML_NAME_MAX);
    html_put(html, "</td>");
}

static void put_row(struct html_document *document, size_t number, size_t rank)
{
    struct html *html = &document->html;
    const struct report_organization *row = &document->report->organizations[number];
    const struct scorecard *scorecard = row->scorecard;
    if (scorecard->assessed)
        html_markup(html, "<tr><td class=\"number\">%zu</td>", rank);
    else
        html_put(html, "<tr><td class=\"number\">–</td>");
    put_name(html, row, number);
    if (scorecard->assessed) {
        html_markup(html, "<td class=\"number\"><b>%d</b></td><td class=\"plot\">", scorecard->index);
        put_dot(html, scorecard);
        html_put(html, "</td><td>");
        html_band(html, html_band_shown(scorecard));
    } else {
        html_put(html, "<td class=\"number\">–</td><td class=\"plot\"></td><td>");
        html_text(html, html_say(html, "未评估", "not assessed"));
    }
    html_put(html, "</td><td class=\"number\">");
    html_count(html, html_occurrences(scorecard));
    html_put(html, "</td></tr>\n");
}

static void put_table(struct html_document *document)
{
    struct html *html = &document->html;
    const struct report *report = document->report;
    const struct cohort *all = document->group.all;
    html_table(html, "ranking stack", html_say(html, "医院按指数排列", "Hospitals by index"));
    html_put(html, "<thead><tr>");
    html_column(html, "number", html_say(html, "名次", "Rank"));
    html_column(html, "", html_say(html, "医院", "Hospital"));
    html_column(html, "", html_say(html, "省份", "Province"));
    html_column(html, "number", html_say(html, "指数", "Index"));
    html_column(html, "plot", html_say(html, "0 至 1000", "0 to 1000"));
    html_column(html, "", html_say(html, "显示等级", "Shown as"));
    html_column(html, "number", html_say(html, "问题", "Findings"));
    html_put(html, "</tr></thead><tbody>\n");
    for (size_t i = 0; all && i < all->organizations; i++)
        put_row(document, all->places[i].member->row, all->places[i].rank);
    for (size_t i = 0; i < report->organizations_count; i++)
        if (!report->organizations[i].scorecard->assessed)
            put_row(document, i, 0);
    html_table_end(html);
}

void html_ranking(struct html_document *document)
{
    struct html *html = &document->html;
    const struct cohort *all = document->group.all;
    html_section(html, "ranking", html_say(html, "全部医院", "All hospitals"));
    html_note(
        html,
        html_say(
            html, "名次只是本次所见的次序；评估范围不同的医院不能只凭名次相比，各家的上下界见其单页。",
            "A rank is the order of what was seen this time. Hospitals of which unlike parts were assessed "
            "do not compare by rank alone: each page shows the bounds."));
    if (all && all->organizations >= CURVE_FROM)
        put_chart(html, all);
    put_table(document);
    html_section_end(html);
}
