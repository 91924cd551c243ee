#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "scoring/report/columns.h"

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(columns_of(""), 0);
    assert_int_equal(columns_of("abc"), 3);
    assert_int_equal(columns_of("医院"), 4);
    assert_int_equal(columns_of("ａ，（）"), 8);
    assert_int_equal(columns_of("한글かな"), 8);
    assert_int_equal(columns_of("e\xcc\x81"), 1);
    assert_int_equal(columns_of("𠀀"), 2);
    assert_int_equal(columns_of("\xff\xfe"), 2);
    assert_int_equal(columns_of("é–"), 2);
}

/* The same whatever the locale, as the C library says it in a UTF-8 one; for the scripts that names are in.
 */
static void test_against_library(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
    } scripts[] = {{0x20, 0x7e},     {0xa1, 0xac},     {0xae, 0x2ff},     {0x370, 0x482},   {0x2e80, 0x2e99},
                   {0x3041, 0x3096}, {0x30a1, 0x30fa}, {0x3400, 0x4dbf},  {0x4e00, 0x9fff}, {0xac00, 0xd7a3},
                   {0xf900, 0xfa6d}, {0xff01, 0xff60}, {0x20000, 0x2a6df}};
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        for (uint32_t code = scripts[i].first; code <= scripts[i].last; code++) {
            char text[8] = "";
            mbstate_t shift = {0};
            size_t size = wcrtomb(text, (wchar_t)code, &shift);
            assert_true(size > 0 && size < sizeof text);
            text[size] = 0;
            /* -1: not assigned when the library was made. */
            if (wcwidth((wchar_t)code) >= 0 && (int)columns_of(text) != wcwidth((wchar_t)code))
                fail_msg("U+%04X: %zu, the library says %d", code, columns_of(text), wcwidth((wchar_t)code));
        }
    setlocale(LC_CTYPE, "C");
}

static void breaks(const char *text, size_t width, const char *lines)
{
    char joined[512] = "";
    while (*text) {
        size_t next = 0, size = columns_break(text, width, &next);
        assert_true(next > 0 && size <= next);
        strncat(joined, text, size);
        strcat(joined, "|");
        text += next;
    }
    assert_string_equal(joined, lines);
}

static void test_break(void **state)
{
    (void)state;
    breaks("", 10, "");
    breaks("one two three", 20, "one two three|");
    breaks("one two three", 7, "one two|three|");
    breaks("one two three", 8, "one two|three|");
    breaks("abcdefghij", 4, "abcd|efgh|ij|");
    breaks("医院信息系统", 6, "医院信|息系统|");
    breaks("医院信，系统", 6, "医院|信，系|统|"); /* no line begins with a comma */
    breaks("医院（信息）系统", 6, "医院|（信|息）系|统|");
    breaks("启用 HTTPS 跳转", 10, "启用 HTTPS|跳转|");
    breaks("医", 1, "医|");
    breaks("医院", 1, "医|院|");
    breaks("a  b", 1, "a|b|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_against_library),
        cmocka_unit_test(test_break),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
