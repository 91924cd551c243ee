#ifndef SCANNER_XDP_RECEIVE_H
#define SCANNER_XDP_RECEIVE_H

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "scanner/cookie.h"
#include "scanner/xdp/layout.h"

/* Takes what answers our SYNs off the device before the kernel sees it, which would reset a connection that it does
   not know; everything else passes. Which packets are answers, and of which kind, is as in scanner/packet.c. */

#define ETHER_SIZE       14
#define ETHER_SIZE_LEAST 60
#define KIND_IPV4        0x0800
#define KIND_IPV6        0x86dd
#define IPV4_SIZE_LEAST  20
#define IPV6_HEADER      40
#define TCP_SIZE         20
#define ICMP_SIZE        8
#define QUOTED_LEAST     8      /* bytes of the TCP header (RFC 792) */
#define FRAGMENT_MASK    0x3fff /* offset, or more to come */
#define OFFSET_MASK      0x1fff
#define PROTOCOL_ICMP    1
#define PROTOCOL_TCP     6
#define PROTOCOL_ICMP6   58
#define FLAG_SYN         0x02
#define FLAG_RST         0x04
#define FLAG_ACK         0x10
#define RESET_TTL        64

const volatile bool capturing = false;

struct xdp_heard heard;

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} records SEC(".maps"), captures SEC(".maps");

/* An answer while it is read: whose, at which ports, and what proves it. */
struct answer {
    __be64 own[2], other[2]; /* IPv4: the low half of the first */
    bool ipv6;
    __be16 own_port, other_port;
    __u32 sequence; /* of our SYN, as it says */
    __u16 window;
    bool options, proven;
    __u8 kind;
};

static __always_inline bool is_ours(__be16 port)
{
    return (__u16)(bpf_ntohs(port) - COOKIE_PORT_FIRST) < COOKIE_PORTS;
}

/* The attempt that it answers; 0: it is not genuine. */
static __always_inline __u32 attempt_of(const struct answer *answer)
{
    struct siphash_key key = {{cookie_key.words[0], cookie_key.words[1]}};
    __u64 cookie =
        answer->ipv6 ? cookie_v6(&key, answer->own, answer->other, answer->other_port)
                     : cookie_v4(&key, (__be32)answer->own[0], (__be32)answer->other[0], answer->other_port);
    if (!answer->proven || answer->sequence != cookie_sequence(cookie))
        return 0;
    return cookie_attempt(cookie, bpf_ntohs(answer->own_port));
}

static __always_inline void capture(struct xdp_md *context)
{
    struct xdp_capture *room = bpf_ringbuf_reserve(&captures, sizeof *room, 0);
    if (!room) {
        __sync_fetch_and_add(&heard.captures_lost, 1);
        return;
    }
    __u32 size = (__u32)(context->data_end - context->data);
    __u32 kept = size < XDP_CAPTURE_MAX ? size : XDP_CAPTURE_MAX;
    room->time_ns = bpf_ktime_get_ns();
    room->size = size;
    room->kept = kept;
    if (kept == 0 || bpf_xdp_load_bytes(context, 0, room->frame, kept) != 0)
        bpf_ringbuf_discard(room, 0);
    else
        bpf_ringbuf_submit(room, 0);
}

static __always_inline void tell(struct xdp_md *context, const struct answer *answer, __u32 attempt)
{
    __sync_fetch_and_add(&heard.genuine, 1);
    if (capturing)
        capture(context);
    struct xdp_record *record = bpf_ringbuf_reserve(&records, sizeof *record, 0);
    if (!record) {
        __sync_fetch_and_add(&heard.lost, 1);
        return;
    }
    record->high = answer->ipv6 ? bpf_be64_to_cpu(answer->other[0]) : 0;
    record->low = answer->ipv6 ? bpf_be64_to_cpu(answer->other[1])
                               : 0xffffULL << 32 | bpf_ntohl((__be32)answer->other[0]);
    record->time_ns = bpf_ktime_get_ns();
    record->port = bpf_ntohs(answer->other_port);
    record->window = answer->kind == XDP_ANSWER_OPEN ? answer->window : 0;
    record->answer = answer->kind;
    record->attempt = (__u8)attempt;
    record->options = answer->kind == XDP_ANSWER_OPEN && answer->options;
    record->device = (__u8)context->ingress_ifindex;
    bpf_ringbuf_submit(record, 0);
}

