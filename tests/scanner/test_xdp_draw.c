#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scanner/order.h"
#include "scanner/xdp/draw.h"

/* As wire_xdp_program.c does it, but of an order alone: the engine may not be in this build. */
static struct xdp_order bare(const struct order *order)
{
    struct xdp_order right = {.addresses = order->index.total,
                              .turn_key = order->turn_key,
                              .half_bits = order->permutation.half_bits,
                              .ports_count = order->ports_count};
    for (int i = 0; i < PERMUTATION_ROUNDS; i++)
        right.keys[i] = order->permutation.keys[i];
    return right;
}

static void make(struct order *order, uint64_t count, uint16_t ports_count, uint64_t seed)
{
    struct ranges ranges;
    struct ports ports;
    struct address first = {UINT64_C(0x20010db800000000), seed};
    ranges_init(&ranges);
    ports_init(&ports);
    assert_int_equal(ranges_add(&ranges, (struct range){first, address_add(first, count - 1)}), STATUS_OK);
    for (uint16_t i = 1; i <= ports_count; i++)
        assert_int_equal(ports_add(&ports, (uint16_t)(i * 7), TRANSPORT_TCP), STATUS_OK);
    assert_int_equal(order_init(order, &ranges, &ports, seed), STATUS_OK);
    ports_deinit(&ports);
}

/* The computation that runs in the kernel, compiled for the machine, against the order itself. */
static void a_step_has_the_same_target(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= 400; i++) {
        struct order order;
        uint64_t count = 1 + (permutation_mix(i) >> (30 + permutation_mix(i + 1000) % 34));
        make(&order, count, (uint16_t)(1 + permutation_mix(i + 2000) % 60), permutation_mix(i + 3000));
        struct xdp_order xdp = bare(&order);
        for (uint64_t j = 0; j < 100; j++) {
            uint64_t position = permutation_mix(i * 1000 + j) % order.total;
            struct address address;
            uint16_t port;
            order_at(&order, position, &address, &port);
            __u64 numbers[XDP_AHEAD];
            uint64_t place = position % xdp.addresses, lane = j % XDP_AHEAD;
            for (uint64_t k = 0; k < XDP_AHEAD; k++)
                numbers[k] = (place + XDP_AHEAD + k - lane) % xdp.addresses;
            numbers[lane] = place;
            assert_true(xdp_numbers(&xdp, numbers));
            assert_true(numbers[lane] == ranges_index_of(&order.index, address));
            assert_int_equal(order.ports[xdp_turn(&xdp, numbers[lane], position / xdp.addresses)], port);
        }
        order_deinit(&order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_has_the_same_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
