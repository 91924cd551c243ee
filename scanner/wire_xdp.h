#ifndef SCANNER_WIRE_XDP_H
#define SCANNER_WIRE_XDP_H

#include "scanner/evidence.h"
#include "scanner/way.h"
#include "scanner/wire.h"
#include "scanner/xdp/layout.h"

/* The parts of the XDP engine, for its own files and their tests. */

/* The ways to the addresses of a plan as the program knows them: which of them goes where. */
struct xdp_ways {
    struct xdp_piece *pieces; /* all swept addresses in their order; at least one */
    size_t pieces_count;
    struct xdp_hop hops[XDP_HOPS_MAX];
    size_t hops_count;
    uint32_t frame_size;          /* of the first hop's SYNs */
    int devices[XDP_DEVICES_MAX]; /* ifindex */
    size_t devices_count;
    uint64_t link_addresses; /* how many are on our own links */
    bool settled;            /* no device comes to them any more */
};

/* What routes and neighbours say, for the program. STATUS_LIMIT, STATUS_SYSTEM: why_out says what is in the way, as
   where no way can carry live frames. */
MUST_USE enum status xdp_ways_init(struct xdp_ways *xdp, const struct ways *ways, const struct order *order,
                                   char *why_out);
/* The same anew, when hardware addresses of routers are others, over no other devices. */
MUST_USE enum status xdp_ways_again(struct xdp_ways *xdp, const struct ways *ways, const struct order *order);
/* Their parts, for tests: a hop, once; *hop_out is its place. STATUS_LIMIT when there are too many. */
MUST_USE enum status xdp_ways_add(struct xdp_ways *xdp, const struct syn_template *syn, int ifindex,
                                  enum xdp_way way, uint32_t *hop_out);
/* Addresses from `first` on, `before` others coming before it, up to the next piece. */
MUST_USE enum status xdp_ways_piece(struct xdp_ways *xdp, struct address first, uint64_t before,
                                    uint32_t hop);
void xdp_ways_deinit(struct xdp_ways *xdp);

/* The order of a plan's swept part as the program computes it. */
struct xdp_order xdp_order_of(const struct plan *plan);

/* The programs, loaded and filled: all that decides where a frame may go. */
struct wire_bpf;
/* Sizes and fills everything; the authorization's tables are frozen after it. */
MUST_USE enum status xdp_program_new(const struct wire_settings *settings, const struct xdp_ways *ways,
                                     struct wire_bpf **program_out, char *why_out);

/* Tells the program its ways; needs no privilege. */
MUST_USE enum status xdp_program_aim(const struct wire_bpf *program, const struct xdp_ways *ways,
                                     const struct siphash_key *key);

/* Tells the program whose hardware address an address on our own link has. */
MUST_USE enum status xdp_program_acquaint(struct wire_bpf *program, struct address address,
                                          const uint8_t hardware[6]);

/* A device that the program is attached to, as long as `link` is open. */
struct xdp_device {
    int ifindex;
    char name[16];
    int link;
    bool native;
    uint8_t hardware[6];
    uint32_t transmitted; /* the device's own count when the engine began */
};
MUST_USE enum status xdp_device_attach(struct xdp_device *device, int ifindex, int program, char *why_out);
void xdp_device_detach(struct xdp_device *device);
/* What the device says it sent, modulo 2^32, and its hardware address; false when it says nothing. */
MUST_USE bool xdp_device_look(int ifindex, uint32_t *packets_out, uint8_t hardware_out[6]);

/* What left, counted where the driver answers. */
struct departure_bpf;
struct xdp_departure {
    struct departure_bpf *programs;
    int link; /* -1: the kernel does not let us count; the devices' own counters must do */
};
MUST_USE enum status xdp_departure_init(struct xdp_departure *departure, const struct xdp_ways *ways,
                                        char *why_out);
void xdp_departure_deinit(struct xdp_departure *departure);
/* Frames that devices took and did not take; false where nobody counts. */
bool xdp_departure_count(const struct xdp_departure *departure, uint64_t *taken_out, uint64_t *dropped_out);
/* Sends one frame that no host takes (a local experimental type to the nearest bridge, IEEE 802) and sees whether
   it leaves the device: STATUS_SYSTEM with words when it does not. */
MUST_USE enum status xdp_departure_try(struct xdp_departure *departure, const struct xdp_device *device,
                                       char *why_out);

struct xdp_engine {
    struct wire wire; /* first */
    struct wire_settings settings;
    struct siphash_key key;
    struct ways ways; /* also asks the links, and sees to what live frames can't reach */
    struct xdp_ways xdp_ways;
    struct wire_bpf *program;
    struct xdp_departure departure;
    struct xdp_device devices[XDP_DEVICES_MAX];
    size_t devices_count;
    struct ring_buffer *records, *captures;
    struct evidence *evidence; /* NULL: none */
    uint64_t departed_before;  /* the first frames */
    uint64_t others_sent;      /* not by the program */
    uint64_t others_heard, others_foreign;
    int64_t epoch_ns; /* when CLOCK_MONOTONIC was 0 */
    unsigned heard;   /* in this call */
    bool down;        /* a device is: told when something is to be heard */
    bool refused;     /* by a gate: nothing goes out any more */
    unsigned changes; /* of gateways, that the program knows */
};

static inline struct xdp_engine *xdp_engine_of(struct wire *wire)
{
    return (struct xdp_engine *)(void *)wire;
}

enum status xdp_engine_sweep(struct wire *wire, struct wire_span span, struct wire_sent *sent_out);
enum status xdp_engine_resolve(struct wire *wire, struct wire_span span, struct wire_sent *sent_out);
enum status xdp_engine_hear(struct wire *wire, bool *more_out);
/* Opens what answers come through; the descriptor is an epoll of all of it. */
MUST_USE enum status xdp_engine_listen(struct xdp_engine *engine);

#endif
