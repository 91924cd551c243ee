#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "place.h"

static const struct address first = {0, 0xffffc0000201}, second = {0x20010db800000000, 1};

static void fill(struct namings *names)
{
    static char id[] = "h1", name[] = "www.a.example", hostile[] = HOSTILE;
    const struct naming all[] = {{id, name, NAMING_CARRIED, first, NULL},
                                 {id, name, NAMING_OUTSIDE, second, NULL},
                                 {id, hostile, NAMING_MISSING, {0, 0}, hostile}};
    namings_init(names);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_int_equal(namings_copy(names, &all[i]), STATUS_OK);
}

static void test_names(void **state)
{
    struct store_run run, other = sample_run();
    struct namings names, read;
    struct store *store = place_begin(*state, &run);
    fill(&names);
    assert_good(store, store_begin(store, &other));
    assert_good(store, store_names(store, &run, &names));
    assert_good(store, store_commit(store));
    assert_int_equal(store_names(store, &run, &names), STATUS_STORE); /* they are kept once */
    assert_good(store, store_rollback(store));
    namings_init(&read);
    assert_good(store, store_find_names(store, &other, &read));
    assert_int_equal(read.count, 0);
    assert_good(store, store_find_names(store, &run, &read));
    assert_int_equal(read.count, names.count);
    for (size_t i = 0; i < read.count; i++) {
        assert_string_equal(read.items[i].organization, names.items[i].organization);
        assert_string_equal(read.items[i].name, names.items[i].name);
        assert_int_equal(read.items[i].kind, names.items[i].kind);
        assert_int_equal(address_compare(read.items[i].address, names.items[i].address), 0);
        assert_int_equal(read.items[i].why == NULL, names.items[i].why == NULL);
    }
    assert_string_equal(read.items[2].why, HOSTILE);
    assert_string_equal(namings_at(&read, first), "www.a.example");
    assert_null(namings_at(&read, second));
    namings_deinit(&names);
    namings_deinit(&read);
    store_close(&store);
    store_run_deinit(&run);
    store_run_deinit(&other);
}

static void test_spoilt(void **state)
{
    static const char *const changes[] = {"UPDATE names SET kind = 9", "UPDATE names SET kind = -1",
                                          "UPDATE names SET address = 'x'",
                                          "UPDATE names SET address = x'00'"};
    struct store_run run;
    struct namings names;
    struct store *store = place_begin(*state, &run);
    fill(&names);
    assert_good(store, store_names(store, &run, &names));
    store_close(&store);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct namings read;
        place_execute(*state, changes[i]);
        store = place_open(*state, false);
        namings_init(&read);
        assert_int_equal(store_find_names(store, &run, &read), STATUS_STORE);
        namings_deinit(&read);
        store_close(&store);
        place_execute(*state, "UPDATE names SET kind = 0, address = x'00000000000000000000ffffc0000201'");
    }
    namings_deinit(&names);
    store_run_deinit(&run);
}

static void assert_stop(struct store *store, const struct store_run *run, const char *wanted)
{
    char *why = NULL;
    assert_good(store, store_find_stop(store, run, &why));
    assert_int_equal(why == NULL, wanted == NULL);
    if (wanted)
        assert_string_equal(why, wanted);
    free(why);
}

static void test_stop(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    assert_stop(store, &run, NULL);
    assert_good(store, store_set_stop(store, &run, NULL));
    assert_good(store, store_set_stop(store, &run, "first"));
    assert_good(store, store_set_stop(store, &run, HOSTILE));
    assert_stop(store, &run, HOSTILE);
    assert_good(store, store_set_stop(store, &run, NULL));
    assert_stop(store, &run, NULL);
    store_close(&store);
    store_run_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_names),
        PLACE_TEST(test_spoilt),
        PLACE_TEST(test_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
