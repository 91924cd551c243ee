#ifndef TARGETS_DOCUMENT_H
#define TARGETS_DOCUMENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "targets/complaint.h"

/* A JSON file (RFC 8259) read by cJSON, that still knows where each value stands. Depth is capped before
   cJSON sees it, duplicate names, invalid UTF-8 and trailing bytes are complaints. Shared by scope, catalogue
   and baseline files. */
struct document {
    char *text;
    size_t size;
    cJSON *root;
};

#define DOCUMENT_DEPTH_MAX 32
#define DOCUMENT_SIZE_MAX  (256u << 20)

/* All bytes of a file, with a NUL behind them, the caller's to free; NULL after every failure. STATUS_WRONG_FILE with
   a complaint for a file that can't be read or is larger than DOCUMENT_SIZE_MAX. */
MUST_USE enum status document_load(const char *path, char **text_out, size_t *size_out,
                                   struct complaints *complaints);
/* STATUS_WRONG_FILE with complaints for a file that can't be read or isn't JSON. */
MUST_USE enum status document_read(struct document *document, const char *path,
                                   struct complaints *complaints);
/* The same from memory; the text is copied. */
MUST_USE enum status document_parse(struct document *document, const char *text, size_t size,
                                    struct complaints *complaints);
void document_deinit(struct document *document);
/* Complains about a value of this document, at its line and column. */
__attribute__((format(printf, 4, 5))) void document_complain(const struct document *document,
                                                             const cJSON *value,
                                                             struct complaints *complaints,
                                                             const char *format, ...);
/* The same at the name of a member of an object. */
__attribute__((format(printf, 4, 5))) void document_complain_name(const struct document *document,
                                                                  const cJSON *member,
                                                                  struct complaints *complaints,
                                                                  const char *format, ...);
/* A member whose name is not in the NULL-ended list is a complaint that names what is known there. */
void document_refuse_unknown(const struct document *document, const cJSON *object, const char *const *known,
                             struct complaints *complaints);

#endif
