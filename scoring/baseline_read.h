#ifndef SCORING_BASELINE_READ_H
#define SCORING_BASELINE_READ_H

#include "scoring/baseline.h"
#include "targets/document.h"

/* Private to baseline*.c. */

extern const char *const denominator_words[]; /* by enum denominator, ended by NULL */
extern const char *const figure_bounds[];     /* by enum figure_bound, ended by NULL */

/* STATUS_WRONG_FILE when a complaint came; what was read until then is the baseline's. */
MUST_USE enum status baseline_read(struct baseline *baseline, const struct document *document,
                                   struct complaints *complaints);

#endif
