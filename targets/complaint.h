#ifndef TARGETS_COMPLAINT_H
#define TARGETS_COMPLAINT_H

#include <stdarg.h>
#include <stddef.h>

#include "targets/status.h"

/* What is wrong with a user's file, where, and what would be right there. */
struct complaint {
    unsigned line;   /* from 1; 0 where the file as a whole is meant */
    unsigned column; /* from 1, in bytes */
    char *text;      /* one sentence, made safe for a terminal; says what to write instead */
};

#define COMPLAINTS_MAX 20

/* All complaints about one file, in the order of their places; the rest beyond COMPLAINTS_MAX is only
 * counted. */
struct complaints {
    const char *file; /* borrowed */
    struct complaint items[COMPLAINTS_MAX];
    size_t count;
    size_t left_off;
};

void complaints_init(struct complaints *complaints, const char *file);
void complaints_deinit(struct complaints *complaints);
/* printf-like. Out of memory leaves the text NULL, and the complaint still counts. */
__attribute__((format(printf, 4, 5))) void complaints_add(struct complaints *complaints, unsigned line,
                                                          unsigned column, const char *format, ...);
__attribute__((format(printf, 4, 0))) void complaints_add_list(struct complaints *complaints, unsigned line,
                                                               unsigned column, const char *format,
                                                               va_list arguments);
/* "file:line:column: text" for each, one a line, NUL-terminated. Caller frees; NULL when memory is out. */
char *complaints_format(const struct complaints *complaints);

#define QUOTED_MAX 80

/* Text of a file cut to what a sentence can bear, at a whole character: quoted(text).text lasts as long as
   the call that it stands in. */
struct quoted {
    char text[QUOTED_MAX + 4];
};
struct quoted quoted(const char *text);

#endif
