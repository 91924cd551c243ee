#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "server.h"
#include "trial.h"

/* With fewer sockets than a scan would like, it takes longer and finds the same. */

enum { HOSTS = 4, EACH = 40, SOCKETS = 40 };

static void test_few_sockets(void **state)
{
    (void)state;
    static const enum conduct conducts[] = {CONDUCT_MYSQL, CONDUCT_TLS_ALERT, CONDUCT_HTTP, CONDUCT_CLOSE};
    static char hosts[HOSTS][16];
    static struct place places[HOSTS * EACH];
    struct server server;
    struct scene scene;
    struct trial trial;
    char ranges[64];
    for (unsigned i = 0; i < HOSTS; i++)
        server_address(1 + i, hosts[i]);
    for (size_t i = 0; i < HOSTS * EACH; i++)
        places[i] = (struct place){hosts[i / EACH], (uint16_t)(20000 + i % EACH), conducts[i / EACH]};
    server_start(&server, places, HOSTS * EACH);
    snprintf(ranges, sizeof ranges, "\"%s-%s\"", hosts[0], hosts[HOSTS - 1]);
    scene_init_ranges(&scene, ranges, "");
    /* The listeners are this process's too. */
    const struct rlimit few = {SOCKETS + HOSTS * EACH, SOCKETS + HOSTS * EACH};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    trial_init(&trial, "20000-20050");
    trial_run(&trial, &scene);
    assert_int_equal(trial.status, STATUS_OK);
    assert_int_equal(trial.totals.ends[ENDPOINT_OPEN], HOSTS * EACH);
    assert_int_equal(trial.totals.ends[ENDPOINT_CLOSED], HOSTS * 11);
    for (size_t i = 0; i < HOSTS * EACH; i++) {
        static const char *const services[] = {"mysql ", "unknown ", "http ", "unknown "};
        const struct trial_line *line = trial_find(&trial, places[i].address, places[i].port);
        if (strncmp(line->text, services[i / EACH], strlen(services[i / EACH])) != 0)
            fail_msg("%s port %u tells: %s", places[i].address, places[i].port, line->text);
    }
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
