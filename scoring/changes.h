#ifndef SCORING_CHANGES_H
#define SCORING_CHANGES_H

#include "scoring/index.h"
#include "scoring/store.h"

/* What changed from one scan of a store to a later one. Both are judged anew with the same catalogue, the same
   owners and asset values, so that what changed in those is not taken for a change of the network. Accepted
   risks and false positives of the earlier scan are those that were in force on its day by the scope file that it
   kept (else by that of the options), of the later one those of the day and the scope that the options name.
   Imports count beside each scan as they were in force at its time. */

enum change_kind {
    CHANGE_NEW,
    CHANGE_OPEN, /* still */
    CHANGE_MENDED,
    CHANGE_GONE, /* its host answers nothing any more: off or filtered, which is not called mended */
    CHANGE_BACK, /* was absent, and is there again within CHANGES_BACK_DAYS of when it was last seen */
    CHANGE_ACCEPTED,
    CHANGE_LAPSED,    /* its acceptance came to its end */
    CHANGE_FALSE,     /* marked in the scope as a false positive */
    CHANGE_UNCHECKED, /* not looked at this time, so that nobody knows */
    CHANGE_KINDS,
};
#define CHANGES_BACK_DAYS 90
#define CHANGES_BACK_MS   (CHANGES_BACK_DAYS * INT64_C(86400000))

/* What made it one of its kind, where there is more than one way to that. */
enum change_reason {
    REASON_NONE,
    REASON_FIRST_LOOK,    /* new: the earlier scan did not look there */
    REASON_LONG_AGO,      /* new: it was seen before, longer ago than CHANGES_BACK_DAYS */
    REASON_CLOSED,        /* mended: the host answers, this port does not */
    REASON_OTHER_SERVICE, /* mended: another service answers there */
    REASON_ANSWERED,      /* mended: the service answers without it */
    REASON_REPORTED,      /* mended: a source that covers it says so no longer */
    REASON_SILENT_HOST,   /* gone */
    REASON_VANTAGE,       /* the rest: unchecked */
    REASON_INCOMPLETE,
    REASON_SHARD,
    REASON_ORGANIZATION, /* the later scan did not look at it */
    REASON_ADDRESS,      /* no longer in the scope */
    REASON_EXCLUDED,
    REASON_SCOPE_UNKNOWN,      /* nothing says whether the address was still in the scope */
    REASON_PORT,               /* not among the ports asked */
    REASON_ANSWERS_EVERYWHERE, /* the host answers at every port and says nothing */
    REASON_UNDETERMINED, /* something answers, and whether it has this was not to be found out; of what is new:
                                  so it was at the earlier scan */
    REASON_UNCOVERED,    /* no source looked at the item */
};

struct change {
    enum change_kind kind;
    enum change_reason reason;
    const char *organization;
    size_t item;                   /* in the catalogue of the options */
    const struct finding *finding; /* the later scan's, else the earlier's */
    int64_t first_ms; /* first seen, by all complete scans from this vantage that the store holds */
    int64_t seen_ms;  /* last seen */
    double moved;     /* index points that this alone brought, negative: worse; 0 for what is still
                                      open; NAN where there is no index */
    const struct accepted_risk *risk; /* of accepted, lapsed and false: the scope's entry; NULL: not known */
    const char *why;                  /* the reason in English, for records; NULL where there is none */
};

enum endpoint_change_kind {
    ENDPOINT_CHANGE_OPENED,
    ENDPOINT_CHANGE_CLOSED, /* the host answers, this port does no longer */
    ENDPOINT_CHANGE_SERVICE,
    ENDPOINT_CHANGE_VERSION, /* product or version */
    ENDPOINT_CHANGE_HOST_DOWN,
    ENDPOINT_CHANGE_HOST_NEW,
    ENDPOINT_CHANGE_NOT_ASKED,
    ENDPOINT_CHANGE_KINDS,
};

