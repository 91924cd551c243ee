#include "scoring/feeds/map.h"

#include <string.h>

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
