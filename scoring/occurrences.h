#ifndef SCORING_OCCURRENCES_H
#define SCORING_OCCURRENCES_H

#include "scoring/index.h"

/* Findings of one organization as occurrences of items (contract.md, "Occurrences are told apart by …"). They
   are kept as they come and joined when asked for, so that no order of theirs is left in the result. */

/* By what an occurrence is told apart. */
enum place {
    PLACE_NONE,         /* nothing: each finding stands for itself, as often as its count says */
    PLACE_ORGANIZATION, /* there can be but one */
    PLACE_HOST,
    PLACE_ENDPOINT,
    PLACE_KEY,
};

/* A finding with what it leaves out filled in. */
struct sighting {
    size_t item;
    enum place place;
    struct finding finding; /* own copy */
    int asset, confidence;
    double exposure;
    double weight; /* b_e */
    bool gates;    /* by its own values (model.md §4, "Gate") */
    bool accepted; /* its risk is accepted today */
};

struct occurrences {
    struct sighting **items; /* each stays where it is until the end */
    size_t count;
    size_t capacity;
};

void occurrences_deinit(struct occurrences *occurrences);
/* Copies the finding. STATUS_MISMATCH when its item is not in the catalogue, or a value of its own is none
   that an item could have. */
MUST_USE enum status occurrences_add(struct occurrences *occurrences, const struct catalogue *catalogue,
                                     const struct index_options *options, const struct finding *finding);

/* All sightings of one occurrence. Of two the graver counts. */
struct occurrence {
    size_t item;
    const struct sighting *in_force; /* the gravest that is not accepted; NULL: none */
    const struct sighting *accepted; /* the gravest that is; NULL: none */
    uint64_t count;                  /* 1, or what a finding without a place says */
    bool gates;                      /* one that is in force does */
};

/* Joins them, ordered by item and place. Caller frees *joined_out. */
MUST_USE enum status occurrences_join(const struct occurrences *occurrences, struct occurrence **joined_out,
                                      size_t *count_out);
/* By item, place, gravity and at last content: 0 only for what nothing tells apart. */
int sighting_compare(const struct sighting *a, const struct sighting *b);

#endif
