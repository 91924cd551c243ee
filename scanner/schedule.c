#include "scanner/schedule.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 1024

enum status schedule_init(struct schedule *schedule, double rate_per_host)
{
    memset(schedule, 0, sizeof *schedule);
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
        free(schedule->heaps[kind].items);
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
    struct host *host = calloc(1, sizeof *host);
    if (!host)
        return NULL;
    host->address = address;
    host->fragile = fragile;
    host->places[ROUNDS] = host->places[FIRSTS] = SIZE_MAX;
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

/* --- the heaps of hosts that may be asked, by the moment from which they may --- */

static void put(struct host_heap *heap, int kind, size_t place, struct host *host)
{
    heap->items[place] = host;
    host->places[kind] = place;
}

static bool before(const struct host *a, const struct host *b)
{
    return pacer_due(&a->pacer) < pacer_due(&b->pacer);
}

static void sift(struct host_heap *heap, int kind, size_t place)
{
    struct host *host = heap->items[place];
    for (; place > 0 && before(host, heap->items[(place - 1) / 2]); place = (place - 1) / 2)
        put(heap, kind, place, heap->items[(place - 1) / 2]);
    for (size_t child; (child = place * 2 + 1) < heap->count; place = child) {
        if (child + 1 < heap->count && before(heap->items[child + 1], heap->items[child]))
            child++;
        if (!before(heap->items[child], host))
            break;
        put(heap, kind, place, heap->items[child]);
    }
    put(heap, kind, place, host);
}

static void heap_remove(struct host_heap *heap, int kind, struct host *host)
{
    size_t place = host->places[kind];
    host->places[kind] = SIZE_MAX;
    struct host *last = heap->items[--heap->count];
    if (last == host)
        return;
    put(heap, kind, place, last);
    sift(heap, kind, place);
}

static enum status heap_reserve(struct host_heap *heap, size_t count)
{
    if (count <= heap->capacity)
        return STATUS_OK;
    size_t capacity = heap->capacity ? heap->capacity * 2 : 256;
    struct host **grown = realloc(heap->items, capacity * sizeof *grown);
    if (!grown)
        return STATUS_NO_MEMORY;
    heap->items = grown;
    heap->capacity = capacity;
    return STATUS_OK;
}

static bool may_be_asked(const struct host *host, int kind)
{
    if (!host->queues[kind].head || (host->fragile && host->sockets))
        return false;
    return kind == ROUNDS || host->endpoints < HOST_ENDPOINTS_MAX;
}

void schedule_update(struct schedule *schedule, struct host *host)
{
    for (int kind = 0; kind < ASK_KINDS; kind++) {
        struct host_heap *heap = &schedule->heaps[kind];
        bool wanted = may_be_asked(host, kind), there = host->places[kind] != SIZE_MAX;
        if (there && !wanted)
            heap_remove(heap, kind, host);
        if (wanted && !there)
            put(heap, kind, heap->count++, host);
        if (wanted)
            sift(heap, kind, host->places[kind]);
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

/* With room for it in both heaps. */
struct host *schedule_host(struct schedule *schedule, struct address address, bool fragile)
{
    struct host *host = host_at(schedule, address, fragile);
    for (int kind = 0; kind < ASK_KINDS && host; kind++)
        if (heap_reserve(&schedule->heaps[kind], schedule->hosts_count) != STATUS_OK)
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
            free(host);
        }
    }
}

/* The host at the top of a heap; NULL when the heap is empty or nobody in it may be asked yet. */
static struct host *ready_top(const struct host_heap *heap, int64_t now_ns)
{
    return heap->count && pacer_ready(&heap->items[0]->pacer, now_ns) ? heap->items[0] : NULL;
}

struct ask *schedule_take(struct schedule *schedule, bool rounds_only, int64_t now_ns)
{
    sweep(schedule, now_ns);
    int kind = ROUNDS;
    struct host *host = ready_top(&schedule->heaps[kind], now_ns);
    if (!host && !rounds_only)
        host = ready_top(&schedule->heaps[kind = FIRSTS], now_ns);
    if (!host)
        return NULL;
    struct ask *ask = dequeue(&host->queues[kind]);
    pacer_spend(&host->pacer, now_ns);
    schedule->waiting--;
    schedule_update(schedule, host);
    return ask;
}

int64_t schedule_wake(const struct schedule *schedule, bool rounds_only)
{
    int64_t wake_ns = INT64_MAX;
    for (int kind = 0; kind < (rounds_only ? FIRSTS : ASK_KINDS); kind++) {
        const struct host_heap *heap = &schedule->heaps[kind];
        if (heap->count && pacer_due(&heap->items[0]->pacer) < wake_ns)
            wake_ns = pacer_due(&heap->items[0]->pacer);
    }
    return wake_ns;
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
