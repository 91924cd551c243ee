#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/schedule.h"

/* Random asks over many hosts, on a clock that is a number, against what was promised. Seeds are fixed. */

#define HOSTS 300
#define ASKS  9000
#define NETS  4
#define MS    INT64_C(1000000)

static uint64_t dice;

static uint64_t roll(uint64_t sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (dice >> 33) % sides;
}

/* An ask as the test knows it. */
struct wish {
    struct ask ask; /* first */
    size_t host;
    bool fragile, queued;
    uint64_t order;   /* in which it was added */
    int64_t until_ns; /* its socket is open */
    bool talks;       /* and counts as a conversation */
    struct wish *next_open;
};

/* What the test itself knows of a host, or of a network. */
struct model {
    int64_t taken_ns[2]; /* the last ones */
    unsigned rounds, firsts, open;
    bool has_taken;
};

struct world {
    struct networks networks;
    struct schedule schedule;
    struct wish wishes[ASKS];
    struct model hosts[HOSTS], nets[NETS];
    struct wish *open;
    int64_t now_ns;
    double rate, rate_per_network; /* 0: no ceiling */
    size_t added, dropped;
    uint64_t orders;
};

static struct address address_of(size_t host)
{
    return host % 7 == 0 ? (struct address){UINT64_C(0x20010db800000000), host}
                         : address_from_ipv4(UINT32_C(0xc0000200) + (uint32_t)host);
}

/* One of IPv6, and of the others each has a /24 to itself from 192.0.2.0 on. */
static size_t net_of(size_t host)
{
    return host % 7 == 0 ? 0 : 1 + host / 256;
}

static bool is_fragile(size_t host)
{
    return host % 5 == 0;
}

static void add(struct world *world)
{
    struct wish *wish = &world->wishes[world->added];
    wish->host = roll(roll(3) ? HOSTS : 4); /* a few are asked most */
    wish->fragile = is_fragile(wish->host);
    wish->ask.round = !wish->fragile && roll(4) == 0;
    wish->order = world->orders++;
    world->added++;
    wish->queued = true;
    assert_int_equal(schedule_add(&world->schedule, &wish->ask, address_of(wish->host), wish->fragile),
                     STATUS_OK);
    struct model *model = &world->hosts[wish->host];
    *(wish->ask.round ? &model->rounds : &model->firsts) += 1;
}

static int64_t interval_of(const struct world *world, bool fragile)
{
    double rate = fragile && world->rate > 1 ? 1 : world->rate;
    return (int64_t)(1e9 / rate);
}

/* Oldest of its kind at its host? */
static void check_order(const struct world *world, const struct wish *wish)
{
    for (size_t i = 0; i < world->added; i++) {
        const struct wish *other = &world->wishes[i];
        if (other->queued && other != wish && other->host == wish->host &&
            other->ask.round == wish->ask.round)
            assert_true(other->order > wish->order);
    }
}

/* Three in less than one interval would be a burst; two are lateness that is made good. */
static void note_taken(const struct world *world, struct model *model, int64_t interval_ns)
{
    if (model->has_taken)
        assert_true(world->now_ns - model->taken_ns[1] >= interval_ns);
    model->taken_ns[1] = model->has_taken ? model->taken_ns[0] : INT64_MIN / 4;
    model->taken_ns[0] = world->now_ns;
    model->has_taken = true;
}

static void check_pace(struct world *world, const struct wish *wish)
{
    struct model *model = &world->hosts[wish->host];
    int64_t interval_ns = interval_of(world, wish->fragile);
    if (model->has_taken && wish->fragile)
        assert_true(world->now_ns - model->taken_ns[0] >= interval_ns);
    note_taken(world, model, interval_ns);
    if (world->rate_per_network > 0)
        note_taken(world, &world->nets[net_of(wish->host)], (int64_t)(1e9 / world->rate_per_network));
}

/* The sweep asks somebody of a network, which the schedule learns of by its pace alone. */
static void spend_elsewhere(struct world *world)
{
    size_t host = roll(HOSTS);
    struct network *network = networks_find(&world->networks, address_of(host));
    if (world->rate_per_network > 0 && pacer_ready(&network->pacer, world->now_ns)) {
        networks_spend(&world->networks, network, world->now_ns);
        note_taken(world, &world->nets[net_of(host)], (int64_t)(1e9 / world->rate_per_network));
    }
}

