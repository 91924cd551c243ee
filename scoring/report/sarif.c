#include <math.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/object.h"
#include "scoring/report/doors.h"
#include "scoring/report/forms.h"
#include "scoring/report/sarif_parts.h"
#include "scoring/report/writer.h"
#include "scoring/timestamp.h"

/* SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): an item is a rule, a finding a result at
   "tcp://192.0.2.10:3306". Written as it goes, so that a large store needs no memory. */
struct sarif {
    struct writer writer;
    const struct report *report;
    const struct report_organization *row;
    size_t *rules; /* per item: its place among the rules; SIZE_MAX: none */
    bool first;    /* nothing stands in the list yet */
};

/* Takes the value. */
static void put_value(struct sarif *sarif, cJSON *value)
{
    char *text = value ? cJSON_PrintUnformatted(value) : NULL;
    if (text)
        writer_put(&sarif->writer, text);
    else
        writer_keep(&sarif->writer, STATUS_NO_MEMORY);
    cJSON_free(text);
    cJSON_Delete(value);
}

static void put_entry(struct sarif *sarif, cJSON *value)
{
    writer_put(&sarif->writer, sarif->first ? "\n" : ",\n");
    sarif->first = false;
    put_value(sarif, value);
}

static void put_member(struct sarif *sarif, const char *name, cJSON *value)
{
    writer_put(&sarif->writer, name);
    put_value(sarif, value);
}

/* --- results --- */

/* Stable from run to run: the organization, the item and the place. */
static cJSON *fingerprints_of(const struct sarif *sarif, const struct door *door, const char *place)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE + 1] = "", spot[DOOR_PLACE_MAX + 512];
    unsigned size = 0;
    struct object making = object_begin();
    int length =
        snprintf(spot, sizeof spot, "%s\n%s\n%s", sarif->row->organization->id, door->finding.item, place);
    size_t used = length < (int)sizeof spot ? (size_t)length : sizeof spot - 1;
    making.failed |= EVP_Digest(spot, used, digest, &size, EVP_sha256(), NULL) != 1;
    for (unsigned i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    object_text(&making, "auscultPlace/v1", text);
    return object_end(&making);
}

static cJSON *provenance_of(const struct door *door)
{
    char first[TIMESTAMP_TEXT_MAX] = "", last[TIMESTAMP_TEXT_MAX] = "";
    struct object making = object_begin();
    if (door->first_ms && timestamp_format_ms(door->first_ms, first))
        object_text(&making, "firstDetectionTimeUtc", first);
    if (door->finding.time_ms && timestamp_format_ms(door->finding.time_ms, last))
        object_text(&making, "lastDetectionTimeUtc", last);
    return object_end(&making);
}

/* Found, accepted or marked: a result of this run. */
static void put_door(struct sarif *sarif, const struct door *door)
{
    const struct report *report = sarif->report;
    const struct item *item = &report->catalogue->items[door->item];
    char place[DOOR_PLACE_MAX];
    struct object making = object_begin();
    door_place(item->unit, &door->finding, place);
    object_text(&making, "ruleId", item->id);
    object_number(&making, "ruleIndex", (double)sarif->rules[door->item]);
    object_text(&making, "level", sarif_level(item->severity));
    object_add(&making, "message", sarif_message(report, sarif->row, door, place));
    object_add(&making, "locations", sarif_locations(sarif->row, &door->finding, place));
    object_add(&making, "partialFingerprints", fingerprints_of(sarif, door, place));
    if (report->changes)
        object_text(&making, "baselineState", sarif_baseline_state(door->change));
    if (door->risk)
        object_add(&making, "suppressions", sarif_suppressions(door->risk));
    if (door->finding.count > 1)
        object_number(&making, "occurrenceCount", (double)door->finding.count);
    object_add(&making, "provenance", provenance_of(door));
    object_add(&making, "properties", sarif_properties(report, sarif->row, door));
    put_entry(sarif, object_end(&making));
}

/* What this run has not found: mended, or not looked at, of which SARIF's "open" says that nobody knows. */
static void put_absent(struct sarif *sarif, const struct change *change)
{
    const struct report *report = sarif->report;
    const struct item *item = &report->catalogue->items[change->item];
    struct door door = {.item = change->item,
                        .finding = *change->finding,
                        .gain = (double)NAN,
                        .change = change,
                        .first_ms = change->first_ms};
    bool mended = change->kind == CHANGE_MENDED;
    char place[DOOR_PLACE_MAX];
    struct object making = object_begin();
    door_place(item->unit, &door.finding, place);
    object_text(&making, "ruleId", item->id);
    object_number(&making, "ruleIndex", (double)sarif->rules[change->item]);
    if (!mended)
        object_text(&making, "kind", "open");
    object_text(&making, "level", mended ? sarif_level(item->severity) : "none");
    object_add(&making, "message", sarif_message(report, sarif->row, &door, place));
    object_add(&making, "locations", sarif_locations(sarif->row, &door.finding, place));
    object_add(&making, "partialFingerprints", fingerprints_of(sarif, &door, place));
    object_text(&making, "baselineState", mended ? "absent" : "unchanged");
    object_add(&making, "provenance", provenance_of(&door));
    object_add(&making, "properties", sarif_properties(report, sarif->row, &door));
    put_entry(sarif, object_end(&making));
}

