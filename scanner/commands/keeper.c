#include "scanner/commands/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/clock.h"

#define COMMIT_EVERY_NS 20000000 /* when nothing has finished: what is lost then is only asked again */

void keeper_init(struct keeper *keeper, struct store *store, struct store_run *run, const struct scope *scope)
{
    *keeper = (struct keeper){.store = store, .run = run, .scope = scope, .probes_before = run->probes_sent};
}

void keeper_deinit(struct keeper *keeper)
{
    free(keeper->counts);
}

static enum status pending(void *context, uint64_t number, unsigned attempts)
{
    struct keeper *keeper = context;
    keeper->dirty = true;
    return store_set_pending(keeper->store, keeper->run, (struct store_pending){number, attempts});
}

static enum status count(struct keeper *keeper, const char *organization, struct port port,
                         enum endpoint_state state)
{
    for (size_t i = 0; i < keeper->counts_count; i++)
        if (keeper->counts[i].organization == organization && keeper->counts[i].port.number == port.number) {
            keeper->counts[i].ends[state]++;
            return STATUS_OK;
        }
    if (keeper->counts_count == keeper->counts_capacity) {
        size_t capacity = keeper->counts_capacity ? keeper->counts_capacity * 2 : 64;
        struct store_count *grown = realloc(keeper->counts, capacity * sizeof *grown);
        if (!grown)
            return STATUS_NO_MEMORY;
        keeper->counts = grown;
        keeper->counts_capacity = capacity;
    }
    struct store_count *fresh = &keeper->counts[keeper->counts_count++];
    *fresh = (struct store_count){.organization = organization, .port = port};
    fresh->ends[state] = 1;
    return STATUS_OK;
}

static void announce(const struct observation *observation)
{
    char address[ADDRESS_TEXT_MAX];
    address_format(observation->address, address);
    fprintf(stderr, "%s port %u: %s%s%s%s%s%s\n", address, observation->port.number, observation->service,
            observation->tls ? " inside TLS" : "", observation->product[0] ? ", " : "", observation->product,
            observation->version[0] ? " " : "", observation->version);
}

static enum status finished(void *context, uint64_t number, const struct organization *organization,
                            struct address address, struct port port, enum endpoint_state state,
                            const struct observation *observation)
{
    struct keeper *keeper = context;
    keeper->dirty = keeper->finished_any = true;
    enum status status = store_clear_pending(keeper->store, keeper->run, number);
    if (status == STATUS_OK)
        status = count(keeper, organization->id, port, state);
    if (status == STATUS_OK && (state == ENDPOINT_OPEN || state == ENDPOINT_CLOSED))
        status = store_host(keeper->store, keeper->run, organization->id, address, state == ENDPOINT_OPEN);
    if (observation && keeper->verbose)
        announce(observation);
    if (status == STATUS_OK && observation)
        status = store_observation(keeper->store, keeper->run, organization->id, observation);
    return status;
}

static enum status write_counts(struct keeper *keeper)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < keeper->counts_count && status == STATUS_OK; i++)
        status = store_add_count(keeper->store, keeper->run, &keeper->counts[i]);
    keeper->counts_count = 0;
    return status;
}

static enum status commit(struct keeper *keeper)
{
    enum status status = write_counts(keeper);
    if (status == STATUS_OK)
        status = store_update_run(keeper->store, keeper->run);
    if (status == STATUS_OK)
        status = store_commit(keeper->store);
    keeper->dirty = keeper->finished_any = false;
    keeper->committed_ns = clock_monotonic_ns();
    return status;
}

static enum status settled(void *context, const struct scan_totals *totals)
{
    struct keeper *keeper = context;
    keeper->run->position = totals->drawn;
    keeper->run->probes_sent = keeper->probes_before + totals->probes;
    bool due = keeper->finished_any || clock_monotonic_ns() - keeper->committed_ns > COMMIT_EVERY_NS;
    return keeper->dirty && due ? commit(keeper) : STATUS_OK;
}

struct scan_listener keeper_listener(struct keeper *keeper)
{
    return (struct scan_listener){
        .context = keeper, .pending = pending, .finished = finished, .settled = settled};
}

struct left_over {
    struct store_pending *items;
    size_t count, capacity;
    enum status status;
};

static void collect(void *context, struct store_pending one)
{
    struct left_over *left = context;
    if (left->count == left->capacity) {
        size_t capacity = left->capacity ? left->capacity * 2 : 256;
        struct store_pending *grown = realloc(left->items, capacity * sizeof *grown);
        if (!grown) {
            left->status = STATUS_NO_MEMORY;
            return;
        }
        left->items = grown;
        left->capacity = capacity;
    }
    left->items[left->count++] = one;
}

enum status keeper_resume(struct keeper *keeper, struct scan *scan)
{
    struct left_over left = {0};
    enum status status = store_each_pending(keeper->store, keeper->run, collect, &left);
    if (status == STATUS_OK)
        status = left.status;
    for (size_t i = 0; i < left.count && status == STATUS_OK; i++)
        status = scan_resume_target(scan, left.items[i].number, left.items[i].attempts);
    free(left.items);
    return status;
}

enum status keeper_keep(struct keeper *keeper)
{
    return commit(keeper);
}

enum status keeper_complete(struct keeper *keeper)
{
    keeper->run->complete = true;
    keeper->run->ended_ms = clock_epoch_ms();
    return commit(keeper);
}
