#ifndef SCORING_ROSTER_H
#define SCORING_ROSTER_H

#include "scoring/cohort.h"
#include "scoring/store.h"

/* Every organization of a store as its newest complete run with a scorecard of it has it: what a cohort is made of,
   and what a g is fitted to. A run adds to the store, and the roster follows. */

struct roster_options {
    const char *vantage;       /* only runs that looked from there; NULL: any */
    const struct scope *scope; /* names and tags from there, and only its organizations; NULL: the store's */
    const struct catalogue
        *catalogue; /* whose g the raw scores are read by; NULL: the indices as they are stored */
};

/* How some of the scorecards were made. Those of unlike bases don't compare alike. */
struct roster_basis {
    const char *catalogue, *vantage; /* borrowed from a row */
    uint32_t shard, shards;          /* of more than one shard: only a part was looked at */
    size_t organizations;            /* with an index */
};

struct roster_row {
    struct organization organization; /* id, name, tags, informatization */
    struct store_scorecard scorecard;
    char run[37];
    int64_t started_ms; /* of the run */
    char *catalogue, *vantage;
    uint32_t shard, shards;
};

struct roster {
    struct roster_row *rows; /* in the order of their ids */
    size_t count;
    size_t with_index;
    size_t left_out;            /* organizations that the scope does not hold */
    struct roster_basis *bases; /* of those with an index, the most frequent first */
    size_t bases_count;
};

/* STATUS_MISMATCH: there are scorecards of another catalogue than the one whose g is to be used; the bases name
   them, and the roster is to be deinited. */
MUST_USE enum status roster_make(struct store *store, const struct roster_options *options,
                                 struct roster *roster_out);
void roster_deinit(struct roster *roster);
/* Those with an index; `row` is their place in the roster. The caller frees. */
MUST_USE enum status roster_members(const struct roster *roster, struct cohort_member **members_out,
                                    size_t *count_out);

#endif
