#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scanner/trail.h"

#define SPAN INT64_C(1000000000)

static void it_tells_where_one_was(void **state)
{
    (void)state;
    static struct trail trail;
    trail_init(&trail, SPAN);
    assert_int_equal(trail_at(&trail, SPAN, 7), 7); /* nothing is known */
    for (uint64_t i = 1; i <= 100; i++)
        trail_note(&trail, i * 10, (int64_t)i * SPAN / 10);
    assert_int_equal(trail_at(&trail, SPAN, 0), 100);
    assert_int_equal(trail_at(&trail, SPAN, 100),
                     100); /* what was told is forgotten, and the caller's floor stands */
    assert_true(trail_passed(&trail, 500) == 51 * SPAN / 10);
    assert_true(trail_passed(&trail, 1000) == INT64_MAX);
    assert_int_equal(trail_at(&trail, 1000 * SPAN, 100), 1000);
}

/* Notes come faster than there are marks: nothing may count as older than it is, and little as much younger. */
static void rounding_makes_nothing_older(void **state)
{
    (void)state;
    static struct trail trail;
    uint64_t floor = 0;
    trail_init(&trail, SPAN);
    for (int64_t now_ns = 0; now_ns < 5 * SPAN; now_ns += 1000) {
        trail_note(&trail, (uint64_t)(now_ns / 1000) + 1,
                   now_ns); /* place p was passed at (p - 1) microseconds */
        floor = trail_at(&trail, now_ns - SPAN, floor);
        uint64_t truth = now_ns < SPAN ? 0 : (uint64_t)((now_ns - SPAN) / 1000) + 1;
        assert_true(floor <= truth);
        assert_true(floor + 5000 >= truth); /* grain: a five hundredth of the span */
    }
}

/* One that nobody follows for long keeps to its ring. */
static void it_never_runs_over(void **state)
{
    (void)state;
    static struct trail trail;
    trail_init(&trail, SPAN);
    for (uint64_t i = 1; i <= 10 * TRAIL_MARKS; i++)
        trail_note(&trail, i, (int64_t)i * SPAN);
    assert_int_equal(trail.count, TRAIL_MARKS);
    assert_int_equal(trail_at(&trail, INT64_MAX, 0), 10 * TRAIL_MARKS);
    assert_int_equal(trail.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_where_one_was),
        cmocka_unit_test(rounding_makes_nothing_older),
        cmocka_unit_test(it_never_runs_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
