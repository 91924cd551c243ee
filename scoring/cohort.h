#ifndef SCORING_COHORT_H
#define SCORING_COHORT_H

#include "scoring/report/report.h"

/* Organizations taken together: all of them, each province, each level (model.md §1, §6). The index of a
   group is the mean of its organizations'; only those with an index count. */
struct cohort {
    const char *key;   /* "all", "province", "level" */
    const char *value; /* "all" for the whole; borrowed */
    size_t organizations;
    double mean;
    double interval[2]; /* Student's t, 95 %, within 0 to 1000; NAN for fewer than two */
    size_t bands[4];    /* by enum band */
};

struct cohorts {
    struct cohort *items; /* the whole first, then by key, then by value */
    size_t count;
};

MUST_USE enum status cohorts_make(const struct report_organization *organizations, size_t count,
                                  struct cohorts *cohorts_out);
void cohorts_deinit(struct cohorts *cohorts);

#endif
