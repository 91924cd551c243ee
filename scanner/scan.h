#ifndef SCANNER_SCAN_H
#define SCANNER_SCAN_H

#include "probes/observation.h"
#include "scanner/canary.h"
#include "scanner/plan.h"
#include "scanner/sweep.h"
#include "targets/naming.h"

/* The street up to the observation: draws targets, asks them at the allowed pace, talks to what is open. */

/* A SYN's time where nothing else is said: the kernel repeats it after a second. */
#define SCAN_CONNECT_MS 900

struct scan_options {
    double rate;             /* probes a second in total */
    double rate_per_host;    /* to one host */
    double rate_per_network; /* and to one /24 or /64; 0: no ceiling */
    unsigned attempts;       /* SYNs that a silent target gets */
    unsigned connect_ms;
    unsigned port_ms;
    unsigned host_ms;
    uint64_t seed;
    uint64_t position;           /* where a resumed scan goes on */
    uint16_t control_port;       /* of every host, for tests; 0: chosen by seed and host (control.h) */
    bool progress;               /* a line on standard error */
    const char *pcap;            /* where a sweeping engine writes what it sent and heard; NULL: nowhere */
    const struct namings *names; /* what addresses are asked by; borrowed. NULL: none */
    struct wire
        *sweeper; /* an engine for the plan's swept part, whose replies go to scan_swept; borrowed. NULL:
                             there is no such part */
};

struct scan_totals {
    uint64_t drawn;    /* positions of the permutation that were drawn */
    uint64_t finished; /* targets that came to an end */
    uint64_t probes;   /* SYNs, those of sessions included */
    uint64_t ends[5];  /* by enum endpoint_state; of swept targets the silent ones are not among them */
    double rate;       /* SYNs a second, as it was */
    uint64_t burst;    /* the most in any 10 ms */
    double recall;     /* the part of the targets that answer which was heard, estimated; 1 without a sweep */
    uint64_t lost;     /* answers and probes that counters say got lost */
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
    /* What is known of a host's control port has changed. CONTROL_ANSWERED: its open ports that were told of and are
       not proven (endpoint_proven) are taken back and count as synthetic. NULL: not wanted. */
    enum status (*judged)(void *context, const struct organization *organization, struct address address,
                          enum host_control control);
    /* A swept target has come to its end: closed or unreachable. The silent ones are what is left of the plan. */
    enum status (*swept)(void *context, const struct organization *organization, struct port port,
                         enum endpoint_state state);
    /* A swept address answered for the first time. */
    enum status (*heard)(void *context, const struct organization *organization, struct address address);
    /* A canary's state has changed. NULL: not wanted. */
    void (*watched)(void *context, const struct watched *watched);
    /* sweep: to be saved with the rest; NULL where there is none. */
    enum status (*settled)(void *context, const struct scan_totals *totals, const struct sweep *sweep);
};

struct scan;
/* Borrows all but the options. */
MUST_USE enum status scan_new(struct authorization *authorization, const struct plan *plan,
                              const struct scan_options *options, const struct scan_listener *listener,
                              struct scan **scan_out);
/* A target that an interrupted scan left: it is asked before new ones are drawn. */
MUST_USE enum status scan_resume_target(struct scan *scan, uint64_t number, unsigned attempts);
/* What an interrupted scan had told of a host, before targets are resumed: first what its control port said, then each
   open port that is not proven. */
MUST_USE enum status scan_resume_control(struct scan *scan, struct address address,
                                         enum host_control control);
MUST_USE enum status scan_resume_unproven(struct scan *scan, struct address address);
/* What sweep_save gave for an interrupted scan, before targets are resumed. STATUS_MISMATCH: it is of another. */
MUST_USE enum status scan_resume_sweep(struct scan *scan, const uint8_t *bytes, size_t size);
/* A reply that the sweeping engine heard. */
void scan_swept(struct scan *scan, const struct wire_reply *reply);
/* Until all is finished, or SIGINT or SIGTERM comes, or the authorization ends: then STATUS_INTERRUPTED, and
 *refusal_out says whether it was the authorization, scan_fallen whether it was a canary. STATUS_UNAUTHORIZED: none of
   the scope's canaries answers, so that nothing was begun. A listener's error ends it too. STATUS_SYSTEM: errno says why. */
MUST_USE enum status scan_run(struct scan *scan, enum refusal *refusal_out);
/* The canary that fell; NULL when none did. */
const struct watched *scan_fallen(const struct scan *scan);
const struct scan_totals *scan_totals(const struct scan *scan);
const char *scan_engine(const struct scan *scan);
void scan_free(struct scan **scan);

#endif
