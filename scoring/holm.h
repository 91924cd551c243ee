#ifndef SCORING_HOLM_H
#define SCORING_HOLM_H

#include "targets/status.h"

#include <stddef.h>

/* Holm's step-down correction of p-values that are looked at together (Holm 1979): `adjusted_out` is each
   one's, in the same order, to be held against the level as if it stood alone. NAN stands for no test: it
   stays NAN and does not count among the others. */
MUST_USE enum status holm_adjust(const double *values, size_t count, double *adjusted_out);

#endif
