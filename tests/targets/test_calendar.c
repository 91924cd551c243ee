#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <time.h>

#include "targets/calendar.h"

/* Every day from 1970 on, counted up and held against the C library's UTC. */
static void days_count_as_the_library_counts(void **state)
{
    (void)state;
    for (int64_t number = 0; number < 200000; number++) {
        time_t moment = (time_t)(number * 86400);
        struct tm tm;
        char text[40], again[CALENDAR_TEXT_MAX];
        int day = 0;
        gmtime_r(&moment, &tm);
        snprintf(text, sizeof text, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
        assert_true(calendar_parse(text, &day));
        assert_int_equal(day, (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
        assert_true(calendar_number(day) == number);
        assert_string_equal(calendar_format(day, again), text);
    }
    assert_true(calendar_number(99991231) == 2932896);
}

static void what_is_no_day_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",           "2026-02-29",  "2100-02-29",  "2026-04-31",
                                        "2026-13-01", "2026-00-01",  "2026-01-00",  "2026-01-32",
                                        "1969-12-31", "0000-01-01",  "2026-1-01",   "2026/01/01",
                                        "2026-01-1",  "2026-01-01 ", " 2026-01-01", "20260101",
                                        "-026-01-01", "2026-+1-01",  "２026-01-01"};
    int day = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(calendar_parse(wrong[i], &day));
    assert_int_equal(day, 7);
    assert_true(calendar_parse("2000-02-29", &day) && day == 20000229);
    assert_true(calendar_parse("9999-12-31", &day) && day == 99991231);
}

/* Every day there is goes to a number and back. */
static void every_number_gives_its_day(void **state)
{
    (void)state;
    int before = 0;
    for (int64_t number = 0; number <= 2932896; number++) {
        int day = calendar_day(number);
        assert_true(day > before && calendar_number(day) == number);
        before = day;
    }
    assert_int_equal(before, 99991231);
    assert_int_equal(calendar_day(-1), 19700101);
    assert_int_equal(calendar_day(INT64_MAX), 99991231);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_count_as_the_library_counts),
        cmocka_unit_test(what_is_no_day_is_refused),
        cmocka_unit_test(every_number_gives_its_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
