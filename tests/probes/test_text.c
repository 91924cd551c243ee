#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/text.h"

struct row {
    const char *bytes;
    size_t size;
    const char *text;
};
#define ROW(bytes, text)                                                                                     \
    {                                                                                                        \
        bytes, sizeof(bytes) - 1, text                                                                       \
    }

typedef size_t text_function(struct span span, char *text, size_t capacity);

/* In storage of its exact size on both sides, so that the sanitizer sees a step too far. */
static void expect(text_function *function, const struct row *row, size_t capacity, const char *wanted)
{
    uint8_t *bytes = malloc(row->size + 1);
    char *text = malloc(capacity + 1);
    assert_true(bytes && text);
    memcpy(bytes, row->bytes, row->size);
    size_t length = function((struct span){bytes, row->size}, text, capacity);
    assert_string_equal(text, wanted);
    assert_int_equal(length, strlen(wanted));
    free(bytes);
    free(text);
}

static void expect_all(text_function *function, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(function, &rows[i], strlen(rows[i].text) + 1, rows[i].text);
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", ""),
        ROW("plain text ~", "plain text ~"),
        ROW("医院 ü €", "医院 ü €"),
        ROW("\xf0\xa0\xae\xb7", "𠮷"),
        ROW("\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd"),
        ROW("联通", "联通"),
        ROW("a\\x41", "a\\x41"),
    };
    expect_all(text_safe, rows, sizeof rows / sizeof rows[0]);
}

static void test_controls(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("a\0b", "a\\x00b"),      ROW("\x1b[31m\r\n\t", "\\x1b[31m\\x0d\\x0a\\x09"),
        ROW("\x7f", "\\x7f"),        ROW("\xc2\x80\xc2\x85\xc2\x9b", "\\x80\\x85\\x9b"),
        ROW("\xc2\xa0", "\xc2\xa0"),
    };
    expect_all(text_safe, rows, sizeof rows / sizeof rows[0]);
}

static void test_treacherous(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("a\u202egnp.exe", "a\\u{202e}gnp.exe"),
        ROW("\u2066x\u2069", "\\u{2066}x\\u{2069}"),
        ROW("\u200b\u200f\u061c\ufeff", "\\u{200b}\\u{200f}\\u{061c}\\u{feff}"),
        ROW("a\xc2\xad"
            "b",
            "a\\u{00ad}b"),
        ROW("\u2028\u2029", "\\u{2028}\\u{2029}"),
        ROW("\U000e0041\U000e0100", "\\u{e0041}\\u{e0100}"),
        ROW("\u3164\uffa0\u115f\ufe0f\u034f", "\\u{3164}\\u{ffa0}\\u{115f}\\u{fe0f}\\u{034f}"),
    };
    expect_all(text_safe, rows, sizeof rows / sizeof rows[0]);
}

static void test_broken_utf8(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("\xff", "\\xff"),
        ROW("\xfe\xff", "\\xfe\\xff"),
        ROW("\x80", "\\x80"),
        ROW("\xc0\x80", "\\xc0\\x80"),
        ROW("\xe0\x80\xaf", "\\xe0\\x80\\xaf"),
        ROW("\xed\xa0\x80", "\\xed\\xa0\\x80"),
        ROW("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),
        ROW("\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"),
        ROW("caf\xe9", "caf\\xe9"),
        ROW("caf\xe9 au lait", "caf\\xe9 au lait"),
        ROW("G\xe9n\xe9ral", "G\\xe9n\\xe9ral"),
        ROW("\xe4\xb8\xad\xe6\x96\x87\xff", "中文\\xff"),
        /* The end cut off: still UTF-8, though it would be valid GB18030. */
        ROW("\xe4\xb8\xad\xe6\x96\x87\xe5", "中文\\xe5"),
        ROW("\xe4\xb8\xad\xe6\x96\x87\xe5\xad", "中文\\xe5\\xad"),
        ROW("\xe4\xb8\xad\xf0\xa0\xae", "中\\xf0\\xa0\\xae"),
    };
    expect_all(text_safe, rows, sizeof rows / sizeof rows[0]);
}

