#ifndef SCORING_FEEDS_EVE_MAP_H
#define SCORING_FEEDS_EVE_MAP_H

#include "scoring/feeds/eve_event.h"
#include "scoring/feeds/map_rules.h"

/* Which event of Suricata's is which item (scoring/data/import-eve.json). The rules are asked in their order
   for each end of an event; the first that fits speaks for that end. */

/* Whose the finding is: the end that asked or was asked, that attacks or is attacked (where Suricata's rule says
   so, else as if the client attacked), or whichever of the two is ours. */
enum eve_host { EVE_CLIENT, EVE_SERVER, EVE_ATTACKING, EVE_ATTACKED, EVE_EITHER };
/* Where the other end must be: outside that organization, inside it, or anywhere. */
enum eve_peer { EVE_OUTSIDE, EVE_INSIDE, EVE_ANYWHERE };

struct eve_ids {
    uint64_t first, last;
};

struct eve_rule {
    struct map_items items;
    unsigned kinds;    /* a bit 1 << kind for each event it is about */
    char **categories; /* one of them, letters' case aside; NULL: any, and so below */
    char **signatures; /* one of them stands in the signature, letters' case aside */
    struct eve_ids *ids;
    size_t ids_count;
    char *metadata_name; /* of the signature's metadata … */
    char **metadata;     /* … and one of these values of it */
    int severity;        /* at most; 0: any */
    struct ports ports;  /* the server's; count 0: any */
    char **names;        /* the name is one of them, or below it; folded */
    int name_length;     /* at least */
    int answered;        /* 0 no, 1 yes, -1 no matter */
    struct indicator_condition indicator;
    enum eve_host host;
    enum eve_peer peer;
    int at_least;   /* so many events before it is a finding */
    bool by_day;    /* the occurrence is a day, not a host */
    int confidence; /* 0: the item's */
    bool covers;    /* that no such event was seen says that there is none */
};

struct eve_map {
    struct eve_rule *rules;
    size_t count;
};

/* STATUS_WRONG_FILE: the complaints say what and where. */
MUST_USE enum status eve_map_read(struct eve_map *map_out, const struct document *document,
                                  const struct catalogue *catalogue, struct complaints *complaints);
void eve_map_deinit(struct eve_map *map);
/* Does the event itself fit, whoever its ends are? What the rule says of indicators is not regarded. */
bool eve_rule_fits(const struct eve_rule *rule, const struct eve_event *event);

#endif
