#ifndef SCANNER_NETWORK_H
#define SCANNER_NETWORK_H

#include "scanner/heap.h"
#include "scanner/pacer.h"
#include "targets/ranges.h"

/* The /24 (IPv4) or /64 (IPv6) that an address is in, and when a SYN may go to any of it: the ceiling per network,
   which sweep and conversations share. Where there is none, all addresses are in one network that is always ready. */

enum { NETWORK_ROUNDS, NETWORK_FIRSTS, NETWORK_KINDS };

struct aside_entry;

struct network {
    struct network *next; /* in its bucket */
    struct address first;
    struct pacer pacer;
    /* schedule.c's: its hosts that may be asked, by their own pace, for each kind of ask; and its own place. */
    struct heap hosts[NETWORK_KINDS];
    struct heap_item items[NETWORK_KINDS];
    size_t hosts_count;
    /* The sweep's: at which pace what waits is released; begun when something first waits. */
    struct pacer release;
    /* aside.c's: what waits for its turn, the first first. */
    struct aside_entry *head, *tail;
    struct heap_item aside;
};

struct networks {
    struct network **buckets; /* NULL: no ceiling */
    size_t buckets_count, count;
    double rate;
    struct network all;
};

/* So many at most have a pace of their own (a quarter of all of IPv4), some 200 bytes each; all further ones share one,
   which makes them slower and never faster. */
#define NETWORKS_MAX (UINT32_C(1) << 22)

/* rate: SYNs a second to one network; 0: no ceiling. */
MUST_USE enum status networks_init(struct networks *networks, double rate);
void networks_deinit(struct networks *networks);
/* The network of an address, made when there is none; NULL when memory is out. Kept to the end, so that forgetting it
   makes nobody faster. */
struct network *networks_find(struct networks *networks, struct address address);
/* A SYN goes to it now. */
void networks_spend(const struct networks *networks, struct network *network, int64_t now_ns);

/* How many addresses of a normal set are in the network; of the one that further ones share, 1: for none of them may get
   more than its own. */
uint64_t networks_hosts(const struct networks *networks, const struct network *network,
                        const struct ranges *ranges);
/* When something of it that waits may go. */
static inline int64_t network_release_due(const struct network *network)
{
    return network->release.next_ns > network->pacer.next_ns ? network->release.next_ns
                                                             : network->pacer.next_ns;
}

static inline bool networks_limit(const struct networks *networks)
{
    return networks->rate > 0;
}

/* How many addresses of a normal set are in the network that has most of them. */
uint64_t networks_fullest(const struct ranges *ranges);
/* What the networks of a normal set may get together, SYNs a second, at `rate` for each and `rate_per_host` for each
   address. */
double networks_total(const struct ranges *ranges, double rate, double rate_per_host);

#endif
