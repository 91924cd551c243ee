#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "authorize.h"
#include "random.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HOUR         3600
#define DAY          86400

static void set_zone(const char *name)
{
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
}

static void both_days_are_included(void **state)
{
    (void)state;
    struct scope scope;
    const int64_t first = 1767225600;      /* 2026-01-01 00:00 UTC */
    const int64_t end = first + 365 * DAY; /* 2027-01-01 00:00 UTC */
    const int64_t ahead = INT64_C(5) * HOUR + 45 * 60;
    struct authorization *authorization = authorize(&scope, YEAR_2026 "\"UTC\"");
    assert_int_equal(authorization_moment(authorization, first - 1), REFUSAL_NOT_YET);
    assert_int_equal(authorization_moment(authorization, first), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, end - 1), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, end), REFUSAL_EXPIRED);
    assert_int_equal(authorization_moment(authorization, 0), REFUSAL_NOT_YET);
    assert_int_equal(authorization_moment(authorization, INT64_MIN), REFUSAL_NOT_YET);
    assert_int_equal(authorization_moment(authorization, INT64_MAX), REFUSAL_EXPIRED);
    assert_true(authorization_next_moment(authorization, INT64_MIN) == first);
    assert_true(authorization_next_moment(authorization, first - 1) == first);
    assert_true(authorization_next_moment(authorization, end - 1) == end - 1);
    assert_true(authorization_next_moment(authorization, end) == -1);
    assert_true(authorization_next_moment(authorization, INT64_MAX) == -1);
    dismiss(&scope, authorization);
    authorization = authorize(&scope, YEAR_2026 "\"Asia/Kathmandu\"");
    assert_int_equal(authorization_moment(authorization, first - ahead - 1), REFUSAL_NOT_YET);
    assert_int_equal(authorization_moment(authorization, first - ahead), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, end - ahead - 1), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, end - ahead), REFUSAL_EXPIRED);
    dismiss(&scope, authorization);
    set_zone("America/New_York");
    authorization = authorize(&scope, "\"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\"");
    assert_int_equal(authorization_moment(authorization, first + 5 * HOUR - 1), REFUSAL_NOT_YET);
    assert_int_equal(authorization_moment(authorization, first + 5 * HOUR), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, end + 5 * HOUR - 1), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, end + 5 * HOUR), REFUSAL_EXPIRED);
    dismiss(&scope, authorization);
}

static void days_before_the_epoch_are_days(void **state)
{
    (void)state;
    struct scope scope;
    struct authorization *authorization = authorize(
        &scope, "\"valid_from\": \"1970-01-01\", \"valid_until\": \"1970-01-02\", \"timezone\": \"UTC\"");
    assert_int_equal(authorization_moment(authorization, -1), REFUSAL_NOT_YET);
    assert_int_equal(authorization_moment(authorization, -DAY), REFUSAL_NOT_YET);
    assert_int_equal(authorization_moment(authorization, 0), REFUSAL_NONE);
    assert_true(authorization_next_moment(authorization, -1) == 0);
    dismiss(&scope, authorization);
}

static void hours_may_span_midnight(void **state)
{
    (void)state;
    struct scope scope;
    const int64_t midnight = 1780272000; /* 2026-06-01 00:00 UTC */
    struct authorization *authorization =
        authorize(&scope, YEAR_2026 "\"UTC\", \"hours\": [\"22:00-06:30\"]");
    assert_int_equal(authorization_moment(authorization, midnight), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, midnight - 2 * HOUR - 1), REFUSAL_HOURS);
    assert_int_equal(authorization_moment(authorization, midnight - 2 * HOUR), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, midnight + 6 * HOUR + 1799), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, midnight + 6 * HOUR + 1800), REFUSAL_HOURS);
    assert_true(authorization_next_moment(authorization, midnight + 12 * HOUR) == midnight + 22 * HOUR);
    /* The first day's small hours belong to it, the last night ends with it. */
    assert_true(authorization_next_moment(authorization, 0) == 1767225600);
    assert_true(authorization_next_moment(authorization, 1798761600 - 1) == 1798761600 - 1);
    assert_int_equal(authorization_moment(authorization, 1798761600), REFUSAL_EXPIRED);
    dismiss(&scope, authorization);
    authorization = authorize(&scope, YEAR_2026 "\"UTC\", \"hours\": [\"23:00-24:00\", \"12:00-12:01\"]");
    assert_int_equal(authorization_moment(authorization, midnight - 1), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, midnight), REFUSAL_HOURS);
    assert_true(authorization_next_moment(authorization, midnight) == midnight + 12 * HOUR);
    assert_true(authorization_next_moment(authorization, midnight + 12 * HOUR + 60) == midnight + 23 * HOUR);
    dismiss(&scope, authorization);
}

