#ifndef SCANNER_SWEEP_H
#define SCANNER_SWEEP_H

#include "probes/observation.h"
#include "scanner/aside.h"
#include "scanner/trail.h"

/* Which steps of a plan's swept part are sent when, and what is known of each until it is settled. Passes follow
   each other over the same steps: neighbours are resolved where there are any on our own links, then every step is
   asked once, then, a second later, those that stayed silent, and so on; behind the last pass a step is settled and
   forgotten. So a target gets its attempts and never more, a retry goes to a silent one only, an answer counts
   once, and memory is a byte a step for what is under way. Where a network has a ceiling and is at it, a step is put
   aside, and what follows its pass waits for it. Knows time only as numbers that it is given. */

struct sweep_options {
    unsigned attempts;         /* SYNs that a silent target gets */
    unsigned wait_ms;          /* after which a SYN counts as not answered */
    struct networks *networks; /* borrowed; NULL: no ceiling */
    double rate_per_host;      /* of the sweep to one address, where networks have a ceiling; 0: any */
};

/* A target's answer, heard for the first time. state: open, closed or unreachable. */
struct sweep_listener {
    void *context;
    void (*answered)(void *context, const struct wire_reply *reply, enum endpoint_state state);
};

/* What was sent and heard, from which loss is told. */
struct sweep_totals {
    uint64_t frames;      /* SYNs, all attempts */
    uint64_t settled;     /* steps that nothing more is sent to */
    uint64_t first;       /* targets that answered their first attempt */
    uint64_t later;       /* targets that answered only a later one */
    uint64_t retries;     /* SYNs of later attempts, samples not counted */
    uint64_t blind;       /* of these, sent before there was a reason to sample */
    uint64_t blind_later; /* targets that answered one of them */
    uint64_t asked_again; /* re-probes of known answers, within their budget of attempts */
    uint64_t answered_again;
    uint64_t repeats; /* further answers of the same target */
    uint64_t late;    /* answers to what was settled or never sent */
};

/* The same of what was sent at the present rate only: since the last sweep_forget. */
struct sweep_fresh {
    uint64_t since; /* where the first attempt was then */
    uint64_t known; /* targets that had answered when the first retry passed them by */
    uint64_t later; /* those that had not, and answered it or a later one */
    uint64_t asked_again, answered_again;
};

#define SWEEP_PASSES (WIRE_ATTEMPTS_MAX + 1)

struct sweep {
    const struct plan *plan;
    struct wire *wire;
    struct sweep_options options;
    struct sweep_listener listener;
    uint64_t size;    /* steps */
    uint64_t settled; /* everything before it is settled */
    /* [0] resolves, [n] is attempt n; each has come so far, none beyond the one before it. */
    uint64_t cursors[SWEEP_PASSES];
    struct trail trails[SWEEP_PASSES];
    uint64_t ripe[SWEEP_PASSES]; /* how far what follows each pass may go */
    bool suspicious;             /* answers were lost: a sample of the known ones is asked again */
    struct sweep_totals totals;
    struct sweep_fresh fresh;
    bool limited; /* networks have a ceiling */
    struct aside aside;
    /* What is put aside costs nothing of the total's rate, and the hosts between would be asked the faster. */
    struct pacer steps_pacer;
    int64_t held_ns;      /* until when the network of the resolver's next question is at its ceiling */
    uint64_t blind_end;   /* steps that the first retry passed before there was a reason to sample */
    uint32_t sample_debt; /* retries since the last sample */
    uint64_t sample_next; /* where the next one is looked for */
};

/* Borrows all but the options. */
MUST_USE enum status sweep_init(struct sweep *sweep, const struct plan *plan, struct wire *wire,
                                const struct sweep_options *options, const struct sweep_listener *listener);
void sweep_deinit(struct sweep *sweep);
/* Sends what is due, frames_max SYNs at most, and settles what is ripe. *frames_out 0: nothing was to be sent just
   now. */
MUST_USE enum status sweep_send(struct sweep *sweep, uint32_t frames_max, int64_t now_ns,
                                uint32_t *frames_out);
/* When sweep_send may have more to do: in the past when at once, INT64_MAX when all is settled. */
int64_t sweep_wake(const struct sweep *sweep);
bool sweep_over(const struct sweep *sweep);
/* From the wire's listener. */
void sweep_reply(struct sweep *sweep, const struct wire_reply *reply);
/* From now on known answers are asked again among the retries, one for thirty-two of them. */
void sweep_suspect(struct sweep *sweep);
/* The rate has changed: what was sent before says nothing of it. */
void sweep_forget(struct sweep *sweep);
/* It has risen a little: what was sent before says half as much of it. */
void sweep_fade(struct sweep *sweep);
/* Of the targets asked so far the part that is known to answer, 0 … 1. */
double sweep_answering(const struct sweep *sweep);
/* The part of the targets that answer which was heard, by what retries and re-probes told; 1 where nothing was lost
   or nothing can be told. lost: the part of answers and probes that counters say got lost, for where there is but
   one attempt. */
double sweep_recall(const struct sweep *sweep, double lost);

/* What a resumed sweep goes on from: bytes for the store, free of the machine's order. */
MUST_USE enum status sweep_save(const struct sweep *sweep, uint8_t **bytes_out, size_t *size_out);
/* Into a sweep that was initialised alike. STATUS_MISMATCH: it is of another sweep. */
MUST_USE enum status sweep_load(struct sweep *sweep, const uint8_t *bytes, size_t size, int64_t now_ns);

#endif
