#include "targets/naming.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    [NAMING_CARRIED] = "carried", [NAMING_ALIAS] = "alias",     [NAMING_EXCLUDED] = "excluded",
    [NAMING_OUTSIDE] = "outside", [NAMING_MISSING] = "missing",
};

const char *naming_kind_name(enum naming_kind kind)
{
    return kinds[kind];
}

void namings_init(struct namings *names)
{
    *names = (struct namings){0};
}

static void naming_deinit(struct naming *naming)
{
    free(naming->organization);
    free(naming->name);
    free(naming->why);
}

void namings_deinit(struct namings *names)
{
    for (size_t i = 0; i < names->count; i++)
        naming_deinit(&names->items[i]);
    free(names->items);
    free(names->carried);
    namings_init(names);
}

static enum status reserve(struct namings *names)
{
    if (names->count < names->capacity)
        return STATUS_OK;
    size_t capacity = names->capacity ? names->capacity * 2 : 64;
    struct naming *items = reallocarray(names->items, capacity, sizeof *items);
    if (!items)
        return STATUS_NO_MEMORY;
    names->items = items;
    names->capacity = capacity;
    return STATUS_OK;
}

/* Takes copies of the texts; `why` may be NULL. */
static enum status append(struct namings *names, const char *organization, const char *name, const char *why,
                          enum naming_kind kind, struct address address)
{
    if (reserve(names) != STATUS_OK)
        return STATUS_NO_MEMORY;
    struct naming naming = {
        strdup(organization), strdup(name), kind, address, why ? strdup(why) : NULL,
    };
    if (!naming.organization || !naming.name || (why && !naming.why)) {
        naming_deinit(&naming);
        return STATUS_NO_MEMORY;
    }
    names->items[names->count++] = naming;
    return STATUS_OK;
}

enum status namings_copy(struct namings *names, const struct naming *naming)
{
    return append(names, naming->organization, naming->name, naming->why, naming->kind, naming->address);
}

enum status namings_add_missing(struct namings *names, const char *organization, const char *name,
                                const char *why)
{
    return append(names, organization, name, why, NAMING_MISSING, (struct address){0, 0});
}

enum status namings_add(struct namings *names, const struct scope *scope, const char *organization,
                        const char *name, struct address address)
{
    enum naming_kind kind = !scope_owner(scope, address)               ? NAMING_OUTSIDE
                            : ranges_contain(&scope->exclude, address) ? NAMING_EXCLUDED
                                                                       : NAMING_CARRIED;
    return append(names, organization, name, NULL, kind, address);
}

/* The places of one address follow one another, in the order of the scope file. */
static int place_compare(const void *a, const void *b, void *context)
{
    const struct naming *items = context;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    int order = address_compare(items[left].address, items[right].address);
    return order ? order : (left > right) - (left < right);
}

enum status namings_index(struct namings *names)
{
    size_t *places = calloc(names->count + 1, sizeof *places), count = 0, kept = 0;
    if (!places)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].kind == NAMING_CARRIED)
            places[count++] = i;
    qsort_r(places, count, sizeof *places, place_compare, names->items);
    for (size_t i = 0; i < count; i++) {
        struct naming *naming = &names->items[places[i]];
        if (kept && address_compare(names->items[places[kept - 1]].address, naming->address) == 0)
            naming->kind = NAMING_ALIAS;
        else
            places[kept++] = places[i];
    }
    free(names->carried);
    names->carried = places;
    names->carried_count = kept;
    return STATUS_OK;
}

const char *namings_at(const struct namings *names, struct address address)
{
    size_t low = 0, high = names->carried_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct naming *naming = &names->items[names->carried[middle]];
        int order = address_compare(naming->address, address);
        if (order == 0)
            return naming->name;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
