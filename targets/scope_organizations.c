#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "targets/scope_read.h"

#define IPV4_MOST (UINT64_C(1) << 24) /* a /8 */
#define IPV6_MOST (UINT64_C(1) << 32) /* a /96 */

static const char *const known_keys[] = {
    "id",       "name",  "ranges", "fragile", "assets", "informatization",
    "province", "level", "tags",   "domains", "names",  NULL};

/* A range as it stands in the file, so that of two owners both can be named where they stand. */
struct claim {
    struct range range;
    size_t organization;
    const cJSON *item;
};

struct claims {
    struct claim *items;
    size_t count;
    size_t capacity;
};

static bool claims_add(struct scope_reading *reading, struct claims *claims, struct claim claim)
{
    if (claims->count == claims->capacity) {
        size_t capacity = claims->capacity ? claims->capacity * 2 : 64;
        struct claim *items = reallocarray(claims->items, capacity, sizeof *items);
        if (!items)
            return fields_keep(&reading->fields, STATUS_NO_MEMORY);
        claims->items = items;
        claims->capacity = capacity;
    }
    claims->items[claims->count++] = claim;
    return true;
}

/* Whether all of a range may be asked at all: not too wide, and unicast throughout. */
static bool may_be_owned(struct scope_reading *reading, const cJSON *item, struct range range)
{
    bool ipv4 = address_is_ipv4(range.first);
    if (range_size(range) > (ipv4 ? IPV4_MOST : IPV6_MOST)) {
        fields_complain(&reading->fields, item,
                        "\"%s\" is wider than an %s; write the ranges that are really the organization's",
                        item->valuestring, ipv4 ? "IPv4 /8" : "IPv6 /96");
        return false;
    }
    struct address at;
    const char *why = address_span_not_unicast(range.first, range.last, &at);
    if (!why)
        return true;
    char text[ADDRESS_TEXT_MAX];
    address_format(at, text);
    fields_complain(&reading->fields, item,
                    "\"%s\" holds %s, which is %s and can't be a target; leave such addresses out",
                    item->valuestring, text, why);
    return false;
}

/* True when every range was right, so that what must lie inside them can be told. */
static bool read_ranges(struct scope_reading *reading, const cJSON *entry, size_t number,
                        struct claims *claims)
{
    struct fields *fields = &reading->fields;
    struct organization *organization = &reading->scope->organizations[number];
    const char *example = "[\"192.0.2.0/24\"]";
    struct range range;
    bool all = true;
    const cJSON *ranges = fields_typed(fields, entry, "ranges", cJSON_Array, FIELD_REQUIRED, example);
    if (!ranges)
        return false;
    if (!ranges->child)
        fields_complain(fields, ranges, "\"ranges\" is empty; write the organization's addresses, as in %s",
                        example);
    for (const cJSON *item = ranges->child; item; item = item->next) {
        if (!fields_range(fields, item, "ranges", &range) || !may_be_owned(reading, item, range)) {
            all = false;
            continue;
        }
        if (!fields_keep(fields, ranges_add(&organization->ranges, range)) ||
            !claims_add(reading, claims, (struct claim){range, number, item}))
            return false;
    }
    ranges_normalise(&organization->ranges);
    return all && ranges->child;
}

static bool is_inside(struct scope_reading *reading, const cJSON *item, struct range range,
                      const struct organization *organization, const char *what)
{
    if (ranges_hold(&organization->ranges, range))
        return true;
    fields_complain(&reading->fields, item,
                    "the %s range \"%s\" is not inside the organization's own \"ranges\"; write a part of "
                    "them",
                    what, item->valuestring);
    return false;
}

static void read_fragile(struct scope_reading *reading, const cJSON *entry, struct organization *organization,
                         bool ranges_right)
{
    struct fields *fields = &reading->fields;
    struct range range;
    const cJSON *fragile =
        fields_typed(fields, entry, "fragile", cJSON_Array, FIELD_OPTIONAL, "[\"192.0.2.128/26\"]");
    for (const cJSON *item = fragile ? fragile->child : NULL; item; item = item->next) {
        if (!fields_range(fields, item, "fragile", &range))
            continue;
        if (ranges_right)
            is_inside(reading, item, range, organization, "fragile");
        if (!fields_keep(fields, ranges_add(&organization->fragile, range)))
            return;
    }
    ranges_normalise(&organization->fragile);
}

static void read_value(struct scope_reading *reading, const cJSON *entry, struct asset *asset)
{
    const cJSON *value = fields_typed(&reading->fields, entry, "value", cJSON_Number, FIELD_REQUIRED, "5");
    if (!value)
        return;
    double number = value->valuedouble;
    if (number >= 1 && number <= 5 && floor(number) == number)
        asset->value = (int)number;
    else
        fields_complain(&reading->fields, value,
                        "an asset's value is a whole number from 1 to 5; write 5 for the most precious");
}

