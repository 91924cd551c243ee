#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "scoring/store_statement.h"

/* Runs, and how far each has come: pending targets, counts, hosts. */

const char *run_kind_name(enum run_kind kind)
{
    return kind == RUN_IMPORT ? "import" : "scan";
}

void store_run_deinit(struct store_run *run)
{
    free(run->format);
    free(run->file);
    free(run->authorization);
    free(run->vantage);
    free(run->ports);
    free(run->engine);
    free(run->catalogue);
    free(run->scope_text);
    memset(run, 0, sizeof *run);
}

/* RFC 9562 §5.4: version 4, random. */
static bool make_id(char id[37])
{
    unsigned char r[16];
    if (getrandom(r, sizeof r, 0) != (ssize_t)sizeof r)
        return false;
    r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
    r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
    snprintf(id, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", r[0], r[1], r[2],
             r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]);
    return true;
}

enum status store_begin(struct store *store, struct store_run *run)
{
    if (!run->id[0] && !make_id(run->id))
        return STATUS_SYSTEM;
    struct statement insert = statement_start(store, STATEMENT_RUN_BEGIN);
    const char *const texts[] = {run->id,    run->scope,  run->authorization, run->vantage,
                                 run->ports, run->engine, run->catalogue,     run->scope_text};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        statement_text(&insert, texts[i]);
    statement_unsigned(&insert, run->seed);
    statement_integer(&insert, run->shard);
    statement_integer(&insert, run->shards);
    statement_integer(&insert, run->attempts);
    statement_integer(&insert, run->started_ms);
    statement_integer(&insert, run->ended_ms);
    statement_integer(&insert, run->complete);
    statement_unsigned(&insert, run->position);
    statement_unsigned(&insert, run->probes_sent);
    statement_unsigned(&insert, run->addresses);
    statement_integer(&insert, run->kind);
    statement_text(&insert, run->format);
    statement_text(&insert, run->file);
    statement_text(&insert, run->file_hash);
    statement_integer(&insert, run->from_ms);
    statement_integer(&insert, run->until_ms);
    enum status status = statement_write(&insert);
    if (status == STATUS_OK)
        run->number = sqlite3_last_insert_rowid(store->database);
    return status;
}

/* In the order of the columns. */
static void read_run(struct statement *find, struct store_run *run)
{
    snprintf(run->id, sizeof run->id, "%s", column_text(find, 0));
    snprintf(run->scope, sizeof run->scope, "%s", column_text(find, 1));
    run->authorization = column_copy(find, 2);
    run->vantage = column_copy(find, 3);
    run->ports = column_copy(find, 4);
    run->engine = column_copy(find, 5);
    run->catalogue = column_copy(find, 6);
    run->scope_text = column_copy(find, 7);
    run->seed = column_unsigned(find, 8);
    run->shard = (uint32_t)column_integer(find, 9);
    run->shards = (uint32_t)column_integer(find, 10);
    run->attempts = (uint32_t)column_integer(find, 11);
    run->started_ms = column_integer(find, 12);
    run->ended_ms = column_integer(find, 13);
    run->complete = column_integer(find, 14) != 0;
    run->position = column_unsigned(find, 15);
    run->probes_sent = column_unsigned(find, 16);
    run->addresses = column_unsigned(find, 17);
    run->kind = column_integer(find, 18) ? RUN_IMPORT : RUN_SCAN;
    run->format = column_copy(find, 19);
    run->file = column_copy(find, 20);
    snprintf(run->file_hash, sizeof run->file_hash, "%s", column_text(find, 21));
    run->from_ms = column_integer(find, 22);
    run->until_ms = column_integer(find, 23);
    run->number = column_integer(find, 24);
}

enum status store_find_run(struct store *store, const char *id, bool incomplete_only,
                           struct store_run *run_out)
{
    *run_out = (struct store_run){0};
    struct statement find = statement_start(store, STATEMENT_RUN_FIND);
    statement_text(&find, id ? id : "");
    statement_integer(&find, incomplete_only);
    if (statement_row(&find))
        read_run(&find, run_out);
    else
        statement_fail(&find, SQLITE_NOTFOUND);
    enum status status = statement_end(&find);
    if (status != STATUS_OK)
        store_run_deinit(run_out);
    return status;
}

static enum status each_run(struct store *store, enum store_statement which,
                            void (*each)(void *context, const struct store_run *run), void *context)
{
    struct statement rows = statement_start(store, which);
    while (statement_row(&rows)) {
        struct store_run run = {0};
        read_run(&rows, &run);
        if (rows.code == SQLITE_OK)
            each(context, &run);
        store_run_deinit(&run);
    }
    return statement_end(&rows);
}

enum status store_each_run(struct store *store, void (*each)(void *context, const struct store_run *run),
                           void *context)
{
    return each_run(store, STATEMENT_RUN_EACH, each, context);
}

enum status store_each_import(struct store *store, void (*each)(void *context, const struct store_run *run),
                              void *context)
{
    return each_run(store, STATEMENT_IMPORT_EACH, each, context);
}

enum status store_update_run(struct store *store, const struct store_run *run)
{
    struct statement update = statement_start(store, STATEMENT_RUN_UPDATE);
    statement_run(&update, run);
    statement_unsigned(&update, run->position);
    statement_unsigned(&update, run->probes_sent);
    statement_integer(&update, run->ended_ms);
    statement_integer(&update, run->complete);
    statement_text(&update, run->file_hash);
    statement_integer(&update, run->from_ms);
    statement_integer(&update, run->until_ms);
    return statement_write(&update);
}

enum status store_set_pending(struct store *store, const struct store_run *run, struct store_pending pending)
{
    struct statement set = statement_start(store, STATEMENT_PENDING_SET);
    statement_run(&set, run);
    statement_unsigned(&set, pending.number);
    statement_integer(&set, pending.attempts);
    return statement_write(&set);
}