static __always_inline __u64 words_sum(const __u64 words[2])
{
    return (words[0] & 0xffffffff) + (words[0] >> 32) + (words[1] & 0xffffffff) + (words[1] >> 32);
}

/* The reset that the kernel would send (RFC 9293 §3.5.2): our next sequence number and nothing else. */
static __always_inline void write_reset(void *tcp, const struct answer *answer, __u64 addresses)
{
    __be32 sequence = bpf_htonl(answer->sequence + 1);
    *(__be16 *)tcp = answer->own_port;
    *(__be16 *)(tcp + 2) = answer->other_port;
    *(__be32 *)(tcp + 4) = sequence;
    *(__be32 *)(tcp + 8) = 0;
    *(__be16 *)(tcp + 12) = bpf_htons(5 << 12 | FLAG_RST);
    *(__be16 *)(tcp + 14) = 0;
    *(__be16 *)(tcp + 18) = 0;
    *(__be16 *)(tcp + 16) =
        fold(addresses + answer->own_port + answer->other_port + sequence + bpf_htons(5 << 12 | FLAG_RST) +
             bpf_htons(PROTOCOL_TCP) + bpf_htons(TCP_SIZE));
}

static __always_inline void write_header_v4(void *ip, const struct answer *answer)
{
    *(__be16 *)ip = bpf_htons(0x4500);
    *(__be16 *)(ip + 2) = bpf_htons(IPV4_SIZE_LEAST + TCP_SIZE);
    *(__be32 *)(ip + 4) = bpf_htonl(0x4000); /* no id, not to be fragmented */
    *(__be16 *)(ip + 8) = bpf_htons(RESET_TTL << 8 | PROTOCOL_TCP);
    *(__be32 *)(ip + 12) = (__be32)answer->own[0];
    *(__be32 *)(ip + 16) = (__be32)answer->other[0];
    *(__be16 *)(ip + 10) =
        fold((__u64)bpf_htons(0x4500) + bpf_htons(IPV4_SIZE_LEAST + TCP_SIZE) + bpf_htons(0x4000) +
             bpf_htons(RESET_TTL << 8 | PROTOCOL_TCP) + (__be32)answer->own[0] + (__be32)answer->other[0]);
}

static __always_inline void write_header_v6(void *ip, const struct answer *answer)
{
    *(__be32 *)ip = bpf_htonl(6U << 28);
    *(__be32 *)(ip + 4) = bpf_htonl(TCP_SIZE << 16 | PROTOCOL_TCP << 8 | RESET_TTL);
    for (int i = 0; i < 2; i++) {
        *(__u64 *)(ip + 8 + 8 * i) = answer->own[i];
        *(__u64 *)(ip + 24 + 8 * i) = answer->other[i];
    }
}

static __always_inline void turn_link(void *frame)
{
    __u16 *words = frame;
    for (int i = 0; i < 3; i++) {
        __u16 word = words[i];
        words[i] = words[i + 3];
        words[i + 3] = word;
    }
}

/* Not XDP_TX: a redirect takes the way that the engine's first frame has tried, and on a veth whose other end has no
   program of its own it also wakes that end, which XDP_TX does not. */
static __always_inline int send_back(const struct xdp_md *context)
{
    return (int)bpf_redirect(context->ingress_ifindex, 0);
}

/* Makes the frame a reset in its place and sends it back. */
static __always_inline int reset_v4(struct xdp_md *context, const struct answer *answer)
{
    __u32 size = (__u32)(context->data_end - context->data);
    if (size > ETHER_SIZE_LEAST && !resize(context, ETHER_SIZE_LEAST))
        return XDP_DROP;
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (frame + ETHER_SIZE + IPV4_SIZE_LEAST + TCP_SIZE > end)
        return XDP_DROP;
    turn_link(frame);
    write_header_v4(frame + ETHER_SIZE, answer);
    write_reset(frame + ETHER_SIZE + IPV4_SIZE_LEAST, answer,
                (answer->own[0] & 0xffffffff) + (answer->other[0] & 0xffffffff));
    for (int at = ETHER_SIZE + IPV4_SIZE_LEAST + TCP_SIZE; at < ETHER_SIZE_LEAST; at++)
        if (frame + at + 1 <= end)
            *(__u8 *)(frame + at) = 0;
    return send_back(context);
}

