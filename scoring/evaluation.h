#ifndef SCORING_EVALUATION_H
#define SCORING_EVALUATION_H

#include "scoring/report/report.h"

/* The scorecards of organizations, from the findings and assessed items that the store holds: of a run, and of
   the imports that are in force beside it (evidence.h). */
struct evaluation_options {
    const struct catalogue *catalogue;
    const struct scope *scope; /* NULL: organizations are those that the store names */
    const char *only;          /* one organization's id; NULL: all */
    double exposure;           /* of findings that name none */
    bool literal;
    bool without_occurrences; /* nobody asks for them, so that each organization's findings are forgotten once
                                 they are scored (index.h) */
    int today;                /* YYYYMMDD */
    int64_t moment_ms;        /* at which imports are in force; 0: the run alone */
};

struct evaluation {
    struct report_organization *organizations;
    struct scorecard *scorecards;
    struct index **indices; /* one for each, or the first for all where there are no occurrences */
    struct evidence evidence;
    struct organization *named; /* for organizations that no scope describes */
    size_t count;
    uint64_t findings;
    bool assessed_by_findings_only;
};

/* What the index of one organization is made with. */
struct index_options evaluation_index_options(const struct evaluation_options *options,
                                              const struct organization *organization);
/* One of which nothing but the id is known; to be deinited in any case. */
MUST_USE enum status evaluation_name_organization(const char *id, struct organization *organization_out);

/* Borrows all. run NULL: imports alone. */
MUST_USE enum status evaluation_make(struct store *store, const struct store_run *run,
                                     const struct evaluation_options *options,
                                     struct evaluation *evaluation_out);
void evaluation_deinit(struct evaluation *evaluation);

#endif
