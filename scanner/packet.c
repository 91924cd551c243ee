#include "scanner/packet.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <pcap/dlt.h>
#include <string.h>

#include "scanner/syn.h"

#define ETHERTYPE_IPV4_   0x0800
#define ETHERTYPE_IPV6_   0x86dd
#define ETHERTYPE_ARP_    0x0806
#define ETHERTYPE_VLAN    0x8100
#define ETHERTYPE_SERVICE 0x88a8 /* the outer tag of two (IEEE 802.1ad) */
#define TAGS_MAX          2
#define EXTENSIONS_MAX    8
#define VLAN_MASK         0x0fff /* of a tag: the network, 0 for none (IEEE 802.1Q) */
#define SOLICITED         0x40   /* of an advertisement: it answers a question (RFC 4861 §4.4) */
#define OFFSET_MASK       0x1fff
#define FLAG_SYN          0x02
#define FLAG_RST          0x04
#define FLAG_ACK          0x10

/* An IP header: whose packet it is, and what it carries as far as it was captured. */
struct datagram {
    struct address from, to;
    uint8_t protocol;
    struct cursor payload;
};

bool packet_knows(int datalink)
{
    return datalink == DLT_EN10MB || datalink == DLT_RAW || datalink == DLT_LINUX_SLL ||
           datalink == DLT_LINUX_SLL2;
}

/* The type of what follows the link's header; 0 where it is not known. *elsewhere_out: a tag says that it belongs to
   another network than the link's own. */
static uint16_t read_link(int datalink, struct cursor *frame, bool *elsewhere_out)
{
    uint16_t kind = 0;
    *elsewhere_out = false;
    switch (datalink) {
    case DLT_EN10MB:
        cursor_skip(frame, 12);
        kind = cursor_u16be(frame);
        break;
    case DLT_LINUX_SLL:
        cursor_skip(frame, 14);
        kind = cursor_u16be(frame);
        break;
    case DLT_LINUX_SLL2:
        kind = cursor_u16be(frame);
        cursor_skip(frame, 18);
        break;
    case DLT_RAW:
        return (cursor_peek(frame, 0) & 0xf0) == 0x60 ? ETHERTYPE_IPV6_ : ETHERTYPE_IPV4_;
    default:
        return 0;
    }
    for (int tags = 0; tags < TAGS_MAX && (kind == ETHERTYPE_VLAN || kind == ETHERTYPE_SERVICE); tags++) {
        *elsewhere_out |= (cursor_u16be(frame) & VLAN_MASK) != 0;
        kind = cursor_u16be(frame);
    }
    return cursor_good(frame) ? kind : 0;
}

static struct address read_address6(struct cursor *at)
{
    uint64_t high = cursor_u64be(at);
    return (struct address){high, cursor_u64be(at)};
}

/* What was captured of `size` bytes, which an Ethernet may have padded. */
static struct cursor captured(struct cursor *at, size_t size)
{
    size_t left = cursor_left(at);
    return cursor_block(at, size < left ? size : left);
}

static bool read_ipv4(struct cursor *at, struct datagram *datagram_out)
{
    uint8_t first = cursor_u8(at);
    size_t header = (size_t)(first & 15) * 4;
    cursor_skip(at, 1);
    size_t total = cursor_u16be(at);
    cursor_skip(at, 2);
    uint16_t fragment = cursor_u16be(at);
    cursor_skip(at, 1);
    datagram_out->protocol = cursor_u8(at);
    cursor_skip(at, 2);
    datagram_out->from = address_from_ipv4(cursor_u32be(at));
    datagram_out->to = address_from_ipv4(cursor_u32be(at));
    if (first >> 4 != 4 || header < 20 || total < header || (fragment & OFFSET_MASK))
        return false;
    cursor_skip(at, header - 20);
    datagram_out->payload = captured(at, total - header);
    return cursor_good(at);
}

/* Passes over extension headers (RFC 8200 §4), as far as they leave the packet whole. */
static bool pass_extensions(struct datagram *datagram)
{
    struct cursor *at = &datagram->payload;
    for (int count = 0; count < EXTENSIONS_MAX; count++) {
        uint8_t kind = datagram->protocol;
        if (kind != IPPROTO_HOPOPTS && kind != IPPROTO_ROUTING && kind != IPPROTO_DSTOPTS &&
            kind != IPPROTO_FRAGMENT)
            return true;
        datagram->protocol = cursor_u8(at);
        size_t length = cursor_u8(at);
        uint16_t offset = cursor_u16be(at);
        if (kind == IPPROTO_FRAGMENT && offset >> 3)
            return false;
        cursor_skip(at, kind == IPPROTO_FRAGMENT ? 4 : length * 8 + 4);
        if (!cursor_good(at))
            return false;
    }
    return false;
}

