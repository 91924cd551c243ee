#ifndef SCORING_OCCURRENCES_H
#define SCORING_OCCURRENCES_H

#include "scoring/arena.h"
#include "scoring/sighting.h"
#include "targets/siphash.h"

/* Findings of one organization as occurrences of items (contract.md, "Occurrences are told apart by …"). They
   are joined as they come, so that memory goes by distinct occurrences; which sighting speaks for one is
   decided by gravity and content, so that no order of theirs is left in the result. */

/* By what an occurrence is told apart. */
enum place {
    PLACE_NONE,         /* nothing: each finding stands for itself, as often as its count says */
    PLACE_ORGANIZATION, /* there can be but one */
    PLACE_HOST,
    PLACE_ENDPOINT,
    PLACE_KEY,
};

enum place place_of(enum item_unit unit, const struct finding *finding);

/* An item at a place, in bytes that are the same when they are. */
struct spot {
    uint32_t item;
    uint8_t place; /* enum place */
    uint8_t transport;
    uint16_t number;
    struct address address; /* of a key: its size and its hash */
};

/* All sightings of one occurrence. Of two the graver counts. */
struct occurrence {
    struct spot spot;
    const char *key;           /* of PLACE_KEY */
    uint64_t count;            /* 1, or what a finding without a place says */
    struct sighting *in_force; /* the gravest that is not accepted; NULL: none */
    struct sighting *accepted; /* the gravest that is; NULL: none */
    struct sighting *marked;   /* the gravest that is a false positive; counts for nothing */
    uint32_t hash;
    bool gates; /* one that is in force does */
};

struct occurrences {
    struct occurrence *items;
    size_t count, capacity;
    uint32_t *slots; /* 1 + the number of an item, 0: free; a power of two of them, at most half in use */
    size_t slots_count, slots_capacity;
    struct siphash_key key;
    struct arena arena;    /* sightings and texts */
    char *organization;    /* as the findings name it, kept once; NULL: not named yet */
    size_t last_item;      /* of the last finding: the next is often of the same */
    bool without_findings; /* keep numbers only */
    uint64_t marked;       /* findings that are false positives, where no occurrence of them is kept */
};

/* `without_findings`: sightings keep no finding, and those without a place are joined where they weigh the
   same, their counts added, and false positives are counted only. */
MUST_USE enum status occurrences_init(struct occurrences *occurrences, bool without_findings);
void occurrences_deinit(struct occurrences *occurrences);
/* Forgets all of them and keeps the memory, for another organization. */
void occurrences_reset(struct occurrences *occurrences, bool without_findings);
/* Copies what it keeps of the finding. STATUS_MISMATCH when its item is not in the catalogue, or a value of
   its own is none that an item could have. */
MUST_USE enum status occurrences_add(struct occurrences *occurrences, const struct weighing *weighing,
                                     const struct finding *finding);

/* How many are false positives and nothing else; without findings, how many findings. */
uint64_t occurrences_marked(const struct occurrences *occurrences);
/* All of them by item; with findings by place, too, and what has none by gravity and content. They point into
   the occurrences, and are good until the next call. Caller frees *sorted_out. */
MUST_USE enum status occurrences_sorted(const struct occurrences *occurrences, size_t items,
                                        const struct occurrence ***sorted_out);

#endif
