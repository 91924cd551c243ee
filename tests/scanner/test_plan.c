#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/plan.h"
#include "scene.h"

static void read_ports(struct ports *ports, const char *list)
{
    const char *why = "";
    size_t at = 0;
    ports_init(ports);
    assert_int_equal(ports_parse(ports, list, &why, &at), STATUS_OK);
}

static enum status make(struct plan *plan, const struct scene *scene, const char *list, uint64_t seed,
                        uint32_t shard, uint32_t shards)
{
    struct ports wanted;
    read_ports(&wanted, list);
    enum status status = plan_init(plan, scene->authorization, &wanted, seed, shard, shards, false);
    ports_deinit(&wanted);
    return status;
}

static const char two_hospitals[] =
    "[{\"id\":\"a\",\"name\":\"A\",\"ranges\":[\"192.0.2.0/26\",\"2001:db8::/124\"],"
    "\"fragile\":[\"192.0.2.16/28\"]},"
    "{\"id\":\"b\",\"name\":\"B\",\"ranges\":[\"198.51.100.10-198.51.100.20\"]}]";
#define TWO_OTHERS                                                                                           \
    "\"exclude\":[\"192.0.2.5\",\"192.0.2.20/30\",\"2001:db8::f\",\"198.51.100.15-198.51.100.30\"],"
/* 64 - 1 - 4, 16 - 1, 11 - 6 */
#define TWO_ADDRESSES (59 + 15 + 5)

