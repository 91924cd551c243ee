#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ether.h"
#include "scene.h"

#define NETWORKS 512

/* One sweep over the network in memory, and what it told. */
struct voyage {
    struct ether ether; /* first */
    struct networks networks;
    struct scene scene;
    struct plan plan;
    struct sweep sweep;
    uint8_t *told; /* by step: 1 + state */
    uint64_t answers;
    int64_t now_ns;
    int64_t taken_ns[NETWORKS][2]; /* the last two SYNs to each network */
};

static void answered(void *context, const struct wire_reply *reply, enum endpoint_state state)
{
    struct voyage *voyage = context;
    uint64_t step = plan_step(&voyage->plan, reply->address, reply->port);
    assert_int_equal(voyage->told[step], 0);
    voyage->told[step] = (uint8_t)(1 + state);
    voyage->answers++;
}

/* per_network: a ceiling, SYNs a second; 0: none. */
static void begin_limited(struct voyage *voyage, const char *ranges, const char *list, unsigned attempts,
                          uint64_t marks_size, uint32_t shard, uint32_t shards, double per_network)
{
    struct ports ports;
    const char *why = "";
    size_t at = 0;
    memset(voyage, 0, sizeof *voyage);
    scene_init_ranges(&voyage->scene, ranges, "");
    ports_init(&ports);
    assert_int_equal(ports_parse(&ports, list, &why, &at), STATUS_OK);
    assert_int_equal(plan_init(&voyage->plan, voyage->scene.authorization, &ports, 5, shard, shards, true),
                     STATUS_OK);
    ports_deinit(&ports);
    ether_init(&voyage->ether, &voyage->plan, marks_size);
    voyage->told = calloc(plan_size(&voyage->plan, PLAN_SWEPT) + 1, 1);
    assert_non_null(voyage->told);
    assert_int_equal(networks_init(&voyage->networks, per_network), STATUS_OK);
    const struct sweep_options options = {attempts, 900, &voyage->networks, 0};
    const struct sweep_listener listener = {voyage, answered};
    assert_int_equal(sweep_init(&voyage->sweep, &voyage->plan, &voyage->ether.wire, &options, &listener),
                     STATUS_OK);
    voyage->ether.sweep = &voyage->sweep;
}

static void begin(struct voyage *voyage, const char *ranges, const char *list, unsigned attempts,
                  uint64_t marks_size, uint32_t shard, uint32_t shards)
{
    begin_limited(voyage, ranges, list, attempts, marks_size, shard, shards, 0);
}

static void end(struct voyage *voyage)
{
    free(voyage->told);
    sweep_deinit(&voyage->sweep);
    networks_deinit(&voyage->networks);
    ether_deinit(&voyage->ether);
    plan_deinit(&voyage->plan);
    scene_deinit(&voyage->scene);
}

/* One turn at a rate; false when the sweep is over. */
static bool turn(struct voyage *voyage, uint32_t frames_max, int64_t frame_ns)
{
    uint32_t frames = 0;
    bool more;
    voyage->ether.now_ns = voyage->now_ns;
    assert_int_equal(sweep_send(&voyage->sweep, frames_max, voyage->now_ns, &frames), STATUS_OK);
    assert_true(frames <= frames_max);
    assert_int_equal(voyage->ether.wire.hear(&voyage->ether.wire, &more), STATUS_OK);
    int64_t wake_ns = sweep_wake(&voyage->sweep);
    assert_true(sweep_over(&voyage->sweep) == (wake_ns == INT64_MAX));
    voyage->now_ns += frames ? frames * frame_ns : 0;
    if (wake_ns > voyage->now_ns)
        voyage->now_ns = wake_ns;
    return wake_ns != INT64_MAX;
}

static void sail(struct voyage *voyage, uint32_t frames_max, int64_t frame_ns)
{
    for (uint64_t turns = 0; turn(voyage, frames_max, frame_ns); turns++)
        assert_true(turns < 10000000);
}

static unsigned expected_frames(enum nature nature, unsigned attempts)
{
    return nature == NATURE_SILENT ? attempts : 1;
}

/* Everybody was found to be what he is, with his budget and not a SYN more; after a stop with one more at most for
   those whose last one was in flight then. */
