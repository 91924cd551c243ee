#ifndef SCORING_CHANGES_PARTS_H
#define SCORING_CHANGES_PARTS_H

#include "scoring/changes.h"
#include "scoring/index.h"

/* One of the two scans that are compared, judged anew; private to changes*.c. */

/* A port that was open. Texts are owned, NULL for "". */
struct side_endpoint {
    size_t organization; /* its place among the names */
    struct address address;
    struct port port;
    bool tls;
    const char *service; /* static */
    char *product, *version;
};

struct side_host {
    size_t organization;
    struct address address;
    bool everywhere; /* it answers at every port and says nothing */
};

struct side_organization {
    bool known; /* the scan names it */
    struct index *index;
    struct scorecard card;
    struct index_occurrence *occurrences; /* by item and place */
    size_t occurrences_count;
    bool *covered; /* per item: an import beside the scan covers it wholly */
    int stored;    /* the index as the scan stored it; -1: none */
};

/* The organizations of both scans, by id. */
struct side_names {
    struct organization *items;
    size_t count;
};

struct side {
    struct store *store; /* during changes_make alone */
    struct store_run run;
    const struct catalogue *catalogue;
    const struct side_names *names;
    struct scope kept; /* the scope file that the scan kept */
    bool have_kept;
    const struct scope *asked; /* by which it asked; NULL: not known */
    struct ports ports;
    struct side_organization *organizations; /* as the names */
    struct side_endpoint *endpoints;         /* by organization, address, port, transport */
    size_t endpoints_count, endpoints_capacity;
    struct side_host *hosts; /* that answered, by organization and address */
    size_t hosts_count, hosts_capacity;
};

struct changes_parts {
    struct side_names names;
    struct side before, after;
    size_t *order; /* of the changes of each organization in turn: by item and place, where each stands */
    const struct scope *scope; /* by whose owners and assets both are judged; NULL: none */
};

/* Who there is in either. */
MUST_USE enum status side_names_make(struct store *store, const struct store_run *before,
                                     const struct store_run *after, const struct changes_options *options,
                                     struct side_names *names_out);
void side_names_deinit(struct side_names *names);
/* The place of an id; SIZE_MAX for none. */
size_t side_names_find(const struct side_names *names, const char *id);

/* How one scan is to be judged. */
struct side_options {
    const struct scope *owners; /* asset values, informatization */
    const struct scope *scope;  /* accepted risks and false positives */
    int today;                  /* on which those are to hold */
    int64_t moment_ms;          /* of the imports */
    double exposure;
};
/* Copies the run and reads the scope that it kept. */
MUST_USE enum status side_init(struct side *side, struct store *store, const struct store_run *run,
                               const struct changes_options *options, const struct side_names *names);
MUST_USE enum status side_judge(struct side *side, const struct side_options *options);
void side_deinit(struct side *side);
/* NULL where it was not open. */
const struct side_endpoint *side_endpoint(const struct side *side, size_t organization,
                                          struct address address, struct port port);
/* The first of a host's; those of the host follow it. *count_out: how many. */
const struct side_endpoint *side_endpoints(const struct side *side, size_t organization,
                                           struct address address, size_t *count_out);
/* NULL where it answered nothing. */
const struct side_host *side_host(const struct side *side, size_t organization, struct address address);
/* REASON_NONE where the scan asked there, port 0 being the host; else why not. `other` is the scan that it is held
   against. */
enum change_reason side_asked(const struct side *side, const struct side *other, size_t organization,
                              struct address address, struct port port);
/* What an open endpoint says of an item: REASON_ANSWERED, REASON_OTHER_SERVICE, REASON_UNDETERMINED, or REASON_NONE
   where it has it. */
MUST_USE enum status side_verdict(struct side *side, size_t organization, size_t item, struct address address,
                                  struct port port, enum change_reason *reason_out);

/* One occurrence in one of the two, or in both, on its way to a change. */
struct draft {
    size_t organization;
    const struct index_occurrence *before, *after; /* NULL: not there */
    enum change_reason looked; /* without `before`: whether the earlier scan looked there */
    int64_t first_ms, seen_ms;
    int64_t earlier_ms; /* without `before`: when it was last seen before the later scan; 0: never */
    bool absent;        /* a scan after first_ms looked and found it gone */
    bool gap;           /* without `before`: it was absent between earlier_ms and the later scan */
    bool done;          /* nothing before first_ms counts */
    uint32_t turn;      /* the last run that had it */
};

struct drafts {
    struct draft *items; /* by organization, item, place */
    size_t count, capacity;
    size_t *first; /* per organization, and one more: where its own begin */
};

/* Sets first_ms, seen_ms, earlier_ms and gap from all complete scans of the same vantage before the later one. */
MUST_USE enum status drafts_remember(struct drafts *drafts, const struct changes_parts *parts);
/* What became of an occurrence of the earlier scan that the later one has not. */
MUST_USE enum status drafts_fate(struct changes_parts *parts, size_t organization,
                                 const struct index_occurrence *occurrence, enum change_reason *reason_out);
/* All changes of one organization from its drafts, in their order; `changes` and `order` have room for as many, and the
   latter gets where each stands when they are counted by item and place. */
MUST_USE enum status drafts_describe(struct changes_parts *parts, size_t place, const struct draft *drafts,
                                     size_t drafts_count, struct change *changes, size_t *order,
                                     size_t *count_out);
/* Fills changes->endpoints. */
MUST_USE enum status endpoint_changes_make(struct changes *changes);

#endif
