#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scanner/pacer.h"

/* Time is a number here; what is random comes from a fixed seed. */

#define EVENTS 4000

static uint64_t dice = 1;

static uint64_t roll(uint64_t sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (dice >> 33) % sides;
}

/* Whoever asks is late by up to `late_ns`, and sometimes stalls for much longer. */
static void run(struct pacer *pacer, int64_t late_ns, int64_t stall_ns, int64_t times[EVENTS])
{
    int64_t now_ns = 5000000000;
    for (size_t i = 0; i < EVENTS; i++) {
        if (pacer_due(pacer) > now_ns)
            now_ns = pacer_due(pacer);
        now_ns += (int64_t)roll((uint64_t)late_ns + 1);
        if (stall_ns && roll(50) == 0)
            now_ns += (int64_t)roll((uint64_t)stall_ns);
        assert_true(pacer_ready(pacer, now_ns));
        pacer_spend(pacer, now_ns);
        assert_false(pacer_ready(pacer, now_ns) && pacer_due(pacer) > now_ns);
        times[i] = now_ns;
    }
}

static size_t most_in_window(const int64_t times[EVENTS], int64_t window_ns)
{
    size_t most = 0;
    for (size_t first = 0, last = 0; last < EVENTS; last++) {
        while (times[last] - times[first] >= window_ns)
            first++;
        if (last - first + 1 > most)
            most = last - first + 1;
    }
    return most;
}

static const double rates[] = {0.5, 3, 50, 100, 999, 1000, 9999, 20000, 30000, 1e6};
#define RATES (sizeof rates / sizeof rates[0])

static void test_windows(void **state)
{
    (void)state;
    static int64_t times[EVENTS];
    static const int64_t windows[] = {1000000, 10000000, 100000000, 1000000000};
    for (size_t i = 0; i < RATES; i++)
        for (int lateness = 0; lateness < 4; lateness++) {
            struct pacer pacer;
            int64_t interval_ns = (int64_t)(1e9 / rates[i]);
            const int64_t late_ns[] = {0, interval_ns / 2, interval_ns, 3 * interval_ns};
            pacer_init(&pacer, rates[i]);
            run(&pacer, late_ns[lateness], lateness % 2 ? 40 * interval_ns : 0, times);
            for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
                double most = ceil(rates[i] * (double)windows[w] / 1e9) + 2;
                assert_true((double)most_in_window(times, windows[w]) <= most);
            }
        }
}

/* Jitter below an interval does not lower the rate. */
static void test_lateness_is_made_good(void **state)
{
    (void)state;
    static int64_t times[EVENTS];
    for (size_t i = 0; i < RATES; i++) {
        struct pacer pacer;
        int64_t interval_ns = (int64_t)(1e9 / rates[i]);
        pacer_init(&pacer, rates[i]);
        run(&pacer, interval_ns - 1, 0, times);
        double spent = (double)(times[EVENTS - 1] - times[0]);
        assert_true(spent <= (double)(EVENTS + 1) * ((double)interval_ns + 1));
        assert_true(spent >= (double)(EVENTS - 2) * 1e9 / rates[i]);
    }
}

/* Of a stall no more than an interval is. */
static void test_a_stall_costs_what_is_beyond(void **state)
{
    (void)state;
    struct pacer pacer;
    pacer_init(&pacer, 1000);
    pacer_spend(&pacer, 0);
    pacer_spend(&pacer, 3500000); /* 2.5 intervals late */
    assert_true(pacer_due(&pacer) == 3500000);
    pacer_spend(&pacer, 3500000);
    assert_true(pacer_due(&pacer) == 4500000);
}

static void test_a_stall_is_not_made_good(void **state)
{
    (void)state;
    struct pacer pacer;
    pacer_init(&pacer, 1000);
    pacer_spend(&pacer, 0);
    pacer_spend(&pacer, 3600000000000);
    assert_true(pacer_due(&pacer) == 3600001000000);
}

static void test_first_is_at_once(void **state)
{
    (void)state;
    struct pacer pacer;
    pacer_init(&pacer, 0.01);
    assert_true(pacer_ready(&pacer, 0));
    pacer_spend(&pacer, 0);
    assert_false(pacer_ready(&pacer, 99999999999));
    assert_true(pacer_ready(&pacer, 100000000000));
}

static void test_strict_keeps_its_distance(void **state)
{
    (void)state;
    static int64_t times[EVENTS];
    for (size_t i = 0; i < RATES; i++) {
        struct pacer pacer;
        int64_t interval_ns = (int64_t)(1e9 / rates[i]);
        pacer_init_strict(&pacer, rates[i]);
        run(&pacer, interval_ns, 5 * interval_ns, times);
        for (size_t e = 1; e < EVENTS; e++)
            assert_true(times[e] - times[e - 1] >= interval_ns);
    }
}

static void test_rest(void **state)
{
    (void)state;
    struct pacer pacer;
    pacer_init_strict(&pacer, 1);
    pacer_spend(&pacer, 0);
    pacer_rest(&pacer, 700000000);
    assert_true(pacer_due(&pacer) == 1700000000);
    pacer_rest(&pacer, 100000000); /* never nearer */
    assert_true(pacer_due(&pacer) == 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_lateness_is_made_good),
        cmocka_unit_test(test_a_stall_costs_what_is_beyond),
        cmocka_unit_test(test_a_stall_is_not_made_good),
        cmocka_unit_test(test_first_is_at_once),
        cmocka_unit_test(test_strict_keeps_its_distance),
        cmocka_unit_test(test_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
