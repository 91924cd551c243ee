#ifndef SCANNER_COMMANDS_RESOLUTION_H
#define SCANNER_COMMANDS_RESOLUTION_H

#include "scoring/store.h"

/* What the names of a scope's organizations are in one run: resolved once, when it begins, and kept in the store with it,
   so that a resumed run asks nobody again. Fills *namings, which the caller deinits. What is not asked for a name, and
   names without an address, are said on standard error. -1, or the exit code. */
int resolution_make(struct store *store, const struct store_run *run, const struct scope *scope,
                    struct namings *namings);

#endif
