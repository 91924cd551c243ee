#include "scoring/feeds/eve_map.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const hosts[] = {"client", "server", "attacking", "attacked", "either", NULL};
static const char *const peers[] = {"outside", "inside", "any", NULL};

void eve_map_deinit(struct eve_map *map)
{
    for (size_t i = 0; i < map->count; i++) {
        struct eve_rule *rule = &map->rules[i];
        map_texts_free(&rule->categories);
        map_texts_free(&rule->signatures);
        map_texts_free(&rule->metadata);
        map_texts_free(&rule->names);
        ports_deinit(&rule->ports);
        free(rule->metadata_name);
        free(rule->ids);
    }
    free(map->rules);
    *map = (struct eve_map){0};
}

static void read_kinds(struct fields *fields, const cJSON *object, struct eve_rule *rule)
{
    const char *example = "[\"alert\", \"dns\"]";
    char **words = map_texts(fields, object, "event", example);
    if (!words)
        fields_member(fields, object, "event", FIELD_REQUIRED, example);
    for (size_t i = 0; words && words[i]; i++) {
        size_t kind = 0;
        while (eve_kind_names[kind] && strcmp(eve_kind_names[kind], words[i]) != 0)
            kind++;
        if (eve_kind_names[kind])
            rule->kinds |= 1u << (kind + 1);
        else
            fields_complain(
                fields, cJSON_GetObjectItemCaseSensitive(object, "event"),
                "no rule can be about \"%s\"; write alert, flow, dns, http, tls, quic, ssh, rdp or smb",
                quoted(words[i]).text);
    }
    map_texts_free(&words);
}

/* "2024897" or "2400000-2400099". */
static bool parse_ids(const char *text, struct eve_ids *ids_out)
{
    char *end = NULL;
    if (*text < '0' || *text > '9')
        return false;
    ids_out->first = ids_out->last = strtoull(text, &end, 10);
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        ids_out->last = strtoull(end + 1, &end, 10);
    return *end == 0 && ids_out->first <= ids_out->last;
}

static void read_ids(struct fields *fields, const cJSON *object, struct eve_rule *rule)
{
    const char *example = "[\"2024897\", \"2400000-2400099\"]";
    char **texts = map_texts(fields, object, "signature_id", example);
    size_t count = 0;
    while (texts && texts[count])
        count++;
    if (count)
        rule->ids = fields_array(fields, count, sizeof *rule->ids);
    for (size_t i = 0; i < count && rule->ids; i++) {
        if (parse_ids(texts[i], &rule->ids[rule->ids_count]))
            rule->ids_count++;
        else
            fields_complain(fields, cJSON_GetObjectItemCaseSensitive(object, "signature_id"),
                            "\"%s\" is no signature's number; write such as %s", quoted(texts[i]).text,
                            example);
    }
    map_texts_free(&texts);
}

static void read_metadata(struct fields *fields, const cJSON *object, struct eve_rule *rule)
{
    const char *example = "{\"tag\": [\"Ransomware\"]}";
    const cJSON *metadata = fields_typed(fields, object, "metadata", cJSON_Object, FIELD_OPTIONAL, example);
    if (!metadata)
        return;
    if (!metadata->child || metadata->child->next) {
        fields_complain(fields, metadata, "\"metadata\" names one key; write such as %s", example);
        return;
    }
    rule->metadata_name = fields_copy(fields, metadata->child->string);
    rule->metadata = map_texts(fields, metadata, metadata->child->string, example);
}

static void read_ports(struct fields *fields, const cJSON *object, struct eve_rule *rule)
{
    const char *why = NULL;
    size_t at = 0;
    const cJSON *list = fields_typed(fields, object, "port", cJSON_String, FIELD_OPTIONAL, "\"22,3389\"");
    if (!list)
        return;
    enum status status = ports_parse(&rule->ports, list->valuestring, &why, &at);
    if (status == STATUS_WRONG_FILE)
        fields_complain(fields, list, "at character %zu of \"port\": %s", at + 1, why);
    else
        fields_keep(fields, status);
}

static void read_names(struct fields *fields, const cJSON *object, struct eve_rule *rule)
{
    rule->names = map_texts(fields, object, "name", "[\"pool.example\"]");
    for (size_t i = 0; rule->names && rule->names[i]; i++) {
        char name[DOMAIN_TEXT_MAX];
        const char *why = domain_parse(rule->names[i], name);
        if (why) {
            fields_complain(fields, cJSON_GetObjectItemCaseSensitive(object, "name"), "\"%s\": %s",
                            quoted(rule->names[i]).text, why);
            continue;
        }
        free(rule->names[i]);
        rule->names[i] = fields_copy(fields, name);
    }
}

/* What an item is counted by must be had from an event: its host, its endpoint, or the day. */
static void check_unit(struct fields *fields, const cJSON *object, const struct catalogue *catalogue,
                       const struct eve_rule *rule)
{
    for (size_t i = 0; i < rule->items.count; i++) {
        const struct item *item = &catalogue->items[rule->items.at[i]];
        bool placed = item->unit == UNIT_ENDPOINT || item->unit == UNIT_HOST;
        if (placed == rule->by_day)
            fields_complain(fields, object,
                            placed ? "item %s is counted by %s; leave \"count\" out"
                                   : "item %s is counted by %s; write \"count\": \"day\"",
                            item->id, item_unit_name(item->unit));
    }
}

