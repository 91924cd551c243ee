#include "scoring/catalogue_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_ID "\"H04\""

void *catalogue_grow(struct catalogue_reading *reading, void *array, size_t count, size_t size)
{
    char *grown = reallocarray(array, count + 1, size);
    if (grown)
        memset(grown + count * size, 0, size);
    else
        reading->fields.status = STATUS_NO_MEMORY;
    return grown;
}

const cJSON *catalogue_list(struct catalogue_reading *reading, const cJSON *root, const char *name,
                            size_t most)
{
    struct fields *fields = &reading->fields;
    const cJSON *list =
        fields_member(fields, root, name, reading->extends ? FIELD_OPTIONAL : FIELD_REQUIRED, "[…]");
    if (!list || !fields_is(fields, list, cJSON_Array, name, "[…]"))
        return NULL;
    size_t count = (size_t)cJSON_GetArraySize(list);
    if (count == 0 && !reading->extends)
        fields_complain(fields, list, "\"%s\" is empty; a catalogue needs at least one", name);
    else if (count > most)
        fields_complain(fields, list, "\"%s\" has %zu entries; %zu is the most", name, count, most);
    else
        return list;
    return NULL;
}

static void read_log_base(struct catalogue_reading *reading, const cJSON *root)
{
    const cJSON *base = cJSON_GetObjectItemCaseSensitive(root, "log_base");
    if (!base)
        return;
    if (cJSON_IsString(base) && strcmp(base->valuestring, "e") == 0)
        reading->catalogue->log_base = 0;
    else if (cJSON_IsNumber(base) && base->valuedouble > 1 && base->valuedouble <= 1e6)
        reading->catalogue->log_base = base->valuedouble;
    else
        fields_complain(
            &reading->fields, base,
            "\"log_base\" must be a number above 1, or \"e\"; 2 is the largest with which one more "
            "occurrence never raises the index");
}

void catalogue_read_settings(struct catalogue_reading *reading, const cJSON *root)
{
    static const char *const frequencies[] = {"printed", "continuous", NULL};
    int frequency = (int)reading->catalogue->frequency;
    fields_choice(&reading->fields, root, "frequency", FIELD_OPTIONAL, frequencies, &frequency);
    reading->catalogue->frequency = (enum frequency)frequency;
    read_log_base(reading, root);
    const cJSON *g = cJSON_GetObjectItemCaseSensitive(root, "g");
    if (g)
        catalogue_read_g(reading, g);
}

void catalogue_place(struct catalogue_reading *reading, const cJSON *entry, const char *name,
                     enum presence presence, const char *example,
                     size_t (*find)(const struct catalogue *catalogue, const char *id), size_t *place_out)
{
    struct fields *fields = &reading->fields;
    const cJSON *member = fields_typed(fields, entry, name, cJSON_String, presence, example);
    if (!member)
        return;
    size_t at = find(reading->catalogue, member->valuestring);
    if (at != SIZE_MAX)
        *place_out = at;
    else
        fields_complain(fields, member, "no %s has the id \"%s\"; add it to \"%ss\" or write one of those",
                        name, quoted(member->valuestring).text, name);
}

static size_t find_domain(const struct catalogue *catalogue, const char *id)
{
    for (size_t i = 0; i < catalogue->domains_count; i++)
        if (strcmp(catalogue->domains[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

size_t catalogue_dimension(const struct catalogue *catalogue, const char *id)
{
    for (size_t i = 0; i < catalogue->dimensions_count; i++)
        if (strcmp(catalogue->dimensions[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

static struct domain *add_domain(struct catalogue_reading *reading, const char *id)
{
    struct catalogue *catalogue = reading->catalogue;
    struct domain *grown =
        catalogue_grow(reading, catalogue->domains, catalogue->domains_count, sizeof *grown);
    if (!grown)
        return NULL;
    catalogue->domains = grown;
    struct domain *domain = &grown[catalogue->domains_count];
    domain->omega = NAN;
    domain->id = fields_copy(&reading->fields, id);
    catalogue->domains_count += domain->id != NULL;
    return domain->id ? domain : NULL;
}

static void read_domain(struct catalogue_reading *reading, const cJSON *list, const cJSON *entry)
{
    static const char *const known[] = {"id", "zh", "en", "omega", NULL};
    struct fields *fields = &reading->fields;
    const char *id = fields_entry_id(fields, list, entry, ENTRY_ID);
    if (!id)
        return;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    size_t at = find_domain(reading->catalogue, id);
    enum presence presence = at == SIZE_MAX ? FIELD_REQUIRED : FIELD_OPTIONAL;
    struct domain *domain = at == SIZE_MAX ? add_domain(reading, id) : &reading->catalogue->domains[at];
    if (!domain)
        return;
    fields_text(fields, entry, "zh", presence, "\"主机安全\"", &domain->name.zh);
    fields_text(fields, entry, "en", presence, "\"Host security\"", &domain->name.en);
    fields_number(fields, entry, "omega", FIELD_OPTIONAL, 1e-6, 1e6, "14", &domain->omega);
}

static struct dimension *add_dimension(struct catalogue_reading *reading, const char *id)
{
    struct catalogue *catalogue = reading->catalogue;
    struct dimension *grown =
        catalogue_grow(reading, catalogue->dimensions, catalogue->dimensions_count, sizeof *grown);
    if (!grown)
        return NULL;
    catalogue->dimensions = grown;
    struct dimension *dimension = &grown[catalogue->dimensions_count];
    dimension->weight = 1;
    dimension->id = fields_copy(&reading->fields, id);
    catalogue->dimensions_count += dimension->id != NULL;
    return dimension->id ? dimension : NULL;
}

static void read_dimension(struct catalogue_reading *reading, const cJSON *list, const cJSON *entry)
{
    static const char *const known[] = {"id", "domain", "zh", "en", "weight", NULL};
    struct fields *fields = &reading->fields;
    const char *id = fields_entry_id(fields, list, entry, ENTRY_ID);
    if (!id)
        return;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    size_t at = catalogue_dimension(reading->catalogue, id);
    enum presence presence = at == SIZE_MAX ? FIELD_REQUIRED : FIELD_OPTIONAL;
    struct dimension *dimension =
        at == SIZE_MAX ? add_dimension(reading, id) : &reading->catalogue->dimensions[at];
    if (!dimension)
        return;
    catalogue_place(reading, entry, "domain", presence, "\"H\"", find_domain, &dimension->domain);
    fields_text(fields, entry, "zh", presence, "\"远程登录服务暴露\"", &dimension->name.zh);
    fields_text(fields, entry, "en", presence, "\"Remote-login exposure\"", &dimension->name.en);
    fields_number(fields, entry, "weight", FIELD_OPTIONAL, 1e-6, 1e6, "1", &dimension->weight);
}

void catalogue_read_tree(struct catalogue_reading *reading, const cJSON *root)
{
    const cJSON *domains = catalogue_list(reading, root, "domains", CATALOGUE_DOMAINS_MAX);
    for (const cJSON *entry = domains ? domains->child : NULL; entry; entry = entry->next)
        read_domain(reading, domains, entry);
    const cJSON *dimensions = catalogue_list(reading, root, "dimensions", CATALOGUE_DIMENSIONS_MAX);
    for (const cJSON *entry = dimensions ? dimensions->child : NULL; entry; entry = entry->next)
        read_dimension(reading, dimensions, entry);
}
