#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/wire_xdp.h"

/* After the layout that it speaks of. */
#include <wire.skel.h>

#define RECORDS_SIZE    (4u << 20)
#define CAPTURES_SIZE   (16u << 20)
#define RING_LEAST      (64u << 10) /* a multiple of any page */
#define NEIGHBOURS_MOST (1u << 20)

_Static_assert(XDP_ROUNDS == PERMUTATION_ROUNDS, "both draw the same");

struct xdp_order xdp_order_of(const struct plan *plan)
{
    const struct order *order = &plan->orders[PLAN_SWEPT];
    struct xdp_order bare = {.addresses = order->index.total,
                             .turn_key = order->turn_key,
                             .half_bits = order->permutation.half_bits,
                             .ports_count = order->ports_count,
                             .first = plan->shard - 1,
                             .stride = plan->shards};
    for (int i = 0; i < PERMUTATION_ROUNDS; i++)
        bare.keys[i] = order->permutation.keys[i];
    return bare;
}

static uint32_t searches_for(size_t pieces)
{
    uint32_t searches = 0;
    while ((size_t)1 << searches < pieces)
        searches++;
    return searches;
}

static bool has_ipv6(const struct ranges *ranges)
{
    bool found = false;
    for (size_t i = 0; i < ranges->count; i++)
        found |= !address_is_ipv4(ranges->items[i].first);
    return found;
}

static void set_constants(struct wire_bpf *program, const struct wire_settings *settings,
                          const struct xdp_ways *ways, const struct authorization_table *table)
{
    size_t denied;
    program->bss->order = xdp_order_of(settings->plan);
    program->rodata->searches = searches_for(ways->pieces_count);
    program->rodata->marks_mask = settings->marks_size - 1;
    program->rodata->has_ipv6 = has_ipv6(&settings->plan->orders[PLAN_SWEPT].addresses);
    authorization_table_denied(table, &denied);
    program->rodata->has_denied = denied > 0;
    program->rodata->capturing = settings->pcap != NULL;
    memcpy(&program->rodata->cookie_key, settings->key, sizeof settings->key);
    for (uint32_t number = 1; number <= UINT16_MAX; number++)
        if (authorization_table_port(table, (uint16_t)number))
            program->rodata->allowed_ports[number / 64] |= UINT64_C(1) << number % 64;
}

static uint32_t at_least_one(size_t count)
{
    return count ? (uint32_t)count : 1;
}

static bool set_sizes(struct wire_bpf *program, const struct wire_settings *settings,
                      const struct xdp_ways *ways, const struct authorization_table *table)
{
    size_t granted, denied;
    uint64_t neighbours = ways->link_addresses < NEIGHBOURS_MOST ? ways->link_addresses : NEIGHBOURS_MOST;
    authorization_table_granted(table, &granted);
    authorization_table_denied(table, &denied);
    const struct {
        struct bpf_map *map;
        uint32_t entries;
    } sizes[] = {
        {program->maps.pieces, 1U << searches_for(ways->pieces_count)},
        {program->maps.ports, at_least_one(settings->plan->orders[PLAN_SWEPT].ports_count)},
        {program->maps.marks, (uint32_t)(settings->marks_size / XDP_MARKS_PAGE)},
        {program->maps.granted, at_least_one(granted)},
        {program->maps.denied, at_least_one(denied)},
        {program->maps.neighbours, at_least_one((size_t)neighbours)},
        {program->maps.records, RECORDS_SIZE},
        {program->maps.captures, settings->pcap ? CAPTURES_SIZE : RING_LEAST},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (bpf_map__set_max_entries(sizes[i].map, sizes[i].entries) != 0)
            return false;
    return true;
}

static bool put(const struct bpf_map *map, uint32_t key, const void *value)
{
    return bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY) == 0;
}

/* With what the cookies of its source have in common. */
static struct xdp_hop keyed(const struct xdp_hop *bare, const struct siphash_key *key)
{
    struct xdp_hop hop = *bare;
    struct siphash hash;
    if (hop.ipv6)
        cookie_begin_v6(&hash, key, hop.source);
    else
        cookie_begin_v4(&hash, key, (__be32)hop.source[0]);
    memcpy(hop.hash, hash.v, sizeof hop.hash);
    return hop;
}

enum status xdp_program_aim(const struct wire_bpf *program, const struct xdp_ways *ways,
                            const struct siphash_key *key)
{
    uint32_t room = 1U << searches_for(ways->pieces_count);
    const struct xdp_piece never = {.before = UINT64_MAX};
    for (uint32_t i = 0; i < room; i++)
        if (!put(program->maps.pieces, i, i < ways->pieces_count ? &ways->pieces[i] : &never))
            return STATUS_SYSTEM;
    for (uint32_t i = 0; i < ways->hops_count; i++) {
        const struct xdp_hop hop = keyed(&ways->hops[i], key);
        if (!put(program->maps.hops, i, &hop))
            return STATUS_SYSTEM;
    }
    return STATUS_OK;
}

