#ifndef SCORING_FEEDS_CSV_MAP_H
#define SCORING_FEEDS_CSV_MAP_H

#include "scoring/feeds/csv_columns.h"
#include "scoring/feeds/feed.h"

/* What the columns and values of any table mean: the map "csv".

   "columns" names those that there are, each by a text or a list of texts: "org" (id or name), "ip", "port" (443
   or 443/tcp), "domain", "item", "key", "confidence", "time", "count", "why". What is found is "item" in every
   line, or what "items" gives for the text in the column "item" (null: nothing is), or without either that text
   itself; "unlisted" says whether texts that are not in "items" are refused or skipped. "confidences" gives
   numbers for words. "delimiter" is a comma where it is not named, "time_offset" "+00:00". "covers": the "items"
   that the file looked at, for "organizations" "named" in it or "all" that it can be about, during the time of
   its lines and the "days" before the last; without a column "time" the moment of the import is the last. */

enum csv_part {
    CSV_ORGANIZATION,
    CSV_ADDRESS,
    CSV_PORT,
    CSV_DOMAIN,
    CSV_ITEM,
    CSV_KEY,
    CSV_CONFIDENCE,
    CSV_TIME,
    CSV_COUNT,
    CSV_WHY,
    CSV_PARTS,
};

#define CSV_COVERS_MAX 128

struct csv_map {
    char delimiter;
    int offset_minutes;
    const cJSON *columns[CSV_PARTS]; /* the names of each; NULL: none. Borrow from the document */
    const struct item *item;         /* of every line; NULL: by its own column */
    const cJSON *items;              /* by that column's text; NULL: the text is the item */
    bool skips_unlisted;
    const cJSON *confidences;
    const char *covers[CSV_COVERS_MAX];
    size_t covers_count;
    bool covers_all;
    int covers_days;
};

MUST_USE enum status csv_map_read(struct csv_map *map, const struct feed_call *call);

#endif
