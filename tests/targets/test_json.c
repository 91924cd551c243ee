#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "targets/json.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* In storage of its exact size, so that a read behind the end is seen. */
static bool check(const char *text, size_t size, unsigned depth, struct json_mistake *mistake)
{
    char *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, text, size);
    bool right = json_check(exact, size, depth, mistake);
    free(exact);
    return right;
}

static void what_is_json_passes(void **state)
{
    (void)state;
    static const char *const right[] = {
        "0",
        "-0",
        "1.5e-3",
        "12E+7",
        "\"\"",
        "true",
        "false",
        "null",
        "[]",
        "{}",
        " [ ] ",
        "\t{\r\n}\n",
        "[1,2 , 3]",
        "{\"a\":1,\"b\":[{}]}",
        "\"\\u4e2d\\ud83c\\udfe5\\n\\/\\\"\"",
        "\"中文\"",
        "[[[[]]]]",
        "{\"\":{\"\":0}}",
        "\"\x7f\"",
        "\"\\uDBFF\\uDFFF\"",
        "-1.0",
        "\xef\xbb\xbf[]",
        "0.1",
        "[0,-0]",
        "1e999",
    };
    struct json_mistake mistake;
    for (size_t i = 0; i < COUNT(right); i++)
        if (!check(right[i], strlen(right[i]), 8, &mistake))
            fail_msg("%s at %zu: %s", right[i], mistake.at, mistake.why);
}

static void the_first_mistake_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t at;
        const char *why;
    } wrong[] = {
        {"", 0, "empty"},
        {" \n ", 0, "empty"},
        {"\xef\xbb\xbf", 0, "empty"},
        {"[", 1, "where a value is expected"},
        {"[1", 2, "close it with \"]\""},
        {"{\"a\":1", 6, "close it with \"}\""},
        {"{\"a\"", 4, "\":\" is expected"},
        {"{\"a\":", 5, "where a value is expected"},
        {"{\"a\" 1}", 5, "\":\" is expected"},
        {"{", 1, "in double quotes"},
        {"[1,]", 3, "a value is missing"},
        {"[,1]", 1, "a value is missing"},
        {"{\"a\":}", 5, "a value is missing"},
        {"{\"a\":1,}", 7, "remove the comma"},
        {"{,}", 1, "in double quotes"},
        {"{a:1}", 1, "in double quotes"},
        {"{1:1}", 1, "in double quotes"},
        {"['a']", 1, "double quotes"},
        {"[1 2]", 3, "\",\" or \"]\""},
        {"{\"a\":1 \"b\":2}", 7, "\",\" or \"}\""},
        {"[1}", 2, "\",\" or \"]\""},
        {"{\"a\":1]", 6, "\",\" or \"}\""},
        {"]", 0, "a value is missing"},
        {"[] []", 3, "behind its one value"},
        {"{}}", 2, "behind its one value"},
        {"1 x", 2, "behind its one value"},
        {"// x\n{}", 0, "no comments"},
        {"[1, # x\n2]", 4, "no comments"},
        {"tru", 0, "not a value"},
        {"True", 0, "not a value"},
        {"nul", 0, "not a value"},
        {"NaN", 0, "not a value"},
        {"Infinity", 0, "not a value"},
        {"truex", 4, "behind its one value"},
        {"01", 0, "leading zeros"},
        {"-01", 0, "leading zeros"},
        {"-", 1, "a digit is missing"},
        {"+1", 0, "not a value"},
        {".5", 0, "not a value"},
        {"1.", 2, "a digit is missing"},
        {"1.e5", 2, "a digit is missing"},
        {"1e", 2, "a digit is missing"},
        {"1e+", 3, "a digit is missing"},
        {"0x10", 1, "behind its one value"},
        {"1234567890123456789012345678901234567890123456789012345678901", 0, "more than 60"},
        {"\"a", 2, "ends amid a string"},
        {"\"a\\", 2, "ends amid a string"},
        {"\"a\\\"", 4, "ends amid a string"},
        {"\"a\nb\"", 2, "line break in a string"},
        {"\"a\tb\"", 2, "control character"},
        {"\"\\x\"", 1, "no such escape"},
        {"\"\\'\"", 1, "no such escape"},
        {"\"\\u12\"", 1, "four hexadecimal digits"},
        {"\"\\u12g4\"", 1, "four hexadecimal digits"},
        {"\"\\u0000\"", 1, "can't stand in a text"},
        {"\"\\ud800\"", 1, "surrogate"},
        {"\"\\ud800\\u0041\"", 1, "surrogate"},
        {"\"\\ud800\\ud800\"", 1, "surrogate"},
        {"\"\\udc00\"", 1, "surrogate"},
        {"\"\\udc00\\udc00\"", 1, "surrogate"},
        {"\"\\ud800\\ue000\"", 1, "surrogate"},
        {"\"\xff\"", 1, "not UTF-8"},
        {"\"\xc0\x80\"", 1, "not UTF-8"},
        {"\"\xed\xa0\x80\"", 1, "not UTF-8"},
        {"\"\xe4\xb8\"", 1, "not UTF-8"},
        {"[[[[[[[[[]]]]]]]]]", 8, "nested too deeply"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct json_mistake mistake = {999, ""};
        bool right = check(wrong[i].text, strlen(wrong[i].text), 8, &mistake);
        if (right || mistake.at != wrong[i].at || !strstr(mistake.why, wrong[i].why))
            fail_msg("%s at %zu: %s", wrong[i].text, mistake.at, mistake.why);
    }
}

static void nul_bytes_are_no_end(void **state)
{
    (void)state;
    struct json_mistake mistake;
    assert_false(check("[1]\0", 4, 8, &mistake));
    assert_int_equal(mistake.at, 3);
    assert_false(check("[\0]", 3, 8, &mistake));
    assert_int_equal(mistake.at, 1);
    assert_non_null(strstr(mistake.why, "NUL"));
    assert_false(check("\"a\0b\"", 5, 8, &mistake));
    assert_int_equal(mistake.at, 2);
}

static void depth_is_bounded_whatever_is_asked(void **state)
{
    (void)state;
    struct json_mistake mistake;
    enum { MANY = 100000 };
    char *text = malloc(MANY);
    assert_non_null(text);
    memset(text, '[', MANY);
    assert_false(json_check(text, MANY, 8, &mistake));
    assert_int_equal(mistake.at, 8);
    assert_false(json_check(text, MANY, 1000000, &mistake));
    assert_int_equal(mistake.at, 64);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_json_passes),
        cmocka_unit_test(the_first_mistake_is_named),
        cmocka_unit_test(nul_bytes_are_no_end),
        cmocka_unit_test(depth_is_bounded_whatever_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
