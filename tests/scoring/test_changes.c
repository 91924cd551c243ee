#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "twice.h"

static void new_open_mended_gone(void **state)
{
    (void)state;
    static const struct round_endpoint first[] = {MYSQL(2), MYSQL(3), MYSQL(4)};
    static const struct round_endpoint second[] = {MYSQL(2), ANSWERS(3), MYSQL(5)};
    struct twice twice;
    twice_compare(&twice, NULL, &(struct round){.day = 0, ENDPOINTS(first)},
                  &(struct round){.day = 7, ENDPOINTS(second)});
    twice_is(&twice, "H04-1", 2, CHANGE_OPEN, REASON_NONE);
    twice_is(&twice, "H04-1", 3, CHANGE_MENDED, REASON_CLOSED);
    twice_is(&twice, "H04-1", 4, CHANGE_GONE, REASON_SILENT_HOST);
    twice_is(&twice, "H04-1", 5, CHANGE_NEW, REASON_NONE);
    twice_counts(&twice, CHANGE_NEW, 1);
    twice_counts(&twice, CHANGE_OPEN, 1);
    twice_counts(&twice, CHANGE_MENDED, 1);
    twice_counts(&twice, CHANGE_GONE, 1);
    assert_int_equal(changes_appeared(&twice.changes), 1);
    const struct organization_change *one = twice_row(&twice, "h001");
    assert_int_equal(one->changes_count, 4);
    assert_int_equal(one->counts[CHANGE_MENDED], 1);
    /* What is worse stands first; the other hospital changed nothing. */
    assert_int_equal(twice.changes.items[0].kind, CHANGE_NEW);
    assert_int_equal(twice_row(&twice, "h002")->changes_count, 0);
    assert_true(twice_row(&twice, "h002")->before == 1000 && twice_row(&twice, "h002")->after == 1000);
    const struct change *open = rounds_change(&twice.rounds, &twice.changes, "H04-1", 2);
    assert_true(open->first_ms == twice.before.started_ms && open->seen_ms == twice.after.started_ms);
    assert_true(open->moved == 0);
    assert_true(rounds_change(&twice.rounds, &twice.changes, "H04-1", 4)->seen_ms == twice.before.started_ms);
    twice_done(&twice);
}

/* Each move is the index with it against the index without it, and the rest is what is left. */
static void moves_are_true_evaluations(void **state)
{
    (void)state;
    static const struct round_endpoint first[] = {MYSQL(2)};
    static const struct round_endpoint second[] = {ANSWERS(2), SSH(3)};
    static const struct round_endpoint nothing[] = {ANSWERS(2)};
    static const struct round_endpoint both[] = {MYSQL(2), SSH(3)};
    struct twice twice, other;
    twice_compare(&twice, NULL, &(struct round){.day = 0, ENDPOINTS(first)},
                  &(struct round){.day = 7, ENDPOINTS(second)});
    twice_compare(&other, NULL, &(struct round){.day = 0, ENDPOINTS(nothing)},
                  &(struct round){.day = 7, ENDPOINTS(both)});
    const struct organization_change *one = twice_row(&twice, "h001"), *reference = twice_row(&other, "h001");
    const struct change *ssh = rounds_change(&twice.rounds, &twice.changes, "H03-2", 3);
    const struct change *mysql = rounds_change(&twice.rounds, &twice.changes, "H04-1", 2);
    assert_int_equal(ssh->kind, CHANGE_NEW);
    assert_int_equal(mysql->kind, CHANGE_MENDED);
    assert_true(fabs(ssh->moved - (one->after_exact - reference->before_exact)) < 1e-9);
    assert_true(fabs(mysql->moved - (one->after_exact - reference->after_exact)) < 1e-9);
    assert_true(ssh->moved < 0 && mysql->moved > 0);
    assert_true(fabs(one->moved - ssh->moved - mysql->moved) < 1e-9);
    assert_true(fabs(one->before_exact + one->moved + one->rest - one->after_exact) < 1e-9);
    twice_done(&other);
    twice_done(&twice);
}

