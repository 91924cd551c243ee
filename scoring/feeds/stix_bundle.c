#include "scoring/feeds/stix_bundle.h"

#include <stdlib.h>
#include <string.h>

#include "scoring/feeds/json_elements.h"
#include "scoring/feeds/stix_pattern.h"
#include "scoring/timestamp.h"

#define UNTIL_FOREVER INT64_MAX

struct reading {
    const struct stix_reader *reader;
    struct stix_bundle *bundle;
    struct json_elements elements;
    char *pattern; /* room for one */
    bool named;    /* "type": "bundle" was there */
};

static void skip(struct reading *reading, const char *why)
{
    if (reading->reader->skipped)
        reading->reader->skipped(reading->reader->context, why);
}

static enum status complain(struct reading *reading, struct json_value value, const char *what)
{
    return json_elements_complain(&reading->elements, value.text, "%s", what);
}

static enum status add_row(struct reading *reading, struct stix_rows *rows, const void *row, size_t size)
{
    enum status status = stix_rows_add(rows, row, size);
    if (status != STATUS_LIMIT)
        return status;
    complaints_add(reading->reader->source->complaints, reading->elements.from_line, 1,
                   "more than %u objects of one kind that are to be kept; split the bundle", STIX_ROWS_MAX);
    return STATUS_WRONG_FILE;
}

/* --- members that several objects have --- */

static bool read_id(struct json_value value, struct stix_id *id_out)
{
    char text[STIX_ID_TEXT_MAX];
    return json_text(value, text, sizeof text) && stix_id_parse(text, id_out);
}

static bool read_time(struct json_value object, const char *name, int64_t *time_ms_out)
{
    char text[40];
    return json_text(json_member(object, name), text, sizeof text) && timestamp_parse(text, time_ms_out);
}

static bool is_revoked(struct json_value object)
{
    struct json_value value = json_member(object, "revoked");
    return value.size == 4 && memcmp(value.text, "true", 4) == 0;
}

/* The bits of all words of a list. */
static uint64_t read_words(struct json_value list)
{
    char word[48];
    uint64_t words = 0;
    struct json_value none, value;
    for (struct json_members items = json_members(list); json_next(&items, &none, &value);)
        if (json_text(value, word, sizeof word))
            words |= indicator_word(word);
    return words;
}

static uint64_t read_phases(struct json_value object)
{
    char word[48];
    uint64_t words = 0;
    struct json_value none, phase;
    for (struct json_members items = json_members(json_member(object, "kill_chain_phases"));
         json_next(&items, &none, &phase);)
        if (json_text(json_member(phase, "phase_name"), word, sizeof word))
            words |= indicator_word(word);
    return words;
}

/* --- indicators --- */

static enum status read_head(struct reading *reading, struct json_value object, struct indicator *indicator)
{
    struct json_value id = json_member(object, "id");
    uint64_t confidence = 0;
    json_text(id, indicator->type_and_id, sizeof indicator->type_and_id);
    if (!read_time(object, "valid_from", &indicator->from_ms))
        return complain(reading, object,
                        "an indicator has \"valid_from\", a time such as \"2026-01-31T12:00:00Z\"");
    indicator->until_ms = UNTIL_FOREVER;
    if (json_member(object, "valid_until").size && !read_time(object, "valid_until", &indicator->until_ms))
        return complain(reading, json_member(object, "valid_until"),
                        "a time is written as \"2026-01-31T12:00:00Z\"");
    if (!read_time(object, "modified", &indicator->modified_ms))
        return complain(reading, object,
                        "an indicator has \"modified\", a time such as \"2026-01-31T12:00:00Z\"");
    if (json_whole(json_member(object, "confidence"), &confidence) && confidence <= 100)
        indicator->confidence = (uint8_t)(confidence == 0 ? 1 : (confidence + 19) / 20);
    indicator->words = read_words(json_member(object, "indicator_types")) |
                       read_words(json_member(object, "labels")) | read_phases(object);
    return STATUS_OK;
}

static enum status refuse_limit(struct reading *reading, enum status status)
{
    if (status != STATUS_LIMIT)
        return status;
    complaints_add(reading->reader->source->complaints, reading->elements.from_line, 1,
                   "more than %u indicators, or their names take too much room; split the bundle",
                   INDICATORS_MAX);
    return STATUS_WRONG_FILE;
}

/* An indicator none of whose terms is wanted is not kept; one without terms is a word that an earlier version
   holds no longer. */
