#include <stdlib.h>
#include <string.h>

#include "scoring/store_statement.h"

/* Forgetting what is no longer kept. */

/* Every table that has rows of a run; runs itself comes last, for the others refer to it. */
static const enum store_statement forgets[] = {
    STATEMENT_FORGET_PENDING,    STATEMENT_FORGET_PACE,         STATEMENT_FORGET_COUNTS,
    STATEMENT_FORGET_HOSTS,      STATEMENT_FORGET_OBSERVATIONS, STATEMENT_FINDINGS_CLEAR,
    STATEMENT_FORGET_ASSESSED,   STATEMENT_FORGET_COVERED,      STATEMENT_FORGET_ORGANIZATIONS,
    STATEMENT_FORGET_SCORECARDS, STATEMENT_FORGET_RUN,
};

enum status store_forget_run(struct store *store, const struct store_run *run)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof forgets / sizeof forgets[0] && status == STATUS_OK; i++) {
        struct statement forget = statement_start(store, forgets[i]);
        statement_run(&forget, run);
        status = statement_write(&forget);
    }
    store->run_id[0] = 0; /* the number that is kept for the id is no run's any more */
    return status;
}

struct old_runs {
    char (*ids)[37];
    size_t count, capacity;
    uint64_t keep, complete;
    bool failed;
};

/* The newest comes first. */
static void gather(void *context, const struct store_run *run)
{
    struct old_runs *old = context;
    old->complete += run->complete;
    if (old->complete <= old->keep && (run->complete || old->complete == 0))
        return;
    if (old->count == old->capacity) {
        size_t capacity = old->capacity ? old->capacity * 2 : 16;
        char(*ids)[37] = reallocarray(old->ids, capacity, sizeof *ids);
        old->failed = old->failed || !ids;
        if (!ids)
            return;
        old->ids = ids;
        old->capacity = capacity;
    }
    memcpy(old->ids[old->count++], run->id, sizeof run->id);
}

static enum status forget(struct store *store, const char id[37])
{
    struct store_run run = {0};
    memcpy(run.id, id, sizeof run.id);
    enum status status = store_forget_run(store, &run);
    return status == STATUS_OK ? store_commit(store) : status;
}

enum status store_prune(struct store *store, uint64_t keep, uint64_t *forgotten_out)
{
    struct old_runs old = {.keep = keep};
    *forgotten_out = 0;
    enum status status = store_each_run(store, gather, &old);
    if (status == STATUS_OK && old.failed)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < old.count && status == STATUS_OK; i++) {
        status = forget(store, old.ids[i]);
        *forgotten_out += status == STATUS_OK;
    }
    free(old.ids);
    return status;
}