/* Whatever keeps a scan from knowing is told, and nothing of it is mended. */
static void what_was_not_looked_at_is_not_mended(void **state)
{
    (void)state;
    static const struct round_endpoint first[] = {MYSQL(2), {"h002", 18, 6379, "redis", "Redis", "7.2.4"}};
    static const struct round_endpoint second[] = {ANSWERS(2)};
    static const char elsewhere[] =
        "{ \"auscult\": 1, \"authorization\": { \"reference\": \"R\", \"authorized_by\": \"A\", \"contact\": "
        "\"C\","
        " \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" }, \"exclude\": [\"192.0.2.2\"],"
        " \"organizations\": [{ \"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/28\"] }] }";
    static const char moved[] =
        "{ \"auscult\": 1, \"authorization\": { \"reference\": \"R\", \"authorized_by\": \"A\", \"contact\": "
        "\"C\","
        " \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" },"
        " \"organizations\": [{ \"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.8/29\"] }] }";
    static const struct {
        struct round after;
        const char *scope;
        enum change_reason reason, other;
    } cases[] = {
        {{.day = 7, .ports = "22,6379", ENDPOINTS(second)}, NULL, REASON_PORT, REASON_SILENT_HOST},
        {{.day = 7, .vantage = "internal", ENDPOINTS(second)}, NULL, REASON_VANTAGE, REASON_VANTAGE},
        {{.day = 7, .shard = 1, .shards = 2, ENDPOINTS(second)}, NULL, REASON_SHARD, REASON_SHARD},
        {{.day = 7, .incomplete = true, ENDPOINTS(second)}, NULL, REASON_INCOMPLETE, REASON_INCOMPLETE},
        {{.day = 7, ENDPOINTS(second)}, elsewhere, REASON_EXCLUDED, REASON_ORGANIZATION},
        {{.day = 7, ENDPOINTS(second)}, moved, REASON_ADDRESS, REASON_ORGANIZATION},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct twice twice;
        rounds_begin(&twice.rounds, NULL);
        twice.before = rounds_scan(&twice.rounds, &(struct round){.day = 0, ENDPOINTS(first)});
        if (cases[i].scope)
            rounds_scope_again(&twice.rounds, cases[i].scope);
        twice.after = rounds_scan(&twice.rounds, &cases[i].after);
        rounds_compare(&twice.rounds, &twice.before, &twice.after, 0, &twice.changes);
        twice_is(&twice, "H04-1", 2, CHANGE_UNCHECKED, cases[i].reason);
        const struct organization_change *one = twice_row(&twice, "h001");
        assert_true(one->unlooked > 0 || one->after < 0);
        twice_is(&twice, "H05-1", 18, cases[i].other == REASON_SILENT_HOST ? CHANGE_GONE : CHANGE_UNCHECKED,
                 cases[i].other);
        twice_counts(&twice, CHANGE_MENDED, 0);
        twice_done(&twice);
    }
}

/* Without its scope file nobody knows whether a silent address was still asked, unless it is the same file. */
static void an_unknown_scope_says_nothing_of_silence(void **state)
{
    (void)state;
    static const struct round_endpoint first[] = {MYSQL(2)};
    struct rounds rounds;
    struct changes changes;
    rounds_begin(&rounds, NULL);
    struct store_run before = rounds_scan(&rounds, &(struct round){.keeps_no_scope = true, ENDPOINTS(first)});
    struct store_run after = rounds_scan(&rounds, &(struct round){.day = 7, .keeps_no_scope = true});
    const struct changes_options options = {.catalogue = &rounds.catalogue, .today = 20260108};
    assert_good(rounds.store, changes_make(rounds.store, &before, &after, &options, &changes));
    assert_int_equal(rounds_change(&rounds, &changes, "H04-1", 2)->kind, CHANGE_GONE);
    changes_deinit(&changes);
    memset(after.scope, 'f', sizeof after.scope - 1);
    assert_good(rounds.store, changes_make(rounds.store, &before, &after, &options, &changes));
    assert_int_equal(rounds_change(&rounds, &changes, "H04-1", 2)->reason, REASON_SCOPE_UNKNOWN);
    changes_deinit(&changes);
    store_run_deinit(&before);
    store_run_deinit(&after);
    rounds_end(&rounds);
}

