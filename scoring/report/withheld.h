#ifndef SCORING_REPORT_WITHHELD_H
#define SCORING_REPORT_WITHHELD_H

#include "scoring/report/report.h"

/* What stands in a report in place of what is kept from its readers, for an authority that may see indices and
   counts but not doors. */
struct withheld {
    struct organization *organizations;
    struct report_organization *rows;
    size_t count;
    struct changes *changes; /* NULL: the report has none */
};

/* Takes out of the report all that says where or how something was found, so that no form can show it: evidence, the
   scope with its assets and accepted risks, the lists of changes, and of the organizations all but id, name, tags and
   informatization. Counts, scorecards and the names of cohorts stay. Its scorecards must have been made without occurrences
   (index.h), which fails otherwise with STATUS_MISMATCH. The report is good for as long as *withheld_out is,
   which is deinited in any case. */
MUST_USE enum status report_withhold(struct report *report, struct withheld *withheld_out);
void withheld_deinit(struct withheld *withheld);

#endif
