#include "scanner/way.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "scanner/gateway.h"

#define CAPTURE_SIZE 192 /* of who asks for neighbours only */

static struct device *open_device_of(const struct ways *ways, unsigned index)
{
    for (size_t i = 0; i < ways->devices_count; i++)
        if (device_facts(ways->devices[i])->index == index)
            return ways->devices[i];
    return NULL;
}

static enum status open_device(struct ways *ways, unsigned index, int capture_size, char *why_out,
                               struct device **device_out)
{
    struct device_facts facts;
    *device_out = open_device_of(ways, index);
    if (*device_out)
        return STATUS_OK;
    if (ways->devices_count == WAYS_DEVICES_MAX) {
        snprintf(why_out, WIRE_WHY_MAX, "the scope is spread over more than %d interfaces; scan them apart",
                 WAYS_DEVICES_MAX);
        return STATUS_LIMIT;
    }
    enum status status = device_facts_read(&ways->netlink, index, &facts);
    if (status != STATUS_OK) {
        snprintf(why_out, WIRE_WHY_MAX, "interface number %u: %s", index, strerror(errno));
        return status;
    }
    status = device_new(&facts, capture_size, device_out, why_out);
    if (status != STATUS_OK)
        return status;
    ways->devices[ways->devices_count++] = *device_out;
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(ways->descriptor, EPOLL_CTL_ADD, device_descriptor(*device_out), &event) == 0)
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX, "%s: %s", facts.name, strerror(errno));
    return STATUS_SYSTEM;
}

static bool is_ethernet(const struct way *way)
{
    return way->device && device_facts(way->device)->kind == DEVICE_ETHERNET;
}

static bool resolves(const struct way *way)
{
    return way->device && device_facts(way->device)->resolves;
}

static enum status open_way(struct ways *ways, const struct route *route, uint32_t timestamp,
                            int capture_size, char *why_out, struct way *way)
{
    struct syn_link link = {{0}, {0}};
    if (route->kind == ROUTE_NONE)
        return STATUS_OK;
    enum status status = open_device(ways, route->device, capture_size, why_out, &way->device);
    if (status != STATUS_OK)
        return status;
    const struct device_facts *facts = device_facts(way->device);
    if (is_ethernet(way)) {
        memcpy(link.source, facts->hardware, sizeof link.source);
        memcpy(link.next_hop, facts->hardware, sizeof link.next_hop);
    }
    return syn_template_init(&way->syn, &link, route->source, route->mtu ? route->mtu : facts->mtu,
                             timestamp);
}

static enum status open_ways(struct ways *ways, uint32_t timestamp, int capture_size, char *why_out)
{
    enum status status = STATUS_OK;
    ways->descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (ways->descriptor < 0) {
        snprintf(why_out, WIRE_WHY_MAX, "waiting for answers: %s", strerror(errno));
        return STATUS_SYSTEM;
    }
    ways->items = calloc(ways->routes.count + 1, sizeof *ways->items);
    if (!ways->items)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < ways->routes.count && status == STATUS_OK; i++)
        status = open_way(ways, &ways->routes.items[i], timestamp, capture_size, why_out, &ways->items[i]);
    return status;
}

/* Aims what goes over gateways; whether any address has a way. */
static bool aim(struct ways *ways, char *why_out)
{
    char router[ADDRESS_TEXT_MAX];
    bool any = false;
    snprintf(why_out, WIRE_WHY_MAX,
             "there is no route to any address of the scope; ip route get ADDRESS says why");
    for (size_t i = 0; i < ways->routes.count; i++) {
        const struct route *route = &ways->routes.items[i];
        const struct neighbour *gateway = gateway_of(ways, i);
        if (gateway && gateway->state == NEIGHBOUR_UNKNOWN) {
            address_format(route->gateway, router);
            snprintf(why_out, WIRE_WHY_MAX, "the router %s on %s does not answer; is it there?", router,
                     device_facts(ways->items[i].device)->name);
            continue;
        }
        if (gateway)
            syn_template_aim(&ways->items[i].syn, gateway->hardware);
        any |= route->kind != ROUTE_NONE;
    }
    return any;
}

static enum status open_all(struct ways *ways, const struct ranges *addresses, uint32_t timestamp,
                            int capture_size, char *why_out)
{
    enum status status = netlink_init(&ways->netlink);
    if (status == STATUS_OK)
        status = routes_init(&ways->routes, &ways->netlink, addresses);
    if (status == STATUS_OK)
        status = neighbours_init(&ways->neighbours, &ways->netlink, &ways->routes);
    if (status == STATUS_LIMIT)
        snprintf(why_out, WIRE_WHY_MAX,
                 "too many routes lead to the scope, or too many of its addresses are on our own links");
    else if (status == STATUS_SYSTEM)
        snprintf(why_out, WIRE_WHY_MAX, "asking the kernel for its routes: %s", strerror(errno));
    return status == STATUS_OK ? open_ways(ways, timestamp, capture_size, why_out) : status;
}