static void check_budget(const struct voyage *voyage, unsigned attempts, unsigned more)
{
    for (uint64_t step = 0; step < plan_size(&voyage->plan, PLAN_SWEPT); step++) {
        static const uint8_t told[] = {1 + ENDPOINT_OPEN, 1 + ENDPOINT_CLOSED, 0, 1 + ENDPOINT_UNREACHABLE};
        struct address address;
        struct port port;
        plan_draw(&voyage->plan, PLAN_SWEPT, step, &address, &port);
        enum nature nature = ether_nature(address, port.number);
        assert_int_equal(voyage->told[step], told[nature]);
        unsigned expected = expected_frames(nature, attempts);
        assert_in_range(voyage->ether.sent[step], expected,
                        nature == NATURE_SILENT ? expected + more : expected);
    }
    assert_true(voyage->sweep.totals.settled == plan_size(&voyage->plan, PLAN_SWEPT));
    if (attempts > 1)
        assert_true(voyage->ether.nearest_ns >= 1000000000);
}

static void check_exact(const struct voyage *voyage, unsigned attempts)
{
    check_budget(voyage, attempts, 0);
}

static void each_target_gets_its_budget(void **state)
{
    (void)state;
    static const uint32_t batches[] = {1, 7, 64, 4096};
    for (unsigned attempts = 1; attempts <= 3; attempts++)
        for (size_t i = 0; i < 4; i++)
            for (uint32_t shard = 1; shard <= 2; shard++) {
                struct voyage voyage;
                begin(&voyage, "\"192.0.2.0/24\",\"2001:db8::/123\"", "22,80,443", attempts, 1024, shard, 2);
                voyage.ether.repeats = 2;
                voyage.ether.refuse_after = i == 2 ? 5 : 0;
                sail(&voyage, batches[i], i == 0 ? 100000 : 1000);
                check_exact(&voyage, attempts);
                assert_true(voyage.sweep.totals.repeats == 2 * voyage.answers);
                assert_true(sweep_recall(&voyage.sweep, 0) == 1);
                end(&voyage);
            }
}

/* More steps are under way at once than there are marks: the sweep waits for room. */
static void a_small_window_only_takes_longer(void **state)
{
    (void)state;
    struct voyage voyage;
    begin(&voyage, "\"192.0.2.0/24\"", "22,80", 2, 64, 1, 1);
    sail(&voyage, 64, 1000);
    check_exact(&voyage, 2);
    assert_true(voyage.now_ns > INT64_C(1900000000) * (512 / 64 - 1));
    end(&voyage);
}

/* Never more than the ceiling allows: three in less than one interval would be a burst. */
static void watch_network(struct ether *ether, struct address address)
{
    struct voyage *voyage = (struct voyage *)(void *)ether;
    uint64_t net = address_is_ipv4(address) ? (address.low >> 8) % (NETWORKS - 1) : NETWORKS - 1;
    int64_t *taken_ns = voyage->taken_ns[net];
    if (taken_ns[1])
        assert_true(ether->now_ns - taken_ns[1] >= (int64_t)(1e9 / voyage->networks.rate));
    taken_ns[1] = taken_ns[0];
    taken_ns[0] = ether->now_ns;
}

static void networks_keep_their_ceiling(void **state)
{
    (void)state;
    static const uint32_t batches[] = {1, 7, 4096};
    for (unsigned attempts = 1; attempts <= 3; attempts++)
        for (size_t i = 0; i < 3; i++) {
            struct voyage voyage;
            begin_limited(&voyage,
                          "\"192.0.2.0/24\",\"198.51.100.0/25\",\"203.0.113.0/28\",\"2001:db8::/122\"",
                          "22,80,443", attempts, i == 1 ? 512 : 2048, 1, 1, 100);
            voyage.ether.leaves = watch_network;
            voyage.ether.refuse_after = i == 1 ? 5 : 0;
            voyage.now_ns = 1;
            sail(&voyage, batches[i], 1000);
            check_exact(&voyage, attempts);
            /* The fullest alone takes so long, and the others go on beside it. */
            double least = 256 * 3 / 100.0, seconds = (double)voyage.ether.now_ns / 1e9;
            assert_true(seconds > least - 1);
            if (i != 1) /* where there is room for all that wait */
                assert_true(seconds < attempts * (least + 2));
            end(&voyage);
        }
}

/* More have to wait than there is room for: the sweep waits with them, and loses none. */
static void what_waits_is_bounded(void **state)
{
    (void)state;
    struct voyage voyage;
    begin_limited(&voyage, "\"10.0.0.0/15\",\"192.0.2.0/31\"", "22", 2, 262144, 1, 1, 1000);
    size_t most = 0;
    voyage.now_ns = 1;
    while (turn(&voyage, 4096, 10))
        most = voyage.sweep.aside.count > most ? voyage.sweep.aside.count : most;
    assert_int_equal(most, ASIDE_MAX);
    check_exact(&voyage, 2);
    end(&voyage);
}

