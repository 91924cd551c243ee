#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "targets/permutation.h"

/* Every number below the size exactly once. */
static void assert_bijective(uint64_t size, uint64_t seed)
{
    struct permutation permutation;
    uint8_t *seen = calloc(size / 8 + 1, 1);
    assert_non_null(seen);
    permutation_init(&permutation, size, seed);
    for (uint64_t position = 0; position < size; position++) {
        uint64_t number = permutation_at(&permutation, position);
        if (number >= size || (seen[number / 8] >> number % 8 & 1))
            fail_msg("size %llu, position %llu", (unsigned long long)size, (unsigned long long)position);
        seen[number / 8] |= (uint8_t)(1u << number % 8);
    }
    free(seen);
}

static void every_number_comes_once(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= 300; size++)
        assert_bijective(size, size * 31);
    for (unsigned k = 9; k <= 17; k++)
        for (uint64_t size = (UINT64_C(1) << k) - 1; size <= (UINT64_C(1) << k) + 1; size++)
            assert_bijective(size, 5);
    static const uint64_t others[] = {997, 65537, 99991, 256 * 47, 20 * 47, 262145, 524287};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_bijective(others[i], i);
    assert_bijective(1000003, 42);
    assert_bijective(1 << 20, 0);
}

/* Too large to visit all: numbers stay inside, and those of distinct positions differ. */
static void large_sizes_stay_inside(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {UINT64_C(1) << 32, (UINT64_C(1) << 32) + 1, UINT64_C(281474976710655),
                                     (UINT64_C(1) << 62) - 1, UINT64_C(1) << 62};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct permutation permutation;
        permutation_init(&permutation, sizes[i], 3);
        assert_int_equal(permutation.half_bits, i == 0 ? 16 : i == 1 ? 17 : i == 2 ? 24 : 31);
        uint64_t last = permutation_at(&permutation, sizes[i] - 1);
        for (uint64_t position = 0; position < 100000; position++) {
            uint64_t number = permutation_at(&permutation, position);
            assert_true(number < sizes[i] && number != last);
            assert_true(permutation_of(&permutation, number) == position);
        }
        assert_true(permutation_at(&permutation, sizes[i]) == sizes[i]);
    }
}

static int compare(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return *left < *right ? -1 : *left > *right;
}

static void shards_partition_exactly(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 7, 940, 4096, 12032};
    static const uint64_t counts[] = {1, 2, 3, 7, 16, 5000};
    for (size_t i = 0; i < 36; i++) {
        uint64_t size = sizes[i / 6];
        uint64_t *numbers = calloc(size + 1, sizeof *numbers);
        uint64_t found = 0;
        struct permutation permutation;
        permutation_init(&permutation, size, 77);
        for (uint64_t number = 1; number <= counts[i % 6]; number++) {
            struct shard shard;
            uint64_t position;
            shard_init(&shard, number, counts[i % 6]);
            for (; shard_next(&shard, &permutation, &position); found++) {
                assert_true(found < size && position % counts[i % 6] == number - 1);
                numbers[found] = permutation_at(&permutation, position);
            }
        }
        assert_true(found == size);
        qsort(numbers, size, sizeof *numbers, compare);
        for (uint64_t j = 0; j < size; j++)
            assert_true(numbers[j] == j);
        free(numbers);
    }
}

static void a_shard_ends_at_the_end_of_numbers(void **state)
{
    (void)state;
    struct permutation permutation = {.size = UINT64_C(1) << 62};
    struct shard shard = {(UINT64_C(1) << 62) - 1, UINT64_MAX};
    uint64_t position;
    assert_true(shard_next(&shard, &permutation, &position));
    assert_false(shard_next(&shard, &permutation, &position));
}

/* Two random orders agree in about one position; near keys must not do better. */
static void keys_give_orders_of_their_own(void **state)
{
    (void)state;
    enum { SIZE = 12032 };
    for (uint64_t seed = 0; seed < 64; seed++) {
        struct permutation one, other;
        permutation_init(&one, SIZE, seed);
        permutation_init(&other, SIZE, seed < 32 ? seed + 1 : seed ^ UINT64_C(1) << seed);
        int same = 0;
        for (uint64_t position = 0; position < SIZE; position++)
            same += permutation_at(&one, position) == permutation_at(&other, position);
        assert_true(same <= 10);
    }
}

