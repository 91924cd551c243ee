#ifndef SCORING_REPORT_WRITER_H
#define SCORING_REPORT_WRITER_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "targets/status.h"

/* A stream that a form writes on. The first failure sticks in status, so that only the end needs a look. */
struct writer {
    FILE *stream;
    enum status status;
};

/* Words and numbers of our own, as they are. */
void writer_put(struct writer *writer, const char *text);
void writer_bytes(struct writer *writer, const char *text, size_t size);
__attribute__((format(printf, 2, 3))) void writer_format(struct writer *writer, const char *format, ...);
__attribute__((format(printf, 2, 0))) void writer_vformat(struct writer *writer, const char *format,
                                                          va_list arguments);
/* What others wrote: made safe (probes/text.h), and then each character for which `escape` has something
   written as that; NULL of it leaves the character as it is. Text NULL is nothing. */
void writer_escape(struct writer *writer, const char *text, const char *(*escape)(uint32_t code));
/* Keeps a failure that happened elsewhere. */
void writer_keep(struct writer *writer, enum status status);
/* A copy made safe, to be freed; NULL, with the failure kept, when memory is out. */
char *writer_safe(struct writer *writer, const char *text);

#endif
