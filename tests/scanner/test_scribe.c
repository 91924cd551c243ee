#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "scanner/clock.h"
#include "scanner/commands/scribe.h"
#include "tests/scanner/scene.h"

#define WITHIN_NS INT64_C(20000000000)

static const struct fact fact = {"test.text", FACT_TEXT, "a", "a"};

/* A store with a run in it, and a scribe that writes there. */
struct desk {
    struct scene scene;
    struct store *store;
    struct store_run run;
    struct keeper keeper;
    struct scribe scribe;
    struct scan_listener listener;
    struct scan_totals totals;
};

/* path NULL: in memory. */
static void desk_init(struct desk *desk, const char *path)
{
    *desk = (struct desk){.totals = {.recall = 1}};
    scene_init_ranges(&desk->scene, "\"192.0.2.0/24\"", "");
    assert_int_equal(store_open(path, true, &desk->store), STATUS_OK);
    desk->run.shard = desk->run.shards = desk->run.attempts = 1;
    assert_int_equal(store_begin(desk->store, &desk->run), STATUS_OK);
    assert_int_equal(store_organization(desk->store, &desk->run, &desk->scene.scope.organizations[0]),
                     STATUS_OK);
    assert_int_equal(store_commit(desk->store), STATUS_OK);
    keeper_init(&desk->keeper, desk->store, &desk->run, &desk->scene.scope);
    scribe_init(&desk->scribe, &desk->keeper);
    desk->listener = scribe_listener(&desk->scribe);
}

static void desk_deinit(struct desk *desk)
{
    keeper_deinit(&desk->keeper);
    store_run_deinit(&desk->run);
    store_close(&desk->store);
    scene_deinit(&desk->scene);
}

static const struct organization *owner(const struct desk *desk)
{
    return &desk->scene.scope.organizations[0];
}

static struct address host(unsigned number)
{
    return address_from_ipv4(0xc0000200 + number);
}

static enum status settle(struct desk *desk)
{
    return desk->listener.settled(desk->listener.context, &desk->totals, NULL);
}

static void tell_pending(struct desk *desk, uint64_t number, unsigned attempts)
{
    assert_int_equal(desk->listener.pending(desk->listener.context, number, attempts), STATUS_OK);
}

static void tell_finished(struct desk *desk, uint64_t number, unsigned address, uint16_t port,
                          enum endpoint_state state, const struct observation *observation)
{
    assert_int_equal(desk->listener.finished(desk->listener.context, number, owner(desk), host(address),
                                             (struct port){port, TRANSPORT_TCP}, state, observation),
                     STATUS_OK);
}

/* An open port, told of by an observation that is gone before it is written. */
static void tell_open(struct desk *desk, uint64_t number, unsigned address, uint16_t port)
{
    struct observation *observation = malloc(sizeof *observation);
    assert_non_null(observation);
    observation_init(observation, host(address), (struct port){port, TRANSPORT_TCP});
    observation_product(observation, "Product");
    observation_words(observation, &fact, "said");
    tell_finished(desk, number, address, port, ENDPOINT_OPEN, observation);
    observation_deinit(observation);
    memset(observation, 0xa5, sizeof *observation);
    free(observation);
}

/* --- what the store holds --- */

struct held {
    uint64_t pending, last_number, attempts, observations, ends[5];
};

static void add_pending(void *context, struct store_pending pending)
{
    struct held *held = context;
    held->pending++;
    held->last_number = pending.number;
    held->attempts += pending.attempts;
}

static void add_observation(void *context, const char *organization, const struct observation *observation)
{
    struct held *held = context;
    assert_string_equal(organization, "h1");
    assert_string_equal(observation->product, "Product");
    held->observations++;
}

static void add_count(void *context, const struct store_count *count)
{
    struct held *held = context;
    for (size_t i = 0; i < 5; i++)
        held->ends[i] += count->ends[i];
}

static struct held held_by(struct store *store, const struct store_run *run)
{
    struct held held = {0};
    assert_int_equal(store_each_pending(store, run, add_pending, &held), STATUS_OK);
    assert_int_equal(store_each_observation(store, run, NULL, add_observation, &held), STATUS_OK);
    assert_int_equal(store_each_count(store, run, NULL, add_count, &held), STATUS_OK);
    return held;
}

/* --- cases --- */

