#ifndef TARGETS_UTF8_H
#define TARGETS_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the first character (RFC 3629: no overlong forms, no surrogates). Returns its length in bytes, 0 when
   there is none that is valid. */
size_t utf8_decode(const char *bytes, size_t size, uint32_t *code_out);
/* Characters that would steer a terminal or turn the order of the text around: controls, bidirectional marks,
   invisible ones and line separators. */
bool utf8_unsafe(uint32_t code);

#endif
