#ifndef SCORING_STORE_STATEMENT_H
#define SCORING_STORE_STATEMENT_H

#include <sqlite3.h>

#include "scoring/store.h"

/* What the files of the store share: its statements, each prepared once and kept. Values are only ever bound.
 */

enum store_statement {
    STATEMENT_RUN_BEGIN,
    STATEMENT_RUN_FIND,
    STATEMENT_IMPORT_EACH,
    STATEMENT_RUN_NUMBER,
    STATEMENT_RUN_UPDATE,
    STATEMENT_PENDING_SET,
    STATEMENT_PENDING_CLEAR,
    STATEMENT_PENDING_EACH,
    STATEMENT_PACE_SET,
    STATEMENT_PACE_FIND,
    STATEMENT_ORDER_SET,
    STATEMENT_ORDER_FIND,
    STATEMENT_NAME_ADD,
    STATEMENT_NAME_EACH,
    STATEMENT_STOP_SET,
    STATEMENT_STOP_CLEAR,
    STATEMENT_STOP_FIND,
    STATEMENT_COUNT_ADD,
    STATEMENT_COUNT_EACH,
    STATEMENT_NAMED_EACH,
    STATEMENT_HOST_SET,
    STATEMENT_HOST_COUNT,
    STATEMENT_HOST_EACH,
    STATEMENT_HOST_CONTROL,
    STATEMENT_CONTROL_EACH,
    STATEMENT_CONTROL_COUNT,
    STATEMENT_OBSERVATION_SET,
    STATEMENT_OBSERVATION_ADD,
    STATEMENT_OBSERVATION_EACH,
    STATEMENT_OBSERVATION_AT,
    STATEMENT_OBSERVATION_DROP,
    STATEMENT_OPEN_EACH,
    STATEMENT_FINDINGS_CLEAR,
    STATEMENT_FINDING_ADD,
    STATEMENT_FINDING_EACH,
    STATEMENT_ASSESSED_SET,
    STATEMENT_ASSESSED_EACH,
    STATEMENT_COVERED_SET,
    STATEMENT_COVERED_FROM_FINDINGS,
    STATEMENT_COVERED_ORGANIZATIONS,
    STATEMENT_COVERED_EACH,
    STATEMENT_ORGANIZATION_SET,
    STATEMENT_ORGANIZATION_EACH,
    STATEMENT_SCORECARD_SET,
    STATEMENT_SCORECARD_EACH,
    STATEMENT_NEWEST_EACH,
    STATEMENT_RUN_EACH,
    STATEMENT_SPOT_EACH,
    STATEMENT_ASSESSED_ALL,
    STATEMENT_FIRST_TABLE,
    STATEMENT_FIRST_MISS,
    STATEMENT_FIRST_MEET,
    STATEMENT_FIRST_LAPSE,
    STATEMENT_FIRST_EACH,
    STATEMENTS,
};

#define STORE_MESSAGE_MAX 512

struct store {
    sqlite3 *database;
    bool write;
    int64_t layout; /* of the file; older than this program's only where it may not be written */
    sqlite3_stmt *kept[STATEMENTS];
    char run_id[37]; /* whose number is run; "" at first */
    int64_t run;
    char message[STORE_MESSAGE_MAX];
};

/* The layout, made in one go (store_layout.c). */
extern const char store_tables[];
#define STORE_LAYOUT 4
/* What makes a layout the next one, from layout 1 on. */
extern const char *const store_upgrades[STORE_LAYOUT];
/* Text of each statement. */
extern const char *const store_statements[STATEMENTS];

/* One use of a statement. Parameters are bound in order; the first failure sticks, and later calls do
 * nothing.
 */
struct statement {
    struct store *store;
    enum store_statement which;
    sqlite3_stmt *handle; /* NULL when it could not be had */
    int bound;
    int code; /* SQLite's; SQLITE_OK while all is well */
};

struct statement statement_start(struct store *store, enum store_statement which);
void statement_integer(struct statement *statement, int64_t value);
void statement_unsigned(struct statement *statement, uint64_t value); /* the same 64 bits, signed */
void statement_number(struct statement *statement, double value);     /* NAN is NULL */
void statement_text(struct statement *statement, const char *text);   /* NULL is NULL; borrowed */
void statement_bytes(struct statement *statement, const void *bytes, size_t size);
/* 16 bytes that order as addresses do. */
void statement_address(struct statement *statement, struct address address);
/* Binds the run's own number. STATUS_MISMATCH at the end when the store has no such run. */
void statement_run(struct statement *statement, const struct store_run *run);
/* Binds two bounds, between which (both included) there is this organization alone, or every one for NULL:
   an empty blob stands above every text. */
void statement_organizations(struct statement *statement, const char *organization);

/* Fetches the next row; false at the end and after a failure. */
bool statement_row(struct statement *statement);
/* Column values of the row; text lives until the next row, "" where there is NULL. */
int64_t column_integer(const struct statement *statement, int column);
uint64_t column_unsigned(const struct statement *statement, int column);
double column_number(const struct statement *statement, int column); /* NULL is NAN */
const char *column_text(const struct statement *statement, int column);
bool column_is_null(const struct statement *statement, int column);
/* A copy; NULL for NULL, and (with the failure kept) when memory is out. */
char *column_copy(struct statement *statement, int column);
/* False, with the failure kept, when it is not an address. */
bool column_address(struct statement *statement, int column, struct address *address_out);
/* Of a finding what tells where it is: organization, item, address, port, transport, key, in this order from the first
   column on. Texts are the row's; false, with the failure kept, when the address is none. */
struct finding;
bool column_spot(struct statement *statement, struct finding *finding_out);
size_t column_bytes(const struct statement *statement, int column, const void **bytes_out);
/* Keeps a failure of the caller's own: SQLITE_CORRUPT for a row that cannot be, SQLITE_NOMEM. */
void statement_fail(struct statement *statement, int code);

/* Gives it back and tells how it went. */
MUST_USE enum status statement_end(struct statement *statement);
/* A statement that writes: opens the transaction when there is none, runs, gives back. */
MUST_USE enum status statement_write(struct statement *statement);

/* Keeps the message and maps SQLite's code to a status. */
MUST_USE enum status store_failed(struct store *store, int code);

#endif
