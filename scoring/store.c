#include "scoring/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scoring/store_statement.h"

#define APPLICATION_ID 0x61757363 /* "ausc", SQLite file format §1.3.16 */
#define BUSY_MS        10000

const char *store_message(const struct store *store)
{
    return store ? store->message : "out of memory";
}

static enum status refuse(struct store *store, const char *what)
{
    snprintf(store->message, sizeof store->message, "%s", what);
    return STATUS_STORE;
}

static enum status execute(struct store *store, const char *sql)
{
    return store_failed(store, sqlite3_exec(store->database, sql, NULL, NULL, NULL));
}

/* The single whole number that a statement gives. */
static enum status ask(struct store *store, const char *sql, int64_t *answer_out)
{
    sqlite3_stmt *statement = NULL;
    *answer_out = 0;
    int code = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *answer_out = sqlite3_column_int64(statement, 0);
    enum status status = store_failed(store, code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code);
    sqlite3_finalize(statement);
    return status;
}

struct file_marks {
    int64_t application, layout, tables;
};

static enum status read_marks(struct store *store, struct file_marks *marks_out)
{
    enum status status = ask(store, "PRAGMA application_id", &marks_out->application);
    if (status == STATUS_OK)
        status = ask(store, "PRAGMA user_version", &marks_out->layout);
    if (status == STATUS_OK)
        status = ask(store, "SELECT count(*) FROM sqlite_master", &marks_out->tables);
    return status;
}

static bool untouched(const struct file_marks *marks)
{
    return marks->application == 0 && marks->layout == 0 && marks->tables == 0;
}

static enum status check_marks(struct store *store, const struct file_marks *marks)
{
    if (marks->application != APPLICATION_ID)
        return refuse(store, "it is an SQLite file of another program, not a store of auscult");
    if (marks->layout < 1 || marks->layout > STORE_LAYOUT)
        return refuse(store, "it was written by a newer auscult, whose layout this one does not know");
    return STATUS_OK;
}

static bool is_older(const struct file_marks *marks)
{
    return marks->layout >= 1 && marks->layout < STORE_LAYOUT;
}

/* An older layout becomes this one where it may be written; else it is read as it is. */
static enum status bring_up(struct store *store, struct file_marks *marks)
{
    char marks_sql[64];
    snprintf(marks_sql, sizeof marks_sql, "PRAGMA user_version = %d; COMMIT", STORE_LAYOUT);
    enum status status = execute(store, "BEGIN IMMEDIATE");
    if (status == STATUS_OK)
        status = read_marks(store, marks);
    if (status == STATUS_OK && !is_older(marks)) /* another process did it at this moment */
        return execute(store, "ROLLBACK");
    for (int64_t layout = marks->layout; status == STATUS_OK && layout < STORE_LAYOUT; layout++)
        status = execute(store, store_upgrades[layout]);
    if (status == STATUS_OK)
        status = execute(store, marks_sql);
    return status == STATUS_OK ? read_marks(store, marks) : status;
}

/* Looks again under the lock, since another process may make the same file at this moment. */
static enum status make_tables(struct store *store)
{
    char marks_sql[96];
    struct file_marks marks = {0};
    snprintf(marks_sql, sizeof marks_sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             APPLICATION_ID, STORE_LAYOUT);
    enum status status = execute(store, "BEGIN IMMEDIATE");
    if (status == STATUS_OK)
        status = read_marks(store, &marks);
    if (status == STATUS_OK && !untouched(&marks))
        return execute(store, "ROLLBACK");
    if (status == STATUS_OK)
        status = execute(store, store_tables);
    return status == STATUS_OK ? execute(store, marks_sql) : status;
}

static enum status prepare_file(struct store *store)
{
    struct file_marks marks = {0};
    enum status status = read_marks(store, &marks);
    if (status == STATUS_OK && store->write && untouched(&marks)) {
        status = make_tables(store);
        if (status == STATUS_OK)
            status = read_marks(store, &marks);
    }
    if (status == STATUS_OK && store->write && marks.application == APPLICATION_ID && is_older(&marks))
        status = bring_up(store, &marks);
    if (status == STATUS_OK)
        status = check_marks(store, &marks);
    store->layout = marks.layout;
    if (status != STATUS_OK || !store->write)
        return status;
    /* Only now, for this changes the file. What a statement sets aside is kept in memory: who scans may make no file. */
    return execute(store,
                   "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY");
}

/* What a store says is nobody's business but its owner's. */
static bool make_private(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
    return file >= 0;
}

static enum status open_file(struct store *store, const char *path)
{
    /* SQLite gives a meaning of its own to names that begin with a colon. */
    char *name = path ? sqlite3_mprintf(path[0] == ':' ? "./%s" : "%s", path) : sqlite3_mprintf(":memory:");
    if (!name)
        return STATUS_NO_MEMORY;
    int code = SQLITE_OK;
    if (path && store->write && !make_private(name))
        snprintf(store->message, sizeof store->message, "%s", strerror(errno));
    else
        code = sqlite3_open_v2(name, &store->database,
                               (store->write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                                   SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
                               NULL);
    sqlite3_free(name);
    if (store->message[0])
        return STATUS_STORE;
    if (code != SQLITE_OK)
        return store->database ? store_failed(store, code) : STATUS_NO_MEMORY;
    sqlite3_extended_result_codes(store->database, 0);
    sqlite3_busy_timeout(store->database, BUSY_MS);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    return STATUS_OK;
}

enum status store_open(const char *path, bool write, struct store **store_out)
{
    struct store *store = *store_out = calloc(1, sizeof *store);
    if (!store)
        return STATUS_NO_MEMORY;
    store->write = write;
    enum status status = open_file(store, path);
    if (status == STATUS_OK)
        status = prepare_file(store);
    if (status == STATUS_OK)
        return STATUS_OK;
    if (sqlite3_errcode(store->database) == SQLITE_NOTADB)
        status = refuse(store, "it is no SQLite file, so no store of auscult");
    sqlite3_close(store->database);
    store->database = NULL;
    if (status != STATUS_STORE)
        store_close(store_out);
    return status;
}

enum status store_commit(struct store *store)
{
    if (!store->database || sqlite3_get_autocommit(store->database))
        return STATUS_OK;
    return execute(store, "COMMIT");
}

enum status store_rollback(struct store *store)
{
    store->run_id[0] = 0; /* a run that was begun since then is gone, and its number may be given again */
    if (!store->database || sqlite3_get_autocommit(store->database))
        return STATUS_OK;
    return execute(store, "ROLLBACK");
}

void store_close(struct store **store)
{
    if (!*store)
        return;
    (void)!store_commit(*store);
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize((*store)->kept[i]);
    sqlite3_close((*store)->database);
    free(*store);
    *store = NULL;
}
