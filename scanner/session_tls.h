#ifndef SCANNER_SESSION_TLS_H
#define SCANNER_SESSION_TLS_H

#include "probes/observation.h"
#include "targets/status.h"

/* The client's settings for all handshakes: everything that OpenSSL still has is offered (SECLEVEL 0, TLS 1.0
   up, legacy renegotiation), nothing is verified: we look, we do not trust. */
struct tls_client;
MUST_USE enum status tls_client_new(struct tls_client **client_out);
void tls_client_free(struct tls_client **client);

/* One handshake and what follows it, on memory: no socket is known here. */
struct tls_stream;
/* `host` is sent as SNI when it is a name and not an address. */
MUST_USE enum status tls_stream_new(struct tls_client *client, const char *host,
                                    struct tls_stream **stream_out);
void tls_stream_free(struct tls_stream **stream);

enum tls_progress {
    TLS_MORE,  /* waits for the peer's bytes */
    TLS_READY, /* the handshake is done */
    TLS_FAILED,
};
/* Takes bytes from the wire and moves on. */
enum tls_progress tls_stream_feed(struct tls_stream *stream, const void *bytes, size_t size);
/* Up to `capacity` bytes that are to be put on the wire; 0 when there are none. */
size_t tls_stream_wire(struct tls_stream *stream, void *bytes, size_t capacity);
/* Up to `capacity` decrypted bytes; 0 when there are none now. */
size_t tls_stream_read(struct tls_stream *stream, void *bytes, size_t capacity);
/* Nothing more will come: the peer ended it (close_notify), or broke it, after the handshake. */
bool tls_stream_over(const struct tls_stream *stream);
bool tls_stream_write(struct tls_stream *stream, const void *bytes, size_t size);
/* Queues close_notify. */
void tls_stream_end(struct tls_stream *stream);
/* Adds tls.* and x509.* of a finished handshake; after a failure the reason. */
void tls_stream_observe(const struct tls_stream *stream, struct observation *observation);

#endif