static void what_answers_differently(void **state)
{
    (void)state;
    static const struct round_endpoint first[] = {MYSQL(2),
                                                  MYSQL(3),
                                                  MYSQL(4),
                                                  {NULL, 5, 3306, "mysql", "MySQL", "5.6.51"},
                                                  {NULL, 6, 3306, "unknown", "", ""}};
    static const struct round_endpoint second[] = {{NULL, 2, 3306, "ssh", "OpenSSH", "9.9"},
                                                   {NULL, 3, 3306, "unknown", "", ""},
                                                   ANSWERS(4),
                                                   {NULL, 5, 3306, "mysql", "MySQL", "8.4.6"},
                                                   MYSQL(6)};
    struct twice twice;
    twice_compare(&twice, NULL, &(struct round){.day = 0, ENDPOINTS(first)},
                  &(struct round){.day = 7, .everywhere = 4, ENDPOINTS(second)});
    twice_is(&twice, "H04-1", 2, CHANGE_MENDED, REASON_OTHER_SERVICE);
    twice_is(&twice, "H04-1", 3, CHANGE_UNCHECKED, REASON_UNDETERMINED);
    twice_is(&twice, "H04-1", 4, CHANGE_UNCHECKED, REASON_ANSWERS_EVERYWHERE);
    twice_is(&twice, "H04-1", 5, CHANGE_OPEN, REASON_NONE);
    twice_is(&twice, "H09-2", 5, CHANGE_MENDED, REASON_ANSWERED);
    twice_is(&twice, "H04-1", 6, CHANGE_NEW, REASON_UNDETERMINED);
    twice_is(&twice, "H03-2", 2, CHANGE_NEW, REASON_NONE);
    twice_done(&twice);
}

/* Absent and back within 90 days keeps its first date; later it begins anew. */
static void back_again(void **state)
{
    (void)state;
    static const struct round_endpoint there[] = {MYSQL(2)}, away[] = {ANSWERS(2)};
    static const struct {
        int back_day;
        enum change_kind kind;
        int first_day;
    } cases[] = {{80, CHANGE_BACK, 0}, {97, CHANGE_BACK, 0}, {98, CHANGE_NEW, 98}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rounds rounds;
        struct changes changes;
        struct store_run runs[4];
        rounds_begin(&rounds, NULL);
        runs[0] = rounds_scan(&rounds, &(struct round){.day = 0, ENDPOINTS(there)});
        runs[1] = rounds_scan(&rounds, &(struct round){.day = 7, ENDPOINTS(there)});
        runs[2] = rounds_scan(&rounds, &(struct round){.day = 14, ENDPOINTS(away)});
        runs[3] = rounds_scan(&rounds, &(struct round){.day = cases[i].back_day, ENDPOINTS(there)});
        rounds_compare(&rounds, &runs[1], &runs[2], 0, &changes);
        const struct change *change = rounds_change(&rounds, &changes, "H04-1", 2);
        assert_int_equal(change->kind, CHANGE_MENDED);
        assert_true(change->first_ms == runs[0].started_ms && change->seen_ms == runs[1].started_ms);
        changes_deinit(&changes);
        rounds_compare(&rounds, &runs[2], &runs[3], 0, &changes);
        change = rounds_change(&rounds, &changes, "H04-1", 2);
        assert_int_equal(change->kind, cases[i].kind);
        assert_int_equal(change->reason, change->kind == CHANGE_NEW ? REASON_LONG_AGO : REASON_NONE);
        assert_true(change->first_ms == ROUND_START + cases[i].first_day * ROUND_DAY_MS + 3600000);
        assert_int_equal(changes_appeared(&changes), 1);
        assert_true(change->moved < 0);
        changes_deinit(&changes);
        for (size_t j = 0; j < 4; j++)
            store_run_deinit(&runs[j]);
        rounds_end(&rounds);
    }
}

