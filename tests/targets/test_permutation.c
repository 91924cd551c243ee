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

/* A scan that is resumed must find the order of the version that began it: these values may never change. */
static void the_order_is_what_it_always_was(void **state)
{
    (void)state;
    static const struct {
        uint64_t size, seed, first[4], last;
    } golden[] = {
        {UINT64_C(1), UINT64_C(0), {UINT64_C(0), UINT64_C(0), UINT64_C(0), UINT64_C(0)}, UINT64_C(0)},
        {UINT64_C(3), UINT64_C(1), {UINT64_C(2), UINT64_C(0), UINT64_C(1), UINT64_C(0)}, UINT64_C(1)},
        {UINT64_C(47), UINT64_C(2), {UINT64_C(41), UINT64_C(5), UINT64_C(21), UINT64_C(33)}, UINT64_C(29)},
        {UINT64_C(940),
         UINT64_C(3),
         {UINT64_C(587), UINT64_C(519), UINT64_C(97), UINT64_C(188)},
         UINT64_C(38)},
        {UINT64_C(12032),
         UINT64_C(0),
         {UINT64_C(10704), UINT64_C(7427), UINT64_C(2481), UINT64_C(6365)},
         UINT64_C(9038)},
        {UINT64_C(12032),
         UINT64_C(18446744073709551615),
         {UINT64_C(3676), UINT64_C(11034), UINT64_C(7867), UINT64_C(1386)},
         UINT64_C(4590)},
        {UINT64_C(65536),
         UINT64_C(4),
         {UINT64_C(59500), UINT64_C(44123), UINT64_C(48473), UINT64_C(45652)},
         UINT64_C(14628)},
        {UINT64_C(1000003),
         UINT64_C(5),
         {UINT64_C(499527), UINT64_C(417934), UINT64_C(337848), UINT64_C(703706)},
         UINT64_C(175003)},
        {UINT64_C(4294967296),
         UINT64_C(6),
         {UINT64_C(1245518310), UINT64_C(711870747), UINT64_C(2506130743), UINT64_C(2933813770)},
         UINT64_C(1039305381)},
        {UINT64_C(4611686018427387904),
         UINT64_C(7),
         {UINT64_C(254691235981190119), UINT64_C(54761548408281175), UINT64_C(2490662054457738086),
          UINT64_C(959225238740036991)},
         UINT64_C(3450774285414471443)},
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
        cmocka_unit_test(the_order_is_what_it_always_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
