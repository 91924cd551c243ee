#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/cursor.h"

static struct span span_of(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static void expect_span(struct span span, const char *text)
{
    assert_int_equal(span.size, strlen(text));
    if (span.size)
        assert_memory_equal(span.bytes, text, span.size);
}

static const uint8_t eight[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xf8};

static struct cursor over_eight(void)
{
    return cursor_over(eight, sizeof eight);
}

static void test_numbers(void **state)
{
    (void)state;
    struct cursor c = over_eight();
    assert_int_equal(cursor_u8(&c), 1);
    assert_int_equal(cursor_u16be(&c), 0x0203);
    assert_int_equal(cursor_u16le(&c), 0x0504);
    assert_int_equal(cursor_left(&c), 3);
    assert_int_equal(cursor_u24be(&c), 0x0607f8);
    assert_true(cursor_good(&c));
    c = over_eight();
    assert_int_equal(cursor_u24le(&c), 0x030201);
    assert_int_equal(cursor_u32be(&c), 0x04050607);
    c = over_eight();
    assert_int_equal(cursor_u32le(&c), 0x04030201);
    c = over_eight();
    assert_true(cursor_u64be(&c) == 0x01020304050607f8);
    c = over_eight();
    assert_true(cursor_u64le(&c) == 0xf807060504030201);
}

static void test_running_out_sticks(void **state)
{
    (void)state;
    struct cursor c = over_eight();
    cursor_skip(&c, 6);
    assert_int_equal(cursor_u32be(&c), 0);
    assert_true(cursor_short(&c));
    assert_int_equal(cursor_u8(&c), 0); /* though two bytes are left */
    assert_int_equal(cursor_left(&c), 0);
    assert_int_equal(cursor_peek(&c, 0), -1);
    assert_null(cursor_span(&c, 1).bytes);
    assert_false(cursor_match(&c, "\7", 1));
    cursor_fail(&c); /* the first failure is the one that is kept */
    assert_true(cursor_short(&c));
}

static void test_skip_does_not_wrap(void **state)
{
    (void)state;
    struct cursor c = over_eight();
    cursor_skip(&c, 4);
    cursor_skip(&c, SIZE_MAX - 2);
    assert_true(cursor_short(&c));
    assert_int_equal(c.at, 4);
}

static void test_fail(void **state)
{
    (void)state;
    struct cursor c = over_eight();
    cursor_fail(&c);
    assert_false(cursor_good(&c));
    assert_false(cursor_short(&c));
    assert_int_equal(cursor_u8(&c), 0);
}

static void test_commit(void **state)
{
    (void)state;
    struct cursor c = over_eight(), reader = c;
    cursor_skip(&reader, 3);
    cursor_commit(&c, &reader);
    assert_int_equal(c.at, 3);
    reader = c;
    cursor_skip(&reader, 9);
    cursor_commit(&c, &reader);
    assert_int_equal(c.at, 3);
    static const uint8_t other[16] = {0};
    struct cursor stranger = cursor_over(other, sizeof other);
    cursor_skip(&stranger, 7);
    cursor_commit(&c, &stranger);
    assert_int_equal(c.at, 3);
}

static void test_blocks(void **state)
{
    (void)state;
    struct cursor c = over_eight();
    struct cursor block = cursor_block(&c, 3);
    assert_int_equal(c.at, 3);
    assert_int_equal(cursor_left(&block), 3);
    assert_int_equal(cursor_u32be(&block), 0);
    assert_false(cursor_good(&block));
    assert_false(cursor_short(&block)); /* running out inside a block is malformed */
    assert_true(cursor_good(&c));
    struct cursor beyond = cursor_block(&c, 6);
    assert_true(cursor_short(&c));
    assert_true(cursor_short(&beyond));
    c = cursor_over_block(eight, 2);
    beyond = cursor_block(&c, 3);
    assert_int_equal(c.state, CURSOR_MALFORMED);
    assert_int_equal(beyond.state, CURSOR_MALFORMED);
}

static void test_nothing(void **state)
{
    (void)state;
    struct cursor c = cursor_over(NULL, 0);
    assert_int_equal(cursor_left(&c), 0);
    cursor_skip(&c, 0);
    assert_int_equal(cursor_span(&c, 0).size, 0);
    struct cursor block = cursor_block(&c, 0);
    assert_true(cursor_good(&c) && cursor_good(&block));
    assert_int_equal(cursor_u8(&block), 0);
    assert_int_equal(block.state, CURSOR_MALFORMED);
    assert_int_equal(cursor_until(&c, 0, 10).size, 0);
    assert_true(cursor_short(&c));
    assert_int_equal(cursor_until(&block, 0, 10).size, 0);
}

static void test_peek(void **state)
{
    (void)state;
    struct cursor c = over_eight();
    assert_int_equal(cursor_peek(&c, 0), 1);
    assert_int_equal(cursor_peek(&c, 7), 0xf8);
    assert_int_equal(cursor_peek(&c, 8), -1);
    assert_int_equal(cursor_peek(&c, SIZE_MAX), -1);
    assert_int_equal(c.at, 0);
    assert_true(cursor_good(&c));
}

static void test_until(void **state)
{
    (void)state;
    struct cursor c = cursor_over("ab\0cd", 5);
    expect_span(cursor_until(&c, 0, 2), "ab");
    assert_int_equal(c.at, 3);
    assert_int_equal(cursor_until(&c, 0, 2).size, 0);
    assert_true(cursor_short(&c)); /* two bytes without an end: it may be the third */
    c = cursor_over("cde", 3);
    cursor_until(&c, 0, 2);
    assert_int_equal(c.state, CURSOR_MALFORMED);
    c = cursor_over("abc\0", 4);
    cursor_until(&c, 0, 2);
    assert_int_equal(c.state, CURSOR_MALFORMED);
    c = cursor_over_block("ab", 2);
    cursor_until(&c, 0, 8);
    assert_int_equal(c.state, CURSOR_MALFORMED);
    c = cursor_over("\0", 1);
    assert_int_equal(cursor_until(&c, 0, 0).size, 0);
    assert_true(cursor_good(&c));
    c = cursor_over("ab\n", 3);
    expect_span(cursor_until(&c, '\n', SIZE_MAX), "ab");
}

static void test_line(void **state)
{
    (void)state;
    struct cursor c = cursor_over("one\r\ntwo\n\r\n\nthree\r", 18);
    expect_span(cursor_line(&c, 10), "one");
    expect_span(cursor_line(&c, 10), "two");
    expect_span(cursor_line(&c, 10), "");
    expect_span(cursor_line(&c, 10), "");
    assert_true(cursor_good(&c));
    expect_span(cursor_line(&c, 10), "");
    assert_true(cursor_short(&c));
}

static void test_match(void **state)
{
    (void)state;
    struct cursor c = cursor_over("SSH-2.0", 7);
    assert_false(cursor_match(&c, "RFB ", 4));
    assert_true(cursor_good(&c));
    assert_int_equal(c.at, 0);
    assert_true(cursor_match(&c, "SSH-", 4));
    assert_int_equal(c.at, 4);
    assert_false(cursor_match(&c, "2.0-", 4));
    assert_true(cursor_short(&c)); /* it could still become so */
    c = cursor_over_block("SS", 2);
    assert_false(cursor_match(&c, "SSH", 3));
    assert_int_equal(c.state, CURSOR_MALFORMED);
}

static void test_span_compare(void **state)
{
    (void)state;
    assert_true(span_equals(span_of("Basic"), "Basic"));
    assert_false(span_equals(span_of("Basic"), "basic"));
    assert_false(span_equals(span_of("Basic"), "Bas"));
    assert_false(span_equals(span_of("Bas"), "Basic"));
    assert_true(span_equals((struct span){0}, ""));
    assert_true(span_equals_nocase(span_of("bAsic"), "BaSIC"));
    assert_false(span_equals_nocase(span_of("a@["), "a`{"));
    assert_true(span_starts(span_of("Basic realm"), "Basic"));
    assert_false(span_starts(span_of("Ba"), "Basic"));
    assert_true(span_starts_nocase(span_of("BASIC realm"), "basic "));
    assert_int_equal(span_find(span_of("aab"), "ab"), 1);
    assert_true(span_find(span_of("aab"), "abc") == SIZE_MAX);
    assert_true(span_find((struct span){0}, "a") == SIZE_MAX);
    assert_int_equal(span_find_nocase(span_of("<TITLE>"), "title"), 1);
    struct span nul = {(const uint8_t *)"a\0b", 3};
    assert_false(span_equals(nul, "a"));
    assert_int_equal(span_find(nul, "b"), 2);
}

static void test_span_parts(void **state)
{
    (void)state;
    expect_span(span_from(span_of("abc"), 1), "bc");
    expect_span(span_from(span_of("abc"), 3), "");
    expect_span(span_from(span_of("abc"), SIZE_MAX), "");
    expect_span(span_first(span_of("abc"), 2), "ab");
    expect_span(span_first(span_of("abc"), 9), "abc");
    expect_span(span_trim(span_of(" \t a b\t ")), "a b");
    expect_span(span_trim(span_of(" \t")), "");
    expect_span(span_trim(span_of("\na")), "\na");
}

static void test_span_cut(void **state)
{
    (void)state;
    struct span rest = span_of("a,b; ,c");
    expect_span(span_cut(&rest, ",;"), "a");
    expect_span(span_cut(&rest, ",;"), "b");
    expect_span(span_cut(&rest, ",;"), " ");
    expect_span(span_cut(&rest, ",;"), "c");
    assert_int_equal(rest.size, 0);
    expect_span(span_cut(&rest, ",;"), "");
    struct span nul = {(const uint8_t *)"a\0b,c", 5}; /* a NUL separates nothing */
    assert_int_equal(span_cut(&nul, ",").size, 3);
    expect_span(nul, "c");
}

static void test_span_number(void **state)
{
    (void)state;
    uint64_t number = 7;
    assert_true(span_number(span_of("0"), 10, &number) && number == 0);
    assert_true(span_number(span_of("0042"), 100, &number) && number == 42);
    assert_false(span_number(span_of("101"), 100, &number));
    assert_false(span_number(span_of(""), 100, &number));
    assert_false(span_number(span_of("-1"), 100, &number));
    assert_false(span_number(span_of("1 "), 100, &number));
    assert_false(span_number(span_of("0x1"), 100, &number));
    assert_true(span_number(span_of("9999999999999999999"), UINT64_MAX, &number));
    assert_true(number == 9999999999999999999u);
    assert_false(span_number(span_of("18446744073709551616"), UINT64_MAX, &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_running_out_sticks),
        cmocka_unit_test(test_skip_does_not_wrap),
        cmocka_unit_test(test_fail),
        cmocka_unit_test(test_commit),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_peek),
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_span_compare),
        cmocka_unit_test(test_span_parts),
        cmocka_unit_test(test_span_cut),
        cmocka_unit_test(test_span_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
