#include "scanner/plan.h"

#include <string.h>

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

enum status plan_init(struct plan *plan, const struct authorization *authorization,
                      const struct ports *wanted, uint64_t seed, uint32_t shard, uint32_t shards)
{
    memset(plan, 0, sizeof *plan);
    plan->shard = shard;
    plan->shards = shards;
    struct ports allowed;
    ports_init(&allowed);
    enum status status = authorization_ports(authorization, wanted, &allowed);
    if (status == STATUS_OK)
        status = keep_tcp(&allowed, &plan->ports);
    if (status == STATUS_OK)
        status = authorization_addresses(authorization, &plan->addresses);
    if (status == STATUS_OK)
        status = count(plan);
    ports_deinit(&allowed);
    if (status == STATUS_OK && plan->total)
        permutation_init(&plan->permutation, plan->total, seed);
    return status;
}

void plan_deinit(struct plan *plan)
{
    ranges_index_deinit(&plan->index);
    ranges_deinit(&plan->addresses);
    ports_deinit(&plan->ports);
}

uint64_t plan_size(const struct plan *plan)
{
    uint64_t first = plan->shard - 1;
    return plan->total > first ? (plan->total - first - 1) / plan->shards + 1 : 0;
}

uint64_t plan_draw(const struct plan *plan, uint64_t position)
{
    return permutation_at(&plan->permutation, plan->shard - 1 + position * plan->shards);
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

double plan_seconds(const struct plan *plan, double rate, double rate_per_host, unsigned attempts,
                    double answering)
{
    double probes = (double)plan_size(plan) * (answering + (1 - answering) * attempts);
    double all = probes / rate;
    double one_host = (double)plan->ports.count * (answering + (1 - answering) * attempts) / rate_per_host;
    return all > one_host ? all : one_host;
}
