#include "scanner/route.h"

#include <endian.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define CUTS_MAX (1u << 18)

/* Addresses at which the kernel's decision may turn, all inside the plan. */
struct cuts {
    const struct ranges *addresses;
    struct address *items;
    size_t count, capacity;
    enum status status;
};

static void cuts_add(struct cuts *cuts, struct address at)
{
    if (cuts->status != STATUS_OK || !ranges_contain(cuts->addresses, at))
        return;
    if (cuts->count == cuts->capacity) {
        size_t capacity = cuts->capacity ? cuts->capacity * 2 : 64;
        struct address *items =
            capacity <= CUTS_MAX ? reallocarray(cuts->items, capacity, sizeof *items) : NULL;
        if (!items) {
            cuts->status = capacity <= CUTS_MAX ? STATUS_NO_MEMORY : STATUS_LIMIT;
            return;
        }
        cuts->items = items;
        cuts->capacity = capacity;
    }
    cuts->items[cuts->count++] = at;
}

/* The last address of a prefix. */
static struct address prefix_end(struct address first, unsigned bits)
{
    if (bits == 0)
        return (struct address){UINT64_MAX, UINT64_MAX};
    uint64_t low = bits >= 128 ? 0 : bits <= 64 ? UINT64_MAX : UINT64_MAX >> (bits - 64);
    uint64_t high = bits >= 64 ? 0 : UINT64_MAX >> bits;
    return (struct address){first.high | high, first.low | low};
}

/* A route and a rule have the same header, as far as it matters here, and destinations of the same number. */
_Static_assert(sizeof(struct rtmsg) == sizeof(struct fib_rule_hdr) && (int)RTA_DST == (int)FRA_DST,
               "rtnetlink(7)");

/* One message of a dump. */
struct cutting {
    struct cuts *cuts;
    const struct rtmsg *header;
};

static int cut_at_attribute(const struct nlattr *attribute, void *context)
{
    const struct cutting *cutting = context;
    int family = cutting->header->rtm_family;
    unsigned bits = cutting->header->rtm_dst_len;
    struct address first;
    if (mnl_attr_get_type(attribute) != RTA_DST || !netlink_address(attribute, family, &first))
        return MNL_CB_OK;
    cuts_add(cutting->cuts, first);
    cuts_add(cutting->cuts, address_next(prefix_end(first, family == AF_INET ? bits + 96 : bits)));
    return MNL_CB_OK;
}

static int cut_at_message(const struct nlmsghdr *message, void *context)
{
    struct cutting cutting = {context, mnl_nlmsg_get_payload(message)};
    return mnl_attr_parse(message, sizeof *cutting.header, cut_at_attribute, &cutting);
}

static enum status dump(struct netlink *netlink, uint16_t kind, int family, struct cuts *cuts)
{
    _Alignas(struct nlmsghdr) char request[NETLINK_REQUEST_MAX] = {0};
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    header->nlmsg_type = kind;
    header->nlmsg_flags = NLM_F_DUMP;
    struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof *route);
    route->rtm_family = (uint8_t)family;
    enum status status = netlink_ask(netlink, header, cut_at_message, cuts);
    /* A kernel without the family, or without rules, has nothing to cut at. */
    if (status == STATUS_SYSTEM && (errno == EOPNOTSUPP || errno == EAFNOSUPPORT))
        status = STATUS_OK;
    return status != STATUS_OK ? status : cuts->status;
}

static int compare(const void *a, const void *b)
{
    return address_compare(*(const struct address *)a, *(const struct address *)b);
}

static enum status find_cuts(struct netlink *netlink, struct cuts *cuts)
{
    static const int families[] = {AF_INET, AF_INET6};
    enum status status = STATUS_OK;
    for (int i = 0; i < 2 && status == STATUS_OK; i++) {
        status = dump(netlink, RTM_GETROUTE, families[i], cuts);
        if (status == STATUS_OK)
            status = dump(netlink, RTM_GETRULE, families[i], cuts);
    }
    if (cuts->count)
        qsort(cuts->items, cuts->count, sizeof *cuts->items, compare);
    return status;
}

static int read_metric(const struct nlattr *attribute, void *context)
{
    struct route *route = context;
    if (mnl_attr_get_type(attribute) == RTAX_MTU && mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0)
        route->mtu = mnl_attr_get_u32(attribute);
    return MNL_CB_OK;
}

static void read_via(const struct nlattr *attribute, struct route *route)
{
    const uint8_t *bytes = mnl_attr_get_payload(attribute);
    uint16_t family;
    uint64_t words[2];
    if (mnl_attr_get_payload_len(attribute) != 2 + 16)
        return;
    memcpy(&family, bytes, 2);
    memcpy(words, bytes + 2, 16);
    if (family == AF_INET6)
        route->gateway = (struct address){be64toh(words[0]), be64toh(words[1])};
}

static enum route_kind kind_of(uint8_t type, const struct route *route)
{
    if (type == RTN_LOCAL || type == RTN_ANYCAST)
        return ROUTE_LOCAL;
    bool has_source = route->source.high || route->source.low;
    if (type != RTN_UNICAST || !route->device || !has_source)
        return ROUTE_NONE;
    return route->gateway.high || route->gateway.low ? ROUTE_GATEWAY : ROUTE_LINK;
}

