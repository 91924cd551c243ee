#ifndef SCORING_REPORT_LEFT_OUT_H
#define SCORING_REPORT_LEFT_OUT_H

#include "scoring/report/report.h"

/* Each finding of the organization that the index leaves out because the scope says so, with the scope's entry: an
   accepted risk, or a mark of a false positive. None where the report has no evidence. */
MUST_USE enum status left_out_each(const struct report *report, const struct report_organization *row,
                                   void (*each)(void *context, const struct finding *finding,
                                                const struct accepted_risk *risk, bool marked),
                                   void *context);

#endif
