#include "scanner/plan.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/network.h"

#define PROOF_STEPS 64 /* of each part */

static enum status keep_tcp(const struct ports *all, struct ports *tcp_out)
{
    enum status status = STATUS_OK;
    ports_init(tcp_out);
    for (size_t i = 0; i < all->count && status == STATUS_OK; i++)
        if (all->items[i].transport == TRANSPORT_TCP)
            status = ports_add(tcp_out, all->items[i].number, TRANSPORT_TCP);
    return status;
}

static enum status count(struct plan *plan)
{
    enum status status = ranges_index_init(&plan->index, &plan->addresses);
    if (status != STATUS_OK)
        return status;
    if (plan->ports.count && plan->index.total > (UINT64_C(1) << 62) / plan->ports.count)
        return STATUS_LIMIT;
    plan->total = plan->index.total * plan->ports.count;
    return STATUS_OK;
}

static enum status keep_ports(struct plan *plan, const struct authorization *authorization,
                              const struct ports *wanted)
{
    struct ports allowed;
    enum status status = authorization_ports(authorization, wanted, &allowed);
    if (status == STATUS_OK)
        status = keep_tcp(&allowed, &plan->ports);
    ports_deinit(&allowed);
    return status;
}

/* The addresses of one part: fragile ones are never swept. */
static enum status part_addresses(const struct plan *plan, const struct authorization *authorization,
                                  enum plan_part part, bool sweep, struct ranges *ranges_out)
{
    struct ranges fragile;
    ranges_init(ranges_out);
    if (!sweep)
        return part == PLAN_ASKED ? ranges_copy(ranges_out, &plan->addresses) : STATUS_OK;
    enum status status = authorization_fragile(authorization, &fragile);
    if (status == STATUS_OK && part == PLAN_ASKED) {
        *ranges_out = fragile;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = ranges_copy(ranges_out, &plan->addresses);
    if (status == STATUS_OK)
        status = ranges_subtract(ranges_out, &fragile);
    ranges_deinit(&fragile);
    return status;
}

static enum status make_order(struct plan *plan, const struct authorization *authorization,
                              enum plan_part part, bool sweep, uint64_t seed)
{
    struct ranges addresses;
    enum status status = part_addresses(plan, authorization, part, sweep, &addresses);
    if (status == STATUS_OK)
        status = order_init(&plan->orders[part], &addresses, &plan->ports, seed);
    ranges_deinit(&addresses);
    return status;
}

enum status plan_init(struct plan *plan, const struct authorization *authorization,
                      const struct ports *wanted, uint64_t seed, uint32_t shard, uint32_t shards, bool sweep)
{
    memset(plan, 0, sizeof *plan);
    plan->shard = shard;
    plan->shards = shards;
    enum status status = keep_ports(plan, authorization, wanted);
    if (status == STATUS_OK)
        status = authorization_addresses(authorization, &plan->addresses);
    if (status == STATUS_OK)
        status = count(plan);
    for (enum plan_part part = 0; part < PLAN_PARTS && status == STATUS_OK; part++)
        status = make_order(plan, authorization, part, sweep, seed);
    return status;
}

void plan_deinit(struct plan *plan)
{
    for (enum plan_part part = 0; part < PLAN_PARTS; part++)
        order_deinit(&plan->orders[part]);
    ranges_index_deinit(&plan->index);
    ranges_deinit(&plan->addresses);
    ports_deinit(&plan->ports);
}

uint64_t plan_size(const struct plan *plan, enum plan_part part)
{
    uint64_t first = plan->shard - 1, total = plan->orders[part].total;
    return total > first ? (total - first - 1) / plan->shards + 1 : 0;
}

uint64_t plan_position(const struct plan *plan, uint64_t step)
{
    return plan->shard - 1 + step * plan->shards;
}

void plan_draw(const struct plan *plan, enum plan_part part, uint64_t step, struct address *address_out,
               struct port *port_out)
{
    *port_out = (struct port){.transport = TRANSPORT_TCP};
    order_at(&plan->orders[part], plan_position(plan, step), address_out, &port_out->number);
}

uint64_t plan_proof(const struct plan *plan)
{
    uint64_t proof = plan->total;
    for (enum plan_part part = 0; part < PLAN_PARTS; part++) {
        uint64_t size = plan_size(plan, part), stride = size / PROOF_STEPS + 1;
        proof = permutation_mix(proof ^ size);
        for (uint64_t step = 0; step < size; step += stride) {
            struct address address;
            struct port port;
            plan_draw(plan, part, step, &address, &port);
            proof = permutation_mix(proof ^ address.high);
            proof = permutation_mix(proof ^ address.low);
            proof = permutation_mix(proof ^ port.number);
        }
    }
    return proof;
}

uint64_t plan_step(const struct plan *plan, struct address address, uint16_t port)
{
    uint64_t position = order_position(&plan->orders[PLAN_SWEPT], address, port);
    if (position == UINT64_MAX || position % plan->shards != plan->shard - 1)
        return UINT64_MAX;
    return position / plan->shards;
}

static int port_compare(const void *a, const void *b)
{
    return ((const struct port *)a)->number - ((const struct port *)b)->number;
}

size_t plan_port_place(const struct plan *plan, struct port port)
{
    if (plan->ports.count == 0 || port.transport != TRANSPORT_TCP)
        return SIZE_MAX;
    const struct port *place =
        bsearch(&port, plan->ports.items, plan->ports.count, sizeof port, port_compare);
    return place ? (size_t)(place - plan->ports.items) : SIZE_MAX;
}

uint64_t plan_number(const struct plan *plan, struct address address, struct port port)
{
    uint64_t number = plan->total ? ranges_index_of(&plan->index, address) : UINT64_MAX;
    size_t place = plan_port_place(plan, port);
    if (number == UINT64_MAX || place == SIZE_MAX)
        return UINT64_MAX;
    return number * plan->ports.count + place;
}

void plan_target(const struct plan *plan, uint64_t number, struct address *address_out, struct port *port_out)
{
    *address_out = ranges_index_at(&plan->index, number / plan->ports.count);
    *port_out = plan->ports.items[number % plan->ports.count];
}

/* How many addresses both sets hold. */
static enum status common(const struct ranges *a, const struct ranges *b, uint64_t *count_out)
{
    struct ranges rest;
    enum status status = ranges_copy(&rest, a);
    if (status == STATUS_OK)
        status = ranges_subtract(&rest, b);
    *count_out = ranges_size(a) - ranges_size(&rest);
    ranges_deinit(&rest);
    return status;
}

enum status plan_shares(const struct plan *plan, const struct scope *scope, struct plan_share *shares)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < scope->organizations_count && status == STATUS_OK; i++) {
        const struct organization *organization = &scope->organizations[i];
        shares[i] = (struct plan_share){.organization = organization};
        status = common(&organization->ranges, &plan->addresses, &shares[i].addresses);
        if (status == STATUS_OK)
            status = common(&organization->fragile, &plan->addresses, &shares[i].fragile);
        shares[i].targets = shares[i].addresses * plan->ports.count;
    }
    return status;
}

