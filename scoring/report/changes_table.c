#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/deadline.h"
#include "scoring/report/changes_forms.h"
#include "scoring/report/table_parts.h"
#include "scoring/timestamp.h"
#include "targets/calendar.h"

/* What changed, for people: by organization the index, what is worse, what is better, and what nobody knows. */

#define MOVED_COLUMNS 8
#define NO_MOVE       0.05 /* would be shown as 0.0 */

/* "2026-01-31" */
struct day_text {
    char text[TIMESTAMP_TEXT_MAX];
};

static struct day_text day_of(int64_t ms)
{
    struct day_text day = {""};
    timestamp_format(ms / 1000, day.text);
    day.text[strcspn(day.text, "T")] = 0;
    return day;
}

static struct day_text day_of_number(int number)
{
    struct day_text day;
    calendar_format(number, day.text);
    return day;
}

static enum style style_of(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_NEW:
    case CHANGE_BACK:
    case CHANGE_LAPSED:
        return STYLE_RED;
    case CHANGE_MENDED:
        return STYLE_GREEN;
    default:
        return STYLE_STRONG;
    }
}

/* Text that a stream gathers; NULL, with the failure kept, when memory is out. */
struct gathered_text {
    char *text;
    size_t size;
    FILE *stream;
};

static bool gather(struct page *page, struct gathered_text *gathered)
{
    *gathered = (struct gathered_text){0};
    gathered->stream = open_memstream(&gathered->text, &gathered->size);
    if (!gathered->stream)
        page->status = STATUS_NO_MEMORY;
    return gathered->stream != NULL;
}

static const char *gathered_end(struct page *page, struct gathered_text *gathered)
{
    if (fclose(gathered->stream) != 0)
        page->status = STATUS_NO_MEMORY;
    return gathered->text ? gathered->text : "";
}

static void write_deadline(const struct page *page, const struct report *report, const struct change *change,
                           FILE *stream)
{
    struct deadline deadline = report_deadline(report, change->organization, change->item, change->finding);
    if (deadline.due_day == 0)
        return;
    fprintf(stream, page_say(page, "；应在 %s 前处理%s", "; to be mended by %s%s"),
            day_of_number(deadline.due_day).text,
            deadline.overdue ? page_say(page, "，已逾期", ", overdue") : "");
}

static bool is_in_force(enum change_kind kind)
{
    return kind == CHANGE_NEW || kind == CHANGE_BACK || kind == CHANGE_LAPSED || kind == CHANGE_OPEN;
}

/* Why, since when, until when. */
static void write_reasons(const struct page *page, const struct report *report, const struct change *change,
                          FILE *stream)
{
    const char *why = change_reason_name(change->reason, page->language);
    if (why[0])
        fprintf(stream, "%s%s", page_say(page, "：", ": "), why);
    if (change->risk)
        fprintf(stream, page_say(page, "：%s（%s）", ": %s (%s)"), change->risk->reason, change->risk->by);
    if (change->first_ms && change->kind != CHANGE_NEW)
        fprintf(stream, page_say(page, "；首次发现 %s", "; since %s"), day_of(change->first_ms).text);
    if (is_in_force(change->kind))
        write_deadline(page, report, change, stream);
}

static void put_change(struct page *page, const struct report *report, const struct change *change)
{
    const struct item *item = &report->catalogue->items[change->item];
    const struct organization *organization =
        report->scope ? scope_organization(report->scope, change->organization) : NULL;
    struct gathered_text gathered;
    char moved[32] = "";
    size_t indent = 4 + MOVED_COLUMNS;
    if (!isnan(change->moved) && fabs(change->moved) >= NO_MOVE)
        snprintf(moved, sizeof moved, "%+.1f", change->moved);
    if (!gather(page, &gathered))
        return;
    page_part(page, STYLE_PLAIN, "    ");
    page_left(page, MOVED_COLUMNS, moved);
    page_part(page, STYLE_PLAIN, "%s", words_in(&item->name, page->language));
    page_part(page, STYLE_FAINT, page_say(page, "（%s）", " (%s)"), item->id);
    page_end(page);
    table_write_place(gathered.stream, change->finding, item->unit, organization);
    write_reasons(page, report, change, gathered.stream);
    page_paragraph(page, indent, "", indent, "%s", gathered_end(page, &gathered));
    free(gathered.text);
}

static void put_title(struct page *page, enum change_kind kind, uint64_t count)
{
    page_gap(page);
    page_part(page, STYLE_PLAIN, "    ");
    page_part(page, style_of(kind), page_say(page, "%s：%" PRIu64 " 处", "%s: %" PRIu64),
              change_kind_name(kind, page->language), count);
    page_end(page);
}

static void put_kind(struct page *page, const struct report *report, const struct organization_change *row,
                     enum change_kind kind, size_t most)
{
    const struct changes *changes = report->changes;
    size_t shown = 0;
    if (row->counts[kind] == 0)
        return;
    put_title(page, kind, row->counts[kind]);
    for (size_t i = 0; i < row->changes_count; i++) {
        const struct change *change = &changes->items[row->first_change + i];
        if (change->kind == kind && shown++ < most)
            put_change(page, report, change);
    }
    if (shown > most)
        page_paragraph(
            page, 4 + MOVED_COLUMNS, "", 4 + MOVED_COLUMNS,
            page_say(page, "另有 %zu 处，见 auscult diff。", "%zu more; `auscult diff` lists them."),
            shown - most);
}

