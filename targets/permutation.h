#ifndef TARGETS_PERMUTATION_H
#define TARGETS_PERMUTATION_H

#include <stdbool.h>
#include <stdint.h>

/* A keyed bijection of [0, size): a Feistel network on the next even number of bits, walked until it lands
   inside. Visits every number once in an order that the key decides, with no memory but this. size 1 .. 2^62.
 */
#define PERMUTATION_ROUNDS 6

struct permutation {
    uint64_t size;
    unsigned half_bits;
    uint64_t keys[PERMUTATION_ROUNDS];
};

void permutation_init(struct permutation *permutation, uint64_t size, uint64_t seed);
/* The number at a position; position < size (beyond it the position itself comes back). */
uint64_t permutation_at(const struct permutation *permutation, uint64_t position);
/* The inverse: the position of a number; number < size (beyond it the number itself comes back). */
uint64_t permutation_of(const struct permutation *permutation, uint64_t number);
/* The mixing function of its rounds, for whoever else wants numbers that a seed decides. */
uint64_t permutation_mix(uint64_t value);

/* Shard i of n (from 1): positions i-1, i-1+n, … The shards of one seed partition the whole exactly. */
struct shard {
    uint64_t next;
    uint64_t step;
};

/* 1 <= number <= count. */
void shard_init(struct shard *shard, uint64_t number, uint64_t count);
/* The shard's next position within the permutation's size; false when there is none left. */
bool shard_next(struct shard *shard, const struct permutation *permutation, uint64_t *position_out);

#endif
