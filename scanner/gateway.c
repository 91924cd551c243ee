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
    return gateway && gateway->state != NEIGHBOUR_KNOWN &&
           address_is_ipv4(route->gateway) == address_is_ipv4(route->source);
}

bool gateways_known(const struct ways *ways)
{
    for (size_t i = 0; i < ways->routes.count; i++)
        if (is_wanted(ways, i))
            return false;
    return true;
}

enum status gateways_ask(struct ways *ways)
{
    enum status status = STATUS_OK;
    uint8_t bytes[NEIGHBOUR_FRAME_MAX];
    for (size_t i = 0; i < ways->routes.count && status == STATUS_OK; i++) {
        const struct route *route = &ways->routes.items[i];
        struct device *device = ways->items[i].device;
        size_t taken;
        if (!is_wanted(ways, i))
            continue;
        struct device_frame frame = {.bytes = bytes};
        frame.size = neighbour_question(route->gateway, route->source, device_facts(device)->hardware, bytes);
        gateway_of(ways, i)->asked = true;
        status = device_send(device, &frame, 1, &taken);
    }
    return status;
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
