#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scanner/order.h"

static void make(struct order *order, const char *const *texts, const char *list, uint64_t seed)
{
    struct ranges ranges;
    struct ports ports;
    struct range range;
    const char *why = "";
    size_t at = 0;
    ranges_init(&ranges);
    ports_init(&ports);
    for (; *texts; texts++) {
        assert_true(range_parse(*texts, &range, &why));
        assert_int_equal(ranges_add(&ranges, range), STATUS_OK);
    }
    ranges_normalise(&ranges);
    assert_int_equal(ports_parse(&ports, list, &why, &at), STATUS_OK);
    assert_int_equal(order_init(order, &ranges, &ports, seed), STATUS_OK);
    ports_deinit(&ports);
}

static const char *const some[] = {"192.0.2.0/27", "198.51.100.7", "2001:db8::/125", NULL};
#define SOME 41

static void each_pair_once_and_back(void **state)
{
    (void)state;
    static const char *const lists[] = {"80", "22,80", "21-25,80,443,3306,8000-8010", "1-1000"};
    for (size_t i = 0; i < 4; i++) {
        struct order order;
        make(&order, some, lists[i], i);
        assert_int_equal(order.total, SOME * order.ports_count);
        uint8_t *seen = calloc(order.total, 1);
        assert_non_null(seen);
        for (uint64_t position = 0; position < order.total; position++) {
            struct address address;
            uint16_t port;
            order_at(&order, position, &address, &port);
            assert_true(order_position(&order, address, port) == position);
            uint64_t number = ranges_index_of(&order.index, address) * order.ports_count + order.places[port];
            assert_int_equal(seen[number]++, 0);
        }
        free(seen);
        order_deinit(&order);
    }
}

/* Two probes to an address are a whole round apart, always. */
static void an_address_comes_once_a_round(void **state)
{
    (void)state;
    struct order order;
    make(&order, some, "22,80,443,3306", 3);
    for (uint64_t position = 0; position + SOME < order.total; position++) {
        struct address first, next;
        uint16_t port;
        order_at(&order, position, &first, &port);
        order_at(&order, position + SOME, &next, &port);
        assert_int_equal(address_compare(first, next), 0);
    }
    order_deinit(&order);
}

/* A round that asked one port of everybody would be seen as a sweep for it, and be one burst at one service. */
static void a_round_mixes_the_ports(void **state)
{
    (void)state;
    static const char *const wide[] = {"198.18.0.0/20", NULL};
    struct order order;
    size_t asked[65536] = {0};
    make(&order, wide, "1-16", 3);
    for (uint64_t position = 0; position < 4096; position++) {
        struct address address;
        uint16_t port;
        order_at(&order, position, &address, &port);
        asked[port]++;
    }
    for (size_t port = 1; port <= 16; port++) /* 256 expected, a standard deviation of 15.5 */
        assert_in_range(asked[port], 256 - 78, 256 + 78);
    order_deinit(&order);
}

static void what_is_not_in_it_has_no_position(void **state)
{
    (void)state;
    struct order order;
    struct address address;
    make(&order, some, "22", 3);
    assert_true(address_parse("198.51.100.8", 12, &address));
    assert_true(order_position(&order, address, 22) == UINT64_MAX);
    assert_true(address_parse("198.51.100.7", 12, &address));
    assert_true(order_position(&order, address, 22) != UINT64_MAX);
    assert_true(order_position(&order, address, 23) == UINT64_MAX);
    order_deinit(&order);
}

static void nothing_is_no_error(void **state)
{
    (void)state;
    struct order order;
    struct ranges ranges;
    struct ports ports;
    struct address address;
    ranges_init(&ranges);
    ports_init(&ports);
    assert_int_equal(ports_add(&ports, 22, TRANSPORT_TCP), STATUS_OK);
    assert_int_equal(order_init(&order, &ranges, &ports, 1), STATUS_OK);
    assert_int_equal(order.total, 0);
    assert_true(address_parse("192.0.2.1", 9, &address));
    assert_true(order_position(&order, address, 22) == UINT64_MAX);
    order_deinit(&order);
    ports_deinit(&ports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_once_and_back), cmocka_unit_test(an_address_comes_once_a_round),
        cmocka_unit_test(a_round_mixes_the_ports), cmocka_unit_test(what_is_not_in_it_has_no_position),
        cmocka_unit_test(nothing_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