static void open_socket(struct world *world, struct wish *wish)
{
    struct host *host = wish->ask.host;
    struct model *model = &world->hosts[wish->host];
    host->sockets++;
    model->open++;
    wish->talks = !wish->fragile && roll(2) == 0;
    host->endpoints += wish->talks;
    assert_true(!wish->fragile || model->open == 1);
    schedule_update(&world->schedule, host);
    wish->until_ns = world->now_ns + (int64_t)roll(3000) * MS;
    wish->next_open = world->open;
    world->open = wish;
}

static void take(struct world *world, bool rounds_only)
{
    bool any_ready = schedule_wake(&world->schedule, rounds_only) <= world->now_ns;
    struct ask *ask = schedule_take(&world->schedule, rounds_only, world->now_ns);
    assert_true(any_ready || !ask);
    if (world->rate_per_network > 0 && any_ready && !ask) /* it knows by now when */
        assert_true(schedule_wake(&world->schedule, rounds_only) > world->now_ns);
    else
        assert_true(any_ready == (ask != NULL));
    if (!ask)
        return;
    struct wish *wish = (struct wish *)(void *)ask;
    struct model *model = &world->hosts[wish->host];
    assert_true(wish->queued);
    assert_true(ask->round || !rounds_only);
    assert_true(ask->round || model->rounds == 0); /* rounds before firsts */
    check_order(world, wish);
    check_pace(world, wish);
    wish->queued = false;
    *(ask->round ? &model->rounds : &model->firsts) -= 1;
    open_socket(world, wish);
}

/* Sockets whose time is over are closed; some asks come back, as a silent target does. */
static void close_sockets(struct world *world, bool again)
{
    for (struct wish **link = &world->open; *link;) {
        struct wish *wish = *link;
        if (wish->until_ns > world->now_ns) {
            link = &wish->next_open;
            continue;
        }
        *link = wish->next_open;
        struct host *host = wish->ask.host;
        host->sockets--;
        host->endpoints -= wish->talks;
        world->hosts[wish->host].open--;
        schedule_update(&world->schedule, host);
        if (again && roll(8) == 0) {
            wish->queued = true;
            wish->order = world->orders++;
            *(wish->ask.round ? &world->hosts[wish->host].rounds : &world->hosts[wish->host].firsts) += 1;
            assert_int_equal(schedule_add(&world->schedule, &wish->ask, address_of(wish->host), false),
                             STATUS_OK);
        } else {
            schedule_drop(&wish->ask);
            assert_null(wish->ask.host);
            world->dropped++;
        }
    }
}

static void pass_time(struct world *world)
{
    int64_t wake_ns = schedule_wake(&world->schedule, false);
    if (roll(4) == 0 && wake_ns != INT64_MAX && wake_ns > world->now_ns)
        world->now_ns = wake_ns; /* exactly when something is due */
    else
        world->now_ns += (int64_t)roll(40) * MS / 4;
    if (roll(500) == 0)
        world->now_ns += 5000 * MS; /* a stall */
}

static void live(uint64_t seed, double rate, double rate_per_network)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    dice = seed;
    world->rate = rate;
    world->rate_per_network = rate_per_network;
    assert_int_equal(networks_init(&world->networks, rate_per_network), STATUS_OK);
    world->now_ns = 1000000 * MS;
    assert_int_equal(schedule_init(&world->schedule, rate, &world->networks), STATUS_OK);
    for (size_t step = 0; world->dropped < ASKS; step++) {
        assert_true(step < 4000000);
        if (world->added < ASKS && roll(3) == 0)
            add(world);
        close_sockets(world, world->added < ASKS);
        for (unsigned i = (unsigned)roll(4); i > 0; i--)
            take(world, roll(5) == 0);
        if (roll(20) == 0)
            spend_elsewhere(world);
        pass_time(world);
    }
    assert_int_equal(world->schedule.waiting, 0);
    assert_true(schedule_wake(&world->schedule, false) == INT64_MAX);
    schedule_deinit(&world->schedule);
    networks_deinit(&world->networks);
    free(world);
}

static void test_model(void **state)
{
    (void)state;
    live(1, 50, 0);
    live(2, 0.7, 0);
    live(3, 1000, 0);
    live(4, 50, 20);
    live(5, 1000, 7);
}