enum status ways_init(struct ways *ways, const struct ranges *addresses, uint32_t timestamp, int capture_size,
                      char *why_out)
{
    memset(ways, 0, sizeof *ways);
    ways->descriptor = -1;
    enum status status = open_all(ways, addresses, timestamp, capture_size, why_out);
    if (status == STATUS_OK)
        status = gateways_meet(ways, why_out);
    if (status == STATUS_OK && !aim(ways, why_out))
        status = STATUS_SYSTEM;
    if (status != STATUS_OK)
        ways_deinit(ways);
    return status;
}

enum status ways_open_again(struct ways *ways, char *why_out)
{
    free(ways->items);
    ways->devices_count = 0;
    return open_ways(ways, 0, CAPTURE_SIZE, why_out);
}

void ways_deinit(struct ways *ways)
{
    int error = errno;
    for (size_t i = 0; i < ways->devices_count; i++)
        device_free(&ways->devices[i]);
    ways->devices_count = 0;
    if (ways->descriptor >= 0)
        close(ways->descriptor);
    ways->descriptor = -1;
    free(ways->items);
    ways->items = NULL;
    neighbours_deinit(&ways->neighbours);
    routes_deinit(&ways->routes);
    netlink_deinit(&ways->netlink);
    errno = error;
}

struct passage ways_find(const struct ways *ways, struct address target)
{
    const struct route *route = routes_find(&ways->routes, target);
    const struct way *way = route ? &ways->items[route - ways->routes.items] : NULL;
    struct passage passage = {WIRE_OPEN, way, NULL};
    if (!way || !way->device)
        return (struct passage){WIRE_UNROUTED, NULL, NULL};
    if (route->kind == ROUTE_LOCAL || !resolves(way))
        return passage;
    const struct neighbour *neighbour = neighbours_find(&ways->neighbours, route, target);
    if (route->kind == ROUTE_GATEWAY) {
        passage.hardware = neighbour->hardware;
        if (neighbour->state == NEIGHBOUR_UNKNOWN)
            passage.answer = WIRE_UNREACHABLE;
        return passage;
    }
    passage.hardware = neighbour->hardware;
    if (neighbour->state < NEIGHBOUR_KNOWN)
        passage.answer = neighbour->asked ? WIRE_UNREACHABLE : WIRE_UNROUTED;
    return passage;
}

bool ways_need_resolving(const struct ways *ways)
{
    for (size_t i = 0; i < ways->routes.count; i++)
        if (ways->routes.items[i].kind == ROUTE_LINK && resolves(&ways->items[i]))
            return true;
    return false;
}

bool ways_question(struct ways *ways, struct address target, uint8_t frame[NEIGHBOUR_FRAME_MAX],
                   size_t *size_out, struct device **device_out)
{
    const struct route *route = routes_find(&ways->routes, target);
    if (!route || route->kind != ROUTE_LINK)
        return false;
    const struct way *way = &ways->items[route - ways->routes.items];
    struct neighbour *neighbour = neighbours_find(&ways->neighbours, route, target);
    if (!resolves(way) || neighbour->state >= NEIGHBOUR_KNOWN)
        return false;
    neighbour->asked = true;
    *device_out = way->device;
    *size_out = neighbour_question(target, route->source, device_facts(way->device)->hardware, frame);
    return true;
}

/* One call of ways_hear. */
struct hearing {
    struct ways *ways;
    const struct ways_listener *listener;
};

static void heard(void *context, struct device *device, int64_t time_ns, struct span frame)
{
    const struct hearing *hearing = context;
    struct packet packet;
    int datalink = device_datalink(device);
    packet_read(datalink, frame, &packet);
    unsigned index = device_facts(device)->index;
    if (packet.kind == PACKET_NEIGHBOUR) {
        neighbours_hear(&hearing->ways->neighbours, index, packet.own, packet.other, packet.hardware);
        gateways_hear(hearing->ways, index, &packet);
    } else {
        hearing->listener->heard(hearing->listener->context, &packet, time_ns, datalink, frame);
    }
}

enum status ways_hear(struct ways *ways, size_t most, const struct ways_listener *listener, bool *more_out)
{
    struct hearing hearing = {ways, listener};
    enum status status = STATUS_OK;
    *more_out = false;
    for (size_t i = 0; i < ways->devices_count && status == STATUS_OK; i++) {
        size_t count;
        status = device_hear(ways->devices[i], most, heard, &hearing, &count);
        *more_out |= count == most;
    }
    return status == STATUS_OK ? gateways_watch(ways) : status;
}
