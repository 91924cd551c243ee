#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/feeds/feed.h"
#include "scoring/feeds/stix_bundle.h"
#include "scoring/feeds/stix_map.h"
#include "scoring/feeds/url.h"
#include "scoring/timestamp.h"

/* Bundles of STIX 2.1, matched with the addresses and domains of the scope: an indicator on one of them, and
   sightings at an organization. A name is an organization's when it is its domain or below it; one that holds it,
   or looks like it, is not. All is of the time of the bundle's newest object. */

#define WHY_MAX 512

struct reader {
    const struct feed_call *call;
    struct stix_map map;
    struct stix_bundle bundle;
    struct indicators indicators;
};

static const struct feed_sink *sink_of(void *reader)
{
    return ((struct reader *)reader)->call->sink;
}

static const char *owner_of_host(const struct feed_sink *sink, const char *host, struct address *address_out,
                                 bool *is_address_out)
{
    *is_address_out = address_parse(host, strlen(host), address_out);
    return *is_address_out ? sink->owner(sink->context, address_out, NULL)
                           : sink->owner(sink->context, NULL, host);
}

/* The name that a term is about: the host of a URL. Names are letters, digits, hyphens and dots only, or an
   address. */
static bool host_of_term(enum indicator_kind kind, const char *text, char host_out[DOMAIN_TEXT_MAX])
{
    char url[URL_TEXT_MAX], folded[DOMAIN_TEXT_MAX];
    struct address address;
    if (kind != INDICATOR_URL) {
        snprintf(host_out, DOMAIN_TEXT_MAX, "%s", text);
        return true;
    }
    if (!url_fold(text, url, sizeof url, folded))
        return false;
    if (address_parse(folded, strlen(folded), &address)) {
        snprintf(host_out, DOMAIN_TEXT_MAX, "%s", folded);
        return true;
    }
    return !domain_parse(folded, host_out);
}

/* Only what is ours is kept. A range says of no single address in it that anything was seen there. */
static bool wanted(void *context, const struct indicator_term *term)
{
    const struct feed_sink *sink = sink_of(context);
    char host[DOMAIN_TEXT_MAX];
    struct address address;
    bool is_address;
    if (term->kind == INDICATOR_ADDRESS && range_size(term->range) > 1) {
        sink->skipped(sink->context, "indicators on ranges of addresses, which name no single one");
        return false;
    }
    if (term->kind == INDICATOR_ADDRESS)
        return sink->owner(sink->context, &term->range.first, NULL) != NULL;
    return host_of_term(term->kind, term->text, host) && owner_of_host(sink, host, &address, &is_address);
}

static bool ours(void *context, struct address address)
{
    const struct feed_sink *sink = sink_of(context);
    return sink->owner(sink->context, &address, NULL) != NULL;
}

static void pass_skipped(void *context, const char *why)
{
    const struct feed_sink *sink = sink_of(context);
    sink->skipped(sink->context, why);
}

/* --- what is found --- */

/* The finding has its place; each item of the rule is handed over. */
static enum status hand_over(struct reader *reader, const struct stix_rule *rule, struct finding *finding,
                             uint8_t confidence, const char *domain)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < rule->items.count && status == STATUS_OK; i++) {
        const struct item *item = &reader->call->catalogue->items[rule->items.at[i]];
        finding->item = item->id;
        finding->confidence = rule->confidence ? rule->confidence : item->confidence;
        if (confidence && confidence < finding->confidence)
            finding->confidence = confidence;
        finding->exposure = 1;
        status = reader->call->sink->finding(reader->call->sink->context, finding, domain);
    }
    return status;
}

static bool is_valid(const struct reader *reader, const struct indicator *indicator)
{
    int64_t now = reader->bundle.newest_ms;
    return now >= indicator->from_ms && now < indicator->until_ms;
}

