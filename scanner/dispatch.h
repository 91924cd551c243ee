#ifndef SCANNER_DISPATCH_H
#define SCANNER_DISPATCH_H

#include "scanner/schedule.h"
#include "scanner/session.h"
#include "targets/naming.h"

/* From an open port to an observation: which protocol is tried on it next, over which connection, and when it
   is enough. At most four connections to a port, in this order: a greeting, the port's own protocol, TLS,
   HTTP. */

struct endpoint; /* one open port in conversation */

struct dispatch_options {
    unsigned connect_ms;         /* of a connection */
    unsigned port_ms;            /* of one port's whole conversation */
    unsigned host_ms;            /* of one host's conversations that last longer than they should */
    uint64_t seed;               /* for nonces */
    const struct namings *names; /* for SNI and Host; NULL: none */
    const char *client_name;
    const char *client_title;
    const char *user_agent;
};

struct dispatch_listener {
    void *context;
    /* The endpoint wants another connection: its ask is to be scheduled (address, manner normal);
       endpoint_connect is called when its turn comes. */
    enum status (*wants)(void *context, struct endpoint *endpoint, struct ask *ask);
    /* Leave for one connection; NULL when it is refused now. */
    const struct permit *(*permit)(void *context, struct address address, struct port port);
    void (*release)(void *context, const struct permit *permit);
    /* SYNs of a session were sent. */
    void (*sent)(void *context, unsigned count);
    /* The observation is complete; the endpoint is gone when this returns. */
    void (*done)(void *context, void *token, const struct observation *observation);
};

struct dispatch {
    uv_loop_t *loop;
    struct dispatch_options options;
    struct dispatch_listener listener;
    struct tls_client *tls;
    struct endpoint *active;
    size_t active_count;
    uv_timer_t tick; /* deadlines of ports and hosts, while anything is active */
};

#define DISPATCH_CONNECTIONS_MAX 4
#define DISPATCH_TICK_MS         50
#define DISPATCH_SLOW_MS         1500 /* a conversation that lasts longer counts against its host */

MUST_USE enum status dispatch_init(struct dispatch *dispatch, uv_loop_t *loop,
                                   const struct dispatch_options *options,
                                   const struct dispatch_listener *listener);
/* Closes every connection without an observation; `done` is not called. */
void dispatch_stop(struct dispatch *dispatch);
void dispatch_deinit(struct dispatch *dispatch);

/* A port is open. session: the connection that found it, or NULL to ask for one. fragile: closed without a
 * byte. */
MUST_USE enum status dispatch_open(struct dispatch *dispatch, struct host *host, struct address address,
                                   struct port port, bool fragile, struct session *session,
                                   const struct permit *permit, void *token);
/* The endpoint that an ask with `round` set belongs to. */
struct endpoint *endpoint_of(struct ask *ask);
/* Its turn has come. STATUS_SYSTEM: nothing could be sent for lack of sockets; it is to be scheduled again.
 */
MUST_USE enum status endpoint_connect(struct endpoint *endpoint);

/* For dispatch.c. */
void endpoint_check(struct endpoint *endpoint, int64_t now_ns);
void endpoint_abandon(struct endpoint *endpoint);
struct endpoint *endpoint_next(struct endpoint *endpoint);

#endif
