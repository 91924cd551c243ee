#include "scanner/network.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 256

static void network_init(struct network *network, struct address first)
{
    *network = (struct network){.first = first, .aside.place = HEAP_NOWHERE};
    network->pacer.next_ns = network->release.next_ns = INT64_MIN / 2;
    for (int kind = 0; kind < NETWORK_KINDS; kind++)
        network->items[kind].place = HEAP_NOWHERE;
}

static void network_deinit(struct network *network)
{
    for (int kind = 0; kind < NETWORK_KINDS; kind++)
        heap_deinit(&network->hosts[kind]);
}

enum status networks_init(struct networks *networks, double rate)
{
    *networks = (struct networks){.rate = rate};
    network_init(&networks->all, (struct address){0, 0});
    if (!networks_limit(networks))
        return STATUS_OK;
    pacer_init(&networks->all.pacer, rate);
    networks->buckets_count = BUCKETS_MIN;
    networks->buckets = calloc(networks->buckets_count, sizeof *networks->buckets);
    return networks->buckets ? STATUS_OK : STATUS_NO_MEMORY;
}

void networks_deinit(struct networks *networks)
{
    for (size_t i = 0; i < networks->buckets_count; i++)
        while (networks->buckets[i]) {
            struct network *network = networks->buckets[i];
            networks->buckets[i] = network->next;
            network_deinit(network);
            free(network);
        }
    free(networks->buckets);
    network_deinit(&networks->all);
    memset(networks, 0, sizeof *networks);
}

/* The first address of the network that an address is in. */
static struct address first_of(struct address address)
{
    if (address_is_ipv4(address))
        return (struct address){address.high, address.low & ~UINT64_C(0xff)};
    return (struct address){address.high, 0};
}

static struct address last_of(struct address first)
{
    uint64_t rest = address_is_ipv4(first) ? 0xff : UINT64_MAX;
    return (struct address){first.high, first.low | rest};
}

static struct network **bucket_of(const struct networks *networks, struct address first)
{
    uint64_t hash = (first.high * UINT64_C(0x9e3779b97f4a7c15)) ^ (first.low * UINT64_C(0xc2b2ae3d27d4eb4f));
    hash ^= hash >> 32;
    return &networks->buckets[(hash ^ hash >> 15) & (networks->buckets_count - 1)];
}

static void rehash(struct networks *networks)
{
    size_t old_count = networks->buckets_count;
    struct network **old = networks->buckets, **grown = calloc(old_count * 2, sizeof *grown);
    if (!grown)
        return; /* longer chains, and no harm */
    networks->buckets = grown;
    networks->buckets_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++)
        while (old[i]) {
            struct network *network = old[i], **bucket = bucket_of(networks, network->first);
            old[i] = network->next;
            network->next = *bucket;
            *bucket = network;
        }
    free(old);
}

struct network *networks_find(struct networks *networks, struct address address)
{
    struct address first = first_of(address);
    if (!networks_limit(networks))
        return &networks->all;
    struct network **bucket = bucket_of(networks, first);
    for (struct network *network = *bucket; network; network = network->next)
        if (address_compare(network->first, first) == 0)
            return network;
    if (networks->count == NETWORKS_MAX)
        return &networks->all;
    struct network *network = malloc(sizeof *network);
    if (!network)
        return NULL;
    network_init(network, first);
    pacer_init(&network->pacer, networks->rate);
    network->next = *bucket;
    *bucket = network;
    if (++networks->count > networks->buckets_count)
        rehash(networks);
    return network;
}

void networks_spend(const struct networks *networks, struct network *network, int64_t now_ns)
{
    if (networks_limit(networks))
        pacer_spend(&network->pacer, now_ns);
}

uint64_t networks_hosts(const struct networks *networks, const struct network *network,
                        const struct ranges *ranges)
{
    struct range range = {network->first, last_of(network->first)};
    return network == &networks->all ? 1 : ranges_size_within(ranges, range);
}

/* What is gathered of the networks of a set. */
struct tally {
    double rate, rate_per_host;
    uint64_t most;
    double total;
};

/* So many networks have so many addresses each. */
static void tally_add(struct tally *tally, uint64_t hosts, double networks)
{
    double by_hosts = (double)hosts * tally->rate_per_host;
    tally->most = hosts > tally->most ? hosts : tally->most;
    tally->total += networks * (by_hosts < tally->rate ? by_hosts : tally->rate);
}

/* The networks that lie wholly in a range, from the one after its first to the one before its last. */
static void tally_between(struct tally *tally, struct address first, struct address last)
{
    struct address second = address_next(last_of(first));
    if (address_compare(second, last) >= 0)
        return;
    uint64_t full = address_distance(second, last_of(second));
    double networks = address_is_ipv4(first) ? (double)(address_distance(second, last) >> 8)
                                             : (double)(last.high - second.high);
    tally_add(tally, full + (full < UINT64_MAX), networks);
}

/* Of a range only its first and last network may hold addresses of others. */
static void tally_ranges(struct tally *tally, const struct ranges *ranges)
{
    struct address network = {0, 0};
    uint64_t hosts = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        struct range range = ranges->items[i];
        struct address first = first_of(range.first), last = first_of(range.last);
        bool wide = address_compare(first, last) != 0;
        if (address_compare(first, network) != 0) {
            tally_add(tally, hosts, 1);
            hosts = 0;
        }
        hosts += address_distance(range.first, wide ? last_of(first) : range.last) + 1;
        network = first;
        if (!wide)
            continue;
        tally_add(tally, hosts, 1);
        tally_between(tally, first, last);
        hosts = address_distance(last, range.last) + 1;
        network = last;
    }
    tally_add(tally, hosts, 1);
}

uint64_t networks_fullest(const struct ranges *ranges)
{
    struct tally tally = {0};
    tally_ranges(&tally, ranges);
    return tally.most;
}

double networks_total(const struct ranges *ranges, double rate, double rate_per_host)
{
    struct tally tally = {.rate = rate, .rate_per_host = rate_per_host};
    tally_ranges(&tally, ranges);
    return tally.total;
}
