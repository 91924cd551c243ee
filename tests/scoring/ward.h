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
/* Each fails where there is none of that id. */
const struct figure *ward_figure(const struct baseline *baseline, const char *id);
size_t ward_exposure(const struct exposures *exposures, const char *id);

/* Everything that a comparison borrows, and the comparison. */
struct ward_scene {
    struct store *store;
    struct store_run run;
    struct baseline baseline;
    struct exposures exposures;
    struct census census;
    struct catalogue catalogue;
    struct census_options subject;
    struct comparison_options options;
    struct comparison comparison;
};

/* A store of these organizations against a baseline as ward_load takes it, by the built-in catalogue; options may
   be changed before ward_compare, which may be called again. */
void ward_begin(struct ward_scene *scene, const struct ward_organization *organizations, size_t count,
                const char *baseline);
/* Counts anew, of whom these options name. */
void ward_census(struct ward_scene *scene, struct census_options subject);
void ward_compare(struct ward_scene *scene);
void ward_end(struct ward_scene *scene);

#endif
