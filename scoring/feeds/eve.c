#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/feeds/eve_map.h"
#include "scoring/feeds/feed.h"
#include "scoring/feeds/happenings.h"
#include "scoring/feeds/url.h"
#include "scoring/timestamp.h"
#include "targets/json.h"

/* Suricata's eve.json. Events are counted by host and item as they come, and handed over at the end; what is
   covered are the organizations that were seen at all, the time between the first and the last event, and the
   items of those rules that such events are asked for. */

#define LINE_DEPTH_MAX 32
#define DAY_MS         INT64_C(86400000)

struct reader {
    const struct feed_call *call;
    struct eve_map map;
    struct happenings happenings;    /* occurrences */
    struct happenings organizations; /* those with an event, by a place that has nothing but them */
    unsigned kinds;                  /* of events that were seen, a bit 1 << kind each */
    int64_t first_ms, last_ms;
};

/* An event with what is asked of it more than once. */
struct asked {
    const struct eve_event *event;
    const char *owners[2];
    char url[EVE_URL_MAX];
};

/* Is there what the rule wants events to be matched with? */
static bool is_usable(const struct reader *reader, const struct eve_rule *rule)
{
    const struct indicators *indicators = reader->call->indicators;
    uint64_t with = rule->indicator.with;
    return rule->indicator.kinds == 0 || (indicators && (with == 0 || (with & indicators->words)));
}

/* Does the rule speak for this end? */
static bool concerns(const struct eve_rule *rule, const struct asked *asked, unsigned end)
{
    const struct eve_event *event = asked->event;
    bool same = asked->owners[end] == asked->owners[!end];
    if (rule->peer != EVE_ANYWHERE && (rule->peer == EVE_INSIDE) != same)
        return false;
    switch (rule->host) {
    case EVE_CLIENT:
        return end == event->client;
    case EVE_SERVER:
        return end != event->client;
    case EVE_ATTACKING:
        return end == event->attacker;
    case EVE_ATTACKED:
        return end != event->attacker;
    case EVE_EITHER:
        return true;
    }
    return false;
}

static const struct indicator *find_indicator(const struct reader *reader, const struct eve_rule *rule,
                                              const struct asked *asked, unsigned end)
{
    const struct eve_end *peer = &asked->event->ends[!end];
    struct indicator_question question = {.address = peer->address,
                                          .has_address = true,
                                          .port = peer->port,
                                          .transport = asked->event->udp ? TRANSPORT_UDP : TRANSPORT_TCP,
                                          .name = asked->event->name,
                                          .url = asked->url,
                                          .time_ms = asked->event->time_ms};
    return indicators_find(reader->call->indicators, &question, &rule->indicator);
}

/* What was seen, for people: the signature; or the name or address, and the indicator that knows it. */
static void describe(const struct asked *asked, unsigned end, const struct indicator *indicator,
                     char what[HAPPENINGS_WHAT_MAX])
{
    const struct eve_event *event = asked->event;
    char text[EVE_TEXT_MAX + DOMAIN_TEXT_MAX], address[ADDRESS_TEXT_MAX];
    address_format(event->ends[!end].address, address);
    if (event->kind == EVE_ALERT && !indicator)
        snprintf(text, sizeof text, "alert %llu %s", (unsigned long long)event->signature_id,
                 event->signature);
    else
        snprintf(text, sizeof text, "%s%s%.24s %s", indicator ? indicator->type_and_id : "",
                 indicator ? ", " : "", eve_kind_names[event->kind - 1],
                 event->name[0] ? event->name : address);
    text_safe((struct span){(const uint8_t *)text, strlen(text)}, what, HAPPENINGS_WHAT_MAX);
}

static struct happening_place place_of(const struct reader *reader, const struct eve_rule *rule, size_t item,
                                       const struct asked *asked, unsigned end)
{
    const struct eve_event *event = asked->event;
    const struct eve_end *host = &event->ends[end];
    struct happening_place place = {.organization = asked->owners[end], .item = (uint32_t)item};
    place.rule = rule->at_least > 1 ? (uint32_t)(rule - reader->map.rules) : HAPPENINGS_ANY_RULE;
    if (rule->by_day) {
        place.day = (uint32_t)(event->time_ms / DAY_MS);
        return place;
    }
    place.placed = 1;
    place.address = host->address;
    if (reader->call->catalogue->items[item].unit == UNIT_ENDPOINT && (event->tcp || event->udp))
        place.port = (struct port){host->port, event->udp ? TRANSPORT_UDP : TRANSPORT_TCP};
    return place;
}

/* The rule's own word, the item's where it has none; no more than the indicator's own. */
static int confidence_of(const struct reader *reader, const struct eve_rule *rule, size_t item,
                         const struct indicator *indicator)
{
    int confidence = rule->confidence ? rule->confidence : reader->call->catalogue->items[item].confidence;
    return indicator && indicator->confidence && indicator->confidence < confidence ? indicator->confidence
                                                                                    : confidence;
}

