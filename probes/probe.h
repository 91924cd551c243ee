#ifndef PROBES_PROBE_H
#define PROBES_PROBE_H

#include "probes/buffer.h"
#include "probes/cursor.h"
#include "probes/observation.h"

/* Why the step is called. */
enum probe_event {
    PROBE_OPENED,  /* the connection stands and it is our turn: a client-first protocol writes its first bytes
                      now */
    PROBE_HEARD,   /* there are new bytes in `in` */
    PROBE_SECURED, /* the TLS handshake that was asked for is done; its facts are in the observation */
    PROBE_UNSECURED, /* it failed; the connection is gone */
    PROBE_ENDED,     /* the peer closed or reset; `in` holds what is left */
    PROBE_QUIET,     /* the wait for bytes is over; the connection still stands */
};

enum probe_answer {
    PROBE_WAIT,     /* for more bytes; whatever is in `out` is sent first */
    PROBE_DONE,     /* all is known that will be; `out` is sent, then the connection is closed politely */
    PROBE_NOT_MINE, /* this is another protocol */
    PROBE_TLS,      /* send `out`, then make a TLS handshake on this connection (STARTTLS and its like) */
    PROBE_AGAIN,    /* send `out`, close, and call PROBE_OPENED on a new connection with `round` one higher */
};

/* How we introduce ourselves, and what is right for this endpoint. Texts are ASCII without blanks or
 * controls. */
struct probe_context {
    const char *client_name;  /* EHLO, "auscult.invalid" */
    const char *client_title; /* DICOM calling AE title, "AUSCULT" */
    const char *user_agent;
    const char *host; /* for Host: and SNI; the address as text when no name is known */
    uint16_t port;
    uint64_t nonce; /* random per endpoint, for fields that the peer echoes */
};

/* One call of a step. Everything is borrowed until it returns. */
struct probe_call {
    enum probe_event event;
    unsigned round;    /* connection number of this probe at this endpoint, from 0 */
    bool inside_tls;   /* the bytes travel inside TLS */
    void *state;       /* state_size bytes, zero at first, kept over all rounds */
    struct cursor *in; /* bytes not yet committed; cursor_commit (or reads on it) consume them */
    struct buffer *out;
    struct observation *observation;
    const struct probe_context *context;
};

enum probe_manner {
    PROBE_SERVER_FIRST, /* the server greets; nothing is sent before that */
    PROBE_CLIENT_FIRST, /* we speak first, after the port was quiet for the greeting wait */
    PROBE_PASSIVE, /* nothing of this protocol is ever sent, and no other protocol is tried on its ports */
};

/* One protocol (architecture.md, "A probe"): one file, one exported const struct probe, one line in
 * probes.def. */
struct probe {
    const char *name; /* the service word of contract.md */
    enum probe_manner manner;
    const uint16_t *ports;     /* where it usually is, ended by 0 */
    const uint16_t *tls_ports; /* where it usually is inside TLS, ended by 0; may be NULL */
    unsigned greeting_ms;      /* how long to wait for a greeting on its ports; 0: PROBE_GREETING_MS */
    unsigned answer_ms;        /* how long to wait for each answer; 0: PROBE_ANSWER_MS */
    unsigned rounds;           /* connections that it may use at most; 0: 1 */
    unsigned gap_ms;           /* between its connections */
    bool alone;                /* never two of these at one host at a time */
    bool no_fallback;          /* when its usual port stays silent to it, nothing else is tried there */
    size_t state_size;
    const struct fact *facts; /* ended by one without a name */
    enum probe_answer (*step)(struct probe_call *call);
};

#define PROBE_GREETING_MS 1000
#define PROBE_ANSWER_MS   2000
#define PROBE_OUT_MAX     2048  /* bytes sent to one port by all sessions, TLS handshakes not counted */
#define PROBE_IN_MAX      65536 /* bytes read from one port */
#define PROBE_STATE_MAX   1024

/* registry.c: all probes in the order of probes.def, ended by NULL. */
extern const struct probe *const probes[];
const struct probe *probe_named(const char *name);
/* The probe whose usual port this is (inside TLS when *tls_out), or NULL. */
const struct probe *probe_for_port(uint16_t port, bool *tls_out);
/* Fact tables that are not one probe's: tls, x509; ended by NULL. */
extern const struct fact *const shared_facts[];
const struct fact *fact_named(const char *name);

#endif
