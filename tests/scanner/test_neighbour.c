#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/dlt.h>
#include <string.h>

#include "scanner/neighbour.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const uint8_t own[6] = {2, 0, 0, 0, 0, 7}, other[6] = {2, 0, 0, 0, 0, 9},
                     third[6] = {2, 0, 0, 0, 0, 11};

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static void who_has_is_asked_by_arp(void **state)
{
    (void)state;
    static const uint8_t right[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0,   7, 8, 6,
                                    0,    1,    8,    0,    6,    4,    0, 1, 2, 0, 0,   0, 0, 7,
                                    203,  0,    113,  1,    0,    0,    0, 0, 0, 0, 192, 0, 2, 5};
    uint8_t frame[NEIGHBOUR_FRAME_MAX];
    assert_int_equal(neighbour_question(address_of("192.0.2.5"), address_of("203.0.113.1"), own, frame),
                     sizeof right);
    assert_memory_equal(frame, right, sizeof right);
}

static void who_has_is_asked_by_neighbour_discovery(void **state)
{
    (void)state;
    static const uint8_t head[] = {0x33, 0x33, 0xff, 0x34, 0x56, 0x78, 2, 0, 0,  0,  0,
                                   7,    0x86, 0xdd, 0x60, 0,    0,    0, 0, 32, 58, 255};
    static const uint8_t option[] = {1, 1, 2, 0, 0, 0, 0, 7};
    uint8_t frame[NEIGHBOUR_FRAME_MAX];
    struct address target = address_of("2001:db8::1234:5678"), group = address_of("ff02::1:ff34:5678");
    assert_int_equal(neighbour_question(target, address_of("2001:db8:f::1"), own, frame),
                     NEIGHBOUR_FRAME_MAX);
    assert_memory_equal(frame, head, sizeof head);
    uint32_t sum = 58 + 32;
    uint8_t bytes[16];
    for (int i = 0; i < 16; i++)
        bytes[i] = (uint8_t)(i < 8 ? group.high >> (56 - 8 * i) : group.low >> (120 - 8 * i));
    assert_memory_equal(frame + 38, bytes, 16);
    assert_memory_equal(frame + 78, option, sizeof option);
    for (int i = 22; i < NEIGHBOUR_FRAME_MAX; i += 2)
        sum += (uint32_t)(frame[i] << 8 | frame[i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal(sum, 0xffff);
}

/* Neighbours of routes, some of which were asked for. */
struct trial {
    struct netlink netlink;
    struct neighbours neighbours;
};

static void hear(struct trial *trial, unsigned device, const char *own_text, const char *text,
                 const uint8_t hardware[6])
{
    neighbours_hear(&trial->neighbours, device, address_of(own_text), address_of(text), hardware);
}

static struct neighbour *find(struct trial *trial, const struct route *route, const char *text)
{
    return neighbours_find(&trial->neighbours, route, address_of(text));
}

static void what_is_heard_is_kept_where_it_belongs(void **state)
{
    (void)state;
    struct trial trial;
    const char *const me = "192.0.2.14", *const me6 = "2001:db8::e";
    /* Devices of numbers that no interface of this machine has. */
    struct route items[] = {
        {.range = {address_of("192.0.2.0"), address_of("192.0.2.15")}, .kind = ROUTE_LINK, .device = 900001},
        {.range = {address_of("198.51.100.0"), address_of("198.51.100.255")},
         .kind = ROUTE_GATEWAY,
         .device = 900001,
         .gateway = address_of("192.0.2.3")},
        {.range = {address_of("203.0.113.0"), address_of("203.0.113.1")}, .kind = ROUTE_NONE},
        {.range = {address_of("2001:db8::"), address_of("2001:db8::f")},
         .kind = ROUTE_LINK,
         .device = 900002}};
    struct routes routes = {items, COUNT(items), COUNT(items)};
    items[0].source = items[1].source = address_of(me);
    items[3].source = address_of(me6);
    assert_int_equal(netlink_init(&trial.netlink), STATUS_OK);
    assert_int_equal(neighbours_init(&trial.neighbours, &trial.netlink, &routes), STATUS_OK);
    struct neighbour *target = find(&trial, &items[0], "192.0.2.3"),
                     *router = find(&trial, &items[1], "198.51.100.9"),
                     *target6 = find(&trial, &items[3], "2001:db8::f");
    /* Whom nobody asked for: forged. */
    hear(&trial, 900001, me, "192.0.2.3", third);
    hear(&trial, 900002, me6, "2001:db8::f", third);
    assert_int_equal(target->state, NEIGHBOUR_UNKNOWN);
    assert_int_equal(router->state, NEIGHBOUR_UNKNOWN);
    assert_int_equal(target6->state, NEIGHBOUR_UNKNOWN);
    router->asked = target6->asked = true;
    /* Another device's, to another than who asked, a group's, nobody's, and one's who is no target: none is taken. */
    static const uint8_t group[6] = {1, 0, 0, 0, 0, 9}, none[6] = {0};
    hear(&trial, 900002, me, "192.0.2.3", other);
    hear(&trial, 900001, "192.0.2.3", "192.0.2.3", other);
    hear(&trial, 900001, me, "192.0.2.3", group);
    hear(&trial, 900001, me, "192.0.2.3", none);
    hear(&trial, 900001, me, "192.0.2.77", other);
    hear(&trial, 900001, me, "192.0.2.4", other);
    for (unsigned last = 0; last < 16; last++)
        assert_int_equal(
            neighbours_find(&trial.neighbours, &items[0], address_from_ipv4(0xc0000200 + last))->state,
            NEIGHBOUR_UNKNOWN);
    hear(&trial, 900001, me, "192.0.2.3", other);
    hear(&trial, 900001, me, "192.0.2.3", third);
    hear(&trial, 900002, me6, "2001:db8::f", third);
    /* It is a target and a router too. */
    assert_memory_equal(target->hardware, other, 6);
    assert_memory_equal(router->hardware, other, 6);
    assert_memory_equal(target6->hardware, third, 6);
    assert_int_equal(find(&trial, &items[3], "2001:db8::e")->state, NEIGHBOUR_UNKNOWN);
    neighbours_deinit(&trial.neighbours);
    netlink_deinit(&trial.netlink);
}

static void more_than_can_be_kept_is_refused(void **state)
{
    (void)state;
    struct netlink netlink;
    struct neighbours neighbours;
    struct route wide = {.range = {address_of("2001:db8::"), address_of("2001:db8::ffff:ffff")},
                         .kind = ROUTE_LINK};
    struct routes routes = {&wide, 1, 1};
    assert_int_equal(netlink_init(&netlink), STATUS_OK);
    assert_int_equal(neighbours_init(&neighbours, &netlink, &routes), STATUS_LIMIT);
    netlink_deinit(&netlink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_is_asked_by_arp),
        cmocka_unit_test(who_has_is_asked_by_neighbour_discovery),
        cmocka_unit_test(what_is_heard_is_kept_where_it_belongs),
        cmocka_unit_test(more_than_can_be_kept_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
