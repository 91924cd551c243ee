#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "targets/utf8.h"

static void every_code_point_goes_there_and_back(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        static const uint8_t marks[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
        for (size_t i = 1; i < length; i++)
            bytes[i] = (char)(0x80 | (code >> 6 * (length - 1 - i) & 0x3f));
        bytes[0] = (char)(marks[length] | code >> 6 * (length - 1));
        uint32_t found = UINT32_MAX;
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        assert_int_equal(utf8_decode(bytes, length, &found), surrogate ? 0 : length);
        if (!surrogate)
            assert_int_equal(found, code);
        assert_int_equal(utf8_decode(bytes, length - 1, &found), 0);
    }
}

static void what_is_not_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"\x80",
                                        "\xbf",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x9f\xbf",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xff",
                                        "\xe4\xb8",
                                        "\xe4\x41\x80",
                                        "\xc3\x28",
                                        "\xed\xa0\x80",
                                        "\xf5\x80\x80\x80"};
    uint32_t code;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(utf8_decode(wrong[i], strlen(wrong[i]), &code), 0);
    assert_int_equal(utf8_decode("", 0, &code), 0);
    assert_int_equal(utf8_decode("\0", 1, &code), 1);
}

static void what_steers_or_hides_is_unsafe(void **state)
{
    (void)state;
    static const uint32_t unsafe[] = {0,       0x1b,    0x1f,     0x7f,   0x80,   0x9b,   0x9f,
                                      0xad,    0x61c,   0x200b,   0x200e, 0x200f, 0x2028, 0x2029,
                                      0x202a,  0x202e,  0x2066,   0x2069, 0xfeff, 0xfffe, 0xffff,
                                      0xe0001, 0xe007f, 0x10ffff, '\n',   '\t'};
    static const uint32_t safe[] = {' ',    '"',    '~',    0xa0,   0xe4,    0x4e2d, 0x6587, 0x200c,
                                    0x200d, 0x2027, 0x2030, 0x2026, 0x1f3e5, 0x5d0,  0x627};
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
        assert_true(utf8_unsafe(unsafe[i]));
    for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
        assert_false(utf8_unsafe(safe[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_goes_there_and_back),
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(what_steers_or_hides_is_unsafe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
