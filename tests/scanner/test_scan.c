#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "identity.h"
#include "server.h"
#include "trial.h"

/* Real sockets on loopback addresses of our own; what a scan tells of them. */

#define PORT 20001

static char hosts[32][16];

static int name_hosts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 32; i++)
        server_address(i, hosts[i]);
    return 0;
}

/* One place at hosts[2]; hosts 1 to 3 are asked. */
static void scan_one(struct trial *trial, enum conduct conduct, bool fragile, struct place_count *count_out)
{
    struct place place = {hosts[2], (uint16_t)atoi(trial->list), conduct};
    struct server server;
    struct scene scene;
    char ranges[64], quoted[32];
    snprintf(ranges, sizeof ranges, "\"%s-%s\"", hosts[1], hosts[3]);
    snprintf(quoted, sizeof quoted, "\"%s\"", hosts[2]);
    server_start(&server, &place, 1);
    scene_init_ranges(&scene, ranges, fragile ? quoted : "");
    trial_run(trial, &scene);
    if (count_out)
        *count_out = server.counts[0];
    scene_deinit(&scene);
    server_stop(&server);
    assert_int_equal(trial->status, STATUS_OK);
    assert_int_equal(trial->totals.ends[ENDPOINT_OPEN], 1);
    assert_int_equal(trial->totals.ends[ENDPOINT_CLOSED], 2);
    assert_int_equal(trial->totals.probes, trial->connects_count);
}

static void expect(const struct trial *trial, const char *begin, const char *inside)
{
    const struct trial_line *line = trial_find(trial, hosts[2], (uint16_t)atoi(trial->list));
    assert_non_null(line);
    if (strncmp(line->text, begin, strlen(begin)) != 0 || !strstr(line->text, inside))
        fail_msg("it tells: %s", line->text);
}

static void check_one(enum conduct conduct, const char *begin, const char *inside, size_t connects)
{
    struct trial trial;
    trial_init(&trial, "20001");
    scan_one(&trial, conduct, false, NULL);
    expect(&trial, begin, inside);
    assert_int_equal(trial_connects_to(&trial, hosts[2], PORT), connects);
    trial_deinit(&trial);
}

static void test_greeting_off_its_port(void **state)
{
    (void)state;
    check_one(CONDUCT_MYSQL, "mysql MariaDB 10.11.6 tls=0", "endpoint.connections=1", 1);
}

/* Nothing that we send would be read. */
static void test_turned_away(void **state)
{
    (void)state;
    struct trial trial;
    trial_init(&trial, "6379");
    scan_one(&trial, CONDUCT_DENIED, false, NULL);
    expect(&trial, "redis Redis ", "endpoint.connections=1");
    trial_deinit(&trial);
}

static void test_says_nothing(void **state)
{
    (void)state;
    check_one(CONDUCT_SILENT, "unknown ", "it accepts connections and says nothing", 2);
}

static void test_page_off_its_port(void **state)
{
    (void)state;
    check_one(CONDUCT_HTTP, "http nginx 1.22.1 tls=0", "endpoint.connections=2", 2);
}

static void test_answers_junk(void **state)
{
    (void)state;
    check_one(CONDUCT_TLS_JUNK, "unknown ", "endpoint.unidentified", 2);
}

static void test_tls_refuses(void **state)
{
    (void)state;
    check_one(CONDUCT_TLS_ALERT, "unknown ", "it speaks TLS and broke the handshake off", 1);
}

static void test_closes_at_once(void **state)
{
    (void)state;
    check_one(CONDUCT_CLOSE, "unknown ", "it closes the connection before anything was said", 1);
}

/* Whether the reset comes before or after we hear that the connection stands: the port is open. */
static void test_resets_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++)
        check_one(CONDUCT_RESET, "unknown ", "it closes the connection before anything was said", 1);
}

/* Writing to it is no reason to die. */
static void test_greets_and_resets(void **state)
{
    (void)state;
    struct trial trial;
    for (int i = 0; i < 10; i++) {
        trial_init(&trial, "20001");
        scan_one(&trial, CONDUCT_GREET_RESET, false, NULL);
        trial_deinit(&trial);
    }
}

static void test_fragile_hears_nothing(void **state)
{
    (void)state;
    struct trial trial;
    struct place_count count;
    trial_init(&trial, "20001");
    scan_one(&trial, CONDUCT_SILENT, true, &count);
    expect(&trial, "unknown ", "the address is fragile: closed without a byte");
    assert_int_equal(trial_connects_to(&trial, hosts[2], PORT), 1);
    assert_int_equal(count.accepted, 1);
    assert_int_equal(count.heard, 0);
    trial_deinit(&trial);
}