static void read_asset(struct scope_reading *reading, const cJSON *entry,
                       const struct organization *organization, bool ranges_right, struct asset *asset)
{
    struct fields *fields = &reading->fields;
    static const char *const known[] = {"range", "value", "name", NULL};
    const char *example = "{ \"range\": \"192.0.2.10\", \"value\": 5, \"name\": \"HIS database\" }";
    if (!fields_is(fields, entry, cJSON_Object, "assets", example))
        return;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    const cJSON *range = fields_member(fields, entry, "range", FIELD_REQUIRED, "\"192.0.2.10\"");
    if (range && fields_range(fields, range, "range", &asset->range) && ranges_right)
        is_inside(reading, range, asset->range, organization, "asset");
    read_value(reading, entry, asset);
    fields_text(fields, entry, "name", FIELD_OPTIONAL, "\"HIS database\"", &asset->name);
}

static void read_assets(struct scope_reading *reading, const cJSON *entry, struct organization *organization,
                        bool ranges_right)
{
    const cJSON *assets = fields_typed(&reading->fields, entry, "assets", cJSON_Array, FIELD_OPTIONAL,
                                       "[{ \"range\": \"192.0.2.10\", \"value\": 5 }]");
    if (!assets)
        return;
    organization->assets =
        fields_array(&reading->fields, (size_t)cJSON_GetArraySize(assets), sizeof *organization->assets);
    for (const cJSON *item = assets->child; item && organization->assets; item = item->next)
        read_asset(reading, item, organization, ranges_right,
                   &organization->assets[organization->assets_count++]);
}

/* Keeps a member as a tag. */
static void read_tag(struct scope_reading *reading, const cJSON *member, struct organization *organization)
{
    struct fields *fields = &reading->fields;
    if (!fields_is_text(fields, member, quoted(member->string).text, "\"some text\""))
        return;
    struct tag tag = {fields_copy(fields, member->string), fields_copy(fields, member->valuestring)};
    organization->tags[organization->tags_count++] = tag;
}

/* The keys of "tags" are the cohorts' own names; those that stand beside it already are not named again. */
static void read_further_tag(struct scope_reading *reading, const cJSON *member,
                             struct organization *organization)
{
    for (const char *const *key = known_keys; *key; key++) {
        if (strcmp(*key, member->string) != 0)
            continue;
        fields_complain_name(&reading->fields, member,
                             "\"%s\" is a key of the organization itself; write it beside \"tags\"", *key);
        return;
    }
    if (!fields_is_name(&reading->fields, member))
        return;
    if (strcmp(member->string, "all") == 0) {
        fields_complain_name(&reading->fields, member,
                             "\"all\" stands for every organization; give the key another name");
        return;
    }
    read_tag(reading, member, organization);
}

static void read_tags(struct scope_reading *reading, const cJSON *entry, struct organization *organization)
{
    static const char *const own[] = {"province", "level"};
    const cJSON *further = fields_typed(&reading->fields, entry, "tags", cJSON_Object, FIELD_OPTIONAL,
                                        "{ \"ownership\": \"public\" }");
    size_t most = sizeof own / sizeof *own + (further ? (size_t)cJSON_GetArraySize(further) : 0);
    organization->tags = fields_array(&reading->fields, most, sizeof *organization->tags);
    if (!organization->tags)
        return;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(entry, own[i]);
        if (member)
            read_tag(reading, member, organization);
    }
    for (const cJSON *member = further ? further->child : NULL; member; member = member->next)
        read_further_tag(reading, member, organization);
}

static void read_organization(struct scope_reading *reading, const cJSON *entry, size_t number,
                              struct claims *claims)
{
    struct fields *fields = &reading->fields;
    struct organization *organization = &reading->scope->organizations[number];
    organization->informatization = NAN;
    if (!fields_is(fields, entry, cJSON_Object, "organizations",
                   "{ \"id\": \"h001\", \"name\": …, \"ranges\": … }"))
        return;
    document_refuse_unknown(fields->document, entry, known_keys, fields->complaints);
    fields_text(fields, entry, "id", FIELD_REQUIRED, "\"h001\"", &organization->id);
    fields_text(fields, entry, "name", FIELD_REQUIRED, "\"the hospital's name\"", &organization->name);
    bool ranges_right = read_ranges(reading, entry, number, claims);
    read_fragile(reading, entry, organization, ranges_right);
    read_assets(reading, entry, organization, ranges_right);
    read_tags(reading, entry, organization);
    fields_number(fields, entry, "informatization", FIELD_OPTIONAL, 0, DBL_MAX, "4.5",
                  &organization->informatization);
}

static int claim_compare(const void *a, const void *b)
{
    const struct claim *left = a;
    const struct claim *right = b;
    int order = address_compare(left->range.first, right->range.first);
    if (order)
        return order;
    return left->organization < right->organization ? -1 : left->organization > right->organization;
}

static const char *id_of(const struct scope_reading *reading, size_t number)
{
    const char *id = reading->scope->organizations[number].id;
    return id ? id : "(without id)";
}

