#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scoring/feeds/happenings.h"

static const char organization[] = "h001";

static struct happening_place place(uint32_t number, uint32_t rule)
{
    return (struct happening_place){.organization = organization,
                                    .address = address_from_ipv4(number),
                                    .item = 1,
                                    .rule = rule,
                                    .placed = 1};
}

/* A thousand hosts, each as often as its number says; two rules each. */
static void test_count(void **state)
{
    (void)state;
    struct happenings happenings;
    struct happening *happening = NULL;
    assert_int_equal(happenings_init(&happenings), STATUS_OK);
    for (uint32_t round = 0; round < 20; round++)
        for (uint32_t i = 0; i < 1000; i++)
            for (uint32_t rule = 0; rule < 2 && i % 20 >= round; rule++) {
                struct happening_place at = place(i, rule);
                assert_int_equal(happenings_add(&happenings, &at, round, (int)(round % 5), &happening),
                                 STATUS_OK);
                assert_int_equal(happening->events, round + 1);
            }
    assert_int_equal(happenings.count, 2000);
    for (size_t i = 0; i < 2000; i++) {
        happening = happenings_at(&happenings, i);
        assert_int_equal(happening->place.address.low, address_from_ipv4((uint32_t)(i / 2)).low);
        assert_int_equal(happening->first_ms, 0);
        assert_int_equal(happening->last_ms, i / 2 % 20);
        assert_int_equal(happening->events, i / 2 % 20 + 1);
    }
    happenings_deinit(&happenings);
}

static void test_merge(void **state)
{
    (void)state;
    struct happenings happenings;
    struct happening *happening = NULL;
    struct happening_place one = place(1, 7), any = place(1, HAPPENINGS_ANY_RULE);
    assert_int_equal(happenings_init(&happenings), STATUS_OK);
    assert_int_equal(happenings_add(&happenings, &one, 5, 2, &happening), STATUS_OK);
    assert_int_equal(happenings_merge(&happenings, &any, happening), STATUS_OK);
    assert_int_equal(happenings_add(&happenings, &any, 9, 1, &happening), STATUS_OK);
    assert_true(happening->events == 2 && happening->first_ms == 5 && happening->last_ms == 9 &&
                happening->confidence == 2);
    happenings_deinit(&happenings);
}

/* The cap is said, and what was there still counts. */
static void test_cap(void **state)
{
    (void)state;
    struct happenings happenings;
    struct happening *happening = NULL;
    assert_int_equal(happenings_init(&happenings), STATUS_OK);
    for (uint32_t i = 0; i < HAPPENINGS_MAX; i++) {
        struct happening_place at = place(i, 0);
        assert_int_equal(happenings_add(&happenings, &at, 0, 0, &happening), STATUS_OK);
    }
    struct happening_place more = place(HAPPENINGS_MAX, 0), known = place(3, 0);
    assert_int_equal(happenings_add(&happenings, &more, 0, 0, &happening), STATUS_LIMIT);
    assert_int_equal(happenings_add(&happenings, &known, 0, 0, &happening), STATUS_OK);
    assert_int_equal(happening->events, 2);
    happenings_deinit(&happenings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