/* Also what was told before the thread began, as resumed targets are, and what no `settled` came after. */
static void all_that_is_told_is_kept_in_its_order(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk, NULL);
    tell_pending(&desk, 1, 0);
    assert_int_equal(scribe_begin(&desk.scribe), STATUS_OK);
    tell_pending(&desk, 2, 0);
    tell_pending(&desk, 2, 1);
    tell_pending(&desk, 3, 0);
    assert_int_equal(settle(&desk), STATUS_OK);
    tell_pending(&desk, 2, 2);
    tell_finished(&desk, 1, 1, 80, ENDPOINT_CLOSED, NULL);
    tell_open(&desk, 3, 2, 80);
    desk.totals =
        (struct scan_totals){.drawn = 3, .probes = 7, .rate = 50, .burst = 4, .recall = 0.5, .lost = 2};
    assert_int_equal(settle(&desk), STATUS_OK);
    assert_int_equal(desk.listener.swept(desk.listener.context, owner(&desk),
                                         (struct port){443, TRANSPORT_TCP}, ENDPOINT_UNREACHABLE),
                     STATUS_OK);
    assert_int_equal(desk.listener.heard(desk.listener.context, owner(&desk), host(9)), STATUS_OK);
    assert_int_equal(scribe_end(&desk.scribe), STATUS_OK);
    struct held held = held_by(desk.store, &desk.run);
    assert_int_equal(held.pending, 1);
    assert_int_equal(held.last_number, 2);
    assert_int_equal(held.attempts, 2);
    assert_int_equal(held.observations, 1);
    assert_int_equal(held.ends[ENDPOINT_CLOSED], 1);
    assert_int_equal(held.ends[ENDPOINT_OPEN], 1);
    assert_int_equal(held.ends[ENDPOINT_UNREACHABLE], 1);
    assert_int_equal(desk.run.position, 3);
    assert_int_equal(desk.run.probes_sent, 7);
    struct store_pace pace;
    assert_int_equal(store_find_pace(desk.store, &desk.run, &pace), STATUS_OK);
    assert_true(pace.rate == 50 && pace.burst == 4 && pace.recall == 0.5 && pace.lost == 2);
    store_pace_deinit(&pace);
    desk_deinit(&desk);
}

/* Taken back is what was told before, whatever page it was on. */
static void a_host_is_judged_after_its_ports(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk, NULL);
    assert_int_equal(scribe_begin(&desk.scribe), STATUS_OK);
    for (uint16_t port = 1; port <= 20; port++) {
        tell_open(&desk, port, 1, port);
        assert_int_equal(settle(&desk), STATUS_OK);
    }
    assert_int_equal(desk.listener.judged(desk.listener.context, owner(&desk), host(1), CONTROL_ANSWERED),
                     STATUS_OK);
    assert_int_equal(scribe_end(&desk.scribe), STATUS_OK);
    struct held held = held_by(desk.store, &desk.run);
    assert_int_equal(held.observations, 0);
    assert_int_equal(held.ends[ENDPOINT_OPEN], 0);
    assert_int_equal(held.ends[ENDPOINT_SYNTHETIC], 20);
    desk_deinit(&desk);
}

/* Waits in small steps until something is so. */
static bool comes_true(bool (*is_so)(void *context), void *context)
{
    int64_t until_ns = clock_monotonic_ns() + WITHIN_NS;
    while (!is_so(context) && clock_monotonic_ns() < until_ns)
        usleep(1000);
    return is_so(context);
}

static bool has_failed(void *context)
{
    return settle(context) != STATUS_OK;
}

static void an_error_of_the_keeper_comes_back(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk, NULL);
    assert_int_equal(scribe_begin(&desk.scribe), STATUS_OK);
    desk.run.id[0] ^= 1; /* a run that the store does not know */
    tell_open(&desk, 1, 1, 80);
    assert_true(comes_true(has_failed, &desk));
    tell_pending(&desk, 2, 0);
    assert_int_equal(settle(&desk), STATUS_MISMATCH);
    assert_int_equal(scribe_end(&desk.scribe), STATUS_MISMATCH);
    assert_int_equal(scribe_end(&desk.scribe), STATUS_OK); /* nothing is left to end */
    desk_deinit(&desk);
}

struct file {
    char folder[64], path[96];
};

static void file_init(struct file *file)
{
    strcpy(file->folder, "/tmp/auscult-scribe-XXXXXX");
    assert_non_null(mkdtemp(file->folder));
    snprintf(file->path, sizeof file->path, "%s/store.db", file->folder);
}

static void file_deinit(const struct file *file)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", file->path, ends[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(file->folder), 0);
}

