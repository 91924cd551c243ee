#ifndef SCORING_ASSESSMENT_H
#define SCORING_ASSESSMENT_H

#include "scoring/store.h"
#include "targets/scope.h"

/* From what a run has seen to findings and to what counts as assessed (model.md §4), written back into the
   store in place of what was there. An item is assessed for an organization when one of its ports was asked
   at every address that is not excluded, and it was not left undetermined wherever it was looked at; an open
   port whose service is not known leaves the items of that port undetermined. scope: NULL judges the
   observations alone, and then an item is assessed where one was determined. Commits. */
MUST_USE enum status assessment_make(struct store *store, const struct store_run *run,
                                     const struct scope *scope, const struct catalogue *catalogue);

#endif
