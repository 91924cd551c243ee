#ifndef SCANNER_COMMANDS_SINCE_H
#define SCANNER_COMMANDS_SINCE_H

#include "scanner/commands/present.h"

/* What changed since an earlier scan, for what presents a run. */
struct since {
    struct changes changes;
    bool known; /* there is an earlier scan, and the changes are made */
};

/* Does anything that is to be presented want it? */
bool since_wanted(const struct presentation *presentation);
/* From the scan that `id` names (NULL: the one before the run, if there is any; "none": nothing) to the run, which is one
   of the store's. Says on standard error when --fail-on new has nothing to compare with. Sets presentation->changes.
   -1, or an exit code. */
int since_make(struct since *since, struct store *store, const struct store_run *run, const char *id,
               struct presentation *presentation);
void since_deinit(struct since *since);

#endif