/* What is still there needs no list: how many, since when, and how many are beyond their day. */
static void put_open(struct page *page, const struct report *report, const struct organization_change *row)
{
    int64_t oldest_ms = INT64_MAX;
    uint64_t overdue = 0;
    if (row->counts[CHANGE_OPEN] == 0)
        return;
    put_title(page, CHANGE_OPEN, row->counts[CHANGE_OPEN]);
    for (size_t i = 0; i < row->changes_count; i++) {
        const struct change *change = &report->changes->items[row->first_change + i];
        if (change->kind != CHANGE_OPEN)
            continue;
        oldest_ms = change->first_ms < oldest_ms ? change->first_ms : oldest_ms;
        overdue += report_deadline(report, row->id, change->item, change->finding).overdue;
    }
    if (oldest_ms == INT64_MAX)
        return;
    page_paragraph(page, 6, "", 6, page_say(page, "最早的自 %s 起。", "The oldest since %s."),
                   day_of(oldest_ms).text);
    if (overdue)
        page_paragraph(page, 6, "", 6,
                       page_say(page, "%" PRIu64 " 处已过处理期限。",
                                "%" PRIu64 " beyond the day by which they "
                                "were to be mended."),
                       overdue);
}

static void write_answer(const struct endpoint_answer *answer, FILE *stream)
{
    fprintf(stream, "%s%s%s%s%s%s", answer->service, answer->tls ? " TLS" : "", answer->product[0] ? " " : "",
            answer->product, answer->version[0] ? " " : "", answer->version);
}

static void write_endpoint(const struct page *page, const struct endpoint_change *change, FILE *stream)
{
    char address[ADDRESS_PORT_TEXT_MAX];
    bool udp = change->port.number && change->port.transport == TRANSPORT_UDP;
    address_format_port(change->address, change->port.number, address);
    fprintf(stream, "%s%s", address, udp ? "/udp" : "");
    if (change->before.open || change->after.open)
        fputs("  ", stream);
    if (change->before.open)
        write_answer(&change->before, stream);
    if (change->before.open && change->after.open)
        fputs(" -> ", stream);
    if (change->after.open)
        write_answer(&change->after, stream);
    if (change->reason != REASON_NONE && change->reason != REASON_SILENT_HOST)
        fprintf(stream, page_say(page, "（%s）", " (%s)"),
                change_reason_name(change->reason, page->language));
}

static void put_endpoint(struct page *page, const struct endpoint_change *change)
{
    struct gathered_text gathered;
    size_t indent = page->language == LANGUAGE_ZH ? 22 : 26;
    if (!gather(page, &gathered))
        return;
    write_endpoint(page, change, gathered.stream);
    page_paragraph(page, 6, endpoint_change_name(change->kind, page->language), indent, "%s",
                   gathered_end(page, &gathered));
    free(gathered.text);
}

static void put_endpoints(struct page *page, const struct changes *changes,
                          const struct organization_change *row, size_t most)
{
    if (row->endpoints_count == 0)
        return;
    page_gap(page);
    page_part(page, STYLE_PLAIN, "    ");
    page_part(page, STYLE_STRONG, "%s", page_say(page, "主机和端口", "Hosts and ports"));
    page_end(page);
    for (size_t i = 0; i < row->endpoints_count && i < most; i++)
        put_endpoint(page, &changes->endpoints[row->first_endpoint + i]);
    if (row->endpoints_count > most)
        page_paragraph(page, 6, "", 6, page_say(page, "另有 %zu 处。", "%zu more."),
                       row->endpoints_count - most);
}

static void put_rest(struct page *page, const struct organization_change *row)
{
    if (isnan(row->rest) || fabs(row->rest) < NO_MOVE)
        return;
    page_paragraph(page, 4, "", 4,
                   page_say(page,
                            "各项单独的作用合计 %+.1f；其余 %+.1f：各项作用不能相加，看过的范围也会变化。",
                            "Each change alone comes to %+.1f together, the other %+.1f are because single "
                            "effects don't add up, and what was looked at changes too."),
                   row->moved, row->rest);
}

