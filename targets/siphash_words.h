#ifndef TARGETS_SIPHASH_WORDS_H
#define TARGETS_SIPHASH_WORDS_H

#include <linux/types.h>

/* SipHash-1-3 (Aumasson and Bernstein 2012, "SipHash: a fast short-input PRF") word by word, for who has a message in
   numbers. Words of a message are its bytes as little-endian numbers. This header is also compiled for BPF, so it knows
   Linux's types only. */

struct siphash_key {
    __u64 words[2];
};

struct siphash {
    __u64 v[4];
};

static inline __u64 siphash_rotate(__u64 value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static inline __attribute__((always_inline)) void siphash_round(struct siphash *hash)
{
    __u64 *v = hash->v;
    v[0] += v[1];
    v[1] = siphash_rotate(v[1], 13) ^ v[0];
    v[0] = siphash_rotate(v[0], 32);
    v[2] += v[3];
    v[3] = siphash_rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = siphash_rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = siphash_rotate(v[1], 17) ^ v[2];
    v[2] = siphash_rotate(v[2], 32);
}

static inline __attribute__((always_inline)) void siphash_add(struct siphash *hash, __u64 word)
{
    hash->v[3] ^= word;
    siphash_round(hash);
    hash->v[0] ^= word;
}

static inline __attribute__((always_inline)) void siphash_begin(struct siphash *hash,
                                                                const struct siphash_key *key)
{
    hash->v[0] = key->words[0] ^ 0x736f6d6570736575ULL;
    hash->v[1] = key->words[1] ^ 0x646f72616e646f6dULL;
    hash->v[2] = key->words[0] ^ 0x6c7967656e657261ULL;
    hash->v[3] = key->words[1] ^ 0x7465646279746573ULL;
}

/* tail: the bytes behind the last whole word; bytes: the length of the message. */
static inline __attribute__((always_inline)) __u64 siphash_end(struct siphash *hash, __u64 tail, __u64 bytes)
{
    siphash_add(hash, bytes << 56 | tail);
    hash->v[2] ^= 0xff;
    siphash_round(hash);
    siphash_round(hash);
    siphash_round(hash);
    return hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}

#endif
