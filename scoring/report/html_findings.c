#include "scoring/report/html_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/timestamp.h"

/* Every finding of a hospital with what it was concluded from: by item, the one that weighs most first, then by
   place. */

#define FACTS_MOST 12

struct listing {
    struct html_document *document;
    const struct report_organization *row;
    struct answers answers;
    const struct score_occurrence **order;
    size_t count, written;
    bool *told; /* per answer: its first bytes were shown */
};

/* --- in which order --- */

static int place_compare(const struct finding *left, const struct finding *right)
{
    if (left->has_address != right->has_address)
        return left->has_address ? -1 : 1;
    int order = left->has_address ? address_compare(left->address, right->address) : 0;
    if (order == 0 && left->port.number != right->port.number)
        order = left->port.number < right->port.number ? -1 : 1;
    return order ? order : strcmp(left->key ? left->key : "", right->key ? right->key : "");
}

static int occurrence_compare(const void *a, const void *b)
{
    const struct score_occurrence *left = *(const struct score_occurrence *const *)a;
    const struct score_occurrence *right = *(const struct score_occurrence *const *)b;
    if (left->item != right->item)
        return left->item < right->item ? -1 : 1;
    return place_compare(left->finding, right->finding);
}

/* Those of one item stand together; *first_out is where. */
static size_t find_item(const struct listing *listing, size_t item, size_t *first_out)
{
    size_t first = 0, count = 0;
    while (first < listing->count && listing->order[first]->item != item)
        first++;
    while (first + count < listing->count && listing->order[first + count]->item == item)
        count++;
    *first_out = first;
    return count;
}

static bool sort(struct listing *listing)
{
    const struct scorecard *scorecard = listing->row->scorecard;
    listing->order = calloc(scorecard->occurrences_count + 1, sizeof *listing->order);
    listing->told = calloc(listing->answers.count + 1, sizeof *listing->told);
    if (!listing->order || !listing->told)
        return false;
    for (size_t i = 0; i < scorecard->occurrences_count; i++)
        if (scorecard->occurrences[i].finding)
            listing->order[listing->count++] = &scorecard->occurrences[i];
    if (listing->count)
        qsort(listing->order, listing->count, sizeof *listing->order, occurrence_compare);
    return true;
}

/* --- what is told of one --- */

static void put_fact(struct html *html, const cJSON *fact, bool first, size_t most)
{
    char *text = cJSON_IsString(fact) ? NULL : cJSON_PrintUnformatted(fact);
    html_put(html, first ? "" : html_say(html, "；", "; "));
    html_text_cut(html, fact->string, most);
    html_put(html, " = ");
    html_text_cut(html, cJSON_IsString(fact) ? fact->valuestring : text, most);
    cJSON_free(text);
}

/* Those that the reason does not say. */
static void put_facts(struct html *html, const struct finding *finding, size_t most)
{
    cJSON *object = finding->facts ? cJSON_Parse(finding->facts) : NULL;
    size_t count = 0;
    for (const cJSON *fact = object ? object->child : NULL; fact; fact = fact->next) {
        if (!fact->string || (finding->why && strstr(finding->why, fact->string)))
            continue;
        if (count == 0)
            html_put(html, "<span class=\"fact\">");
        if (count++ < FACTS_MOST)
            put_fact(html, fact, count == 1, most);
    }
    if (count > FACTS_MOST)
        html_format(html, html_say(html, "；另有 %zu 项", "; and %zu more"), count - FACTS_MOST);
    html_put(html, count ? "</span>" : "");
    cJSON_Delete(object);
}

