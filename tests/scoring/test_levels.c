#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "scoring/levels.h"

static const struct catalogue printed = {.frequency = FREQUENCY_PRINTED, .log_base = 2};
static const struct catalogue continuous = {.frequency = FREQUENCY_CONTINUOUS, .log_base = 2};

static double f(const struct catalogue *catalogue, double threshold, uint64_t count)
{
    return index_frequency(catalogue, threshold, count);
}

static void frequency_is_as_printed(void **state)
{
    (void)state;
    const struct catalogue natural = {.log_base = 0}, ten = {.log_base = 10}, three = {.log_base = 3};
    assert_true(f(&printed, 3, 0) == 0);
    assert_true(f(&printed, 3, 4) == 4);
    assert_true(f(&printed, 3, 11) == 6);
    assert_true(fabs(f(&natural, 3, 5) - 3.6931471805599454) < 1e-15);
    assert_true(f(&ten, 3, 13) == 4);
    assert_true(fabs(f(&three, 0, 9) - 2) < 1e-15);
    assert_true(f(&continuous, 3, 4) == 4);
    assert_true(fabs(f(&continuous, 3, 5) - (4 + log(2))) < 1e-15);
}

static void base_two_is_flat_after_the_threshold_and_never_falls(void **state)
{
    (void)state;
    for (int half = 0; half < 40; half++) {
        double threshold = half / 2.0;
        if (half % 2 == 0) {
            assert_true(f(&printed, threshold, (uint64_t)threshold + 1) == threshold + 1);
            assert_true(f(&printed, threshold, (uint64_t)threshold + 2) == threshold + 1);
        }
        for (uint64_t count = 0; count < 3000; count++) {
            assert_true(f(&printed, threshold, count + 1) >= f(&printed, threshold, count));
            assert_true(f(&continuous, threshold, count + 1) >= f(&continuous, threshold, count));
        }
    }
    assert_true(isfinite(f(&printed, 0, UINT64_MAX)));
}

static void settle(struct levels *levels, const double (*pairs)[2], size_t count)
{
    struct gathered gathered = {0};
    for (size_t i = 0; i < count; i++)
        assert_int_equal(levels_gather(&gathered, pairs[i][0], (uint64_t)pairs[i][1]), STATUS_OK);
    levels_settle(levels, &gathered);
}

static void the_integral_takes_each_weight_for_itself(void **state)
{
    (void)state;
    const struct item item = {.threshold = 1};
    struct levels levels;
    settle(&levels, (const double[][2]){{40, 1}, {100, 1}, {40, 1}}, 3);
    assert_int_equal(levels.count, 2);
    assert_int_equal(levels_occurrences(&levels), 3);
    /* 60 · f(1) + 40 · f(3), f(3) being 1 + log2(2). */
    assert_true(levels_loss(&levels, &printed, &item) == 140);
    levels_deinit(&levels);
    settle(&levels, NULL, 0);
    assert_true(levels_loss(&levels, &printed, &item) == 0);
    assert_int_equal(levels_occurrences(&levels), 0);
    levels_deinit(&levels);
    settle(&levels, (const double[][2]){{125, 1}}, 1);
    assert_true(8 * levels_loss(&levels, &printed, &item) == 1000);
    levels_deinit(&levels);
}

static void counts_stop_at_their_limit(void **state)
{
    (void)state;
    const struct item item = {.threshold = 1};
    struct gathered gathered = {0};
    struct levels levels;
    double losses[2];
    assert_int_equal(levels_gather(&gathered, 2, UINT64_MAX), STATUS_OK);
    assert_int_equal(levels_gather(&gathered, 1, 7), STATUS_OK);
    levels_settle(&levels, &gathered);
    assert_true(levels_occurrences(&levels) == UINT64_MAX);
    levels_losses_without(&levels, &printed, &item, losses);
    assert_true(isfinite(losses[0]) && losses[0] <= levels_loss(&levels, &printed, &item));
    levels_deinit(&levels);
}

static void random_pairs(struct chance *chance, double (*pairs)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        pairs[i][0] = (double)(chance_below(chance, 250) + 1) * (chance_of(chance, 2) ? 0.3 : 0.6);
        pairs[i][1] = (double)(chance_below(chance, 4) + 1);
    }
}

/* The same bits as integrating anew, for each level. */
static void one_less_is_a_true_evaluation(void **state)
{
    (void)state;
    struct chance chance = {6};
    for (size_t round = 0; round < 300; round++) {
        const struct item item = {.threshold = (double)chance_below(&chance, 7)};
        double pairs[30][2], losses[30];
        struct levels levels, fewer;
        size_t count = chance_below(&chance, 30) + 1;
        random_pairs(&chance, pairs, count);
        settle(&levels, (const double(*)[2])pairs, count);
        levels_losses_without(&levels, &printed, &item, losses);
        for (size_t i = 0; i < levels.count; i++) {
            double kept[31][2];
            memcpy(kept, pairs, sizeof pairs);
            size_t at = 0;
            while (kept[at][0] != levels.items[i].weight)
                at++;
            kept[at][1]--;
            if (kept[at][1] == 0)
                memmove(&kept[at], &kept[at + 1], (count - at - 1) * sizeof kept[0]);
            settle(&fewer, (const double(*)[2])kept, pairs[at][1] == 1 ? count - 1 : count);
            double anew = levels_loss(&fewer, &printed, &item);
            assert_memory_equal(&anew, &losses[i], sizeof anew);
            levels_deinit(&fewer);
        }
        levels_deinit(&levels);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequency_is_as_printed),
        cmocka_unit_test(base_two_is_flat_after_the_threshold_and_never_falls),
        cmocka_unit_test(the_integral_takes_each_weight_for_itself),
        cmocka_unit_test(counts_stop_at_their_limit),
        cmocka_unit_test(one_less_is_a_true_evaluation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
