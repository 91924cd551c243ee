#ifndef SCORING_CALIBRATION_MAP_H
#define SCORING_CALIBRATION_MAP_H

#include "scoring/calibration.h"

/* One fit, private to calibration*.c: g for these scores, which rise. *why_out as in calibration.h. The caller
   frees the knots. */
MUST_USE enum status calibration_power(const double *rising, size_t count,
                                       const struct calibration_target *target, struct g *g_out,
                                       const char **why_out);
MUST_USE enum status calibration_quantile(const double *rising, size_t count,
                                          const struct calibration_target *target, size_t knots,
                                          struct g *g_out, const char **why_out);

#endif
