#ifndef SCANNER_LOSS_H
#define SCANNER_LOSS_H

#include "scanner/sweep.h"

/* Whether probes or answers get lost, and what becomes of the rate: it falls by itself while they do, and comes back
   slowly. A fall is on trial until enough was seen after it: what is lost at a slower rate as it was before is lost by
   chance, and the rate is given back. Looks at what counters and retries say; knows time only as numbers that it is
   given. */
struct loss {
    double factor; /* of the rate that was asked for, down to LOSS_FACTOR_MIN */
    bool seen;     /* something was lost, ever */
    int64_t looked_ns, clean_ns;
    uint64_t samples; /* of the sweep's fresh ones, how many there were when the rate last rose */
    struct wire_counters counters; /* at the last look */
    uint64_t frames;
    double left;  /* SYNs a second that really left lately, */
    double heard; /* and answers a second that came */
    double usual; /* the part that is lost at any rate */
    /* While the last fall is on trial: the part that was lost before it, and what the factor was. Else 0. */
    double trial_lost, trial_factor;
};

#define LOSS_FACTOR_MIN 0.0001
#define LOSS_LOOK_NS    INT64_C(100000000)

void loss_init(struct loss *loss, int64_t now_ns);
/* Is it time for a look? */
bool loss_due(const struct loss *loss, int64_t now_ns);
/* rate: what was asked for, SYNs a second. Where the rate has to fall, it falls below what really left and to SYNs
   whose answers can come through, and sweep_forget is called. */
void loss_look(struct loss *loss, const struct wire_counters *counters, struct sweep *sweep, double rate,
               int64_t now_ns);
/* The part of probes and answers that the counters say was lost, since the beginning. */
double loss_counted(const struct wire_counters *counters);

#endif