static void count_step(const struct plan *plan, const struct scope *scope, enum plan_part part, uint64_t step,
                       uint64_t *counts)
{
    struct address address;
    struct port port;
    plan_draw(plan, part, step, &address, &port);
    const struct organization *owner = scope_owner(scope, address);
    if (owner)
        counts[(size_t)(owner - scope->organizations) * plan->ports.count + plan_port_place(plan, port)]++;
}

static enum status count_whole(const struct plan *plan, const struct scope *scope, uint64_t *counts)
{
    struct plan_share *shares = calloc(scope->organizations_count + 1, sizeof *shares);
    enum status status = shares ? plan_shares(plan, scope, shares) : STATUS_NO_MEMORY;
    for (size_t i = 0; i < scope->organizations_count * plan->ports.count && status == STATUS_OK; i++)
        counts[i] += shares[i / plan->ports.count].addresses;
    free(shares);
    return status;
}

enum status plan_census(const struct plan *plan, const struct scope *scope, uint64_t *counts)
{
    if (plan->shards == 1)
        return count_whole(plan, scope, counts);
    for (enum plan_part part = 0; part < PLAN_PARTS; part++)
        for (uint64_t step = 0; step < plan_size(plan, part); step++)
            count_step(plan, scope, part, step, counts);
    return STATUS_OK;
}

double plan_seconds(const struct plan *plan, const struct plan_rates *rates, unsigned attempts,
                    double answering)
{
    double each = answering + (1 - answering) * attempts;
    double all = (double)(plan_size(plan, PLAN_ASKED) + plan_size(plan, PLAN_SWEPT)) * each / rates->total;
    double one_host = (double)plan->ports.count * each / rates->per_host;
    double hosts = rates->per_network > 0 ? (double)networks_fullest(&plan->addresses) : 0;
    double one_network =
        hosts > 0 ? hosts * (double)plan->ports.count * each / plan->shards / rates->per_network : 0;
    double most = all > one_host ? all : one_host;
    return most > one_network ? most : one_network;
}