/* A fragile host gets one socket at a time, a second apart, whatever it does with them. */
static void test_fragile_is_left_in_peace(void **state)
{
    (void)state;
    static const enum conduct conducts[] = {CONDUCT_SILENT, CONDUCT_RESET, CONDUCT_CLOSE,
                                            CONDUCT_ENDLESS_LINE};
    struct place places[4];
    struct server server;
    struct scene scene;
    struct trial trial;
    char quoted[32];
    for (size_t i = 0; i < 4; i++)
        places[i] = (struct place){hosts[2], (uint16_t)(PORT + i), conducts[i]};
    snprintf(quoted, sizeof quoted, "\"%s\"", hosts[2]);
    server_start(&server, places, 4);
    scene_init_ranges(&scene, quoted, quoted);
    trial_init(&trial, "20001-20005"); /* the last is closed */
    trial_run(&trial, &scene);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(server.counts[i].accepted, 1);
        assert_int_equal(server.counts[i].heard, 0);
    }
    assert_int_equal(trial.connects_count, 5);
    for (size_t i = 1; i < 5; i++)
        assert_true(trial.connects[i].time_ns - trial.connects[i - 1].time_ns >= 1000000000);
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

/* More ports in conversation than there may be at one time, and each of them wants another connection: those
 * that are begun go on. */