/* Six orders of three numbers, each from about a sixth of the keys. */
static void small_sizes_take_every_order(void **state)
{
    (void)state;
    int orders[27] = {0};
    for (uint64_t seed = 0; seed < 6000; seed++) {
        struct permutation permutation;
        permutation_init(&permutation, 3, seed);
        uint64_t order = 0;
        for (uint64_t position = 0; position < 3; position++)
            order = order * 3 + permutation_at(&permutation, position);
        orders[order]++;
    }
    int found = 0;
    for (int i = 0; i < 27; i++) {
        found += orders[i] > 0;
        if (orders[i])
            assert_in_range(orders[i], 850, 1150);
    }
    assert_int_equal(found, 6);
}

/* Neighbours in the order lie far apart: the mean distance is a third of the size, as for independent
   numbers, and hosts (runs of 47 numbers, as a scan counts them) come again no sooner than by chance. */
static void neighbours_are_spread(void **state)
{
    (void)state;
    enum { SIZE = 256 * 47 };
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct permutation permutation;
        double distance = 0;
        int same_host = 0;
        permutation_init(&permutation, SIZE, seed);
        for (uint64_t position = 1; position < SIZE; position++) {
            double before = (double)permutation_at(&permutation, position - 1);
            double here = (double)permutation_at(&permutation, position);
            distance += fabs(here - before);
            same_host += floor(here / 47) == floor(before / 47);
        }
        assert_true(fabs(distance / SIZE / SIZE - 1.0 / 3) < 0.02);
        assert_true(same_host < 90);
    }
}

/* Halves of the order visit every sixteenth of the numbers alike (chi-squared of 15 degrees, far tail). */
static void every_part_is_even(void **state)
{
    (void)state;
    enum { SIZE = 65536 };
    for (uint64_t seed = 100; seed < 120; seed++) {
        struct permutation permutation;
        double counts[16] = {0};
        double chi = 0;
        permutation_init(&permutation, SIZE, seed);
        for (uint64_t position = 0; position < SIZE / 2; position++)
            counts[permutation_at(&permutation, position) / (SIZE / 16)]++;
        for (int i = 0; i < 16; i++)
            chi += (counts[i] - 2048) * (counts[i] - 2048) / 2048;
        assert_true(chi < 45);
    }
}

/* How far counts are from an even spread, in standard deviations of chi-squared. */
static double unevenness(const double *counts, size_t cells, double total)
{
    double chi = 0, expected = total / (double)cells, freedom = (double)cells - 1;
    for (size_t i = 0; i < cells; i++)
        chi += (counts[i] - expected) * (counts[i] - expected) / expected;
    return (chi - freedom) / sqrt(2 * freedom);
}

/* The worst of so many even spreads stays below this; a network of three rounds is at 83, one of four above it. */
#define UNEVEN 6.0

/* One bit of the position, or of the seed, turns every bit of the number as often as not. */
static void a_bit_turns_half_of_the_bits(void **state)
{
    (void)state;
    static const unsigned widths[] = {8, 12, 16, 24, 32, 62};
    enum { TRIES = 4000 };
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        unsigned width = widths[i];
        double worst = 0;
        for (unsigned in = 0; in < 64 + width; in++) {
            double turned[62] = {0};
            for (uint64_t try = 0; try < TRIES; try++) {
                struct permutation one, other;
                uint64_t seed = permutation_mix(try + 1);
                uint64_t position = permutation_mix(seed) >> (64 - width);
                permutation_init(&one, UINT64_C(1) << width, seed);
                permutation_init(&other, UINT64_C(1) << width, in < 64 ? seed ^ UINT64_C(1) << in : seed);
                uint64_t there = in < 64 ? position : position ^ UINT64_C(1) << (in - 64);
                uint64_t difference = permutation_at(&one, position) ^ permutation_at(&other, there);
                for (unsigned out = 0; out < width; out++)
                    turned[out] += (double)(difference >> out & 1);
            }
            for (unsigned out = 0; out < width; out++)
                worst = fmax(worst, fabs(turned[out] / TRIES - 0.5));
        }
        /* Of thousands of pairs of bits, in standard deviations; numbers of eight bits can't be the same twice. */
        assert_true(worst * 2 * sqrt(TRIES) < (width == 8 ? 6.5 : 5.5));
    }
}

