#include "scanner/syn.h"

#include <endian.h>
#include <libnet.h>
#include <string.h>

#define TCP_SIZE     40 /* with the options */
#define TTL          64
#define WINDOW       64240 /* ten segments of an Ethernet's MSS and their rounding, as Linux offers */
#define MSS_MIN      536   /* RFC 9293 §3.7.1 */
#define WINDOW_SCALE 7

/* Offsets within the headers. */
#define IPV4_ID      4
#define IPV4_SUM     10
#define IPV4_TARGET  16
#define IPV6_TARGET  24
#define TCP_SEQUENCE 4
#define TCP_SUM      16

static void options_write(uint8_t options[20], unsigned mtu, bool ipv6, uint32_t timestamp)
{
    unsigned headers = ipv6 ? 60 : 40;
    unsigned mss = mtu > headers + MSS_MIN ? mtu - headers : MSS_MIN;
    if (mss > UINT16_MAX - headers)
        mss = UINT16_MAX - headers;
    uint8_t right[20] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss, 4, 2, 8, 10};
    timestamp = htobe32(timestamp);
    memcpy(right + 8, &timestamp, 4);
    right[16] = 1;
    right[17] = 3;
    right[18] = 3;
    right[19] = WINDOW_SCALE;
    memcpy(options, right, sizeof right);
}

/* An address as it stands in a packet. */
static void address_write(struct address address, uint8_t bytes[16])
{
    uint64_t high = htobe64(address.high), low = htobe64(address.low);
    memcpy(bytes, &high, 8);
    memcpy(bytes + 8, &low, 8);
}

static bool build_ip(libnet_t *context, struct address source)
{
    if (address_is_ipv4(source)) {
        uint32_t from = htobe32((uint32_t)source.low);
        return libnet_build_ipv4(LIBNET_IPV4_H + TCP_SIZE, 0, 0, IP_DF, TTL, IPPROTO_TCP, 0, from, 0, NULL, 0,
                                 context, 0) != -1;
    }
    struct libnet_in6_addr from, to = {0};
    address_write(source, from.__u6_addr.__u6_addr8);
    return libnet_build_ipv6(0, 0, TCP_SIZE, IPPROTO_TCP, TTL, from, to, NULL, 0, context, 0) != -1;
}

static bool build(libnet_t *context, const struct syn_link *link, struct address source,
                  const uint8_t options[20])
{
    uint16_t kind = address_is_ipv4(source) ? ETHERTYPE_IP : ETHERTYPE_IPV6;
    return libnet_build_tcp_options(options, 20, context, 0) != -1 &&
           libnet_build_tcp(0, 0, 0, 0, TH_SYN, WINDOW, 0, 0, TCP_SIZE, NULL, 0, context, 0) != -1 &&
           build_ip(context, source) &&
           libnet_build_ethernet(link->next_hop, link->source, kind, NULL, 0, context, 0) != -1;
}

/* Adds 16-bit words as they stand in memory; their sum, folded and stored the same way, is right in either byte
   order (RFC 1071 §2). */
static uint32_t sum(const uint8_t *bytes, size_t size)
{
    uint32_t total = 0;
    for (size_t at = 0; at + 1 < size; at += 2) {
        uint16_t word;
        memcpy(&word, bytes + at, 2);
        total += word;
    }
    return total;
}

static uint16_t fold(uint64_t total)
{
    total = (total & UINT32_MAX) + (total >> 32);
    total = (total & UINT32_MAX) + (total >> 32);
    uint32_t half = (uint32_t)(total & UINT16_MAX) + (uint32_t)(total >> 16);
    half = (half & UINT16_MAX) + (half >> 16);
    return (uint16_t) ~((half & UINT16_MAX) + (half >> 16));
}

/* What of the sums never varies: all but the target, the ports, the sequence and the sums themselves, which are
   zero so far. */
static void sum_constants(struct syn_template *syn)
{
    uint8_t *ip = syn->bytes + SYN_LINK_SIZE;
    size_t ip_size = syn->size - SYN_LINK_SIZE - TCP_SIZE;
    uint8_t *tcp = ip + ip_size;
    const uint8_t pseudo[4] = {0, IPPROTO_TCP, 0, TCP_SIZE};
    memset(tcp + TCP_SUM, 0, 2);
    if (!syn->ipv6)
        memset(ip + IPV4_SUM, 0, 2);
    syn->ip_sum = syn->ipv6 ? 0 : sum(ip, ip_size);
    syn->tcp_sum =
        sum(tcp, TCP_SIZE) + sum(pseudo, sizeof pseudo) + (syn->ipv6 ? sum(ip + 8, 16) : sum(ip + 12, 4));
}

