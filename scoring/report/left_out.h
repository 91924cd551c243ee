#ifndef SCORING_REPORT_LEFT_OUT_H
#define SCORING_REPORT_LEFT_OUT_H

#include "scoring/report/report.h"
#include "scoring/sighting.h"

/* Which findings of one organization the index leaves out because the scope says so: accepted risks, and false
   positives. */
struct left_out {
    struct index_options options;
    struct weighing weighing;
};

/* Borrows the report; to be ended in any case. */
MUST_USE enum status left_out_begin(const struct report *report, const struct report_organization *row,
                                    struct left_out *left_out);
void left_out_end(struct left_out *left_out);
/* The scope's entry for a finding, and whether it is a mark of a false positive; NULL: the finding counts. */
const struct accepted_risk *left_out_risk(const struct left_out *left_out, const struct finding *finding,
                                          bool *marked_out);

#endif
