#include "scanner/commands/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/endpoint.h"
#include "scanner/clock.h"

void keeper_init(struct keeper *keeper, struct store *store, struct store_run *run, const struct scope *scope)
{
    *keeper = (struct keeper){
        .pace = {.recall = 1}, .store = store, .run = run, .scope = scope, .probes_before = run->probes_sent};
}

void keeper_deinit(struct keeper *keeper)
{
    tally_deinit(&keeper->tally);
    free(keeper->pace.sweep);
}

struct unproven {
    struct ports ports;
    enum status status;
};

static enum status pending(void *context, uint64_t number, unsigned attempts)
{
    struct keeper *keeper = context;
    return store_set_pending(keeper->store, keeper->run, (struct store_pending){number, attempts});
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
    enum status status = store_clear_pending(keeper->store, keeper->run, number);
    if (status == STATUS_OK)
        status = tally_add(&keeper->tally, organization->id, port, state, 1);
    bool answered = state == ENDPOINT_OPEN || state == ENDPOINT_CLOSED || state == ENDPOINT_SYNTHETIC;
    if (status == STATUS_OK && answered)
        status = store_host(keeper->store, keeper->run, organization->id, address, state == ENDPOINT_OPEN);
    if (observation && keeper->verbose)
        announce(observation);
    if (status == STATUS_OK && observation)
        status = store_observation(keeper->store, keeper->run, organization->id, observation);
    return status;
}

/* The ports of a host that turned out to answer everywhere, whose observations are none. */
static void collect_unproven(void *context, const char *organization, const struct observation *observation)
{
    struct unproven *unproven = context;
    (void)organization;
    if (!endpoint_proven(observation) && unproven->status == STATUS_OK)
        unproven->status = ports_add(&unproven->ports, observation->port.number, observation->port.transport);
}

static enum status take_back(struct keeper *keeper, const char *organization, struct address address,
                             struct port port)
{
    enum status status = store_drop_observation(keeper->store, keeper->run, organization, address, port);
    /* One less: the tally's and the store's sums are modulo 2^64. */
    if (status == STATUS_OK)
        status = tally_add(&keeper->tally, organization, port, ENDPOINT_OPEN, UINT64_MAX);
    return status == STATUS_OK ? tally_add(&keeper->tally, organization, port, ENDPOINT_SYNTHETIC, 1)
                               : status;
}

static enum status unmask(struct keeper *keeper, const char *organization, struct address address)
{
    struct unproven unproven = {.status = STATUS_OK};
    ports_init(&unproven.ports);
    enum status status = store_each_observation_at(keeper->store, keeper->run, organization, address,
                                                   collect_unproven, &unproven);
    if (status == STATUS_OK)
        status = unproven.status;
    for (size_t i = 0; i < unproven.ports.count && status == STATUS_OK; i++)
        status = take_back(keeper, organization, address, unproven.ports.items[i]);
    ports_deinit(&unproven.ports);
    return status;
}

static enum status judged(void *context, const struct organization *organization, struct address address,
                          enum host_control control)
{
    struct keeper *keeper = context;
    enum status status = control == CONTROL_ANSWERED ? unmask(keeper, organization->id, address) : STATUS_OK;
    return status == STATUS_OK
               ? store_set_control(keeper->store, keeper->run, organization->id, address, control)
               : status;
}

static enum status swept(void *context, const struct organization *organization, struct port port,
                         enum endpoint_state state)
{
    struct keeper *keeper = context;
    return tally_add(&keeper->tally, organization->id, port, state, 1);
}

static enum status heard(void *context, const struct organization *organization, struct address address)
{
    struct keeper *keeper = context;
    return store_host(keeper->store, keeper->run, organization->id, address, false);
}

static void watched(void *context, const struct watched *watched)
{
    char text[ADDRESS_PORT_TEXT_MAX];
    (void)context;
    address_format_port(watched->canary.address, watched->canary.port.number, text);
    if (watched->state == CANARY_MUTE)
        fprintf(stderr, "auscult: the canary %s does not answer and is not watched\n", text);
}

enum status keeper_keep(struct keeper *keeper)
{
    enum status status = tally_store(&keeper->tally, keeper->store, keeper->run);
    if (status == STATUS_OK)
        status = store_set_pace(keeper->store, keeper->run, &keeper->pace);
    if (status == STATUS_OK)
        status = store_update_run(keeper->store, keeper->run);
    return status == STATUS_OK ? store_commit(keeper->store) : status;
}

