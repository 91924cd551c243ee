#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes_parts.h"
#include "scoring/evaluation.h"

/* The organizations of two scans. */

struct gathering {
    const struct changes_options *options;
    struct side_names *names;
    size_t capacity;
    enum status status;
};

static bool wanted(const struct gathering *gathering, const char *id)
{
    const char *only = gathering->options->only;
    return !only || strcmp(only, id) == 0;
}

static void add(void *context, const char *id)
{
    struct gathering *gathering = context;
    struct side_names *names = gathering->names;
    if (gathering->status != STATUS_OK || !wanted(gathering, id))
        return;
    if (names->count == gathering->capacity) {
        size_t capacity = gathering->capacity ? gathering->capacity * 2 : 64;
        struct organization *grown = reallocarray(names->items, capacity, sizeof *grown);
        if (!grown) {
            gathering->status = STATUS_NO_MEMORY;
            return;
        }
        names->items = grown;
        gathering->capacity = capacity;
    }
    gathering->status = evaluation_name_organization(id, &names->items[names->count++]);
}

/* Of whom imports alone speak; with a scope only those that it holds. */
static void add_covered(void *context, const char *id)
{
    const struct gathering *gathering = context;
    const struct scope *scope = gathering->options->scope;
    if (!scope || scope_organization(scope, id))
        add(context, id);
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct organization *)a)->id, ((const struct organization *)b)->id);
}

/* Each once. */
static void settle(struct side_names *names)
{
    size_t kept = 0;
    if (names->count)
        qsort(names->items, names->count, sizeof *names->items, compare);
    for (size_t i = 0; i < names->count; i++)
        if (kept && strcmp(names->items[kept - 1].id, names->items[i].id) == 0)
            organization_deinit(&names->items[i]);
        else
            names->items[kept++] = names->items[i];
    names->count = kept;
}

size_t side_names_find(const struct side_names *names, const char *id)
{
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(names->items[middle].id, id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

static void describe(void *context, const struct organization *from)
{
    struct gathering *gathering = context;
    size_t place = side_names_find(gathering->names, from->id);
    if (place != SIZE_MAX && gathering->status == STATUS_OK)
        gathering->status = organization_describe(&gathering->names->items[place], from);
}

/* By the scope where there is one, else by what the scans kept, the later one's word counting. */
static enum status describe_all(struct gathering *gathering, struct store *store,
                                const struct store_run *before, const struct store_run *after)
{
    const struct scope *scope = gathering->options->scope;
    enum status status = store_each_organization(store, before, describe, gathering);
    if (status == STATUS_OK)
        status = store_each_organization(store, after, describe, gathering);
    for (size_t i = 0; scope && i < scope->organizations_count && status == STATUS_OK; i++)
        describe(gathering, &scope->organizations[i]);
    return status == STATUS_OK ? gathering->status : status;
}

enum status side_names_make(struct store *store, const struct store_run *before,
                            const struct store_run *after, const struct changes_options *options,
                            struct side_names *names_out)
{
    struct gathering gathering = {.options = options, .names = names_out};
    *names_out = (struct side_names){0};
    enum status status = store_each_named(store, before, add, &gathering);
    if (status == STATUS_OK)
        status = store_each_named(store, after, add, &gathering);
    if (status == STATUS_OK)
        status = store_each_covered_organization(store, add_covered, &gathering);
    if (status == STATUS_OK)
        status = gathering.status;
    if (status == STATUS_OK) {
        settle(names_out);
        status = describe_all(&gathering, store, before, after);
    }
    if (status != STATUS_OK)
        side_names_deinit(names_out);
    return status;
}

void side_names_deinit(struct side_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        organization_deinit(&names->items[i]);
    free(names->items);
    *names = (struct side_names){0};
}
