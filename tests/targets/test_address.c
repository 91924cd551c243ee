#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "targets/address.h"

static bool parse(const char *text, struct address *address)
{
    /* Storage of the exact size, so that a read behind the length is seen. */
    size_t length = strlen(text);
    char *exact = malloc(length ? length : 1);
    assert_non_null(exact);
    memcpy(exact, text, length);
    bool parsed = address_parse(exact, length, address);
    free(exact);
    return parsed;
}

static struct address parsed(const char *text)
{
    struct address address;
    assert_true(parse(text, &address));
    return address;
}

static void assert_same(struct address a, struct address b)
{
    assert_int_equal(address_compare(a, b), 0);
}

static void ipv4_is_read_in_full_only(void **state)
{
    (void)state;
    struct address address;
    static const char *const wrong[] = {
        "",           "1",       "1.2.3",     "1.2.3.4.5", "1.2.3.256", "1.2.3.04",  "01.2.3.4",  "1.2.3.4 ",
        " 1.2.3.4",   "1.2.3.",  ".1.2.3",    "1..2.3",    "1.2.3.-4",  "1.2.3.4/8", "0x1.2.3.4", "1.2.3.4a",
        "1.2.3.1000", "1,2,3,4", "1.2.3.4\n", "00.0.0.0",  "１.2.3.4",  "1.2.3.+4"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(parse(wrong[i], &address));
    assert_false(address_parse("1.2.3.4\0", 8, &address));
    assert_false(address_parse("1.2\0.3.4", 8, &address));
    assert_same(parsed("1.2.3.4"), address_from_ipv4(0x01020304));
    assert_same(parsed("0.0.0.0"), address_from_ipv4(0));
    assert_same(parsed("255.255.255.255"), address_from_ipv4(0xffffffff));
    assert_true(address_is_ipv4(parsed("10.0.0.1")));
}

static void ipv6_is_read_without_zone(void **state)
{
    (void)state;
    struct address address;
    static const char *const wrong[] = {":",
                                        ":::",
                                        "1:2",
                                        "fe80::1%eth0",
                                        "fe80::1%1",
                                        "::g",
                                        "1::2::3",
                                        "12345::",
                                        "1:2:3:4:5:6:7:8:9",
                                        "[::1]",
                                        "::1/128",
                                        "::1.2.3",
                                        "::1.2.3.256",
                                        "1:2:3:4:5:6:7:",
                                        " ::1",
                                        "::1 ",
                                        "::01.2.3.4",
                                        "2001:db8::1:2001:db8::1:2001:db8::1:0:0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(parse(wrong[i], &address));
    address = parsed("2001:db8::1");
    assert_true(address.high == UINT64_C(0x20010db800000000) && address.low == 1);
    assert_false(address_is_ipv4(address));
    assert_same(parsed("2001:DB8:0:0:0:0:0:1"), address);
    assert_same(parsed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), (struct address){UINT64_MAX, UINT64_MAX});
    assert_same(parsed("::"), (struct address){0, 0});
}

static void mapped_is_ipv4(void **state)
{
    (void)state;
    assert_same(parsed("::ffff:192.0.2.1"), parsed("192.0.2.1"));
    assert_same(parsed("::FFFF:c000:0201"), parsed("192.0.2.1"));
    assert_false(address_is_ipv4(parsed("::fffe:ffff:ffff")));
    assert_false(address_is_ipv4(parsed("::1:0:0:0")));
}

static void assert_form(const char *text, const char *canonical)
{
    char form[ADDRESS_TEXT_MAX];
    address_format(parsed(text), form);
    assert_string_equal(form, canonical);
}

static void assert_with_port(const char *text, uint16_t port, const char *wanted)
{
    char form[ADDRESS_PORT_TEXT_MAX];
    address_format_port(parsed(text), port, form);
    assert_string_equal(form, wanted);
}

static void a_port_stands_behind_brackets_where_there_are_colons(void **state)
{
    (void)state;
    assert_with_port("192.0.2.1", 443, "192.0.2.1:443");
    assert_with_port("2001:db8::1", 65535, "[2001:db8::1]:65535");
    assert_with_port("::ffff:192.0.2.1", 1, "192.0.2.1:1");
    assert_with_port("192.0.2.1", 0, "192.0.2.1");
    assert_with_port("2001:db8::1", 0, "2001:db8::1");
    assert_with_port("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535,
                     "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

/* The examples are those of RFC 5952 §4 and the corners of its rules. */
static void form_is_canonical(void **state)
{
    (void)state;
    assert_form("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
    assert_form("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
    assert_form("2001:0db8:0:0:0:0:2:1", "2001:db8::2:1");
    assert_form("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");
    assert_form("2001:db8::AAAA", "2001:db8::aaaa");
    assert_form("0:0:0:0:0:0:0:0", "::");
    assert_form("0:0:0:0:0:0:0:1", "::1");
    assert_form("1:0:0:0:0:0:0:0", "1::");
    assert_form("0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7");
    assert_form("1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0");
    assert_form("0:0:1:2:3:4:0:0", "::1:2:3:4:0:0");
    assert_form("::1.2.3.4", "::102:304");
    assert_form("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    assert_form("::ffff:10.0.0.1", "10.0.0.1");
    assert_form("255.255.255.255", "255.255.255.255");
}

/* Zero groups often, so that the runs come in every place. */
static struct address random_address(struct random *random)
{
    struct address address = {0, 0};
    for (int i = 0; i < 8; i++) {
        uint64_t group = random_chance(random, 2) ? 0 : random_below(random, 0x10000);
        address.high = address.high << 16 | address.low >> 48;
        address.low = address.low << 16 | group;
    }
    return address;
}

static void form_reads_back_and_agrees_with_the_library(void **state)
{
    (void)state;
    struct random random = {7};
    for (int i = 0; i < 50000; i++) {
        struct address address = random_address(&random);
        char form[ADDRESS_TEXT_MAX];
        address_format(address, form);
        assert_same(parsed(form), address);
        struct in6_addr raw;
        char theirs[INET6_ADDRSTRLEN];
        assert_int_equal(inet_pton(AF_INET6, form, &raw), address_is_ipv4(address) ? 0 : 1);
        if (address_is_ipv4(address))
            continue;
        inet_ntop(AF_INET6, &raw, theirs, sizeof theirs);
        if (!strchr(theirs, '.'))
            assert_string_equal(form, theirs);
    }
}

static void steps_carry_and_borrow(void **state)
{
    (void)state;
    assert_same(address_next((struct address){5, UINT64_MAX}), (struct address){6, 0});
    assert_same(address_next((struct address){UINT64_MAX, UINT64_MAX}), (struct address){0, 0});
    assert_same(address_add((struct address){1, UINT64_MAX - 1}, 5), (struct address){2, 3});
    assert_true(address_distance((struct address){1, 5}, (struct address){2, 4}) == UINT64_MAX);
    assert_true(address_distance((struct address){1, 6}, (struct address){2, 5}) == UINT64_MAX);
    assert_true(address_distance((struct address){1, 7}, (struct address){2, 5}) == UINT64_MAX - 1);
    assert_true(address_distance((struct address){1, 5}, (struct address){3, 5}) == UINT64_MAX);
    assert_true(address_distance((struct address){9, 5}, (struct address){9, 5}) == 0);
    struct random random = {11};
    for (int i = 0; i < 10000; i++) {
        struct address a = random_address(&random);
        uint64_t n = random_next(&random) >> random_below(&random, 64);
        struct address b = address_add(a, n);
        if (address_compare(a, b) <= 0)
            assert_true(address_distance(a, b) == n);
    }
}

static void order_puts_ipv4_between_its_neighbours(void **state)
{
    (void)state;
    assert_true(address_compare(parsed("::fffe:ffff:ffff"), parsed("0.0.0.0")) < 0);
    assert_true(address_compare(parsed("255.255.255.255"), parsed("::1:0:0:0")) < 0);
    assert_true(address_compare(parsed("10.0.0.2"), parsed("10.0.0.10")) < 0);
    assert_true(address_compare(parsed("2001:db8::"), parsed("2001:db7:ffff:ffff::")) > 0);
}

static void sockaddr_goes_there_and_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"127.0.0.1", "::1", "2001:db8::abcd"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sockaddr_storage storage;
        struct address back;
        uint16_t port = 0;
        socklen_t length = address_to_sockaddr(parsed(texts[i]), 8080, &storage);
        assert_int_equal(length, i == 0 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        assert_true(address_from_sockaddr((struct sockaddr *)&storage, &back, &port));
        assert_same(back, parsed(texts[i]));
        assert_int_equal(port, 8080);
    }
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct address address;
    uint16_t port;
    assert_false(address_from_sockaddr(&other, &address, &port));
}

static void assert_why(const char *text, const char *why)
{
    const char *found = address_not_unicast(parsed(text));
    if (why && found)
        assert_string_equal(found, why);
    else
        assert_ptr_equal(found, why);
}

static void what_is_not_unicast_is_named(void **state)
{
    (void)state;
    static const char *const legal[] = {"1.0.0.0",     "223.255.255.255",      "127.0.0.1",  "10.0.0.0",
                                        "192.168.1.1", "169.254.1.1",          "100.64.0.1", "::1",
                                        "fc00::1",     "2001:db8::1",          "::1:0:0:0",  "fe00::1",
                                        "fec0::1",     "feff:ffff:ffff:ffff::"};
    for (size_t i = 0; i < sizeof legal / sizeof *legal; i++)
        assert_why(legal[i], NULL);
    assert_why("0.0.0.0", "unspecified");
    assert_why("0.255.255.255", "reserved");
    assert_why("224.0.0.0", "multicast");
    assert_why("239.255.255.255", "multicast");
    assert_why("240.0.0.0", "reserved");
    assert_why("255.255.255.254", "reserved");
    assert_why("255.255.255.255", "broadcast");
    assert_why("::", "unspecified");
    assert_why("::2", "reserved");
    assert_why("::ffff:ffff", "reserved");
    assert_why("fe80::1", "link-local");
    assert_why("febf:ffff::", "link-local");
    assert_why("ff02::1", "multicast");
    assert_why("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "multicast");
}

static void a_span_names_the_address_that_spoils_it(void **state)
{
    (void)state;
    struct address at;
    assert_string_equal(address_span_not_unicast(parsed("223.0.0.0"), parsed("225.0.0.0"), &at), "multicast");
    assert_same(at, parsed("224.0.0.0"));
    assert_string_equal(address_span_not_unicast(parsed("0.0.0.7"), parsed("1.0.0.0"), &at), "reserved");
    assert_same(at, parsed("0.0.0.7"));
    assert_null(address_span_not_unicast(parsed("1.0.0.0"), parsed("223.255.255.255"), &at));
    assert_null(address_span_not_unicast(parsed("::1"), parsed("::1"), &at));
    assert_non_null(address_span_not_unicast(parsed("::1"), parsed("::2"), &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_is_read_in_full_only),
        cmocka_unit_test(ipv6_is_read_without_zone),
        cmocka_unit_test(mapped_is_ipv4),
        cmocka_unit_test(form_is_canonical),
        cmocka_unit_test(a_port_stands_behind_brackets_where_there_are_colons),
        cmocka_unit_test(form_reads_back_and_agrees_with_the_library),
        cmocka_unit_test(steps_carry_and_borrow),
        cmocka_unit_test(order_puts_ipv4_between_its_neighbours),
        cmocka_unit_test(sockaddr_goes_there_and_back),
        cmocka_unit_test(what_is_not_unicast_is_named),
        cmocka_unit_test(a_span_names_the_address_that_spoils_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
