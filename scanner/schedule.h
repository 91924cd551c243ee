#ifndef SCANNER_SCHEDULE_H
#define SCANNER_SCHEDULE_H

#include "scanner/control.h"
#include "scanner/network.h"
#include "targets/authorization.h"

/* Which connection is opened next: asks wait in two queues per host, hosts in a heap of their network for each kind
   of queue, by the moment from which their own pace allows another one, and networks in one of the schedule, by the
   moment from which theirs and a host's do. So whoever has to wait holds up nobody else. Knows time only as numbers
   that it is given. */

struct host;

/* One connection that is wanted. Embedded in whatever wants it. */
struct ask {
    struct ask *next;
    struct host *host; /* set by schedule_add, held until schedule_drop */
    bool round;        /* a further connection to a port known to be open: before first ones */
    bool control;      /* the host's control port, or a canary: before first ones too */
};

enum { ROUNDS = NETWORK_ROUNDS, FIRSTS = NETWORK_FIRSTS, ASK_KINDS = NETWORK_KINDS };

struct ask_queue {
    struct ask *head;
    struct ask *tail;
};

/* What is remembered of an address while anything concerns it. */
struct host {
    struct host *next; /* in its bucket */
    struct address address;
    struct pacer pacer;
    struct ask_queue queues[ASK_KINDS];
    struct heap_item items[ASK_KINDS]; /* in its network's heaps */
    struct network *network;
    uint64_t holders;   /* asks and endpoints that point here */
    unsigned sockets;   /* open or opening, for fragile hosts */
    unsigned endpoints; /* in conversation */
    bool fragile;
    bool reached; /* a SYN to it has left */
    struct control control;
    /* The rest is dispatch.c's. */
    bool remembered;      /* an open port was found: kept to the end */
    bool cut;             /* it has had its time for misbehaving */
    bool alone_busy;      /* a probe that must be alone is at work */
    unsigned open;        /* ports found open */
    unsigned talked;      /* of these, ports that said anything */
    unsigned slow;        /* conversations that last longer than they should */
    int64_t slow_from_ns; /* since when there is one */
    int64_t slow_ns;      /* sum of what came before */
};

#define HOST_ENDPOINTS_MAX 24

struct schedule {
    struct host **buckets;
    size_t buckets_count, hosts_count;
    struct networks *networks;
    struct heap
        heaps[ASK_KINDS]; /* of networks; one whose pace was spent by others may be due later than it says */
    size_t waiting;       /* asks in all queues */
    size_t sweep;         /* the bucket that is looked through next for hosts to forget */
    double rate_per_host;
};

/* Borrows the networks. */
MUST_USE enum status schedule_init(struct schedule *schedule, double rate_per_host,
                                   struct networks *networks);
void schedule_deinit(struct schedule *schedule);
/* The host of an address, made when there is none; NULL when memory is out. One that nothing holds or remembers goes
   with the next schedule_take. */
struct host *schedule_host(struct schedule *schedule, struct address address, bool fragile);
/* Puts an ask at the end of its host's queue. The first ask of a host makes it. */
MUST_USE enum status schedule_add(struct schedule *schedule, struct ask *ask, struct address address,
                                  bool fragile);
/* The ask whose turn it is, taken out of its queue, its host's pace spent; NULL when none may go now. With
 * rounds_only, what is begun may go on and nothing new begins. */
struct ask *schedule_take(struct schedule *schedule, bool rounds_only, int64_t now_ns);
/* The moment from which schedule_take gives one if nothing else changes, or earlier where a network's pace was spent
   by others than the schedule; INT64_MAX when nothing waits. */
int64_t schedule_wake(const struct schedule *schedule, bool rounds_only);
/* The ask needs its host no more: neither waiting nor open. A host that nothing holds is forgotten once its
   pace has come round, so that a later ask for it is no faster. */
void schedule_drop(struct ask *ask);
/* A host's sockets or endpoints have changed. */
void schedule_update(struct schedule *schedule, struct host *host);
/* The host is left alone for one whole interval of its pace from now. */
void schedule_rest(struct schedule *schedule, struct host *host, int64_t now_ns);
void schedule_hold(struct host *host);
void schedule_release(struct host *host);

#endif
