#ifndef SCORING_REPORT_GROUP_H
#define SCORING_REPORT_GROUP_H

#include "scoring/cohort.h"
#include "scoring/report/report.h"

/* What the organizations of a report are together; of one alone the same figures. */

/* An item over all of them. */
struct group_item {
    size_t item;
    size_t organizations; /* that have it */
    uint64_t occurrences;
    double gain; /* of the mean index, were it alone mended everywhere: the mean of its gains */
};

struct group_domain {
    size_t assessed; /* organizations */
    double mean;     /* of their scores; NAN: nobody's */
    double least, most;
};

struct group {
    struct cohorts cohorts;
    const struct cohort *all; /* NULL: no organization has an index */
    struct group_item *items; /* those found, by gain falling, then by organizations, then id */
    size_t items_count;
    struct group_domain *domains;
    uint64_t authorized, asked, answered, open_hosts;
    bool counts_known; /* of every organization */
    uint64_t occurrences;
    double after_first; /* the mean index, had each done its first GROUP_FIRST fixes; NAN without an index */
    double after_all;   /* had each done all that it is proposed */
    double lowest, highest; /* the means of the bounds */
};

#define GROUP_FIRST 3

/* Borrows the report. */
MUST_USE enum status group_make(const struct report *report, struct group *group_out);
void group_deinit(struct group *group);

#endif