static struct address parse(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

/* Draws every target of every shard: each of them once, none that is excluded. */
static void check_shards(const struct scene *scene, const char *list, size_t ports, uint64_t seed,
                         uint32_t shards)
{
    uint64_t total = TWO_ADDRESSES * ports, drawn = 0;
    unsigned char *seen = calloc(total, 1);
    assert_non_null(seen);
    for (uint32_t shard = 1; shard <= shards; shard++) {
        struct plan plan;
        assert_int_equal(make(&plan, scene, list, seed, shard, shards), STATUS_OK);
        assert_int_equal(plan.total, total);
        for (uint64_t step = 0; step < plan_size(&plan, PLAN_ASKED); step++, drawn++) {
            struct address address, again;
            struct port port, port_again;
            plan_draw(&plan, PLAN_ASKED, step, &address, &port);
            uint64_t number = plan_number(&plan, address, port);
            assert_true(number < total);
            assert_int_equal(seen[number]++, 0);
            plan_target(&plan, number, &again, &port_again);
            assert_int_equal(address_compare(address, again), 0);
            assert_int_equal(port.number, port_again.number);
            const struct permit *permit = NULL;
            assert_int_equal(authorization_permit(scene->authorization, address, port, 1700000000, &permit),
                             REFUSAL_NONE);
            authorization_release(scene->authorization, permit);
        }
        plan_deinit(&plan);
    }
    assert_int_equal(drawn, total);
    free(seen);
}

static void test_every_target_once(void **state)
{
    (void)state;
    static const uint32_t shards[] = {1, 2, 3, 7, 64, 1000};
    struct scene scene;
    scene_init(&scene, two_hospitals, "", TWO_OTHERS);
    for (uint64_t seed = 0; seed < 5; seed++)
        for (size_t i = 0; i < sizeof shards / sizeof shards[0]; i++) {
            check_shards(&scene, "22,80,443,8000-8003", 7, seed, shards[i]);
            check_shards(&scene, "104", 1, seed, shards[i]);
        }
    scene_deinit(&scene);
}

static void test_numbers_are_targets(void **state)
{
    (void)state;
    struct scene scene;
    struct plan plan;
    struct address address;
    struct port port;
    scene_init(&scene, two_hospitals, "", TWO_OTHERS);
    assert_int_equal(make(&plan, &scene, "80,22", 1, 1, 1), STATUS_OK);
    plan_target(&plan, 0, &address, &port);
    assert_int_equal(address_compare(address, parse("192.0.2.0")), 0);
    assert_int_equal(port.number, 22);
    plan_target(&plan, 2 * 5 + 1, &address, &port);
    assert_int_equal(address_compare(address, parse("192.0.2.6")), 0); /* .5 is excluded */
    assert_int_equal(port.number, 80);
    plan_deinit(&plan);
    scene_deinit(&scene);
}

static uint64_t first_drawn(const struct scene *scene, uint64_t seed)
{
    struct plan plan;
    assert_int_equal(make(&plan, scene, "1-1000", seed, 1, 1), STATUS_OK);
    struct address address;
    struct port port;
    plan_draw(&plan, PLAN_ASKED, 0, &address, &port);
    uint64_t number = plan_number(&plan, address, port);
    plan_deinit(&plan);
    return number;
}

static void test_order_is_the_seeds(void **state)
{
    (void)state;
    struct scene scene;
    scene_init(&scene, two_hospitals, "", TWO_OTHERS);
    assert_int_equal(first_drawn(&scene, 5), first_drawn(&scene, 5));
    assert_int_not_equal(first_drawn(&scene, 5), first_drawn(&scene, 6));
    scene_deinit(&scene);
}

static size_t planned_ports(const char *authorization, const char *list)
{
    struct scene scene;
    struct plan plan;
    scene_init(&scene, two_hospitals, authorization, TWO_OTHERS);
    assert_int_equal(make(&plan, &scene, list, 1, 1, 1), STATUS_OK);
    size_t count = plan.ports.count;
    assert_int_equal(plan.total, TWO_ADDRESSES * count);
    assert_int_equal(plan_size(&plan, PLAN_ASKED), plan.total);
    plan_deinit(&plan);
    scene_deinit(&scene);
    return count;
}

static void test_ports_that_are_not_allowed(void **state)
{
    (void)state;
    assert_int_equal(planned_ports("", "22,515,9100-9107"),
                     1); /* printers, unless the scope says otherwise */
    assert_int_equal(planned_ports(",\"exclude_ports\":\"22\"", "22,515"), 1);
    assert_int_equal(planned_ports(",\"ports\":\"80-90\"", "22,80,85,91"), 2);
    assert_int_equal(planned_ports(",\"ports\":\"80-90\",\"exclude_ports\":\"85\"", "22,80,85,91"), 1);
    assert_int_equal(planned_ports("", "22,161/udp"), 1); /* this engine asks TCP only */
    assert_int_equal(planned_ports(",\"ports\":\"80\"", "22"), 0);
}

static void test_nothing_left(void **state)
{
    (void)state;
    struct scene scene;
    struct plan plan;
    scene_init(&scene, "[{\"id\":\"a\",\"name\":\"A\",\"ranges\":[\"192.0.2.0/28\"]}]", "",
               "\"exclude\":[\"192.0.2.0/24\"],");
    assert_int_equal(make(&plan, &scene, "1-65535", 1, 1, 1), STATUS_OK);
    assert_int_equal(plan.total, 0);
    assert_int_equal(plan_size(&plan, PLAN_ASKED), 0);
    plan_deinit(&plan);
    scene_deinit(&scene);
}

/* Fragile addresses stay with the connect engine; each of the others has its step in one shard's sweep. */
static void test_sweep_leaves_fragile_addresses(void **state)
{
    (void)state;
    struct scene scene;
    struct ports wanted;
    uint64_t swept = 0;
    scene_init(&scene, two_hospitals, "", TWO_OTHERS);
    read_ports(&wanted, "22,80,443");
    for (uint32_t shard = 1; shard <= 4; shard++) {
        struct plan plan;
        assert_int_equal(plan_init(&plan, scene.authorization, &wanted, 9, shard, 4, true), STATUS_OK);
        assert_int_equal(plan.orders[PLAN_ASKED].total, (16 - 4) * 3);
        assert_int_equal(plan.orders[PLAN_SWEPT].total, (TWO_ADDRESSES - 12) * 3);
        for (uint64_t step = 0; step < plan_size(&plan, PLAN_SWEPT); step++, swept++) {
            struct address address;
            struct port port;
            const struct permit *permit = NULL;
            plan_draw(&plan, PLAN_SWEPT, step, &address, &port);
            assert_int_equal(plan_step(&plan, address, port.number), step);
            assert_int_equal(authorization_permit(scene.authorization, address, port, 1700000000, &permit),
                             REFUSAL_NONE);
            assert_int_equal(permit_manner(permit), MANNER_NORMAL);
            authorization_release(scene.authorization, permit);
        }
        assert_true(plan_step(&plan, parse("192.0.2.17"), 22) == UINT64_MAX); /* fragile */
        assert_true(plan_step(&plan, parse("192.0.2.5"), 22) == UINT64_MAX);  /* excluded */
        assert_true(plan_step(&plan, parse("192.0.2.1"), 23) == UINT64_MAX);
        assert_true(plan_step(&plan, parse("203.0.113.1"), 22) == UINT64_MAX);
        assert_true(plan_number(&plan, parse("192.0.2.1"), (struct port){23, TRANSPORT_TCP}) == UINT64_MAX);
        assert_true(plan_number(&plan, parse("203.0.113.1"), (struct port){22, TRANSPORT_TCP}) == UINT64_MAX);
        plan_deinit(&plan);
    }
    assert_int_equal(swept, (TWO_ADDRESSES - 12) * 3);
    ports_deinit(&wanted);
    scene_deinit(&scene);
}

static void test_shares(void **state)
{
    (void)state;
    struct scene scene;
    struct plan plan;
    struct plan_share shares[2];
    scene_init(&scene, two_hospitals, "", TWO_OTHERS);
    assert_int_equal(make(&plan, &scene, "22,80,443", 1, 1, 1), STATUS_OK);
    assert_int_equal(plan_shares(&plan, &scene.scope, shares), STATUS_OK);
    assert_string_equal(shares[0].organization->id, "a");
    assert_int_equal(shares[0].addresses, 59 + 15);
    assert_int_equal(shares[0].fragile, 16 - 4);
    assert_int_equal(shares[0].targets, (59 + 15) * 3);
    assert_string_equal(shares[1].organization->id, "b");
    assert_int_equal(shares[1].addresses, 5);
    assert_int_equal(shares[1].fragile, 0);
    assert_int_equal(shares[1].targets, 15);
    plan_deinit(&plan);
    scene_deinit(&scene);
}

static void test_seconds(void **state)
{
    (void)state;
    struct scene scene;
    struct plan plan;
    scene_init_ranges(&scene, "\"192.0.2.0/24\"", "");
    assert_int_equal(make(&plan, &scene, "1-100", 1, 1, 1), STATUS_OK);
    assert_true(plan_seconds(&plan, &(struct plan_rates){1000, 50, 0}, 2, 1) == 25.6);
    assert_true(plan_seconds(&plan, &(struct plan_rates){1000, 50, 0}, 2, 0) == 51.2);
    /* One host alone takes as long, or one network. */
    assert_true(plan_seconds(&plan, &(struct plan_rates){1000000, 50, 0}, 2, 0) == 4);
    assert_true(plan_seconds(&plan, &(struct plan_rates){1000000, 50, 10}, 2, 1) == 2560);
    plan_deinit(&plan);
    scene_deinit(&scene);
}

/* Two plans have one proof only when they draw the same in the same order. */
static void test_proof_tells_orders_apart(void **state)
{
    (void)state;
    struct scene scene;
    uint64_t proofs[6];
    static const struct {
        const char *ports;
        uint64_t seed;
        uint32_t shard, shards;
    } plans[] = {{"22,80,443", 7, 1, 1}, {"22,80,443", 7, 1, 1}, {"22,80,443", 8, 1, 1},
                 {"22,80,444", 7, 1, 1}, {"22,80,443", 7, 1, 2}, {"22,80,443", 7, 2, 2}};
    scene_init(&scene, two_hospitals, "", TWO_OTHERS);
    for (size_t i = 0; i < 6; i++) {
        struct plan plan;
        assert_int_equal(make(&plan, &scene, plans[i].ports, plans[i].seed, plans[i].shard, plans[i].shards),
                         STATUS_OK);
        proofs[i] = plan_proof(&plan);
        for (size_t j = 0; j < i; j++)
            assert_true((proofs[i] == proofs[j]) == (i == 1 && j == 0));
        plan_deinit(&plan);
    }
    scene_deinit(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_target_once),
        cmocka_unit_test(test_numbers_are_targets),
        cmocka_unit_test(test_order_is_the_seeds),
        cmocka_unit_test(test_ports_that_are_not_allowed),
        cmocka_unit_test(test_nothing_left),
        cmocka_unit_test(test_sweep_leaves_fragile_addresses),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_seconds),
        cmocka_unit_test(test_proof_tells_orders_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
