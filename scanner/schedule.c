#include "scanner/schedule.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 1024

enum status schedule_init(struct schedule *schedule, double rate_per_host, struct networks *networks)
{
    memset(schedule, 0, sizeof *schedule);
    schedule->networks = networks;
    schedule->rate_per_host = rate_per_host;
    schedule->buckets_count = BUCKETS_MIN;
    schedule->buckets = calloc(schedule->buckets_count, sizeof *schedule->buckets);
    return schedule->buckets ? STATUS_OK : STATUS_NO_MEMORY;
}

void schedule_deinit(struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->buckets_count; i++)
        while (schedule->buckets[i]) {
            struct host *host = schedule->buckets[i];
            schedule->buckets[i] = host->next;
            free(host);
        }
    free(schedule->buckets);
    for (int kind = 0; kind < ASK_KINDS; kind++)
        heap_deinit(&schedule->heaps[kind]);
}

static size_t bucket_of(const struct schedule *schedule, struct address address)
{
    uint64_t hash =
        (address.high * UINT64_C(0x9e3779b97f4a7c15)) ^ (address.low * UINT64_C(0xc2b2ae3d27d4eb4f));
    return (size_t)((hash ^ hash >> 29) & (schedule->buckets_count - 1));
}

static void rehash(struct schedule *schedule)
{
    size_t old_count = schedule->buckets_count;
    struct host **old = schedule->buckets;
    struct host **grown = calloc(old_count * 2, sizeof *grown);
    if (!grown)
        return; /* longer chains, and no harm */
    schedule->buckets = grown;
    schedule->buckets_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++)
        while (old[i]) {
            struct host *host = old[i];
            old[i] = host->next;
            size_t bucket = bucket_of(schedule, host->address);
            host->next = grown[bucket];
            grown[bucket] = host;
        }
    free(old);
}

static struct host *host_at(struct schedule *schedule, struct address address, bool fragile)
{
    size_t bucket = bucket_of(schedule, address);
    for (struct host *host = schedule->buckets[bucket]; host; host = host->next)
        if (address_compare(host->address, address) == 0)
            return host;
    struct network *network = networks_find(schedule->networks, address);
    struct host *host = network ? calloc(1, sizeof *host) : NULL;
    if (!host)
        return NULL;
    host->address = address;
    host->fragile = fragile;
    host->network = network;
    host->items[ROUNDS].place = host->items[FIRSTS].place = HEAP_NOWHERE;
    network->hosts_count++;
    if (fragile)
        pacer_init_strict(&host->pacer, schedule->rate_per_host > 1 ? 1 : schedule->rate_per_host);
    else
        pacer_init(&host->pacer, schedule->rate_per_host);
    host->next = schedule->buckets[bucket];
    schedule->buckets[bucket] = host;
    if (++schedule->hosts_count > schedule->buckets_count)
        rehash(schedule);
    return host;
}

/* --- who may be asked, by the moment from which he may --- */

static struct host *host_of(struct heap_item *item, int kind)
{
    return (struct host *)(void *)((char *)item - offsetof(struct host, items) - (size_t)kind * sizeof *item);
}