static int read_attribute(const struct nlattr *attribute, void *context)
{
    struct route *route = context;
    int family = address_is_ipv4(route->range.first) ? AF_INET : AF_INET6;
    switch (mnl_attr_get_type(attribute)) {
    case RTA_OIF:
        route->device = mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0 ? mnl_attr_get_u32(attribute) : 0;
        break;
    case RTA_PREFSRC:
        (void)netlink_address(attribute, family, &route->source);
        break;
    case RTA_GATEWAY:
        (void)netlink_address(attribute, family, &route->gateway);
        break;
    case RTA_VIA:
        read_via(attribute, route);
        break;
    case RTA_METRICS:
        return mnl_attr_parse_nested(attribute, read_metric, route);
    }
    return MNL_CB_OK;
}

static int read_decision(const struct nlmsghdr *message, void *context)
{
    const struct rtmsg *decided = mnl_nlmsg_get_payload(message);
    struct route *route = context;
    int parsed = mnl_attr_parse(message, sizeof *decided, read_attribute, route);
    route->kind = kind_of(decided->rtm_type, route);
    if (route->kind == ROUTE_LOCAL)
        route->device = if_nametoindex("lo"); /* whatever device the address itself is on */
    return parsed;
}

/* What the kernel would do with a packet to the first address of the route's range. */
static enum status decide(struct netlink *netlink, struct route *route)
{
    _Alignas(struct nlmsghdr) char request[NETLINK_REQUEST_MAX] = {0};
    struct nlmsghdr *header = mnl_nlmsg_put_header(request);
    struct sockaddr_storage target;
    bool ipv4 = address_is_ipv4(route->range.first);
    address_to_sockaddr(route->range.first, 0, &target);
    header->nlmsg_type = RTM_GETROUTE;
    struct rtmsg *asked = mnl_nlmsg_put_extra_header(header, sizeof *asked);
    asked->rtm_family = ipv4 ? AF_INET : AF_INET6;
    asked->rtm_dst_len = ipv4 ? 32 : 128;
    if (ipv4)
        mnl_attr_put(header, RTA_DST, 4, &((struct sockaddr_in *)(void *)&target)->sin_addr);
    else
        mnl_attr_put(header, RTA_DST, 16, &((struct sockaddr_in6 *)(void *)&target)->sin6_addr);
    enum status status = netlink_ask(netlink, header, read_decision, route);
    bool nowhere = errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EACCES || errno == EINVAL ||
                   errno == ENETDOWN || errno == EAFNOSUPPORT || errno == EOPNOTSUPP;
    return status == STATUS_SYSTEM && nowhere ? STATUS_OK : status;
}

static bool is_same_way(const struct route *a, const struct route *b)
{
    return a->kind == b->kind && a->device == b->device && a->mtu == b->mtu &&
           address_compare(a->source, b->source) == 0 && address_compare(a->gateway, b->gateway) == 0;
}

/* Neighbouring pieces that go the same way are one; those over a router, and those with no way, also over gaps. */
static bool joins(const struct route *before, const struct route *route)
{
    if (!is_same_way(before, route) ||
        address_is_ipv4(before->range.first) != address_is_ipv4(route->range.first))
        return false;
    bool adjacent = address_compare(address_next(before->range.last), route->range.first) == 0;
    return adjacent || route->kind == ROUTE_GATEWAY || route->kind == ROUTE_NONE;
}

static enum status keep(struct routes *routes, const struct route *route)
{
    if (routes->count && joins(&routes->items[routes->count - 1], route)) {
        routes->items[routes->count - 1].range.last = route->range.last;
        return STATUS_OK;
    }
    if (routes->count == routes->capacity) {
        size_t capacity = routes->capacity ? routes->capacity * 2 : 16;
        struct route *items = reallocarray(routes->items, capacity, sizeof *items);
        if (!items)
            return STATUS_NO_MEMORY;
        routes->items = items;
        routes->capacity = capacity;
    }
    routes->items[routes->count++] = *route;
    return STATUS_OK;
}

static enum status add_piece(struct routes *routes, struct netlink *netlink, struct range range)
{
    struct route route = {.range = range};
    enum status status = decide(netlink, &route);
    return status == STATUS_OK ? keep(routes, &route) : status;
}

static struct address address_before(struct address address)
{
    return (struct address){address.high - (address.low == 0), address.low - 1};
}

/* One range of the plan, cut; *next_cut is the first cut not yet passed. */
static enum status add_range(struct routes *routes, struct netlink *netlink, struct range range,
                             const struct cuts *cuts, size_t *next_cut)
{
    enum status status = STATUS_OK;
    for (; *next_cut < cuts->count && status == STATUS_OK; ++*next_cut) {
        struct address cut = cuts->items[*next_cut];
        if (address_compare(cut, range.last) > 0)
            break;
        if (address_compare(cut, range.first) <= 0)
            continue;
        status = add_piece(routes, netlink, (struct range){range.first, address_before(cut)});
        range.first = cut;
    }
    return status == STATUS_OK ? add_piece(routes, netlink, range) : status;
}

enum status routes_init(struct routes *routes, struct netlink *netlink, const struct ranges *addresses)
{
    struct cuts cuts = {.addresses = addresses};
    size_t next_cut = 0;
    *routes = (struct routes){NULL, 0, 0};
    enum status status = find_cuts(netlink, &cuts);
    for (size_t i = 0; i < addresses->count && status == STATUS_OK; i++)
        status = add_range(routes, netlink, addresses->items[i], &cuts, &next_cut);
    free(cuts.items);
    if (status != STATUS_OK)
        routes_deinit(routes);
    return status;
}

void routes_deinit(struct routes *routes)
{
    free(routes->items);
    *routes = (struct routes){NULL, 0, 0};
}

const struct route *routes_find(const struct routes *routes, struct address address)
{
    size_t low = 0, high = routes->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(routes->items[middle].range.first, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || address_compare(routes->items[low - 1].range.last, address) < 0)
        return NULL;
    return &routes->items[low - 1];
}
