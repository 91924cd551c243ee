#ifndef SCORING_REPORT_RECORDS_H
#define SCORING_REPORT_RECORDS_H

#include <cjson/cJSON.h>

#include "scoring/report/report.h"

/* The records of contract.md ("Records") as cJSON objects, made and read here only. Each returns NULL when
   memory is out; the caller deletes. Times in RFC 3339 UTC with milliseconds; text is already safe (text.h).
 */
cJSON *record_run(const struct store_run *run);
/* An import that was used beside the run: "run", "format", "file", "sha256", "from", "until", "vantage", and for
   how many "organizations" and with how many "findings". */
cJSON *record_source(const struct evidence_import *import);
cJSON *record_observation(const char *organization, const struct observation *observation);
/* One name and one of its addresses: {"type":"name","org":…,"name":…,"kind":"carried|alias|excluded|outside|missing"}
   with "ip", or with "why" where there is none. */
cJSON *record_naming(const struct naming *naming);
cJSON *record_finding(const struct finding *finding);
/* A finding that the index leaves out: {"type":"marked"} for a false positive, else {"type":"accepted"}; where it is, and
   by whom, why and until when. */
cJSON *record_left_out(const struct finding *finding, const struct accepted_risk *risk, bool marked);
cJSON *record_scorecard(const struct catalogue *catalogue, const char *organization,
                        const struct scorecard *scorecard);
/* The items that were looked at for it. */
cJSON *record_assessed(const struct catalogue *catalogue, const struct report_organization *organization);
cJSON *record_coverage(const struct report_organization *organization);
struct cohort;
cJSON *record_cohort(const struct cohort *cohort);
cJSON *record_end(const struct report *report);

/* Reads back; complaints go to line `line` of the input. What is unknown is refused by name, an organization
   may be missing from an observation (then NULL). Texts are made safe. Whatever comes back, the caller
   deinits the finding or observation and frees the organization. */
MUST_USE enum status record_read_finding(const cJSON *record, unsigned line, struct complaints *complaints,
                                         struct finding *finding_out);
MUST_USE enum status record_read_observation(const cJSON *record, unsigned line,
                                             struct complaints *complaints, char **organization_out,
                                             struct observation *observation_out);
/* Of a scorecard its figures: assessed, index, index_exact, score and gate; the rest of *scorecard_out is empty. */
MUST_USE enum status record_read_scorecard(const cJSON *record, unsigned line, struct complaints *complaints,
                                           char **organization_out, struct scorecard *scorecard_out);
/* One line, ended by \n. Takes the record; NULL is STATUS_NO_MEMORY. */
MUST_USE enum status record_write(cJSON *record, FILE *stream);

#endif
