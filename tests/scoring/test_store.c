#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/probe.h"
#include "scoring/store.h"

#define HOSTILE "'); DROP TABLE runs; -- \"\\ \x1b[2J \xff 医院"

struct place {
    char folder[64];
    char path[96];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (!place)
        return -1;
    snprintf(place->folder, sizeof place->folder, "/tmp/auscult-store-XXXXXX");
    if (!mkdtemp(place->folder))
        return -1;
    snprintf(place->path, sizeof place->path, "%s/a.db", place->folder);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", place->path, ends[i]);
        unlink(path);
    }
    int result = rmdir(place->folder);
    free(place);
    return result;
}

static struct store *opened(const struct place *place, bool write)
{
    struct store *store = NULL;
    enum status status = store_open(place->path, write, &store);
    if (status != STATUS_OK)
        fail_msg("%s", store_message(store));
    return store;
}

static void good(struct store *store, enum status status)
{
    if (status != STATUS_OK)
        fail_msg("status %d: %s", status, store_message(store));
}

static struct store_run sample_run(void)
{
    struct store_run run = {.seed = UINT64_MAX - 1,
                            .shard = 2,
                            .shards = 3,
                            .attempts = 2,
                            .started_ms = 1764000000123,
                            .position = 7,
                            .addresses = 256};
    memset(run.scope, 'a', 64);
    run.authorization = strdup(HOSTILE);
    run.vantage = strdup("internet");
    run.ports = strdup("22,80,161/udp");
    run.engine = strdup("connect");
    run.catalogue = strdup("cn-medical-2018+auscult-2026");
    run.scope_text = strdup("{\"auscult\": 1}\n");
    return run;
}

static struct store *with_run(const struct place *place, struct store_run *run_out)
{
    struct store *store = opened(place, true);
    *run_out = sample_run();
    good(store, store_begin(store, run_out));
    return store;
}

static void test_run(void **state)
{
    struct store_run run, back;
    struct store *store = with_run(*state, &run);
    assert_int_equal(strlen(run.id), 36);
    assert_int_equal(run.id[14], '4');
    run.position = UINT64_MAX;
    run.probes_sent = 99;
    good(store, store_update_run(store, &run));
    store_close(&store);
    store = opened(*state, false);
    good(store, store_find_run(store, run.id, true, &back));
    assert_string_equal(back.id, run.id);
    assert_string_equal(back.scope, run.scope);
    assert_string_equal(back.authorization, run.authorization);
    assert_string_equal(back.vantage, run.vantage);
    assert_string_equal(back.ports, run.ports);
    assert_string_equal(back.engine, run.engine);
    assert_string_equal(back.catalogue, run.catalogue);
    assert_string_equal(back.scope_text, run.scope_text);
    assert_true(back.seed == run.seed && back.position == UINT64_MAX && back.probes_sent == 99);
    assert_true(back.shard == 2 && back.shards == 3 && back.attempts == 2 && back.addresses == 256);
    assert_true(back.started_ms == run.started_ms && back.ended_ms == 0 && !back.complete);
    store_run_deinit(&back);
    store_run_deinit(&run);
    store_close(&store);
}

static void find(struct store *store, const char *id, bool incomplete_only, const char *expected)
{
    struct store_run run;
    enum status status = store_find_run(store, id, incomplete_only, &run);
    if (!expected) {
        assert_int_equal(status, STATUS_MISMATCH);
        return;
    }
    good(store, status);
    assert_string_equal(run.id, expected);
    store_run_deinit(&run);
}

static void test_find_run(void **state)
{
    struct store *store = opened(*state, true);
    find(store, NULL, false, NULL);
    struct store_run first = sample_run(), second = sample_run();
    strcpy(first.id, "11111111-0000-4000-8000-000000000000");
    strcpy(second.id, "22222222-0000-4000-8000-000000000000");
    second.complete = true;
    good(store, store_begin(store, &first));
    good(store, store_begin(store, &second));
    find(store, NULL, false, second.id);
    find(store, "", true, first.id);
    find(store, "1111", false, first.id);
    find(store, "2222", true, NULL);
    find(store, "%", false, NULL);
    find(store, "'", false, NULL);
    first.complete = true;
    first.ended_ms = 5;
    good(store, store_update_run(store, &first));
    find(store, NULL, true, NULL);
    struct store_run stranger = {.id = "33333333-0000-4000-8000-000000000000"};
    assert_int_equal(store_update_run(store, &stranger), STATUS_MISMATCH);
    assert_int_equal(store_begin(store, &first), STATUS_STORE); /* the id is taken */
    store_run_deinit(&first);
    store_run_deinit(&second);
    store_close(&store);
}

