#ifndef SCORING_CENSUS_H
#define SCORING_CENSUS_H

#include "scoring/exposure.h"
#include "scoring/proportion.h"
#include "scoring/roster.h"

/* What a store knows of some organizations, counted from the newest complete run of each: hosts by exposure,
   over three denominators that are kept apart (model.md §6), and their indices. */

struct census_options {
    const char *organization; /* this one only; NULL: all */
    const char *key, *value;  /* only those whose tag `key` has the value; NULL: all */
    const char *vantage;      /* only runs that looked from there; NULL: any */
};

/* One organization. */
struct census_member {
    const struct roster_row *row;
    uint64_t addresses;       /* authorized: at so many was a port asked, exclusions left out */
    bool addresses_known;     /* false: the run is one shard of several, and saw a part of them */
    uint64_t answered, hosts; /* addresses that answered at all; hosts with an open port */
};

/* How much of an exposure was asked. What was not asked everywhere is at least as exposed as its counts say. */
enum census_asked { ASKED_NOWHERE, ASKED_PARTLY, ASKED_WHOLLY };

/* One exposure, counted over the organizations where it was asked at all. */
struct census_tally {
    enum census_asked asked;
    uint64_t hosts; /* exposed: distinct addresses with one of the ports open, synthetic ones left out */
    uint64_t organizations; /* with at least one of them */
    uint64_t of[4];         /* by enum denominator, DENOMINATOR_ORGANIZATION included */
};

struct census {
    struct roster roster;          /* of the whole store */
    struct census_member *members; /* in the order of their ids */
    size_t count;
    struct census_tally *tallies;        /* by exposure */
    uint64_t addresses, answered, hosts; /* of all members */
    bool addresses_known;                /* of every member */
    const char *vantage;                 /* of every member's run; NULL where they differ */
};

/* STATUS_MISMATCH: the store has no such organization with a complete run. */
MUST_USE enum status census_make(struct store *store, const struct exposures *exposures,
                                 const struct census_options *options, struct census *census_out);
/* The same of these organizations by the runs that they name. Takes the roster, whatever comes back; its rows stand in
   the order of their ids. STATUS_MISMATCH: it has none. */
MUST_USE enum status census_of(struct store *store, const struct exposures *exposures, struct roster *roster,
                               struct census *census_out);
void census_deinit(struct census *census);
/* Exposed of all by a denominator: hosts, or organizations for DENOMINATOR_ORGANIZATION. `of` is 0 where it is
   not known. */
struct proportion census_proportion(const struct census *census, size_t exposure,
                                    enum denominator denominator);

/* The indices of the members together. */
struct census_indices {
    bool applied;         /* by the catalogue's g; else as the store has them, made by another catalogue */
    size_t organizations; /* with an index */
    double mean, interval[2]; /* NAN where there are too few (cohort.h) */
    size_t bands[4];          /* organizations, by enum band */
};
MUST_USE enum status census_indices(const struct census *census, const struct catalogue *catalogue,
                                    struct census_indices *indices_out);

#endif