/* Berlin 2026: on 29 March 02:00-03:00 does not happen, on 25 October it happens twice. */
static void the_clocks_change_is_followed(void **state)
{
    (void)state;
    struct scope scope;
    const int64_t spring = 1774746000; /* 01:00 UTC */
    const int64_t autumn = 1792890000;
    struct authorization *authorization =
        authorize(&scope, YEAR_2026 "\"Europe/Berlin\", \"hours\": [\"02:00-03:00\"]");
    assert_int_equal(authorization_moment(authorization, spring - 1), REFUSAL_HOURS);
    assert_int_equal(authorization_moment(authorization, spring), REFUSAL_HOURS);
    assert_true(authorization_next_moment(authorization, spring - HOUR) == spring + 23 * HOUR);
    assert_int_equal(authorization_moment(authorization, autumn - HOUR - 1), REFUSAL_HOURS);
    assert_int_equal(authorization_moment(authorization, autumn - HOUR), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, autumn), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, autumn + HOUR - 1), REFUSAL_NONE);
    assert_int_equal(authorization_moment(authorization, autumn + HOUR), REFUSAL_HOURS);
    dismiss(&scope, authorization);
    authorization = authorize(&scope, YEAR_2026 "\"Europe/Berlin\", \"hours\": [\"02:30-04:00\"]");
    assert_true(authorization_next_moment(authorization, spring - HOUR) == spring);
    dismiss(&scope, authorization);
}

/* Asked probe by probe in whatever order, the kept decision never outlives its edge. */
static void the_kept_decision_is_the_moments_own(void **state)
{
    (void)state;
    struct scope scope;
    struct random random = {51};
    struct authorization *authorization =
        authorize(&scope, YEAR_2026
                  "\"Australia/Lord_Howe\", \"hours\": [\"22:15-01:45\", \"12:00-13:00\", \"02:10-02:20\"]");
    const int64_t starts[] = {1767225600, 1775314800, 1791072000, 1798761600};
    for (size_t i = 0; i < COUNT(starts); i++) {
        int64_t now_s = starts[i] - 2 * DAY;
        for (int step = 0; step < 20000; step++) {
            enum refusal moment = authorization_moment(authorization, now_s);
            assert_int_equal(ask(authorization, "192.0.2.1", 22, now_s), moment);
            now_s += (int64_t)random_below(&random, 40);
            if (random_chance(&random, 200))
                now_s -= (int64_t)random_below(&random, 5000);
        }
    }
    dismiss(&scope, authorization);
}

