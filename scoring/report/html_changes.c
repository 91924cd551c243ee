#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"

/* What changed since the scan before, and how that moved the index. */

#define CHANGES_MOST       40 /* listed of one hospital */
#define ENDPOINTS_MOST     30
#define ORGANIZATIONS_MOST 30

static void put_since(struct html *html, const struct changes *changes)
{
    html_put(html, "<p class=\"note\">");
    html_text(html, html_say(html, "与上次扫描相比：", "Compared with the scan of "));
    html_moment(html, changes->before.started_ms);
    html_text(
        html,
        html_say(
            html, "。没有应答的主机不算已修复，本次没有检查的也不算。",
            ". A host that answers nothing is not called mended, nor is what was not looked at this time."));
    if (changes->other_vantage)
        html_text(html, html_say(html, "两次扫描的位置不同，不可直接相比。",
                                 " The two looked from different places: they do not compare."));
    html_put(html, "</p>\n");
}

static bool is_bad(enum change_kind kind)
{
    return kind == CHANGE_NEW || kind == CHANGE_BACK || kind == CHANGE_LAPSED;
}

/* The kinds as figures in a row; what there is none of is left out. */
static void put_counts(struct html *html, const uint64_t counts[CHANGE_KINDS])
{
    html_put(html, "<ul class=\"counts\">\n");
    for (size_t i = 0; i < CHANGE_KINDS; i++) {
        enum change_kind kind = change_order[i];
        if (counts[kind] == 0)
            continue;
        html_markup(html, "<li class=\"%s\"><b>",
                    is_bad(kind)            ? "bad"
                    : kind == CHANGE_MENDED ? "fine"
                                            : "plain");
        html_count(html, counts[kind]);
        html_put(html, "</b> ");
        html_text(html, change_kind_name(kind, html->language));
        html_put(html, "</li>\n");
    }
    html_put(html, "</ul>\n");
}

static void put_moved(struct html *html, double moved)
{
    html_put(html, "<td class=\"number\">");
    if (isnan(moved) || fabs(moved) < 0.05)
        html_put(html, "–");
    else
        html_markup(html, "%s%.1f", moved < 0 ? "−" : "+", fabs(moved));
    html_put(html, "</td>");
}

static void put_change(struct html_document *document, const struct report_organization *row,
                       const struct change *change)
{
    struct html *html = &document->html;
    const struct item *item = &document->report->catalogue->items[change->item];
    html_markup(html, "<tr><th scope=\"row\" class=\"%s\">",
                is_bad(change->kind)            ? "bad"
                : change->kind == CHANGE_MENDED ? "fine"
                                                : "plain");
    html_text(html, change_kind_name(change->kind, html->language));
    html_put(html, "</th><td>");
    html_item(html, item);
    html_put(html, "</td><td>");
    html_place(html, change->finding, item->unit, row->organization);
    html_put(html, "</td>");
    put_moved(html, change->moved);
    html_put(html, "<td>");
    html_text(html, change_reason_name(change->reason, html->language));
    html_put(html, "</td><td class=\"when\">");
    html_moment(html, change->first_ms);
    html_put(html, "</td></tr>\n");
}

/* What is still open is in the findings; here is what moved. */
static bool is_told(const struct change *change)
{
    return change->kind != CHANGE_OPEN && change->kind != CHANGE_ACCEPTED && change->kind != CHANGE_FALSE &&
           change->finding;
}

