#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/wire_xdp.h"

static enum status device_place(struct xdp_ways *xdp, int ifindex, uint32_t *place_out)
{
    for (*place_out = 0; *place_out < xdp->devices_count; ++*place_out)
        if (xdp->devices[*place_out] == ifindex)
            return STATUS_OK;
    if (xdp->devices_count == XDP_DEVICES_MAX)
        return STATUS_LIMIT;
    xdp->devices[xdp->devices_count++] = ifindex;
    return STATUS_OK;
}

enum status xdp_ways_add(struct xdp_ways *xdp, const struct syn_template *syn, int ifindex, enum xdp_way way,
                         uint32_t *hop_out)
{
    struct xdp_hop hop = {.way = way};
    if (way != XDP_WAY_OTHER) {
        enum status status = device_place(xdp, ifindex, &hop.device);
        if (status != STATUS_OK)
            return status;
        memcpy(hop.frame, syn->bytes, sizeof syn->bytes);
        memcpy(hop.source, syn->source, sizeof hop.source);
        hop.ipv6 = syn->ipv6;
        hop.ip_sum = syn->ip_sum;
        hop.tcp_sum = syn->tcp_sum;
        xdp->frame_size = xdp->frame_size ? xdp->frame_size : (uint32_t)syn->size;
    }
    for (*hop_out = 0; *hop_out < xdp->hops_count; ++*hop_out)
        if (memcmp(&xdp->hops[*hop_out], &hop, sizeof hop) == 0)
            return STATUS_OK;
    if (xdp->hops_count == XDP_HOPS_MAX)
        return STATUS_LIMIT;
    xdp->hops[xdp->hops_count++] = hop;
    return STATUS_OK;
}

enum status xdp_ways_piece(struct xdp_ways *xdp, struct address first, uint64_t before, uint32_t hop)
{
    if ((xdp->pieces_count & (xdp->pieces_count - 1)) == 0) {
        size_t capacity = xdp->pieces_count ? xdp->pieces_count * 2 : 1;
        struct xdp_piece *pieces = reallocarray(xdp->pieces, capacity, sizeof *pieces);
        if (!pieces)
            return STATUS_NO_MEMORY;
        xdp->pieces = pieces;
    }
    xdp->pieces[xdp->pieces_count++] =
        (struct xdp_piece){.before = before, .high = first.high, .low = first.low, .hop = hop};
    return STATUS_OK;
}

void xdp_ways_deinit(struct xdp_ways *xdp)
{
    free(xdp->pieces);
    memset(xdp, 0, sizeof *xdp);
}

/* How live frames go along a route; on everything but an Ethernet they do not. */
static enum xdp_way way_of(const struct route *route, const struct way *way)
{
    if (!way->device || device_facts(way->device)->kind != DEVICE_ETHERNET || route->kind == ROUTE_LOCAL)
        return XDP_WAY_OTHER;
    return route->kind == ROUTE_LINK && device_facts(way->device)->resolves ? XDP_WAY_LINK : XDP_WAY_ROUTER;
}

static bool has_device(const struct xdp_ways *xdp, int ifindex)
{
    for (size_t i = 0; i < xdp->devices_count; i++)
        if (xdp->devices[i] == ifindex)
            return true;
    return false;
}

static enum status hop_of_route(struct xdp_ways *xdp, const struct ways *ways, const struct route *route,
                                uint32_t *hop_out)
{
    const struct way *way = &ways->items[route - ways->routes.items];
    enum xdp_way kind = way_of(route, way);
    /* A router that never answered: to be told as such, which the user's side knows. */
    if (kind == XDP_WAY_ROUTER && ways_find(ways, route->range.first).answer != WIRE_OPEN)
        kind = XDP_WAY_OTHER;
    if (xdp->settled && !has_device(xdp, (int)route->device))
        kind = XDP_WAY_OTHER;
    return xdp_ways_add(xdp, &way->syn, (int)route->device, kind, hop_out);
}

/* One range of the order, along the routes that it is spread over. */
static enum status cut(struct xdp_ways *xdp, const struct ways *ways, struct range range, uint64_t before)
{
    const struct route *end = ways->routes.items + ways->routes.count;
    const struct route *route = routes_find(&ways->routes, range.first);
    struct address at = range.first;
    for (; route && route < end && address_compare(route->range.first, range.last) <= 0; route++) {
        uint32_t hop;
        if (address_compare(route->range.first, at) > 0)
            at = route->range.first;
        enum status status = hop_of_route(xdp, ways, route, &hop);
        if (status == STATUS_OK)
            status = xdp_ways_piece(xdp, at, before + address_distance(range.first, at), hop);
        if (status != STATUS_OK)
            return status;
        struct address last =
            address_compare(route->range.last, range.last) < 0 ? route->range.last : range.last;
        if (xdp->hops[hop].way == XDP_WAY_LINK)
            xdp->link_addresses += range_size((struct range){at, last});
    }
    return STATUS_OK;
}

static enum status cut_all(struct xdp_ways *xdp, const struct ways *ways, const struct order *order)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < order->addresses.count && status == STATUS_OK; i++)
        status = cut(xdp, ways, order->addresses.items[i], order->index.before[i]);
    return status;
}

enum status xdp_ways_again(struct xdp_ways *xdp, const struct ways *ways, const struct order *order)
{
    xdp->settled = true;
    xdp->pieces_count = 0;
    xdp->hops_count = 0;
    xdp->link_addresses = 0;
    return cut_all(xdp, ways, order);
}

enum status xdp_ways_init(struct xdp_ways *xdp, const struct ways *ways, const struct order *order,
                          char *why_out)
{
    memset(xdp, 0, sizeof *xdp);
    enum status status = cut_all(xdp, ways, order);
    if (status == STATUS_LIMIT)
        snprintf(
            why_out, WIRE_WHY_MAX,
            "the ways to the scope are too many: more than %d interfaces or %d next hops; scan them apart",
            XDP_DEVICES_MAX, XDP_HOPS_MAX);
    if (status == STATUS_OK && xdp->devices_count == 0) {
        snprintf(why_out, WIRE_WHY_MAX,
                 "no way to the scope is over an Ethernet, which live frames need; the packet engine has "
                 "ways over "
                 "tunnels and to ourselves");
        errno = EOPNOTSUPP;
        status = STATUS_SYSTEM;
    }
    if (status != STATUS_OK)
        xdp_ways_deinit(xdp);
    return status;
}
