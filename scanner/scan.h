#ifndef SCANNER_SCAN_H
#define SCANNER_SCAN_H

#include "probes/observation.h"
#include "scanner/plan.h"

/* The street up to the observation: draws targets, asks them at the allowed pace, talks to what is open. */

struct scan_options {
    double rate;          /* probes a second in total */
    double rate_per_host; /* and to one host */
    unsigned attempts;    /* SYNs that a silent target gets */
    unsigned connect_ms;
    unsigned port_ms;
    unsigned host_ms;
    uint64_t seed;
    uint64_t position; /* where a resumed scan goes on */
    bool progress;     /* a line on standard error */
};

struct scan_totals {
    uint64_t drawn;    /* positions of the permutation that were drawn */
    uint64_t finished; /* targets that came to an end */
    uint64_t probes;   /* SYNs, those of sessions included */
    uint64_t ends[5];  /* by enum endpoint_state */
};

/* What the scan tells as it goes. Between two calls of `settled` everything told belongs together: a listener
   that keeps it in one transaction loses nothing that was settled, whatever is killed when. */
struct scan_listener {
    void *context;
    /* A target was drawn, or has been asked `attempts` times and is not finished. */
    enum status (*pending)(void *context, uint64_t number, unsigned attempts);
    /* A target has come to its end; observation: of an open one, else NULL. */
    enum status (*finished)(void *context, uint64_t number, const struct organization *organization,
                            struct address address, struct port port, enum endpoint_state state,
                            const struct observation *observation);
    enum status (*settled)(void *context, const struct scan_totals *totals);
};

struct scan;
/* Borrows all but the options. */
MUST_USE enum status scan_new(struct authorization *authorization, const struct plan *plan,
                              const struct scan_options *options, const struct scan_listener *listener,
                              struct scan **scan_out);
/* A target that an interrupted scan left: it is asked before new ones are drawn. */
MUST_USE enum status scan_resume_target(struct scan *scan, uint64_t number, unsigned attempts);
/* Until all is finished, or SIGINT or SIGTERM comes, or the authorization ends: then STATUS_INTERRUPTED, and
 *refusal_out says whether it was the authorization. A listener's error ends it too. */
MUST_USE enum status scan_run(struct scan *scan, enum refusal *refusal_out);
const struct scan_totals *scan_totals(const struct scan *scan);
const char *scan_engine(const struct scan *scan);
void scan_free(struct scan **scan);

#endif