/* What follows a number, one or many positions later, is anywhere: also at the distances that are the halves and the
   rows of the network, whose two positions share a half. */
static void no_distance_shows(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {65536, 60000, UINT64_C(1) << 24, 10000019};
    static const uint64_t distances[] = {1, 2, 3, 16, 47, 255, 256, 257, 4096};
    enum { SIDE = 16, SEEDS = 8, PAIRS = 32768 };
    double worst = 0;
    for (size_t i = 0; i < 4 * 9; i++) {
        uint64_t size = sizes[i / 9], distance = distances[i % 9];
        static double cells[SIDE * SIDE], steps[SIDE * SIDE];
        memset(cells, 0, sizeof cells);
        memset(steps, 0, sizeof steps);
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct permutation permutation;
            permutation_init(&permutation, size, seed);
            for (uint64_t position = 0; position < PAIRS; position++) {
                uint64_t here = permutation_at(&permutation, position);
                uint64_t there = permutation_at(&permutation, position + distance);
                cells[here * SIDE / size * SIDE + there * SIDE / size]++;
                steps[(there + size - here) % size * SIDE * SIDE / size]++;
            }
        }
        worst = fmax(worst, unevenness(cells, SIDE * SIDE, (double)SEEDS * PAIRS));
        worst = fmax(worst, unevenness(steps, SIDE * SIDE, (double)SEEDS * PAIRS));
    }
    assert_true(worst < UNEVEN);
}

/* The /24s of a /16: however few positions one takes together, each network gets its share as by lot. */
static void networks_are_spread(void **state)
{
    (void)state;
    enum { SIZE = 65536, NETWORKS = 256, WINDOW = 256 };
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct permutation permutation;
        uint8_t *networks = malloc(SIZE);
        double distinct = 0, pairs = 0;
        int fullest = 0;
        assert_non_null(networks);
        permutation_init(&permutation, SIZE, seed);
        for (uint64_t position = 0; position < SIZE; position++)
            networks[position] = (uint8_t)(permutation_at(&permutation, position) / (SIZE / NETWORKS));
        for (int first = 0; first < SIZE; first += WINDOW) {
            int counts[NETWORKS] = {0};
            for (int i = first; i < first + WINDOW; i++)
                counts[networks[i]]++;
            for (int i = 0; i < NETWORKS; i++) {
                distinct += counts[i] > 0;
                pairs += counts[i] * (counts[i] - 1) / 2.0;
                fullest = counts[i] > fullest ? counts[i] : fullest;
            }
        }
        /* Without replacement: 256 × (1 - C(65280,256) / C(65536,256)) networks, and C(256,2) × 255 / 65535 pairs. */
        assert_true(fabs(distinct / NETWORKS - 162.1) < 2);
        assert_true(fabs(pairs / NETWORKS - 127.0) < 4);
        assert_in_range(fullest, 5, 11);
        free(networks);
    }
}