/* What answered there, and its first bytes where they were not shown yet. */
static void put_answer(struct listing *listing, const struct finding *finding)
{
    struct html_document *document = listing->document;
    struct html *html = &document->html;
    const struct answer *answer =
        finding->has_address ? answers_at(&listing->answers, finding->address, finding->port) : NULL;
    if (!answer)
        return;
    if (answer->product[0] || answer->version[0]) {
        html_put(html, "<span class=\"product\">");
        html_text(html, answer->product);
        html_put(html, answer->product[0] && answer->version[0] ? " " : "");
        html_text(html, answer->version);
        html_put(html, "</span>");
    }
    bool *told = &listing->told[answer - listing->answers.items];
    if (answer->evidence_size && !*told) {
        *told = true;
        html_put(html, "<code class=\"said\">");
        html_banner(html, answer->evidence, answer->evidence_size, document->evidence_most);
        html_put(html, "</code>");
    }
}

/* The column says that it is UTC. */
static void put_moment(struct html *html, int64_t ms)
{
    char moment[TIMESTAMP_TEXT_MAX];
    if (ms && timestamp_format(ms / 1000, moment))
        html_markup(html, "%.10s %.5s", moment, moment + 11);
}

static void put_finding(struct listing *listing, const struct score_occurrence *occurrence)
{
    struct html_document *document = listing->document;
    struct html *html = &document->html;
    const struct finding *finding = occurrence->finding;
    const struct item *item = &document->report->catalogue->items[occurrence->item];
    html_put(html, "<tr><td>");
    html_place(html, finding, item->unit, listing->row->organization);
    if (finding->count > 1)
        html_format(html, html_say(html, "（%" PRIu64 " 处）", " (%" PRIu64 ")"), finding->count);
    html_put(html, "</td><td>");
    html_text_cut(html, finding->why, document->evidence_most);
    if (document->fixes_most == SIZE_MAX)
        put_facts(html, finding, document->evidence_most);
    html_put(html, listing->answers.count ? "</td><td>" : "</td><td class=\"when\">");
    if (listing->answers.count) {
        put_answer(listing, finding);
        html_put(html, "</td><td class=\"when\">");
    }
    put_moment(html, finding->time_ms);
    html_put(html, "</td></tr>\n");
    listing->written++;
}

/* --- the table --- */

static int columns_of(const struct listing *listing)
{
    return listing->answers.count ? 4 : 3;
}

static void put_item_head(struct listing *listing, const struct score_item *found)
{
    struct html *html = &listing->document->html;
    const struct item *item = &listing->document->report->catalogue->items[found->item];
    html_markup(html, "<tbody><tr class=\"item\"><th colspan=\"%d\" scope=\"rowgroup\">",
                columns_of(listing));
    html_item(html, item);
    html_put(html, " <span class=\"faint\">");
    html_format(html,
                html_say(html, "严重性 %d / 5，%" PRIu64 " 处",
                         found->count == 1 ? "severity %d of 5, %" PRIu64 " place"
                                           : "severity %d of 5, %" PRIu64 " places"),
                item->severity, found->count);
    if (found->gain >= 0.05)
        html_format(html, html_say(html, "，整改后指数加 %.1f", ", +%.1f when mended"), found->gain);
    html_put(html, "</span>");
    if (listing->document->single && words_in(&item->fix, html->language)[0]) {
        html_put(html, "<span class=\"how\">");
        html_text(html, words_in(&item->fix, html->language));
        html_put(html, "</span>");
    }
    html_put(html, "</th></tr>\n");
}

static void put_rest(struct listing *listing, uint64_t rest)
{
    struct html *html = &listing->document->html;
    html_markup(html, "<tr><td colspan=\"%d\" class=\"faint\">", columns_of(listing));
    html_format(html,
                html_say(html, "另有 %" PRIu64 " 处（见 CSV 或 JSON）",
                         "and %" PRIu64 " more (in the CSV or JSON form)"),
                rest);
    html_put(html, "</td></tr>\n");
}

