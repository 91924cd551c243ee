#ifndef SCANNER_GATEWAY_H
#define SCANNER_GATEWAY_H

#include "scanner/way.h"

/* The routers on the ways to a plan, whose hardware addresses the kernel may not know. */

/* Of a route by its place; NULL where no hardware address is needed, or none is asked for. */
struct neighbour *gateway_of(const struct ways *ways, size_t place);
/* Sends a question to each that is not known; what there is no room for is not asked. */
MUST_USE enum status gateways_ask(struct ways *ways);
/* Is there none that can be asked for and is not known? */
bool gateways_known(const struct ways *ways);

/* Asks again, every GATEWAYS_WATCH_S seconds, for those whose hardware address is known, unless the machine's administrator
   said it. An answer from elsewhere counts only when the one that we send to has not answered until the next question:
   so a router may change its hardware, and who forges answers beside one that is there gets nothing. */
MUST_USE enum status gateways_watch(struct ways *ways);
#define GATEWAYS_WATCH_S 5
/* An answer from a neighbour on a device. */
void gateways_hear(struct ways *ways, unsigned device, const struct packet *packet);

/* Asks for those that are not known, GATEWAYS_ASK_MS at most; the devices are open already. What comes from the network is
   read by a process of its own, which opens captures, gives up every privilege before it asks, and tells hardware addresses
   through a pipe. STATUS_SYSTEM: it could not be had, and why_out[WIRE_WHY_MAX] is filled. */
MUST_USE enum status gateways_meet(struct ways *ways, char *why_out);

#define GATEWAYS_TRIES   3
#define GATEWAYS_WAIT_MS 700
#define GATEWAYS_ASK_MS  (GATEWAYS_TRIES * GATEWAYS_WAIT_MS)

/* What that process tells of the gateway of a route. No byte of it is undefined. */
struct gateway_answer {
    uint32_t place;
    uint8_t hardware[6];
    uint8_t unused[2];
};
/* On the side that does not trust it: a place without a gateway, and an address that no host can have, are passed over. */
void gateway_learn(struct ways *ways, const struct gateway_answer *answer);
/* The process, which ends in it: its code is 0 when it asked as long as it had to. */
_Noreturn void gateway_child(struct ways *ways, int pipe);

#endif
