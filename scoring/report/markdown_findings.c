#include <inttypes.h>
#include <math.h>

#include "scoring/report/markdown.h"
#include "scoring/report/table_parts.h"

#define PLACES_MAX 50 /* of one item; csv has them all */

static void put_answer(struct markdown *markdown, const struct answer *answer)
{
    struct writer *writer = &markdown->writer;
    if (!answer)
        return;
    writer_put(writer, markdown_say(markdown, "，", ", "));
    markdown_code(markdown, answer->product[0] ? answer->product : answer->service);
    if (answer->version[0]) {
        writer_put(writer, " ");
        markdown_code(markdown, answer->version);
    }
}

static void put_due(struct markdown *markdown, const struct door *door)
{
    struct writer *writer = &markdown->writer;
    if (!door->has_deadline || !door->deadline.due_day)
        return;
    writer_put(writer, markdown_say(markdown, "，限 ", ", due "));
    markdown_day(markdown, door->deadline.due_day);
    if (door->deadline.overdue)
        writer_put(writer, markdown_say(markdown, "（**已超期**）", " (**overdue**)"));
}

/* "- `192.0.2.10:3306`, HIS database, `MariaDB` `10.11.6`, +8.1" */
static void put_door(struct markdown *markdown, const struct door *door)
{
    const struct item *item = &markdown->report->catalogue->items[door->item];
    struct writer *writer = &markdown->writer;
    char place[DOOR_PLACE_MAX];
    door_place(item->unit, &door->finding, place);
    writer_put(writer, "- ");
    if (place[0])
        markdown_code(markdown, place);
    else
        writer_put(writer, markdown_say(markdown, "整个机构", "the organization as a whole"));
    if (door->finding.count > 1)
        writer_format(writer, " × %" PRIu64, door->finding.count);
    if (door->asset && door->asset->name) {
        writer_put(writer, markdown_say(markdown, "，", ", "));
        markdown_text(markdown, door->asset->name);
    }
    put_answer(markdown, door->answer);
    if (!isnan(door->gain))
        writer_format(writer, markdown_say(markdown, "，单独 %+.1f 分", ", %+.1f points alone"), door->gain);
    put_due(markdown, door);
    writer_put(writer, "\n");
}

static void put_places(struct markdown *markdown, const struct doors *doors, size_t item)
{
    size_t places = 0;
    for (size_t i = 0; i < doors->count; i++) {
        const struct door *door = &doors->items[i];
        if (door->item == item && !door->risk && places++ < PLACES_MAX)
            put_door(markdown, door);
    }
    if (places > PLACES_MAX)
        writer_format(
            &markdown->writer,
            markdown_say(markdown, "- 另有 %zu 处，见 `-o csv`\n", "- and %zu more, see `-o csv`\n"),
            places - PLACES_MAX);
    writer_put(&markdown->writer, "\n");
}

static void put_item(struct markdown *markdown, const struct doors *doors, const struct score_item *found)
{
    const struct item *item = &markdown->report->catalogue->items[found->item];
    struct writer *writer = &markdown->writer;
    writer_put(writer, "**");
    markdown_item(markdown, found->item);
    writer_format(writer,
                  markdown_say(markdown, "**：%" PRIu64 " 处，严重度 %d/5，全部修复 %+.1f 分\n\n",
                               "**: %" PRIu64 ", severity %d of 5, %+.1f points for all\n\n"),
                  found->count, item->severity, found->gain);
    if (!markdown->report->without_addresses)
        put_places(markdown, doors, found->item);
}

static void put_left_out(struct markdown *markdown, const struct door *door)
{
    const struct item *item = &markdown->report->catalogue->items[door->item];
    struct writer *writer = &markdown->writer;
    char place[DOOR_PLACE_MAX];
    door_place(item->unit, &door->finding, place);
    writer_put(writer, "- ");
    markdown_item(markdown, door->item);
    writer_put(writer, markdown_say(markdown, "，", ", "));
    markdown_code(markdown, place);
    writer_put(writer, door->marked ? markdown_say(markdown, "，误报：", ", false positive: ")
                                    : markdown_say(markdown, "，已接受：", ", accepted: "));
    markdown_text(markdown, door->risk->reason);
    writer_put(writer, markdown_say(markdown, "（", " ("));
    markdown_text(markdown, door->risk->by);
    if (door->risk->until_day) {
        writer_put(writer, markdown_say(markdown, "，至 ", ", until "));
        markdown_day(markdown, door->risk->until_day);
    }
    writer_put(writer, markdown_say(markdown, "）\n", ")\n"));
}

/* With the scope each by its reason, else how many. */
static void put_accepted(struct markdown *markdown, const struct scorecard *scorecard,
                         const struct doors *doors)
{
    struct writer *writer = &markdown->writer;
    uint64_t accepted = scorecard_accepted(scorecard), told = 0;
    for (size_t i = 0; i < doors->count; i++)
        told += doors->items[i].risk != NULL;
    if (accepted == 0 && told == 0)
        return;
    writer_put(writer, markdown_say(markdown, "### 已接受的风险与误报（不计入指数）\n\n",
                                    "### Accepted risks and false positives (left out of the index)\n\n"));
    for (size_t i = 0; i < doors->count; i++)
        if (doors->items[i].risk)
            put_left_out(markdown, &doors->items[i]);
    if (told == 0)
        writer_format(writer, markdown_say(markdown, "%" PRIu64 " 处。\n", "%" PRIu64 " in all.\n"),
                      accepted);
    if (accepted && scorecard->assessed)
        writer_format(writer,
                      markdown_say(markdown, "\n若不接受，指数是 %d。\n",
                                   "\nWith the accepted ones the index would be %d.\n"),
                      index_round(scorecard->without_acceptance));
    writer_put(writer, "\n");
}

void markdown_findings(struct markdown *markdown, const struct report_organization *row)
{
    const struct scorecard *scorecard = row->scorecard;
    struct doors doors;
    bool any = false;
    writer_keep(&markdown->writer, doors_collect(markdown->report, row, &doors));
    for (size_t i = 0; i < scorecard->items_count; i++) {
        if (scorecard->items[i].count == 0)
            continue;
        if (!any)
            writer_put(&markdown->writer, markdown_say(markdown, "### 发现\n\n", "### Findings\n\n"));
        any = true;
        put_item(markdown, &doors, &scorecard->items[i]);
    }
    put_accepted(markdown, scorecard, &doors);
    doors_deinit(&doors);
}