static bool read_ipv6(struct cursor *at, struct datagram *datagram_out)
{
    uint8_t first = cursor_u8(at);
    cursor_skip(at, 3);
    size_t length = cursor_u16be(at);
    datagram_out->protocol = cursor_u8(at);
    cursor_skip(at, 1);
    datagram_out->from = read_address6(at);
    datagram_out->to = read_address6(at);
    datagram_out->payload = captured(at, length);
    return first >> 4 == 6 && cursor_good(at) && pass_extensions(datagram_out);
}

static bool read_ip(struct cursor *at, bool ipv6, struct datagram *datagram_out)
{
    return ipv6 ? read_ipv6(at, datagram_out) : read_ipv4(at, datagram_out);
}

static enum packet_kind tcp_kind(uint8_t flags)
{
    if (flags & FLAG_RST)
        return PACKET_RESET;
    if (flags & FLAG_SYN)
        return flags & FLAG_ACK ? PACKET_SYN_ACK : PACKET_SYN;
    return PACKET_OTHER;
}

static void read_tcp(struct datagram *datagram, struct packet *packet)
{
    struct cursor *at = &datagram->payload;
    uint16_t from = cursor_u16be(at), to = cursor_u16be(at);
    uint32_t sequence = cursor_u32be(at), acknowledged = cursor_u32be(at);
    uint8_t header = cursor_u8(at) >> 4, flags = cursor_u8(at);
    uint16_t window = cursor_u16be(at);
    cursor_skip(at, 4);
    if (!cursor_good(at) || header < 5)
        return;
    packet->kind = tcp_kind(flags);
    bool asks = packet->kind == PACKET_SYN;
    packet->own = asks ? datagram->from : datagram->to;
    packet->other = asks ? datagram->to : datagram->from;
    packet->own_port = asks ? from : to;
    packet->other_port = asks ? to : from;
    packet->proven = asks || flags & FLAG_ACK;
    packet->sequence = asks ? sequence : acknowledged - 1;
    packet->window = window;
    packet->options = header > 5;
}

/* The packet that an ICMP error quotes: its IP header and at least eight bytes more (RFC 792, RFC 4443 §3.1). */
static void read_quoted(struct cursor *at, bool ipv6, struct packet *packet)
{
    struct datagram quoted;
    if (!read_ip(at, ipv6, &quoted) || quoted.protocol != IPPROTO_TCP)
        return;
    uint16_t from = cursor_u16be(&quoted.payload), to = cursor_u16be(&quoted.payload);
    uint32_t sequence = cursor_u32be(&quoted.payload);
    if (!cursor_good(&quoted.payload))
        return;
    *packet = (struct packet){.kind = PACKET_UNREACHABLE,
                              .own = quoted.from,
                              .other = quoted.to,
                              .own_port = from,
                              .other_port = to,
                              .proven = true,
                              .sequence = sequence};
}

/* RFC 4861 §4.4; the hop limit of 255 that proves it local is the kernel filter's to see to. */
static void read_advertisement(struct cursor *at, struct address to, struct packet *packet)
{
    bool solicited = cursor_u8(at) & SOLICITED;
    cursor_skip(at, 3);
    struct address address = read_address6(at);
    if (!solicited)
        return;
    while (cursor_good(at) && cursor_left(at) >= 8) {
        uint8_t kind = cursor_u8(at);
        size_t length = cursor_u8(at);
        struct cursor option = cursor_block(at, length ? length * 8 - 2 : SIZE_MAX / 2);
        struct span hardware = cursor_span(&option, 6);
        if (kind != ND_OPT_TARGET_LINKADDR || !cursor_good(&option))
            continue;
        packet->kind = PACKET_NEIGHBOUR;
        packet->own = to;
        packet->other = address;
        memcpy(packet->hardware, hardware.bytes, 6);
        return;
    }
}

static void read_icmp(struct datagram *datagram, struct packet *packet)
{
    struct cursor *at = &datagram->payload;
    uint8_t kind = cursor_u8(at), code = cursor_u8(at);
    cursor_skip(at, 6);
    bool dead = kind == ICMP_DEST_UNREACH && code != ICMP_FRAG_NEEDED;
    if (dead || (kind == ICMP_TIME_EXCEEDED && code == ICMP_EXC_TTL))
        read_quoted(at, false, packet);
}

