#ifndef PROBES_REPLY_H
#define PROBES_REPLY_H

#include "probes/lines.h"

/* Replies of SMTP (RFC 5321 §4.2.1) and FTP (RFC 959 §4.2): a three-digit code on each line, or on the first
   and the last, and a blank behind the last one's. Both protocols greet with 220. */

struct reply {
    unsigned code;
    struct span lines; /* as sent; reply_line takes them off one by one */
};

enum reply_state {
    REPLY_WAIT,
    REPLY_WHOLE,
    REPLY_NONE, /* these bytes are no reply */
};

/* Reads one reply and commits it when it is whole. */
enum reply_state reply_read(struct cursor *in, struct reply *reply_out);
/* Cuts off the next line's text, without code and line end. */
struct span reply_line(struct span *rest);

enum reply_speaker {
    REPLY_OF_NOBODY, /* its words do not tell */
    REPLY_OF_SMTP,
    REPLY_OF_FTP,
};

/* Who greets so, by the greeting's own words. */
enum reply_speaker reply_speaker(const struct reply *greeting);
/* Who it is likely to be when the words do not tell: by the port, else by RFC 5321 §4.2, where a greeting of
   220 starts with the server's domain. */
enum reply_speaker reply_speaker_guess(const struct reply *greeting, uint16_t port);
/* The greeting's first word when it can be a domain or an address literal, else empty; *rest_out is what
   follows it, or the whole line. */
struct span reply_domain(const struct reply *greeting, struct span *rest_out);

#endif
