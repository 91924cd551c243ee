#ifndef TARGETS_SIPHASH_H
#define TARGETS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "targets/siphash_words.h"
#include "targets/status.h"

/* SipHash-1-3 of bytes: with a key that nobody outside knows, no input can be made to crowd one place of a table. */

/* From the system's randomness; STATUS_SYSTEM when there is none. */
MUST_USE enum status siphash_key_draw(struct siphash_key *key_out);
uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t size);

#endif
