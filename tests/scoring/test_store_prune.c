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
#include "rounds.h"
#include "targets/address.h"

#define DAY_MS INT64_C(86400000)

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

/* Rows of a run in every table that has a column of that name, whatever tables there are. */
static int64_t rows_of(const struct place *place, int64_t number)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *tables = NULL;
    int64_t sum = 0;
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
        sum += rows;
        sqlite3_finalize(count);
    }
    sqlite3_finalize(tables);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    return sum;
}

static void test_forget(void **state)
{
    struct store *store = place_open(*state, true);
    struct store_run gone, stays;
    begin_one(store, &gone, true);
    begin_one(store, &stays, true);
    int64_t rows = rows_of(*state, gone.number);
    assert_true(rows >= 11);
    assert_good(store, store_forget_run(store, &gone));
    assert_good(store, store_commit(store));
    assert_int_equal(rows_of(*state, gone.number), 0);
    assert_int_equal(rows_of(*state, stays.number), rows);
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
    assert_good(store, store_prune(store, keep, 90 * DAY_MS, &count));
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
    assert_good(store, store_prune(store, 1, 90 * DAY_MS, &forgotten));
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
    assert_int_equal(store_prune(store, 1, 90 * DAY_MS, &forgotten), STATUS_STORE);
    assert_int_equal(forgotten, 0);
    store_close(&store);
}

/* A number below `end`, the same in every run of the test. */
static uint32_t draw(uint64_t *state, uint32_t end)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % end;
}

#define HOSTS 4

/* Some of the ports are there, now and then not asked, and many days may lie between. */
static void draw_round(uint64_t *state, struct round *round, struct round_endpoint endpoints[2 * HOSTS])
{
    static const char *const asked[] = {NULL, NULL, "3306,6379", "22", "6379"};
    round->day += 1 + (int)draw(state, 60);
    round->ports = asked[draw(state, 5)];
    round->endpoints = endpoints;
    round->count = 0;
    for (uint32_t host = 1; host <= HOSTS; host++) {
        const struct round_endpoint mysql = {NULL, host, 3306, "mysql", "MySQL", "9.7.0"};
        const struct round_endpoint ssh = {NULL, host, 22, "ssh", "OpenSSH", "9.9"};
        const struct round_endpoint answers = {.host = host};
        bool all = !round->ports;
        if ((all || round->ports[0] == '3') && draw(state, 3))
            endpoints[round->count++] = mysql;
        else if (draw(state, 2))
            endpoints[round->count++] = answers;
        if ((all || round->ports[0] == '2') && draw(state, 2))
            endpoints[round->count++] = ssh;
    }
}

static void assert_alike(const struct changes *whole, const struct changes *pruned)
{
    assert_int_equal(whole->count, pruned->count);
    for (size_t i = 0; i < whole->count; i++) {
        const struct change *a = &whole->items[i], *b = &pruned->items[i];
        if (a->item != b->item || a->kind != b->kind || a->reason != b->reason ||
            a->first_ms != b->first_ms || a->seen_ms != b->seen_ms)
            fail_msg("%s since %d is %s since %d once the store was pruned", change_kind_word(a->kind),
                     (int)(a->first_ms / DAY_MS), change_kind_word(b->kind), (int)(b->first_ms / DAY_MS));
    }
}

/* One store forgets as it goes, the other nothing; both tell the same changes after every scan. */
static void test_history_survives(void **state)
{
    uint64_t draws = 5, forgotten, back = 0, long_ago = 0;
    (void)state;
    for (int trial = 0; trial < 8; trial++) {
        struct rounds whole, pruned;
        struct store_run before[2] = {{.number = 0}, {.number = 0}};
        struct round round = {.day = 0};
        rounds_begin(&whole, NULL);
        rounds_begin(&pruned, NULL);
        for (int scan = 0; scan < 16; scan++) {
            struct round_endpoint endpoints[2 * HOSTS];
            struct changes changes[2];
            draw_round(&draws, &round, endpoints);
            struct store_run after[2] = {rounds_scan(&whole, &round), rounds_scan(&pruned, &round)};
            assert_good(pruned.store, store_prune(pruned.store, 2, CHANGES_BACK_MS, &forgotten));
            assert_int_equal(forgotten, scan >= 2);
            if (scan > 0) {
                rounds_compare(&whole, &before[0], &after[0], 0, &changes[0]);
                rounds_compare(&pruned, &before[1], &after[1], 0, &changes[1]);
                assert_alike(&changes[0], &changes[1]);
                back += changes[0].counts[CHANGE_BACK];
                for (size_t i = 0; i < changes[0].count; i++)
                    long_ago += changes[0].items[i].reason == REASON_LONG_AGO;
                changes_deinit(&changes[0]);
                changes_deinit(&changes[1]);
            }
            for (int i = 0; i < 2; i++) {
                store_run_deinit(&before[i]);
                before[i] = after[i];
            }
        }
        store_run_deinit(&before[0]);
        store_run_deinit(&before[1]);
        rounds_end(&whole);
        rounds_end(&pruned);
    }
    assert_true(back > 20 && long_ago > 5); /* or nothing was tried */
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
        cmocka_unit_test(test_history_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