static void put_changes(struct html_document *document, const struct report_organization *row,
                        const struct organization_change *of)
{
    struct html *html = &document->html;
    const struct changes *changes = document->report->changes;
    size_t told = 0;
    for (size_t i = 0; i < of->changes_count; i++)
        told += is_told(&changes->items[of->first_change + i]);
    if (told == 0)
        return;
    html_table(html, "changes stack", html_say(html, "变化的问题", "Findings that changed"));
    html_put(html, "<thead><tr>");
    html_column(html, "", html_say(html, "变化", "Change"));
    html_column(html, "", html_say(html, "问题", "Finding"));
    html_column(html, "", html_say(html, "所在", "Where"));
    html_column(html, "number", html_say(html, "指数", "Index"));
    html_column(html, "", html_say(html, "说明", "Why"));
    html_column(html, "", html_say(html, "首次见到", "First seen"));
    html_put(html, "</tr></thead><tbody>\n");
    size_t written = 0;
    for (size_t i = 0; i < of->changes_count && written < CHANGES_MOST; i++) {
        const struct change *change = &changes->items[of->first_change + i];
        if (is_told(change)) {
            put_change(document, row, change);
            written++;
        }
    }
    html_table_end(html);
    if (told > written)
        html_format(html,
                    html_say(html, "另有 %zu 处（见 CSV 或 JSON）。",
                             "There are %zu more (in the CSV or JSON form)."),
                    told - written);
}

static void put_answer(struct html *html, const struct endpoint_answer *answer)
{
    if (!answer->open) {
        html_put(html, "–");
        return;
    }
    html_text(html, answer->service);
    if (answer->product[0] || answer->version[0])
        html_format(html, html_say(html, "（%s %s）", " (%s %s)"), answer->product, answer->version);
}

static void put_endpoint(struct html *html, const struct endpoint_change *change)
{
    const struct finding place = {.has_address = true, .address = change->address, .port = change->port};
    static const struct organization nobody = {0};
    html_put(html, "<tr><td>");
    html_place(html, &place, change->port.number ? UNIT_ENDPOINT : UNIT_HOST, &nobody);
    html_put(html, "</td><th scope=\"row\">");
    html_text(html, endpoint_change_name(change->kind, html->language));
    html_put(html, "</th><td>");
    put_answer(html, &change->before);
    html_put(html, "</td><td>");
    put_answer(html, &change->after);
    html_put(html, "</td></tr>\n");
}

static void put_endpoints(struct html_document *document, const char *organization)
{
    struct html *html = &document->html;
    const struct changes *changes = document->report->changes;
    size_t count = 0;
    for (size_t i = 0; i < changes->endpoints_count; i++) {
        if (strcmp(changes->endpoints[i].organization, organization) != 0)
            continue;
        if (count++ == 0) {
            html_table(html, "endpoints stack",
                       html_say(html, "变化的端口与主机", "Ports and hosts that changed"));
            html_put(html, "<thead><tr>");
            html_column(html, "", html_say(html, "所在", "Where"));
            html_column(html, "", html_say(html, "变化", "Change"));
            html_column(html, "", html_say(html, "之前", "Before"));
            html_column(html, "", html_say(html, "现在", "Now"));
            html_put(html, "</tr></thead><tbody>\n");
        }
        if (count <= ENDPOINTS_MOST)
            put_endpoint(html, &changes->endpoints[i]);
    }
    if (count)
        html_table_end(html);
    if (count > ENDPOINTS_MOST)
        html_format(html,
                    html_say(html, "另有 %zu 处（见 CSV 或 JSON）。",
                             "There are %zu more (in the CSV or JSON form)."),
                    count - ENDPOINTS_MOST);
}

static void put_indices(struct html *html, const struct organization_change *of)
{
    html_put(html, "<p>");
    if (of->before < 0 || of->after < 0) {
        html_text(html, html_say(html, "两次中至少有一次没有指数，不能相比。",
                                 "One of the two has no index: they do not compare."));
    } else {
        html_format(html, html_say(html, "指数由 %d 变为 %d", "The index went from %d to %d"), of->before,
                    of->after);
        if (fabs(of->rest) >= 0.5)
            html_format(html,
                        html_say(html,
                                 "；各处变化单独合计 %+.1f，其余 %+.1f 来自它们之间的叠加和评估范围的变化",
                                 ": the changes alone come to %+.1f, and the remaining %+.1f to how they "
                                 "overlap and to what was assessed"),
                        of->moved, of->rest);
        html_text(html, html_say(html, "。", "."));
    }
    html_put(html, "</p>\n");
}

