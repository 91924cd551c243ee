#include "scoring/siphash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

struct state {
    uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void round_once(struct state *state)
{
    state->a += state->b;
    state->c += state->d;
    state->b = rotate(state->b, 13) ^ state->a;
    state->d = rotate(state->d, 16) ^ state->c;
    state->a = rotate(state->a, 32) + state->d;
    state->c += state->b;
    state->d = rotate(state->d, 21) ^ state->a;
    state->b = rotate(state->b, 17) ^ state->c;
    state->c = rotate(state->c, 32);
}

static void take(struct state *state, uint64_t word)
{
    state->d ^= word;
    round_once(state);
    state->a ^= word;
}

enum status siphash_key_draw(struct siphash_key *key_out)
{
    return getrandom(key_out, sizeof *key_out, 0) == (ssize_t)sizeof *key_out ? STATUS_OK : STATUS_SYSTEM;
}

uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t size)
{
    struct state state = {key->low ^ 0x736f6d6570736575, key->high ^ 0x646f72616e646f6d,
                          key->low ^ 0x6c7967656e657261, key->high ^ 0x7465646279746573};
    const unsigned char *at = bytes;
    size_t left = size;
    uint64_t word;
    for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        take(&state, le64toh(word));
    }
    word = 0;
    memcpy(&word, at, left);
    take(&state, le64toh(word) | (uint64_t)size << 56);
    state.c ^= 0xff;
    for (int i = 0; i < 3; i++)
        round_once(&state);
    return state.a ^ state.b ^ state.c ^ state.d;
}
