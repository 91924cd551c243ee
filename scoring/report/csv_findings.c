#include <math.h>
#include <stdio.h>

#include "scoring/changes.h"
#include "scoring/report/csv_cells.h"
#include "scoring/report/doors.h"
#include "scoring/report/forms.h"
#include "scoring/timestamp.h"
#include "targets/calendar.h"

/* One line for each finding: what counts first, by what its absence would bring, then what was accepted. The names of
   the columns are the same in every language, titles and rules are in the report's. */

static const char *const names[] = {
    "org",           "name",       "province", "level",   "item",    "title",
    "severity",      "state",      "change",   "ip",      "port",    "transport",
    "key",           "service",    "tls",      "product", "version", "confidence",
    "asset",         "asset_name", "exposure", "count",   "gain",    "first_seen",
    "due",           "days",       "overdue",  "rule",    "why",     "decided_by",
    "decided_until", "time",
};

static void put_time(struct csv_line *line, int64_t ms)
{
    char text[TIMESTAMP_TEXT_MAX] = "";
    if (ms)
        timestamp_format_ms(ms, text);
    csv_text(line, text);
}

/* A day as a number, 20260131; 0 for none. */
static void put_day(struct csv_line *line, int day)
{
    char text[CALENDAR_TEXT_MAX];
    csv_text(line, day ? calendar_format(day, text) : "");
}

static void put_place(struct csv_line *line, const struct finding *finding)
{
    char address[ADDRESS_TEXT_MAX] = "";
    bool ported = finding->has_address && finding->port.number;
    if (finding->has_address)
        address_format(finding->address, address);
    csv_text(line, address);
    csv_number(line, ported ? finding->port.number : (double)NAN, 0);
    csv_text(line, ported ? transport_name(finding->port.transport) : NULL);
    csv_text(line, finding->key);
}

static void put_answer(struct csv_line *line, const struct answer *answer)
{
    csv_text(line, answer ? answer->service : NULL);
    csv_text(line, !answer ? NULL : answer->tls ? "yes" : "no");
    csv_text(line, answer ? answer->product : NULL);
    csv_text(line, answer ? answer->version : NULL);
}

static void put_weight(struct csv_line *line, const struct door *door)
{
    csv_number(line, door->finding.confidence, 0);
    csv_number(line, door->finding.asset, 0);
    csv_text(line, door->asset ? door->asset->name : NULL);
    csv_number(line, door->finding.exposure, 2);
    csv_number(line, (double)door->finding.count, 0);
    csv_number(line, door->gain, 3);
}

static void put_deadline(struct csv_line *line, const struct report *report, const struct door *door)
{
    const struct deadline *deadline = &door->deadline;
    bool asked = door->has_deadline && !door->risk;
    const char *rule = report->language == LANGUAGE_ZH ? deadline->rule_zh : deadline->rule_en;
    put_time(line, door->first_ms);
    put_day(line, asked ? deadline->due_day : 0);
    csv_number(line, asked && deadline->days ? deadline->days : (double)NAN, 0);
    csv_text(line, !asked || !deadline->due_day ? NULL : deadline->overdue ? "yes" : "no");
    csv_text(line, asked ? rule : NULL);
}

static void put_door(struct csv_line *line, const struct report *report,
                     const struct report_organization *row, const struct door *door)
{
    const struct item *item = &report->catalogue->items[door->item];
    csv_text(line, row->organization->id);
    csv_text(line, row->organization->name);
    csv_text(line, organization_tag(row->organization, "province"));
    csv_text(line, organization_tag(row->organization, "level"));
    csv_text(line, item->id);
    csv_text(line, words_in(&item->name, report->language));
    csv_number(line, item->severity, 0);
    csv_text(line, !door->risk ? "open" : door->marked ? "false" : "accepted");
    csv_text(line, door->change ? change_kind_word(door->change->kind) : NULL);
    put_place(line, &door->finding);
    put_answer(line, door->answer);
    put_weight(line, door);
    put_deadline(line, report, door);
    csv_text(line, door->finding.why);
    csv_text(line, door->risk ? door->risk->by : NULL);
    put_day(line, door->risk ? door->risk->until_day : 0);
    put_time(line, door->finding.time_ms);
    csv_end(line);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct csv_line line = csv_begin(stream);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        csv_text(&line, names[i]);
    csv_end(&line);
    for (size_t i = 0; i < report->organizations_count && line.writer.status == STATUS_OK; i++) {
        const struct report_organization *row = &report->organizations[i];
        struct doors doors;
        writer_keep(&line.writer, doors_collect(report, row, &doors));
        for (size_t j = 0; j < doors.count && line.writer.status == STATUS_OK; j++)
            put_door(&line, report, row, &doors.items[j]);
        doors_deinit(&doors);
    }
    return line.writer.status;
}

const struct report_form report_csv = {
    .name = "csv", .occurrences = true, .write = write, .doors = true, .changes = true};
