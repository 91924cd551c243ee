#ifndef SCANNER_ASIDE_H
#define SCANNER_ASIDE_H

#include <stdbool.h>

#include "scanner/network.h"
#include "scanner/wire.h"

/* Steps of a sweep whose network was at its ceiling when their turn came: put aside, so that the others go on, and
   taken up again, in each network the first first, as soon as it may be asked. At most ASIDE_MAX of them; where there
   is no room the sweep has to wait. */

#define ASIDE_MAX    65536
#define ASIDE_PASSES (WIRE_ATTEMPTS_MAX + 1)

struct aside_entry {
    uint64_t step;
    unsigned pass; /* the attempt, from 1 */
    struct network *network;
    struct aside_entry *next;          /* of its network; or of those that are free */
    struct aside_entry *older, *newer; /* of its pass */
};

struct aside {
    struct aside_entry *entries; /* NULL: nothing is ever put aside */
    struct aside_entry *free;
    struct aside_entry *oldest[ASIDE_PASSES], *newest[ASIDE_PASSES];
    size_t counts[ASIDE_PASSES];
    size_t count;
    struct heap networks; /* that have any */
};

MUST_USE enum status aside_init(struct aside *aside);
void aside_deinit(struct aside *aside);
bool aside_has_room(const struct aside *aside);
/* Puts a step aside; only while there is room. Of one pass the steps rise. STATUS_NO_MEMORY. */
MUST_USE enum status aside_add(struct aside *aside, struct network *network, uint64_t step, unsigned pass);
/* The first of a network that may be asked now; NULL when there is none. It stays until aside_remove. */
struct aside_entry *aside_ready(struct aside *aside, int64_t now_ns);
/* The first of its network; what comes behind it has to wait until the network's pace allows. */
void aside_remove(struct aside *aside, struct aside_entry *entry);
/* When aside_ready may have one; INT64_MAX when nothing is aside. */
int64_t aside_due(const struct aside *aside);
/* The lowest step of a pass that is aside; UINT64_MAX when none is. */
uint64_t aside_lowest(const struct aside *aside, unsigned pass);

#endif
