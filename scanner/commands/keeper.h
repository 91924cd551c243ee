#ifndef SCANNER_COMMANDS_KEEPER_H
#define SCANNER_COMMANDS_KEEPER_H

#include "scanner/scan.h"
#include "scoring/store.h"

/* Keeps in the store what a scan tells, in transactions that each leave a state from which it can be resumed
 * exactly. */
struct keeper {
    struct store *store;
    struct store_run *run;
    const struct scope *scope;
    struct store_count *counts; /* since the last commit */
    size_t counts_count, counts_capacity;
    uint64_t probes_before; /* of the run's earlier parts */
    int64_t committed_ns;
    bool finished_any, dirty;
    bool verbose; /* a line on standard error for each open port */
};

void keeper_init(struct keeper *keeper, struct store *store, struct store_run *run,
                 const struct scope *scope);
void keeper_deinit(struct keeper *keeper);
struct scan_listener keeper_listener(struct keeper *keeper);
/* Gives a resumed run's unfinished targets back to the scan. */
MUST_USE enum status keeper_resume(struct keeper *keeper, struct scan *scan);
/* Everything told is kept, whatever comes next: for the end of a scan, interrupted ones too. */
MUST_USE enum status keeper_keep(struct keeper *keeper);
/* The run is complete, its findings and scorecards are stored: nothing is left to resume. */
MUST_USE enum status keeper_complete(struct keeper *keeper);

#endif