static void put_index(struct page *page, const struct organization_change *row)
{
    if (!row->before_known || !row->after_known) {
        page_paragraph(page, 4, "", 4, "%s",
                       row->after_known
                           ? page_say(page, "上次没有扫描该机构。", "The earlier scan did not look at it.")
                           : page_say(page, "本次没有扫描该机构：没有一项算作修复。",
                                      "The later scan did not look at it: nothing counts as mended."));
        return;
    }
    if (row->before >= 0 && row->after == row->before)
        page_paragraph(page, 4, "", 4, page_say(page, "指数 %d，与上次相同。", "Index %d, as before."),
                       row->after);
    else if (row->before >= 0 && row->after >= 0)
        page_paragraph(page, 4, "", 4, page_say(page, "指数 %d，原为 %d（%+d）。", "Index %d, was %d (%+d)."),
                       row->after, row->before, row->after - row->before);
    if (row->stored_before >= 0 && row->before >= 0 && row->stored_before != row->before)
        page_paragraph(
            page, 4, "", 4,
            page_say(page, "当时给出的是 %d；两次都按现在的目录、资产和期限重新计算。",
                     "It was given as %d then; both are judged anew with the catalogue, assets and "
                     "acceptances of now."),
            row->stored_before);
    if (fabs(row->unlooked) >= NO_MOVE)
        page_paragraph(
            page, 4, "", 4,
            page_say(page, "其中 %+.1f 只是因为没有看到（主机无应答或本次未检查），不是改进。",
                     "Of that %+.1f only because something was not seen this time (host gone, not checked): "
                     "no improvement."),
            row->unlooked);
    put_rest(page, row);
}

void changes_put(struct page *page, const struct report *report, const char *organization, size_t most)
{
    const struct organization_change *row = changes_organization(report->changes, organization);
    if (!row)
        return;
    put_index(page, row);
    for (size_t i = 0; i < CHANGE_KINDS; i++)
        if (change_order[i] == CHANGE_OPEN)
            put_open(page, report, row);
        else
            put_kind(page, report, row, change_order[i], most);
    put_endpoints(page, report->changes, row, most);
}

static void put_run(struct page *page, const char *head, const struct store_run *run, size_t label)
{
    char moment[TIMESTAMP_TEXT_MAX] = "";
    timestamp_format(run->started_ms / 1000, moment);
    moment[strcspn(moment, "T")] = ' ';
    moment[strcspn(moment, "Z")] = 0;
    page_paragraph(page, 2, head, label, page_say(page, "%s UTC，%s，%.8s%s", "%s UTC, %s, %.8s%s"), moment,
                   table_vantage(page, run->vantage), run->id,
                   run->complete ? "" : page_say(page, "，没有做完", ", not complete"));
}

/* Part of what seems mended was then only not heard. */
static void put_recall(struct page *page, const struct changes *changes, size_t label)
{
    if (changes->recall >= 1)
        return;
    page_paragraph(
        page, 2, page_say(page, "注意", "Note"), label,
        page_say(page, "后一次扫描有应答丢失，估计听到了 %.1f%%：已修复、无应答的可能有一部分只是没有听到。",
                 "Answers to the later scan got lost, an estimated %.1f %% were heard: some of what seems "
                 "mended or gone may only not have been heard."),
        100 * changes->recall);
}

#define LINES_MOST 5 /* of each kind, where the whole report is told */

void table_changes(struct page *page, const struct report *report, const struct report_organization *row)
{
    if (!report->changes || !changes_organization(report->changes, row->organization->id))
        return;
    char head[96];
    snprintf(head, sizeof head, page_say(page, "自 %s 以来的变化", "What changed since %s"),
             day_of(report->changes->before.started_ms).text);
    table_section(page, head);
    put_recall(page, report->changes, 13);
    changes_put(page, report, row->organization->id, LINES_MOST);
}

static bool anything(const struct organization_change *row)
{
    uint64_t same = row->counts[CHANGE_OPEN] + row->counts[CHANGE_ACCEPTED] + row->counts[CHANGE_FALSE];
    return row->changes_count > same || row->endpoints_count || row->before != row->after ||
           row->before_known != row->after_known;
}

static void put_organization(struct page *page, const struct report *report,
                             const struct organization_change *row)
{
    page_gap(page);
    page_gap(page);
    if (strcmp(row->name, row->id) == 0)
        page_heading(page, "%s", row->name);
    else
        page_heading(page, page_say(page, "%s（%s）", "%s (%s)"), row->name, row->id);
    if (!anything(row))
        page_paragraph(page, 4, "", 4, "%s", page_say(page, "没有变化。", "Nothing changed."));
    changes_put(page, report, row->id, SIZE_MAX);
}

static enum status write(const struct report *report, FILE *stream)
{
    const struct changes *changes = report->changes;
    struct page page = page_on(report, stream);
    size_t label = page.language == LANGUAGE_ZH ? 8 : 13;
    page_heading(&page, "%s", page_say(&page, "auscult 听诊：两次扫描之间的变化", "auscult: what changed"));
    put_run(&page, page_say(&page, "从", "From"), &changes->before, label);
    put_run(&page, page_say(&page, "到", "To"), &changes->after, label);
    page_paragraph(&page, 2, page_say(&page, "目录", "Catalogue"), label, "%s", report->catalogue->name);
    if (changes->other_vantage)
        page_paragraph(
            &page, 2, page_say(&page, "注意", "Note"), label, "%s",
            page_say(&page, "两次从不同位置查看，看不到的不能说明什么。",
                     "The two looked from different places: what the later one does not see says nothing."));
    put_recall(&page, changes, label);
    for (size_t i = 0; i < changes->organizations_count && page.status == STATUS_OK; i++)
        put_organization(&page, report, &changes->organizations[i]);
    return page.status;
}

const struct report_form changes_table = {.name = "table", .write = write};
