#include "random.h"

/* xorshift64* (Vigna 2016), another family than the mixer under test. */
uint64_t random_next(struct random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(2685821657736338717);
}

uint64_t random_below(struct random *random, uint64_t count)
{
    return (random_next(random) >> 16) % count;
}

bool random_chance(struct random *random, uint64_t one_in)
{
    return random_below(random, one_in) == 0;
}
