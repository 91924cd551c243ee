#ifndef SCANNER_COMMANDS_KEEPER_H
#define SCANNER_COMMANDS_KEEPER_H

#include "scanner/commands/tally.h"
#include "scanner/scan.h"

/* Keeps in the store what a scan tells, in transactions that each leave a state from which it can be resumed
 * exactly. */
struct keeper {
    struct store *store;
    struct store_run *run;
    const struct scope *scope;
    struct tally tally; /* since the last commit */
    struct store_pace pace;
    uint64_t probes_before; /* of the run's earlier parts */
    bool verbose;           /* a line on standard error for each open port */
};

void keeper_init(struct keeper *keeper, struct store *store, struct store_run *run,
                 const struct scope *scope);
void keeper_deinit(struct keeper *keeper);
/* Without `settled`: that is keeper_settle. */
struct scan_listener keeper_listener(struct keeper *keeper);
/* What was told since the last time is kept in one transaction, with the scan's totals so far and, when the scan has a
   sweep, what sweep_save gave at the same moment: sweep is the keeper's from now on, NULL: none. */
MUST_USE enum status keeper_settle(struct keeper *keeper, const struct scan_totals *totals, uint8_t *sweep,
                                   size_t sweep_size);
/* Gives a resumed run's unfinished targets, and its sweep, back to the scan. */
MUST_USE enum status keeper_resume(struct keeper *keeper, struct scan *scan);
/* The silent targets of a sweep that is over: what the plan has beyond those that came to another end. Adds nothing
   when it was done before. */
MUST_USE enum status keeper_count_silent(struct keeper *keeper, const struct plan *plan);
/* Everything told is kept, whatever comes next: for the end of a scan, interrupted ones too. */
MUST_USE enum status keeper_keep(struct keeper *keeper);
/* The run is complete, its findings and scorecards are stored: nothing is left to resume. */
MUST_USE enum status keeper_complete(struct keeper *keeper);

#endif
