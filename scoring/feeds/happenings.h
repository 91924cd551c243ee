#ifndef SCORING_FEEDS_HAPPENINGS_H
#define SCORING_FEEDS_HAPPENINGS_H

#include "scoring/finding.h"
#include "targets/siphash.h"

/* Events counted by what they are occurrences of, so that a million alerts about one host are one finding. */

/* What tells one occurrence from another. Unused members are 0. */
struct happening_place {
    const char *organization; /* the sink's, which stays; told apart by where it is */
    struct address address;
    uint32_t item; /* its place in the catalogue */
    uint32_t rule; /* whose count has to reach a number; HAPPENINGS_ANY_RULE: one event is enough */
    uint32_t day;  /* since 1970; 0: the occurrence is no day */
    struct port port;
    uint16_t placed; /* 1: the occurrence is of the address */
};
#define HAPPENINGS_ANY_RULE UINT32_MAX

#define HAPPENINGS_WHAT_MAX 72
/* Beyond so many a file is to be refused, since one occurrence left out would look as if there were none. */
#define HAPPENINGS_MAX 262144u

struct happening {
    struct happening_place place;
    uint64_t events;
    int64_t first_ms, last_ms;
    int confidence;                 /* the highest */
    char what[HAPPENINGS_WHAT_MAX]; /* of the first event, as the caller wrote it */
};

#define HAPPENINGS_BLOCK 4096u

struct happenings {
    struct happening *blocks[HAPPENINGS_MAX / HAPPENINGS_BLOCK]; /* so that growing copies nothing */
    size_t count;
    uint32_t *slots; /* numbers of entries, from 1; a power of two of them */
    size_t slots_count;
    struct siphash_key key; /* addresses come from outside, and so could be made to crowd */
};

MUST_USE enum status happenings_init(struct happenings *happenings);
void happenings_deinit(struct happenings *happenings);
/* Counts one event; *entry_out is its occurrence, new when `events` is 1, good until the next call. STATUS_LIMIT
   at the cap. */
MUST_USE enum status happenings_add(struct happenings *happenings, const struct happening_place *place,
                                    int64_t time_ms, int confidence, struct happening **entry_out);
/* In the order of their first event. */
struct happening *happenings_at(const struct happenings *happenings, size_t number);
/* Adds the events of another entry to an occurrence. */
MUST_USE enum status happenings_merge(struct happenings *happenings, const struct happening_place *place,
                                      const struct happening *from);

#endif
