#include <stdlib.h>
#include <string.h>

#include "scoring/store_statement.h"

/* Forgetting what is no longer kept, but for since when things are there. */

#define LAPSES_AFTER 20 /* times back_ms: with 90 days, five years */

/* Not of the layout: a store that was never pruned has none. */
static const char firsts_table[] =
    "CREATE TABLE IF NOT EXISTS firsts ("
    " vantage TEXT NOT NULL, organization TEXT NOT NULL, item TEXT NOT NULL, address BLOB NOT NULL,"
    " port INTEGER NOT NULL, transport INTEGER NOT NULL, key TEXT NOT NULL, first_ms INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL, absent INTEGER NOT NULL,"
    " PRIMARY KEY (vantage, organization, item, address, port, transport, key)) WITHOUT ROWID";

static enum status execute(struct store *store, const char *sql)
{
    return store_failed(store, sqlite3_exec(store->database, sql, NULL, NULL, NULL));
}

/* As statement_write does. */
static enum status begin(struct store *store)
{
    return sqlite3_get_autocommit(store->database) ? execute(store, "BEGIN IMMEDIATE") : STATUS_OK;
}

static enum status find_number(struct store *store, const struct store_run *run, int64_t *number_out)
{
    struct statement find = statement_start(store, STATEMENT_RUN_NUMBER);
    statement_text(&find, run->id);
    if (statement_row(&find))
        *number_out = column_integer(&find, 0);
    else
        statement_fail(&find, SQLITE_NOTFOUND);
    return statement_end(&find);
}

/* Every table that refers to runs is asked for its name, so that a later one can't be left out. */
static enum status clear_tables(struct store *store, int64_t number)
{
    sqlite3_stmt *tables = NULL;
    int code = sqlite3_prepare_v2(store->database,
                                  "SELECT m.name, f.\"from\" FROM sqlite_master AS m"
                                  " JOIN pragma_foreign_key_list(m.name) AS f"
                                  " WHERE m.type = 'table' AND f.\"table\" = 'runs'",
                                  -1, &tables, NULL);
    enum status status = store_failed(store, code);
    while (status == STATUS_OK && (code = sqlite3_step(tables)) == SQLITE_ROW) {
        char *sql = sqlite3_mprintf("DELETE FROM \"%w\" WHERE \"%w\" = %lld", sqlite3_column_text(tables, 0),
                                    sqlite3_column_text(tables, 1), (long long)number);
        status = sql ? execute(store, sql) : STATUS_NO_MEMORY;
        sqlite3_free(sql);
    }
    if (status == STATUS_OK && code != SQLITE_DONE)
        status = store_failed(store, code);
    sqlite3_finalize(tables);
    return status;
}

enum status store_forget_run(struct store *store, const struct store_run *run)
{
    int64_t number = 0;
    enum status status = find_number(store, run, &number);
    if (status == STATUS_OK)
        status = begin(store);
    if (status == STATUS_OK)
        status = clear_tables(store, number);
    if (status == STATUS_OK) {
        char sql[64];
        sqlite3_snprintf(sizeof sql, sql, "DELETE FROM runs WHERE run = %lld", (long long)number);
        status = execute(store, sql);
    }
    store->run_id[0] = 0; /* the number that is kept for the id is no run's any more */
    return status;
}

/* A run to be forgotten. */
struct old_run {
    char id[37], vantage[16];
    bool complete;
    int64_t started_ms;
};

struct old_runs {
    struct old_run *items;
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
        struct old_run *items = reallocarray(old->items, capacity, sizeof *items);
        old->failed = old->failed || !items;
        if (!items)
            return;
        old->items = items;
        old->capacity = capacity;
    }
    struct old_run *kept = &old->items[old->count++];
    *kept = (struct old_run){.complete = run->complete, .started_ms = run->started_ms};
    memcpy(kept->id, run->id, sizeof kept->id);
    strncat(kept->vantage, run->vantage ? run->vantage : "", sizeof kept->vantage - 1);
}

/* The runs come from the oldest on, so that what is known of an occurrence is always of the newest forgotten one. */
static enum status remember(struct store *store, const struct store_run *run, const struct old_run *old,
                            int64_t back_ms)
{
    struct statement miss = statement_start(store, STATEMENT_FIRST_MISS);
    statement_run(&miss, run);
    statement_text(&miss, old->vantage);
    enum status status = statement_write(&miss);
    if (status != STATUS_OK)
        return status;
    struct statement meet = statement_start(store, STATEMENT_FIRST_MEET);
    statement_run(&meet, run);
    statement_text(&meet, old->vantage);
    statement_integer(&meet, old->started_ms);
    statement_integer(&meet, back_ms);
    status = statement_write(&meet);
    if (status != STATUS_OK)
        return status;
    /* That something comes back after so long need not be told. */
    struct statement lapse = statement_start(store, STATEMENT_FIRST_LAPSE);
    statement_text(&lapse, old->vantage);
    statement_integer(&lapse, old->started_ms);
    statement_integer(&lapse, back_ms * LAPSES_AFTER);
    return statement_write(&lapse);
}

static enum status forget(struct store *store, const struct old_run *old, int64_t back_ms)
{
    struct store_run run = {0};
    memcpy(run.id, old->id, sizeof run.id);
    enum status status = old->complete ? remember(store, &run, old, back_ms) : STATUS_OK;
    if (status == STATUS_OK)
        status = store_forget_run(store, &run);
    return status == STATUS_OK ? store_commit(store) : status;
}

enum status store_prune(struct store *store, uint64_t keep, int64_t back_ms, uint64_t *forgotten_out)
{
    struct old_runs old = {.keep = keep};
    *forgotten_out = 0;
    enum status status = store_each_run(store, gather, &old);
    if (status == STATUS_OK && old.failed)
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK && old.count)
        status = execute(store, firsts_table);
    for (size_t i = old.count; i-- > 0 && status == STATUS_OK;) {
        status = forget(store, &old.items[i], back_ms);
        *forgotten_out += status == STATUS_OK;
    }
    if (status != STATUS_OK)
        (void)!store_rollback(store);
    free(old.items);
    return status;
}

static bool has_firsts(struct store *store, enum status *status_out)
{
    struct statement look = statement_start(store, STATEMENT_FIRST_TABLE);
    bool has = statement_row(&look);
    *status_out = statement_end(&look);
    return has && *status_out == STATUS_OK;
}

enum status store_each_first(struct store *store, const char *vantage,
                             void (*each)(void *context, const struct finding *finding,
                                          const struct store_first *first),
                             void *context)
{
    enum status status;
    if (!has_firsts(store, &status))
        return status;
    struct statement rows = statement_start(store, STATEMENT_FIRST_EACH);
    statement_text(&rows, vantage);
    while (statement_row(&rows)) {
        struct finding finding;
        const struct store_first first = {column_integer(&rows, 6), column_integer(&rows, 7),
                                          column_integer(&rows, 8) != 0};
        if (column_spot(&rows, &finding))
            each(context, &finding, &first);
    }
    return statement_end(&rows);
}