static __always_inline int reset_v6(struct xdp_md *context, const struct answer *answer)
{
    if (!resize(context, ETHER_SIZE + IPV6_HEADER + TCP_SIZE))
        return XDP_DROP;
    void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (frame + ETHER_SIZE + IPV6_HEADER + TCP_SIZE > end)
        return XDP_DROP;
    turn_link(frame);
    write_header_v6(frame + ETHER_SIZE, answer);
    write_reset(frame + ETHER_SIZE + IPV6_HEADER, answer, words_sum(answer->own) + words_sum(answer->other));
    return send_back(context);
}

/* What is to be done with an answer that came to our ports. */
static __noinline int judge(struct xdp_md *context, const struct answer *answer)
{
    __u32 attempt = attempt_of(answer);
    if (!attempt) {
        __sync_fetch_and_add(&heard.foreign, 1);
        return XDP_PASS;
    }
    tell(context, answer, attempt);
    if (answer->kind != XDP_ANSWER_OPEN)
        return XDP_DROP;
    return answer->ipv6 ? reset_v6(context, answer) : reset_v4(context, answer);
}

/* A TCP header that is whole; false: it answers no SYN. */
static __always_inline bool read_tcp(const void *tcp, struct answer *answer)
{
    __u8 flags = *(const __u8 *)(tcp + 13), size = *(const __u8 *)(tcp + 12) >> 4;
    answer->other_port = *(const __be16 *)tcp;
    answer->own_port = *(const __be16 *)(tcp + 2);
    answer->sequence = bpf_ntohl(*(const __be32 *)(tcp + 8)) - 1;
    answer->window = bpf_ntohs(*(const __be16 *)(tcp + 14));
    answer->options = size > 5;
    answer->proven = flags & FLAG_ACK;
    answer->kind = flags & FLAG_RST ? XDP_ANSWER_CLOSED : XDP_ANSWER_OPEN;
    bool answers = flags & FLAG_RST || (flags & (FLAG_SYN | FLAG_ACK)) == (FLAG_SYN | FLAG_ACK);
    return answers && size >= 5 && is_ours(answer->own_port);
}

/* The first eight bytes of the TCP header that an ICMP error quotes. */
static __always_inline bool read_quoted_tcp(const void *tcp, struct answer *answer)
{
    answer->own_port = *(const __be16 *)tcp;
    answer->other_port = *(const __be16 *)(tcp + 2);
    answer->sequence = bpf_ntohl(*(const __be32 *)(tcp + 4));
    answer->proven = true;
    answer->kind = XDP_ANSWER_UNREACHABLE;
    return is_ours(answer->own_port);
}

/* The size of an IPv4 header that is whole and carries `protocol`, `least` bytes of it; 0: of another. What stands behind
   the packet, an Ethernet's padding say, is none of it. */
static __always_inline __u32 header_v4(const void *ip, const void *end, __u8 protocol, __u16 fragments,
                                       __u32 least)
{
    if (ip + IPV4_SIZE_LEAST > end)
        return 0;
    __u8 first = *(const __u8 *)ip;
    __u32 size = (first & 15) * 4;
    if (first >> 4 != 4 || size < IPV4_SIZE_LEAST || *(const __u8 *)(ip + 9) != protocol ||
        *(const __be16 *)(ip + 6) & bpf_htons(fragments) ||
        bpf_ntohs(*(const __be16 *)(ip + 2)) < size + least)
        return 0;
    return size;
}