static void keep_pending(void *context, struct store_pending pending)
{
    struct store_pending *kept = context;
    size_t i = 0;
    while (kept[i].attempts)
        i++;
    kept[i] = pending;
}

static void test_pending(void **state)
{
    struct store_run run, other = sample_run();
    struct store *store = with_run(*state, &run);
    good(store, store_begin(store, &other));
    good(store, store_set_pending(store, &run, (struct store_pending){UINT64_C(1) << 61, 1}));
    good(store, store_set_pending(store, &run, (struct store_pending){5, 1}));
    good(store, store_set_pending(store, &run, (struct store_pending){5, 2}));
    good(store, store_set_pending(store, &run, (struct store_pending){6, 1}));
    good(store, store_set_pending(store, &other, (struct store_pending){6, 9}));
    good(store, store_clear_pending(store, &run, 6));
    good(store, store_clear_pending(store, &run, 777));
    struct store_pending kept[4] = {0};
    good(store, store_each_pending(store, &run, keep_pending, kept));
    assert_true(kept[0].number == 5 && kept[0].attempts == 2);
    assert_true(kept[1].number == UINT64_C(1) << 61 && kept[1].attempts == 1);
    assert_int_equal(kept[2].attempts, 0);
    store_run_deinit(&run);
    store_run_deinit(&other);
    store_close(&store);
}

static void count_pending(void *context, struct store_pending pending)
{
    (void)pending;
    (*(size_t *)context)++;
}

/* As many as a scan of 2000 hosts has; a commit every 1000. */
static void test_many_pending(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    for (uint64_t i = 0; i < 100000; i++) {
        good(store, store_set_pending(store, &run, (struct store_pending){i * 7919 % 100003, 1}));
        if (i >= 500)
            good(store, store_clear_pending(store, &run, (i - 500) * 7919 % 100003));
        if (i % 1000 == 0)
            good(store, store_commit(store));
    }
    size_t left = 0;
    good(store, store_each_pending(store, &run, count_pending, &left));
    assert_int_equal(left, 500);
    store_run_deinit(&run);
    store_close(&store);
}

struct counts_seen {
    size_t rows;
    uint64_t open, silent;
    char last[128];
};

static void see_count(void *context, const struct store_count *count)
{
    struct counts_seen *seen = context;
    seen->rows++;
    seen->open += count->ends[ENDPOINT_OPEN];
    seen->silent += count->ends[ENDPOINT_SILENT];
    snprintf(seen->last, sizeof seen->last, "%s %u/%u", count->organization, count->port.number,
             count->port.transport);
}

static void test_counts(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    struct store_count count = {.organization = HOSTILE, .port = {65535, TRANSPORT_UDP}};
    count.ends[ENDPOINT_OPEN] = 1;
    count.ends[ENDPOINT_SILENT] = UINT32_MAX;
    good(store, store_add_count(store, &run, &count));
    good(store, store_add_count(store, &run, &count));
    count.port.transport = TRANSPORT_TCP;
    good(store, store_add_count(store, &run, &count));
    struct counts_seen seen = {0};
    good(store, store_each_count(store, &run, see_count, &seen));
    assert_int_equal(seen.rows, 2);
    assert_int_equal(seen.open, 3);
    assert_true(seen.silent == UINT64_C(3) * UINT32_MAX);
    assert_string_equal(seen.last, HOSTILE " 65535/1");
    store_run_deinit(&run);
    store_close(&store);
}

static void test_hosts(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    uint64_t answered = 9, open = 9;
    struct address v4 = address_from_ipv4(0xc0000201), v6 = {0x20010db800000000, 1};
    good(store, store_count_hosts(store, &run, NULL, &answered, &open));
    assert_true(answered == 0 && open == 0);
    good(store, store_host(store, &run, "h1", v4, true));
    good(store, store_host(store, &run, "h1", v4, false));
    good(store, store_host(store, &run, "h1", v6, false));
    good(store, store_host(store, &run, "h2", v6, true));
    good(store, store_count_hosts(store, &run, "h1", &answered, &open));
    assert_true(answered == 2 && open == 1);
    good(store, store_count_hosts(store, &run, NULL, &answered, &open));
    assert_true(answered == 3 && open == 2);
    good(store, store_count_hosts(store, &run, "h", &answered, &open));
    assert_true(answered == 0 && open == 0);
    store_run_deinit(&run);
    store_close(&store);
}