static void test_gb18030(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("\xd2\xbd\xd4\xba\xd0\xc5\xcf\xa2\xcf\xb5\xcd\xb3", "医院信息系统"),
        ROW("220 \xca\xbe\xb7\xb6\xd2\xbd\xd4\xba PACS", "220 示范医院 PACS"),
        ROW("\xd6\xd0\xce\xc4\xa2\xe3", "中文€"),
        ROW("\xd6\xd0\x95\x34\xb2\x35", "中𠮷"), /* four bytes, beyond the first plane */
        ROW("\xd6\xd0\x81\x39\xf4\x30", "中㐳"), ROW("\xd6\xd0\x81\x40", "中丂"),
        ROW("\x1b[1m\xd6\xd0\xce\xc4\r\n", "\\x1b[1m中文\\x0d\\x0a"),
        /* The end cut off. */
        ROW("\xd6\xd0\xce\xc4\xd2", "中文\\xd2"), ROW("\xd6\xd0\xce\xc4\x95\x34", "中文\\x954"),
        ROW("\xd6\xd0\xce\xc4\x95\x34\xb2", "中文\\x954\\xb2"),
        /* No ideograph of GB 2312, or something that no character is. */
        ROW("\x81\x30\x81\x30", "\\x810\\x810"), ROW("\x81\x40", "\\x81@"),
        ROW("\xd6\xd0\xce\xc4\xff", "\\xd6\\xd0\\xce\\xc4\\xff"), ROW("\xbd\xf0\x80", "\\xbd\\xf0\\x80"),
        ROW("\xd6\xd0\xce\xc4\xd2 x", "\\xd6\\xd0\\xce\\xc4\\xd2 x"),
        ROW("\xd6\xd0\xfe\x39\xfe\x39", "\\xd6\\xd0\\xfe9\\xfe9"), /* past the last code point */
    };
    expect_all(text_safe, rows, sizeof rows / sizeof rows[0]);
}

/* GB18030 can spell the same controls and marks, in four bytes. */
static void test_gb18030_hides_nothing(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("\xd6\xd0\x81\x30\x81\x30", "中\\x80"),     /* U+0080 */
        ROW("\xd6\xd0\x81\x36\xa5\x31", "中\\u{200f}"), /* U+200F */
        ROW("\xd6\xd0\x81\x36\xa7\x31", "中\\u{202e}"), /* U+202E */
        ROW("\xd6\xd0\x84\x31\x95\x33", "中\\u{feff}"), /* U+FEFF */
    };
    expect_all(text_safe, rows, sizeof rows / sizeof rows[0]);
}

static void test_capacity(void **state)
{
    (void)state;
    static const struct row row = ROW("a\xe4\xb8\xad\x1b\xe2\x80\xae"
                                      "b",
                                      "");
    static const struct {
        size_t capacity;
        const char *text;
    } cuts[] = {
        {1, ""},
        {2, "a"},
        {3, "a"},
        {4, "a"},
        {5, "a中"},
        {8, "a中"},
        {9, "a中\\x1b"},
        {16, "a中\\x1b"},
        {17, "a中\\x1b\\u{202e}"},
        {18, "a中\\x1b\\u{202e}b"},
        {99, "a中\\x1b\\u{202e}b"},
    };
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++)
        expect(text_safe, &row, cuts[i].capacity, cuts[i].text);
    char untouched = 'x';
    assert_int_equal(text_safe((struct span){(const uint8_t *)"abc", 3}, &untouched, 0), 0);
    assert_int_equal(untouched, 'x');
    assert_int_equal(text_safe_utf16le((struct span){(const uint8_t *)"a\0", 2}, &untouched, 0), 0);
    assert_int_equal(untouched, 'x');
    /* Nothing that comes later takes the place of what did not fit. */
    static const struct row wide = ROW("\xe4\xb8\xad"
                                       "b",
                                       "");
    expect(text_safe, &wide, 3, "");
}

static void test_utf16(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", ""),
        ROW("H\0I\0S\0", "HIS"),
        ROW("\x3b\x53\x62\x96", "医院"),
        ROW("\x42\xd8\xb7\xdf", "𠮷"),
        ROW("\x42\xd8"
            "A\0",
            "\\u{d842}A"),
        ROW("\xb7\xdf\x42\xd8", "\\u{dfb7}\\u{d842}"),
        ROW("\x42\xd8", "\\u{d842}"),
        ROW("A\0\0\0\x1b\0\x85\0", "A\\x00\\x1b\\x85"),
        ROW("\x2e\x20", "\\u{202e}"),
        ROW("A\0B", "A\\x42"),
        ROW("\xff\xfe"
            "A\0",
            "\\u{feff}A"),
    };
    expect_all(text_safe_utf16le, rows, sizeof rows / sizeof rows[0]);
    static const struct row wide = ROW("\x3b\x53\x62\x96", "");
    expect(text_safe_utf16le, &wide, 6, "医");
    expect(text_safe_utf16le, &wide, 1, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_treacherous), cmocka_unit_test(test_broken_utf8),
        cmocka_unit_test(test_gb18030),     cmocka_unit_test(test_gb18030_hides_nothing),
        cmocka_unit_test(test_capacity),    cmocka_unit_test(test_utf16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
