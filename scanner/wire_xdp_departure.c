#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/wire_xdp.h"

#include <departure.skel.h>

#define WAIT_STEP_US 1000
#define WAIT_STEPS   100 /* a veth's counter moves when its other end has looked */

/* Also without the counting program, which wants more of the kernel than the rest. */
static struct departure_bpf *load(bool counting)
{
    struct stat network;
    struct departure_bpf *programs = departure_bpf__open();
    if (!programs)
        return NULL;
    if (counting && stat("/proc/self/ns/net", &network) == 0)
        programs->rodata->network = (unsigned)network.st_ino;
    bpf_program__set_autoload(programs->progs.departure, counting);
    if (departure_bpf__load(programs) == 0)
        return programs;
    departure_bpf__destroy(programs);
    return NULL;
}

enum status xdp_departure_init(struct xdp_departure *departure, const struct xdp_ways *ways, char *why_out)
{
    libbpf_set_print(NULL);
    departure->link = -1;
    departure->programs = load(true);
    if (departure->programs) {
        memcpy(departure->programs->bss->devices, ways->devices, ways->devices_count * sizeof(int));
        departure->link =
            bpf_raw_tracepoint_open(NULL, bpf_program__fd(departure->programs->progs.departure));
    } else {
        departure->programs = load(false);
    }
    if (departure->programs)
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX, "the kernel does not load a BPF program: %s", strerror(errno));
    return STATUS_SYSTEM;
}

void xdp_departure_deinit(struct xdp_departure *departure)
{
    if (departure->link >= 0)
        close(departure->link);
    departure_bpf__destroy(departure->programs);
    *departure = (struct xdp_departure){NULL, -1};
}

bool xdp_departure_count(const struct xdp_departure *departure, uint64_t *taken_out, uint64_t *dropped_out)
{
    if (departure->link < 0)
        return false;
    *taken_out = departure->programs->bss->taken;
    *dropped_out = departure->programs->bss->dropped;
    return true;
}

static bool run_first(const struct xdp_departure *departure, const struct xdp_device *device)
{
    uint8_t frame[60] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e, [12] = 0x88, [13] = 0xb5};
    memcpy(frame + 6, device->hardware, sizeof device->hardware);
    struct bpf_test_run_opts options = {.sz = sizeof options,
                                        .data_in = frame,
                                        .data_size_in = sizeof frame,
                                        .repeat = 1,
                                        .flags = BPF_F_TEST_XDP_LIVE_FRAMES};
    departure->programs->bss->first_device = device->ifindex;
    return bpf_prog_test_run_opts(bpf_program__fd(departure->programs->progs.first), &options) == 0;
}

/* By the driver's answer where it is counted, else by the device's counter. */
static bool has_left(const struct xdp_departure *departure, const struct xdp_device *device, uint64_t taken)
{
    uint64_t taken_now, dropped;
    uint32_t transmitted = device->transmitted;
    uint8_t hardware[6];
    if (xdp_departure_count(departure, &taken_now, &dropped))
        return taken_now > taken;
    for (int i = 0; i < WAIT_STEPS && transmitted == device->transmitted; i++) {
        usleep(WAIT_STEP_US);
        if (!xdp_device_look(device->ifindex, &transmitted, hardware))
            return false;
    }
    return transmitted != device->transmitted;
}

enum status xdp_departure_try(struct xdp_departure *departure, const struct xdp_device *device, char *why_out)
{
    uint64_t taken = 0, dropped;
    xdp_departure_count(departure, &taken, &dropped);
    if (!run_first(departure, device)) {
        bool old = errno == EINVAL;
        snprintf(why_out, WIRE_WHY_MAX, "BPF_PROG_RUN makes no live frames: %s; %s", strerror(errno),
                 old ? "Linux 5.18 or later is needed" : "the packet engine does without");
        return STATUS_SYSTEM;
    }
    if (has_left(departure, device, taken))
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX,
             "%s takes no XDP frames, a first one did not leave; its driver lacks ndo_xdp_xmit, or the other "
             "end of a "
             "veth has neither XDP nor GRO on, or the link is down",
             device->name);
    errno = EOPNOTSUPP;
    return STATUS_SYSTEM;
}
