#include "scanner/neighbour.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <stdlib.h>
#include <string.h>

static uint64_t places(const struct route *route)
{
    if (route->kind == ROUTE_LINK)
        return range_size(route->range);
    return route->kind == ROUTE_GATEWAY;
}

/* One answer of the kernel's. */
struct known {
    struct neighbours *neighbours;
    const struct ndmsg *header;
    struct address address;
    const uint8_t *hardware;
};

static void learn(struct neighbour *neighbour, const uint8_t hardware[6], enum neighbour_state state)
{
    if (neighbour->state >= NEIGHBOUR_KNOWN)
        return;
    memcpy(neighbour->hardware, hardware, 6);
    neighbour->state = (uint8_t)state;
}

/* Every place that the address of a device has: its own on the link, and as a gateway. */
static void learn_everywhere(struct neighbours *neighbours, unsigned device, struct address address,
                             const uint8_t hardware[6], enum neighbour_state state)
{
    for (size_t i = 0; i < neighbours->routes->count; i++) {
        const struct route *route = &neighbours->routes->items[i];
        if (route->kind == ROUTE_GATEWAY && route->device == device &&
            address_compare(route->gateway, address) == 0)
            learn(&neighbours->items[neighbours->first[i]], hardware, state);
    }
    const struct route *route = routes_find(neighbours->routes, address);
    if (route && route->kind == ROUTE_LINK && route->device == device)
        learn(neighbours_find(neighbours, route, address), hardware, state);
}

static int read_attribute(const struct nlattr *attribute, void *context)
{
    struct known *known = context;
    uint16_t kind = mnl_attr_get_type(attribute);
    if (kind == NDA_DST)
        (void)netlink_address(attribute, known->header->ndm_family, &known->address);
    if (kind == NDA_LLADDR && mnl_attr_get_payload_len(attribute) == 6)
        known->hardware = mnl_attr_get_payload(attribute);
    return MNL_CB_OK;
}

static int read_known(const struct nlmsghdr *message, void *context)
{
    struct known known = {.neighbours = context, .header = mnl_nlmsg_get_payload(message)};
    const unsigned fresh = NUD_REACHABLE | NUD_PERMANENT, old = NUD_STALE | NUD_DELAY | NUD_PROBE;
    unsigned state = known.header->ndm_state;
    int parsed = mnl_attr_parse(message, sizeof *known.header, read_attribute, &known);
    if (parsed == MNL_CB_OK && known.hardware && (state & (fresh | old)))
        learn_everywhere(known.neighbours, (unsigned)known.header->ndm_ifindex, known.address, known.hardware,
                         state & NUD_PERMANENT ? NEIGHBOUR_FIXED
                         : state & fresh       ? NEIGHBOUR_KNOWN
                                               : NEIGHBOUR_STALE);
    return parsed;
}

static enum status ask_kernel(struct neighbours *neighbours, struct netlink *netlink)
{
    _Alignas(struct nlmsghdr) char request[NETLINK_REQUEST_MAX] = {0};
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    header->nlmsg_type = RTM_GETNEIGH;
    header->nlmsg_flags = NLM_F_DUMP;
    mnl_nlmsg_put_extra_header(header, sizeof(struct ndmsg));
    return netlink_ask(netlink, header, read_known, neighbours);
}

static enum status reserve(struct neighbours *neighbours)
{
    uint64_t count = 0;
    neighbours->first = calloc(neighbours->routes->count + 1, sizeof *neighbours->first);
    if (!neighbours->first)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < neighbours->routes->count; i++) {
        neighbours->first[i] = count;
        uint64_t more = places(&neighbours->routes->items[i]);
        if (more > NEIGHBOURS_MAX - count)
            return STATUS_LIMIT;
        count += more;
    }
    /* Of what is never touched the kernel keeps no page. */
    neighbours->items = calloc(count + 1, sizeof *neighbours->items);
    return neighbours->items ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status neighbours_init(struct neighbours *neighbours, struct netlink *netlink,
                            const struct routes *routes)
{
    *neighbours = (struct neighbours){.routes = routes};
    enum status status = reserve(neighbours);
    if (status == STATUS_OK)
        status = ask_kernel(neighbours, netlink);
    if (status != STATUS_OK)
        neighbours_deinit(neighbours);
    return status;
}

void neighbours_deinit(struct neighbours *neighbours)
{
    free(neighbours->first);
    free(neighbours->items);
    *neighbours = (struct neighbours){NULL, NULL, NULL};
}

struct neighbour *neighbours_find(const struct neighbours *neighbours, const struct route *route,
                                  struct address target)
{
    struct neighbour *first = &neighbours->items[neighbours->first[route - neighbours->routes->items]];
    return route->kind == ROUTE_LINK ? first + address_distance(route->range.first, target) : first;
}

