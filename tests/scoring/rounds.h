#ifndef TESTS_SCORING_ROUNDS_H
#define TESTS_SCORING_ROUNDS_H

#include "scoring/changes.h"

/* Scans of the same hospitals one after the other, made through the store as a scan makes them: what changes are
   tested with. */

#define ROUND_DAY_MS INT64_C(86400000)
#define ROUND_START  (INT64_C(20454) * ROUND_DAY_MS) /* 2026-01-01 */

/* A port that is open, or (port 0) a host that answers and has none. */
struct round_endpoint {
    const char *organization; /* NULL: h001 */
    uint32_t host;            /* 192.0.2.host */
    uint16_t port;
    const char *service, *product, *version;
};

struct round {
    int day;             /* after ROUND_START */
    const char *ports;   /* NULL: 22,3306,6379 */
    const char *vantage; /* NULL: internet */
    const char *scope;   /* NULL: rounds_scope of the rounds */
    uint32_t shard, shards;
    bool incomplete;
    bool keeps_no_scope;
    uint32_t everywhere; /* a host that answers at every port; 0: none */
    const struct round_endpoint *endpoints;
    size_t count;
};

struct rounds {
    struct store *store;
    struct catalogue catalogue;
    struct scope scope;
    char *text;
};

extern const char rounds_scope[]; /* h001 has 192.0.2.0/28, h002 192.0.2.16/28 */

void rounds_begin(struct rounds *rounds, const char *scope);
void rounds_end(struct rounds *rounds);
/* Another scope file from now on. */
void rounds_scope_again(struct rounds *rounds, const char *scope);
struct store_run rounds_scan(struct rounds *rounds, const struct round *round);
/* With today the day of the later one, unless `today` names one (YYYYMMDD). */
void rounds_compare(struct rounds *rounds, const struct store_run *before, const struct store_run *after,
                    int today, struct changes *changes_out);
/* The only change of this item there; fails where there is none or more. host 0: anywhere. */
const struct change *rounds_change(const struct rounds *rounds, const struct changes *changes,
                                   const char *item, uint32_t host);

#endif
