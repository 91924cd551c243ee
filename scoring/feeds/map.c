#include "scoring/feeds/map.h"

#include <string.h>

#include "probes/probe.h"
#include "scoring/facts.h"

void map_read_head(struct fields *fields, const struct document *map, const char *feed)
{
    const cJSON *name = fields_typed(fields, map->root, "auscult_map", cJSON_String, FIELD_REQUIRED,
                                     "\"nmap\", the format that the map is for");
    if (name && strcmp(name->valuestring, feed) != 0)
        fields_complain(fields, name, "this map is for \"%s\"; one for \"%s\" is wanted here",
                        quoted(name->valuestring).text, feed);
}

const struct item *map_item(struct fields *fields, const struct catalogue *catalogue, const cJSON *value)
{
    if (!fields_is_text(fields, value, "an item", "\"H02-3\""))
        return NULL;
    size_t number = catalogue_item(catalogue, value->valuestring);
    if (number != SIZE_MAX)
        return &catalogue->items[number];
    fields_complain(fields, value, "the catalogue has no item \"%s\"; `auscult catalogue list` lists them",
                    quoted(value->valuestring).text);
    return NULL;
}

const cJSON *map_services(struct fields *fields, const cJSON *root)
{
    const cJSON *services =
        fields_typed(fields, root, "services", cJSON_Object, FIELD_REQUIRED, "{ \"ssh\": \"ssh\" }");
    for (const cJSON *word = services ? services->child : NULL; word; word = word->next)
        if (fields_is_text(fields, word, "a service", "\"ssh\"") && !probe_named(word->valuestring))
            fields_complain(fields, word,
                            "no probe has the name \"%s\"; `auscult facts` shows those there are",
                            quoted(word->valuestring).text);
    return services;
}

const cJSON *map_facts(struct fields *fields, const cJSON *entry, const char *name,
                       struct observation *scratch)
{
    const cJSON *facts =
        fields_typed(fields, entry, name, cJSON_Object, FIELD_OPTIONAL, "{ \"redis.open\": true }");
    for (const cJSON *fact = facts ? facts->child : NULL; fact; fact = fact->next) {
        const char *wrong = facts_set(scratch, fact);
        if (wrong)
            fields_complain_name(fields, fact, "\"%s\" %s", quoted(fact->string).text, wrong);
    }
    return facts;
}
