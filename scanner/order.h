#ifndef SCANNER_ORDER_H
#define SCANNER_ORDER_H

#include "targets/permutation.h"
#include "targets/ports.h"
#include "targets/ranges.h"

/* Every address of a set × every port, each pair once, in rounds: a round asks every address once, in an order
   that the seed decides and all rounds share, so that two probes to one address are always a whole round apart
   and its pace follows from the total rate without remembering anything of it. At which port an address begins
   is its own, so that no round asks one port of all. Position p belongs to round p / addresses. The xdp engine
   computes the same in scanner/xdp/. */
struct order {
    struct ranges addresses;
    struct ranges_index index;
    uint16_t *ports;  /* in the order in which rounds go through them */
    uint32_t *places; /* of each of the 65536 port numbers in `ports`; ORDER_NOWHERE */
    uint32_t ports_count;
    uint64_t total;                 /* addresses × ports */
    struct permutation permutation; /* of the addresses */
    uint64_t turn_key;
};

#define ORDER_NOWHERE UINT32_MAX

/* Takes the ranges over, also when it fails; the ports are TCP's. STATUS_LIMIT for 2^62 pairs or more. */
MUST_USE enum status order_init(struct order *order, struct ranges *addresses, const struct ports *ports,
                                uint64_t seed);
void order_deinit(struct order *order);
/* position < total. */
void order_at(const struct order *order, uint64_t position, struct address *address_out, uint16_t *port_out);
/* The position of a pair; UINT64_MAX where it is not in the set. */
uint64_t order_position(const struct order *order, struct address address, uint16_t port);
/* The place in `ports` at which an address, by its number in the set, begins. */
uint32_t order_turn(const struct order *order, uint64_t number);

#endif