static __always_inline bool read_icmp(const void *icmp, const void *end, struct answer *answer)
{
    if (icmp + ICMP_SIZE + IPV4_SIZE_LEAST > end)
        return false;
    __u8 type = *(const __u8 *)icmp, code = *(const __u8 *)(icmp + 1);
    const void *quoted = icmp + ICMP_SIZE;
    if (!((type == 3 && code != 4) || (type == 11 && code == 0)))
        return false;
    __u32 size = header_v4(quoted, end, PROTOCOL_TCP, OFFSET_MASK, QUOTED_LEAST);
    if (!size || quoted + size + QUOTED_LEAST > end)
        return false;
    answer->own[0] = *(const __be32 *)(quoted + 12);
    answer->other[0] = *(const __be32 *)(quoted + 16);
    return read_quoted_tcp(quoted + size, answer);
}

static __always_inline int receive_v4(struct xdp_md *context, const void *ip, const void *end)
{
    struct answer answer = {.ipv6 = false};
    __u32 size = header_v4(ip, end, PROTOCOL_TCP, FRAGMENT_MASK, TCP_SIZE);
    if (size && ip + size + TCP_SIZE <= end) {
        answer.own[0] = *(const __be32 *)(ip + 16);
        answer.other[0] = *(const __be32 *)(ip + 12);
        return read_tcp(ip + size, &answer) ? judge(context, &answer) : XDP_PASS;
    }
    size = header_v4(ip, end, PROTOCOL_ICMP, FRAGMENT_MASK, ICMP_SIZE + IPV4_SIZE_LEAST + QUOTED_LEAST);
    return size && read_icmp(ip + size, end, &answer) ? judge(context, &answer) : XDP_PASS;
}

static __always_inline void addresses_v6(const void *own, const void *other, struct answer *answer)
{
    for (int i = 0; i < 2; i++) {
        answer->own[i] = *(const __u64 *)(own + 8 * i);
        answer->other[i] = *(const __u64 *)(other + 8 * i);
    }
}

static __always_inline bool read_icmp6(const void *icmp, const void *end, struct answer *answer)
{
    const void *quoted = icmp + ICMP_SIZE, *tcp = quoted + IPV6_HEADER;
    if (tcp + QUOTED_LEAST > end)
        return false;
    __u8 type = *(const __u8 *)icmp, code = *(const __u8 *)(icmp + 1);
    if (!(type == 1 || (type == 3 && code == 0)) || *(const __u8 *)quoted >> 4 != 6 ||
        *(const __u8 *)(quoted + 6) != PROTOCOL_TCP)
        return false;
    addresses_v6(quoted + 8, quoted + 24, answer);
    return read_quoted_tcp(tcp, answer);
}

/* Extension headers are left to the kernel: nobody answers a SYN with one. */
static __always_inline int receive_v6(struct xdp_md *context, const void *ip, const void *end)
{
    struct answer answer = {.ipv6 = true};
    const void *payload = ip + IPV6_HEADER;
    if (payload + ICMP_SIZE > end || *(const __u8 *)ip >> 4 != 6)
        return XDP_PASS;
    __u8 protocol = *(const __u8 *)(ip + 6);
    __u32 size = bpf_ntohs(*(const __be16 *)(ip + 4));
    if (protocol == PROTOCOL_ICMP6 && size >= ICMP_SIZE + IPV6_HEADER + QUOTED_LEAST)
        return read_icmp6(payload, end, &answer) ? judge(context, &answer) : XDP_PASS;
    if (protocol != PROTOCOL_TCP || size < TCP_SIZE || payload + TCP_SIZE > end)
        return XDP_PASS;
    addresses_v6(ip + 24, ip + 8, &answer);
    return read_tcp(payload, &answer) ? judge(context, &answer) : XDP_PASS;
}

static __always_inline int receive(struct xdp_md *context)
{
    const void *frame = (void *)(long)context->data, *end = (void *)(long)context->data_end;
    if (frame + ETHER_SIZE > end)
        return XDP_PASS;
    __be16 kind = *(const __be16 *)(frame + 12);
    if (kind == bpf_htons(KIND_IPV4))
        return receive_v4(context, frame + ETHER_SIZE, end);
    if (kind == bpf_htons(KIND_IPV6))
        return receive_v6(context, frame + ETHER_SIZE, end);
    return XDP_PASS;
}

#endif
