#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "twice.h"

/* What the scope file says of findings, over several scans. */

#define SCOPE_WITH(more)                                                                                     \
    "{ \"auscult\": 1, \"authorization\": { \"reference\": \"R\", \"authorized_by\": \"A\", \"contact\": "   \
    "\"C\","                                                                                                 \
    " \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" },"                                    \
    " \"organizations\": [{ \"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/28\"] }]," more  \
    " }"

static void accepted_then_lapsed(void **state)
{
    (void)state;
    static const char scope[] = SCOPE_WITH("\"accepted\": [{ \"item\": \"H04-1\", \"where\": \"192.0.2.2\", "
                                           "\"reason\": \"until May\", \"by\": \"Dr. A\","
                                           " \"from\": \"2026-01-05\", \"until\": \"2026-02-01\" }]");
    static const struct round_endpoint there[] = {MYSQL(2)};
    struct rounds rounds;
    struct changes changes;
    rounds_begin(&rounds, scope);
    struct store_run first = rounds_scan(&rounds, &(struct round){.day = 0, ENDPOINTS(there)});
    struct store_run second = rounds_scan(&rounds, &(struct round){.day = 14, ENDPOINTS(there)});
    struct store_run third = rounds_scan(&rounds, &(struct round){.day = 40, ENDPOINTS(there)});
    rounds_compare(&rounds, &first, &second, 0, &changes);
    const struct change *change = rounds_change(&rounds, &changes, "H04-1", 2);
    assert_int_equal(change->kind, CHANGE_ACCEPTED);
    assert_string_equal(change->risk->reason, "until May");
    assert_true(changes.organizations[0].after > changes.organizations[0].before);
    /* The index rose because it was accepted, and for nothing else. */
    assert_true(fabs(changes.organizations[0].rest) < 1e-9 && change->moved > 0);
    changes_deinit(&changes);
    rounds_compare(&rounds, &second, &third, 0, &changes);
    change = rounds_change(&rounds, &changes, "H04-1", 2);
    assert_int_equal(change->kind, CHANGE_LAPSED);
    assert_string_equal(change->risk->by, "Dr. A");
    assert_true(change->moved < 0 && change->first_ms == first.started_ms);
    assert_int_equal(changes_appeared(&changes), 0);
    changes_deinit(&changes);
    /* Between the scans it was in force; today it no longer is. */
    rounds_compare(&rounds, &first, &second, 20260201, &changes);
    assert_int_equal(rounds_change(&rounds, &changes, "H04-1", 2)->kind, CHANGE_OPEN);
    changes_deinit(&changes);
    store_run_deinit(&first);
    store_run_deinit(&second);
    store_run_deinit(&third);
    rounds_end(&rounds);
}

/* Who takes the entry out of the scope file ends it as well: the earlier scan is judged by what it kept. */
static void taken_out_of_the_scope(void **state)
{
    (void)state;
    static const char with[] =
        SCOPE_WITH("\"accepted\": [{ \"item\": \"H04-1\", \"reason\": \"until May\", \"by\": \"Dr. A\","
                   " \"from\": \"2026-01-01\", \"until\": \"2026-05-01\" }]");
    static const char without[] = SCOPE_WITH("\"accepted\": []");
    static const struct round_endpoint there[] = {MYSQL(2)};
    struct rounds rounds;
    struct changes changes;
    rounds_begin(&rounds, with);
    struct store_run first = rounds_scan(&rounds, &(struct round){.day = 0, ENDPOINTS(there)});
    rounds_scope_again(&rounds, without);
    struct store_run second = rounds_scan(&rounds, &(struct round){.day = 14, ENDPOINTS(there)});
    rounds_compare(&rounds, &first, &second, 0, &changes);
    const struct change *change = rounds_change(&rounds, &changes, "H04-1", 2);
    assert_int_equal(change->kind, CHANGE_LAPSED);
    assert_string_equal(change->risk->reason, "until May");
    assert_int_equal(changes.organizations[0].stored_before, changes.organizations[0].before);
    changes_deinit(&changes);
    store_run_deinit(&first);
    store_run_deinit(&second);
    rounds_end(&rounds);
}

static void false_positives_are_listed(void **state)
{
    (void)state;
    static const char scope[] = SCOPE_WITH(
        "\"false_positives\": [{ \"item\": \"H04-1\", \"where\": \"192.0.2.2\", \"reason\": \"a honeypot\","
        " \"by\": \"Dr. A\", \"from\": \"2026-01-05\" }]");
    static const struct round_endpoint there[] = {MYSQL(2)}, away[] = {ANSWERS(2)};
    struct rounds rounds;
    struct changes changes;
    rounds_begin(&rounds, scope);
    struct store_run first = rounds_scan(&rounds, &(struct round){.day = 0, ENDPOINTS(there)});
    struct store_run second = rounds_scan(&rounds, &(struct round){.day = 14, ENDPOINTS(there)});
    struct store_run third = rounds_scan(&rounds, &(struct round){.day = 300, ENDPOINTS(there)});
    struct store_run fourth = rounds_scan(&rounds, &(struct round){.day = 310, ENDPOINTS(away)});
    rounds_compare(&rounds, &first, &second, 0, &changes);
    const struct change *change = rounds_change(&rounds, &changes, "H04-1", 2);
    assert_int_equal(change->kind, CHANGE_FALSE);
    assert_string_equal(change->risk->reason, "a honeypot");
    assert_int_equal(changes.organizations[0].after, 1000);
    assert_true(change->moved > 0 && fabs(changes.organizations[0].rest) < 1e-9);
    changes_deinit(&changes);
    rounds_compare(&rounds, &second, &third, 0, &changes);
    assert_int_equal(rounds_change(&rounds, &changes, "H04-1", 2)->kind, CHANGE_FALSE);
    assert_true(rounds_change(&rounds, &changes, "H04-1", 2)->moved == 0);
    changes_deinit(&changes);
    rounds_compare(&rounds, &third, &fourth, 0, &changes);
    assert_int_equal(changes.count, 0); /* what was none is not mended */
    changes_deinit(&changes);
    store_run_deinit(&first);
    store_run_deinit(&second);
    store_run_deinit(&third);
    store_run_deinit(&fourth);
    rounds_end(&rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_then_lapsed),
        cmocka_unit_test(taken_out_of_the_scope),
        cmocka_unit_test(false_positives_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