static struct observation sample_observation(struct address address, uint16_t port)
{
    struct observation observation;
    observation_init(&observation, address, (struct port){port, TRANSPORT_TCP});
    observation.service = "mysql";
    observation.tls = true;
    observation_product(&observation, "MariaDB");
    observation_version(&observation, (struct span){(const uint8_t *)"10.11.6", 7});
    observation_bool(&observation, fact_named("mysql.tls_offered"), true);
    observation_integer(&observation, fact_named("mysql.protocol"), 10);
    observation_time(&observation, fact_named("x509.not_after"), 1893456000);
    observation_text(&observation, fact_named("mysql.server_version"),
                     (struct span){(const uint8_t *)HOSTILE, strlen(HOSTILE)});
    observation_undetermined(&observation, fact_named("mysql.tls_works"), "the handshake did not end");
    for (size_t i = 0; i < OBSERVATION_EVIDENCE_MAX; i++)
        observation.evidence[i] = (uint8_t)i;
    observation.evidence_size = OBSERVATION_EVIDENCE_MAX;
    observation.time_ms = 1764000000456;
    return observation;
}

struct seen {
    char text[512];
    size_t count;
};

static void see_observation(void *context, const char *organization, const struct observation *observation)
{
    struct seen *seen = context;
    char address[ADDRESS_TEXT_MAX];
    size_t used = strlen(seen->text);
    address_format(observation->address, address);
    snprintf(seen->text + used, sizeof seen->text - used, "%s %s %u\n", organization, address,
             observation->port.number);
    seen->count++;
    assert_string_equal(observation->service, "mysql");
    assert_true(observation->tls && !observation->full);
    assert_int_equal(observation->state, ENDPOINT_OPEN);
    assert_string_equal(observation->product, "MariaDB");
    assert_string_equal(observation->version, "10.11.6");
    assert_int_equal(observation->time_ms, 1764000000456);
    assert_int_equal(observation->evidence_size, OBSERVATION_EVIDENCE_MAX);
    for (size_t i = 0; i < OBSERVATION_EVIDENCE_MAX; i++)
        assert_int_equal(observation->evidence[i], (uint8_t)i);
    struct observation expected = sample_observation(observation->address, observation->port.number);
    assert_int_equal(observation->facts_count, expected.facts_count);
    for (size_t i = 0; i < expected.facts_count; i++) {
        const struct fact_value *left = &expected.facts[i];
        const struct fact_value *right = observation_find(observation, left->fact->name);
        assert_non_null(right);
        assert_ptr_equal(left->fact, right->fact);
        if (left->undetermined)
            assert_string_equal(left->undetermined, right->undetermined);
        else if (left->text)
            assert_string_equal(left->text, right->text);
        else
            assert_int_equal(left->number, right->number);
    }
    observation_deinit(&expected);
}

static void put_observation(struct store *store, const struct store_run *run, const char *organization,
                            struct address address, uint16_t port)
{
    struct observation observation = sample_observation(address, port);
    good(store, store_observation(store, run, organization, &observation));
    observation_deinit(&observation);
}

static void test_observations(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    struct address v6 = {0x20010db800000000, 0xffffffffffffffff};
    put_observation(store, &run, "h2", address_from_ipv4(1), 1);
    put_observation(store, &run, "h1", v6, 3306);
    put_observation(store, &run, "h1", address_from_ipv4(0xc0000201), 3307);
    put_observation(store, &run, "h1", address_from_ipv4(0xc0000201), 80);
    put_observation(store, &run, "h1", address_from_ipv4(0x0a000001), 3306);
    put_observation(store, &run, "h1", address_from_ipv4(0x0a000001), 3306);
    struct seen seen = {0};
    good(store, store_each_observation(store, &run, "h1", see_observation, &seen));
    assert_string_equal(seen.text, "h1 10.0.0.1 3306\nh1 192.0.2.1 80\nh1 192.0.2.1 3307\n"
                                   "h1 2001:db8::ffff:ffff:ffff:ffff 3306\n");
    seen = (struct seen){0};
    good(store, store_each_observation(store, &run, NULL, see_observation, &seen));
    assert_int_equal(seen.count, 5);
    store_run_deinit(&run);
    store_close(&store);
}

