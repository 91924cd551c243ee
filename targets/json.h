#ifndef TARGETS_JSON_H
#define TARGETS_JSON_H

#include <stdbool.h>
#include <stddef.h>

#define JSON_NUMBER_MAX 60 /* cJSON reads no longer ones */

/* The first place where a text is not JSON (RFC 8259), and a static sentence that says what would be right
 * there. */
struct json_mistake {
    size_t at;
    const char *why;
};

/* Stricter than cJSON, so that what passes has one meaning only: UTF-8 throughout, paired surrogates, no
   \u0000, one value and nothing behind it, no deeper than depth_max (at most 64). A byte order mark at the
   start is let pass. */
bool json_check(const char *text, size_t size, unsigned depth_max, struct json_mistake *mistake_out);
/* The bytes of the byte order mark at the start: 3 or 0. */
size_t json_mark_size(const char *text, size_t size);
/* The offset of the next byte that is not white space, or size. */
size_t json_skip_space(const char *text, size_t size, size_t at);

#endif
