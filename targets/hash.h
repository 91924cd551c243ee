#ifndef TARGETS_HASH_H
#define TARGETS_HASH_H

#include <stddef.h>

#include "targets/status.h"

#define HASH_TEXT_MAX 65 /* 64 digits and the end */

/* SHA-256 (FIPS 180-4) of bytes, in lower-case hexadecimal digits. STATUS_NO_MEMORY when it can't be had. */
MUST_USE enum status hash_text(const void *bytes, size_t size, char hash_out[HASH_TEXT_MAX]);

#endif
