#include <math.h>

#include "scoring/store_statement.h"

/* Findings, and the items that were assessed or covered. */

enum status store_clear_findings(struct store *store, const struct store_run *run)
{
    struct statement clear = statement_start(store, STATEMENT_FINDINGS_CLEAR);
    statement_run(&clear, run);
    return statement_write(&clear);
}

enum status store_finding(struct store *store, const struct store_run *run, const struct finding *finding)
{
    struct statement add = statement_start(store, STATEMENT_FINDING_ADD);
    statement_run(&add, run);
    statement_text(&add, finding->organization);
    statement_text(&add, finding->item);
    if (finding->has_address)
        statement_address(&add, finding->address);
    else
        statement_text(&add, NULL);
    statement_integer(&add, finding->port.number);
    statement_integer(&add, finding->port.transport);
    statement_text(&add, finding->key);
    statement_integer(&add, finding->confidence);
    statement_integer(&add, finding->asset);
    statement_number(&add, finding->exposure);
    statement_unsigned(&add, finding->count);
    statement_text(&add, finding->why);
    statement_text(&add, finding->facts);
    statement_integer(&add, finding->time_ms);
    statement_integer(&add, finding->judged);
    return statement_write(&add);
}

/* In the order of the columns. */
static void read_finding(struct statement *row, struct finding *finding)
{
    finding->organization = column_copy(row, 0);
    finding->item = column_copy(row, 1);
    finding->has_address = !column_is_null(row, 2);
    if (finding->has_address)
        column_address(row, 2, &finding->address);
    finding->port = (struct port){(uint16_t)column_integer(row, 3), (uint8_t)column_integer(row, 4)};
    finding->key = column_copy(row, 5);
    finding->confidence = (int)column_integer(row, 6);
    finding->asset = (int)column_integer(row, 7);
    finding->exposure = column_number(row, 8);
    finding->count = column_unsigned(row, 9);
    finding->why = column_copy(row, 10);
    finding->facts = column_copy(row, 11);
    finding->time_ms = column_integer(row, 12);
    finding->judged = column_integer(row, 13) != 0;
}

enum status store_each_finding(struct store *store, const struct store_run *run, const char *organization,
                               void (*each)(void *context, const struct finding *finding), void *context)
{
    struct statement rows = statement_start(store, STATEMENT_FINDING_EACH);
    statement_run(&rows, run);
    statement_organizations(&rows, organization);
    while (statement_row(&rows)) {
        struct finding finding = {.exposure = (double)NAN};
        read_finding(&rows, &finding);
        if (rows.code == SQLITE_OK)
            each(context, &finding);
        finding_deinit(&finding);
    }
    return statement_end(&rows);
}

/* Texts of a row that nobody changes. */
static char *borrow(const struct statement *row, int column)
{
    union {
        const char *read;
        char *kept;
    } text = {.read = column_text(row, column)};
    return column_is_null(row, column) ? NULL : text.kept;
}

bool column_spot(struct statement *statement, struct finding *finding_out)
{
    *finding_out = (struct finding){
        .organization = borrow(statement, 0),
        .item = borrow(statement, 1),
        .has_address = !column_is_null(statement, 2),
        .port = {(uint16_t)column_integer(statement, 3), (uint8_t)column_integer(statement, 4)},
        .key = borrow(statement, 5),
        .exposure = (double)NAN,
        .count = 1};
    return !finding_out->has_address || column_address(statement, 2, &finding_out->address);
}

enum status store_each_spot(struct store *store, const struct store_run *run,
                            void (*each)(void *context, const struct finding *finding), void *context)
{
    struct statement rows = statement_start(store, STATEMENT_SPOT_EACH);
    statement_run(&rows, run);
    while (statement_row(&rows)) {
        struct finding finding;
        if (column_spot(&rows, &finding))
            each(context, &finding);
    }
    return statement_end(&rows);
}

enum status store_assessed(struct store *store, const struct store_run *run, const char *organization,
                           const char *item)
{
    struct statement set = statement_start(store, STATEMENT_ASSESSED_SET);
    statement_run(&set, run);
    statement_text(&set, organization);
    statement_text(&set, item);
    return statement_write(&set);
}

enum status store_each_assessed(struct store *store, const struct store_run *run, const char *organization,
                                void (*each)(void *context, const char *item), void *context)
{
    struct statement rows = statement_start(store, STATEMENT_ASSESSED_EACH);
    statement_run(&rows, run);
    statement_organizations(&rows, organization);
    while (statement_row(&rows))
        each(context, column_text(&rows, 0));
    return statement_end(&rows);
}

enum status store_each_assessed_of_all(struct store *store, const struct store_run *run,
                                       void (*each)(void *context, const char *organization,
                                                    const char *item),
                                       void *context)
{
    struct statement rows = statement_start(store, STATEMENT_ASSESSED_ALL);
    statement_run(&rows, run);
    while (statement_row(&rows))
        each(context, column_text(&rows, 0), column_text(&rows, 1));
    return statement_end(&rows);
}

enum status store_covers(struct store *store, const struct store_run *run, const char *organization,
                         const struct store_covered *covered)
{
    struct statement set = statement_start(store, STATEMENT_COVERED_SET);
    statement_run(&set, run);
    statement_text(&set, organization);
    statement_text(&set, covered->item);
    statement_integer(&set, covered->from_ms);
    statement_integer(&set, covered->until_ms);
    statement_integer(&set, covered->whole);
    statement_integer(&set, covered->judged);
    return statement_write(&set);
}

enum status store_cover_findings(struct store *store, const struct store_run *run)
{
    struct statement set = statement_start(store, STATEMENT_COVERED_FROM_FINDINGS);
    statement_run(&set, run);
    statement_integer(&set, run->from_ms);
    statement_integer(&set, run->until_ms);
    return statement_write(&set);
}

enum status store_each_covered_organization(struct store *store,
                                            void (*each)(void *context, const char *organization),
                                            void *context)
{
    struct statement rows = statement_start(store, STATEMENT_COVERED_ORGANIZATIONS);
    while (statement_row(&rows))
        each(context, column_text(&rows, 0));
    return statement_end(&rows);
}

enum status store_each_covered(struct store *store, const char *organization,
                               void (*each)(void *context, const struct store_covered *covered),
                               void *context)
{
    struct statement rows = statement_start(store, STATEMENT_COVERED_EACH);
    statement_text(&rows, organization);
    while (statement_row(&rows)) {
        const struct store_covered covered = {.run = column_integer(&rows, 0),
                                              .item = column_text(&rows, 1),
                                              .from_ms = column_integer(&rows, 2),
                                              .until_ms = column_integer(&rows, 3),
                                              .whole = column_integer(&rows, 4) != 0,
                                              .judged = column_integer(&rows, 5) != 0};
        each(context, &covered);
    }
    return statement_end(&rows);
}
