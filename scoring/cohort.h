#ifndef SCORING_COHORT_H
#define SCORING_COHORT_H

#include "scoring/index.h"

/* Organizations taken together: all of them, and those that share the value of a key that the scope gives
   them: province, level, any tag (model.md §1, §6). The index of a group is the mean of its organizations'
   indices, never a mean of means. The order in which they come changes no bit. */

/* What a cohort takes of an organization that has an index. Borrowed. */
struct cohort_member {
    const struct organization *organization; /* id, name, tags */
    double index_exact;
    int index;      /* as published */
    enum band band; /* of that */
    enum band gate; /* the highest that may be shown */
    size_t row;     /* the caller's own number for it */
};

/* A member's place in a group: its rank is one more than there are members with a higher index. */
struct cohort_place {
    const struct cohort_member *member;
    size_t rank;
};

struct cohort {
    const char *key;   /* COHORT_ALL, "province", "level", or a tag's; borrowed from the members */
    const char *value; /* COHORT_ALL for the whole; borrowed */
    size_t organizations;
    double mean;
    double deviation;   /* of a sample; NAN for fewer than two */
    double interval[2]; /* Student's t, 95 %, within 0 to 1000; NAN for fewer than two */
    size_t bands[4];    /* organizations by the band of their index */
    size_t gates[4];    /* by their gate; excellent: nothing gates */
    size_t shown[4];    /* by the band that is shown, the lower one of the two */
    size_t groups;      /* of this key, itself included */
    size_t rank;        /* of the mean among those, and the ranks that it could as well have (ranks.h) */
    size_t could_be[2];
    const struct cohort_place *places; /* `organizations` of them, the highest index first, then by id */
};

#define COHORT_ALL "all"

struct cohorts {
    struct cohort *items; /* the whole first, then province, level, the other keys; each by value */
    size_t count;
    struct cohort_member *members; /* copies */
    struct cohort_place *places;
};

/* `key` NULL: every key that a member carries; else that one, COHORT_ALL being the whole. Keeps copies of the
   members, not of their organizations. */
MUST_USE enum status cohorts_make(const struct cohort_member *members, size_t count, const char *key,
                                  struct cohorts *cohorts_out);
void cohorts_deinit(struct cohorts *cohorts);
/* The first cohort of a key, NULL when there is none; those of the key stand in one row. */
const struct cohort *cohorts_of(const struct cohorts *cohorts, const char *key);

#endif
