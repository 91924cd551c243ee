#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "scoring/comparison.h"

/* Open ports as shares of the hosts that have any port open: ours with Wilson's interval, the baseline's figures as
   marks on the same axis, and the word that the exact test allows. */

#define MARKS_MAX 4

struct port_row {
    size_t exposure;
    struct proportion hosts;
    double interval[2];
    const struct comparison_share *marks[MARKS_MAX];
    size_t marks_count;
};

static const char *const high_risk[] = {"open-3306", "open-3389", "open-445", NULL};
static const char *const databases[] = {"open-3306",  "open-1433",     "open-1521",  "open-5432",
                                        "open-54321", "open-6379",     "open-27017", "open-9200",
                                        "open-11211", "open-database", NULL};

static size_t exposure_named(const struct exposures *exposures, const char *id)
{
    for (size_t i = 0; i < exposures->count; i++)
        if (strcmp(exposures->items[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

static struct port_row row_of(const struct comparison *comparison, size_t exposure)
{
    struct port_row row = {.exposure = exposure,
                           .hosts = census_proportion(comparison->census, exposure, DENOMINATOR_HOST),
                           .interval = {(double)NAN, (double)NAN}};
    if (comparison_tells(row.hosts))
        proportion_wilson(row.hosts, row.interval);
    for (size_t i = 0; i < comparison->shares_count && row.marks_count < MARKS_MAX; i++) {
        const struct comparison_share *share = &comparison->shares[i];
        if (share->exposure == exposure && share->denominator == DENOMINATOR_HOST)
            row.marks[row.marks_count++] = share;
    }
    return row;
}

static double most_of(const struct comparison *comparison, const char *const *ids)
{
    double most = 0;
    for (; *ids; ids++) {
        size_t exposure = exposure_named(comparison->exposures, *ids);
        if (exposure == SIZE_MAX)
            continue;
        const struct port_row row = row_of(comparison, exposure);
        if (!isnan(row.interval[1]))
            most = fmax(most, row.interval[1]);
        for (size_t i = 0; i < row.marks_count; i++)
            most = fmax(most, row.marks[i]->baseline);
    }
    return most;
}

static const char *population_of(const struct html *html, const struct comparison *comparison,
                                 const struct comparison_share *share, char text[HTML_NAME_MAX])
{
    return html_name(words_in(figure_population(share->figure, comparison->baseline), html->language), text);
}

static void put_marks(struct html *html, const struct axis *axis, const struct port_row *row)
{
    for (size_t i = 0; i < row->marks_count; i++)
        html_markup(
            html, "<svg x=\"%.2f%%\" y=\"9\" class=\"over\"><path class=\"standard-mark\" d=\"%s\"/></svg>",
            axis_place(axis, row->marks[i]->baseline), i == 0 ? "M0-6L5 0L0 6L-5 0Z" : "M-5-4H5L0 5Z");
}

static void put_plot(struct html *html, const struct axis *axis, const struct port_row *row)
{
    html_put(html, "<td class=\"plot\">");
    html_row(html, true);
    if (!isnan(row->interval[0])) {
        html_markup(html, "<line class=\"interval\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"9\" y2=\"9\"/>",
                    axis_place(axis, row->interval[0]), axis_place(axis, row->interval[1]));
        html_markup(html, "<circle class=\"dot ours\" cx=\"%.2f%%\" cy=\"9\" r=\"4.5\"/>",
                    axis_place(axis, proportion_share(row->hosts)));
    }
    put_marks(html, axis, row);
    html_row_end(html);
    html_put(html, "</td>");
}

/* "3 of 40", and the share with its interval where there are enough. */
static void put_ours(struct html *html, const struct comparison *comparison, const struct port_row *row)
{
    char share[HTML_SHARE_MAX], low[HTML_SHARE_MAX], high[HTML_SHARE_MAX];
    if (comparison->census->tallies[row->exposure].asked == ASKED_NOWHERE) {
        html_put(html, "<td class=\"number\">–</td><td>");
        html_text(html, html_say(html, "没有探测", "not asked"));
        html_put(html, "</td>");
        return;
    }
    html_put(html, "<td class=\"number\">");
    html_format(html, html_say(html, "%" PRIu64 " / %" PRIu64, "%" PRIu64 " of %" PRIu64), row->hosts.count,
                row->hosts.of);
    html_put(html, "</td><td>");
    if (isnan(row->interval[0]))
        html_text(html, comparison_why_name(WHY_FEW, html->language));
    else
        html_markup(html, "<b>%s</b> <span class=\"faint\">(%s–%s)</span>",
                    html_share(proportion_share(row->hosts), share), html_share(row->interval[0], low),
                    html_share(row->interval[1], high));
    html_put(html, "</td>");
}

static void put_words(struct html *html, const struct comparison *comparison, const struct port_row *row)
{
    char text[HTML_SHARE_MAX], name[HTML_NAME_MAX];
    html_put(html, "<td>");
    for (size_t i = 0; i < row->marks_count; i++) {
        const struct comparison_share *share = row->marks[i];
        html_put(html, i ? "<br>" : "");
        html_markup(html,
                    "<svg class=\"key\" aria-hidden=\"true\"><path class=\"standard-mark\" d=\"%s\"/></svg>",
                    i == 0 ? "M7 1L12 7L7 13L2 7Z" : "M2 3H12L7 12Z");
        html_markup(html, "%s ", html_share(share->baseline, text));
        html_put(html, "<span class=\"faint\">");
        html_text(html, population_of(html, comparison, share, name));
        html_put(html, "</span> <b class=\"word\">");
        html_text(html, comparison_word_name(share->word, html->language));
        html_put(html, "</b>");
    }
    if (row->marks_count == 0) {
        html_put(html, "<span class=\"faint\">");
        html_text(html, html_say(html, "基线没有这个端口", "the baseline has no figure"));
        html_put(html, "</span>");
    }
    html_put(html, "</td></tr>\n");
}

static void put_axis(struct html *html, const struct axis *axis)
{
    double ticks[AXIS_TICKS_MAX];
    char text[HTML_SHARE_MAX];
    size_t count = axis_ticks(axis, 3, ticks);
    html_put(html, "<th scope=\"col\" class=\"plot\"><span class=\"unseen\">");
    html_text(html, html_say(html, "图", "Chart"));
    html_put(html, "</span>");
    html_row(html, false);
    for (size_t i = 0; i < count; i++)
        html_chart_text(html, axis_place(axis, ticks[i]), 12,
                        i == 0           ? "start"
                        : i + 1 == count ? "end"
                                         : "middle",
                        "tick", html_share(ticks[i], text));
    html_row_end(html);
    html_put(html, "</th>");
}

static void put_table(struct html *html, const struct comparison *comparison, const char *const *ids,
                      const char *name)
{
    struct axis axis = axis_from_zero(most_of(comparison, ids));
    html_table(html, "plots stack", name);
    html_put(html, "<thead><tr>");
    html_column(html, "", html_say(html, "端口", "Port"));
    put_axis(html, &axis);
    html_column(html, "number", html_say(html, "主机", "Hosts"));
    html_column(html, "", html_say(html, "占比（95% 区间）", "Share (95 % interval)"));
    html_column(html, "", html_say(html, "基线，相比", "Baseline, compared"));
    html_put(html, "</tr></thead><tbody>\n");
    for (; *ids; ids++) {
        size_t exposure = exposure_named(comparison->exposures, *ids);
        if (exposure == SIZE_MAX)
            continue;
        const struct port_row row = row_of(comparison, exposure);
        html_put(html, "<tr><th scope=\"row\">");
        html_text(html, comparison->exposures->items[exposure].names[html->language]);
        html_put(html, "</th>");
        put_plot(html, &axis, &row);
        put_ours(html, comparison, &row);
        put_words(html, comparison, &row);
    }
    html_table_end(html);
}

/* With too few hosts there is nothing to draw. */
static void put_counts(struct html *html, const struct comparison *comparison, const char *const *ids)
{
    html_put(html, "<ul class=\"counted\">\n");
    for (; *ids; ids++) {
        size_t exposure = exposure_named(comparison->exposures, *ids);
        if (exposure == SIZE_MAX)
            continue;
        const struct proportion hosts = census_proportion(comparison->census, exposure, DENOMINATOR_HOST);
        html_put(html, "<li><span>");
        html_text(html, comparison->exposures->items[exposure].names[html->language]);
        html_put(html, "</span><span class=\"number\">");
        if (comparison->census->tallies[exposure].asked == ASKED_NOWHERE)
            html_text(html, html_say(html, "没有探测", "not asked"));
        else
            html_format(html,
                        html_say(html, "%" PRIu64 " / %" PRIu64 " 台", "%" PRIu64 " of %" PRIu64 " hosts"),
                        hosts.count, hosts.of);
        html_put(html, "</span></li>\n");
    }
    html_put(html, "</ul>\n");
}

/* The same ports one way or the other. */
static void put_ports(struct html *html, const struct comparison *comparison, const char *const *ids,
                      const char *heading, const char *name)
{
    html_heading(html, 3, heading);
    if (comparison_tells((struct proportion){0, comparison->census->hosts}))
        put_table(html, comparison, ids, name);
    else
        put_counts(html, comparison, ids);
}

static void put_denominators(struct html *html, const struct comparison *comparison)
{
    const struct census *census = comparison->census;
    html_put(html, "<p>");
    html_text(html, html_say(html, "分母：有开放端口的主机 ",
                             "The denominator is the hosts that have any port open: "));
    html_count(html, census->hosts);
    html_text(html, html_say(html, " 台；另有应答的地址 ", ". Addresses that answered: "));
    html_count(html, census->answered);
    if (census->addresses_known) {
        html_text(html, html_say(html, " 个，授权并探测的地址 ", "; addresses that were asked: "));
        html_count(html, census->addresses);
    }
    html_text(html, html_say(html, " 个。基线没有说明它的百分比以什么为分母，这里按有开放端口的主机计。",
                             ". The baseline does not say what its percentages are of; they are taken for "
                             "shares of hosts with an open port."));
    html_text(html,
              html_say(html, "“高于”“低于”经精确检验并按 Holm 校正；“无法区分”表示数目还太小，或确实相近。",
                       " “Above” and “below” have an exact test behind them, corrected by Holm for all that "
                       "is looked at "
                       "together; “not distinguishable” means that there are too few, or no difference."));
    html_put(html, "</p>\n");
}

static void put_source(struct html *html, const struct comparison *comparison)
{
    html_put(html, "<p class=\"note\">");
    html_text(html, html_say(html, "基线 ", "Baseline "));
    html_text_cut(html, comparison->baseline->name, HTML_NAME_MAX);
    html_text(html, html_say(html, "：", ": "));
    html_text(html, words_in(&comparison->baseline->source, html->language));
    html_text(html, html_say(html, "。", "."));
    html_put(html, "</p>\n");
}

void html_ports(struct html_document *document)
{
    struct html *html = &document->html;
    const struct comparison *comparison = document->report->comparison;
    html_section(html, "ports", html_say(html, "高危端口与数据库端口", "High-risk and database ports"));
    bool asked = comparison && comparison->census->addresses > 0;
    if (!asked || comparison->census->hosts == 0) {
        html_paragraph(
            html, "",
            asked ? html_say(html, "没有主机有开放端口。", "No host has an open port.")
                  : html_say(html, "来源只给出发现的问题，没有给出探测过多少端口，无法与基线比较。",
                             "The source gives findings alone and not what was asked, so that nothing "
                             "can be held against a baseline."));
        html_section_end(html);
        return;
    }
    put_source(html, comparison);
    if (!comparison_tells((struct proportion){0, comparison->census->hosts}))
        html_paragraph(html, "",
                       html_say(html,
                                "有开放端口的主机不足 20 台，只列计数：拿它们的百分比与基线相比没有意义。",
                                "With fewer than 20 hosts that have a port open there are only counts: their "
                                "percentages, held "
                                "against the baseline, would mean nothing."));
    put_ports(html, comparison, high_risk, html_say(html, "高危端口", "High-risk ports"),
              html_say(html, "高危端口与基线", "High-risk ports against the baseline"));
    put_ports(html, comparison, databases, html_say(html, "数据库端口", "Database ports"),
              html_say(html, "数据库端口与基线", "Database ports against the baseline"));
    put_denominators(html, comparison);
    html_section_end(html);
}