/* A scan that did not ask there leaves no gap, and no scan that did not come to its end counts. */
static void not_asked_is_not_absent(void **state)
{
    (void)state;
    static const struct round_endpoint there[] = {MYSQL(2)}, away[] = {ANSWERS(2)};
    struct rounds rounds;
    struct changes changes;
    struct store_run runs[4];
    rounds_begin(&rounds, NULL);
    runs[0] = rounds_scan(&rounds, &(struct round){.day = 0, ENDPOINTS(there)});
    runs[1] = rounds_scan(&rounds, &(struct round){.day = 50, .incomplete = true, ENDPOINTS(away)});
    runs[2] = rounds_scan(&rounds, &(struct round){.day = 100, .ports = "22", ENDPOINTS(away)});
    runs[3] = rounds_scan(&rounds, &(struct round){.day = 200, ENDPOINTS(there)});
    rounds_compare(&rounds, &runs[2], &runs[3], 0, &changes);
    const struct change *change = rounds_change(&rounds, &changes, "H04-1", 2);
    assert_int_equal(change->kind, CHANGE_OPEN);
    assert_int_equal(change->reason, REASON_FIRST_LOOK);
    assert_true(change->first_ms == runs[0].started_ms);
    assert_true(change->moved == 0);
    assert_int_equal(changes_appeared(&changes), 0);
    changes_deinit(&changes);
    for (size_t j = 0; j < 4; j++)
        store_run_deinit(&runs[j]);
    rounds_end(&rounds);
}

static void a_first_look_says_so(void **state)
{
    (void)state;
    static const struct round_endpoint second[] = {MYSQL(2)}, first[] = {ANSWERS(2)};
    struct twice twice;
    twice_compare(&twice, NULL, &(struct round){.day = 0, .ports = "22", ENDPOINTS(first)},
                  &(struct round){.day = 7, ENDPOINTS(second)});
    twice_is(&twice, "H04-1", 2, CHANGE_NEW, REASON_FIRST_LOOK);
    assert_int_equal(twice.changes.endpoint_counts[ENDPOINT_CHANGE_OPENED], 1);
    assert_int_equal(twice.changes.endpoints[0].reason, REASON_FIRST_LOOK);
    twice_done(&twice);
}

static const struct endpoint_change *endpoint(const struct twice *twice, uint32_t host, uint16_t port)
{
    for (size_t i = 0; i < twice->changes.endpoints_count; i++) {
        const struct endpoint_change *change = &twice->changes.endpoints[i];
        if (address_compare(change->address, address_from_ipv4(0xc0000200 + host)) == 0 &&
            change->port.number == port)
            return change;
    }
    fail_msg("nothing changed at %u port %u", host, port);
    return NULL;
}