static struct network *network_of(struct heap_item *item, int kind)
{
    return (struct network *)(void *)((char *)item - offsetof(struct network, items) -
                                      (size_t)kind * sizeof *item);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A network is due when its own pace and that of a host of it allow. */
static void update_network(struct schedule *schedule, struct network *network, int kind)
{
    const struct heap *hosts = &network->hosts[kind];
    if (hosts->count)
        heap_set(&schedule->heaps[kind], &network->items[kind],
                 later(pacer_due(&network->pacer), heap_due(hosts)));
    else
        heap_remove(&schedule->heaps[kind], &network->items[kind]);
}

static bool may_be_asked(const struct host *host, int kind)
{
    if (!host->queues[kind].head || (host->fragile && host->sockets))
        return false;
    return kind == ROUNDS || host->endpoints < HOST_ENDPOINTS_MAX;
}

void schedule_update(struct schedule *schedule, struct host *host)
{
    struct network *network = host->network;
    for (int kind = 0; kind < ASK_KINDS; kind++) {
        if (may_be_asked(host, kind))
            heap_set(&network->hosts[kind], &host->items[kind], pacer_due(&host->pacer));
        else
            heap_remove(&network->hosts[kind], &host->items[kind]);
        update_network(schedule, network, kind);
    }
}

void schedule_rest(struct schedule *schedule, struct host *host, int64_t now_ns)
{
    pacer_rest(&host->pacer, now_ns);
    schedule_update(schedule, host);
}

static void enqueue(struct ask_queue *queue, struct ask *ask)
{
    ask->next = NULL;
    if (queue->tail)
        queue->tail->next = ask;
    else
        queue->head = ask;
    queue->tail = ask;
}

static struct ask *dequeue(struct ask_queue *queue)
{
    struct ask *ask = queue->head;
    queue->head = ask->next;
    if (!queue->head)
        queue->tail = NULL;
    ask->next = NULL;
    return ask;
}

/* With room for it and its network in both heaps. */
struct host *schedule_host(struct schedule *schedule, struct address address, bool fragile)
{
    struct host *host = host_at(schedule, address, fragile);
    for (int kind = 0; kind < ASK_KINDS && host; kind++)
        if (heap_reserve(&host->network->hosts[kind], host->network->hosts_count) != STATUS_OK ||
            heap_reserve(&schedule->heaps[kind], schedule->networks->count + 1) != STATUS_OK)
            host = NULL;
    return host;
}

enum status schedule_add(struct schedule *schedule, struct ask *ask, struct address address, bool fragile)
{
    if (!ask->host) {
        ask->host = schedule_host(schedule, address, fragile);
        if (!ask->host)
            return STATUS_NO_MEMORY;
        schedule_hold(ask->host);
    }
    enqueue(&ask->host->queues[ask->round || ask->control ? ROUNDS : FIRSTS], ask);
    schedule->waiting++;
    schedule_update(schedule, ask->host);
    return STATUS_OK;
}

/* Forgets, in a few buckets, the hosts that nothing holds and whose pace has come round. */
static void sweep(struct schedule *schedule, int64_t now_ns)
{
    for (int i = 0; i < 4; i++) {
        schedule->sweep = (schedule->sweep + 1) & (schedule->buckets_count - 1);
        struct host **link = &schedule->buckets[schedule->sweep];
        while (*link) {
            struct host *host = *link;
            if (host->holders || host->remembered || !pacer_ready(&host->pacer, now_ns)) {
                link = &host->next;
                continue;
            }
            *link = host->next;
            schedule->hosts_count--;
            host->network->hosts_count--;
            free(host);
        }
    }
}

/* The host whose turn it is; NULL when nobody may be asked yet. */
static struct host *ready_top(struct schedule *schedule, int kind, int64_t now_ns)
{
    while (heap_due(&schedule->heaps[kind]) <= now_ns) {
        struct network *network = network_of(heap_top(&schedule->heaps[kind]), kind);
        if (pacer_ready(&network->pacer, now_ns))
            return host_of(heap_top(&network->hosts[kind]), kind);
        update_network(schedule, network, kind); /* others spent its pace */
    }
    return NULL;
}

struct ask *schedule_take(struct schedule *schedule, bool rounds_only, int64_t now_ns)
{
    sweep(schedule, now_ns);
    int kind = ROUNDS;
    struct host *host = ready_top(schedule, kind, now_ns);
    if (!host && !rounds_only)
        host = ready_top(schedule, kind = FIRSTS, now_ns);
    if (!host)
        return NULL;
    struct ask *ask = dequeue(&host->queues[kind]);
    pacer_spend(&host->pacer, now_ns);
    networks_spend(schedule->networks, host->network, now_ns);
    schedule->waiting--;
    schedule_update(schedule, host);
    return ask;
}

int64_t schedule_wake(const struct schedule *schedule, bool rounds_only)
{
    int64_t rounds_ns = heap_due(&schedule->heaps[ROUNDS]), firsts_ns = heap_due(&schedule->heaps[FIRSTS]);
    return rounds_only || rounds_ns < firsts_ns ? rounds_ns : firsts_ns;
}

void schedule_hold(struct host *host)
{
    host->holders++;
}

void schedule_release(struct host *host)
{
    host->holders--;
}

void schedule_drop(struct ask *ask)
{
    if (ask->host)
        schedule_release(ask->host);
    ask->host = NULL;
}
