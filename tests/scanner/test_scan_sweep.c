#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ether.h"
#include "scanner/scan.h"
#include "scene.h"
#include "server.h"

/* A scan whose swept part goes over the network in memory, and whose conversations are with real sockets. */

#define HOSTS 32

static char hosts[HOSTS][16];

static int name_hosts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < HOSTS; i++)
        server_address(i, hosts[i]);
    return 0;
}

struct told {
    struct scan *scan;
    unsigned swept[5], heard, opened, asked, settled_with_sweep, controls[5];
    char services[256];
};

static enum status pending(void *context, uint64_t number, unsigned attempts)
{
    (void)context;
    (void)number;
    (void)attempts;
    return STATUS_OK;
}

static enum status finished(void *context, uint64_t number, const struct organization *organization,
                            struct address address, struct port port, enum endpoint_state state,
                            const struct observation *observation)
{
    struct told *told = context;
    char text[ADDRESS_TEXT_MAX];
    (void)number;
    assert_string_equal(organization->id, "h1");
    address_format(address, text);
    if (!observation) {
        told->asked++;
        return STATUS_OK;
    }
    assert_int_equal(state, ENDPOINT_OPEN);
    told->opened++;
    size_t used = strlen(told->services);
    snprintf(told->services + used, sizeof told->services - used, "%d:%u %s;",
             strcmp(text, hosts[2]) == 0 ? 2 : 3, port.number, observation->service);
    return STATUS_OK;
}

static enum status swept(void *context, const struct organization *organization, struct port port,
                         enum endpoint_state state)
{
    struct told *told = context;
    assert_string_equal(organization->id, "h1");
    assert_in_range(port.number, 20001, 20004);
    told->swept[state]++;
    return STATUS_OK;
}

static enum status judged(void *context, const struct organization *organization, struct address address,
                          enum host_control control)
{
    (void)organization;
    (void)address;
    ((struct told *)context)->controls[control]++;
    return STATUS_OK;
}

static enum status heard(void *context, const struct organization *organization, struct address address)
{
    (void)organization;
    (void)address;
    ((struct told *)context)->heard++;
    return STATUS_OK;
}

static enum status settled(void *context, const struct scan_totals *totals, const struct sweep *sweep)
{
    struct told *told = context;
    assert_non_null(sweep);
    assert_true(totals->recall == 1);
    told->settled_with_sweep++;
    return STATUS_OK;
}

/* Hosts 2 and 3 have port 20001 open, as far as their SYN-ACK tells; host 4 answers nothing. */
static enum nature nature(struct address address, uint16_t port)
{
    char text[ADDRESS_TEXT_MAX];
    address_format(address, text);
    if (port == 20001 && (strcmp(text, hosts[2]) == 0 || strcmp(text, hosts[3]) == 0))
        return NATURE_OPEN;
    return strcmp(text, hosts[4]) == 0 ? NATURE_SILENT : NATURE_CLOSED;
}

#define CONTROL 29999

/* Ports 20001 to 20004 of hosts 1 to 8 are swept, the last one is fragile; what is open is served at these places. */
static struct scan_totals run(struct told *told, bool forged, const struct place *places, size_t count)
{
    struct server server;
    struct scene scene;
    struct plan plan;
    struct ether ether;
    struct ports ports;
    enum refusal refusal;
    const char *why = "";
    size_t at = 0;
    char ranges[64], fragile[32];
    snprintf(ranges, sizeof ranges, "\"%s-%s\"", hosts[1], hosts[8]);
    snprintf(fragile, sizeof fragile, "\"%s\"", hosts[8]);
    signal(SIGPIPE, SIG_IGN);
    server_start(&server, places, count);
    scene_init_ranges(&scene, ranges, fragile);
    ports_init(&ports);
    assert_int_equal(ports_parse(&ports, "20001-20004", &why, &at), STATUS_OK);
    assert_int_equal(plan_init(&plan, scene.authorization, &ports, 3, 1, 1, true), STATUS_OK);
    ether_init(&ether, &plan, 64);
    ether.nature = nature;
    ether.forged = forged;
    const struct scan_options options = {.rate = 100000,
                                         .rate_per_host = 10000,
                                         .attempts = 2,
                                         .connect_ms = 500,
                                         .port_ms = 8000,
                                         .host_ms = 12000,
                                         .control_port = CONTROL,
                                         .sweeper = &ether.wire};
    const struct scan_listener listener = {told, pending, finished, judged, swept, heard, NULL, settled};
    assert_int_equal(scan_new(scene.authorization, &plan, &options, &listener, &told->scan), STATUS_OK);
    ether.scan = told->scan;
    assert_int_equal(scan_run(told->scan, &refusal), STATUS_OK);
    assert_string_equal(scan_engine(told->scan), "ether");
    const struct scan_totals totals = *scan_totals(told->scan);
    scan_free(&told->scan);
    for (uint64_t step = 0; step < plan_size(&plan, PLAN_SWEPT); step++)
        assert_in_range(ether.sent[step], 1, 2);
    ether_deinit(&ether);
    plan_deinit(&plan);
    ports_deinit(&ports);
    scene_deinit(&scene);
    server_stop(&server);
    assert_int_equal(told->swept[ENDPOINT_CLOSED], 7 * 4 - 2 - 4);
    assert_int_equal(told->heard, 6);
    return totals;
}

static void open_ports_are_talked_to(void **state)
{
    (void)state;
    struct place place = {hosts[2], 20001, CONDUCT_MYSQL};
    struct told told = {0};
    const struct scan_totals totals = run(&told, false, &place, 1);
    assert_int_equal(told.opened, 2);
    assert_non_null(strstr(told.services, "2:20001 mysql;"));
    assert_non_null(strstr(told.services, "3:20001 unknown;")); /* it answers a SYN, and nobody is there */
    assert_int_equal(told.asked, 4);                            /* the fragile host, by the connect engine */
    assert_int_equal(told.controls[CONTROL_ASKED], 0);
    assert_true(told.settled_with_sweep > 0);
    /* 24 once and 4 twice, 4 connections to the fragile host, one that opens, and two that are refused. */
    assert_true(totals.probes >= 24 + 8 + 4 + 2);
}

/* What only looks like a proxy is left as it is. */
static void forged_and_refused(void **state)
{
    (void)state;
    struct place place = {hosts[2], 20001, CONDUCT_MYSQL};
    struct told told = {0};
    (void)run(&told, true, &place, 1);
    assert_int_equal(told.controls[CONTROL_ASKED], 2);
    assert_int_equal(told.controls[CONTROL_REFUSED], 2);
    assert_int_equal(told.opened, 2);
    assert_int_equal(told.asked, 4);
}

/* Behind a proxy what speaks a protocol is open, and nothing else. */
static void forged_and_answered(void **state)
{
    (void)state;
    const struct place places[] = {{hosts[2], 20001, CONDUCT_MYSQL},
                                   {hosts[2], CONTROL, CONDUCT_SILENT},
                                   {hosts[3], CONTROL, CONDUCT_SILENT}};
    struct told told = {0};
    const struct scan_totals totals = run(&told, true, places, 3);
    assert_int_equal(told.controls[CONTROL_ANSWERED], 2);
    assert_non_null(strstr(told.services, "2:20001 mysql;"));
    assert_int_equal(totals.ends[ENDPOINT_OPEN], 1);
    assert_int_equal(totals.ends[ENDPOINT_SYNTHETIC], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_ports_are_talked_to),
        cmocka_unit_test(forged_and_refused),
        cmocka_unit_test(forged_and_answered),
    };
    return cmocka_run_group_tests(tests, name_hosts, NULL);
}
