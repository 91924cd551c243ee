#include "scoring/report/sarif_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/changes.h"
#include "scoring/object.h"
#include "scoring/report/table_parts.h"
#include "targets/calendar.h"

static cJSON *safe_string(const char *text)
{
    size_t size = text ? strlen(text) : 0, capacity = size * TEXT_PIECE_MAX + 1;
    char *safe = malloc(capacity);
    if (!safe)
        return NULL;
    text_safe((struct span){(const uint8_t *)text, size}, safe, capacity);
    cJSON *string = cJSON_CreateString(safe);
    free(safe);
    return string;
}

/* What the format makes, safe. */
__attribute__((format(printf, 1, 2))) static cJSON *said(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    cJSON *string = size < 0 ? NULL : safe_string(text);
    if (size >= 0)
        free(text);
    return string;
}

/* A message object (§3.11). */
static cJSON *message_of(cJSON *text)
{
    struct object making = object_begin();
    object_add(&making, "text", text);
    return object_end(&making);
}

const char *sarif_level(int severity)
{
    return severity >= 4 ? "error" : severity == 3 ? "warning" : "note";
}

static cJSON *references_of(const struct item *item)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list && item->references && item->references[i]; i++)
        cJSON_AddItemToArray(list, safe_string(item->references[i]));
    return list;
}

static cJSON *tags_of(const struct catalogue *catalogue, const struct item *item)
{
    cJSON *list = cJSON_CreateArray();
    cJSON_AddItemToArray(list, cJSON_CreateString("security"));
    cJSON_AddItemToArray(list, safe_string(catalogue->dimensions[item->dimension].id));
    return list;
}

static cJSON *rule_properties(const struct catalogue *catalogue, const struct item *item)
{
    char severity[16];
    struct object making = object_begin();
    snprintf(severity, sizeof severity, "%.1f", 2.0 * item->severity - 0.5);
    object_add(&making, "tags", tags_of(catalogue, item));
    object_text(&making, "security-severity", severity);
    object_number(&making, "severity", item->severity);
    object_add(&making, "references", references_of(item));
    return object_end(&making);
}

static cJSON *configuration_of(const struct item *item)
{
    struct object making = object_begin();
    object_text(&making, "level", sarif_level(item->severity));
    return object_end(&making);
}

cJSON *sarif_rule(const struct report *report, size_t number)
{
    const struct catalogue *catalogue = report->catalogue;
    const struct item *item = &catalogue->items[number];
    const char *name = words_in(&item->name, report->language), *fix = words_in(&item->fix, report->language);
    const struct words *dimension = &catalogue->dimensions[item->dimension].name;
    struct object making = object_begin();
    object_text(&making, "id", item->id);
    object_add(&making, "shortDescription", message_of(safe_string(name)));
    object_add(&making, "fullDescription",
               message_of(said(report->language == LANGUAGE_ZH ? "%s（%s）。" : "%s (%s).", name,
                               words_in(dimension, report->language))));
    object_add(&making, "help", message_of(safe_string(fix[0] ? fix : name)));
    object_add(&making, "defaultConfiguration", configuration_of(item));
    object_add(&making, "properties", rule_properties(catalogue, item));
    return object_end(&making);
}

cJSON *sarif_message(const struct report *report, const struct report_organization *row,
                     const struct door *door, const char *place)
{
    const char *name = words_in(&report->catalogue->items[door->item].name, report->language);
    const char *why = door->finding.why && door->finding.why[0] ? door->finding.why : NULL;
    const char *reason = door->change ? change_reason_name(door->change->reason, report->language) : "";
    const char *where = place[0] ? place : row->organization->name;
    bool zh = report->language == LANGUAGE_ZH;
    return message_of(said(zh ? "%s：%s%s%s%s%s%s" : "%s: %s%s%s%s%s%s", name, where,
                           why ? (zh ? "（" : " (") : "", why ? why : "", why ? (zh ? "）" : ")") : "",
                           reason[0] ? (zh ? "；" : "; ") : "", reason));
}

/* As a URI holds it: every byte but the unreserved ones (RFC 3986 §2.3) spelt %XX. */
static void put_encoded(FILE *stream, const char *text)
{
    static const char plain[] = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (; *text; text++)
        if (strchr(plain, *text))
            fputc(*text, stream);
        else
            fprintf(stream, "%%%02X", (unsigned char)*text);
}

static void put_uri(FILE *stream, const struct report_organization *row, const struct finding *finding)
{
    char address[ADDRESS_TEXT_MAX];
    if (!finding->has_address) {
        fputs("urn:auscult:", stream);
        put_encoded(stream, row->organization->id);
        if (finding->key)
            fputc(':', stream);
        put_encoded(stream, finding->key ? finding->key : "");
        return;
    }
    bool bracketed = !address_is_ipv4(finding->address);
    address_format(finding->address, address);
    fprintf(stream, "%s://%s%s%s", finding->port.number ? transport_name(finding->port.transport) : "ip",
            bracketed ? "[" : "", address, bracketed ? "]" : "");
    if (finding->port.number)
        fprintf(stream, ":%u", finding->port.number);
}

