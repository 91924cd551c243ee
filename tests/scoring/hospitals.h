#ifndef TESTS_SCORING_HOSPITALS_H
#define TESTS_SCORING_HOSPITALS_H

#include "scoring/report/report.h"

/* Three hospitals with findings, observations in a store in memory, a scope with an accepted risk and a
   hostile name: what the forms are tested with. The catalogue is a small one of its own, so that no change of
   the built-in one changes what is expected. */
struct hospitals {
    struct catalogue catalogue;
    struct scope scope;
    struct store *store;
    struct store_run run;
    struct index *indices[3];
    struct scorecard scorecards[3];
    struct report_organization organizations[3];
    struct evidence evidence;
    struct report report;
};

void hospitals_init(struct hospitals *hospitals);
void hospitals_deinit(struct hospitals *hospitals);
/* What the form writes. Caller frees. */
char *hospitals_written(const struct hospitals *hospitals, const char *form);

#endif
