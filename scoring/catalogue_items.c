#include <stdlib.h>
#include <string.h>

#include "scoring/catalogue_read.h"

static const char *const sources[] = {"scan", "import", "survey", NULL};
static const char *const units[] = {"endpoint", "host",         "site", "domain",
                                    "account",  "organization", "key",  NULL};
/* What a new item can't do without (contract.md, "Required of an item"). */
static const char *const required[] = {"dimension", "zh",       "en",    "source",
                                       "risk",      "severity", "asset", "confidence"};

const char *item_source_name(enum item_source source)
{
    return sources[source];
}

const char *item_unit_name(enum item_unit unit)
{
    return units[unit];
}

static struct item *add_item(struct catalogue_reading *reading, const char *id)
{
    struct catalogue *catalogue = reading->catalogue;
    struct item *grown = catalogue_grow(reading, catalogue->items, catalogue->items_count, sizeof *grown);
    if (!grown)
        return NULL;
    catalogue->items = grown;
    struct item *item = &grown[catalogue->items_count];
    item->threshold = 1;
    item->alpha = 8;
    item->unit = UNIT_ENDPOINT;
    item->extension = reading->extends;
    ports_init(&item->ports);
    item->id = fields_copy(&reading->fields, id);
    catalogue->items_count += item->id != NULL;
    return item->id ? item : NULL;
}

/* An id that is new in a file that extends another may as well be a slip; so the complaint names both cures.
 */
static bool check_new(struct catalogue_reading *reading, const cJSON *entry, const char *id)
{
    for (size_t i = 0; reading->extends && i < sizeof required / sizeof *required; i++) {
        if (cJSON_GetObjectItemCaseSensitive(entry, required[i]))
            continue;
        fields_complain(&reading->fields, cJSON_GetObjectItemCaseSensitive(entry, "id"),
                        "no item \"%s\" is there to override; write the id of one that is, or add \"%s\" and "
                        "whatever else a new item needs (dimension, zh, en, source, risk, severity, asset, "
                        "confidence)",
                        id, required[i]);
        return false;
    }
    return true;
}

static void read_weights(struct fields *fields, const cJSON *entry, enum presence presence, struct item *item)
{
    int source = (int)item->source, unit = (int)item->unit;
    fields_choice(fields, entry, "source", presence, sources, &source);
    fields_choice(fields, entry, "unit", FIELD_OPTIONAL, units, &unit);
    item->source = (enum item_source)source;
    item->unit = (enum item_unit)unit;
    fields_whole(fields, entry, "risk", presence, 1, 2, &item->risk);
    fields_whole(fields, entry, "severity", presence, 1, 5, &item->severity);
    fields_whole(fields, entry, "asset", presence, 1, 5, &item->asset);
    fields_whole(fields, entry, "confidence", presence, 1, 5, &item->confidence);
    fields_number(fields, entry, "threshold", FIELD_OPTIONAL, 0, 1e6, "1", &item->threshold);
    fields_number(fields, entry, "alpha", FIELD_OPTIONAL, 0, 1e6, "8", &item->alpha);
    fields_whole(fields, entry, "window_days", FIELD_OPTIONAL, 1, 3660, &item->window_days);
}

static void read_ports(struct fields *fields, const cJSON *entry, struct item *item)
{
    const char *why = NULL;
    size_t at = 0;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(entry, "ports");
    if (!list || !fields_is(fields, list, cJSON_String, "ports", "\"3306,8000-8100,161/udp\""))
        return;
    struct ports ports;
    ports_init(&ports);
    enum status status = ports_parse(&ports, list->valuestring, &why, &at);
    if (status == STATUS_WRONG_FILE)
        fields_complain(fields, list, "at character %zu of \"ports\": %s", at + 1, why);
    else if (status != STATUS_OK)
        fields->status = status;
    ports_deinit(&item->ports);
    item->ports = ports;
}