static enum status find_term(struct reader *reader, const struct indicator *indicator,
                             enum indicator_kind kind, const char *text, struct address address)
{
    const struct feed_sink *sink = reader->call->sink;
    const struct stix_rule *rule = stix_map_find(&reader->map, kind, indicator->words);
    char why[WHY_MAX], safe[WHY_MAX / 2], shown[ADDRESS_TEXT_MAX], host[DOMAIN_TEXT_MAX] = "";
    bool is_address = kind == INDICATOR_ADDRESS;
    if (!is_valid(reader, indicator))
        sink->skipped(sink->context,
                      "indicators on the scope that are not valid, or replaced, at the bundle's time");
    if (!rule || !is_valid(reader, indicator))
        return STATUS_OK;
    if (is_address)
        address_format(address, shown);
    else if (host_of_term(kind, text, host))
        owner_of_host(sink, host, &address, &is_address);
    text = text ? text : shown;
    text_safe((struct span){(const uint8_t *)text, strlen(text)}, safe, sizeof safe);
    snprintf(why, sizeof why, "STIX: %s is on %s", indicator->type_and_id, safe);
    struct finding finding = {.has_address = is_address,
                              .address = address,
                              .key = host[0] ? host : NULL,
                              .count = 1,
                              .why = why,
                              .time_ms = reader->bundle.newest_ms};
    return hand_over(reader, rule, &finding, indicator->confidence, host[0] ? host : NULL);
}

static enum status find_indicators(struct reader *reader)
{
    const struct indicators *indicators = &reader->indicators;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < indicators->addresses_count && status == STATUS_OK; i++)
        status = find_term(reader, &indicators->items[indicators->addresses[i].indicator], INDICATOR_ADDRESS,
                           NULL, indicators->addresses[i].range.first);
    for (size_t i = 0; i < indicators->names_count && status == STATUS_OK; i++)
        status = find_term(reader, &indicators->items[indicators->names[i].indicator],
                           (enum indicator_kind)indicators->names[i].kind,
                           indicators->texts + indicators->names[i].at, (struct address){0, 0});
    return status;
}

/* --- what was sighted --- */

struct sighting {
    struct reader *reader;
    const struct stix_sighting *seen;
    const struct stix_rule *rule;
    char *why;
    size_t handed;
};

static enum status sight_at(struct sighting *sighting, const struct stix_id *object)
{
    const void *end;
    const struct stix_rows *rows = &sighting->reader->bundle.addresses;
    const struct stix_address *address = stix_rows_find(rows, sizeof *address, object, &end);
    if (!address)
        return STATUS_OK;
    struct finding finding = {.has_address = true,
                              .address = address->address,
                              .count = 1,
                              .why = sighting->why,
                              .time_ms = sighting->seen->time_ms};
    sighting->handed++;
    return hand_over(sighting->reader, sighting->rule, &finding, 0, NULL);
}

/* The addresses of ours in the data that the sighting shows. */
static enum status sight_addresses(struct sighting *sighting)
{
    const struct stix_rows *shown = &sighting->reader->bundle.shown;
    const void *end, *objects_end;
    enum status status = STATUS_OK;
    const struct stix_link *data = stix_rows_find(shown, sizeof *data, &sighting->seen->id, &end);
    for (; data && (const void *)data < end && status == STATUS_OK; data++) {
        const struct stix_link *object = stix_rows_find(shown, sizeof *object, &data->to, &objects_end);
        for (; object && (const void *)object < objects_end && status == STATUS_OK; object++)
            status = sight_at(sighting, &object->to);
    }
    return status;
}