static bool is_writing(void *context)
{
    struct scribe *scribe = context;
    uv_mutex_lock(&scribe->mutex);
    bool writing = scribe->writing;
    uv_mutex_unlock(&scribe->mutex);
    return writing;
}

/* Somebody else holds the file, as a slow disk would: were it waited for, this would never come to let it go. */
static void who_tells_does_not_wait_for_the_file(void **state)
{
    (void)state;
    struct file file;
    struct desk desk;
    struct store *other = NULL;
    struct store_run run = {.shard = 1, .shards = 1, .attempts = 1};
    file_init(&file);
    desk_init(&desk, file.path);
    assert_int_equal(store_open(file.path, true, &other), STATUS_OK);
    assert_int_equal(scribe_begin(&desk.scribe), STATUS_OK);
    assert_int_equal(store_begin(other, &run), STATUS_OK); /* and does not commit */
    for (uint64_t number = 0; number < 30000; number++) {
        tell_pending(&desk, number, 1);
        if (number % 100 == 0)
            tell_open(&desk, number, 1, (uint16_t)(1 + number / 100));
        assert_int_equal(settle(&desk), STATUS_OK);
    }
    assert_true(is_writing(&desk.scribe));
    assert_int_equal(store_rollback(other), STATUS_OK);
    assert_int_equal(scribe_end(&desk.scribe), STATUS_OK);
    struct held held = held_by(desk.store, &desk.run);
    assert_int_equal(held.pending, 30000 - 300);
    assert_int_equal(held.observations, 300);
    store_run_deinit(&run);
    store_close(&other);
    desk_deinit(&desk);
    file_deinit(&file);
}

/* More than is held at a time: who tells waits until there is room, and nothing is lost. */
static void no_more_is_held_than_there_is_room_for(void **state)
{
    (void)state;
    struct desk desk;
    size_t most = 0;
    desk_init(&desk, NULL);
    assert_int_equal(scribe_begin(&desk.scribe), STATUS_OK);
    for (uint64_t number = 0; number < 300000; number++) {
        tell_pending(&desk, number, 1);
        assert_int_equal(settle(&desk), STATUS_OK);
        most = desk.scribe.open.count > most ? desk.scribe.open.count : most;
    }
    assert_int_equal(scribe_end(&desk.scribe), STATUS_OK);
    assert_true(most <= 65536);
    assert_int_equal(held_by(desk.store, &desk.run).pending, 300000);
    desk_deinit(&desk);
}

static bool has_written(void *context)
{
    struct desk *desk = context;
    assert_int_equal(settle(desk), STATUS_OK);
    return desk->scribe.open.count == 0 && !is_writing(&desk->scribe);
}

/* In a process that is then killed. */
static void what_was_settled_outlives_a_kill(void **state)
{
    (void)state;
    struct file file;
    struct store *store = NULL;
    struct store_run run;
    int ended = 0;
    file_init(&file);
    pid_t child = fork();
    if (child == 0) {
        static struct desk desk;
        desk_init(&desk, file.path);
        if (scribe_begin(&desk.scribe) != STATUS_OK)
            _exit(1);
        tell_pending(&desk, 7, 1);
        tell_open(&desk, 8, 1, 80);
        if (!comes_true(has_written, &desk))
            _exit(2);
        tell_pending(&desk, 9, 1); /* and is not settled */
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL);
    assert_int_equal(store_open(file.path, true, &store), STATUS_OK);
    assert_int_equal(store_find_run(store, NULL, true, &run), STATUS_OK);
    struct held held = held_by(store, &run);
    assert_int_equal(held.pending, 1);
    assert_int_equal(held.last_number, 7);
    assert_int_equal(held.observations, 1);
    store_run_deinit(&run);
    store_close(&store);
    file_deinit(&file);
}

static void without_a_thread_nothing_is_written(void **state)
{
    (void)state;
    struct desk desk;
    desk_init(&desk, NULL);
    tell_open(&desk, 1, 1, 80);
    assert_int_equal(scribe_end(&desk.scribe), STATUS_OK);
    assert_int_equal(held_by(desk.store, &desk.run).observations, 0);
    desk_deinit(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_is_told_is_kept_in_its_order),
        cmocka_unit_test(a_host_is_judged_after_its_ports),
        cmocka_unit_test(an_error_of_the_keeper_comes_back),
        cmocka_unit_test(who_tells_does_not_wait_for_the_file),
        cmocka_unit_test(no_more_is_held_than_there_is_room_for),
        cmocka_unit_test(what_was_settled_outlives_a_kill),
        cmocka_unit_test(without_a_thread_nothing_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
