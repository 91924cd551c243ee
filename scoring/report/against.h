#ifndef SCORING_REPORT_AGAINST_H
#define SCORING_REPORT_AGAINST_H

#include "scoring/comparison.h"
#include "scoring/report/report.h"

/* The organizations of a report against a baseline: the comparison with what it borrows. */
struct against {
    struct exposures exposures;
    struct census census;
    struct census_options subject;
    struct comparison comparison;
};

/* Counts the report's run, and takes indices and names from the report; borrows report and baseline. To be deinited
   after STATUS_OK only. */
MUST_USE enum status against_make(struct store *store, const struct report *report,
                                  const struct baseline *baseline, struct against *against_out);
void against_deinit(struct against *against);

#endif
