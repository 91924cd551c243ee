#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scanner/loss.h"

#define SECOND INT64_C(1000000000)

/* What is looked at, and when. */
struct watch {
    struct loss loss;
    struct wire_counters counters;
    struct sweep sweep;
    int64_t now_ns;
};

static void begin(struct watch *watch)
{
    *watch = (struct watch){.now_ns = SECOND};
    loss_init(&watch->loss, watch->now_ns);
}

static void look(struct watch *watch, uint64_t heard, uint64_t lost)
{
    watch->counters.sent += 1000;
    watch->counters.heard += heard;
    watch->counters.lost_in += lost;
    watch->now_ns += LOSS_LOOK_NS;
    assert_true(loss_due(&watch->loss, watch->now_ns));
    watch->sweep.totals.frames += 200; /* as many as were asked for */
    loss_look(&watch->loss, &watch->counters, &watch->sweep, 1000, watch->now_ns);
    assert_false(loss_due(&watch->loss, watch->now_ns));
}

static void the_rate_falls_and_comes_back(void **state)
{
    (void)state;
    struct watch watch;
    begin(&watch);
    look(&watch, 500, 0);
    assert_true(watch.loss.factor == 1 && !watch.loss.seen);
    look(&watch, 300, 100);
    assert_true(watch.loss.factor == 0.5 * 0.75 && watch.loss.seen);
    look(&watch, 300, 100);
    assert_true(watch.loss.factor == 0.25 * 0.75 * 0.75);
    for (int i = 0; i < 100; i++)
        look(&watch, 0, 100);
    assert_true(watch.loss.factor == LOSS_FACTOR_MIN);
    double low = watch.loss.factor;
    for (int i = 0; i < 50; i++) /* nothing is heard of what happens now */
        look(&watch, 500, 0);
    assert_true(watch.loss.factor == low);
    look(&watch, 500, 0);
    assert_true(watch.loss.factor == low * 1.25); /* and still nothing after five seconds */
    for (int i = 0; i < 1000; i++) {
        watch.sweep.fresh.asked_again += 10;
        watch.sweep.fresh.answered_again += 10;
        look(&watch, 500, 0);
    }
    assert_true(watch.loss.factor == 1 && watch.loss.seen);
}

/* Where less leaves than was asked for, the rate falls below that. */
static void it_falls_below_what_left(void **state)
{
    (void)state;
    struct loss loss;
    const struct wire_counters counters = {.sent = 2000, .heard = 500, .lost_in = 500};
    struct sweep sweep = {.totals = {.frames = 2000}};
    loss_init(&loss, 0);
    loss_look(&loss, &counters, &sweep, 1e6, LOSS_LOOK_NS);
    /* 20 000 a second left, half of the answers came: half of that, and no more than the 5 000 that were heard. */
    assert_true(loss.factor > 0.00499 && loss.factor < 0.00501);
}

/* A handful proves nothing; what is lost on the way out counts; and so does an answer that only the retry brought. */
static void what_counts(void **state)
{
    (void)state;
    struct watch watch;
    begin(&watch);
    look(&watch, 5, 5);
    assert_true(watch.loss.factor == 1);
    watch.counters.lost_out += 1000;
    look(&watch, 100, 0);
    assert_true(watch.loss.factor == 0.25);
    watch.sweep.fresh.known = 300;
    watch.sweep.fresh.later = 100;
    watch.sweep.cursors[1] = 5000;
    look(&watch, 100, 0);
    assert_true(watch.loss.factor == 0.25 * 0.375);
    assert_int_equal(watch.sweep.fresh.later, 0); /* that was at another rate */
    assert_int_equal(watch.sweep.fresh.since, 5000);
    look(&watch, 100, 0);
    assert_true(watch.loss.factor == 0.25 * 0.375);
    watch.sweep.fresh.asked_again = 100;
    watch.sweep.fresh.answered_again = 75;
    look(&watch, 100, 0);
    assert_true(watch.loss.factor == 0.25 &&
                watch.loss.usual == 0.25); /* as much at less than half the rate: it is given back */
}

/* n known answers asked again, of which so many did not come. */
static void sampled(struct sweep *sweep, uint64_t asked, uint64_t missed)
{
    sweep->fresh.asked_again += asked;
    sweep->fresh.answered_again += asked - missed;
}

/* What is lost at half the rate as before is not the rate's doing. */
static void what_is_lost_by_chance_slows_nothing(void **state)
{
    (void)state;
    struct watch watch;
    begin(&watch);
    sampled(&watch.sweep, 100, 20);
    look(&watch, 100, 0);
    assert_true(watch.loss.factor == 0.5 * 0.8);
    sampled(&watch.sweep, 40, 8);
    look(&watch, 100, 0);
    assert_true(watch.loss.factor == 0.5 * 0.8); /* too few to judge by, so it does not fall on either */
    sampled(&watch.sweep, 80, 16);
    look(&watch, 100, 0);
    assert_true(watch.loss.factor == 1 && watch.loss.usual == 0.2);
    for (int i = 0; i < 100; i++) {
        sampled(&watch.sweep, 20, 4);
        look(&watch, 100, 0);
        assert_true(watch.loss.factor == 1);
    }
    sampled(&watch.sweep, 1000, 600); /* more than usual */
    look(&watch, 100, 0);
    assert_true(watch.loss.factor < 0.5 && watch.loss.trial_lost > 0.3);
    sampled(&watch.sweep, 100, 20);
    look(&watch, 100, 0);
    assert_true(watch.loss.factor < 0.5 && watch.loss.trial_lost == 0); /* that fall was of use */
    for (int i = 0; i < 200; i++) {
        sampled(&watch.sweep, 20, 0);
        look(&watch, 100, 0);
    }
    assert_true(watch.loss.factor == 1 && watch.loss.usual == 0);
}

/* A place far too narrow loses much after a fall, too; less than before says that it was of use. */
static void a_narrow_place_is_no_chance(void **state)
{
    (void)state;
    struct watch watch;
    begin(&watch);
    double factor = 1;
    for (uint64_t missed = 980; missed > 700; missed -= 100) {
        sampled(&watch.sweep, 1000, missed);
        look(&watch, 0, 0);
        assert_true(watch.loss.factor < factor && watch.loss.usual == 0);
        factor = watch.loss.factor;
        sampled(&watch.sweep, 100, missed / 40); /* a quarter of it is left */
        look(&watch, 0, 0);
        assert_true(watch.loss.factor == factor && watch.loss.trial_lost == 0);
    }
}

/* Where few targets answer, few answers are no sign of a narrow place. */
static void few_answers_are_no_narrow_place(void **state)
{
    (void)state;
    struct watch watch;
    begin(&watch);
    watch.sweep = (struct sweep){.totals = {.first = 100}, .cursors = {0, 100000, 50000}};
    watch.counters.heard = 1;
    sampled(&watch.sweep, 50, 10);
    look(&watch, 1, 0);
    assert_true(watch.loss.factor == 0.5 * 0.8);
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
        cmocka_unit_test(it_falls_below_what_left),
        cmocka_unit_test(what_counts),
        cmocka_unit_test(what_is_lost_by_chance_slows_nothing),
        cmocka_unit_test(a_narrow_place_is_no_chance),
        cmocka_unit_test(few_answers_are_no_narrow_place),
        cmocka_unit_test(what_counters_say_in_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
