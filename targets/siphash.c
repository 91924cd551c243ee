#include "targets/siphash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

enum status siphash_key_draw(struct siphash_key *key_out)
{
    return getrandom(key_out, sizeof *key_out, 0) == (ssize_t)sizeof *key_out ? STATUS_OK : STATUS_SYSTEM;
}

uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t size)
{
    struct siphash hash;
    const unsigned char *at = bytes;
    size_t left = size;
    uint64_t word;
    siphash_begin(&hash, key);
    for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        siphash_add(&hash, le64toh(word));
    }
    word = 0;
    memcpy(&word, at, left);
    return siphash_end(&hash, le64toh(word), size);
}
