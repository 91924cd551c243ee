#ifndef TESTS_TARGETS_RANDOM_H
#define TESTS_TARGETS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers that are the same in every run, so that a failure comes back. */
struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);
/* One of 0 .. count - 1. */
uint64_t random_below(struct random *random, uint64_t count);
bool random_chance(struct random *random, uint64_t one_in);

#endif
