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
    free(schedule->heap);
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
    host->heap_place = SIZE_MAX;
    pacer_init(&host->pacer, fragile && schedule->rate_per_host > 1 ? 1 : schedule->rate_per_host);
    host->next = schedule->buckets[bucket];
    schedule->buckets[bucket] = host;
    if (++schedule->hosts_count > schedule->buckets_count)
        rehash(schedule);
    return host;
}

/* --- the heap of hosts that may be asked, by the moment from which they may --- */

static void put(struct schedule *schedule, size_t place, struct host *host)
{
    schedule->heap[place] = host;
    host->heap_place = place;
}

static bool before(const struct host *a, const struct host *b)
{
    return pacer_due(&a->pacer) < pacer_due(&b->pacer);
}

static void sift(struct schedule *schedule, size_t place)
{
    struct host *host = schedule->heap[place];
    while (place > 0 && before(host, schedule->heap[(place - 1) / 2])) {
        put(schedule, place, schedule->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (size_t child; (child = place * 2 + 1) < schedule->heap_count; place = child) {
        if (child + 1 < schedule->heap_count && before(schedule->heap[child + 1], schedule->heap[child]))
            child++;
        if (!before(schedule->heap[child], host))
            break;
        put(schedule, place, schedule->heap[child]);
    }
    put(schedule, place, host);
}

static void heap_remove(struct schedule *schedule, struct host *host)
{
    size_t place = host->heap_place;
    host->heap_place = SIZE_MAX;
    struct host *last = schedule->heap[--schedule->heap_count];
    if (last == host)
        return;
    put(schedule, place, last);
    sift(schedule, place);
}

static enum status heap_reserve(struct schedule *schedule)
{
    if (schedule->hosts_count <= schedule->heap_capacity)
        return STATUS_OK;
    size_t capacity = schedule->heap_capacity ? schedule->heap_capacity * 2 : 256;
    struct host **grown = realloc(schedule->heap, capacity * sizeof *grown);
    if (!grown)
        return STATUS_NO_MEMORY;
    schedule->heap = grown;
    schedule->heap_capacity = capacity;
    return STATUS_OK;
}

static bool may_be_asked(const struct host *host)
{
    if (host->fragile && host->sockets)
        return false;
    return host->rounds.head || (host->firsts.head && host->endpoints < HOST_ENDPOINTS_MAX);
}

void schedule_update(struct schedule *schedule, struct host *host)
{
    bool wanted = may_be_asked(host);
    if (!wanted && host->heap_place != SIZE_MAX)
        heap_remove(schedule, host);
    else if (wanted && host->heap_place == SIZE_MAX) {
        put(schedule, schedule->heap_count++, host);
        sift(schedule, host->heap_place);
    } else if (wanted) {
        sift(schedule, host->heap_place);
    }
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

enum status schedule_add(struct schedule *schedule, struct ask *ask, struct address address, bool fragile)
{
    if (!ask->host) {
        ask->host = host_at(schedule, address, fragile);
        if (!ask->host || heap_reserve(schedule) != STATUS_OK)
            return STATUS_NO_MEMORY;
        schedule_hold(ask->host);
    }
    enqueue(ask->round ? &ask->host->rounds : &ask->host->firsts, ask);
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

struct ask *schedule_take(struct schedule *schedule, int64_t now_ns)
{
    sweep(schedule, now_ns);
    if (schedule->heap_count == 0 || !pacer_ready(&schedule->heap[0]->pacer, now_ns))
        return NULL;
    struct host *host = schedule->heap[0];
    struct ask *ask = dequeue(host->rounds.head ? &host->rounds : &host->firsts);
    pacer_spend(&host->pacer, now_ns);
    schedule->waiting--;
    schedule_update(schedule, host);
    return ask;
}

int64_t schedule_wake(const struct schedule *schedule)
{
    return schedule->heap_count ? pacer_due(&schedule->heap[0]->pacer) : INT64_MAX;
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
