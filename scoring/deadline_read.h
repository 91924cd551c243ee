#ifndef SCORING_DEADLINE_READ_H
#define SCORING_DEADLINE_READ_H

#include "scoring/deadline.h"
#include "targets/document.h"

/* A file of deadlines on its way in; private to deadline*.c. */

/* What the rules are asked. */
struct deadline_case {
    bool exploited, exposed, automatable, total;
};

bool deadline_fits(enum deadline_asked asked, bool is);
/* The first that fits, or NULL. */
const struct deadline_rule *deadline_rule(const struct deadlines *deadlines, struct deadline_case of);

/* Fills deadlines that are zeroed; what there is after a mistake is for deadlines_deinit alone. */
MUST_USE enum status deadlines_read(struct deadlines *deadlines, const struct document *document,
                                    struct complaints *complaints);

#endif
