#ifndef SCORING_REPORT_SARIF_PARTS_H
#define SCORING_REPORT_SARIF_PARTS_H

#include <cjson/cJSON.h>

#include "scoring/report/doors.h"

/* The parts of SARIF's results and rules (SARIF 2.1.0 §3.27, §3.49). Each value is the caller's; NULL when memory is
   out. Texts of others are made safe. */

/* "error", "warning", "note", by the severity of the item. */
const char *sarif_level(int severity);
/* An item as a reportingDescriptor; its security-severity is on the scale of 0 to 10 that code hosts sort by. */
cJSON *sarif_rule(const struct report *report, size_t item);
/* What is where, and what answered there. */
cJSON *sarif_message(const struct report *report, const struct report_organization *row,
                     const struct door *door, const char *place);
cJSON *sarif_locations(const struct report_organization *row, const struct finding *finding,
                       const char *place);
/* Why the finding is left out of the index. */
cJSON *sarif_suppressions(const struct accepted_risk *risk);
/* "new", "unchanged"; change NULL: it was not known before. */
const char *sarif_baseline_state(const struct change *change);
/* What has no place of its own in SARIF: organization, gain, weight, deadline. */
cJSON *sarif_properties(const struct report *report, const struct report_organization *row,
                        const struct door *door);
/* The organizations' indices, bands and coverage. */
cJSON *sarif_indices(const struct report *report);

#endif
