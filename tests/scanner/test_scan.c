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

#include "scanner/scan.h"

/* Real sockets on loopback addresses of our own; what a scan tells of them. */

/* On *port, or on one that the system chooses where it is 0. */
static int listen_on(const char *address, uint16_t *port)
{
    struct address parsed;
    struct sockaddr_storage where;
    assert_true(address_parse(address, strlen(address), &parsed));
    socklen_t size = address_to_sockaddr(parsed, *port, &where);
    int fd = socket(where.ss_family, SOCK_STREAM, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&where, size) == 0 && listen(fd, 64) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&where, &size), 0);
    assert_true(address_from_sockaddr((struct sockaddr *)&where, &parsed, port));
    return fd;
}

/* A child that greets each connection with some bytes and then waits for the peer to close. */
static pid_t serve(int fd, const void *greeting, size_t size)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    for (int i = 0; i < 64; i++) {
        int peer = accept(fd, NULL, NULL);
        char drop[512];
        if (peer < 0 || write(peer, greeting, size) < 0)
            _exit(1);
        while (read(peer, drop, sizeof drop) > 0)
            ;
        close(peer);
    }
    _exit(0);
}

struct seen {
    unsigned ends[5];
    unsigned finished;
    char service[32];
    char product[64];
    char version[64];
    char why[128];
};

static enum status on_pending(void *context, uint64_t number, unsigned attempts)
{
    (void)context;
    (void)number;
    assert_true(attempts <= 2);
    return STATUS_OK;
}

static enum status on_finished(void *context, uint64_t number, const struct organization *organization,
                               struct address address, struct port port, enum endpoint_state state,
                               const struct observation *observation)
{
    struct seen *seen = context;
    (void)number;
    (void)address;
    (void)port;
    assert_string_equal(organization->id, "h1");
    seen->ends[state]++;
    seen->finished++;
    if (observation) {
        const struct fact_value *why = observation_find(observation, "endpoint.unidentified");
        snprintf(seen->service, sizeof seen->service, "%s", observation->service);
        snprintf(seen->product, sizeof seen->product, "%s", observation->product);
        snprintf(seen->version, sizeof seen->version, "%s", observation->version);
        snprintf(seen->why, sizeof seen->why, "%s", why ? why->text : "");
    }
    return STATUS_OK;
}

static enum status on_settled(void *context, const struct scan_totals *totals)
{
    (void)context;
    (void)totals;
    return STATUS_OK;
}

static struct seen scan(const char *ranges, const char *fragile, uint16_t port)
{
    static const char format[] =
        "{\"auscult\":1,\"authorization\":{\"reference\":\"t\",\"authorized_by\":\"t\",\"contact\":\"t\","
        "\"valid_from\":\"2020-01-01\",\"valid_until\":\"2099-12-31\"},"
        "\"organizations\":[{\"id\":\"h1\",\"name\":\"h\",\"ranges\":[\"%s\"],\"fragile\":[%s]}]}";
    char text[1024];
    struct complaints complaints;
    struct scope scope;
    struct authorization *authorization;
    struct ports ports;
    struct plan plan;
    struct scan *one;
    struct seen seen = {0};
    enum refusal refusal;
    snprintf(text, sizeof text, format, ranges, fragile);
    complaints_init(&complaints, "scope");
    enum status status = scope_parse(&scope, text, strlen(text), &complaints);
    for (size_t i = 0; i < complaints.count; i++)
        print_error("%s\n", complaints.items[i].text);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(authorization_new(&scope, &authorization), STATUS_OK);
    ports_init(&ports);
    assert_int_equal(ports_add(&ports, port, TRANSPORT_TCP), STATUS_OK);
    assert_int_equal(plan_init(&plan, authorization, &ports, 7, 1, 1), STATUS_OK);
    const struct scan_options options = {.rate = 1000,
                                         .rate_per_host = 50,
                                         .attempts = 2,
                                         .connect_ms = 900,
                                         .port_ms = 8000,
                                         .host_ms = 12000,
                                         .seed = 7};
    const struct scan_listener listener = {&seen, on_pending, on_finished, on_settled};
    assert_int_equal(scan_new(authorization, &plan, &options, &listener, &one), STATUS_OK);
    assert_int_equal(scan_run(one, &refusal), STATUS_OK);
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_int_equal(seen.finished, plan_size(&plan));
    scan_free(&one);
    plan_deinit(&plan);
    ports_deinit(&ports);
    authorization_free(&authorization);
    scope_deinit(&scope);
    complaints_deinit(&complaints);
    return seen;
}

static void stop(pid_t child, int fd)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(fd);
}

static void test_greeting_off_its_port(void **state)
{
    (void)state;
    static const char greeting[] =
        "\x63"
        "\0\0\0\n5.5.5-10.11.6-MariaDB-0+deb12u1\0\37\0\0\0abcdefgh\0\376\367\55\2\0"
        "\377\201\25\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password";
    uint16_t port = 0;
    int fd = listen_on("127.0.77.2", &port);
    pid_t child = serve(fd, greeting, sizeof greeting);
    struct seen seen = scan("127.0.77.1-127.0.77.3", "", port);
    stop(child, fd);
    assert_int_equal(seen.ends[ENDPOINT_OPEN], 1);
    assert_int_equal(seen.ends[ENDPOINT_CLOSED], 2);
    assert_string_equal(seen.service, "mysql");
    assert_string_equal(seen.product, "MariaDB");
    assert_string_equal(seen.version, "10.11.6");
}

/* Redis in protected mode says so at once and closes; nothing that we send would be read. */
static void test_turned_away(void **state)
{
    (void)state;
    static const char denial[] = "-DENIED Redis is running in protected mode because …\r\n";
    uint16_t port = 6379;
    int fd = listen_on("127.0.77.2", &port);
    pid_t child = serve(fd, denial, sizeof denial - 1);
    struct seen seen = scan("127.0.77.2", "", port);
    stop(child, fd);
    assert_string_equal(seen.service, "redis");
    assert_string_equal(seen.product, "Redis");
}

static void test_says_nothing(void **state)
{
    (void)state;
    uint16_t port = 0;
    int fd = listen_on("127.0.77.2", &port);
    pid_t child = serve(fd, "", 0);
    struct seen seen = scan("127.0.77.2", "", port);
    stop(child, fd);
    assert_int_equal(seen.ends[ENDPOINT_OPEN], 1);
    assert_string_equal(seen.service, "unknown");
    assert_non_null(strstr(seen.why, "says nothing"));
}

static void test_fragile_hears_nothing(void **state)
{
    (void)state;
    uint16_t port = 0;
    int fd = listen_on("127.0.77.2", &port);
    pid_t child = serve(fd, "hello\r\n", 7);
    struct seen seen = scan("127.0.77.2", "\"127.0.77.2\"", port);
    stop(child, fd);
    assert_int_equal(seen.ends[ENDPOINT_OPEN], 1);
    assert_string_equal(seen.service, "unknown");
    assert_non_null(strstr(seen.why, "fragile"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greeting_off_its_port),
        cmocka_unit_test(test_turned_away),
        cmocka_unit_test(test_says_nothing),
        cmocka_unit_test(test_fragile_hears_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