static bool fill_ways(const struct wire_bpf *program, const struct xdp_ways *ways,
                      const struct wire_settings *settings)
{
    struct siphash_key key;
    memcpy(&key, settings->key, sizeof key);
    if (xdp_program_aim(program, ways, &key) != STATUS_OK)
        return false;
    for (uint32_t i = 0; i < ways->devices_count; i++)
        if (!put(program->maps.devices, i, &ways->devices[i]))
            return false;
    return true;
}

static bool fill_ports(const struct wire_bpf *program, const struct order *order)
{
    for (uint32_t i = 0; i < order->ports_count; i++)
        if (!put(program->maps.ports, i, &order->ports[i]))
            return false;
    return true;
}

static void network_order(struct address address, uint8_t bytes[16])
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(address.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(address.low >> (56 - 8 * i));
    }
}

enum status xdp_program_acquaint(struct wire_bpf *program, struct address address, const uint8_t hardware[6])
{
    struct xdp_neighbour key;
    struct xdp_hardware value = {.unused = {0}};
    network_order(address, key.address);
    memcpy(value.bytes, hardware, sizeof value.bytes);
    int error = bpf_map_update_elem(bpf_map__fd(program->maps.neighbours), &key, &value, BPF_ANY);
    return error == 0 ? STATUS_OK : STATUS_SYSTEM;
}

/* Frozen, so that whatever goes wrong in this process later can't widen it. */
static bool fill_prefixes(const struct bpf_map *map, const struct prefix *prefixes, size_t count)
{
    const uint8_t there = 1;
    for (size_t i = 0; i < count; i++) {
        struct xdp_prefix key = {.length = prefixes[i].length};
        network_order(prefixes[i].address, key.address);
        if (bpf_map_update_elem(bpf_map__fd(map), &key, &there, BPF_ANY) != 0)
            return false;
    }
    return bpf_map_freeze(bpf_map__fd(map)) == 0;
}

static bool fill(const struct wire_bpf *program, const struct wire_settings *settings,
                 const struct xdp_ways *ways, const struct authorization_table *table)
{
    size_t granted_count, denied_count;
    const struct prefix *granted = authorization_table_granted(table, &granted_count);
    const struct prefix *denied = authorization_table_denied(table, &denied_count);
    return fill_prefixes(program->maps.denied, denied, denied_count) &&
           fill_prefixes(program->maps.granted, granted, granted_count) &&
           fill_ways(program, ways, settings) && fill_ports(program, &settings->plan->orders[PLAN_SWEPT]);
}

static enum status make(const struct wire_settings *settings, const struct xdp_ways *ways,
                        const struct authorization_table *table, struct wire_bpf **program_out, char *why_out)
{
    libbpf_set_print(NULL);
    struct wire_bpf *program = wire_bpf__open();
    *program_out = program;
    if (!program || !set_sizes(program, settings, ways, table)) {
        snprintf(why_out, WIRE_WHY_MAX, "libbpf can't open the program: %s", strerror(errno));
        return STATUS_SYSTEM;
    }
    set_constants(program, settings, ways, table);
    int error = wire_bpf__load(program);
    if (error != 0) {
        bool barred = error == -EPERM || error == -EACCES;
        snprintf(why_out, WIRE_WHY_MAX, "the kernel does not load the program: %s; %s", strerror(-error),
                 barred ? "root can, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
                        : "Linux 5.18 or later with BPF is needed");
        errno = -error;
        return STATUS_SYSTEM;
    }
    if (fill(program, settings, ways, table))
        return STATUS_OK;
    snprintf(why_out, WIRE_WHY_MAX, "the kernel's tables can't be filled: %s", strerror(errno));
    return STATUS_SYSTEM;
}

enum status xdp_program_new(const struct wire_settings *settings, const struct xdp_ways *ways,
                            struct wire_bpf **program_out, char *why_out)
{
    struct authorization_table *table;
    *program_out = NULL;
    enum status status = authorization_table_new(settings->authorization, &table);
    if (status != STATUS_OK)
        return status;
    status = make(settings, ways, table, program_out, why_out);
    authorization_table_free(&table);
    if (status != STATUS_OK) {
        int error = errno;
        wire_bpf__destroy(*program_out);
        *program_out = NULL;
        errno = error;
    }
    return status;
}

/* Stopped from the beginning, the program refuses every step, and each frame ends where it was made. */
static int run_stopped(struct wire_bpf *program)
{
    uint8_t room[SYN_FRAME_MAX] = {0};
    struct bpf_test_run_opts options = {.sz = sizeof options,
                                        .data_in = room,
                                        .data_size_in = sizeof room,
                                        .repeat = 1,
                                        .flags = BPF_F_TEST_XDP_LIVE_FRAMES};
    program->bss->state.stopped = 1;
    return bpf_prog_test_run_opts(bpf_program__fd(program->progs.wire), &options);
}

enum status wire_xdp_try(void)
{
    libbpf_set_print(NULL);
    struct wire_bpf *program = wire_bpf__open();
    int error = program ? wire_bpf__load(program) : -errno;
    if (error == 0)
        error = run_stopped(program);
    wire_bpf__destroy(program);
    errno = -error;
    return error == 0 ? STATUS_OK : STATUS_SYSTEM;
}
