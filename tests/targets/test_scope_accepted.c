#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "refusal.h"
#include <cmocka.h>

#define COUNT(array)   (sizeof(array) / sizeof *(array))
#define ACCEPTED(text) "\"auscult\": 1,", "\"auscult\": 1, \"accepted\": " text ","
#define ENTRY(text)    ACCEPTED("[{ " text " }]")
#define REASON         "\"reason\": \"replaced in May\", \"by\": \"Dr. A\""
#define DAYS           "\"from\": \"2026-01-01\", \"until\": \"2026-06-30\""
#define ITEM           "\"item\": \"H03-2\""

static const struct refusal refusals[] = {
    {ACCEPTED("@{}"), "must be an array"},
    {ACCEPTED("[@\"H03-2\"]"), "must be an object"},
    {ACCEPTED("[@{ " REASON ", " DAYS " }]"), "add \"item\": \"H03-2\""},
    {ACCEPTED("[@{ " ITEM ", \"by\": \"x\", " DAYS " }]"), "add \"reason\":"},
    {ACCEPTED("[@{ " ITEM ", \"reason\": \"x\", " DAYS " }]"), "add \"by\":"},
    {ACCEPTED("[@{ " ITEM ", " REASON ", \"until\": \"2026-06-30\" }]"), "add \"from\":"},
    {ACCEPTED("[@{ " ITEM ", " REASON ", \"from\": \"2026-06-30\" }]"), "add \"until\":"},
    {ENTRY("\"item\": @7, " REASON ", " DAYS), "must be a string"},
    {ENTRY(ITEM ", " REASON ", " DAYS ", @\"untill\": 1"), "did you mean \"until\"?"},
    {ENTRY(ITEM ", " REASON ", " DAYS ", @\"who\": 1"),
     "known here: item, where, organization, reason, by, from, until"},
    {ENTRY(ITEM ", " REASON ", \"from\": \"2026-01-01\", \"until\": @\"2025-12-31\""),
     "write a day from 2026-01-01 on"},
    {ENTRY(ITEM ", " REASON ", \"from\": \"2026-01-01\", \"until\": @\"2027-01-02\""), "a year at most"},
    {ENTRY(ITEM ", " REASON ", \"from\": \"2024-02-29\", \"until\": @\"2025-03-01\""), "a year at most"},
    {ENTRY(ITEM ", " REASON ", \"from\": @\"2026-02-30\", \"until\": \"2026-06-30\""), "is not a day"},
    {ENTRY(ITEM ", " REASON ", \"from\": \"2026-01-01\", \"until\": @null"), "must be a string"},
    {ENTRY(ITEM ", \"where\": @\"192.0.2.1/24\", " REASON ", " DAYS), "bits are set"},
    {ENTRY(ITEM ", \"where\": @7, " REASON ", " DAYS), "must be a string"},
    {ENTRY(ITEM ", \"where\": @[], " REASON ", " DAYS), "leave it out for anywhere"},
    {ENTRY(ITEM ", \"where\": [\"192.0.2.1\", @{}], " REASON ", " DAYS), "must be a string"},
    {ENTRY(ITEM ", \"organization\": @\"h003\", " REASON ", " DAYS),
     "no organization of this scope has the id \"h003\""},
    {ENTRY(ITEM ", \"organization\": @\"\", " REASON ", " DAYS), "is empty"},
};

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    assert_refused(refusals, COUNT(refusals));
}

static void a_year_to_the_day_is_taken(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(&scope, ENTRY(ITEM ", " REASON ", \"from\": \"2026-01-01\", \"until\": \"2027-01-01\""));
    assert_int_equal(scope.accepted[0].until_day, 20270101);
    assert_int_equal(scope.accepted[0].where.count, 0);
    assert_null(scope.accepted[0].organization);
    scope_deinit(&scope);
    assert_read(&scope, ENTRY(ITEM ", " REASON ", \"from\": \"2024-02-29\", \"until\": \"2025-02-28\""));
    scope_deinit(&scope);
}

static void where_and_whose_may_be_said(void **state)
{
    (void)state;
    struct scope scope;
    assert_read(
        &scope,
        ENTRY(ITEM ", \"organization\": \"h002\", \"where\": [\"198.51.100.4/30\", \"198.51.100.9\"], " REASON
                   ", " DAYS));
    assert_string_equal(scope.accepted[0].organization, "h002");
    assert_true(ranges_size(&scope.accepted[0].where) == 5);
    assert_string_equal(scope.accepted[0].reason, "replaced in May");
    assert_string_equal(scope.accepted[0].by, "Dr. A");
    scope_deinit(&scope);
    assert_read(&scope, ACCEPTED("[]"));
    assert_int_equal(scope.accepted_count, 0);
    scope_deinit(&scope);
}

#define FALSE(text) "\"auscult\": 1,", "\"auscult\": 1, \"false_positives\": [{ " text " }],"
#define SEEN        "\"reason\": \"a honeypot of ours\", \"by\": \"Dr. A\", \"from\": \"2026-01-01\""

static const struct refusal false_refusals[] = {
    {FALSE("\"item\": @7, \"where\": \"192.0.2.5\", " SEEN), "must be a string"},
    {"\"auscult\": 1,", "\"auscult\": 1, \"false_positives\": [@{ " ITEM ", " SEEN " }],",
     "a false positive is somewhere; add \"where\""},
    {FALSE(ITEM ", \"where\": \"192.0.2.5\", " SEEN ", \"until\": @\"2025-01-01\""), "comes before \"from\""},
    {FALSE(ITEM ", \"where\": \"192.0.2.5\", " SEEN ", @\"untill\": 1"), "did you mean \"until\"?"},
    {"\"auscult\": 1,",
     "\"auscult\": 1, \"false_positives\": [@{ " ITEM
     ", \"where\": \"192.0.2.5\", \"by\": \"x\", \"from\": \"2026-01-01\" }],",
     "add \"reason\": \"why it is none\""},
};

/* With an end, however far off, or without one. */
static void false_positives_are_read(void **state)
{
    (void)state;
    struct scope scope;
    assert_refused(false_refusals, COUNT(false_refusals));
    assert_read(&scope, FALSE(ITEM ", \"where\": \"192.0.2.5\", " SEEN));
    assert_int_equal(scope.false_positives_count, 1);
    assert_int_equal(scope.accepted_count, 0);
    const struct accepted_risk *mark = &scope.false_positives[0];
    assert_string_equal(mark->item, "H03-2");
    assert_string_equal(mark->by, "Dr. A");
    assert_int_equal(mark->until_day, 0);
    assert_false(accepted_risk_holds(mark, "h001", 20251231));
    assert_true(accepted_risk_holds(mark, "h001", 20260101));
    assert_true(accepted_risk_holds(mark, NULL, 99991231));
    scope_deinit(&scope);
    assert_read(&scope, FALSE(ITEM ", \"organization\": \"h001\", " SEEN ", \"until\": \"2030-06-30\""));
    mark = &scope.false_positives[0];
    assert_true(accepted_risk_holds(mark, "h001", 20300629));
    assert_false(accepted_risk_holds(mark, "h001", 20300630));
    assert_false(accepted_risk_holds(mark, "h002", 20300629));
    scope_deinit(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_refused),
        cmocka_unit_test(a_year_to_the_day_is_taken),
        cmocka_unit_test(where_and_whose_may_be_said),
        cmocka_unit_test(false_positives_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
