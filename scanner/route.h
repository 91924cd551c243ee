#ifndef SCANNER_ROUTE_H
#define SCANNER_ROUTE_H

#include "scanner/netlink.h"
#include "targets/ranges.h"

/* The ways from here to the addresses of a plan, as the kernel itself decides them: its tables and rules say where
   its decision may turn, and it is asked once between any two such places. */

enum route_kind {
    ROUTE_NONE,    /* no way, or one that prohibits, broadcasts or multicasts: nothing is sent */
    ROUTE_GATEWAY, /* over a router */
    ROUTE_LINK,    /* on our own link */
    ROUTE_LOCAL,   /* an address of this machine */
};

struct route {
    struct range range; /* addresses of the plan; those over a router may span gaps in it */
    enum route_kind kind;
    unsigned device; /* the interface's index */
    struct address source;
    struct address gateway; /* may be IPv6 for IPv4 (RFC 5549) */
    unsigned mtu;           /* 0: the device's */
};

/* Sorted and disjoint. */
struct routes {
    struct route *items;
    size_t count;
    size_t capacity;
};

/* addresses: normal. STATUS_LIMIT when the kernel's tables cut them into too many pieces. */
MUST_USE enum status routes_init(struct routes *routes, struct netlink *netlink,
                                 const struct ranges *addresses);
void routes_deinit(struct routes *routes);
/* NULL for an address that is not in the plan. */
const struct route *routes_find(const struct routes *routes, struct address address);

#endif