static void read_when(struct fields *fields, const cJSON *entry, struct item *item)
{
    const cJSON *when = cJSON_GetObjectItemCaseSensitive(entry, "when");
    if (when) {
        size_t before = fields_complaints(fields->complaints);
        struct condition *condition = condition_read(fields->document, when, fields->complaints);
        if (!condition && fields_complaints(fields->complaints) == before)
            fields->status = STATUS_NO_MEMORY;
        condition_free(&item->when);
        item->when = condition;
    }
    if (item->when && item->source != SOURCE_SCAN)
        fields_complain(
            fields, when ? when : entry,
            "\"when\" is judged by a scan, and the \"source\" of this item is \"%s\"; write \"scan\" "
            "there or leave \"when\" out",
            sources[item->source]);
}

void catalogue_read_words(struct fields *fields, const cJSON *entry, const char *name, struct words *words)
{
    static const char *const known[] = {"zh", "en", NULL};
    const char *example = "{ \"zh\": \"…\", \"en\": \"…\" }";
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(entry, name);
    if (!object || !fields_is(fields, object, cJSON_Object, name, example))
        return;
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    if (!object->child)
        fields_complain(fields, object, "\"%s\" is empty; write %s", name, example);
    fields_text(fields, object, "zh", FIELD_OPTIONAL, "\"…\"", &words->zh);
    fields_text(fields, object, "en", FIELD_OPTIONAL, "\"…\"", &words->en);
}

static void free_texts(char **texts)
{
    for (size_t i = 0; texts && texts[i]; i++)
        free(texts[i]);
    free(texts);
}

static void read_references(struct fields *fields, const cJSON *entry, struct item *item)
{
    const char *example = "[\"https://…\"]";
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(entry, "reference");
    if (!list || !fields_is(fields, list, cJSON_Array, "reference", example))
        return;
    free_texts(item->references);
    item->references = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *item->references);
    if (!item->references) {
        fields->status = STATUS_NO_MEMORY;
        return;
    }
    size_t count = 0;
    for (const cJSON *text = list->child; text; text = text->next)
        if (fields_is_text(fields, text, "reference", example))
            count += (item->references[count] = fields_copy(fields, text->valuestring)) != NULL;
}

static void read_item(struct catalogue_reading *reading, const cJSON *list, const cJSON *entry)
{
    static const char *const known[] = {"id",    "dimension", "zh",          "en",         "source",
                                        "risk",  "severity",  "asset",       "confidence", "threshold",
                                        "alpha", "unit",      "window_days", "ports",      "when",
                                        "waits", "fix",       "reference",   NULL};
    struct fields *fields = &reading->fields;
    const char *id = fields_entry_id(&reading->fields, list, entry, "\"H04-1\"");
    if (!id)
        return;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    size_t at = catalogue_item(reading->catalogue, id);
    if (at == SIZE_MAX && !check_new(reading, entry, id))
        return;
    enum presence presence = at == SIZE_MAX ? FIELD_REQUIRED : FIELD_OPTIONAL;
    struct item *item = at == SIZE_MAX ? add_item(reading, id) : &reading->catalogue->items[at];
    if (!item)
        return;
    catalogue_place(reading, entry, "dimension", presence, "\"H04\"", catalogue_dimension, &item->dimension);
    fields_text(fields, entry, "zh", presence, "\"MySQL暴露\"", &item->name.zh);
    fields_text(fields, entry, "en", presence, "\"MySQL exposed\"", &item->name.en);
    read_weights(fields, entry, presence, item);
    read_ports(fields, entry, item);
    read_when(fields, entry, item);
    catalogue_read_words(fields, entry, "waits", &item->waits);
    catalogue_read_words(fields, entry, "fix", &item->fix);
    read_references(fields, entry, item);
}

void catalogue_read_items(struct catalogue_reading *reading, const cJSON *root)
{
    const cJSON *list = catalogue_list(reading, root, "items", CATALOGUE_ITEMS_MAX);
    for (const cJSON *entry = list ? list->child : NULL; entry; entry = entry->next)
        read_item(reading, list, entry);
}