/* The moment worked out by the C library in the zone itself, and plainly. */
static enum refusal plain_moment(const struct scope *scope, int64_t now_s)
{
    time_t now = (time_t)now_s;
    struct tm tm;
    assert_non_null(localtime_r(&now, &tm));
    int day = (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
    int minute = tm.tm_hour * 60 + tm.tm_min;
    if (day < scope->valid_from_day)
        return REFUSAL_NOT_YET;
    if (day > scope->valid_until_day)
        return REFUSAL_EXPIRED;
    for (size_t i = 0; i < scope->hours_count; i++) {
        int until = scope->hours[i].to_minute;
        until += until <= scope->hours[i].from_minute ? 1440 : 0;
        for (int m = scope->hours[i].from_minute; m < until; m++)
            if (m % 1440 == minute)
                return REFUSAL_NONE;
    }
    return scope->hours_count ? REFUSAL_HOURS : REFUSAL_NONE;
}

static const char *const zones[] = {"UTC",
                                    "Asia/Shanghai",
                                    "Europe/Berlin",
                                    "America/New_York",
                                    "Asia/Kathmandu",
                                    "Australia/Lord_Howe",
                                    "America/Sao_Paulo",
                                    "Asia/Beirut",
                                    "Pacific/Apia",
                                    "Africa/Casablanca",
                                    "America/Havana"};

static void print_time(FILE *out, uint64_t minute)
{
    fprintf(out, "%02d:%02d", (int)(minute / 60), (int)(minute % 60));
}

static void print_hours(FILE *out, struct random *random)
{
    uint64_t count = random_below(random, 4);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t from = random_below(random, 1440);
        uint64_t length =
            random_chance(random, 3) ? 1 + random_below(random, 20) : 1 + random_below(random, 1438);
        fputs(i ? ", \"" : ", \"hours\": [\"", out);
        print_time(out, from);
        fputc('-', out);
        print_time(out, (from + length) % 1440 ? (from + length) % 1440 : random_below(random, 2) * 1440);
        fputc('"', out);
    }
    fputs(count ? "]" : "", out);
}

/* Days of months around the changes of several zones. */
static void print_dates(FILE *out, struct random *random)
{
    static const char *const months[] = {"2018-02", "2018-11", "2026-03", "2026-04",
                                         "2026-10", "2026-11", "2011-12"};
    const char *month = months[random_below(random, COUNT(months))];
    int first = 1 + (int)random_below(random, 28);
    int last = first + (int)random_below(random, (uint64_t)(29 - first));
    fprintf(out, "\"valid_from\": \"%s-%02d\", \"valid_until\": \"%s-%02d\"", month, first, month, last);
}

/* Moments of 300 scopes in eleven zones: around both ends, and anywhere between. */
static void moments_agree_with_a_model(void **state)
{
    (void)state;
    struct random random = {61};
    size_t allowed = 0, waited = 0;
    for (int round = 0; round < 300; round++) {
        const char *zone = zones[random_below(&random, COUNT(zones))];
        char *keys = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&keys, &size);
        assert_non_null(out);
        print_dates(out, &random);
        print_hours(out, &random);
        fprintf(out, ", \"timezone\": \"%s\"", zone);
        fclose(out);
        struct scope scope;
        set_zone("UTC");
        struct authorization *authorization = authorize(&scope, keys);
        set_zone(zone);
        struct tm tm = {.tm_year = scope.valid_from_day / 10000 - 1900,
                        .tm_mon = scope.valid_from_day / 100 % 100 - 1,
                        .tm_mday = scope.valid_from_day % 100,
                        .tm_isdst = -1};
        int64_t begin = mktime(&tm) - 2 * DAY;
        int64_t span = (scope.valid_until_day - scope.valid_from_day + 5) * (int64_t)DAY;
        for (int i = 0; i < 120; i++) {
            int64_t now_s = begin + (int64_t)random_below(&random, (uint64_t)span);
            if (random_chance(&random, 2))
                now_s -= now_s % HOUR + (int64_t)random_below(&random, 2);
            enum refusal right = plain_moment(&scope, now_s);
            assert_int_equal(authorization_moment(authorization, now_s), right);
            assert_int_equal(ask(authorization, "192.0.2.1", 22, now_s), right);
            allowed += right == REFUSAL_NONE;
            if (i % 12)
                continue;
            int64_t next = right == REFUSAL_NONE ? now_s : now_s - now_s % 60 + 60;
            while (next < begin + span && plain_moment(&scope, next) != REFUSAL_NONE)
                next += 60;
            int64_t found = authorization_next_moment(authorization, now_s);
            assert_true(found == (next < begin + span ? next : -1));
            waited += found > now_s;
        }
        dismiss(&scope, authorization);
        free(keys);
    }
    assert_true(allowed > 3000 && waited > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_days_are_included),
        cmocka_unit_test(days_before_the_epoch_are_days),
        cmocka_unit_test(hours_may_span_midnight),
        cmocka_unit_test(the_clocks_change_is_followed),
        cmocka_unit_test(the_kept_decision_is_the_moments_own),
        cmocka_unit_test(moments_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
