#include "scoring/report/html_parts.h"

#include <string.h>

#include "probes/text.h"

void html_section(struct html *html, const char *id, const char *title)
{
    html_markup(html, "\n<section id=\"%s\" aria-labelledby=\"%s-title\"><h2 id=\"%s-title\">", id, id, id);
    html_text(html, title);
    html_put(html, "</h2><div class=\"body\">\n");
}

void html_section_end(struct html *html)
{
    html_put(html, "</div></section>\n");
}

void html_heading(struct html *html, int level, const char *title)
{
    if (level == 0)
        return;
    html_markup(html, "\n<h%d>", level);
    html_text(html, title);
    html_markup(html, "</h%d>\n", level);
}

void html_paragraph(struct html *html, const char *class, const char *text)
{
    html_markup(html, class[0] ? "<p class=\"%s\">" : "<p%s>", class);
    html_text(html, text);
    html_put(html, "</p>\n");
}

void html_note(struct html *html, const char *text)
{
    html_paragraph(html, "note", text);
}

void html_table(struct html *html, const char *class, const char *name)
{
    if (strstr(class, "stack")) {
        html_put(html, "<div class=\"box\">");
    } else {
        html_put(html, "<div class=\"box\" role=\"region\" tabindex=\"0\" aria-label=\"");
        html_text(html, name);
        html_put(html, "\">");
    }
    html_markup(html, "<table class=\"%s\"><caption>", class);
    html_text(html, name);
    html_put(html, "</caption>\n");
}

void html_table_end(struct html *html)
{
    html_put(html, "</tbody></table></div>\n");
}

void html_row(struct html *html, bool line)
{
    html_markup(html, "<svg class=\"row%s\" aria-hidden=\"true\">", line ? " line" : "");
}

void html_row_end(struct html *html)
{
    html_put(html, "</svg>");
}

void html_column(struct html *html, const char *class, const char *title)
{
    html_markup(html, class[0] ? "<th scope=\"col\" class=\"%s\">" : "<th scope=\"col\"%s>", class);
    html_text(html, title);
    html_put(html, "</th>");
}

void html_chart(struct html *html, int height, const char *class, const char *title, const char *description)
{
    html_markup(html, "<svg class=\"chart %s\" role=\"img\" width=\"100%%\" height=\"%d\"><title>", class,
                height);
    html_text(html, title);
    html_put(html, "</title><desc>");
    html_text(html, description);
    html_put(html, "</desc>\n");
}

void html_chart_end(struct html *html)
{
    html_put(html, "</svg>\n");
}

void html_chart_text(struct html *html, double x, double y, const char *anchor, const char *class,
                     const char *text)
{
    html_markup(html, "<text x=\"%.2f%%\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
    html_text(html, text);
    html_put(html, "</text>\n");
}

void html_details(struct html *html, const char *title)
{
    html_put(html, "<details><summary>");
    html_text(html, title);
    html_put(html, "</summary>\n");
}

void html_details_end(struct html *html)
{
    html_put(html, "</details>\n");
}

void html_band(struct html *html, enum band band)
{
    html_markup(
        html,
        "<span class=\"band %s\"><svg class=\"mark\" aria-hidden=\"true\"><use href=\"#mark-%s\"/></svg>",
        band_word(band), band_word(band));
    html_text(html, band_name(band, html->language));
    html_put(html, "</span>");
}

void html_band_marks(struct html *html)
{
    html_put(
        html,
        "<svg class=\"marks\" width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\"><defs>\n");
    for (int band = BAND_POOR; band <= BAND_EXCELLENT; band++) {
        html_markup(html, "<symbol id=\"mark-%s\" viewBox=\"0 0 18 14\">", band_word((enum band)band));
        for (int bar = BAND_POOR; bar <= BAND_EXCELLENT; bar++)
            html_markup(html, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"3\" height=\"%d\"/>",
                        bar <= band ? "full" : "empty", 1 + 4 * bar, 10 - 3 * bar, 4 + 3 * bar);
        html_put(html, "</symbol>\n");
    }
    html_scale_grounds(html);
    html_put(html, "</defs></svg>\n");
}

void html_item(struct html *html, const struct item *item)
{
    html_text(html, words_in(&item->name, html->language));
    html_put(html, " <span class=\"id\">");
    html_text(html, item->id);
    html_put(html, "</span>");
}

void html_place(struct html *html, const struct finding *finding, enum item_unit unit,
                const struct organization *organization)
{
    char address[ADDRESS_PORT_TEXT_MAX];
    if (!finding->has_address && !finding->key) {
        html_text(html, html_say(html, "整个机构", "the organization"));
        return;
    }
    if (finding->has_address) {
        bool ported = finding->port.number && unit != UNIT_HOST;
        address_format_port(finding->address, ported ? finding->port.number : 0, address);
        html_markup(html, "<code>%s%s</code>", address,
                    ported && finding->port.transport == TRANSPORT_UDP ? "/udp" : "");
    }
    if (finding->key) {
        html_put(html, finding->has_address ? " " : "");
        html_text_cut(html, finding->key, HTML_NAME_MAX);
    }
    const struct asset *asset =
        finding->has_address ? organization_asset(organization, finding->address) : NULL;
    if (asset && asset->name) {
        html_put(html, " <span class=\"asset\">");
        html_text_cut(html, asset->name, HTML_NAME_MAX);
        html_put(html, "</span>");
    }
}

const char *html_name(const char *text, char name[HTML_NAME_MAX])
{
    size_t size = strlen(text);
    if (size > HTML_NAME_MAX)
        size = HTML_NAME_MAX;
    (void)text_safe((struct span){(const uint8_t *)text, size}, name, HTML_NAME_MAX);
    return name;
}

enum band html_band_shown(const struct scorecard *scorecard)
{
    return scorecard->gate < scorecard->band ? scorecard->gate : scorecard->band;
}

uint64_t html_occurrences(const struct scorecard *scorecard)
{
    uint64_t count = 0;
    for (size_t i = 0; i < scorecard->items_count; i++)
        count += scorecard->items[i].count;
    return count;
}

const char *html_vantage(const struct html *html, const struct report *report)
{
    enum vantage vantage;
    if (!report->run || !report->run->vantage || !vantage_parse(report->run->vantage, &vantage))
        return html_say(html, "从所给的记录看", "by the records given");
    switch (vantage) {
    case VANTAGE_INTERNET:
        return html_say(html, "从互联网一侧看", "seen from the internet");
    case VANTAGE_PARTNER:
        return html_say(html, "从合作方或行业网一侧看", "seen from a partner network");
    case VANTAGE_INTERNAL:
        break;
    }
    return html_say(html, "从院内网一侧看", "seen from inside");
}
