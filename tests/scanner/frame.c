#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <string.h>

#include "scanner/syn.h"

const struct siphash_key frame_key = {{1, 2}};

void frame_add(struct frame *frame, const void *bytes, size_t size)
{
    assert_true(frame->size + size <= sizeof frame->bytes);
    memcpy(frame->bytes + frame->size, bytes, size);
    frame->size += size;
}

void frame_add_u16(struct frame *frame, unsigned value)
{
    frame_add(frame, (uint8_t[]){(uint8_t)(value >> 8), (uint8_t)value}, 2);
}

void frame_add_u32(struct frame *frame, uint32_t value)
{
    frame_add_u16(frame, value >> 16);
    frame_add_u16(frame, value & 0xffff);
}

void frame_add_address(struct frame *frame, struct address address)
{
    if (!address_is_ipv4(address)) {
        frame_add_u32(frame, (uint32_t)(address.high >> 32));
        frame_add_u32(frame, (uint32_t)address.high);
        frame_add_u32(frame, (uint32_t)(address.low >> 32));
    }
    frame_add_u32(frame, (uint32_t)address.low);
}

void frame_add_ip(struct frame *frame, struct address from, struct address to, uint8_t protocol, size_t size)
{
    if (address_is_ipv4(from)) {
        frame_add_u16(frame, 0x4500);
        frame_add_u16(frame, (unsigned)size + 20);
        frame_add_u32(frame, 0x12344000);
        frame_add(frame, (uint8_t[]){60, protocol, 0, 0}, 4);
    } else {
        frame_add_u32(frame, 0x60000000);
        frame_add_u16(frame, (unsigned)size);
        frame_add(frame, (uint8_t[]){protocol, 60}, 2);
    }
    frame_add_address(frame, from);
    frame_add_address(frame, to);
}

void frame_add_tcp(struct frame *frame, uint16_t from, uint16_t to, uint32_t acknowledged, uint8_t flags,
                   uint8_t words)
{
    frame_add_u16(frame, from);
    frame_add_u16(frame, to);
    frame_add_u32(frame, 99);
    frame_add_u32(frame, acknowledged);
    frame_add(frame, (uint8_t[]){(uint8_t)(words << 4), flags}, 2);
    frame_add_u16(frame, 4321);
    frame_add_u32(frame, 0);
    for (int i = 5; i < words; i++)
        frame_add_u32(frame, 0x01010101);
}

struct pair pair_of(bool ipv6, uint16_t port, unsigned attempt)
{
    struct pair pair = {.other_port = port};
    const char *own = ipv6 ? "2001:db8:f::1" : "203.0.113.1", *other = ipv6 ? "2001:db8::7" : "192.0.2.7";
    assert_true(address_parse(own, strlen(own), &pair.own));
    assert_true(address_parse(other, strlen(other), &pair.other));
    __u64 cookie = syn_cookie(&frame_key, pair.own, pair.other, port);
    pair.own_port = cookie_port(cookie, attempt);
    pair.sequence = cookie_sequence(cookie);
    return pair;
}

void frame_add_link(struct frame *frame, int datalink, bool ipv6, int tags)
{
    unsigned kind = ipv6 ? 0x86dd : 0x0800;
    static const uint8_t zeros[18];
    if (datalink == DLT_EN10MB) {
        frame_add(frame, zeros, 12);
        for (int tag = 0; tag < tags; tag++)
            frame_add_u32(frame, tag + 1 < tags ? 0x88a80005 : 0x81000006);
        frame_add_u16(frame, kind);
    } else if (datalink == DLT_LINUX_SLL) {
        frame_add(frame, zeros, 14);
        frame_add_u16(frame, kind);
    } else if (datalink == DLT_LINUX_SLL2) {
        frame_add_u16(frame, kind);
        frame_add(frame, zeros, 18);
    }
}

void frame_tcp(struct frame *frame, const struct pair *pair, int datalink, int tags, uint8_t flags,
               uint32_t acknowledged, uint8_t words)
{
    frame->size = 0;
    frame_add_link(frame, datalink, !address_is_ipv4(pair->own), tags);
    frame_add_ip(frame, pair->other, pair->own, 6, words * 4u);
    frame_add_tcp(frame, pair->other_port, pair->own_port, acknowledged, flags, words);
}

void frame_icmp(struct frame *frame, const struct pair *pair, uint8_t kind, uint8_t code, size_t quoted)
{
    bool ipv6 = !address_is_ipv4(pair->own);
    struct address router = pair->other;
    router.low ^= 0xff;
    frame->size = 0;
    frame_add_link(frame, DLT_EN10MB, ipv6, 0);
    frame_add_ip(frame, router, pair->own, ipv6 ? 58 : 1, 8 + (ipv6 ? 40 : 20) + quoted);
    frame_add(frame, (uint8_t[]){kind, code, 0, 0, 0, 0, 0, 0}, 8);
    frame_add_ip(frame, pair->own, pair->other, 6, 40);
    struct frame tcp = {.size = 0};
    frame_add_u16(&tcp, pair->own_port);
    frame_add_u16(&tcp, pair->other_port);
    frame_add_u32(&tcp, pair->sequence);
    frame_add_u32(&tcp, 0);
    frame_add(frame, tcp.bytes, quoted);
}