/* Of two owners, the one that stands later in the file is complained about. */
static void complain_overlap(struct scope_reading *reading, const struct claim *a, const struct claim *b)
{
    const struct claim *later = a->organization > b->organization ? a : b;
    const struct claim *earlier = later == a ? b : a;
    struct address first =
        address_compare(a->range.first, b->range.first) > 0 ? a->range.first : b->range.first;
    char text[ADDRESS_TEXT_MAX];
    address_format(first, text);
    fields_complain(&reading->fields, later->item,
                    "\"%s\" of \"%s\" and \"%s\" of \"%s\" both hold %s; give each address one owner",
                    later->item->valuestring, quoted(id_of(reading, later->organization)).text,
                    earlier->item->valuestring, quoted(id_of(reading, earlier->organization)).text, text);
}

/* In order of their beginnings, an overlap of two owners always shows against the range that reaches furthest
 * so far. */
static void refuse_overlaps(struct scope_reading *reading, struct claims *claims)
{
    if (claims->count == 0)
        return;
    qsort(claims->items, claims->count, sizeof *claims->items, claim_compare);
    const struct claim *furthest = &claims->items[0];
    for (size_t i = 1; i < claims->count; i++) {
        const struct claim *claim = &claims->items[i];
        bool overlap = address_compare(claim->range.first, furthest->range.last) <= 0;
        if (overlap && claim->organization != furthest->organization)
            complain_overlap(reading, claim, furthest);
        if (address_compare(claim->range.last, furthest->range.last) > 0)
            furthest = claim;
    }
}

/* The members' own places in the file, for complaints about the ids that they share. */
struct identified {
    const struct organization *organization;
    const cJSON *entry;
};

static int identified_compare(const void *a, const void *b)
{
    const struct identified *left = a;
    const struct identified *right = b;
    int order = strcmp(left->organization->id, right->organization->id);
    return order ? order : left->organization < right->organization ? -1 : 1;
}

/* Sorts the organizations by id, once all have one. */
static void index_ids(struct scope_reading *reading, const cJSON *organizations)
{
    struct fields *fields = &reading->fields;
    struct scope *scope = reading->scope;
    size_t count = 0;
    for (size_t i = 0; i < scope->organizations_count; i++)
        count += scope->organizations[i].id != NULL;
    struct identified *ids = fields_array(fields, scope->organizations_count, sizeof *ids);
    scope->by_id =
        ids && count == scope->organizations_count ? fields_array(fields, count, sizeof *scope->by_id) : NULL;
    if (!scope->by_id) {
        free(ids);
        return;
    }
    const cJSON *entry = organizations->child;
    for (size_t i = 0; i < count; i++, entry = entry->next)
        ids[i] = (struct identified){&scope->organizations[i], entry};
    qsort(ids, count, sizeof *ids, identified_compare);
    for (size_t i = 0; i < count; i++) {
        scope->by_id[i] = ids[i].organization;
        if (i > 0 && strcmp(ids[i - 1].organization->id, ids[i].organization->id) == 0)
            fields_complain(fields, cJSON_GetObjectItemCaseSensitive(ids[i].entry, "id"),
                            "another organization has the id \"%s\" already; give each its own",
                            quoted(ids[i].organization->id).text);
    }
    free(ids);
}

static int owned_compare(const void *a, const void *b)
{
    const struct owned *left = a;
    const struct owned *right = b;
    return address_compare(left->range.first, right->range.first);
}

/* All normal ranges in one order; without overlaps, at most one holds an address. */
static void index_owners(struct scope_reading *reading)
{
    struct scope *scope = reading->scope;
    size_t count = 0;
    for (size_t i = 0; i < scope->organizations_count; i++)
        count += scope->organizations[i].ranges.count;
    scope->owned = fields_array(&reading->fields, count, sizeof *scope->owned);
    if (!scope->owned)
        return;
    for (size_t i = 0; i < scope->organizations_count; i++)
        for (size_t j = 0; j < scope->organizations[i].ranges.count; j++)
            scope->owned[scope->owned_count++] = (struct owned){scope->organizations[i].ranges.items[j], i};
    qsort(scope->owned, count, sizeof *scope->owned, owned_compare);
}

void scope_organizations_read(struct scope_reading *reading, const cJSON *organizations)
{
    struct fields *fields = &reading->fields;
    struct scope *scope = reading->scope;
    struct claims claims = {NULL, 0, 0};
    if (!organizations->child)
        fields_complain(fields, organizations, "\"organizations\" is empty; name at least one");
    scope->organizations =
        fields_array(fields, (size_t)cJSON_GetArraySize(organizations), sizeof *scope->organizations);
    for (const cJSON *entry = organizations->child; entry && scope->organizations; entry = entry->next)
        read_organization(reading, entry, scope->organizations_count++, &claims);
    if (fields->status == STATUS_OK) {
        refuse_overlaps(reading, &claims);
        index_ids(reading, organizations);
        index_owners(reading);
        scope_domains_read(reading, organizations);
        scope_names_read(reading, organizations);
    }
    free(claims.items);
}