enum status store_clear_pending(struct store *store, const struct store_run *run, uint64_t number)
{
    struct statement clear = statement_start(store, STATEMENT_PENDING_CLEAR);
    statement_run(&clear, run);
    statement_unsigned(&clear, number);
    return statement_write(&clear);
}

enum status store_each_pending(struct store *store, const struct store_run *run,
                               void (*each)(void *context, struct store_pending pending), void *context)
{
    struct statement rows = statement_start(store, STATEMENT_PENDING_EACH);
    statement_run(&rows, run);
    while (statement_row(&rows))
        each(context, (struct store_pending){column_unsigned(&rows, 0), (uint32_t)column_integer(&rows, 1)});
    return statement_end(&rows);
}

#define ENDS (sizeof((struct store_count *)0)->ends / sizeof(uint64_t))

enum status store_add_count(struct store *store, const struct store_run *run, const struct store_count *count)
{
    struct statement add = statement_start(store, STATEMENT_COUNT_ADD);
    statement_run(&add, run);
    statement_text(&add, count->organization);
    statement_integer(&add, count->port.transport);
    statement_integer(&add, count->port.number);
    for (size_t i = 0; i < ENDS; i++)
        statement_unsigned(&add, count->ends[i]);
    return statement_write(&add);
}

enum status store_each_count(struct store *store, const struct store_run *run, const char *organization,
                             void (*each)(void *context, const struct store_count *count), void *context)
{
    struct statement rows = statement_start(store, STATEMENT_COUNT_EACH);
    statement_run(&rows, run);
    statement_organizations(&rows, organization);
    while (statement_row(&rows)) {
        struct store_count count = {.organization = column_text(&rows, 0)};
        count.port.transport = (uint8_t)column_integer(&rows, 1);
        count.port.number = (uint16_t)column_integer(&rows, 2);
        for (size_t i = 0; i < ENDS; i++)
            count.ends[i] = column_unsigned(&rows, 3 + (int)i);
        each(context, &count);
    }
    return statement_end(&rows);
}

enum status store_each_named(struct store *store, const struct store_run *run,
                             void (*each)(void *context, const char *organization), void *context)
{
    struct statement rows = statement_start(store, STATEMENT_NAMED_EACH);
    statement_run(&rows, run);
    while (statement_row(&rows))
        each(context, column_text(&rows, 0));
    return statement_end(&rows);
}

enum status store_host(struct store *store, const struct store_run *run, const char *organization,
                       struct address address, bool open)
{
    struct statement set = statement_start(store, STATEMENT_HOST_SET);
    statement_run(&set, run);
    statement_text(&set, organization);
    statement_address(&set, address);
    statement_integer(&set, open);
    return statement_write(&set);
}

enum status store_count_hosts(struct store *store, const struct store_run *run, const char *organization,
                              uint64_t *answered_out, uint64_t *open_out)
{
    struct statement count = statement_start(store, STATEMENT_HOST_COUNT);
    statement_run(&count, run);
    statement_organizations(&count, organization);
    bool row = statement_row(&count);
    *answered_out = row ? column_unsigned(&count, 0) : 0;
    *open_out = row ? column_unsigned(&count, 1) : 0;
    return statement_end(&count);
}

enum status store_each_host(struct store *store, const struct store_run *run, const char *organization,
                            void (*each)(void *context, const char *organization, struct address address,
                                         bool open),
                            void *context)
{
    struct statement rows = statement_start(store, STATEMENT_HOST_EACH);
    statement_run(&rows, run);
    statement_organizations(&rows, organization);
    while (statement_row(&rows)) {
        struct address address;
        if (column_address(&rows, 1, &address))
            each(context, column_text(&rows, 0), address, column_integer(&rows, 2) != 0);
    }
    return statement_end(&rows);
}

enum status store_set_control(struct store *store, const struct store_run *run, const char *organization,
                              struct address address, enum host_control control)
{
    struct statement set = statement_start(store, STATEMENT_HOST_CONTROL);
    statement_run(&set, run);
    statement_text(&set, organization);
    statement_address(&set, address);
    statement_integer(&set, control);
    statement_integer(&set, ENDPOINT_OPEN);
    return statement_write(&set);
}

/* Layout 1 has no such column, and its runs asked no control port. */
static bool knows_control(const struct store *store)
{
    return store->layout >= 2;
}

enum status store_each_control(struct store *store, const struct store_run *run,
                               void (*each)(void *context, const char *organization, struct address address,
                                            enum host_control control),
                               void *context)
{
    if (!knows_control(store))
        return STATUS_OK;
    struct statement rows = statement_start(store, STATEMENT_CONTROL_EACH);
    statement_run(&rows, run);
    while (statement_row(&rows)) {
        struct address address;
        int64_t control = column_integer(&rows, 2);
        if (control < CONTROL_UNASKED || control > CONTROL_NONE)
            statement_fail(&rows, SQLITE_CORRUPT);
        else if (column_address(&rows, 1, &address))
            each(context, column_text(&rows, 0), address, (enum host_control)control);
    }
    return statement_end(&rows);
}

enum status store_count_control(struct store *store, const struct store_run *run, const char *organization,
                                enum host_control control, uint64_t *hosts_out)
{
    *hosts_out = 0;
    if (!knows_control(store))
        return STATUS_OK;
    struct statement count = statement_start(store, STATEMENT_CONTROL_COUNT);
    statement_run(&count, run);
    statement_organizations(&count, organization);
    statement_integer(&count, control);
    *hosts_out = statement_row(&count) ? column_unsigned(&count, 0) : 0;
    return statement_end(&count);
}
