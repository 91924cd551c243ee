#include "place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int place_make(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (!place)
        return -1;
    snprintf(place->folder, sizeof place->folder, "/tmp/auscult-store-XXXXXX");
    if (!mkdtemp(place->folder))
        return -1;
    snprintf(place->path, sizeof place->path, "%s/a.db", place->folder);
    *state = place;
    return 0;
}

int place_remove(void **state)
{
    struct place *place = *state;
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", place->path, ends[i]);
        unlink(path);
    }
    int result = rmdir(place->folder);
    free(place);
    return result;
}

struct store *place_open(const struct place *place, bool write)
{
    struct store *store = NULL;
    enum status status = store_open(place->path, write, &store);
    if (status != STATUS_OK)
        fail_msg("%s", store_message(store));
    return store;
}

void assert_good(struct store *store, enum status status)
{
    if (status != STATUS_OK)
        fail_msg("status %d: %s", status, store_message(store));
}

struct store_run sample_run(void)
{
    struct store_run run = {.seed = UINT64_MAX - 1,
                            .shard = 2,
                            .shards = 3,
                            .attempts = 2,
                            .started_ms = 1764000000123,
                            .position = 7,
                            .addresses = 256};
    memset(run.scope, 'a', 64);
    run.authorization = strdup(HOSTILE);
    run.vantage = strdup("internet");
    run.ports = strdup("22,80,161/udp");
    run.engine = strdup("connect");
    run.catalogue = strdup("cn-medical-2018+auscult-2026");
    run.scope_text = strdup("{\"auscult\": 1}\n");
    return run;
}

struct store *place_begin(const struct place *place, struct store_run *run_out)
{
    struct store *store = place_open(place, true);
    *run_out = sample_run();
    assert_good(store, store_begin(store, run_out));
    return store;
}

void place_execute(const struct place *place, const char *sql)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(place->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

void count_pending(void *context, struct store_pending pending)
{
    (void)pending;
    (*(size_t *)context)++;
}
