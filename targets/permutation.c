#include "targets/permutation.h"

/* The finaliser of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014, with
   Stafford's thirteenth constants). It avalanches fully and costs two multiplications; secrecy of the order
   is not wanted of it, for replies are told genuine by the cookie. Golden values in the test hold it fast,
   because resuming depends on it. */
uint64_t permutation_mix(uint64_t value)
{
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

void permutation_init(struct permutation *permutation, uint64_t size, uint64_t seed)
{
    permutation->size = size;
    permutation->half_bits = 1;
    while (permutation->half_bits < 31 && UINT64_C(1) << 2 * permutation->half_bits < size)
        permutation->half_bits++;
    for (int i = 0; i < PERMUTATION_ROUNDS; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        permutation->keys[i] = permutation_mix(seed);
    }
}

/* The round value is taken from the top of the mixed word, where the multiplications have carried everything.
 */
static uint64_t encrypt(const struct permutation *permutation, uint64_t value)
{
    unsigned bits = permutation->half_bits;
    uint64_t left = value >> bits;
    uint64_t right = value & ((UINT64_C(1) << bits) - 1);
    for (int i = 0; i < PERMUTATION_ROUNDS; i++) {
        uint64_t swapped = left ^ permutation_mix(right + permutation->keys[i]) >> (64 - bits);
        left = right;
        right = swapped;
    }
    return left << bits | right;
}

static uint64_t decrypt(const struct permutation *permutation, uint64_t value)
{
    unsigned bits = permutation->half_bits;
    uint64_t left = value >> bits;
    uint64_t right = value & ((UINT64_C(1) << bits) - 1);
    for (int i = PERMUTATION_ROUNDS - 1; i >= 0; i--) {
        uint64_t swapped = right ^ permutation_mix(left + permutation->keys[i]) >> (64 - bits);
        right = left;
        left = swapped;
    }
    return left << bits | right;
}

uint64_t permutation_at(const struct permutation *permutation, uint64_t position)
{
    /* From outside a walk need never come home, and there is nothing to visit there. */
    if (position >= permutation->size)
        return position;
    uint64_t value = encrypt(permutation, position);
    while (value >= permutation->size)
        value = encrypt(permutation, value);
    return value;
}

uint64_t permutation_of(const struct permutation *permutation, uint64_t number)
{
    if (number >= permutation->size)
        return number;
    uint64_t position = decrypt(permutation, number);
    while (position >= permutation->size)
        position = decrypt(permutation, position);
    return position;
}

void shard_init(struct shard *shard, uint64_t number, uint64_t count)
{
    shard->next = number - 1;
    shard->step = count;
}

bool shard_next(struct shard *shard, const struct permutation *permutation, uint64_t *position_out)
{
    if (shard->next >= permutation->size)
        return false;
    *position_out = shard->next;
    shard->next = shard->step > UINT64_MAX - shard->next ? UINT64_MAX : shard->next + shard->step;
    return true;
}
