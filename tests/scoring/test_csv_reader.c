#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importing.h"
#include "scoring/feeds/csv_reader.h"

/* "[a|b][c|d]", or the complaint. */
static char *read_all(const char *bytes, size_t size, size_t step)
{
    struct complaints complaints;
    struct feed_source source;
    struct csv_reader reader;
    struct importing_bytes rest = {bytes, size, step};
    char *text = NULL;
    FILE *stream = open_memstream(&text, &size);
    complaints_init(&complaints, "t");
    assert_int_equal(feed_source_init(&source, importing_read, &rest, &complaints), STATUS_OK);
    assert_int_equal(csv_reader_init(&reader, &source, ','), STATUS_OK);
    enum status status = STATUS_OK;
    for (bool got = true; got && status == STATUS_OK;) {
        status = csv_reader_next(&reader, &got);
        for (size_t i = 0; got && i < reader.count; i++)
            fprintf(stream, "%s%s%s", i ? "|" : "[", reader.texts[i], i + 1 == reader.count ? "]" : "");
    }
    fclose(stream);
    assert_int_equal(status == STATUS_WRONG_FILE, complaints.count > 0);
    if (status != STATUS_OK) {
        free(text);
        text = complaints_format(&complaints);
    }
    csv_reader_deinit(&reader);
    feed_source_deinit(&source);
    complaints_deinit(&complaints);
    return text;
}

static void assert_read(const char *bytes, const char *expected)
{
    for (size_t step = 1; step < 6; step++) {
        char *text = read_all(bytes, strlen(bytes), step);
        assert_string_equal(text, expected);
        free(text);
    }
}

static void test_records(void **state)
{
    (void)state;
    assert_read("", "");
    assert_read("a,b\r\nc,d\r\n", "[a|b][c|d]");
    assert_read("a,b\n\n c ,d ", "[a|b][c|d]");
    assert_read("a,b\n1,x\"y\n",
                "t:2:4: a quote inside a field; quote the whole field, and double the quotes "
                "in it\n");
    assert_read("a,b\nc,\"d,\"\"e\"\"\"\n", "[a|b][c|d,\"e\"]");
    assert_read("a,b\n\"c\r\nd\",e\n", "[a|b][c\\x0ad|e]");
    assert_read("a,b\n,\n", "[a|b][|]");
    assert_read("\xef\xbb\xbf"
                "a,b\n1,2",
                "[a|b][1|2]");
    assert_read("a\n\n\nb\n", "[a][b]");
}

/* 机构, in GB18030, whose second bytes may be letters but never commas or quotes. */
static void test_gb18030(void **state)
{
    (void)state;
    assert_read("\xbb\xfa\xb9\xb9,b\n\xca\xc7,\"\xb7\xf1\"\n", "[机构|b][是|否]");
}

static void test_refused(void **state)
{
    (void)state;
    assert_read("a,b\n1\n", "t:2:1: 1 fields; the header has 2\n");
    assert_read("a,b\n1,2,3\n", "t:2:1: 3 fields; the header has 2\n");
    assert_read("a,b\n1,\"2\n3\n", "t:2:3: the quote that opens in line 2 is never closed\n");
    assert_read("a,b\n1,\"2\"x\n", "t:2:6: text behind the quote that closes a field\n");
    char *text = read_all("a,b\n1,\0\n", 8, 3);
    assert_string_equal(text, "t:2:3: a NUL byte; save the table as CSV in UTF-8 or GB18030\n");
    free(text);
    char *wide = malloc(1000);
    memset(wide, ',', 999);
    wide[999] = 0;
    assert_read(wide, "t:1:1: more than 256 fields\n");
    free(wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_gb18030),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