static enum status count(struct reader *reader, const struct eve_rule *rule, const struct asked *asked,
                         unsigned end, const struct indicator *indicator)
{
    for (size_t i = 0; i < rule->items.count; i++) {
        struct happening_place place = place_of(reader, rule, rule->items.at[i], asked, end);
        struct happening *entry = NULL;
        enum status status =
            happenings_add(&reader->happenings, &place, asked->event->time_ms,
                           confidence_of(reader, rule, rule->items.at[i], indicator), &entry);
        if (status != STATUS_OK)
            return status;
        if (entry->events == 1)
            describe(asked, end, indicator, entry->what);
    }
    return STATUS_OK;
}

/* The first rule that fits speaks for this end. */
static enum status judge_end(struct reader *reader, const struct asked *asked, unsigned end)
{
    for (size_t i = 0; asked->owners[end] && i < reader->map.count; i++) {
        const struct eve_rule *rule = &reader->map.rules[i];
        const struct indicator *indicator = NULL;
        if (!is_usable(reader, rule) || !concerns(rule, asked, end) || !eve_rule_fits(rule, asked->event))
            continue;
        if (rule->indicator.kinds)
            indicator = find_indicator(reader, rule, asked, end);
        if (rule->indicator.kinds == 0 || indicator)
            return count(reader, rule, asked, end, indicator);
    }
    return STATUS_OK;
}

static enum status see_organization(struct reader *reader, const char *organization, int64_t time_ms)
{
    struct happening_place place = {.organization = organization, .rule = HAPPENINGS_ANY_RULE};
    struct happening *entry = NULL;
    return organization ? happenings_add(&reader->organizations, &place, time_ms, 0, &entry) : STATUS_OK;
}

static enum status judge(struct reader *reader, const struct eve_event *event)
{
    const struct feed_sink *sink = reader->call->sink;
    struct asked asked = {.event = event, .url = ""};
    char host[DOMAIN_TEXT_MAX];
    enum status status = STATUS_OK;
    if (!event->has_ends) {
        sink->skipped(sink->context, "events without addresses");
        return STATUS_OK;
    }
    for (unsigned end = 0; end < 2; end++)
        asked.owners[end] = sink->owner(sink->context, &event->ends[end].address, NULL);
    if (!asked.owners[0] && !asked.owners[1]) {
        sink->skipped(sink->context, "events between addresses of no organization");
        return STATUS_OK;
    }
    if (event->url[0] && reader->call->indicators && !url_fold(event->url, asked.url, sizeof asked.url, host))
        asked.url[0] = 0;
    for (unsigned end = 0; end < 2 && status == STATUS_OK; end++)
        status = see_organization(reader, asked.owners[end], event->time_ms);
    for (unsigned end = 0; end < 2 && status == STATUS_OK && event->kind != EVE_OTHER; end++)
        status = judge_end(reader, &asked, end);
    return status;
}

static enum status refuse_limit(struct reader *reader)
{
    return feed_source_complain(
        reader->call->source, 0,
        "more than %u hosts or other occurrences up to here; split the file by day or "
        "by organization",
        HAPPENINGS_MAX);
}

static enum status take_line(struct reader *reader, const char *line, size_t size)
{
    struct json_mistake mistake;
    struct eve_event event;
    const char *why = NULL, *at = line;
    size_t start = json_skip_space(line, size, 0);
    if (start == size)
        return STATUS_OK;
    if (!json_check(line, size, LINE_DEPTH_MAX, &mistake))
        return feed_source_complain(reader->call->source, (unsigned)mistake.at + 1, "%s", mistake.why);
    if (!eve_event_read((struct json_value){line + start, size - start}, &event, &why, &at))
        return feed_source_complain(reader->call->source, (unsigned)(at - line) + 1, "%s", why);
    reader->kinds |= 1u << event.kind;
    reader->first_ms = event.time_ms < reader->first_ms ? event.time_ms : reader->first_ms;
    reader->last_ms = event.time_ms > reader->last_ms ? event.time_ms : reader->last_ms;
    enum status status = judge(reader, &event);
    return status == STATUS_LIMIT ? refuse_limit(reader) : status;
}

static enum status take_lines(struct reader *reader)
{
    char *line = NULL;
    size_t size = 0;
    enum status status = feed_source_line(reader->call->source, &line, &size);
    while (status == STATUS_OK && line) {
        status = take_line(reader, line, size);
        if (status == STATUS_OK)
            status = feed_source_line(reader->call->source, &line, &size);
    }
    if (status == STATUS_OK && reader->kinds == 0)
        status = feed_source_complain(reader->call->source, 0, "no event is in it; name an eve.json");
    return status;
}

/* What had to come often enough, and did, is joined with what needs no number. */
static enum status settle(struct reader *reader)
{
    size_t count = reader->happenings.count;
    for (size_t i = 0; i < count; i++) {
        const struct happening *entry = happenings_at(&reader->happenings, i);
        struct happening_place place = entry->place;
        if (place.rule == HAPPENINGS_ANY_RULE ||
            entry->events < (uint64_t)reader->map.rules[place.rule].at_least)
            continue;
        place.rule = HAPPENINGS_ANY_RULE;
        enum status status = happenings_merge(&reader->happenings, &place, entry);
        if (status != STATUS_OK)
            return status == STATUS_LIMIT ? refuse_limit(reader) : status;
    }
    return STATUS_OK;
}

