#ifndef SCANNER_XDP_LAYOUT_H
#define SCANNER_XDP_LAYOUT_H

#include <linux/types.h>

/* What the programs of the XDP engine share with their user: compiled for BPF and for the machine alike, so it knows
   Linux's types only. Addresses are as in struct address (host order, IPv4 mapped) unless it says otherwise. */

#define XDP_SPAN_MAX    4096 /* WIRE_SPAN_MAX */
#define XDP_DEVICES_MAX 8
#define XDP_HOPS_MAX    256
#define XDP_MARKS_PAGE  4096
#define XDP_ROUNDS      6   /* PERMUTATION_ROUNDS */
#define XDP_AHEAD       4   /* steps that are drawn at once */
#define XDP_CAPTURE_MAX 128 /* bytes of a frame that was heard */

/* A plan's order (scanner/order.h), and which of its positions are this shard's. */
struct xdp_order {
    __u64 addresses;
    __u64 turn_key;
    __u64 keys[XDP_ROUNDS]; /* of the permutation */
    __u32 half_bits;
    __u32 ports_count;
    __u64 first, stride; /* step s has position first + s * stride */
};

/* Consecutive addresses of the plan that have one next hop. */
struct xdp_piece {
    __u64 before; /* how many addresses of the plan come before it */
    __u64 high, low;
    __u32 hop;
    __u32 unused;
};

enum xdp_way {
    XDP_WAY_ROUTER, /* the template names the router's hardware address */
    XDP_WAY_LINK,   /* the target's own is in the neighbours */
    XDP_WAY_OTHER,  /* none for live frames: the user sees to it */
};

/* A way out: the template of a SYN (scanner/syn.h) and the device. */
struct xdp_hop {
    __u64 frame[12];
    __u64 source[2];
    __u64 hash[4]; /* what the cookies of this source have in common (cookie.h) */
    __u32 ip_sum, tcp_sum;
    __u32 way;
    __u32 device; /* place among the devices */
    __u32 ipv6;   /* the family of its frames */
    __u32 unused;
};

/* A prefix of the authorization, and the key of a neighbour: an address in network order. */
struct xdp_prefix {
    __u32 length;
    __u8 address[16];
};
struct xdp_neighbour {
    __u8 address[16];
};
struct xdp_hardware {
    __u8 bytes[6];
    __u8 unused[2];
};

struct xdp_marks {
    __u8 bytes[XDP_MARKS_PAGE];
};

/* What became of a step. */
enum xdp_fate {
    XDP_FATE_NONE, /* not run */
    XDP_FATE_SENT, /* a frame was handed to the device */
    XDP_FATE_MARKED,
    XDP_FATE_UNRESOLVED, /* on our own link, and its hardware address is not known */
    XDP_FATE_OTHER,      /* authorized, and left to the user */
    XDP_FATE_REFUSED,    /* by the authorization: from then on all are */
    XDP_FATE_BROKEN,     /* a table did not hold what it must */
};

/* One span on its way: `first` and `attempt` are set, `done` is zeroed before a run. */
struct xdp_state {
    __u64 first;
    __u32 attempt;
    __u32 done;
    __u64 frames; /* handed to the device, since the beginning */
    __u32 stopped;
    __u8 fates[XDP_SPAN_MAX];
};

/* An answer with a right cookie. */
struct xdp_record {
    __u64 high, low; /* whose */
    __u64 time_ns;   /* CLOCK_MONOTONIC */
    __u16 port;
    __u16 window;
    __u8 answer; /* enum xdp_answer */
    __u8 attempt;
    __u8 options;
    __u8 device; /* ifindex, as far as it fits */
};

enum xdp_answer {
    XDP_ANSWER_OPEN,
    XDP_ANSWER_CLOSED,
    XDP_ANSWER_UNREACHABLE,
};

/* The frame of an answer, for those who keep captures. */
struct xdp_capture {
    __u64 time_ns;
    __u32 size; /* on the wire */
    __u32 kept;
    __u8 frame[XDP_CAPTURE_MAX];
};

struct xdp_heard {
    __u64 genuine;
    __u64 foreign;
    __u64 lost; /* the ring was full */
    __u64 captures_lost;
} __attribute__((aligned(64)));

#endif
