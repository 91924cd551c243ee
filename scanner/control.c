#include "scanner/control.h"

#include "targets/permutation.h"

#define UNPROVEN_MAX 8
#define UNPROVEN_MIN 3
#define PORT_FIRST   61000
#define PORT_LAST    65535

unsigned control_threshold(size_t ports)
{
    size_t half = ports / 2;
    return half < UNPROVEN_MIN ? UNPROVEN_MIN : half > UNPROVEN_MAX ? UNPROVEN_MAX : (unsigned)half;
}

bool control_forged(uint16_t window, bool options)
{
    return window == 0 || !options;
}

static enum status wanted_ports(uint16_t only, struct ports *ports_out)
{
    uint32_t first = only ? only : PORT_FIRST, last = only ? only : PORT_LAST;
    enum status status = STATUS_OK;
    ports_init(ports_out);
    for (uint32_t number = first; number <= last && status == STATUS_OK; number++)
        status = ports_add(ports_out, (uint16_t)number, TRANSPORT_TCP);
    return status;
}

static enum status without_planned(const struct ports *ports, const struct plan *plan, struct ports *rest_out)
{
    enum status status = STATUS_OK;
    ports_init(rest_out);
    for (size_t i = 0; i < ports->count && status == STATUS_OK; i++)
        if (plan_port_place(plan, ports->items[i]) == SIZE_MAX)
            status = ports_add(rest_out, ports->items[i].number, TRANSPORT_TCP);
    return status;
}

enum status control_ports(const struct authorization *authorization, const struct plan *plan, uint16_t only,
                          struct ports *ports_out)
{
    struct ports wanted, allowed, rest;
    ports_init(ports_out);
    ports_init(&allowed);
    ports_init(&rest);
    enum status status = wanted_ports(only, &wanted);
    if (status == STATUS_OK)
        status = authorization_ports(authorization, &wanted, &allowed);
    if (status == STATUS_OK)
        status = without_planned(&allowed, plan, &rest);
    if (status == STATUS_OK)
        status = ports_copy(ports_out, rest.count ? &rest : &allowed);
    ports_deinit(&wanted);
    ports_deinit(&allowed);
    ports_deinit(&rest);
    return status;
}

struct port control_port(const struct ports *ports, uint64_t seed, struct address address)
{
    uint64_t mixed = permutation_mix(seed ^ permutation_mix(address.high ^ permutation_mix(address.low)));
    return ports->items[mixed % ports->count];
}