static void read_rule(struct fields *fields, const cJSON *object, const struct catalogue *catalogue,
                      void *rule_out)
{
    struct eve_rule *rule = rule_out;
    static const char *const known[] = {"item",     "event",      "category", "signature", "signature_id",
                                        "metadata", "severity",   "port",     "name",      "name_length",
                                        "answered", "indicator",  "host",     "peer",      "at_least",
                                        "count",    "confidence", "covers",   "note",      NULL};
    static const char *const counts[] = {"place", "day", NULL};
    int host = EVE_EITHER, peer = EVE_OUTSIDE, count = 0;
    if (!fields_is(fields, object, cJSON_Object, "a rule", "{\"item\": \"N1-1\", \"event\": \"alert\", …}"))
        return;
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    map_items(fields, object, catalogue, &rule->items);
    read_kinds(fields, object, rule);
    rule->categories = map_texts(fields, object, "category", "[\"Web Application Attack\"]");
    rule->signatures = map_texts(fields, object, "signature", "[\"ET COINMINER\"]");
    read_ids(fields, object, rule);
    read_metadata(fields, object, rule);
    fields_whole(fields, object, "severity", FIELD_OPTIONAL, 1, 255, &rule->severity);
    read_ports(fields, object, rule);
    read_names(fields, object, rule);
    fields_whole(fields, object, "name_length", FIELD_OPTIONAL, 1, DOMAIN_TEXT_MAX - 1, &rule->name_length);
    rule->answered =
        cJSON_HasObjectItem(object, "answered") ? map_flag(fields, object, "answered", true) : -1;
    map_indicator(fields, object, &rule->indicator);
    fields_choice(fields, object, "host", FIELD_REQUIRED, hosts, &host);
    fields_choice(fields, object, "peer", FIELD_OPTIONAL, peers, &peer);
    fields_choice(fields, object, "count", FIELD_OPTIONAL, counts, &count);
    fields_whole(fields, object, "at_least", FIELD_OPTIONAL, 1, 1000000, &rule->at_least);
    fields_whole(fields, object, "confidence", FIELD_OPTIONAL, 1, 5, &rule->confidence);
    rule->covers = map_flag(fields, object, "covers", true);
    rule->host = (enum eve_host)host;
    rule->peer = (enum eve_peer)peer;
    rule->by_day = count == 1;
    check_unit(fields, object, catalogue, rule);
}

enum status eve_map_read(struct eve_map *map_out, const struct document *document,
                         const struct catalogue *catalogue, struct complaints *complaints)
{
    static const struct map_form form = {"eve", sizeof(struct eve_rule), read_rule};
    void *rules = NULL;
    enum status status = map_rules_read(&form, document, catalogue, complaints, &rules, &map_out->count);
    map_out->rules = rules;
    if (status != STATUS_OK)
        eve_map_deinit(map_out);
    return status;
}

/* --- does it fit? --- */

static bool is_one_of(const char *text, char *const *texts)
{
    for (; *texts; texts++)
        if (strcasecmp(text, *texts) == 0)
            return true;
    return false;
}

static bool holds_one_of(const char *text, char *const *texts)
{
    for (; *texts; texts++)
        if (strcasestr(text, *texts))
            return true;
    return false;
}

static bool is_below_one_of(const char *name, char *const *names)
{
    size_t length = strlen(name);
    for (; *names; names++) {
        size_t above = strlen(*names);
        if (above <= length && strcmp(name + length - above, *names) == 0 &&
            (above == length || name[length - above - 1] == '.'))
            return true;
    }
    return false;
}

static bool has_id(const struct eve_rule *rule, uint64_t id)
{
    for (size_t i = 0; i < rule->ids_count; i++)
        if (id >= rule->ids[i].first && id <= rule->ids[i].last)
            return true;
    return false;
}

/* Values of metadata are lists of texts. */
static bool has_metadata(const struct eve_rule *rule, struct json_value metadata)
{
    char text[EVE_TEXT_MAX];
    struct json_value none, value;
    for (struct json_members items = json_members(json_member(metadata, rule->metadata_name));
         json_next(&items, &none, &value);)
        if (json_text(value, text, sizeof text) && is_one_of(text, rule->metadata))
            return true;
    return false;
}

static bool fits_alert(const struct eve_rule *rule, const struct eve_event *event)
{
    return (!rule->categories || is_one_of(event->category, rule->categories)) &&
           (!rule->signatures || holds_one_of(event->signature, rule->signatures)) &&
           (rule->ids_count == 0 || has_id(rule, event->signature_id)) &&
           (!rule->metadata || has_metadata(rule, event->metadata)) &&
           (rule->severity == 0 || (event->severity > 0 && event->severity <= (uint64_t)rule->severity));
}

bool eve_rule_fits(const struct eve_rule *rule, const struct eve_event *event)
{
    if (!(rule->kinds & 1u << event->kind) || !fits_alert(rule, event))
        return false;
    return (rule->ports.count == 0 ||
            ports_contain(&rule->ports, event->ends[!event->client].port, TRANSPORT_TCP)) &&
           (!rule->names || is_below_one_of(event->name, rule->names)) &&
           (rule->name_length == 0 || strlen(event->name) >= (size_t)rule->name_length) &&
           (rule->answered < 0 || rule->answered == event->answered);
}
