#ifndef SCORING_EVALUATION_H
#define SCORING_EVALUATION_H

#include "scoring/report/report.h"

/* The scorecards of one run's organizations, from the findings and assessed items that the store holds. */
struct evaluation_options {
    const struct catalogue *catalogue;
    const struct scope *scope; /* NULL: organizations are those that the store names */
    const char *only;          /* one organization's id; NULL: all */
    double exposure;           /* of findings that name none */
    bool literal;
    int today; /* YYYYMMDD */
};

struct evaluation {
    struct report_organization *organizations;
    struct scorecard *scorecards;
    struct index **indices;
    struct organization *named; /* for organizations that no scope describes */
    size_t count;
    uint64_t findings;
    bool assessed_by_findings_only;
};

/* Borrows the scope. */
MUST_USE enum status evaluation_make(struct store *store, const struct store_run *run,
                                     const struct evaluation_options *options,
                                     struct evaluation *evaluation_out);
void evaluation_deinit(struct evaluation *evaluation);

#endif
