#include <stdlib.h>
#include <string.h>

#include "scoring/store_statement.h"

/* How fast and how surely a scan asked, and where its sweep stands. */

enum status store_set_pace(struct store *store, const struct store_run *run, const struct store_pace *pace)
{
    struct statement set = statement_start(store, STATEMENT_PACE_SET);
    statement_run(&set, run);
    statement_number(&set, pace->rate);
    statement_unsigned(&set, pace->burst);
    statement_number(&set, pace->recall);
    statement_unsigned(&set, pace->lost);
    statement_bytes(&set, pace->sweep, pace->sweep_size);
    return statement_write(&set);
}

static void copy_sweep(struct statement *find, int column, struct store_pace *pace)
{
    const void *bytes;
    pace->sweep_size = column_bytes(find, column, &bytes);
    if (pace->sweep_size == 0)
        return;
    pace->sweep = malloc(pace->sweep_size);
    if (pace->sweep)
        memcpy(pace->sweep, bytes, pace->sweep_size);
    else
        statement_fail(find, SQLITE_NOMEM);
}

enum status store_find_pace(struct store *store, const struct store_run *run, struct store_pace *pace_out)
{
    *pace_out = (struct store_pace){.recall = 1};
    struct statement find = statement_start(store, STATEMENT_PACE_FIND);
    statement_run(&find, run);
    if (statement_row(&find)) {
        pace_out->rate = column_number(&find, 0);
        pace_out->burst = column_unsigned(&find, 1);
        pace_out->recall = column_number(&find, 2);
        pace_out->lost = column_unsigned(&find, 3);
        copy_sweep(&find, 4, pace_out);
    } else {
        statement_fail(&find, SQLITE_NOTFOUND);
    }
    enum status status = statement_end(&find);
    if (status != STATUS_OK)
        store_pace_deinit(pace_out);
    return status;
}

void store_pace_deinit(struct store_pace *pace)
{
    free(pace->sweep);
    *pace = (struct store_pace){.recall = 1};
}

enum status store_set_order(struct store *store, const struct store_run *run, uint64_t proof)
{
    struct statement set = statement_start(store, STATEMENT_ORDER_SET);
    statement_run(&set, run);
    statement_unsigned(&set, proof);
    return statement_write(&set);
}

enum status store_find_order(struct store *store, const struct store_run *run, uint64_t *proof_out)
{
    struct statement find = statement_start(store, STATEMENT_ORDER_FIND);
    statement_run(&find, run);
    if (statement_row(&find))
        *proof_out = column_unsigned(&find, 0);
    else
        statement_fail(&find, SQLITE_NOTFOUND);
    return statement_end(&find);
}