/* Wherever a sweep is stopped and begun anew from its record, the whole is as if it had not been. */
static void watch_host(struct ether *ether, struct address address)
{
    struct voyage *voyage = (struct voyage *)(void *)ether;
    (void)address;
    if (voyage->taken_ns[0][0])
        assert_true(ether->now_ns - voyage->taken_ns[0][0] >= 100000000);
    voyage->taken_ns[0][0] = ether->now_ns;
}

/* What has gathered while conversations had all that a network may get goes out no faster than its host allows. */
static void what_gathered_is_no_burst_to_a_host(void **state)
{
    (void)state;
    struct voyage voyage;
    begin_limited(&voyage, "\"192.0.2.7\"", "1000-1063", 1, 256, 1, 1, 100);
    voyage.sweep.options.rate_per_host = 10;
    struct address address;
    struct port port;
    plan_draw(&voyage.plan, PLAN_SWEPT, 0, &address, &port);
    struct network *network = networks_find(&voyage.networks, address);
    assert_non_null(network);
    for (voyage.now_ns = 1; voyage.now_ns < 1000000000; voyage.now_ns += 5000000) {
        uint32_t frames = 0;
        if (pacer_ready(&network->pacer, voyage.now_ns))
            networks_spend(&voyage.networks, network, voyage.now_ns);
        assert_int_equal(sweep_send(&voyage.sweep, 8, voyage.now_ns, &frames), STATUS_OK);
        assert_int_equal(frames, 0);
    }
    assert_int_equal(voyage.sweep.aside.count, 64);
    voyage.ether.leaves = watch_host;
    sail(&voyage, 8, 1000);
    assert_in_range(voyage.ether.now_ns, INT64_C(6300000000), INT64_C(9000000000));
    check_exact(&voyage, 1);
    end(&voyage);
}

static void check_goes_on(double per_network)
{
    bool aside = false;
    for (unsigned stop = 1; stop < 60; stop += 3) {
        struct voyage voyage;
        uint8_t *bytes;
        size_t size;
        begin_limited(&voyage, "\"192.0.2.0/26\"", "22,80,443", 2, 256, 1, 1, per_network);
        for (unsigned turns = 0; turns < stop; turns++)
            assert_true(turn(&voyage, 9, 1000000));
        aside |= voyage.sweep.aside.count > 0;
        assert_int_equal(sweep_save(&voyage.sweep, &bytes, &size), STATUS_OK);
        struct sweep stopped = voyage.sweep;
        memset(voyage.ether.wire.marks, 0, voyage.ether.wire.marks_size);
        assert_int_equal(
            sweep_init(&voyage.sweep, &voyage.plan, &voyage.ether.wire, &stopped.options, &stopped.listener),
            STATUS_OK);
        sweep_deinit(&stopped);
        networks_deinit(&voyage.networks);
        assert_int_equal(networks_init(&voyage.networks, per_network), STATUS_OK);
        voyage.now_ns += 5000000000;
        assert_int_equal(sweep_load(&voyage.sweep, bytes, size, voyage.now_ns), STATUS_OK);
        sail(&voyage, 9, 1000000);
        check_budget(&voyage, 2, 1);
        free(bytes);
        end(&voyage);
    }
    assert_true(aside == (per_network > 0));
}

static void it_goes_on_from_its_record(void **state)
{
    (void)state;
    check_goes_on(0);
    check_goes_on(40);
}

