#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/report/csv_cells.h"

/* The line of one cell, without the byte order mark before it. */
static void writes(const char *text, const char *expected)
{
    char *written = NULL, line[256];
    size_t size = 0;
    FILE *stream = open_memstream(&written, &size);
    assert_non_null(stream);
    struct csv_line csv = csv_begin(stream);
    csv_text(&csv, text);
    csv_end(&csv);
    assert_int_equal(csv.writer.status, STATUS_OK);
    assert_int_equal(fclose(stream), 0);
    assert_memory_equal(written, "\xef\xbb\xbf", 3);
    snprintf(line, sizeof line, "%s\r\n", expected);
    assert_string_equal(written + 3, line);
    free(written);
}

static void test_quotes(void **state)
{
    (void)state;
    writes("plain", "\"plain\"");
    writes("two, three", "\"two, three\"");
    writes("say \"yes\"", "\"say \"\"yes\"\"\"");
    writes("\"", "\"\"\"\"");
    writes("示范医院", "\"示范医院\"");
    writes("", "");
    writes(NULL, "");
}

static void test_formulas(void **state)
{
    (void)state;
    writes("=cmd()|'/C calc'!A0", "\"'=cmd()|'/C calc'!A0\"");
    writes("+1", "\"'+1\"");
    writes("-1", "\"'-1\"");
    writes("@SUM(A1)", "\"'@SUM(A1)\"");
    writes("  =1", "\"  '=1\"");
    writes("\xe3\x80\x80=1", "\"\xe3\x80\x80'=1\"");
    writes("\xef\xbc\x9d"
           "1",
           "\"'\xef\xbc\x9d"
           "1\""); /* fullwidth = */
    writes("\xef\xbc\x8b\xef\xbc\x8d\xef\xbc\xa0", "\"'\xef\xbc\x8b\xef\xbc\x8d\xef\xbc\xa0\"");
    /* Where another separator would begin a cell, or the end of a quotation. */
    writes("a;=b", "\"a;'=b\"");
    writes("a,@b", "\"a,'@b\"");
    writes("a\"=b", "\"a\"\"'=b\"");
    writes("a|+b", "\"a|'+b\"");
    writes("a = b - c", "\"a = b - c\"");
}

static void test_lines(void **state)
{
    (void)state;
    writes("a\tb", "\"a\\x09b\"");
    writes("\t=1", "\"\\x09=1\"");
    writes("a\r\nb", "\"a\\x0d\\x0ab\"");
    writes("a\x1b[31m", "\"a\\x1b[31m\"");
    writes("\xe2\x80\xae"
           "b",
           "\"\\u{202e}b\"");
    writes("\xff\xfe", "\"\\xff\\xfe\"");
}

/* Numbers stay numbers. */
static void test_numbers(void **state)
{
    (void)state;
    char *written = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&written, &size);
    assert_non_null(stream);
    struct csv_line csv = csv_begin(stream);
    csv_number(&csv, -1.5, 1);
    csv_number(&csv, (double)NAN, 2);
    csv_number(&csv, 3306, 0);
    csv_text(&csv, "");
    csv_text(&csv, "x");
    csv_end(&csv);
    csv_number(&csv, INFINITY, 0);
    csv_end(&csv);
    fclose(stream);
    assert_string_equal(written + 3, "-1.5,,3306,,\"x\"\r\n\r\n");
    free(written);
}

static void test_full_disk(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        skip();
    setvbuf(full, NULL, _IONBF, 0);
    struct csv_line csv = csv_begin(full);
    csv_text(&csv, "x");
    csv_end(&csv);
    assert_int_equal(csv.writer.status, STATUS_SYSTEM);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotes),  cmocka_unit_test(test_formulas),  cmocka_unit_test(test_lines),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
