#ifndef SCORING_REPORT_FILLED_H
#define SCORING_REPORT_FILLED_H

#include "scoring/report/report.h"

/* A finding with what it leaves out filled in as the index takes it (contract.md): confidence, asset,
   exposure. Its texts are the finding's own. */
struct finding finding_filled(const struct finding *finding, const struct report *report,
                              const struct report_organization *organization);

#endif
