#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/report/markdown.h"
#include "scoring/timestamp.h"

#define CHANGES_MAX 50 /* of one kind; diff has them all */

static void put_index(struct markdown *markdown, const struct organization_change *change)
{
    struct writer *writer = &markdown->writer;
    if (change->before >= 0 && change->after >= 0)
        writer_format(writer, markdown_say(markdown, "指数由 %d 到 %d。", "The index went from %d to %d. "),
                      change->before, change->after);
    for (size_t i = 0, told = 0; i < CHANGE_KINDS; i++) {
        enum change_kind kind = change_order[i];
        if (change->counts[kind] == 0)
            continue;
        writer_format(writer, "%s%s %" PRIu64, told++ ? markdown_say(markdown, "，", ", ") : "",
                      change_kind_name(kind, markdown->report->language), change->counts[kind]);
    }
    writer_put(writer, markdown_say(markdown, "。\n\n", ".\n\n"));
}

static void put_change(struct markdown *markdown, const struct change *change)
{
    const struct item *item = &markdown->report->catalogue->items[change->item];
    enum language language = markdown->report->language;
    const char *reason = change_reason_name(change->reason, language);
    struct writer *writer = &markdown->writer;
    char place[DOOR_PLACE_MAX] = "";
    door_place(item->unit, change->finding, place);
    writer_format(writer, "- %s", change_kind_name(change->kind, language));
    writer_put(writer, markdown_say(markdown, "：", ": "));
    markdown_item(markdown, change->item);
    if (place[0]) {
        writer_put(writer, markdown_say(markdown, "，", ", "));
        markdown_code(markdown, place);
    }
    if (!isnan(change->moved) && fabs(change->moved) >= 0.05)
        writer_format(writer, markdown_say(markdown, "，%+.1f 分", ", %+.1f points"), change->moved);
    if (reason[0])
        writer_format(writer, markdown_say(markdown, "（%s）", " (%s)"), reason);
    writer_put(writer, "\n");
}

/* Still open ones are in the findings. */
static void put_list(struct markdown *markdown, const struct organization_change *of)
{
    const struct changes *changes = markdown->report->changes;
    uint64_t told[CHANGE_KINDS] = {0};
    bool any = false;
    for (size_t i = 0; i < of->changes_count; i++) {
        const struct change *change = &changes->items[of->first_change + i];
        if (change->kind == CHANGE_OPEN || !change->finding || told[change->kind]++ >= CHANGES_MAX)
            continue;
        put_change(markdown, change);
        any = true;
    }
    for (size_t kind = 0; kind < CHANGE_KINDS; kind++)
        if (told[kind] > CHANGES_MAX)
            writer_format(&markdown->writer,
                          markdown_say(markdown, "- %s：另有 %" PRIu64 " 处，见 `auscult diff`\n",
                                       "- %s: %" PRIu64 " more, see `auscult diff`\n"),
                          change_kind_name((enum change_kind)kind, markdown->report->language),
                          told[kind] - CHANGES_MAX);
    writer_put(&markdown->writer, any ? "\n" : "");
}

static void put_answer(struct markdown *markdown, const struct endpoint_answer *answer)
{
    struct writer *writer = &markdown->writer;
    markdown_code(markdown, answer->product && answer->product[0] ? answer->product : answer->service);
    if (answer->version && answer->version[0]) {
        writer_put(writer, " ");
        markdown_code(markdown, answer->version);
    }
}

static void put_endpoint(struct markdown *markdown, const struct endpoint_change *change)
{
    struct writer *writer = &markdown->writer;
    struct finding at = {.has_address = true, .address = change->address, .port = change->port};
    char place[DOOR_PLACE_MAX];
    door_place(UNIT_ENDPOINT, &at, place);
    writer_put(writer, "- ");
    markdown_code(markdown, place);
    writer_format(writer, markdown_say(markdown, "：%s", ": %s"),
                  endpoint_change_name(change->kind, markdown->report->language));
    if (change->port.number && (change->before.open || change->after.open)) {
        writer_put(writer, markdown_say(markdown, "，", ", "));
        if (change->before.open)
            put_answer(markdown, &change->before);
        writer_put(writer, change->before.open && change->after.open ? " → " : "");
        if (change->after.open)
            put_answer(markdown, &change->after);
    }
    writer_put(writer, "\n");
}

static void put_endpoints(struct markdown *markdown, const char *organization)
{
    const struct changes *changes = markdown->report->changes;
    size_t told = 0;
    for (size_t i = 0; i < changes->endpoints_count; i++) {
        const struct endpoint_change *change = &changes->endpoints[i];
        if (strcmp(change->organization, organization) != 0 || change->kind == ENDPOINT_CHANGE_NOT_ASKED ||
            told++ >= CHANGES_MAX)
            continue;
        if (told == 1)
            writer_put(&markdown->writer, markdown_say(markdown, "端口与主机：\n\n", "Ports and hosts:\n\n"));
        put_endpoint(markdown, change);
    }
    if (told > CHANGES_MAX)
        writer_format(&markdown->writer,
                      markdown_say(markdown, "- 另有 %zu 处，见 `auscult diff`\n",
                                   "- and %zu more, see `auscult diff`\n"),
                      told - CHANGES_MAX);
    writer_put(&markdown->writer, told ? "\n" : "");
}

void markdown_changes(struct markdown *markdown, const struct report_organization *row)
{
    const struct changes *changes = markdown->report->changes;
    const char *id = row->organization->id;
    const struct organization_change *change = changes ? changes_organization(changes, id) : NULL;
    char before[TIMESTAMP_TEXT_MAX] = "";
    if (!change)
        return;
    timestamp_format(changes->before.started_ms / 1000, before);
    writer_format(&markdown->writer, markdown_say(markdown, "### 与 %.10s 相比\n\n", "### Since %.10s\n\n"),
                  before);
    put_index(markdown, change);
    put_list(markdown, change);
    put_endpoints(markdown, id);
}
