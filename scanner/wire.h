#ifndef SCANNER_WIRE_H
#define SCANNER_WIRE_H

#include "scanner/session.h"

/* One way to send a SYN each and to hear what comes of it. */

enum wire_answer {
    WIRE_OPEN,
    WIRE_CLOSED,      /* RST */
    WIRE_UNREACHABLE, /* ICMP, or no route */
    WIRE_SILENT,      /* nothing within the time */
    WIRE_NOT_SENT,    /* for lack of sockets or memory here: to be asked again */
    WIRE_UNROUTED,    /* nothing was sent: there is no way to the address from here */
};

/* session: the connection, when the engine has one (it then owns it no more); the permit belongs to the
 * listener again. */
struct wire_listener {
    void (*answered)(void *context, void *token, enum wire_answer answer, struct session *session);
    /* The kernel sent so many SYNs more of its own. */
    void (*repeated)(void *context, unsigned count);
    void *context;
};

struct wire {
    const char *name;
    /* Sends one SYN; `answered` follows exactly once with the token, never before this returns. */
    enum status (*ask)(struct wire *wire, const struct permit *permit, void *token);
    void (*free)(struct wire **wire);
};

/* The connect engine: the kernel's own connections, no privileges. */
MUST_USE enum status wire_connect_new(uv_loop_t *loop, unsigned timeout_ms, struct wire_listener listener,
                                      struct wire **wire_out);

#endif