static void read_icmp6(struct datagram *datagram, struct packet *packet)
{
    struct cursor *at = &datagram->payload;
    uint8_t kind = cursor_u8(at), code = cursor_u8(at);
    cursor_skip(at, 2);
    if (kind == ND_NEIGHBOR_ADVERT) {
        if (code == 0)
            read_advertisement(at, datagram->to, packet);
        return;
    }
    cursor_skip(at, 4);
    if (kind == ICMP6_DST_UNREACH || (kind == ICMP6_TIME_EXCEEDED && code == ICMP6_TIME_EXCEED_TRANSIT))
        read_quoted(at, true, packet);
}

/* RFC 826, Ethernet and IPv4. */
static void read_arp(struct cursor *at, struct packet *packet)
{
    bool right = cursor_u16be(at) == 1 && cursor_u16be(at) == ETHERTYPE_IPV4_ && cursor_u16be(at) == 0x0604;
    bool reply = cursor_u16be(at) == 2;
    struct span hardware = cursor_span(at, 6);
    uint32_t address = cursor_u32be(at);
    cursor_skip(at, 6);
    uint32_t asker = cursor_u32be(at);
    if (!right || !reply || !cursor_good(at))
        return;
    packet->kind = PACKET_NEIGHBOUR;
    packet->own = address_from_ipv4(asker);
    packet->other = address_from_ipv4(address);
    memcpy(packet->hardware, hardware.bytes, 6);
}

void packet_read(int datalink, struct span frame, struct packet *packet_out)
{
    struct cursor at = cursor_over_block(frame.bytes, frame.size);
    struct datagram datagram;
    *packet_out = (struct packet){.kind = PACKET_OTHER};
    bool elsewhere;
    uint16_t kind = read_link(datalink, &at, &elsewhere);
    if (kind == ETHERTYPE_ARP_ && !elsewhere)
        read_arp(&at, packet_out);
    if ((kind != ETHERTYPE_IPV4_ && kind != ETHERTYPE_IPV6_) ||
        !read_ip(&at, kind == ETHERTYPE_IPV6_, &datagram))
        return;
    if (datagram.protocol == IPPROTO_TCP)
        read_tcp(&datagram, packet_out);
    else if (datagram.protocol == IPPROTO_ICMP && kind == ETHERTYPE_IPV4_)
        read_icmp(&datagram, packet_out);
    else if (datagram.protocol == IPPROTO_ICMPV6 && kind == ETHERTYPE_IPV6_)
        read_icmp6(&datagram, packet_out);
    /* Who is whose neighbour in another network says nothing of this one. */
    if (packet_out->kind == PACKET_NEIGHBOUR && elsewhere)
        packet_out->kind = PACKET_OTHER;
}

bool packet_answers(const struct packet *packet)
{
    return packet->kind == PACKET_SYN_ACK || packet->kind == PACKET_RESET ||
           packet->kind == PACKET_UNREACHABLE;
}

static enum wire_answer meaning(enum packet_kind kind)
{
    switch (kind) {
    case PACKET_SYN_ACK:
        return WIRE_OPEN;
    case PACKET_RESET:
        return WIRE_CLOSED;
    default:
        return WIRE_UNREACHABLE;
    }
}

struct wire_reply packet_reply(const struct packet *packet, unsigned attempt)
{
    bool accepts = packet->kind == PACKET_SYN_ACK;
    return (struct wire_reply){.address = packet->other,
                               .port = packet->other_port,
                               .answer = meaning(packet->kind),
                               .attempt = attempt,
                               .window = accepts ? packet->window : 0,
                               .options = accepts && packet->options};
}

enum packet_answer packet_answer(const struct packet *packet, const struct siphash_key *key,
                                 struct wire_reply *reply_out)
{
    if (!packet_answers(packet))
        return PACKET_NO_ANSWER;
    __u64 cookie = syn_cookie(key, packet->own, packet->other, packet->other_port);
    unsigned attempt = cookie_attempt(cookie, packet->own_port);
    if (!packet->proven || packet->sequence != cookie_sequence(cookie) || !attempt)
        return PACKET_FOREIGN;
    *reply_out = packet_reply(packet, attempt);
    return PACKET_GENUINE;
}
