#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "scanner/clock.h"
#include "scanner/local_ports.h"
#include "scanner/wire_xdp.h"

#include <wire.skel.h>

#define CAPTURE_SIZE       192 /* as in the packet engine, for what comes past the program */
#define CAPTURE_SIZE_WHOLE 65535

/* By the devices' own counters, which also count what others send: then a loss may go unseen, never a frame be
   counted that was not handed over. */
static uint64_t transmitted(const struct xdp_engine *engine)
{
    uint64_t total = 0;
    for (size_t i = 0; i < engine->devices_count; i++) {
        uint32_t now = engine->devices[i].transmitted;
        uint8_t hardware[6];
        if (xdp_device_look(engine->devices[i].ifindex, &now, hardware))
            total += now - engine->devices[i].transmitted;
    }
    return total;
}

/* One that was taken down while it was scanned by: what is sent goes nowhere, and nobody says so. */
static bool is_down(struct xdp_engine *engine)
{
    bool down = false;
    for (size_t i = 0; i < engine->devices_count; i++) {
        struct device_facts now;
        if (device_facts_read(&engine->ways.netlink, (unsigned)engine->devices[i].ifindex, &now) == STATUS_OK)
            down |= !now.is_up;
    }
    return down;
}

static void add_others(struct xdp_engine *engine, struct wire_counters *counters)
{
    counters->sent += engine->others_sent;
    counters->heard += engine->others_heard;
    counters->foreign += engine->others_foreign;
    for (size_t i = 0; i < engine->ways.devices_count; i++) {
        uint64_t lost_out, lost_in;
        device_losses(engine->ways.devices[i], &engine->ways.netlink, &lost_out, &lost_in);
        counters->lost_in += lost_in;
        if (device_facts(engine->ways.devices[i])->kind != DEVICE_ETHERNET)
            counters->lost_out += lost_out;
    }
}

static void count(struct wire *wire, struct wire_counters *counters_out)
{
    struct xdp_engine *engine = xdp_engine_of(wire);
    const struct xdp_heard *heard = &engine->program->bss->heard;
    uint64_t frames = engine->program->bss->state.frames, taken, lost;
    if (xdp_departure_count(&engine->departure, &taken, &lost))
        taken -= engine->departed_before;
    else
        taken = transmitted(engine);
    uint64_t sent = taken < frames ? taken : frames;
    *counters_out = (struct wire_counters){.sent = sent,
                                           .lost_out = frames - sent,
                                           .heard = heard->genuine,
                                           .foreign = heard->foreign,
                                           .lost_in = heard->lost};
    add_others(engine, counters_out);
    engine->down = engine->down || is_down(engine);
}

static void engine_free(struct wire **wire)
{
    struct xdp_engine *engine = *wire ? xdp_engine_of(*wire) : NULL;
    if (!engine)
        return;
    for (size_t i = 0; i < engine->devices_count; i++)
        xdp_device_detach(&engine->devices[i]);
    ring_buffer__free(engine->records);
    ring_buffer__free(engine->captures);
    evidence_free(&engine->evidence);
    xdp_departure_deinit(&engine->departure);
    if (engine->wire.marks)
        munmap(engine->wire.marks, engine->wire.marks_size);
    wire_bpf__destroy(engine->program);
    xdp_ways_deinit(&engine->xdp_ways);
    ways_deinit(&engine->ways);
    free(engine);
    *wire = NULL;
}

static enum status open_ways(struct xdp_engine *engine, char *why_out)
{
    const struct order *order = &engine->settings.plan->orders[PLAN_SWEPT];
    /* As the packet engine's: a hash of the key. */
    uint32_t timestamp = (uint32_t)cookie_v4(&engine->key, 0, 0, 0);
    enum status status = local_ports_check(why_out);
    if (status == STATUS_OK && engine->settings.pcap)
        status = evidence_new(engine->settings.pcap, &engine->evidence, why_out);
    if (status == STATUS_OK)
        status = ways_init(&engine->ways, &order->addresses, timestamp,
                           engine->evidence ? CAPTURE_SIZE_WHOLE : CAPTURE_SIZE, why_out);
    if (status == STATUS_OK)
        status = xdp_ways_init(&engine->xdp_ways, &engine->ways, order, why_out);
    return status;
}

static enum status open_devices(struct xdp_engine *engine, char *why_out)
{
    int program = bpf_program__fd(engine->program->progs.wire);
    uint64_t lost;
    for (size_t i = 0; i < engine->xdp_ways.devices_count; i++) {
        enum status status =
            xdp_device_attach(&engine->devices[i], engine->xdp_ways.devices[i], program, why_out);
        if (status != STATUS_OK)
            return status;
        engine->devices_count++;
    }
    enum status status = xdp_departure_init(&engine->departure, &engine->xdp_ways, why_out);
    for (size_t i = 0; i < engine->devices_count && status == STATUS_OK; i++)
        status = xdp_departure_try(&engine->departure, &engine->devices[i], why_out);
    if (status == STATUS_OK)
        xdp_departure_count(&engine->departure, &engine->departed_before, &lost);
    return status;
}

static enum status open_memory(struct xdp_engine *engine, char *why_out)
{
    int marks = bpf_map__fd(engine->program->maps.marks);
    void *room = mmap(NULL, engine->settings.marks_size, PROT_READ | PROT_WRITE, MAP_SHARED, marks, 0);
    if (room != MAP_FAILED) {
        engine->wire.marks = room;
        engine->wire.marks_size = engine->settings.marks_size;
        if (xdp_engine_listen(engine) == STATUS_OK)
            return STATUS_OK;
    }
    snprintf(why_out, WIRE_WHY_MAX, "the kernel's tables can't be mapped: %s", strerror(errno));
    return STATUS_SYSTEM;
}

static enum status open_engine(struct xdp_engine *engine, char *why_out)
{
    enum status status = open_ways(engine, why_out);
    if (status == STATUS_OK)
        status = xdp_program_new(&engine->settings, &engine->xdp_ways, &engine->program, why_out);
    if (status == STATUS_OK)
        status = open_memory(engine, why_out);
    if (status == STATUS_OK)
        status = open_devices(engine, why_out);
    engine->wire.resolve = ways_need_resolving(&engine->ways) ? xdp_engine_resolve : NULL;
    return status;
}

enum status wire_xdp_new(const struct wire_settings *settings, struct wire **wire_out, char *why_out)
{
    struct xdp_engine *engine = calloc(1, sizeof *engine);
    *wire_out = engine ? &engine->wire : NULL;
    if (!engine)
        return STATUS_NO_MEMORY;
    why_out[0] = '\0';
    engine->settings = *settings;
    if (engine->settings.marks_size < XDP_MARKS_PAGE)
        engine->settings.marks_size = XDP_MARKS_PAGE;
    memcpy(&engine->key, settings->key, sizeof engine->key);
    engine->epoch_ns = clock_epoch_ns() - clock_monotonic_ns();
    engine->departure.link = -1;
    engine->ways.descriptor = -1;
    engine->wire = (struct wire){.name = "xdp",
                                 .sweep = xdp_engine_sweep,
                                 .hear = xdp_engine_hear,
                                 .count = count,
                                 .descriptor = -1,
                                 .free = engine_free};
    enum status status = open_engine(engine, why_out);
    if (status != STATUS_OK) {
        int error = errno;
        engine_free(wire_out);
        errno = error;
    }
    return status;
}
