#ifndef SCANNER_DEVICE_H
#define SCANNER_DEVICE_H

#include <sys/socket.h>

#include "probes/cursor.h"
#include "scanner/netlink.h"
#include "scanner/wire.h"

/* One interface as the packet engine uses it: a way for frames to leave, and a capture of the answers. */

enum device_kind {
    DEVICE_ETHERNET, /* whole frames on AF_PACKET */
    DEVICE_BARE,     /* no link header (tun, PPP, tunnels): IP packets on AF_PACKET */
    DEVICE_LOOPBACK, /* raw IP sockets: the kernel takes no frame with its own addresses from a link */
};

/* What rtnetlink says of it. */
struct device_facts {
    unsigned index;
    char name[16];
    enum device_kind kind;
    bool is_up;
    bool resolves; /* false: it wants no ARP, and its own hardware address is every neighbour's */
    uint8_t hardware[6];
    unsigned mtu;
    uint64_t tx_dropped; /* all that it did not send */
    uint64_t rx_dropped; /* all that it had no room for */
};
MUST_USE enum status device_facts_read(struct netlink *netlink, unsigned index,
                                       struct device_facts *facts_out);

struct device;

/* Opens it. capture_size: how much of a packet is kept. STATUS_SYSTEM, STATUS_LIMIT: why_out[WIRE_WHY_MAX] says
 * what is wrong and what would help. */
MUST_USE enum status device_new(const struct device_facts *facts, int capture_size,
                                struct device **device_out, char *why_out);
void device_free(struct device **device);
const struct device_facts *device_facts(const struct device *device);

#define DEVICE_BATCH_MAX PERMITS_MAX

/* A packet to send: from its Ethernet header on, which other kinds than DEVICE_ETHERNET pass over. */
struct device_frame {
    const uint8_t *bytes;
    size_t size;
    bool ipv6;
};

/* Sends frames in one call of the system where it can; *taken_out: how many of the first went to the kernel. Fewer
   than `count` with STATUS_OK: it has no room just now. STATUS_SYSTEM: the device is gone or down. */
MUST_USE enum status device_send(struct device *device, const struct device_frame *frames, size_t count,
                                 size_t *taken_out);

/* Hands over at most `most` captured packets; *heard_out: how many there were. */
MUST_USE enum status device_hear(struct device *device, size_t most,
                                 void (*heard)(void *context, struct device *device, int64_t time_ns,
                                               struct span frame),
                                 void *context, size_t *heard_out);
int device_datalink(const struct device *device);
/* Readable when something was captured. */
int device_descriptor(const struct device *device);
/* Since it was opened: frames that it took and lost, and packets that it or the capture had no room for; zero where
   it is gone, and nobody counts any more. */
void device_losses(struct device *device, struct netlink *netlink, uint64_t *lost_out_out,
                   uint64_t *lost_in_out);

#endif
