#include "scoring/feeds/stix_map.h"

#include <stdlib.h>

void stix_map_deinit(struct stix_map *map)
{
    free(map->rules);
    *map = (struct stix_map){0};
}

/* An address is counted by host, a name or URL by what it names. */
static void check_unit(struct fields *fields, const cJSON *object, const struct catalogue *catalogue,
                       const struct stix_rule *rule)
{
    const unsigned names = INDICATOR_NAME | INDICATOR_NAME_BELOW | INDICATOR_URL;
    bool placed = rule->sighting || (rule->condition.kinds & INDICATOR_ADDRESS);
    bool named = !rule->sighting && (rule->condition.kinds & names);
    for (size_t i = 0; i < rule->items.count; i++) {
        const struct item *item = &catalogue->items[rule->items.at[i]];
        bool by_host = item->unit == UNIT_HOST || item->unit == UNIT_ENDPOINT;
        bool by_name = item->unit == UNIT_SITE || item->unit == UNIT_DOMAIN || item->unit == UNIT_KEY;
        if ((placed && !by_host) || (named && !by_name))
            fields_complain(
                fields, object,
                "item %s is counted by %s; addresses and sightings are counted by host, names and URLs by "
                "site, domain or key: write a rule for each",
                item->id, item_unit_name(item->unit));
    }
}

static void read_rule(struct fields *fields, const cJSON *object, const struct catalogue *catalogue,
                      void *rule_out)
{
    struct stix_rule *rule = rule_out;
    static const char *const known[] = {"item",   "indicator", "sighting", "confidence",
                                        "covers", "note",      NULL};
    static const char *const words[] = {"with", "without", NULL};
    if (!fields_is(fields, object, cJSON_Object, "a rule", "{\"item\": \"N4-4\", \"indicator\": {…}}"))
        return;
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    map_items(fields, object, catalogue, &rule->items);
    map_indicator(fields, object, &rule->condition);
    const cJSON *sighting =
        fields_typed(fields, object, "sighting", cJSON_Object, FIELD_OPTIONAL, "{\"with\": [\"malware\"]}");
    rule->sighting = sighting != NULL;
    if (sighting) {
        document_refuse_unknown(fields->document, sighting, words, fields->complaints);
        map_words(fields, sighting, &rule->condition);
    }
    if (!sighting == !cJSON_HasObjectItem(object, "indicator"))
        fields_complain(fields, object, "a rule is about one of two: \"indicator\" or \"sighting\"");
    fields_whole(fields, object, "confidence", FIELD_OPTIONAL, 1, 5, &rule->confidence);
    rule->covers = map_flag(fields, object, "covers", false);
    check_unit(fields, object, catalogue, rule);
}

enum status stix_map_read(struct stix_map *map_out, const struct document *document,
                          const struct catalogue *catalogue, struct complaints *complaints)
{
    static const struct map_form form = {"stix", sizeof(struct stix_rule), read_rule};
    void *rules = NULL;
    enum status status = map_rules_read(&form, document, catalogue, complaints, &rules, &map_out->count);
    map_out->rules = rules;
    if (status != STATUS_OK)
        stix_map_deinit(map_out);
    return status;
}

const struct stix_rule *stix_map_find(const struct stix_map *map, unsigned kind, uint64_t words)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct stix_rule *rule = &map->rules[i];
        bool about = kind == 0 ? rule->sighting : (rule->condition.kinds & kind) != 0;
        if (about && (rule->condition.with == 0 || (words & rule->condition.with)) &&
            !(words & rule->condition.without))
            return rule;
    }
    return NULL;
}
