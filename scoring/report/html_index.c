#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* The index as a number, its band, the scale, and beside them what limits it: gate, coverage, bounds, addresses. */

static void put_number(struct html *html, int index, enum band band)
{
    html_markup(html, "<p class=\"index\"><span class=\"number %s\">%d</span> ", band_word(band), index);
    html_put(html, "<span class=\"of\">/ 1000</span> ");
    html_band(html, band);
    html_put(html, "</p>\n");
}

static void begin_fact(struct html *html, const char *name)
{
    html_put(html, "<div><dt>");
    html_text(html, name);
    html_put(html, "</dt><dd>");
}

static void end_fact(struct html *html)
{
    html_put(html, "</dd></div>\n");
}

static void put_gate(struct html_document *document, const struct scorecard *scorecard)
{
    struct html *html = &document->html;
    begin_fact(html, html_say(html, "门槛", "Gate"));
    if (scorecard->gate == BAND_EXCELLENT) {
        html_text(html,
                  html_say(html, "没有严重到限制等级的问题", "No finding is grave enough to cap the band"));
    } else {
        html_format(html,
                    html_say(html, "最高只能显示“%s”，因为：", "Shown as %s at most, for the sake of: "),
                    band_name(scorecard->gate, html->language));
        for (size_t i = 0; i < scorecard->gated_by_count; i++) {
            html_put(html, i ? html_say(html, "、", ", ") : "");
            html_item(html, &document->report->catalogue->items[scorecard->gated_by[i]]);
        }
    }
    end_fact(html);
}

static void put_coverage(struct html_document *document, const struct scorecard *scorecard)
{
    struct html *html = &document->html;
    const struct catalogue *catalogue = document->report->catalogue;
    begin_fact(html, html_say(html, "覆盖", "Coverage"));
    html_format(html,
                html_say(html, "检查项 %zu / %zu，维度 %zu / %zu，安全域 %zu / %zu",
                         "%zu of %zu check items, %zu of %zu dimensions, %zu of %zu domains"),
                scorecard->items_assessed, catalogue->items_count, scorecard->dimensions_assessed,
                catalogue->dimensions_count, scorecard->domains_assessed, catalogue->domains_count);
    end_fact(html);
}

static void put_bounds(struct html *html, const double bounds[2])
{
    begin_fact(html, html_say(html, "上下界", "Bounds"));
    html_format(html,
                html_say(html, "%d 至 %d：未评估部分若最差，或全无问题",
                         "%d to %d: with what was not assessed at its worst, or without fault"),
                index_round(bounds[0]), index_round(bounds[1]));
    end_fact(html);
}

static void put_addresses(struct html *html, uint64_t authorized, uint64_t asked, uint64_t answered,
                          uint64_t open)
{
    begin_fact(html, html_say(html, "地址", "Addresses"));
    html_text(html, html_say(html, "授权 ", "authorized "));
    html_count(html, authorized);
    html_text(html, html_say(html, "，询问 ", ", asked "));
    html_count(html, asked);
    html_text(html, html_say(html, "，有应答 ", ", answered "));
    html_count(html, answered);
    html_text(html, html_say(html, "，有开放端口 ", ", with an open port "));
    html_count(html, open);
    end_fact(html);
}

static void put_literal(struct html *html, double literal)
{
    begin_fact(html, html_say(html, "按原式", "As printed"));
    html_format(html,
                html_say(html, "%d：2018 年报告的算式把未评估的当作满分",
                         "%d: the formula of 2018 takes what was not assessed for perfect"),
                index_round(literal));
    end_fact(html);
}

/* In a group the sentences below say the rest. */
static void put_facts(struct html_document *document, const struct report_organization *row)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    bool gates = scorecard->assessed && scorecard->gate < BAND_EXCELLENT;
    if (!document->single && !gates && !row->counts_known)
        return;
    html_put(html, "<dl class=\"facts\">\n");
    if (scorecard->assessed && (document->single || gates))
        put_gate(document, scorecard);
    if (scorecard->assessed && document->single)
        put_bounds(html, scorecard->bounds);
    if (document->single)
        put_coverage(document, scorecard);
    if (row->counts_known)
        put_addresses(html, row->authorized, row->asked, row->answered, row->open_hosts);
    if (scorecard->assessed && document->single)
        put_literal(html, scorecard->literal);
    html_put(html, "</dl>\n");
}

