#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "probes/probe.h"

static void test_run(void **state)
{
    struct store_run run, back;
    struct store *store = place_begin(*state, &run);
    assert_int_equal(strlen(run.id), 36);
    assert_int_equal(run.id[14], '4');
    run.position = UINT64_MAX;
    run.probes_sent = 99;
    assert_good(store, store_update_run(store, &run));
    store_close(&store);
    store = place_open(*state, false);
    assert_good(store, store_find_run(store, run.id, true, &back));
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
    assert_good(store, status);
    assert_string_equal(run.id, expected);
    store_run_deinit(&run);
}

static void test_find_run(void **state)
{
    struct store *store = place_open(*state, true);
    find(store, NULL, false, NULL);
    struct store_run first = sample_run(), second = sample_run();
    strcpy(first.id, "11111111-0000-4000-8000-000000000000");
    strcpy(second.id, "22222222-0000-4000-8000-000000000000");
    second.complete = true;
    assert_good(store, store_begin(store, &first));
    assert_good(store, store_begin(store, &second));
    find(store, NULL, false, second.id);
    find(store, "", true, first.id);
    find(store, "1111", false, first.id);
    find(store, "2222", true, NULL);
    find(store, "%", false, NULL);
    find(store, "'", false, NULL);
    first.complete = true;
    first.ended_ms = 5;
    assert_good(store, store_update_run(store, &first));
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
    struct store *store = place_begin(*state, &run);
    assert_good(store, store_begin(store, &other));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){UINT64_C(1) << 61, 1}));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){5, 1}));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){5, 2}));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){6, 1}));
    assert_good(store, store_set_pending(store, &other, (struct store_pending){6, 9}));
    assert_good(store, store_clear_pending(store, &run, 6));
    assert_good(store, store_clear_pending(store, &run, 777));
    struct store_pending kept[4] = {0};
    assert_good(store, store_each_pending(store, &run, keep_pending, kept));
    assert_true(kept[0].number == 5 && kept[0].attempts == 2);
    assert_true(kept[1].number == UINT64_C(1) << 61 && kept[1].attempts == 1);
    assert_int_equal(kept[2].attempts, 0);
    store_run_deinit(&run);
    store_run_deinit(&other);
    store_close(&store);
}

/* As many as a scan of 2000 hosts has; a commit every 1000. */
static void test_many_pending(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    for (uint64_t i = 0; i < 100000; i++) {
        assert_good(store, store_set_pending(store, &run, (struct store_pending){i * 7919 % 100003, 1}));
        if (i >= 500)
            assert_good(store, store_clear_pending(store, &run, (i - 500) * 7919 % 100003));
        if (i % 1000 == 0)
            assert_good(store, store_commit(store));
    }
    size_t left = 0;
    assert_good(store, store_each_pending(store, &run, count_pending, &left));
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
    struct store *store = place_begin(*state, &run);
    struct store_count count = {.organization = HOSTILE, .port = {65535, TRANSPORT_UDP}};
    count.ends[ENDPOINT_OPEN] = 1;
    count.ends[ENDPOINT_SILENT] = UINT32_MAX;
    assert_good(store, store_add_count(store, &run, &count));
    assert_good(store, store_add_count(store, &run, &count));
    count.port.transport = TRANSPORT_TCP;
    assert_good(store, store_add_count(store, &run, &count));
    struct counts_seen seen = {0};
    assert_good(store, store_each_count(store, &run, NULL, see_count, &seen));
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
    struct store *store = place_begin(*state, &run);
    uint64_t answered = 9, open = 9;
    struct address v4 = address_from_ipv4(0xc0000201), v6 = {0x20010db800000000, 1};
    assert_good(store, store_count_hosts(store, &run, NULL, &answered, &open));
    assert_true(answered == 0 && open == 0);
    assert_good(store, store_host(store, &run, "h1", v4, true));
    assert_good(store, store_host(store, &run, "h1", v4, false));
    assert_good(store, store_host(store, &run, "h1", v6, false));
    assert_good(store, store_host(store, &run, "h2", v6, true));
    assert_good(store, store_count_hosts(store, &run, "h1", &answered, &open));
    assert_true(answered == 2 && open == 1);
    assert_good(store, store_count_hosts(store, &run, NULL, &answered, &open));
    assert_true(answered == 3 && open == 2);
    assert_good(store, store_count_hosts(store, &run, "h", &answered, &open));
    assert_true(answered == 0 && open == 0);
    store_run_deinit(&run);
    store_close(&store);
}

static void keep_control(void *context, const char *organization, struct address address,
                         enum host_control control)
{
    char *text = context, host[ADDRESS_TEXT_MAX];
    size_t used = strlen(text);
    address_format(address, host);
    snprintf(text + used, 256 - used, "%s %s %d;", organization, host, control);
}

static void test_controls(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    struct address v4 = address_from_ipv4(0xc0000201), v6 = {0x20010db800000000, 1};
    char text[256] = "";
    uint64_t hosts = 9;
    assert_good(store, store_host(store, &run, "h1", v4, true));
    assert_good(store, store_set_control(store, &run, "h1", v6, CONTROL_ASKED));
    assert_good(store, store_set_control(store, &run, "h1", v6, CONTROL_REFUSED));
    assert_good(store, store_set_control(store, &run, "h2", v4, CONTROL_ANSWERED));
    assert_good(store, store_each_control(store, &run, keep_control, text));
    assert_string_equal(text, "h1 2001:db8::1 2;h2 192.0.2.1 3;");
    assert_good(store, store_count_control(store, &run, NULL, CONTROL_ANSWERED, &hosts));
    assert_true(hosts == 1);
    assert_good(store, store_count_control(store, &run, "h1", CONTROL_ANSWERED, &hosts));
    assert_true(hosts == 0);
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
    assert_good(store, store_observation(store, run, organization, &observation));
    observation_deinit(&observation);
}