/* Whose it is, where no address of theirs is shown. */
static enum status sight_organizations(struct sighting *sighting)
{
    const struct stix_bundle *bundle = &sighting->reader->bundle;
    const void *end, *identities_end;
    enum status status = STATUS_OK;
    const struct stix_link *place = stix_rows_find(&bundle->places, sizeof *place, &sighting->seen->id, &end);
    for (; place && (const void *)place < end && status == STATUS_OK; place++) {
        const struct stix_identity *identity =
            stix_rows_find(&bundle->identities, sizeof *identity, &place->to, &identities_end);
        if (!identity)
            continue;
        char name[STIX_NAME_MAX];
        snprintf(name, sizeof name, "%s", identity->name);
        struct finding finding = {
            .organization = name, .count = 1, .why = sighting->why, .time_ms = sighting->seen->time_ms};
        sighting->handed++;
        status = hand_over(sighting->reader, sighting->rule, &finding, 0, NULL);
    }
    return status;
}

static enum status find_sighting(struct reader *reader, const struct stix_sighting *seen)
{
    const struct feed_sink *sink = reader->call->sink;
    char why[WHY_MAX], safe[STIX_ID_TEXT_MAX * 2];
    const struct stix_rule *rule =
        stix_map_find(&reader->map, 0, stix_bundle_words(&reader->bundle, &seen->of));
    if (!rule) {
        sink->skipped(sink->context, "sightings of what no item counts");
        return STATUS_OK;
    }
    text_safe((struct span){(const uint8_t *)seen->of_text, strlen(seen->of_text)}, safe, sizeof safe);
    snprintf(why, sizeof why, "STIX: sighting of %s", safe);
    struct sighting sighting = {reader, seen, rule, why, 0};
    enum status status = sight_addresses(&sighting);
    if (status == STATUS_OK && sighting.handed == 0)
        status = sight_organizations(&sighting);
    if (status == STATUS_OK && sighting.handed == 0)
        sink->skipped(sink->context, "sightings that name neither an organization nor an address of one");
    return status;
}

static enum status find_sightings(struct reader *reader)
{
    const struct stix_sighting *all = reader->bundle.sightings.rows;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < reader->bundle.sightings.count && status == STATUS_OK; i++)
        status = find_sighting(reader, &all[i]);
    return status;
}

/* --- what is covered --- */

static enum status cover(struct reader *reader)
{
    const struct feed_sink *sink = reader->call->sink;
    int64_t now = reader->bundle.newest_ms;
    enum status status = STATUS_OK;
    if (now > INT64_MIN)
        sink->period(sink->context, now, now);
    for (size_t i = 0; i < reader->map.count; i++) {
        const struct stix_rule *rule = &reader->map.rules[i];
        if (!rule->covers || !(rule->condition.kinds & reader->bundle.kinds))
            continue;
        for (size_t j = 0; j < rule->items.count && status == STATUS_OK; j++) {
            const char *id = reader->call->catalogue->items[rule->items.at[j]].id;
            status = sink->covers(sink->context, NULL, &id, 1, now, now);
        }
    }
    return status;
}

static enum status parse(const struct feed_call *call)
{
    struct reader reader = {.call = call};
    const struct stix_reader bundle = {call->source, &reader, wanted, ours, pass_skipped};
    indicators_init(&reader.indicators);
    enum status status = stix_map_read(&reader.map, call->map, call->catalogue, call->map_complaints);
    if (status == STATUS_OK)
        status = stix_bundle_read(&reader.bundle, &bundle, &reader.indicators);
    if (status == STATUS_OK)
        status = indicators_settle(&reader.indicators);
    if (status == STATUS_OK)
        status = find_indicators(&reader);
    if (status == STATUS_OK)
        status = find_sightings(&reader);
    if (status == STATUS_OK)
        status = cover(&reader);
    stix_bundle_deinit(&reader.bundle);
    indicators_deinit(&reader.indicators);
    stix_map_deinit(&reader.map);
    return status;
}

const struct feed feed_stix = {
    .name = "stix",
    .en = "bundles of STIX 2.1: indicators and sightings",
    .zh = "STIX 2.1 情报包：指标与目击记录",
    .map = "import-stix",
    .parse = parse,
};
