#include "scoring/feeds/csv_map.h"

#include <string.h>

#include "scoring/feeds/map.h"
#include "targets/utf8.h"

static const char *const parts[CSV_PARTS + 1] = {
    [CSV_ORGANIZATION] = "org",
    [CSV_ADDRESS] = "ip",
    [CSV_PORT] = "port",
    [CSV_DOMAIN] = "domain",
    [CSV_ITEM] = "item",
    [CSV_KEY] = "key",
    [CSV_CONFIDENCE] = "confidence",
    [CSV_TIME] = "time",
    [CSV_COUNT] = "count",
    [CSV_WHY] = "why",
    [CSV_PARTS] = NULL,
};

static void read_columns(struct fields *fields, struct csv_map *map, const cJSON *root)
{
    const cJSON *columns =
        fields_typed(fields, root, "columns", cJSON_Object, FIELD_REQUIRED, "{ \"ip\": \"IP\" }");
    if (!columns)
        return;
    document_refuse_unknown(fields->document, columns, parts, fields->complaints);
    for (int i = 0; i < CSV_PARTS; i++)
        map->columns[i] = csv_names(fields, columns, parts[i], FIELD_OPTIONAL);
    if (!map->columns[CSV_ORGANIZATION] && !map->columns[CSV_ADDRESS] && !map->columns[CSV_DOMAIN])
        fields_complain(fields, columns, "nothing tells whose a line is; name \"org\", \"ip\" or \"domain\"");
}

static void read_items(struct fields *fields, struct csv_map *map, const cJSON *root,
                       const struct catalogue *catalogue)
{
    static const char *const words[] = {"refuse", "skip", NULL};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "item");
    int unlisted = 0;
    map->items = fields_typed(fields, root, "items", cJSON_Object, FIELD_OPTIONAL, "{ \"…\": \"N4-1\" }");
    map->item = item ? map_item(fields, catalogue, item) : NULL;
    for (const cJSON *value = map->items ? map->items->child : NULL; value; value = value->next)
        if (!cJSON_IsNull(value))
            (void)map_item(fields, catalogue, value);
    fields_choice(fields, root, "unlisted", FIELD_OPTIONAL, words, &unlisted);
    map->skips_unlisted = unlisted == 1;
    if (item && map->columns[CSV_ITEM])
        fields_complain(fields, item,
                        "\"item\" is that of every line, and a column gives one too; leave one out");
    if (!item && !map->columns[CSV_ITEM])
        fields_complain(fields, root,
                        "nothing tells what a line finds; write \"item\", or a column \"item\"");
}

static void read_confidences(struct fields *fields, struct csv_map *map, const cJSON *root)
{
    const char *example = "{ \"高\": 5 }";
    map->confidences = fields_typed(fields, root, "confidences", cJSON_Object, FIELD_OPTIONAL, example);
    for (const cJSON *value = map->confidences ? map->confidences->child : NULL; value; value = value->next)
        if (!cJSON_IsNumber(value) || !(value->valuedouble >= 1 && value->valuedouble <= 5) ||
            value->valuedouble != value->valueint)
            fields_complain(fields, value, "a confidence is a whole number from 1 to 5");
}

static void read_covers(struct fields *fields, struct csv_map *map, const cJSON *root,
                        const struct catalogue *catalogue)
{
    static const char *const known[] = {"items", "organizations", "days", NULL};
    static const char *const words[] = {"named", "all", NULL};
    const cJSON *covers =
        fields_typed(fields, root, "covers", cJSON_Object, FIELD_OPTIONAL, "{ \"items\": [\"N4-1\"] }");
    int all = 0;
    if (!covers)
        return;
    document_refuse_unknown(fields->document, covers, known, fields->complaints);
    const cJSON *items = fields_typed(fields, covers, "items", cJSON_Array, FIELD_REQUIRED, "[\"N4-1\"]");
    if (items && cJSON_GetArraySize(items) > CSV_COVERS_MAX)
        fields_complain(fields, items, "at most %d items", CSV_COVERS_MAX);
    for (const cJSON *id = items ? items->child : NULL; id && map->covers_count < CSV_COVERS_MAX;
         id = id->next) {
        const struct item *item = map_item(fields, catalogue, id);
        if (item)
            map->covers[map->covers_count++] = item->id;
    }
    fields_choice(fields, covers, "organizations", FIELD_REQUIRED, words, &all);
    fields_whole(fields, covers, "days", FIELD_OPTIONAL, 0, 3660, &map->covers_days);
    map->covers_all = all == 1;
}

static void read_settings(struct fields *fields, struct csv_map *map, const cJSON *root)
{
    const cJSON *delimiter = fields_typed(fields, root, "delimiter", cJSON_String, FIELD_OPTIONAL, "\";\"");
    const cJSON *offset =
        fields_typed(fields, root, "time_offset", cJSON_String, FIELD_OPTIONAL, "\"+08:00\"");
    map->delimiter = ',';
    if (delimiter && strlen(delimiter->valuestring) == 1 && strchr(",;|\t", delimiter->valuestring[0]))
        map->delimiter = delimiter->valuestring[0];
    else if (delimiter)
        fields_complain(fields, delimiter, "\"delimiter\" is one of \",\", \";\", \"|\" and \"\\t\"");
    if (offset && !csv_offset(offset->valuestring, &map->offset_minutes))
        fields_complain(fields, offset, "\"time_offset\" wants hours and minutes ahead of UTC, \"+08:00\"");
}

enum status csv_map_read(struct csv_map *map, const struct feed_call *call)
{
    static const char *const known[] = {"auscult_map", "delimiter", "time_offset", "columns", "item",
                                        "items",       "unlisted",  "confidences", "covers",  NULL};
    const cJSON *root = call->map->root;
    struct fields fields = {call->map, call->map_complaints, utf8_unsafe, STATUS_OK};
    size_t before = fields_complaints(call->map_complaints);
    *map = (struct csv_map){0};
    document_refuse_unknown(call->map, root, known, call->map_complaints);
    map_read_head(&fields, call->map, "csv");
    read_settings(&fields, map, root);
    read_columns(&fields, map, root);
    read_items(&fields, map, root, call->catalogue);
    read_confidences(&fields, map, root);
    read_covers(&fields, map, root, call->catalogue);
    if (fields.status != STATUS_OK)
        return fields.status;
    return fields_complaints(call->map_complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}
