#include "scanner/gateway.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/clock.h"

/* What a process gets on top for its beginning and end, on a machine that is busy with other things. */
#define SLACK_MS 10000

struct neighbour *gateway_of(const struct ways *ways, size_t place)
{
    const struct route *route = &ways->routes.items[place];
    const struct device *device = ways->items[place].device;
    if (route->kind != ROUTE_GATEWAY || !device || !device_facts(device)->resolves)
        return NULL;
    return neighbours_find(&ways->neighbours, route, route->gateway);
}

static bool is_wanted(const struct ways *ways, size_t place)
{
    const struct route *route = &ways->routes.items[place];
    const struct neighbour *gateway = gateway_of(ways, place);
    return gateway && gateway->state < NEIGHBOUR_KNOWN &&
           address_is_ipv4(route->gateway) == address_is_ipv4(route->source);
}

bool gateways_known(const struct ways *ways)
{
    for (size_t i = 0; i < ways->routes.count; i++)
        if (is_wanted(ways, i))
            return false;
    return true;
}

static enum status ask(struct ways *ways, size_t place)
{
    const struct route *route = &ways->routes.items[place];
    struct device *device = ways->items[place].device;
    uint8_t bytes[NEIGHBOUR_FRAME_MAX];
    struct device_frame frame = {.bytes = bytes};
    size_t taken;
    frame.size = neighbour_question(route->gateway, route->source, device_facts(device)->hardware, bytes);
    gateway_of(ways, place)->asked = true;
    return device_send(device, &frame, 1, &taken);
}

enum status gateways_ask(struct ways *ways)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < ways->routes.count && status == STATUS_OK; i++)
        if (is_wanted(ways, i))
            status = ask(ways, i);
    return status;
}

/* Of several routes over one gateway the first is asked for, and stands for all. */
static size_t first_over(const struct ways *ways, unsigned device, struct address gateway)
{
    size_t i = 0;
    while (i < ways->routes.count &&
           !(ways->routes.items[i].kind == ROUTE_GATEWAY && ways->routes.items[i].device == device &&
             address_compare(ways->routes.items[i].gateway, gateway) == 0))
        i++;
    return i;
}

static void take_over(struct ways *ways, size_t place)
{
    const struct route *first = &ways->routes.items[place];
    for (size_t i = place; i < ways->routes.count; i++) {
        const struct route *route = &ways->routes.items[i];
        if (route->kind != ROUTE_GATEWAY || route->device != first->device ||
            address_compare(route->gateway, first->gateway) != 0)
            continue;
        memcpy(gateway_of(ways, i)->hardware, ways->items[place].watch.other, 6);
        syn_template_aim(&ways->items[i].syn, ways->items[place].watch.other);
    }
    ways->changes++;
}

static bool is_watched(const struct ways *ways, size_t place)
{
    const struct route *route = &ways->routes.items[place];
    const struct neighbour *gateway = gateway_of(ways, place);
    return gateway && (gateway->state == NEIGHBOUR_KNOWN || gateway->state == NEIGHBOUR_STALE) &&
           address_is_ipv4(route->gateway) == address_is_ipv4(route->source) &&
           first_over(ways, route->device, route->gateway) == place;
}

enum status gateways_watch(struct ways *ways)
{
    enum status status = STATUS_OK;
    int64_t now_ns = clock_monotonic_ns();
    if (now_ns < ways->watch_ns)
        return STATUS_OK;
    bool begins = ways->watch_ns == 0;
    ways->watch_ns = now_ns + GATEWAYS_WATCH_S * INT64_C(1000000000);
    for (size_t i = 0; i < ways->routes.count && status == STATUS_OK && !begins; i++) {
        struct gateway_watch *watch = &ways->items[i].watch;
        if (!is_watched(ways, i))
            continue;
        if (watch->has_other && !watch->is_there)
            take_over(ways, i);
        *watch = (struct gateway_watch){.asked = true};
        status = ask(ways, i);
    }
    return status;
}

void gateways_hear(struct ways *ways, unsigned device, const struct packet *packet)
{
    size_t place = first_over(ways, device, packet->other);
    if (place == ways->routes.count || !ways->items[place].watch.asked ||
        address_compare(packet->own, ways->routes.items[place].source) != 0 ||
        !neighbour_may_be(packet->hardware))
        return;
    struct gateway_watch *watch = &ways->items[place].watch;
    if (memcmp(packet->hardware, gateway_of(ways, place)->hardware, 6) == 0) {
        watch->is_there = true;
    } else if (!watch->has_other) {
        watch->has_other = true;
        memcpy(watch->other, packet->hardware, 6);
    }
}

void gateway_learn(struct ways *ways, const struct gateway_answer *answer)
{
    if (answer->place >= ways->routes.count || !is_wanted(ways, answer->place))
        return;
    const struct route *route = &ways->routes.items[answer->place];
    gateway_of(ways, answer->place)->asked = true;
    neighbours_hear(&ways->neighbours, route->device, route->source, route->gateway, answer->hardware);
}

static bool is_ready(int pipe, int64_t until_ns)
{
    struct pollfd end = {.fd = pipe, .events = POLLIN};
    int64_t left_ns = until_ns - clock_monotonic_ns();
    return left_ns > 0 && poll(&end, 1, (int)(left_ns / 1000000) + 1) > 0;
}

/* Until it has ended or its time is over; it has no more to tell than there are routes. */
static void listen_to(struct ways *ways, int pipe)
{
    int64_t until_ns = clock_monotonic_ns() + (GATEWAYS_ASK_MS + SLACK_MS) * INT64_C(1000000);
    struct gateway_answer answer;
    for (size_t i = 0; i < ways->routes.count; i++) {
        size_t size = 0;
        while (size < sizeof answer) {
            ssize_t got =
                is_ready(pipe, until_ns) ? read(pipe, (char *)&answer + size, sizeof answer - size) : -1;
            if (got <= 0)
                return;
            size += (size_t)got;
        }
        gateway_learn(ways, &answer);
    }
}

static bool has_asked(pid_t child)
{
    int how = 0;
    pid_t ended;
    do
        ended = waitpid(child, &how, 0);
    while (ended < 0 && errno == EINTR);
    return ended == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

enum status gateways_meet(struct ways *ways, char *why_out)
{
    int ends[2];
    if (gateways_known(ways))
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX,
             "the routers could not be asked for: the process that does it without privileges ended early");
    if (pipe2(ends, O_CLOEXEC) != 0)
        return STATUS_SYSTEM;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        gateway_child(ways, ends[1]);
    }
    close(ends[1]);
    if (child > 0)
        listen_to(ways, ends[0]);
    close(ends[0]);
    return child > 0 && has_asked(child) ? STATUS_OK : STATUS_SYSTEM;
}