static cJSON *artifact_of(const struct report_organization *row, const struct finding *finding)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    struct object making = object_begin(), artifact = object_begin();
    if (stream)
        put_uri(stream, row, finding);
    bool made = stream && fclose(stream) == 0;
    object_add(&making, "uri", made ? cJSON_CreateString(text) : NULL);
    object_add(&artifact, "artifactLocation", object_end(&making));
    free(text);
    return object_end(&artifact);
}

/* A list with this alone; takes the value. */
static cJSON *list_of(cJSON *value)
{
    cJSON *list = cJSON_CreateArray();
    if (value && cJSON_AddItemToArray(list, value))
        return list;
    cJSON_Delete(value);
    cJSON_Delete(list);
    return NULL;
}

static cJSON *logical_of(const struct report_organization *row, const char *place)
{
    const char *id = row->organization->id;
    struct object making = object_begin();
    object_add(&making, "name", safe_string(place[0] ? place : id));
    object_add(&making, "fullyQualifiedName", said("%s%s%s", id, place[0] ? "/" : "", place));
    object_text(&making, "kind", "resource");
    return list_of(object_end(&making));
}

cJSON *sarif_locations(const struct report_organization *row, const struct finding *finding,
                       const char *place)
{
    struct object making = object_begin();
    object_add(&making, "physicalLocation", artifact_of(row, finding));
    object_add(&making, "logicalLocations", logical_of(row, place));
    return list_of(object_end(&making));
}

cJSON *sarif_suppressions(const struct accepted_risk *risk)
{
    struct object making = object_begin();
    char until[CALENDAR_TEXT_MAX] = "";
    if (risk->until_day)
        calendar_format(risk->until_day, until);
    object_text(&making, "kind", "external");
    object_text(&making, "status", "accepted");
    object_add(&making, "justification",
               said("%s (%s%s%s)", risk->reason, risk->by, until[0] ? ", " : "", until));
    return list_of(object_end(&making));
}

const char *sarif_baseline_state(const struct change *change)
{
    bool known = change && (change->kind == CHANGE_OPEN || change->kind == CHANGE_ACCEPTED ||
                            change->kind == CHANGE_FALSE || change->kind == CHANGE_LAPSED);
    return known ? "unchanged" : "new";
}

static void add_answer(struct object *making, const struct answer *answer)
{
    if (!answer)
        return;
    object_text(making, "service", answer->service);
    object_bool(making, "tls", answer->tls);
    if (answer->product[0])
        object_add(making, "product", safe_string(answer->product));
    if (answer->version[0])
        object_add(making, "version", safe_string(answer->version));
}

static void add_deadline(struct object *making, const struct report *report, const struct deadline *deadline)
{
    char day[CALENDAR_TEXT_MAX];
    const char *rule = report->language == LANGUAGE_ZH ? deadline->rule_zh : deadline->rule_en;
    object_number(making, "days", deadline->days);
    if (deadline->due_day) {
        object_text(making, "due", calendar_format(deadline->due_day, day));
        object_bool(making, "overdue", deadline->overdue);
    }
    if (rule)
        object_add(making, "rule", safe_string(rule));
}

cJSON *sarif_properties(const struct report *report, const struct report_organization *row,
                        const struct door *door)
{
    struct object making = object_begin();
    const struct finding *finding = &door->finding;
    object_add(&making, "org", safe_string(row->organization->id));
    object_add(&making, "name", safe_string(row->organization->name));
    object_number(&making, "severity", report->catalogue->items[door->item].severity);
    if (finding->confidence)
        object_number(&making, "confidence", finding->confidence);
    if (finding->asset)
        object_number(&making, "asset", finding->asset);
    if (door->asset && door->asset->name)
        object_add(&making, "assetName", safe_string(door->asset->name));
    object_number(&making, "exposure", finding->exposure);
    object_number(&making, "gain", door->gain);
    add_answer(&making, door->answer);
    if (door->change)
        object_text(&making, "change", change_kind_word(door->change->kind));
    if (door->has_deadline && !door->risk)
        add_deadline(&making, report, &door->deadline);
    return object_end(&making);
}

static cJSON *index_of(const struct report_organization *row)
{
    const struct scorecard *scorecard = row->scorecard;
    struct object making = object_begin();
    bool known = scorecard->assessed;
    object_add(&making, "org", safe_string(row->organization->id));
    object_add(&making, "name", safe_string(row->organization->name));
    object_number(&making, "index", known ? scorecard->index : (double)NAN);
    object_text(&making, "band", known ? band_word(table_band(scorecard)) : NULL);
    if (known)
        object_pair(&making, "bounds", scorecard->bounds);
    object_number(&making, "itemsAssessed", (double)scorecard->items_assessed);
    return object_end(&making);
}

cJSON *sarif_indices(const struct report *report)
{
    struct object making = object_begin();
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < report->organizations_count && list; i++) {
        cJSON *entry = index_of(&report->organizations[i]);
        if (entry && cJSON_AddItemToArray(list, entry))
            continue;
        cJSON_Delete(entry);
        cJSON_Delete(list);
        list = NULL;
    }
    object_add(&making, "catalogue", safe_string(report->catalogue->name));
    object_number(&making, "items", (double)report->catalogue->items_count);
    object_add(&making, "organizations", list);
    return object_end(&making);
}