/* Did `own` ask on the device for the address, as a gateway's or a target's? */
static bool was_asked(const struct neighbours *neighbours, unsigned device, struct address own,
                      struct address address)
{
    const struct routes *routes = neighbours->routes;
    const struct route *route = routes_find(routes, address);
    bool asked = route && route->kind == ROUTE_LINK && route->device == device &&
                 address_compare(route->source, own) == 0 &&
                 neighbours_find(neighbours, route, address)->asked;
    for (size_t i = 0; i < routes->count && !asked; i++) {
        route = &routes->items[i];
        asked = route->kind == ROUTE_GATEWAY && route->device == device &&
                address_compare(route->gateway, address) == 0 && address_compare(route->source, own) == 0 &&
                neighbours->items[neighbours->first[i]].asked;
    }
    return asked;
}

bool neighbour_may_be(const uint8_t hardware[6])
{
    static const uint8_t none[6];
    bool group = hardware[0] & 1;
    return !group && memcmp(hardware, none, 6) != 0;
}

void neighbours_hear(struct neighbours *neighbours, unsigned device, struct address own,
                     struct address address, const uint8_t hardware[6])
{
    if (neighbour_may_be(hardware) && was_asked(neighbours, device, own, address))
        learn_everywhere(neighbours, device, address, hardware, NEIGHBOUR_KNOWN);
}

static size_t arp_question(struct address target, struct address source, const uint8_t hardware[6],
                           uint8_t *frame)
{
    struct ether_header link = {.ether_type = htons(ETHERTYPE_ARP)};
    struct ether_arp arp = {.ea_hdr = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), 6, 4, htons(ARPOP_REQUEST)}};
    uint32_t own = htonl((uint32_t)source.low), other = htonl((uint32_t)target.low);
    memset(link.ether_dhost, 0xff, 6);
    memcpy(link.ether_shost, hardware, 6);
    memcpy(arp.arp_sha, hardware, 6);
    memcpy(arp.arp_spa, &own, 4);
    memcpy(arp.arp_tpa, &other, 4);
    memcpy(frame, &link, sizeof link);
    memcpy(frame + sizeof link, &arp, sizeof arp);
    return sizeof link + sizeof arp;
}

static struct in6_addr in6_of(struct address address)
{
    struct sockaddr_storage storage;
    address_to_sockaddr(address, 0, &storage);
    return ((struct sockaddr_in6 *)(void *)&storage)->sin6_addr;
}

/* RFC 1071, with the pseudo-header of RFC 8200 §8.1. */
static uint16_t icmp6_sum(const struct ip6_hdr *ip, const void *message, size_t size)
{
    uint32_t sum = (uint32_t)htons((uint16_t)size) + htons(IPPROTO_ICMPV6);
    uint16_t words[64];
    memcpy(words, &ip->ip6_src, 32);
    memcpy(words + 16, message, size);
    for (size_t i = 0; i < 16 + size / 2; i++)
        sum += words[i];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* A solicitation with our hardware address as its option (RFC 4861 §4.3). */
struct solicitation {
    struct nd_neighbor_solicit head;
    struct nd_opt_hdr option;
    uint8_t hardware[6];
};

static size_t nd_question(struct address target, struct address source, const uint8_t hardware[6],
                          uint8_t *frame)
{
    /* The solicited-node group of the target and its Ethernet address (RFC 4291 §2.7.1, RFC 2464 §7). */
    struct address group = {UINT64_C(0xff02000000000000),
                            UINT64_C(0x00000001ff000000) | (target.low & 0xffffff)};
    struct ether_header link = {.ether_type = htons(ETHERTYPE_IPV6)};
    struct solicitation ask = {.head.nd_ns_hdr.icmp6_type = ND_NEIGHBOR_SOLICIT,
                               .head.nd_ns_target = in6_of(target),
                               .option = {ND_OPT_SOURCE_LINKADDR, 1}};
    struct ip6_hdr ip = {.ip6_src = in6_of(source), .ip6_dst = in6_of(group)};
    ip.ip6_flow = htonl(UINT32_C(6) << 28);
    ip.ip6_plen = htons(sizeof ask);
    ip.ip6_nxt = IPPROTO_ICMPV6;
    ip.ip6_hlim = 255;
    memcpy(ask.hardware, hardware, 6);
    ask.head.nd_ns_hdr.icmp6_cksum = icmp6_sum(&ip, &ask, sizeof ask);
    memcpy(link.ether_dhost, (uint8_t[]){0x33, 0x33, 0xff}, 3);
    memcpy(link.ether_dhost + 3, (const uint8_t *)&ip.ip6_dst + 13, 3);
    memcpy(link.ether_shost, hardware, 6);
    memcpy(frame, &link, sizeof link);
    memcpy(frame + sizeof link, &ip, sizeof ip);
    memcpy(frame + sizeof link + sizeof ip, &ask, sizeof ask);
    return sizeof link + sizeof ip + sizeof ask;
}

size_t neighbour_question(struct address target, struct address source, const uint8_t hardware[6],
                          uint8_t frame[NEIGHBOUR_FRAME_MAX])
{
    return address_is_ipv4(target) ? arp_question(target, source, hardware, frame)
                                   : nd_question(target, source, hardware, frame);
}