enum status keeper_settle(struct keeper *keeper, const struct scan_totals *totals, uint8_t *sweep,
                          size_t sweep_size)
{
    keeper->run->position = totals->drawn;
    keeper->run->probes_sent = keeper->probes_before + totals->probes;
    keeper->pace.rate = totals->rate;
    keeper->pace.burst = totals->burst;
    keeper->pace.recall = totals->recall;
    keeper->pace.lost = totals->lost;
    free(keeper->pace.sweep);
    keeper->pace.sweep = sweep;
    keeper->pace.sweep_size = sweep_size;
    return keeper_keep(keeper);
}

struct scan_listener keeper_listener(struct keeper *keeper)
{
    return (struct scan_listener){
        .context = keeper,
        .pending = pending,
        .finished = finished,
        .judged = judged,
        .swept = swept,
        .heard = heard,
        .watched = watched,
    };
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

static enum status resume_sweep(struct keeper *keeper, struct scan *scan)
{
    struct store_pace pace;
    enum status status = store_find_pace(keeper->store, keeper->run, &pace);
    if (status == STATUS_MISMATCH) /* killed before the first commit: it begins anew */
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (pace.sweep)
        status = scan_resume_sweep(scan, pace.sweep, pace.sweep_size);
    store_pace_deinit(&pace);
    return status;
}

/* Hosts on their way back into the scan. */
struct comeback {
    struct scan *scan;
    enum status status;
};

static void give_control(void *context, const char *organization, struct address address,
                         enum host_control control)
{
    struct comeback *comeback = context;
    (void)organization;
    if (comeback->status == STATUS_OK)
        comeback->status = scan_resume_control(comeback->scan, address, control);
}

static void give_unproven(void *context, const char *organization, const struct observation *observation)
{
    struct comeback *comeback = context;
    (void)organization;
    if (comeback->status == STATUS_OK && !endpoint_proven(observation))
        comeback->status = scan_resume_unproven(comeback->scan, observation->address);
}

static enum status resume_hosts(struct keeper *keeper, struct scan *scan)
{
    struct comeback comeback = {scan, STATUS_OK};
    enum status status = store_each_control(keeper->store, keeper->run, give_control, &comeback);
    if (status == STATUS_OK && comeback.status == STATUS_OK)
        status = store_each_observation(keeper->store, keeper->run, NULL, give_unproven, &comeback);
    return status == STATUS_OK ? comeback.status : status;
}

enum status keeper_resume(struct keeper *keeper, struct scan *scan)
{
    struct left_over left = {0};
    enum status status = resume_sweep(keeper, scan);
    if (status == STATUS_OK)
        status = resume_hosts(keeper, scan);
    if (status == STATUS_OK)
        status = store_each_pending(keeper->store, keeper->run, collect, &left);
    if (status == STATUS_OK)
        status = left.status;
    for (size_t i = 0; i < left.count && status == STATUS_OK; i++)
        status = scan_resume_target(scan, left.items[i].number, left.items[i].attempts);
    free(left.items);
    return status;
}

/* What the store has counted, subtracted from what the plan has. */
struct census {
    const struct scope *scope;
    const struct plan *plan;
    uint64_t *left; /* organization × port */
};

static void subtract(void *context, const struct store_count *count)
{
    const struct census *census = context;
    const struct organization *organization = scope_organization(census->scope, count->organization);
    size_t place = plan_port_place(census->plan, count->port);
    if (!organization || place == SIZE_MAX)
        return;
    size_t row = (size_t)(organization - census->scope->organizations);
    for (size_t state = 0; state < sizeof count->ends / sizeof count->ends[0]; state++)
        census->left[row * census->plan->ports.count + place] -= count->ends[state];
}

enum status keeper_count_silent(struct keeper *keeper, const struct plan *plan)
{
    size_t ports = plan->ports.count, rows = keeper->scope->organizations_count;
    struct census census = {keeper->scope, plan, calloc(rows * ports + 1, sizeof(uint64_t))};
    enum status status = census.left ? plan_census(plan, keeper->scope, census.left) : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = store_each_count(keeper->store, keeper->run, NULL, subtract, &census);
    for (size_t i = 0; i < rows * ports && status == STATUS_OK; i++)
        if (census.left[i])
            status = tally_add(&keeper->tally, keeper->scope->organizations[i / ports].id,
                               plan->ports.items[i % ports], ENDPOINT_SILENT, census.left[i]);
    free(census.left);
    return status == STATUS_OK ? keeper_keep(keeper) : status;
}

enum status keeper_complete(struct keeper *keeper)
{
    keeper->run->complete = true;
    keeper->run->ended_ms = clock_epoch_ms();
    enum status status = store_update_run(keeper->store, keeper->run);
    return status == STATUS_OK ? store_commit(keeper->store) : status;
}
