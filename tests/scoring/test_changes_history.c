#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "rounds.h"
#include "sample.h"
#include "scoring/evaluation.h"

/* Many scans at random, and what changed between the last two, against what the store says when it is asked the long
   way: finding by finding, scan by scan. */

#define SCANS     9
#define HOSTS     8
#define NAME_SIZE 64

/* Which items were found where, and which were looked at, as the scan stored it. */
struct seen {
    char names[512][NAME_SIZE]; /* "H04-1@5" */
    size_t count;
    char assessed[256][16];
    size_t assessed_count;
};

struct history {
    struct rounds rounds;
    struct store_run runs[SCANS];
    struct seen seen[SCANS];
};

static void name(char text[NAME_SIZE], const struct finding *finding)
{
    snprintf(text, NAME_SIZE, "%.20s@%llu", finding->item, (unsigned long long)(finding->address.low & 0xff));
}

static bool holds(const char (*names)[NAME_SIZE], size_t count, const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], wanted) == 0)
            return true;
    return false;
}

/* Items are all told apart by host or, as there is one port for each service, could be. */
static void see(void *context, const struct finding *finding)
{
    struct seen *seen = context;
    char text[NAME_SIZE];
    name(text, finding);
    assert_true(seen->count < 512);
    if (!holds((const char(*)[NAME_SIZE])seen->names, seen->count, text))
        memcpy(seen->names[seen->count++], text, NAME_SIZE);
}

static void see_assessed(void *context, const char *item)
{
    struct seen *seen = context;
    assert_true(seen->assessed_count < 256);
    snprintf(seen->assessed[seen->assessed_count++], 16, "%s", item);
}

static bool looked(const struct seen *seen, const char *item)
{
    for (size_t i = 0; i < seen->assessed_count; i++)
        if (strcmp(seen->assessed[i], item) == 0)
            return true;
    return false;
}

static void scan_at_random(struct history *history, struct chance *chance, size_t number, int day)
{
    static const struct round_endpoint kinds[] = {{NULL, 0, 3306, "mysql", "MySQL", "8.4.6"},
                                                  {NULL, 0, 6379, "redis", "Redis", "7.2.4"},
                                                  {NULL, 0, 22, "ssh", "OpenSSH", "9.9"}};
    static const char *const ports[] = {"22,3306,6379", "22,3306,6379", "22,3306,6379", "22,6379", "3306"};
    struct round_endpoint endpoints[HOSTS * 4];
    size_t count = 0;
    const char *asked = number + 2 >= SCANS ? ports[0] : ports[chance_below(chance, 5)];
    for (uint32_t host = 1; host <= HOSTS; host++) {
        endpoints[count++] = (struct round_endpoint){.host = host};
        for (size_t i = 0; i < 3; i++) {
            char port[8];
            snprintf(port, sizeof port, "%u", kinds[i].port);
            if (!strstr(asked, port) || !chance_of(chance, 3))
                continue;
            endpoints[count] = kinds[i];
            endpoints[count++].host = host;
        }
    }
    const struct round round = {.day = day,
                                .ports = asked,
                                .incomplete = number + 2 < SCANS && chance_of(chance, 5),
                                .vantage = number + 2 < SCANS && chance_of(chance, 6) ? "internal" : NULL,
                                .endpoints = endpoints,
                                .count = count};
    struct seen *seen = &history->seen[number];
    struct store_run *run = &history->runs[number];
    *run = rounds_scan(&history->rounds, &round);
    assert_good(history->rounds.store, store_each_finding(history->rounds.store, run, "h001", see, seen));
    assert_good(history->rounds.store,
                store_each_assessed(history->rounds.store, run, "h001", see_assessed, seen));
}

static bool counts(const struct store_run *run)
{
    return run->complete && strcmp(run->vantage, "internet") == 0;
}

