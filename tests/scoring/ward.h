#ifndef TESTS_SCORING_WARD_H
#define TESTS_SCORING_WARD_H

#include "scoring/comparison.h"

/* Runs of a store in memory, made of counts alone: what censuses and comparisons are tested with. */

struct ward_organization {
    const char *id, *province;
    uint64_t addresses, answered, hosts; /* hosts with an open port; each has 80 open */
    struct {
        uint16_t port;
        uint64_t hosts; /* the first so many of them have it open */
    } open[8];
    uint16_t asked[8];  /* ports asked besides those that are open; ended by 0 */
    uint16_t partly;    /* a port that was asked at one address less */
    uint64_t synthetic; /* hosts that answered everywhere, 3306 included; not among the above */
    double index;       /* NAN: nothing was assessed */
};

struct store *ward_open(void);
/* A complete run of these organizations; the caller deinits it. */
struct store_run ward_run(struct store *store, const struct ward_organization *organizations, size_t count);
/* The same with another vantage, catalogue and number of shards. */
struct store_run ward_run_as(struct store *store, const struct ward_organization *organizations, size_t count,
                             const char *vantage, const char *catalogue, uint32_t shards);
void ward_load(struct baseline *baseline, const char *text); /* a right one; NULL: cn-2018-08 */

#endif
