#include <stdlib.h>
#include <string.h>

#include "targets/domain.h"
#include "targets/scope_read.h"

/* A domain as it stands in the file, so that of two owners both can be named where they stand. */
struct claim {
    const char *name; /* the organization's */
    size_t organization;
    size_t place; /* among all of the file's */
    const cJSON *item;
};

struct claims {
    struct claim *items;
    size_t count;
};

static int claim_compare(const void *a, const void *b)
{
    const struct claim *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

static const cJSON *domains_of(struct scope_reading *reading, const cJSON *entry)
{
    return fields_typed(&reading->fields, entry, "domains", cJSON_Array, FIELD_OPTIONAL,
                        "[\"hospital.example\"]");
}

static void read_domain(struct scope_reading *reading, const cJSON *item, size_t number,
                        struct claims *claims)
{
    struct fields *fields = &reading->fields;
    struct organization *organization = &reading->scope->organizations[number];
    char name[DOMAIN_TEXT_MAX];
    if (!fields_is_text(fields, item, "domains", "\"hospital.example\""))
        return;
    const char *why = domain_parse(item->valuestring, name);
    if (why) {
        fields_complain(fields, item, "\"%s\" is not a domain: %s", quoted(item->valuestring).text, why);
        return;
    }
    char *copy = fields_copy(fields, name);
    if (!copy)
        return;
    organization->domains[organization->domains_count++] = copy;
    claims->items[claims->count] = (struct claim){copy, number, claims->count, item};
    claims->count++;
}

static void read_all(struct scope_reading *reading, const cJSON *organizations, struct claims *claims)
{
    struct fields *fields = &reading->fields;
    const cJSON *entry = organizations->child;
    for (size_t i = 0; entry && fields->status == STATUS_OK; entry = entry->next, i++) {
        const cJSON *domains = cJSON_IsObject(entry) ? domains_of(reading, entry) : NULL;
        struct organization *organization = &reading->scope->organizations[i];
        if (!domains)
            continue;
        organization->domains =
            fields_array(fields, (size_t)cJSON_GetArraySize(domains), sizeof *organization->domains);
        for (const cJSON *item = domains->child; item && organization->domains; item = item->next)
            read_domain(reading, item, i, claims);
    }
}

static const struct claim *find(const struct claims *claims, const char *name)
{
    size_t low = 0, high = claims->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(claims->items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < claims->count && strcmp(claims->items[low].name, name) == 0 ? &claims->items[low] : NULL;
}

static const struct claim *find_above(const struct claims *claims, const char *name)
{
    const struct claim *found = NULL;
    while (!found && (name = domain_parent(name)))
        found = find(claims, name);
    return found;
}

static const char *id_of(const struct scope_reading *reading, size_t number)
{
    const char *id = reading->scope->organizations[number].id;
    return id ? id : "(without id)";
}

/* Of two owners, the one that stands later in the file is complained about. */
static void complain_overlap(struct scope_reading *reading, const struct claim *below,
                             const struct claim *above)
{
    const struct claim *later = below->place > above->place ? below : above;
    const struct claim *earlier = later == below ? above : below;
    fields_complain(&reading->fields, later->item,
                    "\"%s\" of \"%s\" and \"%s\" of \"%s\" both hold %s; give each name one owner",
                    quoted(later->name).text, quoted(id_of(reading, later->organization)).text,
                    quoted(earlier->name).text, quoted(id_of(reading, earlier->organization)).text,
                    quoted(below->name).text);
}

/* The first one of a name is the one that counts; an organization's own may lie in one another. */
static void refuse_overlaps(struct scope_reading *reading, const struct claims *claims)
{
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->items[i];
        const struct claim *other = find(claims, claim->name);
        if (other != claim && other->organization == claim->organization) {
            fields_complain(&reading->fields, claim->item, "\"%s\" is named already; remove one of the two",
                            quoted(claim->name).text);
            continue;
        }
        const struct claim *holder = other == claim ? find_above(claims, claim->name) : other;
        if (holder && holder->organization != claim->organization)
            complain_overlap(reading, claim, holder);
    }
}

static void index_domains(struct scope_reading *reading, const struct claims *claims)
{
    struct scope *scope = reading->scope;
    scope->domains = fields_array(&reading->fields, claims->count, sizeof *scope->domains);
    for (size_t i = 0; i < claims->count && scope->domains; i++)
        scope->domains[scope->domains_count++] =
            (struct owned_domain){claims->items[i].name, claims->items[i].organization};
}

static size_t count_all(const cJSON *organizations)
{
    size_t count = 0;
    for (const cJSON *entry = organizations->child; entry; entry = entry->next) {
        const cJSON *domains = cJSON_GetObjectItemCaseSensitive(entry, "domains");
        count += domains ? (size_t)cJSON_GetArraySize(domains) : 0;
    }
    return count;
}

void scope_domains_read(struct scope_reading *reading, const cJSON *organizations)
{
    struct fields *fields = &reading->fields;
    struct claims claims = {fields_array(fields, count_all(organizations), sizeof(struct claim)), 0};
    if (claims.items)
        read_all(reading, organizations, &claims);
    if (fields->status == STATUS_OK) {
        qsort(claims.items, claims.count, sizeof *claims.items, claim_compare);
        refuse_overlaps(reading, &claims);
        index_domains(reading, &claims);
    }
    free(claims.items);
}

static const struct owned_domain *find_owned(const struct scope *scope, const char *name)
{
    size_t low = 0, high = scope->domains_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(scope->domains[middle].name, name);
        if (order == 0)
            return &scope->domains[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct organization *scope_domain_owner(const struct scope *scope, const char *name)
{
    char folded[DOMAIN_TEXT_MAX];
    if (scope->domains_count == 0 || !domain_fold(name, folded))
        return NULL;
    for (const char *at = folded; at; at = domain_parent(at)) {
        const struct owned_domain *owned = find_owned(scope, at);
        if (owned)
            return &scope->organizations[owned->organization];
    }
    return NULL;
}
