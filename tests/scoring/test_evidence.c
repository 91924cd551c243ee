#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/evidence.h"

#define DAY INT64_C(86400000)
#define NOW (INT64_C(20000) * DAY)

/* A store with a scan that assessed H03-1 and found it at port 3389 of 192.0.2.1. N1-1 has a window of 30 days,
   H02-3 and B6-2 have none. */
struct scene {
    struct catalogue catalogue;
    struct store *store;
    struct store_run scan;
};

static struct finding finding_of(const char *item, const char *host, int64_t time_ms)
{
    struct finding finding = {.organization = strdup("h1"),
                              .item = strdup(item),
                              .has_address = true,
                              .exposure = (double)NAN,
                              .count = 1,
                              .time_ms = time_ms};
    assert_true(address_parse(host, strlen(host), &finding.address));
    return finding;
}

static void find(struct scene *scene, const struct store_run *run, const char *item, const char *host,
                 int64_t time_ms)
{
    struct finding finding = finding_of(item, host, time_ms);
    assert_int_equal(store_finding(scene->store, run, &finding), STATUS_OK);
    finding_deinit(&finding);
}

static int setup(void **state)
{
    struct scene *scene = *state = calloc(1, sizeof *scene);
    struct complaints complaints;
    complaints_init(&complaints, "catalogue");
    assert_int_equal(catalogue_load(&scene->catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
    assert_int_equal(store_open(NULL, true, &scene->store), STATUS_OK);
    scene->scan.started_ms = NOW - DAY;
    assert_int_equal(store_begin(scene->store, &scene->scan), STATUS_OK);
    assert_int_equal(store_assessed(scene->store, &scene->scan, "h1", "H03-1"), STATUS_OK);
    find(scene, &scene->scan, "H03-1", "192.0.2.1", NOW);
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    store_run_deinit(&scene->scan);
    store_close(&scene->store);
    catalogue_deinit(&scene->catalogue);
    free(scene);
    return 0;
}

/* An import of one day, `days_ago`, that covers the items for h1; the caller deinits it. */
static struct store_run import(struct scene *scene, const char *format, int days_ago, int days,
                               const char *const *items)
{
    struct store_run run = {.kind = RUN_IMPORT,
                            .format = strdup(format),
                            .vantage = strdup("partner"),
                            .from_ms = NOW - days_ago * DAY,
                            .until_ms = NOW - (days_ago - days) * DAY - 1,
                            .complete = true};
    assert_int_equal(store_begin(scene->store, &run), STATUS_OK);
    for (; *items; items++) {
        struct store_covered covered = {
            .item = *items, .from_ms = run.from_ms, .until_ms = run.until_ms, .whole = true};
        assert_int_equal(store_covers(scene->store, &run, "h1", &covered), STATUS_OK);
    }
    return run;
}

static void write_item(void *context, struct evidence_import *from, const char *item)
{
    fprintf(context, "%s%s ", from ? from->run.format : "scan:", item);
}

static void write_finding(void *context, struct evidence_import *from, const struct finding *finding)
{
    char address[ADDRESS_TEXT_MAX];
    address_format(finding->address, address);
    fprintf(context, "%s%s@%s ", from ? from->run.format : "scan:", finding->item, address + 8);
    if (from)
        assert_true(finding->exposure == 0.6);
}

static void assert_evidence(struct scene *scene, int64_t moment_ms, const char *expected)
{
    struct evidence evidence;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(evidence_init(&evidence, scene->store, &scene->scan, &scene->catalogue, moment_ms),
                     STATUS_OK);
    assert_int_equal(evidence_each_assessed(&evidence, "h1", write_item, stream), STATUS_OK);
    fputs("| ", stream);
    assert_int_equal(evidence_each_finding(&evidence, "h1", write_finding, stream), STATUS_OK);
    assert_int_equal(evidence_each_assessed(&evidence, "h2", write_item, stream), STATUS_OK);
    fclose(stream);
    evidence_deinit(&evidence);
    assert_string_equal(text, expected);
    free(text);
}

#define ITEMS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_sum(void **state)
{
    struct scene *scene = *state;
    struct store_run eve = import(scene, "eve:", 1, 1, ITEMS("N1-1", "H03-1", "X9-9"));
    find(scene, &eve, "N1-1", "192.0.2.2", NOW - 100);
    assert_evidence(scene, NOW, "scan:H03-1 eve:N1-1 eve:H03-1 | scan:H03-1@1 eve:N1-1@2 ");
    assert_evidence(scene, 0, "scan:H03-1 | scan:H03-1@1 ");             /* without imports */
    assert_evidence(scene, NOW - 2 * DAY, "scan:H03-1 | scan:H03-1@1 "); /* not known yet */
    store_run_deinit(&eve);
}

/* Days add up; what is older than the window has gone by itself, to the millisecond. */
static void test_window(void **state)
{
    struct scene *scene = *state;
    struct store_run old = import(scene, "old:", 40, 5, ITEMS("N1-1"));
    struct store_run first = import(scene, "eve:", 31, 2, ITEMS("N1-1"));
    struct store_run second = import(scene, "eve:", 10, 1, ITEMS("N1-1"));
    find(scene, &old, "N1-1", "192.0.2.9", NOW - 38 * DAY);
    find(scene, &first, "N1-1", "192.0.2.2", NOW - 30 * DAY);
    find(scene, &first, "N1-1", "192.0.2.3", NOW - 30 * DAY + 1);
    find(scene, &first, "N1-1", "192.0.2.4", 0); /* when it ended */
    find(scene, &second, "N1-1", "192.0.2.5", NOW - 10 * DAY);
    find(scene, &second, "N1-1", "192.0.2.6", NOW + 1);
    assert_evidence(scene, NOW,
                    "scan:H03-1 eve:N1-1 eve:N1-1 | scan:H03-1@1 eve:N1-1@5 eve:N1-1@3 eve:N1-1@4 ");
    store_run_deinit(&old);
    store_run_deinit(&first);
    store_run_deinit(&second);
}

/* The same file once more, or a longer one in its place. */
static void test_window_again(void **state)
{
    struct scene *scene = *state;
    struct store_run first = import(scene, "eve:", 10, 2, ITEMS("N1-1"));
    struct store_run other = import(scene, "csv:", 10, 1, ITEMS("N1-1"));
    struct store_run again = import(scene, "eve:", 11, 3, ITEMS("N1-1"));
    find(scene, &first, "N1-1", "192.0.2.2", NOW - 9 * DAY);
    find(scene, &other, "N1-1", "192.0.2.3", NOW - 10 * DAY);
    find(scene, &again, "N1-1", "192.0.2.4", NOW - 9 * DAY);
    assert_evidence(scene, NOW, "scan:H03-1 eve:N1-1 csv:N1-1 | scan:H03-1@1 eve:N1-1@4 csv:N1-1@3 ");
    store_run_deinit(&first);
    store_run_deinit(&other);
    store_run_deinit(&again);
}

/* A state is what its source said last; an older file that comes late changes nothing. */
static void test_state(void **state)
{
    struct scene *scene = *state;
    struct store_run first = import(scene, "nmap:", 400, 1, ITEMS("H02-3", "H03-1"));
    find(scene, &first, "H02-3", "192.0.2.2", 0);
    find(scene, &first, "H03-1", "192.0.2.2", 0);
    assert_evidence(scene, NOW, "scan:H03-1 nmap:H02-3 nmap:H03-1 | scan:H03-1@1 nmap:H02-3@2 nmap:H03-1@2 ");
    struct store_run second = import(scene, "nmap:", 5, 1, ITEMS("H03-1"));
    struct store_run late = import(scene, "nmap:", 8, 1, ITEMS("H03-1"));
    find(scene, &second, "H03-1", "192.0.2.3", 0);
    find(scene, &late, "H03-1", "192.0.2.4", 0);
    assert_evidence(scene, NOW, "scan:H03-1 nmap:H02-3 nmap:H03-1 | scan:H03-1@1 nmap:H03-1@3 nmap:H02-3@2 ");
    assert_evidence(scene, NOW - 6 * DAY,
                    "scan:H03-1 nmap:H02-3 nmap:H03-1 | scan:H03-1@1 nmap:H03-1@4 nmap:H02-3@2 ");
    store_run_deinit(&first);
    store_run_deinit(&second);
    store_run_deinit(&late);
}

/* Findings alone replace nothing and assess nothing. */
static void test_findings_alone(void **state)
{
    struct scene *scene = *state;
    struct store_run first = import(scene, "nmap:", 5, 1, ITEMS("H02-3"));
    struct store_run second = import(scene, "nmap:", 3, 1, (const char *const[]){NULL});
    find(scene, &first, "H02-3", "192.0.2.2", 0);
    find(scene, &second, "H02-3", "192.0.2.3", 0);
    find(scene, &second, "B6-2", "192.0.2.4", 0);
    assert_int_equal(store_cover_findings(scene->store, &second), STATUS_OK);
    assert_evidence(scene, NOW,
                    "scan:H03-1 nmap:H02-3 | scan:H03-1@1 nmap:B6-2@4 nmap:H02-3@3 nmap:H02-3@2 ");
    store_run_deinit(&first);
    store_run_deinit(&second);
}

/* An import of open ports, that covers H03-1 and H02-3 for h1 and found H03-1 at port 3389 of 192.0.2.9. */
static struct store_run open_ports(struct scene *scene, int days_ago)
{
    struct store_run run = import(scene, "nmap:", days_ago, 1, ITEMS("N1-1"));
    const char *const items[] = {"H03-1", "H02-3"};
    for (size_t i = 0; i < 2; i++) {
        const struct store_covered covered = {.item = items[i],
                                              .from_ms = run.from_ms,
                                              .until_ms = run.until_ms,
                                              .whole = true,
                                              .judged = true};
        assert_int_equal(store_covers(scene->store, &run, "h1", &covered), STATUS_OK);
    }
    struct finding finding = finding_of("H03-1", "192.0.2.9", run.from_ms);
    finding.port = (struct port){3389, TRANSPORT_TCP};
    finding.judged = true;
    assert_int_equal(store_finding(scene->store, &run, &finding), STATUS_OK);
    finding_deinit(&finding);
    return run;
}

static void take_vantage(struct scene *scene, const char *vantage)
{
    free(scene->scan.vantage);
    scene->scan.vantage = strdup(vantage);
    assert_non_null(scene->scan.vantage);
}

/* What an older import said of open ports ends when our own scan looked at the same item from the same place. */
static void test_scanned_since(void **state)
{
    struct scene *scene = *state;
    struct store_run older = open_ports(scene, 5);
    take_vantage(scene, "partner");
    assert_evidence(scene, NOW, "scan:H03-1 nmap:N1-1 nmap:H02-3 | scan:H03-1@1 ");
    take_vantage(scene, "internet");
    assert_evidence(scene, NOW, "scan:H03-1 nmap:N1-1 nmap:H02-3 nmap:H03-1 | scan:H03-1@1 nmap:H03-1@9 ");
    take_vantage(scene, "partner");
    /* The scan found the port open and could not say what it is. */
    struct observation observation;
    struct address address;
    assert_true(address_parse("192.0.2.9", 9, &address));
    observation_init(&observation, address, (struct port){3389, TRANSPORT_TCP});
    observation.service = "unknown";
    assert_int_equal(store_observation(scene->store, &scene->scan, "h1", &observation), STATUS_OK);
    assert_evidence(scene, NOW, "scan:H03-1 nmap:N1-1 nmap:H02-3 | scan:H03-1@1 nmap:H03-1@9 ");
    observation.service = "http";
    assert_int_equal(store_observation(scene->store, &scene->scan, "h1", &observation), STATUS_OK);
    assert_evidence(scene, NOW, "scan:H03-1 nmap:N1-1 nmap:H02-3 | scan:H03-1@1 ");
    observation_deinit(&observation);
    store_run_deinit(&older);
    /* One that ended while the scan went on, or after it, is as fresh. */
    struct store_run newer = open_ports(scene, 1);
    assert_evidence(scene, NOW,
                    "scan:H03-1 nmap:N1-1 nmap:N1-1 nmap:H02-3 nmap:H03-1 | scan:H03-1@1 nmap:H03-1@9 ");
    store_run_deinit(&newer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sum, setup, teardown),
        cmocka_unit_test_setup_teardown(test_window, setup, teardown),
        cmocka_unit_test_setup_teardown(test_window_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_state, setup, teardown),
        cmocka_unit_test_setup_teardown(test_findings_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scanned_since, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
