#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scoring/feeds/csv_columns.h"
#include "scoring/timestamp.h"

static void assert_moment(const char *text, int offset_minutes, const char *expected)
{
    char utc[TIMESTAMP_TEXT_MAX] = "";
    int64_t ms = 0;
    bool good = csv_moment(text, offset_minutes, &ms);
    assert_int_equal(good, expected != NULL);
    if (!good)
        return;
    timestamp_format_ms(ms, utc);
    assert_string_equal(utc, expected);
}

static void test_moments(void **state)
{
    (void)state;
    assert_moment("2026-01-31", 0, "2026-01-31T00:00:00.000Z");
    assert_moment("2026/1/3", 480, "2026-01-02T16:00:00.000Z");
    assert_moment("2026-01-31 12:30", 480, "2026-01-31T04:30:00.000Z");
    assert_moment("2026-01-31 12:30:15", -90, "2026-01-31T14:00:15.000Z");
    assert_moment("2026-01-31T12:30:15", 0, "2026-01-31T12:30:15.000Z");
    assert_moment("2026-01-31T12:30:15+08:00", 0, "2026-01-31T04:30:15.000Z"); /* its own offset */
    assert_moment("1795564800", 480, "2026-11-25T00:00:00.000Z");
    assert_moment("1795564800123", 480, "2026-11-25T00:00:00.123Z");
    static const char *const wrong[] = {"",           "soon",        "2026-02-30",       "2026-13-01",
                                        "2026-01",    "2026-01-31x", "2026-01-31 25:00", "2026-01-31 12",
                                        "31/01/2026", "12345",       "-1795564800",      "2026-01-31 12:30:"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_moment(wrong[i], 0, NULL);
}

static void test_offsets(void **state)
{
    (void)state;
    int minutes = 0;
    assert_true(csv_offset("+08:00", &minutes) && minutes == 480);
    assert_true(csv_offset("-03:30", &minutes) && minutes == -210);
    static const char *const wrong[] = {"", "8", "+8", "+15:00", "+08:60", "+08:00x", "08:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(csv_offset(wrong[i], &minutes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_offsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
