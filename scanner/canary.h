#ifndef SCANNER_CANARY_H
#define SCANNER_CANARY_H

#include "targets/scope.h"

/* Whether a scan does harm, by addresses that are asked again and again: one that answered at the beginning and then
   misses two asks in a row has fallen. Knows time only as numbers that it is given, and of an ask only when it is due
   and what it came to. */

enum canary_answer {
    CANARY_ACCEPTS, /* a connection */
    CANARY_REFUSES, /* RST: the host is there, and nobody listens */
    CANARY_SILENT,  /* nothing in time, or it can't be reached */
    CANARY_UNASKED, /* nothing could be sent */
};

enum canary_state {
    CANARY_NEW,      /* not known yet */
    CANARY_OPEN,     /* it accepted at first; only that is an answer of it */
    CANARY_CLOSED,   /* it refused at first; to refuse is an answer of it too */
    CANARY_MUTE,     /* it did not answer at first: it is not watched */
    CANARY_GONE,     /* it fell: silent */
    CANARY_SHUT_OFF, /* it fell: it refuses what it accepted before */
};

#define CANARY_MISSES 2

struct watched {
    struct canary canary;
    enum canary_state state;
    unsigned misses; /* in a row */
    bool asked;      /* its answer is not there yet */
    int64_t due_ns;  /* of the next ask */
};

struct watch {
    struct watched items[CANARIES_MAX];
    size_t count;
    int64_t every_ns;
};

/* Copies the canaries, CANARIES_MAX at most; all are due at once. */
void watch_init(struct watch *watch, const struct canary *canaries, size_t count, double every_s,
                int64_t now_ns);
/* The next one that is to be asked now, which counts as asked until watch_answer; NULL when there is none. */
struct watched *watch_take(struct watch *watch, int64_t now_ns);
/* True when this changed its state. */
bool watch_answer(struct watch *watch, struct watched *watched, enum canary_answer answer, int64_t now_ns);
/* How many were asked and did not answer yet. */
size_t watch_asked(const struct watch *watch);
/* Each has answered at first, or has not: the scan may begin. */
bool watch_ready(const struct watch *watch);
/* There are some, and none of them answered at first. */
bool watch_mute(const struct watch *watch);
/* The first one that fell; NULL while there is none. */
const struct watched *watch_fallen(const struct watch *watch);

#endif