static enum status keep_indicator(struct reading *reading, const struct indicator *indicator,
                                  const struct stix_pattern *pattern)
{
    struct indicators *indicators = reading->bundle->indicators;
    const struct stix_reader *reader = reading->reader;
    bool any = pattern->count == 0;
    for (size_t i = 0; i < pattern->count; i++) {
        reading->bundle->kinds |= (unsigned)pattern->terms[i].kind;
        any |= !reader->wanted || reader->wanted(reader->context, &pattern->terms[i]);
    }
    enum status status = any ? indicators_add(indicators, indicator) : STATUS_OK;
    for (size_t i = 0; any && i < pattern->count && status == STATUS_OK; i++)
        if (!reader->wanted || reader->wanted(reader->context, &pattern->terms[i]))
            status = indicators_add_term(indicators, &pattern->terms[i]);
    return refuse_limit(reading, status);
}

static enum status read_pattern(struct reading *reading, const struct indicator *indicator, const char *text)
{
    struct stix_pattern pattern;
    const char *why = NULL;
    size_t at = 0;
    enum status status = stix_pattern_read(text, &pattern, &why, &at);
    if (status == STATUS_MISMATCH)
        skip(reading, "indicators whose pattern is not in STIX's grammar, or too large");
    if (status != STATUS_OK)
        return status == STATUS_MISMATCH ? STATUS_OK : status;
    if (pattern.count == 0)
        skip(reading, pattern.why);
    else
        status = keep_indicator(reading, indicator, &pattern);
    stix_pattern_deinit(&pattern);
    return status;
}

static enum status read_indicator(struct reading *reading, struct json_value object, const struct stix_id *id)
{
    struct indicator indicator = {.id = *id};
    char type[32] = "";
    struct json_value pattern = json_member(object, "pattern");
    if (!json_text(json_member(object, "pattern_type"), type, sizeof type) || !pattern.size)
        return complain(reading, object, "an indicator of STIX 2.1 has \"pattern\" and \"pattern_type\"");
    enum status status = read_head(reading, object, &indicator);
    if (status != STATUS_OK)
        return status;
    if (reading->reader->ours && !is_revoked(object)) {
        struct stix_thing thing = {*id, indicator.words};
        status = add_row(reading, &reading->bundle->things, &thing, sizeof thing);
    }
    if (status != STATUS_OK)
        return status;
    if (is_revoked(object)) {
        indicator.until_ms = indicator.from_ms;
        skip(reading, "indicators that were revoked");
        return keep_indicator(reading, &indicator, &(struct stix_pattern){0});
    }
    if (strcmp(type, "stix") != 0) {
        skip(reading, "indicators whose pattern is not STIX's own (snort, yara, …)");
        return STATUS_OK;
    }
    if (!json_text(pattern, reading->pattern, STIX_PATTERN_MAX + 1)) {
        skip(reading, "indicators whose pattern is not in STIX's grammar, or too large");
        return STATUS_OK;
    }
    return read_pattern(reading, &indicator, reading->pattern);
}

/* --- the others --- */

/* Malware, infrastructure, and what has no types of its own. */
static enum status read_thing(struct reading *reading, struct json_value object, const struct stix_id *id)
{
    char type[48];
    json_text(json_member(object, "type"), type, sizeof type);
    struct stix_thing thing = {*id, indicator_word(type) | read_words(json_member(object, "malware_types")) |
                                        read_words(json_member(object, "infrastructure_types"))};
    return add_row(reading, &reading->bundle->things, &thing, sizeof thing);
}

static enum status read_relationship(struct reading *reading, struct json_value object,
                                     const struct stix_id *id)
{
    char type[32] = "";
    struct stix_link link;
    (void)id;
    if (!json_text(json_member(object, "relationship_type"), type, sizeof type) ||
        !read_id(json_member(object, "source_ref"), &link.from) ||
        !read_id(json_member(object, "target_ref"), &link.to))
        return complain(reading, object,
                        "a relationship has \"relationship_type\", \"source_ref\" and \"target_ref\"");
    if (strcmp(type, "indicates") != 0 || is_revoked(object))
        return STATUS_OK;
    return add_row(reading, &reading->bundle->relations, &link, sizeof link);
}

static enum status read_identity(struct reading *reading, struct json_value object, const struct stix_id *id)
{
    struct stix_identity identity = {.id = *id};
    if (!reading->reader->ours ||
        !json_text(json_member(object, "name"), identity.name, sizeof identity.name))
        return STATUS_OK;
    return add_row(reading, &reading->bundle->identities, &identity, sizeof identity);
}