/* Each kind is shown with a place at least, and no kind takes what the others need. */
static void put_item(struct listing *listing, const struct score_item *found, size_t most)
{
    size_t first, count = find_item(listing, found->item, &first), shown = count < most ? count : most;
    put_item_head(listing, found);
    for (size_t i = 0; i < shown; i++)
        put_finding(listing, listing->order[first + i]);
    if (count > shown)
        put_rest(listing, count - shown);
    html_put(&listing->document->html, "</tbody>\n");
}

/* Those from there on by name and number alone. */
static void put_others(struct listing *listing, size_t from)
{
    struct html *html = &listing->document->html;
    const struct scorecard *scorecard = listing->row->scorecard;
    bool first = true;
    html_markup(html, "<tbody><tr><td colspan=\"%d\">", columns_of(listing));
    html_text(html, html_say(html, "此外（见 CSV 或 JSON）：", "And (in the CSV or JSON form): "));
    for (size_t i = from; i < scorecard->items_count; i++) {
        if (scorecard->items[i].count == 0)
            continue;
        html_put(html, first ? "" : html_say(html, "、", ", "));
        first = false;
        html_text(html, words_in(&listing->document->report->catalogue->items[scorecard->items[i].item].name,
                                 html->language));
        html_format(html, html_say(html, "（%" PRIu64 "）", " (%" PRIu64 ")"), scorecard->items[i].count);
    }
    html_put(html, "</td></tr></tbody>\n");
}

static size_t kinds_of(const struct scorecard *scorecard)
{
    size_t kinds = 0;
    for (size_t i = 0; i < scorecard->items_count; i++)
        kinds += scorecard->items[i].count > 0;
    return kinds;
}

static void put_table(struct listing *listing, size_t kinds)
{
    struct html *html = &listing->document->html;
    const struct scorecard *scorecard = listing->row->scorecard;
    size_t left = kinds;
    html_table(html, "findings stack", html_say(html, "发现的问题与证据", "Findings and their evidence"));
    html_put(html, "<thead><tr>");
    html_column(html, "", html_say(html, "所在", "Where"));
    html_column(html, "", html_say(html, "依据", "Why"));
    if (listing->answers.count)
        html_column(html, "",
                    html_say(html, "应答者，及其首字节（每个端点一次）",
                             "What answered, and its first bytes, once each"));
    html_column(html, "when", html_say(html, "何时（UTC）", "When (UTC)"));
    html_put(html, "</tr></thead>\n");
    size_t i = 0;
    for (; i < scorecard->items_count && listing->written < listing->document->rows_most; i++) {
        if (scorecard->items[i].count == 0)
            continue;
        size_t most = (listing->document->rows_most - listing->written) / left;
        put_item(listing, &scorecard->items[i], most ? most : 1);
        left--;
    }
    if (left)
        put_others(listing, i);
    html_put(html, "</table></div>\n");
}

void html_findings(struct html_document *document, const struct report_organization *row, int level)
{
    struct html *html = &document->html;
    struct listing listing = {.document = document, .row = row};
    size_t kinds = kinds_of(row->scorecard);
    if (kinds == 0)
        return;
    html_heading(html, level, html_say(html, "发现的问题", "Findings"));
    enum status status = answers_collect(document->report, row->organization->id, &listing.answers);
    if (status == STATUS_OK && !sort(&listing))
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        put_table(&listing, kinds);
    else
        writer_keep(&html->writer, status);
    answers_deinit(&listing.answers);
    free(listing.order);
    free(listing.told);
}

int64_t html_first_seen(const struct report *report, const struct report_organization *row,
                        const struct finding *finding, size_t item)
{
    const struct changes *changes = report->changes;
    const struct organization_change *of =
        changes ? changes_organization(changes, row->organization->id) : NULL;
    for (size_t i = 0; of && i < of->changes_count; i++) {
        const struct change *change = &changes->items[of->first_change + i];
        if (change->item == item && change->first_ms && place_compare(change->finding, finding) == 0)
            return change->first_ms;
    }
    return finding->time_ms ? finding->time_ms : report->run ? report->run->started_ms : 0;
}
