#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "importing.h"
#include "scoring/feeds/source.h"

static void assert_lines(const char *text, const char *const *lines)
{
    for (size_t step = 1; step < 9; step++) {
        struct complaints complaints;
        struct feed_source source;
        struct importing_bytes rest = {text, strlen(text), step};
        char *line = NULL;
        size_t size = 0, count = 0;
        complaints_init(&complaints, "t");
        assert_int_equal(feed_source_init(&source, importing_read, &rest, &complaints), STATUS_OK);
        for (; lines[count]; count++) {
            assert_int_equal(feed_source_line(&source, &line, &size), STATUS_OK);
            assert_non_null(line);
            assert_string_equal(line, lines[count]);
            assert_int_equal(size, strlen(lines[count]));
            assert_int_equal(source.line, count + 1);
        }
        assert_int_equal(feed_source_line(&source, &line, &size), STATUS_OK);
        assert_null(line);
        assert_int_equal(source.line, count);
        feed_source_deinit(&source);
        complaints_deinit(&complaints);
    }
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_lines(void **state)
{
    (void)state;
    assert_lines("", (const char *const[]){NULL});
    assert_lines("a", LINES("a"));
    assert_lines("a\n", LINES("a"));
    assert_lines("a\r\n\nlonger\r\n\r", LINES("a", "", "longer", ""));
    assert_lines("\xef\xbb\xbf"
                 "a\n\xef\xbb\xbf"
                 "b\n",
                 LINES("a", "\xef\xbb\xbf"
                            "b"));
}

/* A line of the largest size is one; a byte more is refused, with or without an end. */
static void test_long(void **state)
{
    (void)state;
    for (size_t more = 0; more < 3; more++) {
        struct complaints complaints;
        struct feed_source source;
        size_t size = FEED_LINE_MAX + (more > 0), got = 0;
        char *text = malloc(size + 1), *line = NULL;
        memset(text, 'x', size);
        text[size] = '\n';
        struct importing_bytes rest = {text, size + (more < 2), 60000};
        complaints_init(&complaints, "t");
        assert_int_equal(feed_source_init(&source, importing_read, &rest, &complaints), STATUS_OK);
        enum status status = feed_source_line(&source, &line, &got);
        assert_int_equal(status, more ? STATUS_WRONG_FILE : STATUS_OK);
        assert_int_equal(complaints.count, more > 0);
        if (!more)
            assert_int_equal(got, FEED_LINE_MAX);
        feed_source_deinit(&source);
        complaints_deinit(&complaints);
        free(text);
    }
}

static void test_chunks(void **state)
{
    (void)state;
    struct complaints complaints;
    struct feed_source source;
    char text[200000], again[200000];
    size_t size = 0;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 31 % 251);
    struct importing_bytes rest = {text, sizeof text, sizeof text};
    struct span chunk;
    complaints_init(&complaints, "t");
    assert_int_equal(feed_source_init(&source, importing_read, &rest, &complaints), STATUS_OK);
    do {
        assert_int_equal(feed_source_chunk(&source, &chunk), STATUS_OK);
        assert_true(chunk.size <= FEED_CHUNK_SIZE && size + chunk.size <= sizeof again);
        if (chunk.size)
            memcpy(again + size, chunk.bytes, chunk.size);
        size += chunk.size;
    } while (chunk.size);
    assert_int_equal(size, sizeof text);
    assert_memory_equal(text, again, size);
    feed_source_deinit(&source);
    complaints_deinit(&complaints);
}

static enum status read_nothing(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    (void)context;
    (void)bytes;
    (void)capacity;
    *size_out = 0;
    return STATUS_SYSTEM;
}

static void test_unreadable(void **state)
{
    (void)state;
    struct complaints complaints;
    struct feed_source source;
    struct span chunk;
    char *line = NULL;
    size_t size = 0;
    complaints_init(&complaints, "t");
    assert_int_equal(feed_source_init(&source, read_nothing, NULL, &complaints), STATUS_OK);
    assert_int_equal(feed_source_line(&source, &line, &size), STATUS_SYSTEM);
    assert_int_equal(feed_source_chunk(&source, &chunk), STATUS_SYSTEM);
    feed_source_deinit(&source);
    complaints_deinit(&complaints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