static enum status add_links(struct reading *reading, struct stix_rows *rows, const struct stix_id *from,
                             struct json_value list)
{
    struct json_value none, value;
    enum status status = STATUS_OK;
    for (struct json_members items = json_members(list);
         status == STATUS_OK && json_next(&items, &none, &value);) {
        struct stix_link link = {.from = *from};
        if (read_id(value, &link.to))
            status = add_row(reading, rows, &link, sizeof link);
        else
            status = complain(reading, value, "a reference is the id of an object, as \"identity--…\"");
    }
    return status;
}

/* Last seen, first seen, or made known. */
static bool read_seen(struct json_value object, int64_t *time_ms_out)
{
    static const char *const names[] = {"last_seen", "first_seen", "modified"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (read_time(object, names[i], time_ms_out))
            return true;
    return false;
}

static enum status read_sighting(struct reading *reading, struct json_value object, const struct stix_id *id)
{
    struct stix_sighting sighting = {.id = *id};
    struct stix_bundle *bundle = reading->bundle;
    uint64_t count = 1;
    struct json_value of = json_member(object, "sighting_of_ref");
    if (!json_text(of, sighting.of_text, sizeof sighting.of_text) ||
        !stix_id_parse(sighting.of_text, &sighting.of))
        return complain(reading, object, "a sighting has \"sighting_of_ref\", the id of what was seen");
    if (!reading->reader->ours || is_revoked(object))
        return STATUS_OK;
    if (!read_seen(object, &sighting.time_ms))
        return complain(reading, object,
                        "a sighting has \"modified\", a time such as \"2026-01-31T12:00:00Z\"");
    if (json_whole(json_member(object, "count"), &count) && count == 0) {
        skip(reading, "sightings that say that nothing was seen");
        return STATUS_OK;
    }
    enum status status = add_row(reading, &bundle->sightings, &sighting, sizeof sighting);
    if (status == STATUS_OK)
        status = add_links(reading, &bundle->places, id, json_member(object, "where_sighted_refs"));
    return status == STATUS_OK
               ? add_links(reading, &bundle->shown, id, json_member(object, "observed_data_refs"))
               : status;
}

static enum status read_observed(struct reading *reading, struct json_value object, const struct stix_id *id)
{
    if (!reading->reader->ours)
        return STATUS_OK;
    return add_links(reading, &reading->bundle->shown, id, json_member(object, "object_refs"));
}

static enum status read_address(struct reading *reading, struct json_value object, const struct stix_id *id)
{
    char text[ADDRESS_TEXT_MAX];
    struct stix_address address = {.id = *id};
    const struct stix_reader *reader = reading->reader;
    if (!reader->ours || !json_text(json_member(object, "value"), text, sizeof text) ||
        !address_parse(text, strlen(text), &address.address) ||
        !reader->ours(reader->context, address.address))
        return STATUS_OK;
    return add_row(reading, &reading->bundle->addresses, &address, sizeof address);
}

/* --- the bundle --- */

static const struct {
    const char *type;
    enum status (*read)(struct reading *reading, struct json_value object, const struct stix_id *id);
} objects[] = {
    {"indicator", read_indicator},  {"relationship", read_relationship},
    {"malware", read_thing},        {"infrastructure", read_thing},
    {"intrusion-set", read_thing},  {"campaign", read_thing},
    {"threat-actor", read_thing},   {"tool", read_thing},
    {"attack-pattern", read_thing}, {"identity", read_identity},
    {"sighting", read_sighting},    {"observed-data", read_observed},
    {"ipv4-addr", read_address},    {"ipv6-addr", read_address},
};

static void note_time(struct reading *reading, struct json_value object)
{
    int64_t time_ms;
    if ((read_time(object, "modified", &time_ms) || read_time(object, "created", &time_ms)) &&
        time_ms > reading->bundle->newest_ms)
        reading->bundle->newest_ms = time_ms;
}

/* Of its own type, so that it is safe to show as well. */
static bool read_own_id(struct json_value object, const char *type, struct stix_id *id_out)
{
    char text[STIX_ID_TEXT_MAX];
    size_t length = strlen(type);
    return json_text(json_member(object, "id"), text, sizeof text) && strncmp(text, type, length) == 0 &&
           strncmp(text + length, "--", 2) == 0 && stix_id_parse(text, id_out);
}

static enum status take_object(struct reading *reading, struct json_value object)
{
    char type[251];
    struct stix_id id;
    if (!json_text(json_member(object, "type"), type, sizeof type))
        return complain(reading, object, "an object of STIX has \"type\", as \"indicator\"");
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        if (strcmp(type, objects[i].type) != 0)
            continue;
        if (!read_own_id(object, type, &id))
            return complain(reading, object,
                            "an object of STIX has \"id\", its type and a UUID: \"indicator--…\"");
        note_time(reading, object);
        return objects[i].read(reading, object, &id);
    }
    return STATUS_OK;
}

