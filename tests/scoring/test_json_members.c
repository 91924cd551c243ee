#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scoring/feeds/json_members.h"

static struct json_value whole(const char *text)
{
    return (struct json_value){text, strlen(text)};
}

static void assert_value(struct json_value value, const char *expected)
{
    assert_int_equal(value.size, strlen(expected));
    assert_memory_equal(value.text, expected, value.size);
}

static void test_members(void **state)
{
    (void)state;
    static const char text[] =
        "{ \"a\" : 1 ,\"b\":[ 1, {\"x\":\"]}\"} ],\"c\\u0064\":\"\\\"}\",\"e\":{},\"a\":null }";
    static const char *const expected[][2] = {{"\"a\"", "1"},
                                              {"\"b\"", "[ 1, {\"x\":\"]}\"} ]"},
                                              {"\"c\\u0064\"", "\"\\\"}\""},
                                              {"\"e\"", "{}"},
                                              {"\"a\"", "null"}};
    struct json_value name, value;
    struct json_members members = json_members(whole(text));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_true(json_next(&members, &name, &value));
        assert_value(name, expected[i][0]);
        assert_value(value, expected[i][1]);
    }
    assert_false(json_next(&members, &name, &value));
    assert_value(json_member(whole(text), "a"), "1");
    assert_value(json_member(whole(text), "cd"), "\"\\\"}\"");
    assert_int_equal(json_member(whole(text), "none").size, 0);
    assert_int_equal(json_member(whole("[]"), "a").size, 0);
    assert_int_equal(json_member(whole("7"), "a").size, 0);
}

static void test_items(void **state)
{
    (void)state;
    struct json_value name, value;
    struct json_members items = json_members(whole("[ 1,[2,3] ,\"a,b\" ]"));
    static const char *const expected[] = {"1", "[2,3]", "\"a,b\""};
    for (size_t i = 0; i < 3; i++) {
        assert_true(json_next(&items, &name, &value));
        assert_int_equal(name.size, 0);
        assert_value(value, expected[i]);
    }
    assert_false(json_next(&items, &name, &value));
}

static void test_text(void **state)
{
    (void)state;
    char text[16];
    assert_true(json_text(whole("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), text, sizeof text));
    assert_string_equal(text, "\"\\/\b\f\n\r\t");
    assert_true(json_text(whole("\"\\u00e9\\u533b\\uD83D\\uDE00\""), text, sizeof text));
    assert_string_equal(text, "\xc3\xa9\xe5\x8c\xbb\xf0\x9f\x98\x80");
    assert_false(json_text(whole("17"), text, sizeof text));
    assert_string_equal(text, "");
    assert_true(json_text(whole("\"123456789012345\""), text, sizeof text));
    assert_false(json_text(whole("\"1234567890123456\""), text, sizeof text));
    assert_string_equal(text, "");
    assert_true(json_text_cut(whole("\"12345678901234\xe5\x8c\xbb\""), text, sizeof text));
    assert_string_equal(text, "12345678901234");
}

static void test_whole(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "-1", "1.0", "1e3", "\"1\"", "18446744073709551616", "true"};
    uint64_t number = 0;
    assert_true(json_whole(whole("18446744073709551615"), &number));
    assert_true(number == UINT64_MAX);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(json_whole(whole(wrong[i]), &number));
}

/* Text that nobody has checked, cut at every length: no harm. */
static void test_unchecked(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":{\"b\":[\"\\u12\",\"\\ud83d\"],\"c\":\"\\";
    for (size_t size = 0; size < sizeof text; size++) {
        char *exact = malloc(size ? size : 1), out[8];
        assert_non_null(exact);
        memcpy(exact, text, size);
        struct json_value name, value;
        struct json_members members = json_members((struct json_value){exact, size});
        while (json_next(&members, &name, &value)) {
            json_text(value, out, sizeof out);
            struct json_members inner = json_members(value);
            while (json_next(&inner, &name, &value))
                json_text_cut(value, out, sizeof out);
        }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members), cmocka_unit_test(test_items),     cmocka_unit_test(test_text),
        cmocka_unit_test(test_whole),   cmocka_unit_test(test_unchecked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
