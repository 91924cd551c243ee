#ifndef PROBES_LINES_H
#define PROBES_LINES_H

#include "probes/cursor.h"

/* Answers of the text protocols that run over several lines (SMTP, FTP, POP3, IMAP). */

#define LINES_LINE_MAX 2048
#define LINES_SIZE_MAX 8192 /* of one answer; an EHLO, FEAT or CAPA reply has under 1 KiB */

enum lines_state {
    LINES_WAIT,
    LINES_WHOLE,
    LINES_ENDLESS, /* a line or the whole is longer than any answer */
};

/* The lines up to and with the first that `last` accepts as the end of the answer that `key` (a reply code, a
   tag) belongs to; committed, and *lines_out set, only when they are all there. */
enum lines_state lines_read(struct cursor *in, bool (*last)(struct span line, unsigned key), unsigned key,
                            struct span *lines_out);
/* Cuts off the next line, without its CR and LF. */
struct span lines_next(struct span *rest);

#endif