/* Rising and falling as numbers by lot do: as often up as down, and never long in one direction. */
static void no_order_shows(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {940, 12032, 65536, 1000003};
    for (size_t i = 0; i < 4 * 10; i++) {
        struct permutation permutation;
        uint64_t size = sizes[i / 10], ups = 0, turns = 0, run = 0, longest = 0;
        permutation_init(&permutation, size, i);
        uint64_t before = permutation_at(&permutation, 0);
        bool was_up = false;
        for (uint64_t position = 1; position < size; position++) {
            uint64_t here = permutation_at(&permutation, position);
            bool up = here > before;
            ups += up;
            turns += position > 1 && up != was_up;
            run = up == was_up ? run + 1 : 1;
            longest = run > longest ? run : longest;
            was_up = up;
            before = here;
        }
        double n = (double)size;
        /* Of a random order: (n-1)/2 ± √((n+1)/12) ascents, 2(n-2)/3 ± √((16n-29)/90) turning points. */
        assert_true(fabs((double)ups - (n - 1) / 2) < 4.5 * sqrt((n + 1) / 12));
        assert_true(fabs((double)turns - 2 * (n - 2) / 3) < 4.5 * sqrt((16 * n - 29) / 90));
        assert_in_range(longest, 3, 12);
    }
}

/* A scan that is resumed must find the order of the version that began it: these values may never change. */
static void the_order_is_what_it_always_was(void **state)
{
    (void)state;
    static const struct {
        uint64_t size, seed, first[4], last;
    } golden[] = {
        {UINT64_C(1), UINT64_C(0), {UINT64_C(0), UINT64_C(0), UINT64_C(0), UINT64_C(0)}, UINT64_C(0)},
        {UINT64_C(3), UINT64_C(1), {UINT64_C(2), UINT64_C(1), UINT64_C(0), UINT64_C(0)}, UINT64_C(0)},
        {UINT64_C(47), UINT64_C(2), {UINT64_C(33), UINT64_C(21), UINT64_C(18), UINT64_C(12)}, UINT64_C(40)},
        {UINT64_C(940),
         UINT64_C(3),
         {UINT64_C(353), UINT64_C(638), UINT64_C(902), UINT64_C(373)},
         UINT64_C(566)},
        {UINT64_C(12032),
         UINT64_C(0),
         {UINT64_C(10629), UINT64_C(4005), UINT64_C(9752), UINT64_C(6331)},
         UINT64_C(7392)},
        {UINT64_C(12032),
         UINT64_C(18446744073709551615),
         {UINT64_C(8266), UINT64_C(3342), UINT64_C(8268), UINT64_C(11751)},
         UINT64_C(7765)},
        {UINT64_C(65536),
         UINT64_C(4),
         {UINT64_C(64652), UINT64_C(2320), UINT64_C(65372), UINT64_C(58951)},
         UINT64_C(2431)},
        {UINT64_C(1000003),
         UINT64_C(5),
         {UINT64_C(369538), UINT64_C(704376), UINT64_C(593759), UINT64_C(526457)},
         UINT64_C(161774)},
        {UINT64_C(4294967296),
         UINT64_C(6),
         {UINT64_C(24223210), UINT64_C(1467727413), UINT64_C(2194592872), UINT64_C(687075838)},
         UINT64_C(702473558)},
        {UINT64_C(4611686018427387904),
         UINT64_C(7),
         {UINT64_C(3551601452705753233), UINT64_C(3752547194786819804), UINT64_C(795874495861597945),
          UINT64_C(160189754247702864)},
         UINT64_C(2339397703489448521)},
    };
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        struct permutation permutation;
        permutation_init(&permutation, golden[i].size, golden[i].seed);
        for (uint64_t position = 0; position < 4 && position < golden[i].size; position++)
            assert_true(permutation_at(&permutation, position) == golden[i].first[position]);
        assert_true(permutation_at(&permutation, golden[i].size - 1) == golden[i].last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_comes_once),
        cmocka_unit_test(large_sizes_stay_inside),
        cmocka_unit_test(shards_partition_exactly),
        cmocka_unit_test(a_shard_ends_at_the_end_of_numbers),
        cmocka_unit_test(keys_give_orders_of_their_own),
        cmocka_unit_test(small_sizes_take_every_order),
        cmocka_unit_test(neighbours_are_spread),
        cmocka_unit_test(every_part_is_even),
        cmocka_unit_test(a_bit_turns_half_of_the_bits),
        cmocka_unit_test(no_distance_shows),
        cmocka_unit_test(networks_are_spread),
        cmocka_unit_test(no_order_shows),
        cmocka_unit_test(the_order_is_what_it_always_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
