#ifndef SCORING_REPORT_CHANGES_RECORDS_H
#define SCORING_REPORT_CHANGES_RECORDS_H

#include "scoring/changes.h"
#include "scoring/report/report.h"

#include <cjson/cJSON.h>

/* Changes as records, in the manner of records.h: NULL when memory is out, the caller deletes. */

/* {"type":"changes", which runs were compared, and how many changes of each kind there are}. */
cJSON *record_changes(const struct changes *changes);
/* {"type":"index_change"} of one organization. */
cJSON *record_index_change(const struct organization_change *change);
/* {"type":"change"} of one occurrence, with its deadline where the report has such and it is still to be mended. */
cJSON *record_change(const struct report *report, const struct change *change);
cJSON *record_endpoint_change(const struct endpoint_change *change);

/* All of them in that order, as lines. Nothing without changes. */
MUST_USE enum status changes_write_lines(const struct report *report, FILE *stream);
/* All of them as one JSON object. */
MUST_USE enum status changes_write_object(const struct report *report, FILE *stream);

#endif
