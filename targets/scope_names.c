#include <stdlib.h>
#include <string.h>

#include "targets/domain.h"
#include "targets/naming.h"
#include "targets/scope_read.h"

/* A name as it stands in the file. */
struct mention {
    const char *name; /* the organization's */
    size_t place;     /* among all of the file's */
    const cJSON *item;
};

struct mentions {
    struct mention *items;
    size_t count;
};

static int mention_compare(const void *a, const void *b)
{
    const struct mention *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

static void read_name(struct scope_reading *reading, const cJSON *item, struct organization *organization,
                      struct mentions *mentions)
{
    struct fields *fields = &reading->fields;
    char name[DOMAIN_TEXT_MAX];
    if (!fields_is_text(fields, item, "names", "\"www.hospital.example\""))
        return;
    const char *why = domain_parse(item->valuestring, name);
    if (why) {
        fields_complain(fields, item, "\"%s\" is not a name: %s", quoted(item->valuestring).text, why);
        return;
    }
    char *copy = fields_copy(fields, name);
    if (!copy)
        return;
    organization->names[organization->names_count++] = copy;
    mentions->items[mentions->count] = (struct mention){copy, mentions->count, item};
    mentions->count++;
}

static const cJSON *names_of(struct scope_reading *reading, const cJSON *entry)
{
    return cJSON_IsObject(entry) ? fields_typed(&reading->fields, entry, "names", cJSON_Array, FIELD_OPTIONAL,
                                                "[\"www.hospital.example\"]")
                                 : NULL;
}

static void read_all(struct scope_reading *reading, const cJSON *organizations, struct mentions *mentions)
{
    struct organization *organization = reading->scope->organizations;
    for (const cJSON *entry = organizations->child; entry; entry = entry->next, organization++) {
        const cJSON *names = names_of(reading, entry);
        if (!names)
            continue;
        organization->names =
            fields_array(&reading->fields, (size_t)cJSON_GetArraySize(names), sizeof *organization->names);
        for (const cJSON *item = names->child; item && organization->names; item = item->next)
            read_name(reading, item, organization, mentions);
    }
}

static void refuse_repeated(struct scope_reading *reading, struct mentions *mentions)
{
    qsort(mentions->items, mentions->count, sizeof *mentions->items, mention_compare);
    for (size_t i = 1; i < mentions->count; i++)
        if (strcmp(mentions->items[i - 1].name, mentions->items[i].name) == 0)
            fields_complain(&reading->fields, mentions->items[i].item,
                            "\"%s\" is named already; remove one of the two",
                            quoted(mentions->items[i].name).text);
}

static size_t count_all(const cJSON *organizations)
{
    size_t count = 0;
    for (const cJSON *entry = organizations->child; entry; entry = entry->next) {
        const cJSON *names = cJSON_GetObjectItemCaseSensitive(entry, "names");
        count += cJSON_IsArray(names) ? (size_t)cJSON_GetArraySize(names) : 0;
    }
    return count;
}

void scope_names_read(struct scope_reading *reading, const cJSON *organizations)
{
    struct fields *fields = &reading->fields;
    size_t count = count_all(organizations);
    if (count > NAMES_MAX) {
        fields_complain(fields, organizations,
                        "the organizations have %zu \"names\"; %d are resolved at most", count, NAMES_MAX);
        return;
    }
    struct mentions mentions = {fields_array(fields, count, sizeof(struct mention)), 0};
    if (mentions.items)
        read_all(reading, organizations, &mentions);
    if (fields->status == STATUS_OK)
        refuse_repeated(reading, &mentions);
    free(mentions.items);
}