static enum status take_member(struct reading *reading, const struct json_element *element)
{
    char text[16] = "";
    json_text(element->value, text, sizeof text);
    if (json_named(element->name, "spec_version") && strcmp(text, "2.0") == 0)
        return complain(reading, element->value, "a bundle of STIX 2.0; one of 2.1 is wanted");
    if (!json_named(element->name, "type"))
        return STATUS_OK;
    reading->named = strcmp(text, "bundle") == 0;
    return reading->named
               ? STATUS_OK
               : complain(reading, element->value, "no bundle of STIX: its \"type\" is \"bundle\"");
}

static enum status take_all(struct reading *reading)
{
    struct json_element element;
    enum status status = json_elements_next(&reading->elements, &element);
    while (status == STATUS_OK && element.value.size) {
        if (element.item)
            status = take_object(reading, element.value);
        else
            status = take_member(reading, &element);
        if (status == STATUS_OK)
            status = json_elements_next(&reading->elements, &element);
    }
    if (status == STATUS_OK && !reading->named) {
        complaints_add(reading->reader->source->complaints, 1, 1,
                       "no bundle of STIX: \"type\": \"bundle\" is missing");
        status = STATUS_WRONG_FILE;
    }
    return status;
}

/* --- joining --- */

static uint64_t own_words(const struct stix_bundle *bundle, const struct stix_id *id)
{
    const void *end;
    uint64_t words = 0;
    const struct stix_thing *thing = stix_rows_find(&bundle->things, sizeof *thing, id, &end);
    for (; thing && (const void *)thing < end; thing++)
        words |= thing->words;
    return words;
}

uint64_t stix_bundle_words(const struct stix_bundle *bundle, const struct stix_id *id)
{
    const void *end;
    uint64_t words = own_words(bundle, id);
    const struct stix_link *link = stix_rows_find(&bundle->relations, sizeof *link, id, &end);
    for (; link && (const void *)link < end; link++)
        words |= own_words(bundle, &link->to);
    return words;
}

static void join(struct stix_bundle *bundle, size_t first)
{
    stix_rows_sort(&bundle->things, sizeof(struct stix_thing));
    stix_rows_sort(&bundle->relations, sizeof(struct stix_link));
    stix_rows_sort(&bundle->identities, sizeof(struct stix_identity));
    stix_rows_sort(&bundle->sightings, sizeof(struct stix_sighting));
    stix_rows_sort(&bundle->places, sizeof(struct stix_link));
    stix_rows_sort(&bundle->shown, sizeof(struct stix_link));
    stix_rows_sort(&bundle->addresses, sizeof(struct stix_address));
    for (size_t i = first; i < bundle->indicators->count; i++)
        bundle->indicators->items[i].words |= stix_bundle_words(bundle, &bundle->indicators->items[i].id);
}

enum status stix_bundle_read(struct stix_bundle *bundle_out, const struct stix_reader *reader,
                             struct indicators *indicators)
{
    struct reading reading = {.reader = reader, .bundle = bundle_out};
    size_t first = indicators->count;
    *bundle_out = (struct stix_bundle){.indicators = indicators, .newest_ms = INT64_MIN};
    reading.pattern = malloc(STIX_PATTERN_MAX + 1);
    enum status status = json_elements_init(&reading.elements, reader->source, "objects");
    if (!reading.pattern)
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = take_all(&reading);
    if (status == STATUS_OK)
        join(bundle_out, first);
    json_elements_deinit(&reading.elements);
    free(reading.pattern);
    return status;
}

void stix_bundle_deinit(struct stix_bundle *bundle)
{
    struct stix_rows *all[] = {&bundle->things, &bundle->relations, &bundle->identities, &bundle->sightings,
                               &bundle->places, &bundle->shown,     &bundle->addresses};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        stix_rows_deinit(all[i]);
}
