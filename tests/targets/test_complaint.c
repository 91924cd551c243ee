#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "targets/complaint.h"
#include "targets/utf8.h"

static void complaints_stand_in_order(void **state)
{
    (void)state;
    struct complaints complaints;
    complaints_init(&complaints, "a.json");
    complaints_add(&complaints, 3, 1, "third");
    complaints_add(&complaints, 1, 9, "second %d", 2);
    complaints_add(&complaints, 3, 1, "fourth");
    complaints_add(&complaints, 0, 0, "first");
    complaints_add(&complaints, 3, 2, "fifth");
    char *text = complaints_format(&complaints);
    assert_string_equal(text, "a.json: first\na.json:1:9: second 2\na.json:3:1: third\na.json:3:1: fourth\n"
                              "a.json:3:2: fifth\n");
    free(text);
    complaints_deinit(&complaints);
    text = complaints_format(&complaints);
    assert_string_equal(text, "");
    free(text);
}

static void the_rest_is_counted(void **state)
{
    (void)state;
    struct complaints complaints;
    complaints_init(&complaints, NULL);
    for (unsigned i = 0; i < COMPLAINTS_MAX + 3; i++)
        complaints_add(&complaints, i + 1, 1, "c%u", i);
    assert_int_equal(complaints.count, COMPLAINTS_MAX);
    assert_int_equal(complaints.left_off, 3);
    char *text = complaints_format(&complaints);
    assert_non_null(strstr(text, "input:20:1: c19\ninput: and 3 more\n"));
    free(text);
    complaints_deinit(&complaints);
}

static void nothing_steers_a_terminal(void **state)
{
    (void)state;
    struct complaints complaints;
    complaints_init(&complaints, "evil\x1b]0;x\a\n.json");
    complaints_add(&complaints, 1, 1, "\"%s\" is wrong",
                   "\x1b[31m\xc2\x9b\xe2\x80\xae\xff\xe4\xb8\r\n\x7f中\"%n");
    char *text = complaints_format(&complaints);
    assert_string_equal(
        text, "evil\\x1b]0;x\\x07\\x0a.json:1:1: \"\\x1b[31m\\u{9b}\\u{202e}\\xff\\xe4\\xb8\\x0d\\x0a\\x7f"
              "中\"%n\" is wrong\n");
    free(text);
    complaints_deinit(&complaints);
}

/* Whatever the bytes are, what comes out is UTF-8 without anything unsafe. */
static void random_bytes_come_out_safe(void **state)
{
    (void)state;
    struct random random = {31};
    for (int round = 0; round < 3000; round++) {
        char bytes[64];
        size_t size = random_below(&random, sizeof bytes);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)(1 + random_below(&random, 255));
        bytes[size] = 0;
        struct complaints complaints;
        complaints_init(&complaints, "f");
        complaints_add(&complaints, 1, 1, "%s", bytes);
        uint32_t code;
        const char *text = complaints.items[0].text;
        for (size_t at = 0, length = strlen(text); at < length;) {
            size_t step = utf8_decode(text + at, length - at, &code);
            assert_true(step > 0 && !utf8_unsafe(code));
            at += step;
        }
        complaints_deinit(&complaints);
    }
}

static void long_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    char text[400] = "";
    assert_string_equal(quoted("short").text, "short");
    for (int i = 0; i < 100; i++)
        strcat(text, "医");
    char copy[QUOTED_MAX + 4];
    strcpy(copy, quoted(text).text);
    assert_int_equal(strlen(copy), 78 + 3);
    assert_memory_equal(copy, text, 78);
    assert_string_equal(copy + 78, "…");
    text[QUOTED_MAX] = 0;
    memset(text, 'a', QUOTED_MAX);
    assert_string_equal(quoted(text).text, text);
    text[QUOTED_MAX] = 'a';
    text[QUOTED_MAX + 1] = 0;
    assert_int_equal(strlen(quoted(text).text), QUOTED_MAX + 3);
    memset(text, '\xff', 300);
    text[300] = 0;
    assert_int_equal(strlen(quoted(text).text), QUOTED_MAX + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complaints_stand_in_order),         cmocka_unit_test(the_rest_is_counted),
        cmocka_unit_test(nothing_steers_a_terminal),         cmocka_unit_test(random_bytes_come_out_safe),
        cmocka_unit_test(long_texts_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
