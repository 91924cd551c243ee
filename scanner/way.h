#ifndef SCANNER_WAY_H
#define SCANNER_WAY_H

#include "scanner/device.h"
#include "scanner/neighbour.h"
#include "scanner/syn.h"

/* How SYNs get from here to the addresses of a plan and their answers back: routes, the devices they lead over, next
   hops, and the SYN as it looks on each way. */

#define WAYS_DEVICES_MAX 16

/* What came of the last question for a gateway that is in use. */
struct gateway_watch {
    bool asked;
    bool is_there; /* it answered as it did before */
    bool has_other;
    uint8_t other[6]; /* the first hardware address else that was told */
};

/* One route's. */
struct way {
    struct syn_template syn;    /* aimed at the gateway, where there is one */
    struct device *device;      /* NULL: there is no way */
    struct gateway_watch watch; /* of the first route over a gateway */
};

struct ways {
    struct netlink netlink;
    struct routes routes;
    struct neighbours neighbours;
    struct way *items; /* one for each route */
    struct device *devices[WAYS_DEVICES_MAX];
    size_t devices_count;
    int descriptor;   /* an epoll of all captures */
    int64_t watch_ns; /* when gateways are asked for again */
    unsigned changes; /* of gateways' hardware addresses, since */
};

/* timestamp: as of syn_template_init. Waits for gateways that must be asked for, some seconds at most; what they say is
   read by another process, which has no privileges (gateway.h). Otherwise than STATUS_OK or STATUS_NO_MEMORY,
   why_out[WIRE_WHY_MAX] is filled; so it is where no address has a way. */
MUST_USE enum status ways_init(struct ways *ways, const struct ranges *addresses, uint32_t timestamp,
                               int capture_size, char *why_out);
/* In another process, whose devices are to be its own: opens them anew, and leaves those that it was born with as they
   are. The same errors. */
MUST_USE enum status ways_open_again(struct ways *ways, char *why_out);
void ways_deinit(struct ways *ways);

/* A target's way. */
struct passage {
    enum wire_answer answer; /* WIRE_OPEN: there is one; else WIRE_UNROUTED or WIRE_UNREACHABLE */
    const struct way *way;
    const uint8_t
        *hardware; /* of the next hop, at which `syn` need not be aimed; NULL where none is needed */
};
struct passage ways_find(const struct ways *ways, struct address target);
/* Is any address of the plan on our own links, and to be asked for there? */
bool ways_need_resolving(const struct ways *ways);
/* The question who has a target, and on which device; false where there is nothing to ask. */
bool ways_question(struct ways *ways, struct address target, uint8_t frame[NEIGHBOUR_FRAME_MAX],
                   size_t *size_out, struct device **device_out);

/* Reads what was captured, at most `most` packets of each device; what neighbours say is taken from it, the rest is
   handed on. Gateways are asked now and then whether they are still there (gateway.h). */
struct ways_listener {
    void (*heard)(void *context, const struct packet *packet, int64_t time_ns, int datalink,
                  struct span frame);
    void *context;
};
MUST_USE enum status ways_hear(struct ways *ways, size_t most, const struct ways_listener *listener,
                               bool *more_out);

#endif
