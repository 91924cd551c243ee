#ifndef SCORING_BASELINE_BUILD_H
#define SCORING_BASELINE_BUILD_H

#include "scoring/census.h"

/* A baseline out of a store: each exposure that was asked, as a share of each of the denominators, which stay
   apart; the mean index and the bands. What was not asked everywhere is a bound ("above"). STATUS_MISMATCH: there
   is nothing to make a figure of. */
MUST_USE enum status baseline_build(const struct census *census, const struct exposures *exposures,
                                    const struct catalogue *catalogue, const struct census_options *subject,
                                    const char *name, struct baseline *baseline_out);

#endif