void html_hospital_changes(struct html_document *document, const struct report_organization *row, int level)
{
    struct html *html = &document->html;
    const struct changes *changes = document->report->changes;
    const struct organization_change *of =
        changes ? changes_organization(changes, row->organization->id) : NULL;
    if (!of)
        return;
    html_heading(html, level, html_say(html, "变化", "What changed"));
    if (document->single)
        put_since(html, changes);
    if (!of->before_known) {
        html_paragraph(html, "",
                       html_say(html, "上次没有扫描这家机构。", "The earlier scan did not look at it."));
        return;
    }
    put_indices(html, of);
    put_counts(html, of->counts);
    put_changes(document, row, of);
    put_endpoints(document, row->organization->id);
}

/* --- of a group --- */

static int moved_compare(const void *a, const void *b)
{
    const struct organization_change *left = *(const struct organization_change *const *)a;
    const struct organization_change *right = *(const struct organization_change *const *)b;
    double one = fabs(left->after_exact - left->before_exact),
           other = fabs(right->after_exact - right->before_exact);
    if (one != other)
        return one > other ? -1 : 1;
    return strcmp(left->id, right->id);
}

static void put_organization(struct html *html, const struct organization_change *of)
{
    char name[HTML_NAME_MAX];
    double moved = of->after_exact - of->before_exact;
    html_markup(html, "<tr><th scope=\"row\">");
    html_text(html, html_name(of->name ? of->name : of->id, name));
    html_markup(html, "</th><td class=\"number\">%d</td><td class=\"number\">→ <b>%d</b></td>", of->before,
                of->after);
    put_moved(html, moved);
    html_markup(html, "<td class=\"number\">%" PRIu64 "</td><td class=\"number\">%" PRIu64 "</td></tr>\n",
                of->counts[CHANGE_NEW] + of->counts[CHANGE_BACK] + of->counts[CHANGE_LAPSED],
                of->counts[CHANGE_MENDED]);
}

static void put_organizations(struct html *html, const struct changes *changes)
{
    const struct organization_change **order = calloc(changes->organizations_count + 1, sizeof *order);
    size_t count = 0;
    if (!order) {
        writer_keep(&html->writer, STATUS_NO_MEMORY);
        return;
    }
    for (size_t i = 0; i < changes->organizations_count; i++) {
        const struct organization_change *of = &changes->organizations[i];
        if (of->before >= 0 && of->after >= 0 && fabs(of->after_exact - of->before_exact) >= 0.05)
            order[count++] = of;
    }
    if (count)
        qsort(order, count, sizeof *order, moved_compare);
    if (count) {
        html_table(html, "moved stack",
                   html_say(html, "指数变化最大的医院", "Hospitals whose index moved most"));
        html_put(html, "<thead><tr>");
        html_column(html, "", html_say(html, "医院", "Hospital"));
        html_column(html, "number", html_say(html, "之前", "Before"));
        html_column(html, "number", html_say(html, "现在", "Now"));
        html_column(html, "number", html_say(html, "变化", "Moved"));
        html_column(html, "number", html_say(html, "新问题", "New findings"));
        html_column(html, "number", html_say(html, "已修复", "Mended"));
        html_put(html, "</tr></thead><tbody>\n");
        for (size_t i = 0; i < count && i < ORGANIZATIONS_MOST; i++)
            put_organization(html, order[i]);
        html_table_end(html);
    }
    if (count > ORGANIZATIONS_MOST)
        html_format(html,
                    html_say(html, "另有 %zu 家的指数有变化，见各自的单页。",
                             "The indices of %zu more moved: see their pages."),
                    count - ORGANIZATIONS_MOST);
    free(order);
}

void html_changes(struct html_document *document)
{
    struct html *html = &document->html;
    const struct changes *changes = document->report->changes;
    html_section(html, "changes", html_say(html, "变化", "What changed"));
    if (!changes) {
        html_paragraph(html, "",
                       html_say(html, "没有可比的上次扫描。", "There is no earlier scan to compare with."));
    } else {
        put_since(html, changes);
        put_counts(html, changes->counts);
        put_organizations(html, changes);
    }
    html_section_end(html);
}
