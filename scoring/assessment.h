#ifndef SCORING_ASSESSMENT_H
#define SCORING_ASSESSMENT_H

#include "scoring/store.h"
#include "targets/scope.h"

/* From what a run has seen to findings (model.md §4), added to those that the run has in the store. Commits.
 */
MUST_USE enum status assessment_find(struct store *store, const struct store_run *run,
                                     const struct catalogue *catalogue);

/* The same, and which items count as assessed. One is assessed for an organization when one of its ports was
   asked at every address that is not excluded, and it was not left undetermined wherever it was looked at; an
   open port whose service is not known leaves the items of that port undetermined. A synthetic one does not: it was
   asked, and what answered there is whatever answers at all ports of that host, no service that could be exposed.
   Were it otherwise, one such proxy would leave every item of its organization open. Without a scope the most
   addresses that any port was asked at stand for all; where the run has no counts (bare observations), an
   item is assessed when one of them determined it. What is assessed by an import is written as what it covers,
   during its own time, and so are the items of its findings. */
MUST_USE enum status assessment_make(struct store *store, const struct store_run *run,
                                     const struct scope *scope, const struct catalogue *catalogue);

/* Where what is found goes. */
struct assessment_sink {
    void *context;
    /* The finding may be taken apart; who made it deinits it. */
    enum status (*found)(void *context, const struct finding *finding);
    enum status (*assessed)(void *context, const char *organization, const char *item);
    /* Before its findings; may be NULL. */
    enum status (*seen)(void *context, const char *organization, const struct observation *observation);
};
/* The same of a scan, told and not stored: nothing is written. */
MUST_USE enum status assessment_tell(struct store *store, const struct store_run *run,
                                     const struct scope *scope, const struct catalogue *catalogue,
                                     const struct assessment_sink *sink);

#endif