/* Nothing holds most of a million hosts for long: they are forgotten, and their pace still holds. */
static void test_hosts_are_forgotten(void **state)
{
    (void)state;
    struct schedule schedule;
    struct networks unlimited;
    int64_t now_ns = 0;
    assert_int_equal(networks_init(&unlimited, 0), STATUS_OK);
    assert_int_equal(schedule_init(&schedule, 50, &unlimited), STATUS_OK);
    for (uint32_t i = 0; i < 200000; i++) {
        struct ask ask = {0};
        assert_int_equal(schedule_add(&schedule, &ask, address_from_ipv4(UINT32_C(0x0a000000) + i), false),
                         STATUS_OK);
        assert_ptr_equal(schedule_take(&schedule, false, now_ns), &ask);
        schedule_drop(&ask);
        now_ns += MS;
    }
    assert_true(schedule.hosts_count < 20000);
    schedule_deinit(&schedule);
    networks_deinit(&unlimited);
}

static void test_a_forgotten_host_is_no_faster(void **state)
{
    (void)state;
    struct schedule schedule;
    struct networks unlimited;
    struct ask first = {0}, second = {0};
    struct address address = address_from_ipv4(UINT32_C(0xc0000201));
    assert_int_equal(networks_init(&unlimited, 0), STATUS_OK);
    assert_int_equal(schedule_init(&schedule, 10, &unlimited), STATUS_OK);
    assert_int_equal(schedule_add(&schedule, &first, address, false), STATUS_OK);
    assert_ptr_equal(schedule_take(&schedule, false, 0), &first);
    schedule_drop(&first);
    for (int i = 0; i < 5000; i++)
        assert_null(schedule_take(&schedule, false, 99 * MS)); /* sweeps over every bucket */
    assert_int_equal(schedule_add(&schedule, &second, address, false), STATUS_OK);
    assert_null(schedule_take(&schedule, false, 99 * MS));
    assert_true(schedule_wake(&schedule, false) == 100 * MS);
    assert_ptr_equal(schedule_take(&schedule, false, 100 * MS), &second);
    schedule_drop(&second);
    schedule_deinit(&schedule);
    networks_deinit(&unlimited);
}

/* A host with as many conversations as it may have gets no new one, and those that it has go on. */
static void test_conversations_have_a_limit(void **state)
{
    (void)state;
    struct schedule schedule;
    struct networks unlimited;
    struct ask first = {0}, round = {.round = true};
    struct address address = address_from_ipv4(UINT32_C(0xc0000201));
    assert_int_equal(networks_init(&unlimited, 0), STATUS_OK);
    assert_int_equal(schedule_init(&schedule, 1000, &unlimited), STATUS_OK);
    assert_int_equal(schedule_add(&schedule, &first, address, false), STATUS_OK);
    struct host *host = first.host;
    host->endpoints = HOST_ENDPOINTS_MAX;
    schedule_update(&schedule, host);
    assert_null(schedule_take(&schedule, false, 0));
    assert_int_equal(schedule_add(&schedule, &round, address, false), STATUS_OK);
    assert_ptr_equal(schedule_take(&schedule, true, 0), &round);
    host->endpoints--;
    schedule_update(&schedule, host);
    assert_null(schedule_take(&schedule, true, MS));
    assert_ptr_equal(schedule_take(&schedule, false, MS), &first);
    schedule_drop(&first);
    schedule_drop(&round);
    schedule_deinit(&schedule);
    networks_deinit(&unlimited);
}

static void test_rest(void **state)
{
    (void)state;
    struct schedule schedule;
    struct networks unlimited;
    struct ask asks[2] = {{0}};
    struct address address = address_from_ipv4(UINT32_C(0xc0000201));
    assert_int_equal(networks_init(&unlimited, 0), STATUS_OK);
    assert_int_equal(schedule_init(&schedule, 50, &unlimited), STATUS_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(schedule_add(&schedule, &asks[i], address, true), STATUS_OK);
    assert_ptr_equal(schedule_take(&schedule, false, 0), &asks[0]);
    schedule_rest(&schedule, asks[0].host, 400 * MS);
    assert_null(schedule_take(&schedule, false, 1399 * MS));
    assert_ptr_equal(schedule_take(&schedule, false, 1400 * MS), &asks[1]);
    for (int i = 0; i < 2; i++)
        schedule_drop(&asks[i]);
    schedule_deinit(&schedule);
    networks_deinit(&unlimited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_hosts_are_forgotten),
        cmocka_unit_test(test_a_forgotten_host_is_no_faster),
        cmocka_unit_test(test_conversations_have_a_limit),
        cmocka_unit_test(test_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
