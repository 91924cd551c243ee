#ifndef SCANNER_NEIGHBOUR_H
#define SCANNER_NEIGHBOUR_H

#include "scanner/packet.h"
#include "scanner/route.h"

/* Hardware addresses of the gateways and of the targets on our own links: from the kernel's table, else asked for
   by ARP (RFC 826) and neighbour discovery (RFC 4861). */

enum neighbour_state {
    NEIGHBOUR_UNKNOWN,
    NEIGHBOUR_STALE, /* the kernel knew it some time ago: good for a gateway that does not answer us */
    NEIGHBOUR_KNOWN,
    NEIGHBOUR_FIXED, /* by whoever administers this machine: nobody is asked, or believed otherwise */
};

struct neighbour {
    uint8_t hardware[6];
    uint8_t state;
    bool asked; /* by us */
};

/* One for each route over a gateway, one for each address of a route on the link. Borrows the routes. */
struct neighbours {
    const struct routes *routes;
    uint64_t *first; /* of each route */
    struct neighbour *items;
};

#define NEIGHBOURS_MAX (UINT64_C(1) << 26)

/* Takes what the kernel knows. STATUS_LIMIT: more than NEIGHBOURS_MAX addresses on our links. */
MUST_USE enum status neighbours_init(struct neighbours *neighbours, struct netlink *netlink,
                                     const struct routes *routes);
void neighbours_deinit(struct neighbours *neighbours);
/* The next hop's to an address of the route, which is one over a gateway or on a link. */
struct neighbour *neighbours_find(const struct neighbours *neighbours, const struct route *route,
                                  struct address target);
/* An answer to `own` that came on a device: taken where that address asked for this one, and the first one stays. What
   nobody asked for is passed over, as forged. */
void neighbours_hear(struct neighbours *neighbours, unsigned device, struct address own,
                     struct address address, const uint8_t hardware[6]);

/* Can a host have it, which is neither a group's nor nobody's? */
bool neighbour_may_be(const uint8_t hardware[6]);

#define NEIGHBOUR_FRAME_MAX 86

/* The question who has an address, as an Ethernet frame; returns its size. Both addresses of one family. */
size_t neighbour_question(struct address target, struct address source, const uint8_t hardware[6],
                          uint8_t frame[NEIGHBOUR_FRAME_MAX]);

#endif
