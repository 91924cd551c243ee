#include <stdlib.h>

#include "scoring/store_statement.h"

/* What a run's names were resolved to, and why a run stopped. Layouts before the fourth have neither. */

static bool has_names(const struct store *store)
{
    return store->layout >= 4;
}

enum status store_names(struct store *store, const struct store_run *run, const struct namings *names)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < names->count && status == STATUS_OK; i++) {
        const struct naming *naming = &names->items[i];
        struct statement add = statement_start(store, STATEMENT_NAME_ADD);
        statement_run(&add, run);
        statement_unsigned(&add, i);
        statement_text(&add, naming->organization);
        statement_text(&add, naming->name);
        statement_integer(&add, naming->kind);
        statement_address(&add, naming->address);
        statement_text(&add, naming->why);
        status = statement_write(&add);
    }
    return status;
}

enum status store_find_names(struct store *store, const struct store_run *run, struct namings *names)
{
    if (!has_names(store))
        return STATUS_OK;
    enum status status = STATUS_OK;
    struct statement rows = statement_start(store, STATEMENT_NAME_EACH);
    statement_run(&rows, run);
    while (status == STATUS_OK && statement_row(&rows)) {
        struct naming naming = {.organization = column_copy(&rows, 0),
                                .name = column_copy(&rows, 1),
                                .why = column_copy(&rows, 4)};
        int64_t kind = column_integer(&rows, 2);
        naming.kind = (enum naming_kind)kind;
        if (kind < NAMING_CARRIED || kind > NAMING_MISSING || !naming.organization || !naming.name)
            statement_fail(&rows, SQLITE_CORRUPT);
        else if (column_address(&rows, 3, &naming.address))
            status = namings_copy(names, &naming);
        free(naming.organization);
        free(naming.name);
        free(naming.why);
    }
    enum status read = statement_end(&rows);
    if (status == STATUS_OK)
        status = read;
    return status == STATUS_OK ? namings_index(names) : status;
}

enum status store_set_stop(struct store *store, const struct store_run *run, const char *why)
{
    struct statement set = statement_start(store, why ? STATEMENT_STOP_SET : STATEMENT_STOP_CLEAR);
    statement_run(&set, run);
    if (why)
        statement_text(&set, why);
    return statement_write(&set);
}

enum status store_find_stop(struct store *store, const struct store_run *run, char **why_out)
{
    *why_out = NULL;
    if (!has_names(store))
        return STATUS_OK;
    struct statement find = statement_start(store, STATEMENT_STOP_FIND);
    statement_run(&find, run);
    if (statement_row(&find))
        *why_out = column_copy(&find, 0);
    enum status status = statement_end(&find);
    if (status != STATUS_OK) {
        free(*why_out);
        *why_out = NULL;
    }
    return status;
}