static bool is_absent(const struct change *change)
{
    return change->kind == CHANGE_MENDED || change->kind == CHANGE_GONE || change->kind == CHANGE_UNCHECKED;
}

static void put_organization(struct sarif *sarif)
{
    const struct changes *changes = sarif->report->changes;
    struct doors doors;
    writer_keep(&sarif->writer, doors_collect(sarif->report, sarif->row, &doors));
    for (size_t i = 0; i < doors.count && sarif->writer.status == STATUS_OK; i++)
        put_door(sarif, &doors.items[i]);
    for (size_t i = 0; i < doors.places_count && changes && sarif->writer.status == STATUS_OK; i++)
        if (is_absent(doors.places[i]))
            put_absent(sarif, doors.places[i]);
    doors_deinit(&doors);
}

static void put_results(struct sarif *sarif)
{
    writer_put(&sarif->writer, ",\n\"results\":[");
    sarif->first = true;
    for (size_t i = 0; i < sarif->report->organizations_count && sarif->writer.status == STATUS_OK; i++) {
        sarif->row = &sarif->report->organizations[i];
        put_organization(sarif);
    }
    writer_put(&sarif->writer, "\n]");
}

/* --- the run --- */

/* What was found anywhere, accepted and false included, or once was. */
static void want_rules(const struct report *report, bool *wanted)
{
    const struct scope *scope = report->scope;
    for (size_t i = 0; i < report->organizations_count; i++)
        for (size_t j = 0; j < report->organizations[i].scorecard->items_count; j++)
            wanted[report->organizations[i].scorecard->items[j].item] = true;
    for (size_t i = 0; report->changes && i < report->changes->count; i++)
        wanted[report->changes->items[i].item] = true;
    for (size_t i = 0; scope && i < scope->false_positives_count; i++) {
        size_t item = catalogue_item(report->catalogue, scope->false_positives[i].item);
        if (item != SIZE_MAX)
            wanted[item] = true;
    }
}

static void choose_rules(struct sarif *sarif)
{
    const struct report *report = sarif->report;
    size_t items = report->catalogue->items_count;
    bool *wanted = calloc(items + 1, sizeof *wanted);
    sarif->rules = calloc(items + 1, sizeof *sarif->rules);
    if (!wanted || !sarif->rules)
        writer_keep(&sarif->writer, STATUS_NO_MEMORY);
    if (wanted)
        want_rules(report, wanted);
    for (size_t i = 0, next = 0; wanted && sarif->rules && i < items; i++)
        sarif->rules[i] = wanted[i] ? next++ : SIZE_MAX;
    free(wanted);
}

static void put_driver(struct sarif *sarif)
{
    const struct report *report = sarif->report;
    writer_put(&sarif->writer,
               "\"tool\":{\"driver\":{\"name\":\"auscult\",\"semanticVersion\":\"" AUSCULT_VERSION
               "\",\"rules\":[");
    sarif->first = true;
    for (size_t i = 0; i < report->catalogue->items_count && sarif->writer.status == STATUS_OK; i++)
        if (sarif->rules[i] != SIZE_MAX)
            put_entry(sarif, sarif_rule(report, i));
    writer_put(&sarif->writer, "\n]}}");
}

static void put_invocation(struct sarif *sarif)
{
    char started[TIMESTAMP_TEXT_MAX] = "", ended[TIMESTAMP_TEXT_MAX] = "";
    const struct store_run *run = sarif->report->run;
    bool scan = run->engine && run->engine[0];
    struct object making = object_begin();
    timestamp_format_ms(run->started_ms, started);
    timestamp_format_ms(
        run->ended_ms ? run->ended_ms : run->started_ms + (int64_t)(sarif->report->seconds * 1000), ended);
    object_text(&making, "startTimeUtc", started);
    object_text(&making, "endTimeUtc", ended);
    object_bool(&making, "executionSuccessful", !scan || sarif->report->complete);
    put_member(sarif, ",\n\"invocations\":[", object_end(&making));
    writer_put(&sarif->writer, "]");
}

static void put_automation(struct sarif *sarif)
{
    const struct store_run *run = sarif->report->run;
    struct object making = object_begin();
    object_text(&making, "id", "auscult/");
    object_text(&making, "guid", run->id);
    put_member(sarif, ",\n\"automationDetails\":", object_end(&making));
    if (sarif->report->changes)
        put_member(sarif, ",\n\"baselineGuid\":", cJSON_CreateString(sarif->report->changes->before.id));
}

static enum status write(const struct report *report, FILE *stream)
{
    struct sarif sarif = {.writer = {stream, STATUS_OK}, .report = report};
    choose_rules(&sarif);
    writer_put(&sarif.writer,
               "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\n"
               "\"runs\":[{\n");
    if (sarif.writer.status == STATUS_OK)
        put_driver(&sarif);
    if (report->run && sarif.writer.status == STATUS_OK) {
        put_invocation(&sarif);
        put_automation(&sarif);
    }
    writer_format(&sarif.writer, ",\n\"language\":\"%s\"",
                  report->language == LANGUAGE_ZH ? "zh-CN" : "en-US");
    put_results(&sarif);
    put_member(&sarif, ",\n\"properties\":", sarif_indices(report));
    writer_put(&sarif.writer, "\n}]}\n");
    free(sarif.rules);
    return sarif.writer.status;
}

const struct report_form report_sarif = {
    .name = "sarif", .occurrences = true, .write = write, .doors = true, .changes = true};
