#ifndef SCANNER_ENDPOINT_H
#define SCANNER_ENDPOINT_H

#include <stdalign.h>

#include "scanner/dispatch.h"

/* One open port in conversation, shared by the three files that move it on: endpoint.c (its life, its
   connections and the clock), conversation.c (a probe at work on a connection) and candidate.c (which
   protocol is next). */

/* What the endpoint is doing. */
enum stage {
    STAGE_LISTENING, /* the connection stands, nothing was sent on it; whoever greets is recognised */
    STAGE_ALONE,     /* waits until no other probe that must be alone is at work on the host */
    STAGE_SPEAKING,  /* a probe has the connection */
    STAGE_SECURING,  /* a TLS handshake, for a probe (STARTTLS) or for what is inside */
    STAGE_GAP,       /* the pause before a probe's next connection */
    STAGE_ASKING,    /* another connection is scheduled or opening */
    STAGE_OVER,
};

/* What a connection is for. */
enum purpose { PURPOSE_GREETING, PURPOSE_OWN, PURPOSE_ROUND, PURPOSE_TLS, PURPOSE_HTTP, PURPOSE_LEGACY };

struct endpoint {
    struct ask ask; /* first: endpoint_of */
    struct dispatch *dispatch;
    struct endpoint *next, **link;
    struct host *host;
    void *token;
    const struct permit *permit;
    struct session *session;
    uv_timer_t wait;
    struct observation observation;
    struct probe_context context;
    char host_text[ADDRESS_TEXT_MAX];
    const struct probe *own; /* of the port number; may be NULL */
    const struct probe *probe;
    bool own_in_tls;
    bool own_tried, own_tried_inside, tls_tried, http_tried, legacy_tried;
    bool ours_alone; /* holds the host's alone_busy */
    bool wrote;      /* on this connection */
    bool lost;       /* it ended while the endpoint waited to be alone */
    bool inside_tls; /* what is spoken to is inside a TLS that it began with */
    bool secured;    /* the bytes of this connection travel inside TLS, from its start or since an upgrade */
    bool spoke;      /* the peer said something, ever */
    bool counted_slow;
    bool tls_refused;  /* the peer speaks TLS and broke the handshake off */
    unsigned refusals; /* times that the kernel refused to open a connection */
    enum stage stage;
    enum purpose purpose;
    unsigned round, connections;
    size_t sent, consumed;
    int64_t begun_ns;  /* moved on by what it waits for us */
    int64_t paused_ns; /* since when it waits for our own pace or manners; 0: it does not */
    alignas(max_align_t) uint8_t state[PROBE_STATE_MAX];
};

/* One call of a probe's step on the bytes that are there. */
struct turn {
    enum probe_answer answer;
    uint8_t storage[PROBE_OUT_MAX];
    struct buffer out;
    struct cursor in;
};

/* endpoint.c */
void endpoint_drop_session(struct endpoint *endpoint);
/* The observation is handed over and the endpoint is gone. why_unknown: NULL when the service is known;
 * static. */
void endpoint_finish(struct endpoint *endpoint, const char *why_unknown);
/* It waits for us, not for its host: that time is held against neither. */
void endpoint_pause(struct endpoint *endpoint);
void endpoint_continue(struct endpoint *endpoint);
/* Asks for another connection. */
void endpoint_ask(struct endpoint *endpoint, enum purpose purpose);
void endpoint_wait(struct endpoint *endpoint, unsigned ms);
void endpoint_await_greeting(struct endpoint *endpoint);

/* conversation.c */
/* Forgets what a rejected probe said, but not the TLS that it was said in. */
void conversation_clear(struct endpoint *endpoint);
void conversation_activate(struct endpoint *endpoint, const struct probe *probe);
void conversation_turn(struct endpoint *endpoint, const struct probe *probe, enum probe_event event,
                       struct span bytes, struct turn *turn);
/* What a turn has read and written takes effect; false when it could not be sent. */
bool conversation_settle(struct endpoint *endpoint, const struct turn *turn);
void conversation_act(struct endpoint *endpoint, enum probe_answer answer);
/* Calls the probe at work and does what it answers. The endpoint may be gone afterwards. */
void conversation_speak(struct endpoint *endpoint, enum probe_event event);
void conversation_secure(struct endpoint *endpoint);
/* The handshake came to its end, or did not. The endpoint may be gone afterwards. */
void conversation_secured(struct endpoint *endpoint);
void conversation_unsecured(struct endpoint *endpoint);

/* candidate.c */
/* Whose greeting is this? */
void candidate_offer(struct endpoint *endpoint, enum probe_event event);
/* Why there is no further connection for this purpose, static; NULL when there may be one. A port has four; at a host
   that answers everywhere one, and more only once its service is known. */
const char *candidate_spent(const struct endpoint *endpoint, enum purpose purpose);
/* Begins what a connection is for. */
void candidate_begin(struct endpoint *endpoint, enum purpose purpose);
/* On this connection while nothing was said on it, else on another one. */
void candidate_start(struct endpoint *endpoint, enum purpose purpose);
void candidate_next(struct endpoint *endpoint);
/* The same inside a TLS of unknown content. */
void candidate_begin_inside(struct endpoint *endpoint);
/* The probe that had to be alone is done: the next one may begin. */
void candidate_end_alone(struct endpoint *endpoint);
/* Its turn to be alone has come. */
void candidate_alone(struct endpoint *endpoint);

#endif
