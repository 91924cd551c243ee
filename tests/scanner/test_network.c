#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/network.h"

static uint64_t dice = 3;

static uint64_t roll(uint64_t sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (dice >> 33) % sides;
}

static struct address parse(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static void neighbours_are_one_network(void **state)
{
    (void)state;
    struct networks networks;
    assert_int_equal(networks_init(&networks, 10), STATUS_OK);
    struct network *four = networks_find(&networks, parse("192.0.2.0"));
    struct network *six = networks_find(&networks, parse("2001:db8:0:1::"));
    assert_ptr_equal(networks_find(&networks, parse("192.0.2.255")), four);
    assert_ptr_not_equal(networks_find(&networks, parse("192.0.3.0")), four);
    assert_ptr_not_equal(networks_find(&networks, parse("192.0.1.255")), four);
    assert_ptr_equal(networks_find(&networks, parse("2001:db8:0:1:ffff:ffff:ffff:ffff")), six);
    assert_ptr_not_equal(networks_find(&networks, parse("2001:db8:0:2::")), six);
    assert_ptr_not_equal(networks_find(&networks, parse("::")), networks_find(&networks, parse("0.0.0.0")));
    for (uint32_t i = 0; i < 5000; i++) /* more than there are buckets at first */
        assert_non_null(networks_find(&networks, address_from_ipv4(UINT32_C(0x0a000000) + i * 256)));
    size_t count = networks.count;
    for (uint32_t i = 0; i < 5000; i++)
        assert_true(networks_find(&networks, address_from_ipv4(UINT32_C(0x0a000007) + i * 256))->first.low ==
                    (UINT64_C(0xffff0a000000) | i * 256));
    assert_int_equal(networks.count, count);
    networks_spend(&networks, four, 1000);
    assert_false(pacer_ready(&four->pacer, 1000 + 99999999));
    assert_true(pacer_ready(&four->pacer, 1000 + 100000000));
    networks_deinit(&networks);
}

static void without_a_ceiling_nobody_waits(void **state)
{
    (void)state;
    struct networks networks;
    assert_int_equal(networks_init(&networks, 0), STATUS_OK);
    struct network *all = networks_find(&networks, parse("192.0.2.0"));
    assert_ptr_equal(networks_find(&networks, parse("2001:db8::")), all);
    networks_spend(&networks, all, 5);
    assert_true(pacer_ready(&all->pacer, INT64_MIN / 4));
    networks_deinit(&networks);
}

static void the_fullest_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *ranges[4];
        uint64_t most;
    } cases[] = {
        {{NULL}, 0},
        {{"192.0.2.7"}, 1},
        {{"192.0.2.0/24"}, 256},
        {{"10.0.0.0/8"}, 256},
        {{"192.0.2.250-192.0.3.9"}, 10},
        {{"192.0.2.250-192.0.4.9"}, 256},
        {{"192.0.2.0/30", "192.0.2.8/30", "192.0.2.200-192.0.3.1"}, 64},
        {{"2001:db8::/120", "2001:db8::1:0/112", "2001:db8:0:1::/121"}, 65536 + 256},
        {{"2001:db8::ffff:ffff:ffff:fff0-2001:db8:0:1::3", "192.0.2.0/28"}, 16},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ranges ranges;
        ranges_init(&ranges);
        for (size_t j = 0; j < 4 && cases[i].ranges[j]; j++) {
            struct range range;
            const char *why;
            assert_true(range_parse(cases[i].ranges[j], &range, &why));
            assert_int_equal(ranges_add(&ranges, range), STATUS_OK);
        }
        ranges_normalise(&ranges);
        assert_int_equal(networks_fullest(&ranges), cases[i].most);
        ranges_deinit(&ranges);
    }
}

/* Random ranges over a few /24s, counted one by one. */
static void the_fullest_is_a_models(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct ranges ranges;
        uint64_t counts[6] = {0}, most = 0;
        ranges_init(&ranges);
        for (uint64_t i = roll(6); i > 0; i--) {
            uint32_t first = (uint32_t)roll(6 * 256 - 1), more = (uint32_t)roll(roll(3) ? 40 : 700);
            uint32_t last = first + more < 6 * 256 ? first + more : 6 * 256 - 1;
            struct range range = {address_from_ipv4(UINT32_C(0x0a000000) + first),
                                  address_from_ipv4(UINT32_C(0x0a000000) + last)};
            assert_int_equal(ranges_add(&ranges, range), STATUS_OK);
        }
        ranges_normalise(&ranges);
        for (uint32_t i = 0; i < 6 * 256; i++)
            counts[i / 256] += ranges_contain(&ranges, address_from_ipv4(UINT32_C(0x0a000000) + i));
        for (int i = 0; i < 6; i++)
            most = counts[i] > most ? counts[i] : most;
        assert_int_equal(networks_fullest(&ranges), most);
        double total = 0;
        for (int i = 0; i < 6; i++)
            total += (double)counts[i] * 0.5 < 40 ? (double)counts[i] * 0.5 : 40;
        assert_true(fabs(networks_total(&ranges, 40, 0.5) - total) < 1e-6);
        ranges_deinit(&ranges);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_one_network),
        cmocka_unit_test(without_a_ceiling_nobody_waits),
        cmocka_unit_test(the_fullest_is_counted),
        cmocka_unit_test(the_fullest_is_a_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
