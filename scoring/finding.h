#ifndef SCORING_FINDING_H
#define SCORING_FINDING_H

#include "probes/observation.h"
#include "scoring/catalogue.h"

/* One thing found at one place (contract.md, "finding"). What it leaves out takes the catalogue's or the
 * scope's values. */
struct finding {
    char *organization;
    char *item;
    bool has_address;
    struct address address;
    struct port port; /* number 0: none */
    char *key;        /* for units other than endpoint and host; NULL: none */
    int confidence;   /* 0: the item's */
    int asset;        /* 0: the scope's narrowest asset range, else the item's */
    double exposure;  /* NAN: the vantage's */
    uint64_t count;   /* of one that names no place; 1 */
    char *why;        /* safe text */
    char *facts;      /* a JSON object; NULL: none */
    int64_t time_ms;  /* 0: unknown */
    bool judged;      /* concluded from an observation, and made anew when that is judged again */
};

void finding_deinit(struct finding *finding);

/* What one observation says of the items: findings, and which items were looked at without being determined.
 */
struct judgement {
    struct finding *findings; /* owned; organization NULL, to be filled in by who knows the owner */
    size_t count;
    bool *asked;        /* per item: its condition was judged against a service that it concerns */
    bool *undetermined; /* per item: and could not be decided */
    size_t items;
};

/* Judges every scan item against an open endpoint. */
MUST_USE enum status judgement_make(const struct catalogue *catalogue, const struct observation *observation,
                                    struct judgement *judgement_out);
void judgement_deinit(struct judgement *judgement);

#endif
