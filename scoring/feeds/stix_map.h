#ifndef SCORING_FEEDS_STIX_MAP_H
#define SCORING_FEEDS_STIX_MAP_H

#include "scoring/feeds/map_rules.h"

/* Which indicator on an address or name of an organization, and which sighting there, is which item
   (scoring/data/import-stix.json). The first rule that fits speaks. */

struct stix_rule {
    struct map_items items;
    bool sighting;                        /* of what is sighted; else of what an indicator is on */
    struct indicator_condition condition; /* of a sighting the words alone */
    int confidence;                       /* 0: the item's */
    bool covers;                          /* the bundle names all that there is of it */
};

struct stix_map {
    struct stix_rule *rules;
    size_t count;
};

/* STATUS_WRONG_FILE: the complaints say what and where. */
MUST_USE enum status stix_map_read(struct stix_map *map_out, const struct document *document,
                                   const struct catalogue *catalogue, struct complaints *complaints);
void stix_map_deinit(struct stix_map *map);
/* The first rule that fits an indicator's term or, with kind 0, a sighting; NULL when none does. */
const struct stix_rule *stix_map_find(const struct stix_map *map, unsigned kind, uint64_t words);

#endif