static void test_all_want_another_connection(void **state)
{
    (void)state;
    enum { HOSTS = 30, EACH = 20 };
    struct place places[HOSTS * EACH];
    struct server server;
    struct scene scene;
    struct trial trial;
    char ranges[64];
    for (size_t i = 0; i < HOSTS * EACH; i++)
        places[i] = (struct place){hosts[1 + i / EACH], (uint16_t)(PORT + i % EACH), CONDUCT_TLS_JUNK};
    snprintf(ranges, sizeof ranges, "\"%s-%s\"", hosts[1], hosts[HOSTS]);
    server_start(&server, places, HOSTS * EACH);
    scene_init_ranges(&scene, ranges, "");
    trial_init(&trial, "20001-20020");
    trial_run(&trial, &scene);
    assert_int_equal(trial.totals.ends[ENDPOINT_OPEN], HOSTS * EACH);
    /* Twice each, and each host's control port, which is closed. */
    assert_int_equal(trial.connects_count, 2 * HOSTS * EACH + HOSTS);
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

/* What a port waits for our own pace is not held against it. */
static void test_our_pace_is_not_its_time(void **state)
{
    (void)state;
    struct trial trial;
    trial_init(&trial, "20001");
    trial.options.rate_per_host = 0.25; /* a second for the greeting, three of ours, two for HTTP */
    trial.options.port_ms = 4500;
    trial.options.host_ms = 4500;
    scan_one(&trial, CONDUCT_TLS_JUNK, false, NULL);
    expect(&trial, "unknown ", "endpoint.connections=2");
    assert_null(strstr(trial_find(&trial, hosts[2], PORT)->text, "deadline"));
    trial_deinit(&trial);
}

/* A silent target gets exactly its attempts, a closed one exactly one. */
static void test_attempts(void **state)
{
    (void)state;
    for (unsigned attempts = 1; attempts < 4; attempts++) {
        struct deaf deaf;
        struct scene scene;
        struct trial trial;
        char ranges[64];
        snprintf(ranges, sizeof ranges, "\"%s-%s\"", hosts[1], hosts[3]);
        deaf_start(&deaf, hosts[2], PORT);
        scene_init_ranges(&scene, ranges, "");
        trial_init(&trial, "20001");
        trial.options.attempts = attempts;
        trial.options.connect_ms = 200;
        trial_run(&trial, &scene);
        assert_int_equal(trial.totals.ends[ENDPOINT_SILENT], 1);
        assert_int_equal(trial.totals.ends[ENDPOINT_CLOSED], 2);
        assert_int_equal(trial_connects_to(&trial, hosts[2], PORT), attempts);
        assert_int_equal(trial.connects_count, attempts + 2);
        assert_int_equal(trial.totals.probes, attempts + 2);
        trial_deinit(&trial);
        scene_deinit(&scene);
        deaf_stop(&deaf);
    }
}

/* One connection of the child below: a page server inside TLS whose start page is elsewhere. */
static void serve_page(SSL *ssl)
{
    static const char elsewhere[] = "HTTP/1.1 302 Found\r\nLocation: app/explorer.html\r\n"
                                    "Content-Length: 0\r\n\r\n";
    static const char page[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 58\r\n\r\n"
                               "<html><head><title>Orthanc Explorer</title></head></html>\n";
    char request[2048] = "";
    if (SSL_accept(ssl) != 1 || SSL_read(ssl, request, sizeof request - 1) <= 0)
        return;
    if (strncmp(request, "GET / ", 6) == 0)
        SSL_write(ssl, elsewhere, sizeof elsewhere - 1);
    else if (strncmp(request, "GET /app/explorer.html ", 23) == 0)
        SSL_write(ssl, page, sizeof page - 1);
    SSL_shutdown(ssl);
}

static pid_t serve_pages(int fd)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct identity identity;
    const struct timeval patience = {.tv_sec = 10};
    identity_init(&identity, 1024);
    SSL_CTX *context = identity_server(&identity, TLS1_2_VERSION);
    for (int i = 0; i < 8; i++) {
        int peer = accept(fd, NULL, NULL);
        SSL *ssl = SSL_new(context);
        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        SSL_set_fd(ssl, peer);
        serve_page(ssl);
        SSL_free(ssl);
        close(peer);
    }
    _exit(0);
}

/* A probe's further connection to what is inside TLS goes inside TLS too. */
static void test_further_connection_inside_tls(void **state)
{
    (void)state;
    struct scene scene;
    struct trial trial;
    char quoted[32];
    int fd = server_listen(hosts[2], PORT);
    pid_t child = serve_pages(fd);
    snprintf(quoted, sizeof quoted, "\"%s\"", hosts[2]);
    scene_init_ranges(&scene, quoted, "");
    trial_init(&trial, "20001");
    trial_run(&trial, &scene);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(fd);
    expect(&trial, "http Orthanc  tls=1", "http.open_medical=1");
    expect(&trial, "http ", "tls.version='TLSv1.2'");
    expect(&trial, "http ", "tls.legacy_accepted=0");
    assert_null(strstr(trial_find(&trial, hosts[2], PORT)->text, "handshake_failed"));
    assert_int_equal(trial.connects_count, 3); /* the start page, the explorer, the legacy check */
    trial_deinit(&trial);
    scene_deinit(&scene);
}

static void test_interrupted(void **state)
{
    (void)state;
    struct server server;
    struct scene scene;
    struct trial trial;
    struct place places[20];
    char ranges[64];
    for (size_t i = 0; i < 20; i++)
        places[i] = (struct place){hosts[2], (uint16_t)(PORT + i), CONDUCT_SILENT};
    snprintf(ranges, sizeof ranges, "\"%s-%s\"", hosts[1], hosts[4]);
    server_start(&server, places, 20);
    scene_init_ranges(&scene, ranges, "");
    trial_init(&trial, "20001-20200");
    trial.stop_after = 400;
    trial_run(&trial, &scene);
    assert_int_equal(trial.status, STATUS_INTERRUPTED);
    assert_int_equal(trial.refusal, REFUSAL_NONE);
    assert_true(trial.lines_count >= 400 && trial.lines_count < 800);
    assert_int_equal(trial.totals.probes, trial.connects_count);
    assert_true(trial.seconds < 5);
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

static void test_ipv6(void **state)
{
    (void)state;
    struct place place = {"::1", 0, CONDUCT_MYSQL};
    struct server server;
    struct scene scene;
    struct trial trial;
    char list[16];
    place.port = (uint16_t)(21000 + getpid() % 20000);
    snprintf(list, sizeof list, "%u", place.port);
    server_start(&server, &place, 1);
    scene_init_ranges(&scene, "\"::1\"", "");
    trial_init(&trial, list);
    trial_run(&trial, &scene);
    assert_int_equal(trial.totals.ends[ENDPOINT_OPEN], 1);
    assert_non_null(strstr(trial_find(&trial, "::1", place.port)->text, "mysql MariaDB"));
    trial_deinit(&trial);
    scene_deinit(&scene);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greeting_off_its_port),
        cmocka_unit_test(test_turned_away),
        cmocka_unit_test(test_says_nothing),
        cmocka_unit_test(test_page_off_its_port),
        cmocka_unit_test(test_answers_junk),
        cmocka_unit_test(test_tls_refuses),
        cmocka_unit_test(test_closes_at_once),
        cmocka_unit_test(test_resets_at_once),
        cmocka_unit_test(test_greets_and_resets),
        cmocka_unit_test(test_fragile_hears_nothing),
        cmocka_unit_test(test_fragile_is_left_in_peace),
        cmocka_unit_test(test_all_want_another_connection),
        cmocka_unit_test(test_our_pace_is_not_its_time),
        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_further_connection_inside_tls),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_ipv6),
    };
    return cmocka_run_group_tests(tests, name_hosts, NULL);
}
