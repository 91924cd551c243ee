#include "scanner/order.h"

#include <stdlib.h>
#include <string.h>

#define PORT_NUMBERS 65536

static enum status shuffle_ports(struct order *order, const struct ports *ports, uint64_t seed)
{
    struct permutation permutation;
    order->ports = calloc(ports->count, sizeof *order->ports);
    order->places = malloc(PORT_NUMBERS * sizeof *order->places);
    if (!order->ports || !order->places)
        return STATUS_NO_MEMORY;
    memset(order->places, 0xff, PORT_NUMBERS * sizeof *order->places); /* ORDER_NOWHERE */
    order->ports_count = (uint32_t)ports->count;
    permutation_init(&permutation, ports->count, seed);
    for (uint32_t place = 0; place < order->ports_count; place++) {
        uint16_t port = ports->items[permutation_at(&permutation, place)].number;
        order->ports[place] = port;
        order->places[port] = place;
    }
    return STATUS_OK;
}

enum status order_init(struct order *order, struct ranges *addresses, const struct ports *ports,
                       uint64_t seed)
{
    memset(order, 0, sizeof *order);
    order->addresses = *addresses;
    ranges_init(addresses);
    enum status status = ranges_index_init(&order->index, &order->addresses);
    if (status != STATUS_OK || order->index.total == 0 || ports->count == 0)
        return status;
    if (order->index.total > (UINT64_C(1) << 62) / ports->count)
        return STATUS_LIMIT;
    order->total = order->index.total * ports->count;
    order->turn_key = permutation_mix(seed ^ ports->count);
    permutation_init(&order->permutation, order->index.total, seed);
    return shuffle_ports(order, ports, order->turn_key);
}

void order_deinit(struct order *order)
{
    ranges_index_deinit(&order->index);
    ranges_deinit(&order->addresses);
    free(order->ports);
    free(order->places);
    memset(order, 0, sizeof *order);
}

uint32_t order_turn(const struct order *order, uint64_t number)
{
    return (uint32_t)((permutation_mix(number ^ order->turn_key) >> 32) * order->ports_count >> 32);
}

void order_at(const struct order *order, uint64_t position, struct address *address_out, uint16_t *port_out)
{
    uint64_t round = position / order->index.total;
    uint64_t number = permutation_at(&order->permutation, position % order->index.total);
    *address_out = ranges_index_at(&order->index, number);
    *port_out = order->ports[(order_turn(order, number) + round) % order->ports_count];
}

uint64_t order_position(const struct order *order, struct address address, uint16_t port)
{
    uint64_t number = order->total ? ranges_index_of(&order->index, address) : UINT64_MAX;
    if (number == UINT64_MAX)
        return UINT64_MAX;
    uint32_t place = order->places[port], turn = order_turn(order, number);
    if (place == ORDER_NOWHERE)
        return UINT64_MAX;
    uint64_t round = place >= turn ? place - turn : place + order->ports_count - turn;
    return round * order->index.total + permutation_of(&order->permutation, number);
}
