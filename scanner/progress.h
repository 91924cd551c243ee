#ifndef SCANNER_PROGRESS_H
#define SCANNER_PROGRESS_H

#include "scanner/scan.h"

/* One line on a terminal's standard error: done, rate, open, time left. */
struct progress {
    bool shown;
    int64_t last_ns;
    int64_t begun_ns;
    uint64_t first_finished; /* in earlier parts, when resumed */
    uint64_t last_probes;
    double rate; /* smoothed */
};

void progress_init(struct progress *progress, uint64_t first_finished, int64_t now_ns);
/* At most ten times a second. talking: ports in conversation. */
void progress_show(struct progress *progress, const struct scan_totals *totals, uint64_t size, size_t talking,
                   int64_t now_ns);
/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
