#ifndef SCANNER_LOSS_H
#define SCANNER_LOSS_H

#include "scanner/sweep.h"

/* Whether probes or answers get lost, and what becomes of the rate: it falls by itself while they do, and comes back
   slowly. Looks at what counters and retries say; knows time only as numbers that it is given. */
struct loss {
    double factor; /* of the rate that was asked for, LOSS_FACTOR_MIN to 1 */
    bool seen;     /* something was lost, ever */
    int64_t looked_ns, clean_ns;
    struct wire_counters counters; /* at the last look */
    uint64_t first, later;
};

#define LOSS_FACTOR_MIN (1.0 / 64)
#define LOSS_LOOK_NS    INT64_C(200000000)

void loss_init(struct loss *loss, int64_t now_ns);
/* Is it time for a look? */
bool loss_due(const struct loss *loss, int64_t now_ns);
void loss_look(struct loss *loss, const struct wire_counters *counters, const struct sweep_totals *totals,
               int64_t now_ns);
/* The part of probes and answers that the counters say was lost, since the beginning. */
double loss_counted(const struct wire_counters *counters);

#endif