static void compare_finding(void *context, const struct finding *finding)
{
    const struct finding *expected = context;
    assert_string_equal(finding->organization, expected->organization);
    assert_string_equal(finding->item, expected->item);
    assert_int_equal(finding->has_address, expected->has_address);
    assert_true(!expected->has_address || address_compare(finding->address, expected->address) == 0);
    assert_int_equal(finding->port.number, expected->port.number);
    assert_int_equal(finding->port.transport, expected->port.transport);
    assert_true((finding->key == NULL) == (expected->key == NULL));
    assert_string_equal(finding->key ? finding->key : "", expected->key ? expected->key : "");
    assert_int_equal(finding->confidence, expected->confidence);
    assert_int_equal(finding->asset, expected->asset);
    assert_true(isnan(expected->exposure) ? isnan(finding->exposure)
                                          : finding->exposure == expected->exposure);
    assert_true(finding->count == expected->count);
    assert_string_equal(finding->why ? finding->why : "", expected->why ? expected->why : "");
    assert_true((finding->facts == NULL) == (expected->facts == NULL));
    assert_int_equal(finding->time_ms, expected->time_ms);
}

static void test_findings(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    char item[] = "H04-1", why[] = HOSTILE, facts[] = "{\"mysql.tls_offered\":false}", h1[] = "h1",
         h2[] = "h2";
    struct finding full = {.organization = h1,
                           .item = item,
                           .has_address = true,
                           .address = {0x20010db800000000, 1},
                           .port = {3306, TRANSPORT_TCP},
                           .key = why,
                           .confidence = 5,
                           .asset = 4,
                           .exposure = 0.6,
                           .count = UINT64_MAX,
                           .why = why,
                           .facts = facts,
                           .time_ms = 1764000000456};
    struct finding bare = {.organization = h2, .item = item, .exposure = (double)NAN, .count = 1};
    good(store, store_finding(store, &run, &full));
    good(store, store_finding(store, &run, &bare));
    good(store, store_each_finding(store, &run, "h1", compare_finding, &full));
    good(store, store_each_finding(store, &run, "h2", compare_finding, &bare));
    good(store, store_clear_findings(store, &run));
    good(store, store_each_finding(store, &run, NULL, compare_finding, NULL));
    bare.organization = NULL;
    assert_int_equal(store_finding(store, &run, &bare), STATUS_STORE);
    store_run_deinit(&run);
    store_close(&store);
}

static void see_item(void *context, const char *item)
{
    struct seen *seen = context;
    strncat(seen->text, item, sizeof seen->text - strlen(seen->text) - 1);
}

static void see_scorecard(void *context, const char *organization, int index, double exact,
                          const char *record)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%s %d %.3f %s\n", organization, index, exact,
             record);
}

static void test_assessed_and_scorecards(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    struct seen seen = {0};
    good(store, store_assessed(store, &run, "h1", "H04-1"));
    good(store, store_assessed(store, &run, "h1", "H03-1"));
    good(store, store_assessed(store, &run, "h1", "H04-1"));
    good(store, store_assessed(store, &run, "h2", "A01-1"));
    good(store, store_each_assessed(store, &run, "h1", see_item, &seen));
    assert_string_equal(seen.text, "H03-1H04-1");
    seen = (struct seen){0};
    good(store, store_scorecard(store, &run, "h1", 1, 0.5, "old"));
    good(store, store_scorecard(store, &run, "h1", 712, 711.83, "{}"));
    good(store, store_scorecard(store, &run, "h0", 0, (double)NAN, "{}"));
    good(store, store_each_scorecard(store, &run, see_scorecard, &seen));
    assert_true(strstr(seen.text, "h1 712 711.830 {}\n") && !strstr(seen.text, "old"));
    store_run_deinit(&run);
    store_close(&store);
}

/* A callback may use the store, even the statement that it is called from. */
struct nested {
    struct store *store;
    const struct store_run *run;
    int depth;
};

static void go_deeper(void *context, struct store_pending pending)
{
    struct nested *nested = context;
    good(nested->store, store_assessed(nested->store, nested->run, "h", "x"));
    if (nested->depth++ < 3)
        good(nested->store, store_each_pending(nested->store, nested->run, go_deeper, nested));
    (void)pending;
}

static void test_nested_use(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    good(store, store_set_pending(store, &run, (struct store_pending){1, 1}));
    good(store, store_set_pending(store, &run, (struct store_pending){2, 1}));
    struct nested nested = {store, &run, 0};
    good(store, store_each_pending(store, &run, go_deeper, &nested));
    assert_true(nested.depth > 3);
    store_run_deinit(&run);
    store_close(&store);
}

