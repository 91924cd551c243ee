#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"

/* The scan that another is held against where nobody names one. */

struct looking {
    const struct store_run *run;
    char (*ids)[37]; /* of those that it could be, the newest first */
    size_t count;
    void *organizations; /* of the run, a tree of search.h */
    bool shared;
    enum status status;
};

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static void consider(void *context, const struct store_run *run)
{
    struct looking *looking = context;
    const struct store_run *of = looking->run;
    bool alike = strcmp(text_of(run->vantage), text_of(of->vantage)) == 0 && run->shard == of->shard &&
                 run->shards == of->shards;
    if (!run->complete || !alike || run->number >= of->number || looking->status != STATUS_OK)
        return;
    char(*grown)[37] = reallocarray(looking->ids, looking->count + 1, sizeof *grown);
    if (!grown) {
        looking->status = STATUS_NO_MEMORY;
        return;
    }
    looking->ids = grown;
    memcpy(grown[looking->count++], run->id, sizeof *grown);
}

static int id_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void keep_name(void *context, const char *id)
{
    struct looking *looking = context;
    char *copy = strdup(id);
    if (copy && tsearch(copy, &looking->organizations, id_compare))
        return;
    free(copy);
    looking->status = STATUS_NO_MEMORY;
}

static void share_name(void *context, const char *id)
{
    struct looking *looking = context;
    looking->shared |= tfind(id, &looking->organizations, id_compare) != NULL;
}

/* A store may hold scans of other organizations altogether. */
static enum status find_shared(struct store *store, struct looking *looking, struct store_run *previous_out)
{
    enum status status = store_each_named(store, looking->run, keep_name, looking);
    if (status == STATUS_OK)
        status = looking->status;
    for (size_t i = 0; i < looking->count && status == STATUS_OK; i++) {
        status = store_find_run(store, looking->ids[i], false, previous_out);
        if (status == STATUS_OK)
            status = store_each_named(store, previous_out, share_name, looking);
        if (status == STATUS_OK && looking->shared)
            return STATUS_OK;
        store_run_deinit(previous_out);
    }
    return status == STATUS_OK ? STATUS_MISMATCH : status;
}

enum status changes_previous(struct store *store, const struct store_run *run, struct store_run *previous_out)
{
    struct looking looking = {.run = run};
    *previous_out = (struct store_run){0};
    enum status status = store_each_run(store, consider, &looking);
    if (status == STATUS_OK)
        status = looking.status;
    if (status == STATUS_OK)
        status = find_shared(store, &looking, previous_out);
    tdestroy(looking.organizations, free);
    free(looking.ids);
    return status;
}
