#ifndef SCANNER_SESSION_H
#define SCANNER_SESSION_H

#include <uv.h>

#include "probes/probe.h"
#include "scanner/session_tls.h"
#include "targets/authorization.h"

/* One TCP connection of ours: opened under a permit, capped in bytes, TLS inside it on demand. It frees
   itself some time after session_close; until then its owner gets the calls below, and none after. */
struct session;

struct session_owner {
    void (*opened)(void *owner, struct session *session);
    /* uv_error: UV_ECONNREFUSED, UV_ETIMEDOUT (our deadline or the kernel's), UV_EHOSTUNREACH … The session
     * must be closed. */
    void (*failed)(void *owner, struct session *session, int uv_error);
    void (*heard)(void *owner, struct session *session); /* session_in has grown */
    void (*secured)(void *owner, struct session *session, bool done);
    void (*ended)(void *owner, struct session *session); /* the peer closed or reset, or a cap was reached */
};

#define SESSION_IN_MAX  PROBE_IN_MAX
#define SESSION_RAW_MAX (2 * PROBE_IN_MAX) /* from the wire, handshakes included */

/* Sends one SYN to what the permit names; no deadline but the kernel's is set. STATUS_SYSTEM: nothing was sent, for the
   reason in errno. The permit must stay until the session is closed. */
MUST_USE enum status session_connect(uv_loop_t *loop, const struct permit *permit,
                                     const struct session_owner *calls, void *owner,
                                     struct session **session_out);
/* `failed` is called so long from now, unless it is open by then. */
void session_set_deadline(struct session *session, unsigned timeout_ms);
/* `failed` is called now, unless it is open, which `opened` has told or is about to. */
void session_give_up(struct session *session);
/* Was it for lack of sockets or memory here, which another moment may have? */
bool session_may_retry(int error);
/* How many SYNs the kernel sent on its own after ours, known once `opened` or `failed` is called. */
unsigned session_repeats(const struct session *session);
/* Hands a connection to another owner. */
void session_adopt(struct session *session, const struct session_owner *calls, void *owner);
/* Begins to read; nothing is read before. */
void session_listen(struct session *session);
/* Bytes not yet consumed, inside TLS once it is secured. Valid until the next call on the session. */
struct span session_in(const struct session *session);
void session_consume(struct session *session, size_t size);
/* false: it could not be sent, and the session is as good as ended. */
MUST_USE bool session_write(struct session *session, const void *bytes, size_t size);
/* Begins a handshake; unconsumed bytes are taken as TLS. `secured` follows. */
MUST_USE bool session_secure(struct session *session, struct tls_client *client, const char *host);
void session_observe_tls(const struct session *session, struct observation *observation);
/* Ends it: close_notify and FIN first, then waits a moment for the peer's FIN, so that what was said last is
   not cut off by a reset. */
void session_close(struct session *session);

#endif
