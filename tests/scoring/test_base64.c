#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "scoring/report/base64.h"

/* RFC 4648 §10. */
static const struct {
    const char *bytes, *text;
} vectors[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char text[16];
        uint8_t bytes[16];
        size_t size = 99;
        base64_write((const uint8_t *)vectors[i].bytes, strlen(vectors[i].bytes), text);
        assert_string_equal(text, vectors[i].text);
        assert_true(base64_read(text, bytes, strlen(vectors[i].bytes), &size));
        assert_int_equal(size, strlen(vectors[i].bytes));
        assert_memory_equal(bytes, vectors[i].bytes, size);
    }
}

static void test_every_length(void **state)
{
    (void)state;
    uint8_t bytes[512], back[512];
    char text[BASE64_TEXT_MAX(sizeof bytes)];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 167 + 13);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        size_t read = 0;
        base64_write(bytes, size, text);
        assert_true(strlen(text) < BASE64_TEXT_MAX(size));
        assert_true(base64_read(text, back, size, &read));
        assert_int_equal(read, size);
        assert_memory_equal(back, bytes, size);
        assert_true(size == 0 || !base64_read(text, back, size - 1, &read));
        text[strcspn(text, "=")] = 0;
        assert_true(base64_read(text, back, size, &read) && read == size);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"A",    "AAAAA", "Zg=",   "Zg===", "=",
                                        "====", "Z=g=",  "Zm9v=", "Zm 9",  "Zm9-"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t bytes[16];
        size_t size = 0;
        if (base64_read(wrong[i], bytes, sizeof bytes, &size))
            fail_msg("taken: '%s'", wrong[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
