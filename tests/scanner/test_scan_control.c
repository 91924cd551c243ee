#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server.h"
#include "trial.h"

/* Hosts that have everything open, and hosts that only look like it. */

#define FIRST   21000
#define PORTS   12
#define CONTROL 29999

enum { PROXY, MUTE, BUSY, FRAGILE, HOSTS };
static char hosts[HOSTS][16];

static int name_hosts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HOSTS; i++)
        server_address(i + 1, hosts[i]);
    return 0;
}

static enum conduct conduct_at(unsigned host, unsigned port)
{
    if (host == BUSY)
        return CONDUCT_HTTP;
    if (host == PROXY && port == 3)
        return CONDUCT_MYSQL;
    return host == PROXY && port == 7 ? CONDUCT_GARBAGE : CONDUCT_SILENT;
}

/* All ports of all hosts, and control ports where everything is open and where nothing is to be asked. */
static void serve(struct server *server)
{
    struct place places[HOSTS * PORTS + 2];
    size_t count = 0;
    for (unsigned host = 0; host < HOSTS; host++)
        for (unsigned port = 0; port < PORTS; port++)
            places[count++] = (struct place){hosts[host], (uint16_t)(FIRST + port), conduct_at(host, port)};
    places[count++] = (struct place){hosts[PROXY], CONTROL, CONDUCT_SILENT};
    places[count++] = (struct place){hosts[FRAGILE], CONTROL, CONDUCT_SILENT};
    server_start(server, places, count);
}

static unsigned count_of(const struct trial *trial, unsigned host, enum endpoint_state state)
{
    unsigned count = 0;
    for (uint16_t port = FIRST; port < FIRST + PORTS; port++)
        count += trial_find(trial, hosts[host], port)->state == state;
    return count;
}

static void test_hosts(void **state)
{
    (void)state;
    struct server server;
    struct scene scene;
    struct trial trial;
    char ranges[64], fragile[32];
    snprintf(ranges, sizeof ranges, "\"%s-%s\"", hosts[0], hosts[HOSTS - 1]);
    snprintf(fragile, sizeof fragile, "\"%s\"", hosts[FRAGILE]);
    serve(&server);
    scene_init_ranges(&scene, ranges, fragile);
    trial_init(&trial, "21000-21011");
    trial.options.control_port = CONTROL;
    trial_run(&trial, &scene);
    assert_int_equal(trial.status, STATUS_OK);
    /* What spoke a protocol stays; noise is none. */
    assert_int_equal(count_of(&trial, PROXY, ENDPOINT_SYNTHETIC), PORTS - 1);
    const struct trial_line *line = trial_find(&trial, hosts[PROXY], FIRST + 3);
    assert_int_equal(line->state, ENDPOINT_OPEN);
    assert_int_equal(strncmp(line->text, "mysql MariaDB ", 14), 0);
    assert_int_equal(count_of(&trial, MUTE, ENDPOINT_OPEN), PORTS);
    assert_int_equal(count_of(&trial, BUSY, ENDPOINT_OPEN), PORTS);
    assert_int_equal(count_of(&trial, FRAGILE, ENDPOINT_OPEN), PORTS);
    assert_int_equal(trial_connects_to(&trial, hosts[PROXY], CONTROL), 1);
    assert_int_equal(trial_connects_to(&trial, hosts[MUTE], CONTROL), 1);
    assert_int_equal(trial_connects_to(&trial, hosts[BUSY], CONTROL), 0);
    assert_int_equal(trial_connects_to(&trial, hosts[FRAGILE], CONTROL), 0);
    assert_int_equal(trial.controls[CONTROL_ASKED], 2);
    assert_int_equal(trial.controls[CONTROL_ANSWERED], 1);
    assert_int_equal(trial.controls[CONTROL_REFUSED], 1);
    assert_int_equal(trial.totals.ends[ENDPOINT_SYNTHETIC], PORTS - 1);
    assert_int_equal(trial.totals.ends[ENDPOINT_OPEN], 3 * PORTS + 1);
    assert_int_equal(trial.totals.finished, HOSTS * PORTS);
    assert_int_equal(trial.totals.probes, trial.connects_count);
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

/* Where no port may be asked for it, what was seen stands. */
static void test_not_determined(void **state)
{
    (void)state;
    struct server server;
    struct scene scene;
    struct trial trial;
    char organizations[128];
    snprintf(organizations, sizeof organizations,
             "[{\"id\": \"h1\", \"name\": \"h1\", \"ranges\": [\"%s\"]}]", hosts[MUTE]);
    serve(&server);
    scene_init(&scene, organizations, ", \"ports\": \"21000-21003\"", "");
    trial_init(&trial, "21000-21003");
    trial_run(&trial, &scene);
    assert_int_equal(trial.status, STATUS_OK);
    assert_int_equal(trial.controls[CONTROL_NONE], 1);
    assert_int_equal(trial.totals.ends[ENDPOINT_OPEN], 4);
    assert_int_equal(trial.totals.probes, trial.connects_count);
    for (size_t i = 0; i < trial.connects_count; i++)
        assert_in_range(trial.connects[i].port, 21000, 21003);
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

/* A resumed scan asks as the one before would have, and from the answer on a silent port costs one connection. */
static void test_resumed(void **state)
{
    (void)state;
    struct server server;
    struct scene scene;
    struct trial trial;
    char quoted[32];
    snprintf(quoted, sizeof quoted, "\"%s\"", hosts[PROXY]);
    serve(&server);
    scene_init_ranges(&scene, quoted, "");
    trial_init(&trial, "21000-21011");
    trial.options.control_port = CONTROL;
    trial.unproven = hosts[PROXY];
    trial_run(&trial, &scene);
    assert_int_equal(trial.status, STATUS_OK);
    assert_int_equal(trial.controls[CONTROL_ANSWERED], 1);
    assert_int_equal(count_of(&trial, PROXY, ENDPOINT_SYNTHETIC), PORTS - 1);
    assert_int_equal(trial.totals.ends[ENDPOINT_SYNTHETIC], PORTS - 1);
    assert_int_equal(trial.totals.ends[ENDPOINT_OPEN], 1);
    for (uint16_t port = FIRST; port < FIRST + PORTS; port++)
        assert_int_equal(trial_connects_to(&trial, hosts[PROXY], port), 1);
    assert_int_equal(trial_connects_to(&trial, hosts[PROXY], CONTROL), 1);
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_not_determined),
        cmocka_unit_test(test_resumed),
    };
    return cmocka_run_group_tests(tests, name_hosts, NULL);
}