static void endpoints_change(void **state)
{
    (void)state;
    static const struct round_endpoint first[] = {SSH(2),
                                                  {NULL, 2, 3306, "mysql", "MySQL", "5.7.44"},
                                                  {NULL, 2, 6379, "redis", "Redis", "7.2.4"},
                                                  MYSQL(3),
                                                  SSH(4),
                                                  MYSQL(6),
                                                  {NULL, 7, 22, "ssh", "OpenSSH", "9.9"}};
    static const struct round_endpoint second[] = {{NULL, 2, 22, "ssh", "OpenSSH", "9.9"},
                                                   {NULL, 2, 3306, "mysql", "MySQL", "9.7.0"},
                                                   SSH(4),
                                                   MYSQL(4),
                                                   MYSQL(5),
                                                   {NULL, 6, 3306, "postgresql", "PostgreSQL", ""},
                                                   {NULL, 7, 22, "unknown", "", ""}};
    struct twice twice;
    twice_compare(&twice, NULL, &(struct round){.day = 0, ENDPOINTS(first)},
                  &(struct round){.day = 7, ENDPOINTS(second)});
    assert_int_equal(endpoint(&twice, 2, 6379)->kind, ENDPOINT_CHANGE_CLOSED);
    assert_string_equal(endpoint(&twice, 2, 6379)->before.service, "redis");
    assert_false(endpoint(&twice, 2, 6379)->after.open);
    const struct endpoint_change *version = endpoint(&twice, 2, 3306);
    assert_int_equal(version->kind, ENDPOINT_CHANGE_VERSION);
    assert_string_equal(version->before.version, "5.7.44");
    assert_string_equal(version->after.version, "9.7.0");
    assert_int_equal(endpoint(&twice, 3, 0)->kind, ENDPOINT_CHANGE_HOST_DOWN);
    assert_int_equal(endpoint(&twice, 4, 3306)->kind, ENDPOINT_CHANGE_OPENED);
    assert_int_equal(endpoint(&twice, 4, 3306)->reason, REASON_NONE);
    assert_int_equal(endpoint(&twice, 5, 0)->kind, ENDPOINT_CHANGE_HOST_NEW);
    assert_int_equal(endpoint(&twice, 5, 3306)->kind, ENDPOINT_CHANGE_OPENED);
    assert_int_equal(endpoint(&twice, 6, 3306)->kind, ENDPOINT_CHANGE_SERVICE);
    /* A service that was not recognised this time is no other service. */
    assert_int_equal(twice.changes.endpoints_count, 7);
    assert_int_equal(twice.changes.endpoint_counts[ENDPOINT_CHANGE_OPENED], 2);
    twice_done(&twice);
    twice_compare(&twice, NULL, &(struct round){.day = 0, ENDPOINTS(first)},
                  &(struct round){.day = 7, .ports = "22,3306", ENDPOINTS(second)});
    assert_int_equal(endpoint(&twice, 2, 6379)->kind, ENDPOINT_CHANGE_NOT_ASKED);
    assert_int_equal(endpoint(&twice, 2, 6379)->reason, REASON_PORT);
    twice_done(&twice);
}

