#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scoring/report/writer.h"

static const char *escape(uint32_t code)
{
    return code == '<' ? "&lt;" : code == 0x533b ? "{yi}" : NULL;
}

static void writes(const char *text, const char *expected)
{
    char *written = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&written, &size);
    assert_non_null(stream);
    struct writer writer = {stream, STATUS_OK};
    writer_escape(&writer, text, escape);
    assert_int_equal(writer.status, STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(written, expected);
    free(written);
}

static void test_escape(void **state)
{
    (void)state;
    writes("", "");
    writes(NULL, "");
    writes("plain", "plain");
    writes("<", "&lt;");
    writes("<a<", "&lt;a&lt;");
    writes("医院<", "{yi}院&lt;");
}

/* What is made safe first is escaped after that. */
static void test_unsafe(void **state)
{
    (void)state;
    writes("\x1b<\n", "\\x1b&lt;\\x0a");
    writes("\xe2\x80\xae<", "\\u{202e}&lt;");
    writes("\xd6\xd0\xd0\xc4<", "中心&lt;"); /* GB18030 */
    writes("\xff<", "\\xff&lt;");
}

static void test_failure_sticks(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        skip();
    setvbuf(full, NULL, _IONBF, 0);
    struct writer writer = {full, STATUS_OK};
    writer_put(&writer, "x");
    assert_int_equal(writer.status, STATUS_SYSTEM);
    writer_keep(&writer, STATUS_NO_MEMORY);
    writer_format(&writer, "%d", 1);
    assert_int_equal(writer.status, STATUS_SYSTEM);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_unsafe),
        cmocka_unit_test(test_failure_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
