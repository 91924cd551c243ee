#include "scanner/commands/resolution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scanner/resolver.h"

#define LINES_MAX 20 /* said one by one; the store has them all */

/* The scope's names in the order of the file, and what is heard of them in any order. */
struct resolution {
    const char **names;
    const char **owners; /* ids */
    size_t count;
    struct heard {
        size_t name;
        struct address address;
        const char *why; /* NULL: an address */
    } * heard;
    size_t heard_count, heard_capacity;
};

static enum status keep(struct resolution *resolution, struct heard heard)
{
    if (resolution->heard_count == resolution->heard_capacity) {
        size_t capacity = resolution->heard_capacity ? resolution->heard_capacity * 2 : 64;
        struct heard *grown = reallocarray(resolution->heard, capacity, sizeof *grown);
        if (!grown)
            return STATUS_NO_MEMORY;
        resolution->heard = grown;
        resolution->heard_capacity = capacity;
    }
    resolution->heard[resolution->heard_count++] = heard;
    return STATUS_OK;
}

static enum status found(void *context, size_t name, struct address address)
{
    return keep(context, (struct heard){.name = name, .address = address});
}

static enum status missing(void *context, size_t name, const char *why)
{
    return keep(context, (struct heard){.name = name, .why = why});
}

/* The file's order of names, and of one name the order of its addresses, so that it is the same however it came. */
static int heard_compare(const void *a, const void *b)
{
    const struct heard *left = a, *right = b;
    if (left->name != right->name)
        return left->name < right->name ? -1 : 1;
    if (!left->why != !right->why)
        return left->why ? 1 : -1;
    return address_compare(left->address, right->address);
}

static enum status gather(struct resolution *resolution, const struct scope *scope)
{
    size_t count = 0;
    for (size_t i = 0; i < scope->organizations_count; i++)
        count += scope->organizations[i].names_count;
    resolution->names = calloc(count + 1, sizeof *resolution->names);
    resolution->owners = calloc(count + 1, sizeof *resolution->owners);
    if (!resolution->names || !resolution->owners)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < scope->organizations_count; i++)
        for (size_t j = 0; j < scope->organizations[i].names_count; j++) {
            resolution->owners[resolution->count] = scope->organizations[i].id;
            resolution->names[resolution->count++] = scope->organizations[i].names[j];
        }
    return STATUS_OK;
}

static enum status judge(const struct resolution *resolution, const struct scope *scope,
                         struct namings *namings)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < resolution->heard_count && status == STATUS_OK; i++) {
        const struct heard *heard = &resolution->heard[i];
        const char *owner = resolution->owners[heard->name], *name = resolution->names[heard->name];
        bool again = i > 0 && !heard->why && heard_compare(heard - 1, heard) == 0;
        if (heard->why)
            status = namings_add_missing(namings, owner, name, heard->why);
        else if (!again)
            status = namings_add(namings, scope, owner, name, heard->address);
    }
    return status == STATUS_OK ? namings_index(namings) : status;
}

static void say(const struct naming *naming)
{
    char address[ADDRESS_TEXT_MAX];
    address_format(naming->address, address);
    if (naming->kind == NAMING_MISSING)
        fprintf(stderr, "auscult: the name %s: %s\n", naming->name, naming->why);
    else if (naming->kind == NAMING_OUTSIDE)
        fprintf(stderr, "auscult: the name %s leads to %s, which the scope does not hold: it is not asked\n",
                naming->name, address);
    else if (naming->kind == NAMING_EXCLUDED)
        fprintf(stderr, "auscult: the name %s leads to %s, which the scope excludes: it is not asked\n",
                naming->name, address);
    else
        fprintf(stderr, "auscult: the name %s leads to %s, which is asked as an earlier name of the scope\n",
                naming->name, address);
}

static void say_all(const struct namings *namings, size_t names)
{
    size_t said = 0, left_off = 0;
    for (size_t i = 0; i < namings->count; i++) {
        if (namings->items[i].kind == NAMING_CARRIED)
            continue;
        if (said == LINES_MAX)
            left_off++;
        else {
            said++;
            say(&namings->items[i]);
        }
    }
    if (left_off)
        fprintf(stderr, "auscult: %zu more of the kind are in the store\n", left_off);
    fprintf(stderr, "auscult: %zu names were resolved; %zu addresses are asked by one\n", names,
            namings->carried_count);
}

static enum status resolve(struct resolution *resolution, struct store *store, const struct store_run *run,
                           const struct scope *scope, struct namings *namings)
{
    const struct resolver_listener listener = {resolution, found, missing};
    enum status status = resolver_run(resolution->names, resolution->count, &listener);
    if (status == STATUS_OK && resolution->heard_count)
        qsort(resolution->heard, resolution->heard_count, sizeof *resolution->heard, heard_compare);
    if (status == STATUS_OK)
        status = judge(resolution, scope, namings);
    if (status == STATUS_OK)
        status = store_names(store, run, namings);
    if (status == STATUS_OK)
        status = store_commit(store);
    if (status == STATUS_OK)
        say_all(namings, resolution->count);
    return status;
}

int resolution_make(struct store *store, const struct store_run *run, const struct scope *scope,
                    struct namings *namings)
{
    struct resolution resolution = {0};
    enum status status = store_find_names(store, run, namings);
    if (status == STATUS_OK && namings->count == 0)
        status = gather(&resolution, scope);
    if (status == STATUS_OK && resolution.count)
        status = resolve(&resolution, store, run, scope, namings);
    free(resolution.names);
    free(resolution.owners);
    free(resolution.heard);
    if (status == STATUS_INTERRUPTED)
        fprintf(stderr, "auscult: stopped: it was interrupted while names were resolved; --resume goes on\n");
    return status == STATUS_OK ? -1 : present_status(status, "resolving names", store);
}
