#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/commands/input.h"

/* Bytes in a file, or coming through a pipe as standard input. */
struct source {
    char path[64];
    int kept; /* standard input as it was */
};

static void open_file(struct source *source, struct input *input, const char *bytes, size_t size)
{
    snprintf(source->path, sizeof source->path, "/tmp/auscult-input-XXXXXX");
    int file = mkstemp(source->path);
    assert_true(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    close(file);
    assert_int_equal(input_open(input, source->path, true), STATUS_OK);
    assert_false(input->piped);
}

static void close_file(struct source *source, struct input *input)
{
    input_close(input);
    unlink(source->path);
}

/* What does not fit into the pipe's own buffer would never be read: bytes are few here. */
static void open_pipe(struct source *source, struct input *input, const char *bytes, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_true(write(ends[1], bytes, size) == (ssize_t)size);
    close(ends[1]);
    source->kept = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(input_open(input, "-", true), STATUS_OK);
    assert_true(input->piped);
}

static void close_pipe(struct source *source, struct input *input)
{
    input_close(input);
    dup2(source->kept, STDIN_FILENO);
    close(source->kept);
}

static struct input_line next(struct input *input, const char *expected)
{
    struct input_line line;
    bool more;
    assert_int_equal(input_read(input, &line, &more), STATUS_OK);
    assert_int_equal(more, expected != NULL);
    if (expected) {
        assert_string_equal(line.text, expected);
        assert_int_equal(line.size, strlen(expected));
        assert_false(line.too_long);
    }
    return line;
}

static void check_lines(struct input *input)
{
    next(input, "one");
    struct input_line two = next(input, "");
    uint64_t offset = two.offset;
    assert_int_equal(input->number, 2);
    next(input, "three");
    assert_int_equal(input_back(input, offset), STATUS_OK);
    next(input, "");
    struct input_line three = next(input, "three");
    offset = three.offset;
    next(input, "four, without its end");
    next(input, NULL);
    next(input, NULL);
    assert_int_equal(input_back(input, 0), STATUS_OK);
    next(input, "one");
    assert_int_equal(input->number, 1);
    assert_int_equal(input_back(input, offset), STATUS_OK);
    next(input, "three");
    next(input, "four, without its end");
    next(input, NULL);
}

static const char text[] = "one\n\r\nthree\r\nfour, without its end";

static void a_file_is_gone_back_in(void **state)
{
    struct source source;
    struct input input;
    (void)state;
    open_file(&source, &input, text, sizeof text - 1);
    check_lines(&input);
    close_file(&source, &input);
}

static void a_pipe_is_gone_back_in(void **state)
{
    struct source source;
    struct input input;
    (void)state;
    open_pipe(&source, &input, text, sizeof text - 1);
    check_lines(&input);
    close_pipe(&source, &input);
}

/* Before all of it was read: first the copy, then what is still to come. */
static void a_pipe_goes_on_behind_its_copy(void **state)
{
    int ends[2], kept = dup(STDIN_FILENO);
    struct input input;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(input_open(&input, "-", true), STATUS_OK);
    assert_int_equal(write(ends[1], "a\nb\nc", 5), 5);
    next(&input, "a");
    next(&input, "b");
    assert_int_equal(input_back(&input, 0), STATUS_OK);
    assert_int_equal(write(ends[1], "c\nd\n", 4), 4);
    close(ends[1]);
    next(&input, "a");
    next(&input, "b");
    next(&input, "cc");
    next(&input, "d");
    next(&input, NULL);
    input_close(&input);
    dup2(kept, STDIN_FILENO);
    close(kept);
}

static void without_a_copy_a_pipe_is_not_gone_back_in(void **state)
{
    struct source source;
    struct input input;
    (void)state;
    assert_int_equal(setenv("TMPDIR", "/nowhere/at/all", 1), 0);
    open_pipe(&source, &input, text, sizeof text - 1);
    unsetenv("TMPDIR");
    next(&input, "one");
    assert_int_equal(input_back(&input, 0), STATUS_SYSTEM);
    next(&input, "");
    close_pipe(&source, &input);
}

static void long_lines_are_passed_over(void **state)
{
    struct source source;
    struct input input;
    struct input_line line;
    bool more;
    (void)state;
    size_t size = 5 * (size_t)INPUT_LINE_MAX;
    char *bytes = malloc(size);
    memset(bytes, 'x', size);
    memcpy(bytes, "a\n", 2);
    bytes[2 + INPUT_LINE_MAX] = '\n';                 /* as long as a line may be */
    bytes[2 + 2 * (size_t)INPUT_LINE_MAX + 2] = '\n'; /* a byte more */
    memcpy(bytes + size - 9, "\nb\n", 3);             /* after two and a half of them */
    open_file(&source, &input, bytes, size);
    next(&input, "a");
    assert_int_equal(input_read(&input, &line, &more), STATUS_OK);
    assert_true(more && !line.too_long && line.size == INPUT_LINE_MAX);
    assert_int_equal(input_read(&input, &line, &more), STATUS_OK);
    assert_true(more && line.too_long);
    assert_int_equal(input_read(&input, &line, &more), STATUS_OK);
    assert_true(more && line.too_long);
    assert_int_equal(input.number, 4);
    next(&input, "b");
    next(&input, "xxxxxx");
    next(&input, NULL);
    close_file(&source, &input);
    free(bytes);
}

static void what_cannot_be_read_is_said(void **state)
{
    struct input input;
    struct input_line line;
    bool more;
    (void)state;
    assert_int_equal(input_open(&input, "/nowhere/at/all", true), STATUS_SYSTEM);
    assert_int_equal(input_open(&input, "/tmp", true), STATUS_OK);
    assert_int_equal(input_read(&input, &line, &more), STATUS_SYSTEM);
    input_close(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_gone_back_in),
        cmocka_unit_test(a_pipe_is_gone_back_in),
        cmocka_unit_test(a_pipe_goes_on_behind_its_copy),
        cmocka_unit_test(without_a_copy_a_pipe_is_not_gone_back_in),
        cmocka_unit_test(long_lines_are_passed_over),
        cmocka_unit_test(what_cannot_be_read_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