void html_hospital_index(struct html_document *document, const struct report_organization *row)
{
    struct html *html = &document->html;
    const struct scorecard *scorecard = row->scorecard;
    if (scorecard->assessed) {
        char meaning[400];
        snprintf(
            meaning, sizeof meaning,
            html_say(
                html, "刻度 0 至 1000；须线为上下界：未评估部分若最差，指数为 %d，若全无问题，为 %d。",
                "A scale from 0 to 1000. The whisker shows the bounds: %d with what was not assessed at its "
                "worst, %d without fault."),
            index_round(scorecard->bounds[0]), index_round(scorecard->bounds[1]));
        html_put(html, "<div class=\"hero\">");
        put_number(html, scorecard->index, html_band_shown(scorecard));
        html_put(html, "<div class=\"scale-box\">");
        html_scale(html, scorecard->index_exact, html_band_shown(scorecard), scorecard->bounds, meaning);
        html_put(html, "</div></div>\n");
    }
    put_facts(document, row);
}

static void put_group_scale(struct html *html, const struct cohort *all)
{
    enum band band = band_of(index_round(all->mean));
    char meaning[300];
    if (isnan(all->interval[0]))
        snprintf(meaning, sizeof meaning, "%s",
                 html_say(html, "刻度 0 至 1000。", "A scale from 0 to 1000."));
    else
        snprintf(meaning, sizeof meaning,
                 html_say(html, "刻度 0 至 1000；须线为平均指数的 95%% 置信区间，%d 至 %d。",
                          "A scale from 0 to 1000. The whisker is the 95 %% interval of the mean, %d to %d."),
                 index_round(all->interval[0]), index_round(all->interval[1]));
    html_put(html, "<div class=\"hero\">");
    put_number(html, index_round(all->mean), band);
    html_put(html, "<div class=\"scale-box\">");
    html_scale(html, all->mean, band, all->interval, meaning);
    html_put(html, "</div></div>\n");
}

static void put_group_facts(struct html_document *document)
{
    struct html *html = &document->html;
    const struct group *group = &document->group;
    const double bounds[2] = {group->lowest, group->highest};
    size_t gated = 0;
    for (size_t i = 0; i < group->all->organizations; i++)
        gated += group->all->places[i].member->gate < group->all->places[i].member->band;
    html_put(html, "<dl class=\"facts\">\n");
    begin_fact(html, html_say(html, "医院", "Hospitals"));
    html_format(html, html_say(html, "%zu 家，其中有指数的 %zu 家", "%zu, of which %zu have an index"),
                document->report->organizations_count, group->all->organizations);
    end_fact(html);
    begin_fact(html, html_say(html, "门槛", "Gate"));
    if (gated)
        html_format(
            html,
            html_say(html, "%zu 家因严重问题而显示为更低的等级",
                     "%zu shown in a lower band than their index has, for the sake of grave findings"),
            gated);
    else
        html_text(html, html_say(html, "没有一家因严重问题而显示为更低的等级",
                                 "none is shown in a lower band than its index has"));
    end_fact(html);
    put_bounds(html, bounds);
    if (group->counts_known)
        put_addresses(html, group->authorized, group->asked, group->answered, group->open_hosts);
    html_put(html, "</dl>\n");
}

void html_index(struct html_document *document)
{
    struct html *html = &document->html;
    html_section(html, "index", html_say(html, "指数", "The index"));
    if (document->single) {
        html_hospital_index(document, &document->report->organizations[0]);
    } else if (document->group.all) {
        put_group_scale(html, document->group.all);
        put_group_facts(document);
    }
    html_section_end(html);
}
