#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "hospitals.h"
#include "scoring/changes.h"
#include "scoring/report/withheld.h"

/* As an evaluation without occurrences makes them. */
static void forget_occurrences(struct hospitals *hospitals)
{
    for (size_t i = 0; i < 3; i++)
        hospitals->scorecards[i].occurrences_count = 0;
}

static void test_what_stays(void **state)
{
    (void)state;
    struct hospitals hospitals;
    struct withheld withheld;
    hospitals_init(&hospitals);
    forget_occurrences(&hospitals);
    assert_int_equal(report_withhold(&hospitals.report, &withheld), STATUS_OK);
    const struct report *report = &hospitals.report;
    assert_true(report->without_addresses);
    assert_null(report->evidence);
    assert_null(report->scope);
    assert_int_equal(report->organizations_count, 3);
    const struct report_organization *row = &report->organizations[0];
    assert_string_equal(row->organization->id, "h001");
    assert_string_equal(row->organization->name, "示范第一人民医院");
    assert_string_equal(organization_tag(row->organization, "province"), "湖北");
    assert_int_equal(row->organization->ranges.count, 0);
    assert_int_equal(row->organization->assets_count, 0);
    assert_int_equal(row->organization->domains_count, 0);
    assert_ptr_equal(row->scorecard, &hospitals.scorecards[0]);
    assert_int_equal(row->authorized, 320);
    assert_true(row->counts_known);
    withheld_deinit(&withheld);
    hospitals_deinit(&hospitals);
}

/* A scorecard that still lists places is refused and not trimmed by chance. */
static void test_occurrences(void **state)
{
    (void)state;
    struct hospitals hospitals;
    struct withheld withheld;
    hospitals_init(&hospitals);
    assert_int_equal(report_withhold(&hospitals.report, &withheld), STATUS_MISMATCH);
    withheld_deinit(&withheld);
    hospitals_deinit(&hospitals);
}

static void test_changes(void **state)
{
    (void)state;
    struct hospitals hospitals;
    struct withheld withheld;
    struct change item = {.kind = CHANGE_NEW, .organization = "h001"};
    struct endpoint_change endpoint = {.kind = ENDPOINT_CHANGE_OPENED, .organization = "h001"};
    struct organization_change row = {.id = "h001", .before = 700, .after = 600, .changes_count = 1};
    row.counts[CHANGE_NEW] = 1;
    const struct changes changes = {.items = &item,
                                    .count = 1,
                                    .endpoints = &endpoint,
                                    .endpoints_count = 1,
                                    .organizations = &row,
                                    .organizations_count = 1};
    hospitals_init(&hospitals);
    forget_occurrences(&hospitals);
    hospitals.report.changes = &changes;
    assert_int_equal(report_withhold(&hospitals.report, &withheld), STATUS_OK);
    const struct changes *kept = hospitals.report.changes;
    assert_int_equal(kept->count, 0);
    assert_null(kept->items);
    assert_int_equal(kept->endpoints_count, 0);
    assert_null(kept->endpoints);
    assert_int_equal(kept->organizations_count, 1);
    assert_int_equal(kept->organizations[0].after, 600);
    assert_int_equal(kept->organizations[0].counts[CHANGE_NEW], 1);
    assert_int_equal(kept->organizations[0].changes_count, 0);
    withheld_deinit(&withheld);
    hospitals_deinit(&hospitals);
}

/* Whatever form there is, and there will be: nothing of where or how is in it. */
static void test_forms(void **state)
{
    (void)state;
    static const char *const needles[] = {"192.0.2", "198.51.100", "2001:db8", "HIS",
                                          "10.11.6", "MariaDB",    "运维窗口", "SgAAAAo1LjU="};
    struct hospitals hospitals;
    struct withheld withheld;
    hospitals_init(&hospitals);
    for (size_t i = 0; report_forms[i]; i++)
        if (!report_forms[i]->doors) {
            char *text = hospitals_written(&hospitals, report_forms[i]->name);
            free(text);
        }
    forget_occurrences(&hospitals);
    assert_int_equal(report_withhold(&hospitals.report, &withheld), STATUS_OK);
    for (size_t i = 0; report_forms[i]; i++) {
        char *text = hospitals_written(&hospitals, report_forms[i]->name);
        for (size_t j = 0; j < sizeof needles / sizeof needles[0]; j++)
            if (strstr(text, needles[j]))
                fail_msg("%s says %s", report_forms[i]->name, needles[j]);
        free(text);
    }
    withheld_deinit(&withheld);
    hospitals_deinit(&hospitals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stays),
        cmocka_unit_test(test_occurrences),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
