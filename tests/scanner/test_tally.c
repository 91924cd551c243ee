#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/commands/tally.h"

#define ORGANIZATIONS 50
#define PORTS         40

struct sum {
    uint64_t rows, ends[5];
};

static void add_up(void *context, const struct store_count *count)
{
    struct sum *sum = context;
    sum->rows++;
    for (size_t i = 0; i < 5; i++)
        sum->ends[i] += count->ends[i];
}

static struct sum stored(struct store *store, const struct store_run *run)
{
    struct sum sum = {0};
    assert_int_equal(store_each_count(store, run, NULL, add_up, &sum), STATUS_OK);
    return sum;
}

static void every_pair_has_its_own_counts(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct store_run run = {0};
    struct tally tally;
    char names[ORGANIZATIONS][8];
    assert_int_equal(store_open(NULL, true, &store), STATUS_OK);
    assert_int_equal(store_begin(store, &run), STATUS_OK);
    tally_init(&tally);
    assert_int_equal(tally_store(&tally, store, &run), STATUS_OK); /* of nothing */
    for (size_t i = 0; i < ORGANIZATIONS; i++)
        snprintf(names[i], sizeof names[i], "h%zu", i);
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < ORGANIZATIONS * PORTS; i++) {
            struct port port = {(uint16_t)(1 + i / ORGANIZATIONS), i % 3 ? TRANSPORT_TCP : TRANSPORT_UDP};
            assert_int_equal(tally_add(&tally, names[i % ORGANIZATIONS], port, ENDPOINT_CLOSED, 2),
                             STATUS_OK);
        }
    assert_int_equal(tally.count, ORGANIZATIONS * PORTS);
    assert_int_equal(tally_store(&tally, store, &run), STATUS_OK);
    struct sum sum = stored(store, &run);
    assert_int_equal(sum.rows, ORGANIZATIONS * PORTS);
    assert_int_equal(sum.ends[ENDPOINT_CLOSED], 3 * 2 * ORGANIZATIONS * PORTS);
    /* What was stored is not stored again, and what comes later is added. */
    assert_int_equal(tally_add(&tally, names[0], (struct port){1, TRANSPORT_UDP}, ENDPOINT_SILENT, 5),
                     STATUS_OK);
    assert_int_equal(tally_store(&tally, store, &run), STATUS_OK);
    sum = stored(store, &run);
    assert_int_equal(sum.rows, ORGANIZATIONS * PORTS);
    assert_int_equal(sum.ends[ENDPOINT_SILENT], 5);
    assert_int_equal(sum.ends[ENDPOINT_CLOSED], 3 * 2 * ORGANIZATIONS * PORTS);
    tally_deinit(&tally);
    store_run_deinit(&run);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_has_its_own_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
