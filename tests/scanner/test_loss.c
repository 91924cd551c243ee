#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scanner/loss.h"

#define SECOND INT64_C(1000000000)

static void look(struct loss *loss, struct wire_counters *counters, struct sweep_totals *totals,
                 uint64_t heard, uint64_t lost, int64_t *now_ns)
{
    counters->sent += 1000;
    counters->heard += heard;
    counters->lost_in += lost;
    *now_ns += LOSS_LOOK_NS;
    assert_true(loss_due(loss, *now_ns));
    loss_look(loss, counters, totals, *now_ns);
    assert_false(loss_due(loss, *now_ns));
}

static void the_rate_falls_and_comes_back(void **state)
{
    (void)state;
    struct loss loss;
    struct wire_counters counters = {0};
    struct sweep_totals totals = {0};
    int64_t now_ns = SECOND;
    loss_init(&loss, now_ns);
    look(&loss, &counters, &totals, 500, 0, &now_ns);
    assert_true(loss.factor == 1 && !loss.seen);
    look(&loss, &counters, &totals, 400, 100, &now_ns);
    assert_true(loss.factor == 0.5 && loss.seen);
    look(&loss, &counters, &totals, 400, 100, &now_ns);
    assert_true(loss.factor == 0.25);
    for (int i = 0; i < 100; i++)
        look(&loss, &counters, &totals, 0, 100, &now_ns);
    assert_true(loss.factor == LOSS_FACTOR_MIN);
    for (int i = 0; i < 1000; i++)
        look(&loss, &counters, &totals, 500, 0, &now_ns);
    assert_true(loss.factor == 1 && loss.seen);
}

/* A handful proves nothing; what is lost on the way out counts; and so does an answer that only the retry brought. */
static void what_counts(void **state)
{
    (void)state;
    struct loss loss;
    struct wire_counters counters = {0};
    struct sweep_totals totals = {0};
    int64_t now_ns = SECOND;
    loss_init(&loss, now_ns);
    look(&loss, &counters, &totals, 5, 5, &now_ns);
    assert_true(loss.factor == 1);
    counters.lost_out += 500;
    look(&loss, &counters, &totals, 100, 0, &now_ns);
    assert_true(loss.factor == 0.5);
    totals.first += 900;
    totals.later += 100;
    look(&loss, &counters, &totals, 100, 0, &now_ns);
    assert_true(loss.factor == 0.25);
}

static void what_counters_say_in_all(void **state)
{
    (void)state;
    const struct wire_counters none = {0}, some = {.sent = 900, .lost_out = 100, .heard = 75, .lost_in = 25};
    assert_true(loss_counted(&none) == 0);
    assert_true(loss_counted(&some) > 1 - 0.9 * 0.75 - 1e-12 && loss_counted(&some) < 1 - 0.9 * 0.75 + 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_falls_and_comes_back),
        cmocka_unit_test(what_counts),
        cmocka_unit_test(what_counters_say_in_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
