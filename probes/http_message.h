#ifndef PROBES_HTTP_MESSAGE_H
#define PROBES_HTTP_MESSAGE_H

#include "probes/buffer.h"
#include "probes/cursor.h"
#include "probes/probe.h"

#define HTTP_HEAD_MAX   16384 /* status line and headers */
#define HTTP_LINE_MAX   8192
#define HTTP_SCHEME_MAX 24
#define HTTP_BODY_MAX   32768 /* of a body, decoded */

enum http_progress {
    HTTP_NOT_HTTP,
    HTTP_STARTED,       /* the head is not whole yet; `status` is set once its line is, 0 before */
    HTTP_HEAD_TOO_LONG, /* HTTP, with a head that has no end; `status` is set */
    HTTP_HEAD,          /* the head is whole, and there is more of the body to read */
    HTTP_ENOUGH,        /* the body is whole, or more of it will not be read */
};

/* One response (RFC 9112); everything in it lies in the bytes that were read. */
struct http_message {
    unsigned status;
    struct span headers; /* the lines between the status line and the empty one */
    bool body_whole;     /* the message's own framing says that the body is all here */
    bool until_close;    /* only the end of the connection ends the body */
    bool encoded;        /* the body is compressed, which we did not ask for and do not undo */
};

/* Writes GET `path` with Connection: close and identity encoding. */
void http_write_get(const struct probe_call *call, const char *path);
/* Reads the response at the front of `in`, interim ones (1xx) skipped, and consumes nothing, so that it can
   be asked again when more bytes are there. `body` gets the body, chunks joined, as much as fits. */
enum http_progress http_read(const struct cursor *in, struct http_message *message_out, struct buffer *body);
/* The first header of that name, without blanks around it; `bytes` is NULL when there is none. */
struct span http_header(const struct http_message *message, const char *name);
/* The next header; *rest begins as message->headers. False at the end. */
bool http_next_header(struct span *rest, struct span *name_out, struct span *value_out);
/* The scheme of the next challenge of a WWW-Authenticate header ("Basic", RFC 9110 §11.6.1), at most
   HTTP_SCHEME_MAX bytes; *rest begins as its value. False at the end. */
bool http_next_challenge(struct span *rest, struct span *scheme_out);

#endif
