#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importing.h"
#include "scoring/evaluation.h"

static const char map[] = "{ \"auscult_map\": \"csv\", \"columns\": { \"org\": \"o\", \"ip\": \"a\", "
                          "\"domain\": \"d\" }, \"item\": \"N4-4\" }";

static void keep_newest(void *context, const struct store_run *run)
{
    struct store_run *newest = context;
    if (newest->number)
        return;
    *newest = (struct store_run){.number = run->number, .complete = run->complete, .kind = run->kind};
    newest->format = strdup(run->format);
    newest->file = strdup(run->file);
    newest->vantage = strdup(run->vantage);
    memcpy(newest->file_hash, run->file_hash, sizeof newest->file_hash);
}

/* What the run says of its file: sha256sum gives the same. */
static void test_run(void **state)
{
    struct importing *importing = *state;
    importing->map = map;
    struct store_run newest = {0};
    free(importing_good(importing, "csv", "o,a,d\n,192.0.2.9,\n"));
    assert_int_equal(store_each_import(importing->store, keep_newest, &newest), STATUS_OK);
    assert_int_equal(newest.kind, RUN_IMPORT);
    assert_true(newest.complete);
    assert_string_equal(newest.format, "csv");
    assert_string_equal(newest.file, "file");
    assert_string_equal(newest.vantage, "internet");
    assert_string_equal(newest.file_hash, "bacc1ba1f84be2ae54e550c3219c9adb827bf80c59948c97ea53cc7f90999810");
    store_run_deinit(&newest);
}

/* By address, by domain, by id, by name. */
static void test_owner(void **state)
{
    struct importing *importing = *state;
    importing->map = map;
    char *dump =
        importing_good(importing, "csv",
                       "o,a,d\n,192.0.2.9,\n,,www.first.example\nTwo,10.0.0.1,\nh003,,\n,,other.example\n"
                       ",10.0.0.9,\n,,\n");
    assert_holds(dump, "finding h001 N4-4 192.0.2.9:0 told 0\n");
    assert_holds(dump, "finding h001 N4-4 -:0 told 0\n");
    assert_holds(dump, "finding h002 N4-4 10.0.0.1:0 told 0\n");
    assert_holds(dump, "finding h003 N4-4 -:0 told 0\n");
    assert_int_equal(importing->tally.findings, 4);
    assert_int_equal(importing->tally.outside, 3);
    free(dump);
}

/* With --org private addresses and lines without a place are its own, and what is another's stays out. */
static void test_only(void **state)
{
    struct importing *importing = *state;
    importing->map = map;
    importing->only = "h002";
    char *dump = importing_good(importing, "csv",
                                "o,a,d\n,192.0.2.9,\n,10.0.0.9,\n,100.64.0.1,\n,fd00::9,\n,8.8.8.8,\n,,\n");
    assert_holds(dump, "finding h002 N4-4 10.0.0.9:0");
    assert_holds(dump, "finding h002 N4-4 100.64.0.1:0");
    assert_holds(dump, "finding h002 N4-4 fd00::9:0");
    assert_int_equal(importing->tally.findings, 4);
    assert_int_equal(importing->tally.others, 1);
    assert_int_equal(importing->tally.outside, 1);
    free(dump);
}

/* Half a file leaves nothing, and the next import is as if it had not been. */
static void test_nothing_half(void **state)
{
    struct importing *importing = *state;
    importing->map = map;
    free(importing_good(importing, "csv", "o,a,d\n,192.0.2.9,\n"));
    assert_refused(importing, "csv", "o,a,d\n,192.0.2.10,\n,192.0.2.11,\n,nowhere,\n",
                   "file:4:2: \"nowhere\" is no address");
    char *dump = importing_good(importing, "csv", "o,a,d\n,192.0.2.12,\n");
    assert_holds(dump, "192.0.2.12");
    assert_holds_not(dump, "192.0.2.10");
    free(dump);
}

static void score_h003(struct importing *importing, const struct store_run *scan, size_t *items_out,
                       uint64_t *count_out)
{
    struct evaluation evaluation;
    const struct evaluation_options options = {.catalogue = &importing->catalogue,
                                               .scope = &importing->scope,
                                               .only = "h003",
                                               .exposure = 1,
                                               .today = 20261126,
                                               .moment_ms = INT64_C(1795700000000)};
    assert_int_equal(evaluation_make(importing->store, scan, &options, &evaluation), STATUS_OK);
    assert_int_equal(evaluation.count, 1);
    size_t item = catalogue_item(&importing->catalogue, "H02-1");
    *items_out = evaluation.scorecards[0].items_assessed;
    *count_out = 0;
    for (size_t i = 0; i < evaluation.scorecards[0].items_count; i++)
        if (evaluation.scorecards[0].items[i].item == item)
            *count_out = evaluation.scorecards[0].items[i].count;
    evaluation_deinit(&evaluation);
}

/* An import adds to the scan: what the scan assessed stays assessed, and the same place is one occurrence. */
static void test_beside_scan(void **state)
{
    struct importing *importing = *state;
    struct store_run scan = {0};
    size_t before = 0, after = 0;
    uint64_t count = 0;
    struct finding found = {.organization = (char[]){"h003"},
                            .item = (char[]){"H02-1"},
                            .has_address = true,
                            .port = {445, TRANSPORT_TCP},
                            .exposure = 1,
                            .count = 1};
    assert_true(address_parse("203.0.113.17", 12, &found.address));
    assert_int_equal(store_begin(importing->store, &scan), STATUS_OK);
    assert_int_equal(store_assessed(importing->store, &scan, "h003", "H03-8"), STATUS_OK);
    assert_int_equal(store_assessed(importing->store, &scan, "h003", "H02-1"), STATUS_OK);
    assert_int_equal(store_finding(importing->store, &scan, &found), STATUS_OK);
    score_h003(importing, &scan, &before, &count);
    assert_int_equal(before, 2);
    assert_int_equal(count, 1);
    free(importing_good(
        importing, "nmap",
        "<nmaprun start=\"1795600000\"><scaninfo protocol=\"tcp\" services=\"23,445\"/>"
        "<host><status state=\"up\"/><address addr=\"203.0.113.17\"/><ports>"
        "<extraports state=\"closed\" count=\"1\"/><port protocol=\"tcp\" portid=\"445\"><state "
        "state=\"open\"/><service name=\"microsoft-ds\" method=\"probed\"/></port></ports></host>"
        "</nmaprun>"));
    score_h003(importing, &scan, &after, &count);
    assert_int_equal(count, 1);
    assert_true(after > before); /* Telnet was looked for, too */
    score_h003(importing, NULL, &after, &count);
    assert_int_equal(count, 1); /* without a scan */
    store_run_deinit(&scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORTING_TEST(test_run),          IMPORTING_TEST(test_owner),       IMPORTING_TEST(test_only),
        IMPORTING_TEST(test_nothing_half), IMPORTING_TEST(test_beside_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