/* What a control port unmasked is no observation any more, and its host has what is left. */
static void test_taken_back(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    struct address v4 = address_from_ipv4(0xc0000201);
    struct seen seen = {0};
    uint64_t answered = 9, open = 9;
    put_observation(store, &run, "h1", v4, 3306);
    put_observation(store, &run, "h1", v4, 3307);
    put_observation(store, &run, "h1", address_from_ipv4(0xc0000202), 3306);
    assert_good(store, store_host(store, &run, "h1", v4, true));
    assert_good(store, store_drop_observation(store, &run, "h1", v4, (struct port){3306, TRANSPORT_TCP}));
    assert_good(store, store_each_observation_at(store, &run, "h1", v4, see_observation, &seen));
    assert_string_equal(seen.text, "h1 192.0.2.1 3307\n");
    assert_good(store, store_set_control(store, &run, "h1", v4, CONTROL_ANSWERED));
    assert_good(store, store_count_hosts(store, &run, NULL, &answered, &open));
    assert_true(answered == 1 && open == 1);
    assert_good(store, store_drop_observation(store, &run, "h1", v4, (struct port){3307, TRANSPORT_TCP}));
    assert_good(store, store_set_control(store, &run, "h1", v4, CONTROL_ANSWERED));
    assert_good(store, store_count_hosts(store, &run, NULL, &answered, &open));
    assert_true(answered == 1 && open == 0);
    store_run_deinit(&run);
    store_close(&store);
}

static void test_observations(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    struct address v6 = {0x20010db800000000, 0xffffffffffffffff};
    put_observation(store, &run, "h2", address_from_ipv4(1), 1);
    put_observation(store, &run, "h1", v6, 3306);
    put_observation(store, &run, "h1", address_from_ipv4(0xc0000201), 3307);
    put_observation(store, &run, "h1", address_from_ipv4(0xc0000201), 80);
    put_observation(store, &run, "h1", address_from_ipv4(0x0a000001), 3306);
    put_observation(store, &run, "h1", address_from_ipv4(0x0a000001), 3306);
    struct seen seen = {0};
    assert_good(store, store_each_observation(store, &run, "h1", see_observation, &seen));
    assert_string_equal(seen.text, "h1 10.0.0.1 3306\nh1 192.0.2.1 80\nh1 192.0.2.1 3307\n"
                                   "h1 2001:db8::ffff:ffff:ffff:ffff 3306\n");
    seen = (struct seen){0};
    assert_good(store, store_each_observation(store, &run, NULL, see_observation, &seen));
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
    struct store *store = place_begin(*state, &run);
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
    assert_good(store, store_finding(store, &run, &full));
    assert_good(store, store_finding(store, &run, &bare));
    assert_good(store, store_each_finding(store, &run, "h1", compare_finding, &full));
    assert_good(store, store_each_finding(store, &run, "h2", compare_finding, &bare));
    assert_good(store, store_clear_findings(store, &run));
    assert_good(store, store_each_finding(store, &run, NULL, compare_finding, NULL));
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

static void test_assessed(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    struct seen seen = {0};
    assert_good(store, store_assessed(store, &run, "h1", "H04-1"));
    assert_good(store, store_assessed(store, &run, "h1", "H03-1"));
    assert_good(store, store_assessed(store, &run, "h1", "H04-1"));
    assert_good(store, store_assessed(store, &run, "h2", "A01-1"));
    assert_good(store, store_each_assessed(store, &run, "h1", see_item, &seen));
    assert_string_equal(seen.text, "H03-1H04-1");
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
    assert_good(nested->store, store_assessed(nested->store, nested->run, "h", "x"));
    if (nested->depth++ < 3)
        assert_good(nested->store, store_each_pending(nested->store, nested->run, go_deeper, nested));
    (void)pending;
}

static void test_nested_use(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    assert_good(store, store_set_pending(store, &run, (struct store_pending){1, 1}));
    assert_good(store, store_set_pending(store, &run, (struct store_pending){2, 1}));
    struct nested nested = {store, &run, 0};
    assert_good(store, store_each_pending(store, &run, go_deeper, &nested));
    assert_true(nested.depth > 3);
    store_run_deinit(&run);
    store_close(&store);
}

static void test_damaged_rows(void **state)
{
    struct store_run run;
    struct store *store = place_begin(*state, &run);
    put_observation(store, &run, "h1", address_from_ipv4(1), 1);
    store_close(&store);
    static const char *const damage[] = {"UPDATE observations SET facts = '[' ",
                                         "UPDATE observations SET facts = '{}', address = x'00'",
                                         "UPDATE observations SET address = zeroblob(16), state = 77",
                                         "UPDATE observations SET state = 0, undetermined = 5"};
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        struct seen seen = {0};
        place_execute(*state, damage[i]);
        store = place_open(*state, false);
        assert_int_equal(store_each_observation(store, &run, NULL, see_observation, &seen), STATUS_STORE);
        assert_int_equal(seen.count, 0);
        store_close(&store);
    }
    store_run_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_run),          PLACE_TEST(test_find_run),   PLACE_TEST(test_pending),
        PLACE_TEST(test_many_pending), PLACE_TEST(test_counts),     PLACE_TEST(test_hosts),
        PLACE_TEST(test_controls),     PLACE_TEST(test_taken_back), PLACE_TEST(test_observations),
        PLACE_TEST(test_findings),     PLACE_TEST(test_assessed),   PLACE_TEST(test_nested_use),
        PLACE_TEST(test_damaged_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
