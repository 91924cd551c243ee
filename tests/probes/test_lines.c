#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/lines.h"

static bool is_dot(struct span line, unsigned key)
{
    (void)key;
    return span_equals(line, ".");
}

static void test_whole_only(void **state)
{
    (void)state;
    static const char text[] = "one\r\ntwo\n.\r\nrest";
    for (size_t size = 0; size < sizeof text; size++) {
        struct cursor in = cursor_over(text, size);
        struct span lines = {0};
        enum lines_state found = lines_read(&in, is_dot, 0, &lines);
        assert_int_equal(found, size < 12 ? LINES_WAIT : LINES_WHOLE);
        assert_int_equal(cursor_left(&in), size < 12 ? size : size - 12);
    }
}

static void test_next(void **state)
{
    (void)state;
    struct span rest = {(const uint8_t *)"one\r\n\ntwo", 9};
    assert_true(span_equals(lines_next(&rest), "one"));
    assert_int_equal(lines_next(&rest).size, 0);
    assert_true(span_equals(lines_next(&rest), "two"));
    assert_int_equal(rest.size, 0);
}

static void test_endless(void **state)
{
    (void)state;
    static char text[LINES_SIZE_MAX + LINES_LINE_MAX];
    struct span lines;
    memset(text, 'a', sizeof text);
    struct cursor in = cursor_over(text, LINES_LINE_MAX + 1);
    assert_int_equal(lines_read(&in, is_dot, 0, &lines), LINES_ENDLESS);
    for (size_t i = 99; i < sizeof text; i += 100)
        text[i] = '\n';
    in = cursor_over(text, LINES_SIZE_MAX);
    assert_int_equal(lines_read(&in, is_dot, 0, &lines), LINES_WAIT);
    in = cursor_over(text, LINES_SIZE_MAX + 1);
    assert_int_equal(lines_read(&in, is_dot, 0, &lines), LINES_ENDLESS);
    memcpy(text + sizeof text - 3, "\n.\n", 3);
    in = cursor_over(text, sizeof text);
    assert_int_equal(lines_read(&in, is_dot, 0, &lines), LINES_ENDLESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_only),
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_endless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