static enum status hand_over(struct reader *reader, const struct happening *entry)
{
    char why[HAPPENINGS_WHAT_MAX + 128], facts[160], key[16];
    char first[TIMESTAMP_TEXT_MAX], last[TIMESTAMP_TEXT_MAX];
    const struct happening_place *place = &entry->place;
    timestamp_format_ms(entry->first_ms, first);
    timestamp_format_ms(entry->last_ms, last);
    snprintf(why, sizeof why, "Suricata: %s; events: %llu, %s to %s", entry->what,
             (unsigned long long)entry->events, first, last);
    snprintf(facts, sizeof facts, "{\"events\":%llu,\"first\":\"%s\",\"last\":\"%s\"}",
             (unsigned long long)entry->events, first, last);
    snprintf(key, sizeof key, "%.10s", last);
    char *organization = strdup(place->organization);
    if (!organization)
        return STATUS_NO_MEMORY;
    struct finding finding = {.organization = organization,
                              .item = reader->call->catalogue->items[place->item].id,
                              .has_address = place->placed,
                              .address = place->address,
                              .port = place->port,
                              .key = place->day ? key : NULL,
                              .confidence = entry->confidence,
                              .exposure = 1,
                              .count = 1,
                              .why = why,
                              .facts = facts,
                              .time_ms = entry->last_ms};
    enum status status = reader->call->sink->finding(reader->call->sink->context, &finding, NULL);
    free(organization);
    return status;
}

static int hand_over_order(const void *a, const void *b)
{
    const struct happening *const *left = a, *const *right = b;
    const struct happening_place *one = &(*left)->place, *other = &(*right)->place;
    int order = strcmp(one->organization, other->organization);
    order = order ? order : one->item < other->item ? -1 : one->item > other->item;
    return order ? order : address_compare(one->address, other->address);
}

/* Organization by organization, which a store on disk takes far faster than in the order of events. */
static enum status hand_over_all(struct reader *reader)
{
    enum status status = settle(reader);
    const struct happening **all = calloc(reader->happenings.count + 1, sizeof *all);
    size_t count = 0;
    for (size_t i = 0; all && i < reader->happenings.count; i++) {
        all[count] = happenings_at(&reader->happenings, i);
        count += all[count]->place.rule == HAPPENINGS_ANY_RULE;
    }
    if (all)
        qsort(all, count, sizeof *all, hand_over_order);
    else
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = hand_over(reader, all[i]);
    free(all);
    return status;
}

/* The items of rules that would have spoken: such events are in the file, and what they are matched with is
   there. Each once. */
static size_t covered_items(const struct reader *reader, const char **items)
{
    size_t count = 0;
    for (size_t i = 0; i < reader->map.count; i++) {
        const struct eve_rule *rule = &reader->map.rules[i];
        if (!rule->covers || !(rule->kinds & reader->kinds) || !is_usable(reader, rule))
            continue;
        for (size_t j = 0; j < rule->items.count; j++) {
            const char *id = reader->call->catalogue->items[rule->items.at[j]].id;
            size_t known = 0;
            while (known < count && items[known] != id)
                known++;
            items[known] = id;
            count += known == count;
        }
    }
    return count;
}

static enum status cover(struct reader *reader)
{
    const struct feed_sink *sink = reader->call->sink;
    const char **items = calloc(reader->map.count * MAP_ITEMS_MAX + 1, sizeof *items);
    enum status status = items ? STATUS_OK : STATUS_NO_MEMORY;
    size_t count = items ? covered_items(reader, items) : 0;
    sink->period(sink->context, reader->first_ms, reader->last_ms);
    for (size_t i = 0; status == STATUS_OK && count > 0 && i < reader->organizations.count; i++)
        status = sink->covers(sink->context, happenings_at(&reader->organizations, i)->place.organization,
                              items, count, reader->first_ms, reader->last_ms);
    free(items);
    return status;
}

static enum status parse(const struct feed_call *call)
{
    struct reader reader = {.call = call, .first_ms = INT64_MAX, .last_ms = INT64_MIN};
    enum status status = eve_map_read(&reader.map, call->map, call->catalogue, call->map_complaints);
    if (status == STATUS_OK)
        status = happenings_init(&reader.happenings);
    if (status == STATUS_OK)
        status = happenings_init(&reader.organizations);
    if (status == STATUS_OK)
        status = take_lines(&reader);
    if (status == STATUS_OK)
        status = hand_over_all(&reader);
    if (status == STATUS_OK)
        status = cover(&reader);
    happenings_deinit(&reader.happenings);
    happenings_deinit(&reader.organizations);
    eve_map_deinit(&reader.map);
    return status;
}

const struct feed feed_eve = {
    .name = "eve",
    .en = "Suricata's events (eve.json)",
    .zh = "Suricata 事件（eve.json）",
    .map = "import-eve",
    .indicated = true,
    .parse = parse,
};
