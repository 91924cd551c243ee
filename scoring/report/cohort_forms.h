#ifndef SCORING_REPORT_COHORT_FORMS_H
#define SCORING_REPORT_COHORT_FORMS_H

#include "scoring/report/report.h"
#include "scoring/roster.h"

/* The forms that cohorts of a store can take: table, json, jsonl. They show the report's `cohorts`.

   The records, one a line in jsonl, and gathered in one document in json:
   {"type":"basis","catalogue":"…","vantage":"internet","shard":1,"shards":1,"organizations":31,"calibration":null}
   {"type":"cohort",…}, as contract.md has it, with "gates" and "shown" (shares of organizations by their gate,
    and by the band that is shown), "deviation", "rank" among the "groups" of its key, and the ranks that it
    "could_be"
   {"type":"rank","key":"province","value":"…","org":"h001","rank":3,"of":31,"index":…,"index_exact":…,"band":"…",
    "gate":"…","run":"…","time":"…"}: every organization in its group, those that tie sharing a rank; the time
    is that of the run */
struct cohort_view {
    const struct roster *roster;
    const struct cohorts *cohorts; /* with the whole */
    const char *key;               /* of whose groups the organizations are named in a table; NULL: none */
    const struct g *g;             /* that the indices were read by; NULL: as stored */
};

extern const struct report_form *const cohort_forms[]; /* ended by NULL */
extern const struct report_form cohort_table, cohort_json, cohort_jsonl;

#endif