/* What answered at an endpoint. Texts are safe, "" where nothing is known. */
struct endpoint_answer {
    bool open;
    bool tls;
    const char *service, *product, *version;
};

struct endpoint_change {
    enum endpoint_change_kind kind;
    enum change_reason reason; /* of what was not asked */
    const char *organization;
    struct address address;
    struct port port; /* number 0: the host as a whole */
    struct endpoint_answer before, after;
};

struct organization_change {
    const char *id, *name;
    bool before_known, after_known; /* the scan has it */
    int before, after;              /* index; -1: none */
    double before_exact, after_exact;
    double moved;    /* the sum of what each change moved alone */
    double unlooked; /* the part of that which is owed to what is gone or was not checked: no improvement */
    double rest;     /* what is left of the difference: single moves don't add up, and what counts as assessed
                     changes as well. NAN where one of the two has no index */
    enum band gate;  /* of the later scan; excellent: none is in force */
    int stored_before, stored_after; /* as the scans stored them; -1: none */
    uint64_t counts[CHANGE_KINDS];
    size_t first_change, changes_count;     /* its part of the list */
    size_t first_endpoint, endpoints_count; /* and of the endpoints */
};

struct changes_options {
    const struct catalogue *catalogue;
    const struct scope
        *scope;        /* owners, asset values, accepted risks, false positives; NULL: what is known */
    const char *only;  /* one organization's id; NULL: all */
    int today;         /* YYYYMMDD */
    int64_t moment_ms; /* at which imports are in force beside the later scan; 0: when it ended */
    double exposure;   /* of findings that name none; 0: that of each scan's vantage */
};

struct changes {
    struct store_run before, after; /* copies: id, number, times, scope, vantage, ports, engine, catalogue */
    double
        recall; /* the part of the targets that answer which the later scan heard, estimated; 1 where nothing got lost */
    bool other_vantage;   /* the two looked from different places */
    struct change *items; /* by organization, kind as in change_order, |moved| falling, item, place */
    size_t count;
    struct endpoint_change *endpoints; /* by organization, address, port */
    size_t endpoints_count;
    struct organization_change *organizations; /* of both, by id */
    size_t organizations_count;
    uint64_t counts[CHANGE_KINDS];
    uint64_t endpoint_counts[ENDPOINT_CHANGE_KINDS];
    struct changes_parts *parts; /* what the above points to; private */
};

/* The order in which kinds are told: what is worse first. */
extern const enum change_kind change_order[CHANGE_KINDS];

/* From `before` to `after`, two scans of the store, the earlier first. Borrows the catalogue and the scope as long as the changes
   are there, the store only during the call. STATUS_STORE, STATUS_NO_MEMORY. */
MUST_USE enum status changes_make(struct store *store, const struct store_run *before,
                                  const struct store_run *after, const struct changes_options *options,
                                  struct changes *changes_out);
void changes_deinit(struct changes *changes);
/* The newest complete scan before a run that looked from the same vantage at the same shard, and at any of the same
   organizations. STATUS_MISMATCH: there is none. The caller deinits it. */
MUST_USE enum status changes_previous(struct store *store, const struct store_run *run,
                                      struct store_run *previous_out);
const struct organization_change *changes_organization(const struct changes *changes, const char *id);
/* The change of an occurrence, by its item and place; NULL where there is none, and where the list was taken out. */
const struct change *changes_find(const struct changes *changes, const char *organization, size_t item,
                                  const struct finding *finding);
/* How many are new or back: what --fail-on new asks for. */
uint64_t changes_appeared(const struct changes *changes);

const char *change_kind_word(enum change_kind kind); /* for records: "new", "mended" */
const char *change_kind_name(enum change_kind kind, enum language language);
const char *change_reason_name(enum change_reason reason, enum language language); /* "" for none */
const char *endpoint_change_word(enum endpoint_change_kind kind);                  /* "opened", "host_down" */
const char *endpoint_change_name(enum endpoint_change_kind kind, enum language language);

#endif
