#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>

/* The five domains. What was not assessed has no bar, and is never shown as 1000. */

static const struct axis axis = {.low = 0, .high = 1000};

static void begin_table(struct html *html, const char *name, const char *last)
{
    html_table(html, "plots domains stack", name);
    html_put(html, "<thead><tr>");
    html_column(html, "", html_say(html, "安全域", "Domain"));
    html_column(html, "number", html_say(html, "分值", "Score"));
    html_column(html, "plot", html_say(html, "0 至 1000", "0 to 1000"));
    html_column(html, "", last);
    html_put(html, "</tr></thead><tbody>\n");
}

static void put_bar(struct html *html, double score)
{
    html_row(html, false);
    html_put(html, "<rect class=\"ground\" y=\"6\" width=\"100%\" height=\"6\"/>");
    html_markup(html, "<rect class=\"bar %s\" y=\"6\" width=\"%.1f%%\" height=\"6\"/>",
                band_word(band_of(index_round(score))), axis_place(&axis, score));
    html_row_end(html);
}

static void begin_row(struct html *html, const struct domain *domain, double score)
{
    html_put(html, "<tr><th scope=\"row\">");
    html_text(html, words_in(&domain->name, html->language));
    if (isnan(score)) {
        html_put(html, "</th><td class=\"number\">–</td><td class=\"plot none\"><span>");
        html_text(html, html_say(html, "未评估", "not assessed"));
        html_put(html, "</span></td><td>");
        return;
    }
    html_markup(html, "</th><td class=\"number\"><b>%d</b></td><td class=\"plot\">", index_round(score));
    put_bar(html, score);
    html_put(html, "</td><td>");
}

static uint64_t findings_in(const struct catalogue *catalogue, const struct scorecard *scorecard,
                            size_t domain)
{
    uint64_t count = 0;
    for (size_t i = 0; i < scorecard->items_count; i++) {
        const struct item *item = &catalogue->items[scorecard->items[i].item];
        if (catalogue->dimensions[item->dimension].domain == domain)
            count += scorecard->items[i].count;
    }
    return count;
}

static size_t assessed_in(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t domain)
{
    size_t count = 0;
    for (size_t i = 0; i < catalogue->dimensions_count; i++)
        count += catalogue->dimensions[i].domain == domain && scorecard->dimensions[i].assessed;
    return count;
}

static void put_known(struct html_document *document, const struct scorecard *scorecard, size_t domain)
{
    struct html *html = &document->html;
    const struct catalogue *catalogue = document->report->catalogue;
    uint64_t findings = findings_in(catalogue, scorecard, domain);
    if (findings)
        html_format(html,
                    html_say(html, "%" PRIu64 " 处问题；",
                             findings == 1 ? "%" PRIu64 " finding; " : "%" PRIu64 " findings; "),
                    findings);
    html_format(html, html_say(html, "评估维度 %zu / %zu", "%zu of %zu dimensions assessed"),
                assessed_in(catalogue, scorecard, domain), catalogue_dimensions_of(catalogue, domain));
}

void html_hospital_domains(struct html_document *document, const struct report_organization *row, int level)
{
    struct html *html = &document->html;
    const struct catalogue *catalogue = document->report->catalogue;
    const struct scorecard *scorecard = row->scorecard;
    html_heading(html, level, html_say(html, "各安全域", "Domains"));
    begin_table(html, html_say(html, "各安全域的分值", "The domains and their scores"),
                html_say(html, "所见", "Seen"));
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        bool assessed = scorecard->domains[i].assessed;
        begin_row(html, &catalogue->domains[i], assessed ? scorecard->domains[i].score : (double)NAN);
        if (assessed)
            put_known(document, scorecard, i);
        html_put(html, "</td></tr>\n");
    }
    html_table_end(html);
}

static void put_group_domain(struct html_document *document, size_t number)
{
    struct html *html = &document->html;
    const struct group_domain *domain = &document->group.domains[number];
    begin_row(html, &document->report->catalogue->domains[number], domain->mean);
    if (domain->assessed)
        html_format(html, html_say(html, "%zu 家，%d 至 %d", "%zu hospitals, %d to %d"), domain->assessed,
                    index_round(domain->least), index_round(domain->most));
    html_put(html, "</td></tr>\n");
}

void html_domains(struct html_document *document)
{
    struct html *html = &document->html;
    html_section(html, "domains", html_say(html, "各安全域", "The domains"));
    html_note(html, html_say(html, "平均只计评估过该域的医院；没有评估过的，不显示分值。",
                             "Means are of the hospitals in which the domain was assessed; what was assessed "
                             "nowhere has no score."));
    begin_table(html, html_say(html, "各安全域的平均分值", "The domains and their mean scores"),
                html_say(html, "最低至最高", "Lowest to highest"));
    for (size_t i = 0; i < document->report->catalogue->domains_count; i++)
        put_group_domain(document, i);
    html_table_end(html);
    html_section_end(html);
}
