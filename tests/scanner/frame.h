#ifndef TESTS_SCANNER_FRAME_H
#define TESTS_SCANNER_FRAME_H

#include "scanner/packet.h"

/* Frames put together from parts, as targets and routers would send them. */
struct frame {
    uint8_t bytes[512];
    size_t size;
};

void frame_add(struct frame *frame, const void *bytes, size_t size);
void frame_add_u16(struct frame *frame, unsigned value);
void frame_add_u32(struct frame *frame, uint32_t value);
void frame_add_address(struct frame *frame, struct address address);
/* The header in front of `size` bytes; of the family of `from`. */
void frame_add_ip(struct frame *frame, struct address from, struct address to, uint8_t protocol, size_t size);
/* words: of the header, options and all. */
void frame_add_tcp(struct frame *frame, uint16_t from, uint16_t to, uint32_t acknowledged, uint8_t flags,
                   uint8_t words);
void frame_add_link(struct frame *frame, int datalink, bool ipv6, int tags);

extern const struct siphash_key frame_key;

/* A pair, 203.0.113.1 and 192.0.2.7 or the same of IPv6, and what a SYN to it looks like. */
struct pair {
    struct address own, other;
    uint16_t own_port, other_port;
    uint32_t sequence;
};

struct pair pair_of(bool ipv6, uint16_t port, unsigned attempt);

/* A whole answer. */
void frame_tcp(struct frame *frame, const struct pair *pair, int datalink, int tags, uint8_t flags,
               uint32_t acknowledged, uint8_t words);
/* An ICMP error of a router, with so many bytes of the quoted TCP header. */
void frame_icmp(struct frame *frame, const struct pair *pair, uint8_t kind, uint8_t code, size_t quoted);

#endif
