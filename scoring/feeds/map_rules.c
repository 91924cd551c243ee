#include "scoring/feeds/map_rules.h"

#include <stdlib.h>
#include <string.h>

#include "targets/utf8.h"

static void take_item(struct fields *fields, const cJSON *value, const struct catalogue *catalogue,
                      struct map_items *items)
{
    const struct item *item = map_item(fields, catalogue, value);
    if (item && items->count == MAP_ITEMS_MAX)
        fields_complain(fields, value, "a rule names %d items at most; write a second rule", MAP_ITEMS_MAX);
    else if (item)
        items->at[items->count++] = (size_t)(item - catalogue->items);
}

void map_items(struct fields *fields, const cJSON *rule, const struct catalogue *catalogue,
               struct map_items *items_out)
{
    items_out->count = 0;
    const cJSON *value = fields_member(fields, rule, "item", FIELD_REQUIRED, "\"N1-1\"");
    if (!value)
        return;
    if (!cJSON_IsArray(value)) {
        take_item(fields, value, catalogue, items_out);
        return;
    }
    if (!value->child)
        fields_complain(fields, value, "no item is named; write one as in [\"N3-2\"]");
    for (const cJSON *one = value->child; one; one = one->next)
        take_item(fields, one, catalogue, items_out);
}

char **map_texts(struct fields *fields, const cJSON *rule, const char *name, const char *example)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(rule, name);
    if (!list)
        return NULL;
    const cJSON *first = cJSON_IsArray(list) ? list->child : list;
    size_t count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 1;
    if (!first || count > MAP_TEXTS_MAX) {
        fields_complain(fields, list, "\"%s\" holds 1 to %d texts; write %s", name, MAP_TEXTS_MAX, example);
        return NULL;
    }
    char **texts = fields_array(fields, count + 1, sizeof *texts);
    size_t taken = 0;
    for (; texts && first; first = cJSON_IsArray(list) ? first->next : NULL)
        if (fields_is_text(fields, first, name, example))
            taken += (texts[taken] = fields_copy(fields, first->valuestring)) != NULL;
    return texts;
}

void map_texts_free(char ***texts)
{
    for (size_t i = 0; *texts && (*texts)[i]; i++)
        free((*texts)[i]);
    free(*texts);
    *texts = NULL;
}

bool map_flag(struct fields *fields, const cJSON *rule, const char *name, bool otherwise)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(rule, name);
    if (!value)
        return otherwise;
    if (!cJSON_IsBool(value))
        fields_complain(fields, value, "\"%s\" is true or false", name);
    return cJSON_IsTrue(value);
}

static unsigned read_kinds(struct fields *fields, const cJSON *object)
{
    static const struct {
        const char *word;
        unsigned kinds;
    } known[] = {{"address", INDICATOR_ADDRESS},
                 {"name", INDICATOR_NAME | INDICATOR_NAME_BELOW},
                 {"url", INDICATOR_URL}};
    const char *example = "[\"address\", \"name\", \"url\"]";
    const cJSON *list = fields_typed(fields, object, "on", cJSON_Array, FIELD_REQUIRED, example);
    unsigned kinds = 0;
    for (const cJSON *word = list ? list->child : NULL; word; word = word->next) {
        unsigned before = kinds;
        for (size_t i = 0; i < sizeof known / sizeof *known && cJSON_IsString(word); i++)
            if (strcmp(word->valuestring, known[i].word) == 0)
                kinds |= known[i].kinds;
        if (kinds == before)
            fields_complain(fields, word, "an indicator is on one of %s, each once", example);
    }
    if (list && !list->child)
        fields_complain(fields, list, "\"on\" is empty; write one of %s", example);
    return kinds;
}

static uint64_t read_words(struct fields *fields, const cJSON *object, const char *name)
{
    const char *example = "[\"malware\", \"command-and-control\"]";
    const cJSON *list = fields_typed(fields, object, name, cJSON_Array, FIELD_OPTIONAL, example);
    uint64_t words = 0;
    for (const cJSON *word = list ? list->child : NULL; word; word = word->next) {
        uint64_t bit = cJSON_IsString(word) ? indicator_word(word->valuestring) : 0;
        if (!bit)
            fields_complain(fields, word, "no word of STIX's vocabularies for indicators; write such as %s",
                            example);
        words |= bit;
    }
    if (list && !list->child)
        fields_complain(fields, list, "\"%s\" is empty; leave it out or write such as %s", name, example);
    return words;
}

void map_words(struct fields *fields, const cJSON *object, struct indicator_condition *condition_out)
{
    condition_out->with = read_words(fields, object, "with");
    condition_out->without = read_words(fields, object, "without");
}

void map_indicator(struct fields *fields, const cJSON *rule, struct indicator_condition *condition_out)
{
    static const char *const known[] = {"on", "with", "without", NULL};
    *condition_out = (struct indicator_condition){0};
    const cJSON *object =
        fields_typed(fields, rule, "indicator", cJSON_Object, FIELD_OPTIONAL, "{\"on\": [\"address\"]}");
    if (!object)
        return;
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    condition_out->kinds = read_kinds(fields, object);
    map_words(fields, object, condition_out);
}

/* The list, when there is one. */
static const cJSON *find_rules(struct fields *fields, const char *feed)
{
    static const char *const known[] = {"auscult_map", "name", "note", "rules", NULL};
    const cJSON *root = fields->document->root;
    char *name = NULL;
    if (!fields_is(fields, root, cJSON_Object, "a map", "{ … }"))
        return NULL;
    map_read_head(fields, fields->document, feed);
    document_refuse_unknown(fields->document, root, known, fields->complaints);
    fields_text(fields, root, "name", FIELD_REQUIRED, "\"our-sensor\"", &name);
    free(name);
    const cJSON *rules =
        fields_typed(fields, root, "rules", cJSON_Array, FIELD_REQUIRED, "[{\"item\": \"N1-1\", …}]");
    if (rules && cJSON_GetArraySize(rules) > MAP_RULES_MAX)
        fields_complain(fields, rules, "a map has %d rules at most", MAP_RULES_MAX);
    return rules;
}

enum status map_rules_read(const struct map_form *form, const struct document *document,
                           const struct catalogue *catalogue, struct complaints *complaints, void **rules_out,
                           size_t *count_out)
{
    struct fields fields = {document, complaints, utf8_unsafe, STATUS_OK};
    size_t before = fields_complaints(complaints);
    const cJSON *list = find_rules(&fields, form->feed);
    char *rules = NULL;
    *count_out = 0;
    if (fields_complaints(complaints) == before)
        rules = fields_array(&fields, list ? (size_t)cJSON_GetArraySize(list) : 0, form->size);
    for (const cJSON *one = rules ? list->child : NULL; one; one = one->next)
        form->read(&fields, one, catalogue, rules + (*count_out)++ * form->size);
    *rules_out = rules;
    if (fields.status == STATUS_OK && fields_complaints(complaints) > before)
        return STATUS_WRONG_FILE;
    return fields.status;
}
