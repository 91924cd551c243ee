#ifndef SCORING_SCORECARD_H
#define SCORING_SCORECARD_H

#include "scoring/standing.h"

/* The parts of a scorecard, each made from a standing; private to the index. Each is STATUS_OK or
   STATUS_NO_MEMORY, after which scorecard_deinit still holds. */

/* gate, gated_by. */
MUST_USE enum status scorecard_gate(const struct standing *standing, struct scorecard *scorecard);
/* items, occurrences; the standing is the same afterwards. */
MUST_USE enum status scorecard_items(struct standing *standing, struct scorecard *scorecard);
MUST_USE enum status scorecard_occurrences(struct standing *standing, struct scorecard *scorecard);
/* fixes; the standing's rollup is left as if they had been made. */
MUST_USE enum status scorecard_fixes(struct standing *standing, size_t most, struct scorecard *scorecard);

/* What the index gains without one occurrence of each level of an item. The caller frees; NULL: memory is out. */
double *standing_gains(struct standing *standing, size_t item);
/* The level of a weight that is among them. */
size_t levels_place(const struct levels *levels, double weight);
/* The standing of an index as it is now; the caller deinits. */
MUST_USE enum status index_stand(struct index *index, struct standing *standing_out);
const struct weighing *index_weighing(const struct index *index);

#endif
