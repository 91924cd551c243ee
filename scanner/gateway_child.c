#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/gateway.h"
#include "scanner/privileges.h"

#define HEAR_MOST 256

static void ignore(void *context, const struct packet *packet, int64_t time_ns, int datalink,
                   struct span frame)
{
    (void)context;
    (void)packet;
    (void)time_ns;
    (void)datalink;
    (void)frame;
}

static enum status hear(struct ways *ways)
{
    const struct ways_listener nobody = {ignore, NULL};
    int64_t until_ns = clock_monotonic_ns() + GATEWAYS_WAIT_MS * INT64_C(1000000);
    enum status status = STATUS_OK;
    for (int64_t left_ns = 1; status == STATUS_OK && left_ns > 0 && !gateways_known(ways);) {
        struct epoll_event event;
        bool more;
        left_ns = until_ns - clock_monotonic_ns();
        (void)epoll_wait(ways->descriptor, &event, 1, left_ns > 0 ? (int)(left_ns / 1000000) + 1 : 0);
        status = ways_hear(ways, HEAR_MOST, &nobody, &more);
    }
    return status;
}

static enum status ask(struct ways *ways)
{
    enum status status = STATUS_OK;
    for (int try = 0; try < GATEWAYS_TRIES && status == STATUS_OK && !gateways_known(ways); try++) {
        status = gateways_ask(ways);
        if (status == STATUS_OK)
            status = hear(ways);
    }
    return status;
}

static bool tell(const struct ways *ways, int pipe)
{
    for (size_t i = 0; i < ways->routes.count; i++) {
        const struct neighbour *gateway = gateway_of(ways, i);
        struct gateway_answer answer = {.place = (uint32_t)i};
        if (!gateway || gateway->state < NEIGHBOUR_KNOWN)
            continue;
        memcpy(answer.hardware, gateway->hardware, sizeof answer.hardware);
        if (write(pipe, &answer, sizeof answer) != (ssize_t)sizeof answer)
            return false;
    }
    return true;
}

_Noreturn void gateway_child(struct ways *ways, int pipe)
{
    char why[WIRE_WHY_MAX];
    pid_t parent = getppid();
    signal(SIGPIPE, SIG_DFL);
    /* The captures that it has of its parent share one memory with it. */
    if (ways_open_again(ways, why) != STATUS_OK || privileges_drop() != STATUS_OK)
        _exit(1);
    /* A change of credentials forgets it, so it is asked for after them. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    _exit(ask(ways) == STATUS_OK && tell(ways, pipe) ? 0 : 1);
}