enum status syn_template_init(struct syn_template *syn, const struct syn_link *link, struct address source,
                              unsigned mtu, uint32_t timestamp)
{
    char why[LIBNET_ERRBUF_SIZE];
    uint8_t options[20], *packet = NULL, bytes[16];
    uint32_t size = 0;
    memset(syn, 0, sizeof *syn);
    syn->ipv6 = !address_is_ipv4(source);
    options_write(options, mtu, syn->ipv6, timestamp);
    libnet_t *context = libnet_init(LIBNET_NONE, NULL, why);
    if (!context)
        return STATUS_NO_MEMORY;
    /* Not libnet_adv_cull_packet: that wants a socket, and so root, for what is copied only. */
    bool built = build(context, link, source, options) &&
                 libnet_pblock_coalesce(context, &packet, &size) == 1 && size <= SYN_FRAME_MAX;
    if (built)
        memcpy(syn->bytes, packet, size);
    if (packet)
        libnet_adv_free_packet(context, packet);
    libnet_destroy(context);
    if (!built)
        return STATUS_NO_MEMORY;
    syn->size = size;
    address_write(source, bytes);
    memcpy(syn->source, syn->ipv6 ? bytes : bytes + 12, syn->ipv6 ? 16 : 4);
    sum_constants(syn);
    return STATUS_OK;
}

void syn_template_aim(struct syn_template *syn, const uint8_t next_hop[6])
{
    memcpy(syn->bytes, next_hop, 6);
}

/* What the cookie decides, written; returns its part of the sum. */
static uint64_t write_tcp(uint8_t *tcp, __u64 cookie, __be16 port, uint32_t attempt)
{
    uint16_t own = htobe16(cookie_port(cookie, attempt));
    uint32_t sequence = htobe32(cookie_sequence(cookie));
    memcpy(tcp, &own, 2);
    memcpy(tcp + 2, &port, 2);
    memcpy(tcp + TCP_SEQUENCE, &sequence, 4);
    return (uint64_t)own + port + sequence;
}

static void write_v4(const struct syn_template *syn, const struct siphash_key *key, uint32_t target,
                     __be16 port, uint32_t attempt, uint8_t *ip)
{
    uint8_t *tcp = ip + 20;
    uint32_t to = htobe32(target);
    __u64 cookie = cookie_v4(key, (__be32)syn->source[0], to, port);
    uint16_t id = (uint16_t)(cookie >> 48);
    uint16_t ip_sum = fold((uint64_t)syn->ip_sum + to + id);
    memcpy(ip + IPV4_ID, &id, 2);
    memcpy(ip + IPV4_SUM, &ip_sum, 2);
    memcpy(ip + IPV4_TARGET, &to, 4);
    uint16_t tcp_sum = fold(syn->tcp_sum + write_tcp(tcp, cookie, port, attempt) + to);
    memcpy(tcp + TCP_SUM, &tcp_sum, 2);
}

static void write_v6(const struct syn_template *syn, const struct siphash_key *key, struct address target,
                     __be16 port, uint32_t attempt, uint8_t *ip)
{
    uint8_t *tcp = ip + 40;
    __u64 to[2] = {htobe64(target.high), htobe64(target.low)};
    memcpy(ip + IPV6_TARGET, to, 16);
    uint64_t total = syn->tcp_sum;
    total += write_tcp(tcp, cookie_v6(key, syn->source, to, port), port, attempt);
    total += (to[0] & UINT32_MAX) + (to[0] >> 32) + (to[1] & UINT32_MAX) + (to[1] >> 32);
    uint16_t tcp_sum = fold(total);
    memcpy(tcp + TCP_SUM, &tcp_sum, 2);
}

void syn_write(const struct syn_template *syn, const struct siphash_key *key, struct address target,
               uint16_t port, uint32_t attempt, uint8_t frame[SYN_FRAME_MAX])
{
    memcpy(frame, syn->bytes, SYN_FRAME_MAX);
    if (syn->ipv6)
        write_v6(syn, key, target, htobe16(port), attempt, frame + SYN_LINK_SIZE);
    else
        write_v4(syn, key, (uint32_t)target.low, htobe16(port), attempt, frame + SYN_LINK_SIZE);
}

__u64 syn_cookie(const struct siphash_key *key, struct address source, struct address target, uint16_t port)
{
    if (address_is_ipv4(target))
        return cookie_v4(key, htobe32((uint32_t)source.low), htobe32((uint32_t)target.low), htobe16(port));
    __u64 from[2] = {htobe64(source.high), htobe64(source.low)};
    __u64 to[2] = {htobe64(target.high), htobe64(target.low)};
    return cookie_v6(key, from, to, htobe16(port));
}