/* A catalogue of today is applied to both, and what the scans stored is told where it differs. */
static void both_are_judged_alike(void **state)
{
    (void)state;
    static const struct round_endpoint there[] = {MYSQL(2), SSH(3)};
    static const char *const plain[] = {CATALOGUE_DEFAULT};
    struct twice twice;
    struct complaints complaints;
    twice_compare(&twice, NULL, &(struct round){.day = 0, ENDPOINTS(there)},
                  &(struct round){.day = 7, ENDPOINTS(there)});
    assert_int_equal(twice_row(&twice, "h001")->stored_before, twice_row(&twice, "h001")->before);
    assert_int_equal(twice_row(&twice, "h001")->stored_after, twice_row(&twice, "h001")->after);
    assert_true(twice_row(&twice, "h001")->before < 1000);
    changes_deinit(&twice.changes);
    catalogue_deinit(&twice.rounds.catalogue);
    complaints_init(&complaints, "catalogue");
    assert_int_equal(catalogue_load(&twice.rounds.catalogue, plain, 1, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
    for (size_t i = 0; i < twice.rounds.catalogue.items_count; i++)
        if (strcmp(twice.rounds.catalogue.items[i].id, "H04-1") == 0)
            twice.rounds.catalogue.items[i].alpha = 1;
    rounds_compare(&twice.rounds, &twice.before, &twice.after, 0, &twice.changes);
    const struct organization_change *one = twice_row(&twice, "h001");
    assert_int_equal(one->before, one->after);
    assert_int_not_equal(one->stored_before, one->before);
    assert_int_equal(changes_appeared(&twice.changes), 0);
    twice_counts(&twice, CHANGE_MENDED, 0);
    twice_done(&twice);
}

static void the_previous_scan(void **state)
{
    (void)state;
    static const struct round_endpoint there[] = {MYSQL(2)};
    static const char other[] =
        "{ \"auscult\": 1, \"authorization\": { \"reference\": \"R\", \"authorized_by\": \"A\", \"contact\": "
        "\"C\","
        " \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" },"
        " \"organizations\": [{ \"id\": \"x\", \"name\": \"Other\", \"ranges\": [\"198.51.100.0/28\"] }] }";
    struct rounds rounds;
    struct store_run runs[6], previous;
    rounds_begin(&rounds, NULL);
    runs[0] = rounds_scan(&rounds, &(struct round){.day = 0, ENDPOINTS(there)});
    runs[1] = rounds_scan(&rounds, &(struct round){.day = 1, .incomplete = true});
    runs[2] = rounds_scan(&rounds, &(struct round){.day = 2, .vantage = "internal"});
    runs[3] = rounds_scan(&rounds, &(struct round){.day = 3, .shard = 1, .shards = 2});
    rounds_scope_again(&rounds, other);
    runs[4] = rounds_scan(&rounds, &(struct round){.day = 4});
    rounds_scope_again(&rounds, rounds_scope);
    runs[5] = rounds_scan(&rounds, &(struct round){.day = 5, ENDPOINTS(there)});
    assert_good(rounds.store, changes_previous(rounds.store, &runs[5], &previous));
    assert_string_equal(previous.id, runs[0].id);
    store_run_deinit(&previous);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(changes_previous(rounds.store, &runs[i], &previous),
                         i == 1 ? STATUS_OK : STATUS_MISMATCH),
            store_run_deinit(&previous);
    for (size_t i = 0; i < 6; i++)
        store_run_deinit(&runs[i]);
    rounds_end(&rounds);
}

/* An import of one day that covers an item for h001, wholly; with a finding of it at 192.0.2.host, or none (0). */
static void import(struct rounds *rounds, int day, const char *item, uint32_t host)
{
    char organization[] = "h001", *id = strdup(item);
    int64_t from_ms = ROUND_START + day * ROUND_DAY_MS;
    struct store_run run = {.kind = RUN_IMPORT,
                            .format = strdup("csv"),
                            .vantage = strdup("internet"),
                            .started_ms = from_ms,
                            .from_ms = from_ms,
                            .until_ms = from_ms + 1000,
                            .complete = true};
    const struct store_covered covered = {
        .item = item, .from_ms = from_ms, .until_ms = from_ms + 1000, .whole = true};
    const struct finding finding = {.organization = organization,
                                    .item = id,
                                    .has_address = true,
                                    .address = address_from_ipv4(0xc0000200 + host),
                                    .exposure = (double)NAN,
                                    .count = 1,
                                    .time_ms = from_ms};
    assert_good(rounds->store, store_begin(rounds->store, &run));
    assert_good(rounds->store, store_covers(rounds->store, &run, "h001", &covered));
    if (host)
        assert_good(rounds->store, store_finding(rounds->store, &run, &finding));
    assert_good(rounds->store, store_commit(rounds->store));
    store_run_deinit(&run);
    free(id);
}

/* What other sources say counts beside each scan as it was in force then. */
static void what_others_said(void **state)
{
    (void)state;
    static const struct round_endpoint there[] = {ANSWERS(2)};
    struct rounds rounds;
    struct changes changes;
    rounds_begin(&rounds, NULL);
    import(&rounds, 0, "H02-3", 5); /* a state: in force until it is told again */
    import(&rounds, 0, "H10-1", 6); /* an event with a window */
    struct store_run first = rounds_scan(&rounds, &(struct round){.day = 1, ENDPOINTS(there)});
    struct store_run second = rounds_scan(&rounds, &(struct round){.day = 8, ENDPOINTS(there)});
    import(&rounds, 9, "H02-3", 0);
    import(&rounds, 9, "A02-1", 7);
    struct store_run third = rounds_scan(&rounds, &(struct round){.day = 10, ENDPOINTS(there)});
    struct store_run fourth = rounds_scan(&rounds, &(struct round){.day = 200, ENDPOINTS(there)});
    rounds_compare(&rounds, &first, &second, 0, &changes);
    const struct change *change = rounds_change(&rounds, &changes, "H02-3", 5);
    assert_int_equal(change->kind, CHANGE_OPEN);
    assert_true(change->first_ms == ROUND_START); /* when the source saw it, before any scan */
    assert_int_equal(rounds_change(&rounds, &changes, "H10-1", 6)->kind, CHANGE_OPEN);
    changes_deinit(&changes);
    rounds_compare(&rounds, &second, &third, 0, &changes);
    change = rounds_change(&rounds, &changes, "H02-3", 5);
    assert_int_equal(change->kind, CHANGE_MENDED);
    assert_int_equal(change->reason, REASON_REPORTED);
    assert_true(change->moved > 0);
    change = rounds_change(&rounds, &changes, "A02-1", 7);
    assert_int_equal(change->kind, CHANGE_NEW);
    assert_int_equal(change->reason, REASON_FIRST_LOOK);
    changes_deinit(&changes);
    rounds_compare(&rounds, &third, &fourth, 0, &changes);
    change = rounds_change(&rounds, &changes, "H10-1", 6);
    assert_int_equal(change->kind, CHANGE_UNCHECKED); /* nobody has told of it since */
    assert_int_equal(change->reason, REASON_UNCOVERED);
    changes_deinit(&changes);
    store_run_deinit(&first);
    store_run_deinit(&second);
    store_run_deinit(&third);
    store_run_deinit(&fourth);
    rounds_end(&rounds);
}

/* A scan that heard only a part of the answers says so here, too. */
static void what_was_not_heard(void **state)
{
    (void)state;
    static const struct round_endpoint there[] = {MYSQL(2)};
    struct twice twice;
    const struct store_pace pace = {.rate = 1000, .recall = 0.875, .lost = 12};
    twice_compare(&twice, NULL, &(struct round){.day = 0, ENDPOINTS(there)},
                  &(struct round){.day = 7, ENDPOINTS(there)});
    assert_true(twice.changes.recall == 1);
    changes_deinit(&twice.changes);
    assert_good(twice.rounds.store, store_set_pace(twice.rounds.store, &twice.after, &pace));
    rounds_compare(&twice.rounds, &twice.before, &twice.after, 0, &twice.changes);
    assert_true(twice.changes.recall == 0.875);
    twice_done(&twice);
}

static void words_are_there(void **state)
{
    (void)state;
    bool told[CHANGE_KINDS] = {false};
    for (int i = 0; i < CHANGE_KINDS; i++) {
        told[change_order[i]] = true;
        assert_true(change_kind_word((enum change_kind)i)[0] &&
                    change_kind_name((enum change_kind)i, LANGUAGE_ZH)[0]);
    }
    for (int i = 0; i < CHANGE_KINDS; i++)
        assert_true(told[i]);
    for (int i = REASON_FIRST_LOOK; i <= REASON_UNCOVERED; i++)
        assert_true(change_reason_name((enum change_reason)i, LANGUAGE_ZH)[0] &&
                    change_reason_name((enum change_reason)i, LANGUAGE_EN)[0]);
    for (int i = 0; i < ENDPOINT_CHANGE_KINDS; i++)
        assert_true(endpoint_change_word((enum endpoint_change_kind)i)[0] &&
                    endpoint_change_name((enum endpoint_change_kind)i, LANGUAGE_ZH)[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_open_mended_gone),
        cmocka_unit_test(moves_are_true_evaluations),
        cmocka_unit_test(what_was_not_looked_at_is_not_mended),
        cmocka_unit_test(an_unknown_scope_says_nothing_of_silence),
        cmocka_unit_test(what_answers_differently),
        cmocka_unit_test(back_again),
        cmocka_unit_test(not_asked_is_not_absent),
        cmocka_unit_test(a_first_look_says_so),
        cmocka_unit_test(endpoints_change),
        cmocka_unit_test(both_are_judged_alike),
        cmocka_unit_test(the_previous_scan),
        cmocka_unit_test(what_others_said),
        cmocka_unit_test(what_was_not_heard),
        cmocka_unit_test(words_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
