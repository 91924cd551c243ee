#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <net/if.h>
#include <string.h>

#include "scanner/route.h"

/* What every machine's tables hold; those that a test makes itself are in tests/wire/test_packet.py. */

static void add(struct ranges *ranges, const char *text)
{
    struct range range;
    const char *why;
    assert_true(range_parse(text, &range, &why));
    assert_int_equal(ranges_add(ranges, range), STATUS_OK);
}

static void own_addresses_are_local(void **state)
{
    (void)state;
    struct netlink netlink;
    struct routes routes;
    struct ranges ranges;
    ranges_init(&ranges);
    add(&ranges, "127.0.0.1-127.0.0.9");
    add(&ranges, "127.0.0.200");
    ranges_normalise(&ranges);
    assert_int_equal(netlink_init(&netlink), STATUS_OK);
    assert_int_equal(routes_init(&routes, &netlink, &ranges), STATUS_OK);
    for (uint32_t last = 1; last < 10; last++) {
        const struct route *route = routes_find(&routes, address_from_ipv4(0x7f000000 + last));
        assert_non_null(route);
        assert_int_equal(route->kind, ROUTE_LOCAL);
        assert_int_equal(route->device, if_nametoindex("lo"));
        assert_true(address_is_ipv4(route->source));
    }
    assert_non_null(routes_find(&routes, address_from_ipv4(0x7f0000c8)));
    assert_null(routes_find(&routes, address_from_ipv4(0x7f000000)));
    assert_null(routes_find(&routes, address_from_ipv4(0x7f00000a)));
    assert_null(routes_find(&routes, address_from_ipv4(0x7f0000c9)));
    assert_null(routes_find(&routes, address_from_ipv4(0)));
    routes_deinit(&routes);
    netlink_deinit(&netlink);
    ranges_deinit(&ranges);
}

static void a_broadcast_address_is_no_target(void **state)
{
    (void)state;
    struct netlink netlink;
    struct routes routes;
    struct ranges ranges;
    ranges_init(&ranges);
    add(&ranges, "127.255.255.254-127.255.255.255");
    assert_int_equal(netlink_init(&netlink), STATUS_OK);
    assert_int_equal(routes_init(&routes, &netlink, &ranges), STATUS_OK);
    assert_int_equal(routes_find(&routes, address_from_ipv4(0x7ffffffe))->kind, ROUTE_LOCAL);
    assert_int_equal(routes_find(&routes, address_from_ipv4(0x7fffffff))->kind, ROUTE_NONE);
    routes_deinit(&routes);
    netlink_deinit(&netlink);
    ranges_deinit(&ranges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_addresses_are_local),
        cmocka_unit_test(a_broadcast_address_is_no_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
