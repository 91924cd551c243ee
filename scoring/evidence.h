#ifndef SCORING_EVIDENCE_H
#define SCORING_EVIDENCE_H

#include "scoring/store.h"

/* What an index rests on: one scan, or none, and the imports that are in force at a moment.

   An import covers items of organizations, each for a time of its own. It is in force for such an item
   - with a window (`window_days`): as long as that time reaches into the window that ends at the moment, and
     what happened inside the window counts. Imports add up; only one whose time lies wholly within that of a
     later import of the same format is replaced by it.
   - without a window: until another import of the same format has covered the whole item for that organization
     at a later time, or at the same time and was imported later. What was concluded from open ports, or told of them,
     ends earlier, when the scan began after it, looked from the same vantage and assessed the item for that
     organization: what was seen last counts, of us or of others. Where the scan found the port open and could not
     say what answers (a fragile address, say), what the import said there stays.
   What begins after the moment is not known at it. Scan and imports add up: an item is assessed when one of
   them assessed it, and what two of them report of the same place is one occurrence (index.h). */

/* An import of the store, and how much of it was used. */
struct evidence_import {
    struct store_run run;
    size_t organizations; /* for how many it was in force */
    uint64_t findings;    /* that counted */
};

/* Findings of the scan that are not in the store. */
struct evidence_source {
    void *context;
    enum status (*each_finding)(void *context, const char *organization,
                                void (*each)(void *each_context, const struct finding *finding),
                                void *each_context);
};

struct evidence {
    struct store *store;
    const struct catalogue *catalogue;
    const struct store_run *scan;         /* NULL: none */
    const struct evidence_source *source; /* set by who has one; NULL: the store has them */
    int64_t moment_ms;
    struct evidence_import *imports; /* the newest first */
    size_t imports_count;
    struct covering *coverings; /* those in force for `organization` */
    size_t coverings_count;
    char *organization;
};

/* Borrows all; moment_ms 0: the scan alone. */
MUST_USE enum status evidence_init(struct evidence *evidence, struct store *store,
                                   const struct store_run *scan, const struct catalogue *catalogue,
                                   int64_t moment_ms);
void evidence_deinit(struct evidence *evidence);

/* Each of one organization. `from` is NULL for what the scan says. An item may come more than once. */
MUST_USE enum status evidence_each_assessed(struct evidence *evidence, const char *organization,
                                            void (*each)(void *context, struct evidence_import *from,
                                                         const char *item),
                                            void *context);
/* A finding of an import that says no exposure has that of the import's vantage. */
MUST_USE enum status evidence_each_finding(struct evidence *evidence, const char *organization,
                                           void (*each)(void *context, struct evidence_import *from,
                                                        const struct finding *finding),
                                           void *context);
/* Of the imports that are in force for any item of it, then the scan's, so that a reader for whom a later one
   replaces an earlier keeps what we saw ourselves. */
MUST_USE enum status evidence_each_observation(struct evidence *evidence, const char *organization,
                                               void (*each)(void *context, const char *organization,
                                                            const struct observation *observation),
                                               void *context);
/* Is the import in force for any item of the organization? */
MUST_USE enum status evidence_speaks(struct evidence *evidence, const struct evidence_import *from,
                                     const char *organization, bool *speaks_out);

#endif
