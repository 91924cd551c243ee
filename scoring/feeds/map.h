#ifndef SCORING_FEEDS_MAP_H
#define SCORING_FEEDS_MAP_H

#include "scoring/catalogue.h"
#include "targets/fields.h"

/* What the maps of all feeds have in common. Mistakes are complaints at their place in the map. */

/* Checks the head of a map, { "auscult_map": FEED, … }. */
void map_read_head(struct fields *fields, const struct document *map, const char *feed);
/* An item by its id; NULL and a complaint when the catalogue has no such item. */
const struct item *map_item(struct fields *fields, const struct catalogue *catalogue, const cJSON *value);
/* The member "services" of a map: our word for each of another source's. Required. */
const cJSON *map_services(struct fields *fields, const cJSON *root);
/* A member with facts by their names and values; they are checked by setting them on the scratch. NULL where
   there is none. */
const cJSON *map_facts(struct fields *fields, const cJSON *entry, const char *name,
                       struct observation *scratch);

#endif
