#include "scoring/store_statement.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_BYTES 16

enum status store_failed(struct store *store, int code)
{
    if (code == SQLITE_OK)
        return STATUS_OK;
    if (code == SQLITE_NOMEM)
        return STATUS_NO_MEMORY;
    bool own = (sqlite3_errcode(store->database) & 0xff) != (code & 0xff);
    snprintf(store->message, sizeof store->message, "%s",
             own ? sqlite3_errstr(code) : sqlite3_errmsg(store->database));
    return STATUS_STORE;
}

/* A kept statement is taken out while in use, so that a callback may use the same one. */
static sqlite3_stmt *take(struct store *store, enum store_statement which, int *code_out)
{
    sqlite3_stmt *handle = store->kept[which];
    store->kept[which] = NULL;
    *code_out = SQLITE_OK;
    if (!handle)
        *code_out = sqlite3_prepare_v3(store->database, store_statements[which], -1,
                                       SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    return handle;
}

static void give(struct store *store, enum store_statement which, sqlite3_stmt *handle)
{
    sqlite3_reset(handle);
    sqlite3_clear_bindings(handle);
    if (store->kept[which])
        sqlite3_finalize(handle);
    else
        store->kept[which] = handle;
}

struct statement statement_start(struct store *store, enum store_statement which)
{
    struct statement statement = {.store = store, .which = which};
    statement.handle = take(store, which, &statement.code);
    return statement;
}

void statement_fail(struct statement *statement, int code)
{
    if (statement->code == SQLITE_OK)
        statement->code = code;
}

/* The number of the next parameter, or 0 after a failure. */
static int next(struct statement *statement)
{
    return statement->code == SQLITE_OK ? ++statement->bound : 0;
}

void statement_integer(struct statement *statement, int64_t value)
{
    int at = next(statement);
    if (at)
        statement->code = sqlite3_bind_int64(statement->handle, at, value);
}

void statement_unsigned(struct statement *statement, uint64_t value)
{
    int64_t same = 0;
    memcpy(&same, &value, sizeof same);
    statement_integer(statement, same);
}

void statement_number(struct statement *statement, double value)
{
    int at = next(statement);
    if (at)
        statement->code = sqlite3_bind_double(statement->handle, at, value);
}

void statement_text(struct statement *statement, const char *text)
{
    int at = next(statement);
    if (at)
        statement->code = sqlite3_bind_text(statement->handle, at, text, -1, SQLITE_STATIC);
}

void statement_bytes(struct statement *statement, const void *bytes, size_t size)
{
    int at = next(statement);
    if (at)
        statement->code = sqlite3_bind_blob64(statement->handle, at, bytes, size, SQLITE_TRANSIENT);
}

void statement_address(struct statement *statement, struct address address)
{
    uint8_t bytes[ADDRESS_BYTES];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(address.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(address.low >> (56 - 8 * i));
    }
    statement_bytes(statement, bytes, sizeof bytes);
}

void statement_run(struct statement *statement, const struct store_run *run)
{
    struct store *store = statement->store;
    if (strcmp(store->run_id, run->id) != 0) {
        struct statement find = statement_start(store, STATEMENT_RUN_NUMBER);
        statement_text(&find, run->id);
        bool found = statement_row(&find);
        store->run = found ? column_integer(&find, 0) : 0;
        snprintf(store->run_id, sizeof store->run_id, "%s", found ? run->id : "");
        statement_fail(statement, find.code);
        statement_fail(statement, found ? SQLITE_OK : SQLITE_NOTFOUND);
        if (statement_end(&find) != STATUS_OK)
            store->run_id[0] = 0;
    }
    statement_integer(statement, store->run);
}

void statement_organizations(struct statement *statement, const char *organization)
{
    statement_text(statement, organization ? organization : "");
    if (organization)
        statement_text(statement, organization);
    else
        statement_bytes(statement, "", 0);
}

bool statement_row(struct statement *statement)
{
    if (statement->code != SQLITE_OK)
        return false;
    int code = sqlite3_step(statement->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        statement->code = code;
    return code == SQLITE_ROW;
}

int64_t column_integer(const struct statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

uint64_t column_unsigned(const struct statement *statement, int column)
{
    int64_t value = column_integer(statement, column);
    uint64_t same = 0;
    memcpy(&same, &value, sizeof same);
    return same;
}

bool column_is_null(const struct statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

double column_number(const struct statement *statement, int column)
{
    return column_is_null(statement, column) ? (double)NAN : sqlite3_column_double(statement->handle, column);
}

const char *column_text(const struct statement *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement->handle, column);
    return text ? (const char *)text : "";
}

char *column_copy(struct statement *statement, int column)
{
    if (statement->code != SQLITE_OK || column_is_null(statement, column))
        return NULL;
    char *copy = strdup(column_text(statement, column));
    if (!copy)
        statement_fail(statement, SQLITE_NOMEM);
    return copy;
}

size_t column_bytes(const struct statement *statement, int column, const void **bytes_out)
{
    *bytes_out = sqlite3_column_blob(statement->handle, column);
    return *bytes_out ? (size_t)sqlite3_column_bytes(statement->handle, column) : 0;
}

bool column_address(struct statement *statement, int column, struct address *address_out)
{
    const void *blob = NULL;
    size_t size = column_bytes(statement, column, &blob);
    struct cursor cursor = cursor_over_block(blob, size);
    address_out->high = cursor_u64be(&cursor);
    address_out->low = cursor_u64be(&cursor);
    if (size != ADDRESS_BYTES)
        statement_fail(statement, SQLITE_CORRUPT);
    return size == ADDRESS_BYTES;
}

enum status statement_end(struct statement *statement)
{
    int code = statement->code;
    enum status status = code == SQLITE_NOTFOUND ? STATUS_MISMATCH : store_failed(statement->store, code);
    if (statement->handle)
        give(statement->store, statement->which, statement->handle);
    statement->handle = NULL;
    return status;
}

enum status statement_write(struct statement *statement)
{
    if (statement->code == SQLITE_OK && sqlite3_get_autocommit(statement->store->database))
        statement->code = sqlite3_exec(statement->store->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    while (statement_row(statement))
        ;
    return statement_end(statement);
}
