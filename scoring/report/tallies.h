#ifndef SCORING_REPORT_TALLIES_H
#define SCORING_REPORT_TALLIES_H

#include "scoring/report/report.h"

/* Counts that several forms show. */

#define SEVERITY_MOST 5

/* Findings that count, of items of this severity, or of any for 0. */
uint64_t tally_severity(const struct catalogue *catalogue, const struct scorecard *scorecard, int severity);

/* Open ports of one organization by what answered there, in the order of the services' names. */
struct service_tally {
    struct service_ports {
        const char *service; /* static */
        uint64_t ports;
    } * items;
    size_t count;
};
/* An endpoint that two sources saw counts once. Deinit in any case. */
MUST_USE enum status service_tally_make(const struct report *report, const char *organization,
                                        struct service_tally *tally_out);
void service_tally_deinit(struct service_tally *tally);

#endif