/* Since when it is there, by the definition: back from the newest sighting, over gaps of 90 days at most. */
static int64_t first_of(const struct history *history, size_t newest, const char *text, const char *item)
{
    int64_t first_ms = history->runs[newest].started_ms;
    bool gap = false;
    for (size_t i = newest; i-- > 0;) {
        if (!counts(&history->runs[i]))
            continue;
        const struct seen *seen = &history->seen[i];
        if (holds((const char(*)[NAME_SIZE])seen->names, seen->count, text)) {
            if (gap && first_ms - history->runs[i].started_ms > CHANGES_BACK_DAYS * ROUND_DAY_MS)
                return first_ms;
            first_ms = history->runs[i].started_ms;
            gap = false;
        } else {
            gap |= looked(seen, item);
        }
    }
    return first_ms;
}

static void check(const struct history *history, const struct changes *changes)
{
    const struct seen *before = &history->seen[SCANS - 2], *after = &history->seen[SCANS - 1];
    size_t told = 0;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        char text[NAME_SIZE];
        name(text, change->finding);
        bool was = holds((const char(*)[NAME_SIZE])before->names, before->count, text);
        bool is = holds((const char(*)[NAME_SIZE])after->names, after->count, text);
        bool appeared = change->kind == CHANGE_NEW || change->kind == CHANGE_BACK;
        assert_true(was || is);
        assert_int_equal(change->kind == CHANGE_OPEN, was && is);
        assert_int_equal(appeared, !was && is);
        /* All hosts answer and everything is asked, so that what is gone is mended. */
        assert_int_equal(change->kind == CHANGE_MENDED, was && !is);
        size_t newest = is ? SCANS - 1 : SCANS - 2;
        assert_true(change->first_ms == first_of(history, newest, text, change->finding->item));
        assert_true(change->seen_ms == history->runs[newest].started_ms);
        if (appeared)
            assert_int_equal(change->kind == CHANGE_BACK,
                             change->first_ms != history->runs[SCANS - 1].started_ms);
        told++;
    }
    size_t wanted = after->count;
    for (size_t i = 0; i < before->count; i++)
        wanted += !holds((const char(*)[NAME_SIZE])after->names, after->count, before->names[i]);
    assert_int_equal(told, wanted);
}

/* The indices are those that a report of each scan has, and what moved and the rest come to their difference. */
static void check_index(struct history *history, const struct changes *changes)
{
    const struct organization_change *row = changes_organization(changes, "h001");
    const struct evaluation_options options = {.catalogue = &history->rounds.catalogue,
                                               .scope = &history->rounds.scope,
                                               .only = "h001",
                                               .exposure = 1,
                                               .today = 20260101};
    for (size_t i = 0; i < 2; i++) {
        struct evaluation evaluation;
        assert_good(
            history->rounds.store,
            evaluation_make(history->rounds.store, &history->runs[SCANS - 2 + i], &options, &evaluation));
        double index = evaluation.scorecards[0].index_exact;
        assert_memory_equal(&index, i ? &row->after_exact : &row->before_exact, sizeof index);
        evaluation_deinit(&evaluation);
    }
    if (row->before >= 0 && row->after >= 0)
        assert_true(fabs(row->before_exact + row->moved + row->rest - row->after_exact) < 1e-9);
}

static void as_the_store_says(void **state)
{
    (void)state;
    struct chance chance = {2026};
    for (int round = 0; round < 12; round++) {
        struct history *history = calloc(1, sizeof *history);
        struct changes changes;
        int day = 0;
        assert_non_null(history);
        rounds_begin(&history->rounds, NULL);
        for (size_t i = 0; i < SCANS; i++) {
            scan_at_random(history, &chance, i, day);
            day += (int)chance_below(&chance, 3) ? 7 : 95;
        }
        rounds_compare(&history->rounds, &history->runs[SCANS - 2], &history->runs[SCANS - 1], 0, &changes);
        check(history, &changes);
        check_index(history, &changes);
        changes_deinit(&changes);
        for (size_t i = 0; i < SCANS; i++)
            store_run_deinit(&history->runs[i]);
        rounds_end(&history->rounds);
        free(history);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_store_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
