#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <string.h>

/* The page of one hospital in the report of a group. */

void html_hospital_id(struct html *html, size_t number)
{
    html_markup(html, "hospital-%zu", number + 1);
}

static void put_origin(struct html *html, const struct organization *organization)
{
    bool first = true;
    html_put(html, "<p class=\"origin\">");
    if (strcmp(organization->name, organization->id) != 0) {
        html_text_cut(html, organization->id, HTML_NAME_MAX);
        first = false;
    }
    for (size_t i = 0; i < organization->tags_count; i++) {
        html_put(html, first ? "" : " · ");
        html_text_cut(html, organization->tags[i].value, HTML_NAME_MAX);
        first = false;
    }
    html_put(html, "</p>\n");
}

void html_hospital(struct html_document *document, size_t number)
{
    struct html *html = &document->html;
    const struct report_organization *row = &document->report->organizations[number];
    html_put(html, "\n<article class=\"hospital\" id=\"");
    html_hospital_id(html, number);
    html_put(html, "\" aria-labelledby=\"");
    html_hospital_id(html, number);
    html_put(html, "-title\"><h3 id=\"");
    html_hospital_id(html, number);
    html_put(html, "-title\">");
    html_text_cut(html, row->organization->name, HTML_NAME_MAX);
    html_put(html, "</h3>\n");
    put_origin(html, row->organization);
    html_hospital_index(document, row);
    html_put(html, "<div class=\"words\">");
    html_hospital_summary(document, row);
    html_put(html, "</div>\n");
    html_hospital_changes(document, row, 4);
    html_fixes(document, row, 4);
    html_hospital_domains(document, row, 4);
    html_findings(document, row, 4);
    html_accepted(document, row, 4);
    html_put(html, "<p class=\"back\"><a href=\"#ranking\">");
    html_text(html, html_say(html, "回到全部医院", "Back to all hospitals"));
    html_put(html, "</a></p></article>\n");
}
