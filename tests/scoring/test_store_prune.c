#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "targets/address.h"

/* Forgetting runs. */

static struct address address(const char *text)
{
    struct address parsed;
    assert_true(address_parse(text, strlen(text), &parsed));
    return parsed;
}

/* A run that has a row in every table. */
static void begin_full(struct store *store, struct store_run *run)
{
    char id[] = "h1", name[] = "One", item[] = "H04-1";
    uint8_t sweep[] = {1};
    const struct organization organization = {.id = id, .name = name};
    const struct store_count count = {.organization = "h1", .port = {22, TRANSPORT_TCP}, .ends = {1}};
    const struct store_pace pace = {.rate = 1, .recall = 1, .sweep = sweep, .sweep_size = 1};
    const struct store_covered covered = {.item = item, .from_ms = 1, .until_ms = 2};
    const struct finding finding = {.organization = id, .item = item, .count = 1};
    const struct scorecard scorecard = {.assessed = true, .index = 700};
    struct observation observation;
    observation_init(&observation, address("192.0.2.1"), (struct port){22, TRANSPORT_TCP});
    assert_good(store, store_begin(store, run));
    assert_good(store, store_set_pending(store, run, (struct store_pending){7, 1}));
    assert_good(store, store_set_pace(store, run, &pace));
    assert_good(store, store_add_count(store, run, &count));
    assert_good(store, store_host(store, run, "h1", address("192.0.2.1"), true));
    assert_good(store, store_observation(store, run, "h1", &observation));
    assert_good(store, store_finding(store, run, &finding));
    assert_good(store, store_assessed(store, run, "h1", "H04-1"));
    assert_good(store, store_covers(store, run, "h1", &covered));
    assert_good(store, store_organization(store, run, &organization));
    assert_good(store, store_scorecard(store, run, "h1", &scorecard, "{}"));
    assert_good(store, store_commit(store));
    observation_deinit(&observation);
}

static void begin_one(struct store *store, struct store_run *run, bool complete)
{
    *run = sample_run();
    run->complete = complete;
    begin_full(store, run);
}

/* Rows of a run in every table that has a column of that name, whatever tables there are; `least` gets the fewest. */
static int64_t rows_of(const struct place *place, int64_t number, int64_t *least_out)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *tables = NULL;
    int64_t sum = 0;
    *least_out = INT64_MAX;
    assert_int_equal(sqlite3_open(place->path, &database), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database,
                           "SELECT t.name FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c"
                           " WHERE t.type = 'table' AND c.name = 'run'",
                           -1, &tables, NULL),
        SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW) {
        sqlite3_stmt *count = NULL;
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE run = %d", sqlite3_column_text(tables, 0),
                 (int)number);
        assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &count, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(count), SQLITE_ROW);
        int64_t rows = sqlite3_column_int64(count, 0);
        *least_out = rows < *least_out ? rows : *least_out;
        sum += rows;
        sqlite3_finalize(count);
    }
    sqlite3_finalize(tables);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    return sum;
}

/* Every table that there is has rows of the run before, so that one which forgetting leaves out is noticed. */
static void test_forget(void **state)
{
    struct store *store = place_open(*state, true);
    struct store_run gone, stays;
    int64_t least;
    begin_one(store, &gone, true);
    begin_one(store, &stays, true);
    int64_t rows = rows_of(*state, gone.number, &least);
    assert_true(least == 1);
    assert_good(store, store_forget_run(store, &gone));
    assert_good(store, store_commit(store));
    assert_int_equal(rows_of(*state, gone.number, &least), 0);
    assert_int_equal(rows_of(*state, stays.number, &least), rows);
    assert_int_equal(store_forget_run(store, &gone), STATUS_MISMATCH);
    /* A number is never given again. */
    struct store_run next = sample_run();
    assert_good(store, store_begin(store, &next));
    assert_true(next.number > stays.number);
    store_run_deinit(&next);
    store_run_deinit(&gone);
    store_run_deinit(&stays);
    store_close(&store);
}

/* "cu" for each scan, the oldest first: complete, unfinished. */
static void fill(struct store *store, const char *kinds)
{
    for (; *kinds; kinds++) {
        struct store_run run;
        begin_one(store, &run, *kinds == 'c');
        store_run_deinit(&run);
    }
}

static void append(void *context, const struct store_run *run)
{
    char *text = context;
    snprintf(text + strlen(text), 16, "%s%d", run->complete ? "c" : "u", (int)run->number);
}

static void check_prune(struct place *place, const char *kinds, uint64_t keep, uint64_t forgotten,
                        const char *left)
{
    struct store *store = place_open(place, true);
    uint64_t count = 99;
    char text[256] = "";
    place_execute(place, "PRAGMA foreign_keys = OFF; DELETE FROM runs; DELETE FROM sqlite_sequence");
    fill(store, kinds);
    assert_good(store, store_prune(store, keep, &count));
    assert_good(store, store_each_run(store, append, text));
    assert_string_equal(text, left);
    assert_int_equal(count, forgotten);
    store_close(&store);
}

static void test_prune_nothing(void **state)
{
    check_prune(*state, "", 1, 0, "");
}

static void test_prune_few(void **state)
{
    check_prune(*state, "ccu", 2, 0, "u3c2c1");
}

static void test_prune_old(void **state)
{
    check_prune(*state, "cccc", 2, 2, "c4c3");
}

/* Only an unfinished scan that nothing complete has followed can still be gone on with. */
static void test_prune_unfinished(void **state)
{
    check_prune(*state, "ucucuu", 2, 2, "u6u5c4c2");
}

static void test_prune_no_complete(void **state)
{
    check_prune(*state, "uu", 1, 0, "u2u1");
}

static void count_import(void *context, const struct store_run *run)
{
    (void)run;
    (*(size_t *)context)++;
}

static void test_prune_imports_stay(void **state)
{
    struct store *store = place_open(*state, true);
    struct store_run import = {.kind = RUN_IMPORT, .format = strdup("nmap"), .complete = true};
    uint64_t forgotten;
    size_t imports = 0;
    begin_full(store, &import);
    fill(store, "cc");
    assert_good(store, store_prune(store, 1, &forgotten));
    assert_good(store, store_each_import(store, count_import, &imports));
    assert_int_equal(forgotten, 1);
    assert_int_equal(imports, 1);
    store_run_deinit(&import);
    store_close(&store);
}

static void test_prune_read_only(void **state)
{
    struct store *store = place_open(*state, true);
    uint64_t forgotten;
    fill(store, "cc");
    store_close(&store);
    store = place_open(*state, false);
    assert_int_equal(store_prune(store, 1, &forgotten), STATUS_STORE);
    assert_int_equal(forgotten, 0);
    store_close(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_forget),
        PLACE_TEST(test_prune_nothing),
        PLACE_TEST(test_prune_few),
        PLACE_TEST(test_prune_old),
        PLACE_TEST(test_prune_unfinished),
        PLACE_TEST(test_prune_no_complete),
        PLACE_TEST(test_prune_imports_stay),
        PLACE_TEST(test_prune_read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