static void check_other_record(double per_network)
{
    struct voyage voyage, other;
    uint8_t *bytes;
    size_t size;
    begin_limited(&voyage, "\"192.0.2.0/26\"", "22,80,443", 2, 256, 1, 1, per_network);
    for (unsigned turns = 0; turns < 10; turns++)
        assert_true(turn(&voyage, 9, 1000000));
    assert_int_equal(sweep_save(&voyage.sweep, &bytes, &size), STATUS_OK);
    for (size_t cut = 0; cut < size; cut += cut < 20 * 8 ? 3 : 31) {
        begin_limited(&other, "\"192.0.2.0/26\"", "22,80,443", 2, 256, 1, 1, per_network);
        assert_int_equal(sweep_load(&other.sweep, bytes, cut, 0), STATUS_MISMATCH);
        end(&other);
    }
    /* A byte of the cursors changed: refused, or a record that is as good as any. */
    for (size_t at = 0; at < size; at += at < 7 * 8 ? 1 : 31) {
        uint8_t *changed = malloc(size);
        assert_non_null(changed);
        memcpy(changed, bytes, size);
        changed[at] ^= 0x81;
        begin_limited(&other, "\"192.0.2.0/26\"", "22,80,443", 2, 256, 1, 1, per_network);
        if (sweep_load(&other.sweep, changed, size, 0) == STATUS_OK)
            assert_true(other.sweep.settled <= other.sweep.cursors[2]);
        end(&other);
        free(changed);
    }
    begin_limited(&other, "\"192.0.2.0/26\"", "22,80", 2, 256, 1, 1, per_network);
    assert_int_equal(sweep_load(&other.sweep, bytes, size, 0), STATUS_MISMATCH);
    end(&other);
    begin(&other, "\"192.0.2.0/26\"", "22,80,443", 2, 256, 1, 1);
    assert_int_equal(sweep_load(&other.sweep, bytes, size, 0), per_network > 0 ? STATUS_MISMATCH : STATUS_OK);
    end(&other);
    free(bytes);
    end(&voyage);
}

static void another_record_is_refused(void **state)
{
    (void)state;
    check_other_record(0);
    check_other_record(40);
}

static void what_was_not_asked_is_not_believed(void **state)
{
    (void)state;
    struct voyage voyage;
    struct wire_reply reply = {.port = 22, .answer = WIRE_OPEN, .attempt = 1};
    begin(&voyage, "\"192.0.2.0/24\"", "22", 1, 1024, 1, 1);
    assert_true(address_parse("198.51.100.1", 12, &reply.address));
    sweep_reply(&voyage.sweep, &reply);
    assert_true(address_parse("192.0.2.1", 9, &reply.address));
    reply.port = 23;
    sweep_reply(&voyage.sweep, &reply);
    reply.port = 22; /* its turn has not come */
    sweep_reply(&voyage.sweep, &reply);
    assert_int_equal(voyage.answers, 0);
    assert_int_equal(voyage.sweep.totals.late, 3);
    sail(&voyage, 64, 1000);
    uint64_t before = voyage.answers;
    sweep_reply(&voyage.sweep, &reply); /* settled long ago */
    assert_int_equal(voyage.answers, before);
    end(&voyage);
}

/* The estimate against the truth, at losses that the two attempts share and do not share. */
static void check_recall(double first_loss, double later_loss, unsigned attempts)
{
    struct voyage voyage;
    uint64_t answering = 0;
    begin(&voyage, "\"198.18.0.0/17\"", "22,80", attempts, 65536, 1, 1);
    sweep_suspect(&voyage.sweep);
    do
        voyage.ether.loss = voyage.sweep.cursors[2] ? later_loss : first_loss;
    while (turn(&voyage, 4096, 1000));
    for (uint64_t step = 0; step < plan_size(&voyage.plan, PLAN_SWEPT); step++) {
        struct address address;
        struct port port;
        plan_draw(&voyage.plan, PLAN_SWEPT, step, &address, &port);
        enum nature nature = ether_nature(address, port.number);
        answering += nature == NATURE_OPEN || nature == NATURE_CLOSED;
        assert_true(voyage.ether.sent[step] <= attempts);
    }
    double truth = (double)(voyage.sweep.totals.first + voyage.sweep.totals.later) / (double)answering;
    assert_true(sweep_recall(&voyage.sweep, 0) > truth - 0.02);
    assert_true(sweep_recall(&voyage.sweep, 0) < truth + 0.02);
    end(&voyage);
}

static void recall_is_estimated(void **state)
{
    (void)state;
    check_recall(0.3, 0.3, 2);
    check_recall(0.05, 0.05, 2);
    check_recall(0.5, 0.4, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_target_gets_its_budget), cmocka_unit_test(a_small_window_only_takes_longer),
        cmocka_unit_test(networks_keep_their_ceiling), cmocka_unit_test(what_gathered_is_no_burst_to_a_host),
        cmocka_unit_test(what_waits_is_bounded),       cmocka_unit_test(it_goes_on_from_its_record),
        cmocka_unit_test(another_record_is_refused),   cmocka_unit_test(what_was_not_asked_is_not_believed),
        cmocka_unit_test(recall_is_estimated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
