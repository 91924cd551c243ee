#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "scoring/timestamp.h"

static const struct {
    int64_t seconds;
    const char *text;
} moments[] = {
    {0, "1970-01-01T00:00:00Z"},
    {-1, "1969-12-31T23:59:59Z"},
    {951782400, "2000-02-29T00:00:00Z"},
    {951868799, "2000-02-29T23:59:59Z"},
    {951868800, "2000-03-01T00:00:00Z"},
    {4107542400, "2100-03-01T00:00:00Z"},
    {4107542399, "2100-02-28T23:59:59Z"},
    {INT64_C(253402300799), "9999-12-31T23:59:59Z"},
    {INT64_C(-62167219200), "0000-01-01T00:00:00Z"},
    {INT64_C(-62162035200), "0000-03-01T00:00:00Z"},
};

static void test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        char text[TIMESTAMP_TEXT_MAX];
        int64_t ms = 0;
        assert_true(timestamp_format(moments[i].seconds, text));
        assert_string_equal(text, moments[i].text);
        assert_true(timestamp_parse(text, &ms));
        assert_int_equal(ms, moments[i].seconds * 1000);
    }
}

static void test_outside(void **state)
{
    (void)state;
    char text[TIMESTAMP_TEXT_MAX] = "x";
    assert_false(timestamp_format(INT64_C(253402300800), text));
    assert_string_equal(text, "");
    assert_false(timestamp_format(INT64_C(-62167219201), text));
    assert_false(timestamp_format(INT64_MAX, text));
    assert_false(timestamp_format(INT64_MIN, text));
    assert_false(timestamp_format_ms(INT64_MIN, text));
}

/* Every day of four centuries against the C library. */
static void test_every_day(void **state)
{
    (void)state;
    for (int64_t day = -1000; day < 146097; day++) {
        char ours[TIMESTAMP_TEXT_MAX], theirs[TIMESTAMP_TEXT_MAX];
        time_t moment = day * 86400 + (day % 86400 + 86400) % 86400;
        struct tm fields;
        assert_non_null(gmtime_r(&moment, &fields));
        strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%SZ", &fields);
        assert_true(timestamp_format(moment, ours));
        assert_string_equal(ours, theirs);
        int64_t back = 0;
        assert_true(timestamp_parse(ours, &back));
        assert_int_equal(back, (int64_t)moment * 1000);
    }
}

static void test_milliseconds(void **state)
{
    (void)state;
    char text[TIMESTAMP_TEXT_MAX];
    assert_true(timestamp_format_ms(-1, text));
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    assert_true(timestamp_format_ms(1005, text));
    assert_string_equal(text, "1970-01-01T00:00:01.005Z");
}

static void test_read(void **state)
{
    (void)state;
    int64_t ms = 0;
    assert_true(timestamp_parse("1970-01-01T08:00:00+08:00", &ms));
    assert_int_equal(ms, 0);
    assert_true(timestamp_parse("1970-01-01t00:00:00.1239z", &ms));
    assert_int_equal(ms, 123);
    assert_true(timestamp_parse("1970-01-01T00:00:00.5Z", &ms));
    assert_int_equal(ms, 500);
    assert_true(timestamp_parse("1998-12-31T23:59:60Z", &ms));
    assert_int_equal(ms, INT64_C(915148800000));
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "2026-01-01",
                                        "2026-01-01T00:00:00",
                                        "2026-02-29T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-00-01T00:00:00Z",
                                        "2026-01-00T00:00:00Z",
                                        "2026-01-01T24:00:00Z",
                                        "2026-01-01T00:60:00Z",
                                        "2026-01-01T00:00:61Z",
                                        "2026-01-01T00:00:00.Z",
                                        "2026-01-01T00:00:00.1234567890Z",
                                        "2026-01-01T00:00:00Zx",
                                        "2026-01-01T00:00:00+24:00",
                                        "2026-01-01T00:00:00+0800",
                                        "+026-01-01T00:00:00Z",
                                        " 2026-01-01T00:00:00Z",
                                        "20260101T000000Z"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t ms = 0;
        if (timestamp_parse(wrong[i], &ms))
            fail_msg("taken for a time: '%s'", wrong[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),        cmocka_unit_test(test_outside), cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_milliseconds), cmocka_unit_test(test_read),    cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
