#include "targets/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define MAPPED_PREFIX (UINT64_C(0xffff) << 32)

/* Addresses that no unicast packet can be sent to, or none that would arrive where it says. */
struct special {
    struct address first;
    struct address last;
    const char *why;
};

#define IPV4(a)                                                                                              \
    {                                                                                                        \
        0, MAPPED_PREFIX | (a)                                                                               \
    }

static const struct special specials[] = {
    {{0, 0}, {0, 0}, "unspecified"},
    {{0, 2},
     {0, UINT32_MAX},
     "reserved"}, /* IPv4-compatible, deprecated: RFC 4291 §2.5.5.1; ::1 stays legal */
    {IPV4(0), IPV4(0), "unspecified"},
    {IPV4(0x00000001), IPV4(0x00ffffff), "reserved"}, /* "this network", a source only: RFC 1122 §3.2.1.3 */
    {IPV4(0xe0000000), IPV4(0xefffffff), "multicast"},
    {IPV4(0xf0000000), IPV4(0xfffffffe), "reserved"},
    {IPV4(0xffffffff), IPV4(0xffffffff), "broadcast"},
    /* Without a zone, which a scope can't name, a link-local IPv6 address leads nowhere: RFC 4007 §6. */
    {{UINT64_C(0xfe80) << 48, 0}, {UINT64_C(0xfebfffffffffffff), UINT64_MAX}, "link-local"},
    {{UINT64_C(0xff) << 56, 0}, {UINT64_MAX, UINT64_MAX}, "multicast"},
};

bool address_is_ipv4(struct address address)
{
    return address.high == 0 && address.low >> 32 == 0xffff;
}

struct address address_from_ipv4(uint32_t host_order)
{
    return (struct address){0, MAPPED_PREFIX | host_order};
}

int address_compare(struct address a, struct address b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

struct address address_next(struct address address)
{
    return address_add(address, 1);
}

struct address address_add(struct address address, uint64_t n)
{
    uint64_t low = address.low + n;
    return (struct address){address.high + (low < n), low};
}

uint64_t address_distance(struct address a, struct address b)
{
    uint64_t high = b.high - a.high - (b.low < a.low);
    return high ? UINT64_MAX : b.low - a.low;
}

/* One decimal part of a dotted address: 0..255 without leading zeros. Advances *text. */
static bool part_parse(const char **text, const char *end, uint32_t *part_out)
{
    const char *p = *text;
    uint32_t part = 0;
    while (p < end && *p >= '0' && *p <= '9' && p - *text < 3)
        part = part * 10 + (uint32_t)(*p++ - '0');
    bool leading_zero = p - *text > 1 && **text == '0';
    if (p == *text || leading_zero || part > 255)
        return false;
    *text = p;
    *part_out = part;
    return true;
}

static bool ipv4_parse(const char *text, const char *end, struct address *address_out)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t part;
        if (i > 0 && (text == end || *text++ != '.'))
            return false;
        if (!part_parse(&text, end, &part))
            return false;
        value = value << 8 | part;
    }
    *address_out = address_from_ipv4(value);
    return text == end;
}

static struct address address_from_bytes(const uint8_t bytes[16])
{
    struct address address = {0, 0};
    for (int i = 0; i < 8; i++) {
        address.high = address.high << 8 | bytes[i];
        address.low = address.low << 8 | bytes[8 + i];
    }
    return address;
}

static void address_to_bytes(struct address address, uint8_t bytes[16])
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(address.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(address.low >> (56 - 8 * i));
    }
}

bool address_parse(const char *text, size_t length, struct address *address_out)
{
    char copy[ADDRESS_TEXT_MAX];
    if (length >= sizeof copy || memchr(text, 0, length))
        return false;
    if (!memchr(text, ':', length))
        return ipv4_parse(text, text + length, address_out);
    memcpy(copy, text, length);
    copy[length] = 0;
    uint8_t bytes[16];
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return false;
    *address_out = address_from_bytes(bytes);
    return true;
}

static unsigned group_at(struct address address, int i)
{
    uint64_t half = i < 4 ? address.high : address.low;
    return (unsigned)(half >> (48 - 16 * (i % 4)) & 0xffff);
}

/* RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals; its length, 0 for none. */
static int longest_zeros(struct address address, int *start_out)
{
    int best = 1;
    for (int i = 0, run = 0; i < 8; i++) {
        run = group_at(address, i) == 0 ? run + 1 : 0;
        if (run > best) {
            best = run;
            *start_out = i - run + 1;
        }
    }
    return best > 1 ? best : 0;
}

static void ipv6_format(struct address address, char *text)
{
    int start = 8;
    int zeros = longest_zeros(address, &start);
    size_t at = 0;
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            at += (size_t)snprintf(text + at, ADDRESS_TEXT_MAX - at, "::");
            i += zeros - 1;
            continue;
        }
        bool first_or_after_gap = i == 0 || (zeros && i == start + zeros);
        at += (size_t)snprintf(text + at, ADDRESS_TEXT_MAX - at, first_or_after_gap ? "%x" : ":%x",
                               group_at(address, i));
    }
}

void address_format(struct address address, char text[ADDRESS_TEXT_MAX])
{
    if (!address_is_ipv4(address)) {
        ipv6_format(address, text);
        return;
    }
    uint32_t value = (uint32_t)address.low;
    snprintf(text, ADDRESS_TEXT_MAX, "%u.%u.%u.%u", value >> 24, value >> 16 & 255, value >> 8 & 255,
             value & 255);
}

void address_format_port(struct address address, uint16_t port, char text[ADDRESS_PORT_TEXT_MAX])
{
    char bare[ADDRESS_TEXT_MAX];
    address_format(address, bare);
    if (port == 0)
        snprintf(text, ADDRESS_PORT_TEXT_MAX, "%s", bare);
    else
        snprintf(text, ADDRESS_PORT_TEXT_MAX, address_is_ipv4(address) ? "%s:%u" : "[%s]:%u", bare, port);
}

socklen_t address_to_sockaddr(struct address address, uint16_t port, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (address_is_ipv4(address)) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
        in.sin_addr.s_addr = htonl((uint32_t)address.low);
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    address_to_bytes(address, in6.sin6_addr.s6_addr);
    memcpy(out, &in6, sizeof in6);
    return sizeof in6;
}

bool address_from_sockaddr(const struct sockaddr *sockaddr, struct address *address_out, uint16_t *port_out)
{
    if (sockaddr->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sockaddr, sizeof in);
        *address_out = address_from_ipv4(ntohl(in.sin_addr.s_addr));
        *port_out = ntohs(in.sin_port);
        return true;
    }
    if (sockaddr->sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 in6;
    memcpy(&in6, sockaddr, sizeof in6);
    *address_out = address_from_bytes(in6.sin6_addr.s6_addr);
    *port_out = ntohs(in6.sin6_port);
    return true;
}

const char *address_span_not_unicast(struct address first, struct address last, struct address *at_out)
{
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        const struct special *special = &specials[i];
        if (address_compare(special->last, first) < 0 || address_compare(special->first, last) > 0)
            continue;
        *at_out = address_compare(special->first, first) > 0 ? special->first : first;
        return special->why;
    }
    return NULL;
}

const char *address_not_unicast(struct address address)
{
    struct address at;
    return address_span_not_unicast(address, address, &at);
}
