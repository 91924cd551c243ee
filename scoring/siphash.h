#ifndef SCORING_SIPHASH_H
#define SCORING_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#include "targets/status.h"

/* SipHash-1-3 (Aumasson and Bernstein 2012, "SipHash: a fast short-input PRF"): with a key that nobody outside
   knows, no input can be made to crowd one place of a table. */
struct siphash_key {
    uint64_t low, high;
};

/* From the system's randomness; STATUS_SYSTEM when there is none. */
MUST_USE enum status siphash_key_draw(struct siphash_key *key_out);
uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t size);

#endif
