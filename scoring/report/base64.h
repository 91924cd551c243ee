#ifndef SCORING_REPORT_BASE64_H
#define SCORING_REPORT_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 4648 §4, with padding. */

#define BASE64_TEXT_MAX(size) (((size) + 2) / 3 * 4 + 1)

/* `text` has room for BASE64_TEXT_MAX(size). */
void base64_write(const uint8_t *bytes, size_t size, char *text);
/* False when it is no base64 (padding may be left out) or has more than `capacity` bytes. */
bool base64_read(const char *text, uint8_t *bytes, size_t capacity, size_t *size_out);

#endif