static void test_private(void **state)
{
    const struct place *place = *state;
    mode_t before = umask(0);
    struct store *store = opened(place, true);
    umask(before);
    struct stat stat_of;
    assert_int_equal(stat(place->path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    store_close(&store);
}

static void refused(const struct place *place, bool write, const char *says)
{
    struct store *store = NULL;
    assert_int_equal(store_open(place->path, write, &store), STATUS_STORE);
    assert_non_null(store);
    if (!strstr(store_message(store), says))
        fail_msg("'%s' does not say '%s'", store_message(store), says);
    store_close(&store);
}

static void write_file(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void test_not_sqlite(void **state)
{
    const struct place *place = *state;
    static const char text[] = "{\"auscult\": 1, \"organizations\": []}\n";
    char back[sizeof text] = {0};
    for (int write = 0; write < 2; write++) {
        write_file(place->path, text, sizeof text - 1);
        refused(place, write, "no SQLite file");
        FILE *file = fopen(place->path, "r");
        assert_non_null(file);
        assert_int_equal(fread(back, 1, sizeof back, file), sizeof text - 1);
        assert_string_equal(back, text); /* and it was left as it is */
        fclose(file);
    }
    char page[5000];
    memset(page, 'x', sizeof page);
    write_file(place->path, page, sizeof page);
    refused(place, true, "no SQLite file");
}

static void execute(const struct place *place, const char *sql)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(place->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void test_foreign(void **state)
{
    const struct place *place = *state;
    refused(place, false, "unable to open"); /* reading makes no file */
    assert_int_equal(access(place->path, F_OK), -1);
    write_file(place->path, "", 0);
    refused(place, false, "another program");
    execute(place, "CREATE TABLE patients (name)");
    refused(place, true, "another program");
    refused(place, false, "another program");
    unlink(place->path);
    struct store *store = opened(place, true);
    store_close(&store);
    execute(place, "PRAGMA user_version = 2");
    refused(place, true, "newer auscult");
    refused(place, false, "newer auscult");
}

static void test_no_folder(void **state)
{
    (void)state;
    struct place nowhere = {.path = "/nonexistent-folder/a.db"};
    refused(&nowhere, true, "No such file");
}

static void test_in_memory(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct store_run run = sample_run();
    size_t seen = 0;
    good(store, store_open(NULL, true, &store));
    good(store, store_begin(store, &run));
    good(store, store_set_pending(store, &run, (struct store_pending){1, 1}));
    good(store, store_commit(store));
    good(store, store_each_pending(store, &run, count_pending, &seen));
    assert_int_equal(seen, 1);
    store_run_deinit(&run);
    store_close(&store);
}

/* A name that SQLite would take for something else is a file's name like any other. */
static void test_strange_name(void **state)
{
    const struct place *place = *state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(place->folder), 0);
    struct place memory = {.path = ":memory:"};
    struct store *store = opened(&memory, true);
    store_close(&store);
    assert_int_equal(unlink(":memory:"), 0);
    assert_int_equal(chdir(before), 0);
}

static void test_read_only(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    store_close(&store);
    store = opened(*state, false);
    assert_int_equal(store_set_pending(store, &run, (struct store_pending){1, 1}), STATUS_STORE);
    assert_true(strlen(store_message(store)) > 0);
    store_run_deinit(&run);
    store_close(&store);
}

static void test_damaged_rows(void **state)
{
    struct store_run run;
    struct store *store = with_run(*state, &run);
    put_observation(store, &run, "h1", address_from_ipv4(1), 1);
    store_close(&store);
    static const char *const damage[] = {"UPDATE observations SET facts = '[' ",
                                         "UPDATE observations SET facts = '{}', address = x'00'",
                                         "UPDATE observations SET address = zeroblob(16), state = 77",
                                         "UPDATE observations SET state = 0, undetermined = 5"};
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        struct seen seen = {0};
        execute(*state, damage[i]);
        store = opened(*state, false);
        assert_int_equal(store_each_observation(store, &run, NULL, see_observation, &seen), STATUS_STORE);
        assert_int_equal(seen.count, 0);
        store_close(&store);
    }
    store_run_deinit(&run);
}

/* Commits `commits` times, each after three writes, then writes once more and dies. */
static void die_between(const struct place *place, int commits)
{
    struct store *store = NULL;
    struct store_run run = sample_run();
    strcpy(run.id, "11111111-0000-4000-8000-000000000000");
    if (store_open(place->path, true, &store) != STATUS_OK || store_begin(store, &run) != STATUS_OK)
        _exit(1);
    for (int i = 0; i <= commits; i++) {
        uint64_t first = (uint64_t)i * 3;
        for (uint64_t n = first; n < first + 3; n++)
            if (store_set_pending(store, &run, (struct store_pending){n, 1}) != STATUS_OK)
                _exit(2);
        if (i < commits && store_commit(store) != STATUS_OK)
            _exit(3);
    }
    kill(getpid(), SIGKILL);
}

static void test_killed(void **state)
{
    const struct place *place = *state;
    for (int commits = 0; commits < 8; commits++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            die_between(place, commits);
        int end = 0;
        assert_int_equal(waitpid(child, &end, 0), child);
        assert_true(WIFSIGNALED(end) && WTERMSIG(end) == SIGKILL);
        struct store *store = opened(place, true);
        struct store_run run;
        enum status found = store_find_run(store, NULL, true, &run);
        assert_int_equal(found, commits ? STATUS_OK : STATUS_MISMATCH);
        if (commits) {
            size_t left = 0;
            good(store, store_each_pending(store, &run, count_pending, &left));
            assert_int_equal(left, (size_t)commits * 3);
            store_run_deinit(&run);
        }
        store_close(&store);
        unlink(place->path);
    }
}

static bool passes(int end, bool send)
{
    char byte = 'x';
    return (send ? write(end, &byte, 1) : read(end, &byte, 1)) == 1;
}

/* Writes 2 beside another process that holds the lock. SQLite may not be carried over a fork, so that the
 * child has opened nothing before. */
static void write_beside(const struct place *place, int go, int about_to)
{
    struct store *store = NULL;
    struct store_run run;
    bool well = passes(go, false) && store_open(place->path, true, &store) == STATUS_OK &&
                store_find_run(store, NULL, true, &run) == STATUS_OK && passes(about_to, true) &&
                store_set_pending(store, &run, (struct store_pending){2, 1}) == STATUS_OK &&
                store_commit(store) == STATUS_OK;
    _exit(well ? 0 : 1);
}

/* The child waits for the lock, which the parent holds until the child has said that it is about to write. */
static void test_two_writers(void **state)
{
    int go[2], about_to[2];
    assert_int_equal(pipe(go) + pipe(about_to), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_beside(*state, go[0], about_to[1]);
    struct store_run run;
    struct store *store = with_run(*state, &run);
    good(store, store_commit(store));
    good(store, store_set_pending(store, &run, (struct store_pending){1, 1}));
    assert_true(passes(go[1], true) && passes(about_to[0], false));
    good(store, store_set_pending(store, &run, (struct store_pending){3, 1}));
    good(store, store_commit(store));
    int end = 0;
    assert_int_equal(waitpid(child, &end, 0), child);
    assert_true(WIFEXITED(end) && WEXITSTATUS(end) == 0);
    size_t left = 0;
    good(store, store_each_pending(store, &run, count_pending, &left));
    assert_int_equal(left, 3);
    for (int i = 0; i < 2; i++) {
        close(go[i]);
        close(about_to[i]);
    }
    store_run_deinit(&run);
    store_close(&store);
}

/* A reader sees what was committed and neither waits nor makes the writer wait. */
static void test_reader_beside_writer(void **state)
{
    struct store_run run;
    struct store *writer = with_run(*state, &run);
    good(writer, store_commit(writer));
    good(writer, store_set_pending(writer, &run, (struct store_pending){1, 1}));
    struct store *reader = opened(*state, false);
    size_t seen = 0;
    good(reader, store_each_pending(reader, &run, count_pending, &seen));
    assert_int_equal(seen, 0);
    good(writer, store_commit(writer));
    good(reader, store_each_pending(reader, &run, count_pending, &seen));
    assert_int_equal(seen, 1);
    store_close(&reader);
    store_run_deinit(&run);
    store_close(&writer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_run),          TEST(test_find_run),    TEST(test_pending),
        TEST(test_many_pending), TEST(test_counts),      TEST(test_hosts),
        TEST(test_observations), TEST(test_findings),    TEST(test_assessed_and_scorecards),
        TEST(test_nested_use),   TEST(test_private),     TEST(test_not_sqlite),
        TEST(test_foreign),      TEST(test_no_folder),   TEST(test_in_memory),
        TEST(test_strange_name), TEST(test_read_only),   TEST(test_damaged_rows),
        TEST(test_killed),       TEST(test_two_writers), TEST(test_reader_beside_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
