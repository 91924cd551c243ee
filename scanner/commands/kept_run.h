#ifndef SCANNER_COMMANDS_KEPT_RUN_H
#define SCANNER_COMMANDS_KEPT_RUN_H

#include "scanner/commands/keeper.h"
#include "scanner/commands/present.h"

/* A run that scan or replay makes and a store keeps: its beginning and its end. */

/* What it is made of. */
struct kept_run_source {
    const struct scope *scope;
    const struct catalogue *catalogue;
    const struct plan *plan;
    enum vantage vantage;
    const char *engine;
};
/* Begins a run in the store, with the scope's organizations. Seed, shard, shards and attempts of the run are the
   caller's to set before, the rest is zero; whatever comes back, it is to be deinited. Commits nothing. */
MUST_USE enum status kept_run_begin(struct store *store, struct store_run *run,
                                    const struct kept_run_source *source);
/* Everything was told to the keeper: makes findings and scorecards, presents them, since the scan before too unless
   `since` is "none" (since.h), and completes the run. An exit code. */
int kept_run_end(struct keeper *keeper, struct presentation *presentation, const char *since,
                 const char *store_path);

#endif
