#ifndef SCANNER_COOKIE_H
#define SCANNER_COOKIE_H

#include "targets/siphash_words.h"

/* Proof that an answer is to a SYN of ours: SipHash-1-3, with the rounds that are usual where each guess costs an attacker
   a packet, over addresses and port, in the sequence number and in the source port. Nothing is remembered of what was
   sent. This header is also compiled for BPF, so it knows Linux's types only. */

/* Source ports: COOKIE_PORTS from a base on. Which of the groups is the cookie's, which port in it the
   attempt's. */
#define COOKIE_PORT_FIRST  61000 /* above what Linux gives to connections by itself */
#define COOKIE_GROUPS      64
#define COOKIE_GROUP_PORTS 16 /* attempts are told apart */
#define COOKIE_PORTS       (COOKIE_GROUPS * COOKIE_GROUP_PORTS)

/* A cookie's message is our address, theirs and their port, as they stand in the packet that we send (network order in
   memory); ours stands first and fills whole words, so that what all the cookies of a source have in common is hashed
   once. IPv4: four bytes of zeros follow our address. IPv6: addresses as two words each. */
static inline __attribute__((always_inline)) void
cookie_begin_v4(struct siphash *hash, const struct siphash_key *key, __be32 source)
{
    siphash_begin(hash, key);
    siphash_add(hash, source);
}

static inline __attribute__((always_inline)) __u64 cookie_end_v4(const struct siphash *begun, __be32 target,
                                                                 __be16 port)
{
    struct siphash hash = *begun;
    return siphash_end(&hash, (__u64)port << 32 | target, 14);
}

static inline __attribute__((always_inline)) void
cookie_begin_v6(struct siphash *hash, const struct siphash_key *key, const __u64 source[2])
{
    siphash_begin(hash, key);
    siphash_add(hash, source[0]);
    siphash_add(hash, source[1]);
}

static inline __attribute__((always_inline)) __u64 cookie_end_v6(const struct siphash *begun,
                                                                 const __u64 target[2], __be16 port)
{
    struct siphash hash = *begun;
    siphash_add(&hash, target[0]);
    siphash_add(&hash, target[1]);
    return siphash_end(&hash, port, 34);
}

static inline __attribute__((always_inline)) __u64 cookie_v4(const struct siphash_key *key, __be32 source,
                                                             __be32 target, __be16 port)
{
    struct siphash hash;
    cookie_begin_v4(&hash, key, source);
    return cookie_end_v4(&hash, target, port);
}

static inline __attribute__((always_inline)) __u64
cookie_v6(const struct siphash_key *key, const __u64 source[2], const __u64 target[2], __be16 port)
{
    struct siphash hash;
    cookie_begin_v6(&hash, key, source);
    return cookie_end_v6(&hash, target, port);
}

/* What the cookie decides of a SYN. The acknowledgement of an answer is the sequence plus one. */
static inline __u32 cookie_sequence(__u64 cookie)
{
    return (__u32)cookie;
}

/* attempt: from 1, COOKIE_GROUP_PORTS at most. */
static inline __u16 cookie_port(__u64 cookie, __u32 attempt)
{
    return (__u16)(COOKIE_PORT_FIRST + (cookie >> 32) % COOKIE_GROUPS * COOKIE_GROUP_PORTS + (attempt - 1));
}

/* The attempt that an answer to this port of ours belongs to; 0 when the cookie has another group. */
static inline __u32 cookie_attempt(__u64 cookie, __u16 port)
{
    __u32 offset = (__u32)port - COOKIE_PORT_FIRST;
    if (offset >= COOKIE_PORTS || offset / COOKIE_GROUP_PORTS != (cookie >> 32) % COOKIE_GROUPS)
        return 0;
    return offset % COOKIE_GROUP_PORTS + 1;
}

#endif
