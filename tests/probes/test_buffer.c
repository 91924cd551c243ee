#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/buffer.h"

static uint8_t storage[64];

static void expect(const struct buffer *buffer, const char *bytes, size_t size)
{
    assert_false(buffer->overflow);
    assert_int_equal(buffer->size, size);
    assert_memory_equal(buffer->bytes, bytes, size);
}

static void test_numbers(void **state)
{
    (void)state;
    struct buffer b = buffer_over(storage, sizeof storage);
    buffer_u8(&b, 0x01);
    buffer_u16be(&b, 0x0203);
    buffer_u16le(&b, 0x0504);
    buffer_u24be(&b, 0x060708);
    buffer_u32be(&b, 0x090a0b0c);
    buffer_u32le(&b, 0x100f0e0d);
    buffer_u64le(&b, 0x1817161514131211);
    for (size_t i = 0; i < b.size; i++)
        assert_int_equal(b.bytes[i], i + 1);
    assert_int_equal(b.size, 24);
}

static void test_texts(void **state)
{
    (void)state;
    struct buffer b = buffer_over(storage, sizeof storage);
    buffer_text(&b, "EHLO ");
    buffer_bytes(&b, "a\0b", 3);
    buffer_zeros(&b, 2);
    buffer_bytes(&b, NULL, 0);
    expect(&b, "EHLO a\0b\0\0", 10);
}

static void test_padded(void **state)
{
    (void)state;
    struct buffer b = buffer_over(storage, sizeof storage);
    buffer_padded(&b, "AE", 4, ' ');
    buffer_padded(&b, "LONGER", 4, ' ');
    buffer_padded(&b, "", 2, 0);
    expect(&b, "AE  LONG\0\0", 10);
}

static void test_overflow(void **state)
{
    (void)state;
    struct buffer b = buffer_over(storage, 4);
    memset(storage, 0xee, sizeof storage);
    buffer_u24be(&b, 1);
    buffer_u16be(&b, 2); /* not even its first byte */
    assert_true(b.overflow);
    assert_int_equal(b.size, 3);
    buffer_u8(&b, 3); /* would fit, but stands behind what is missing */
    assert_int_equal(b.size, 3);
    assert_int_equal(storage[3], 0xee);
    b = buffer_over(storage, 4);
    buffer_bytes(&b, storage, SIZE_MAX);
    assert_true(b.overflow);
    b = buffer_over(storage, 4);
    buffer_zeros(&b, SIZE_MAX);
    assert_true(b.overflow);
    assert_int_equal(storage[4], 0xee);
    b = buffer_over(NULL, 0);
    buffer_u8(&b, 1);
    assert_true(b.overflow);
}

static void test_lengths(void **state)
{
    (void)state;
    struct buffer b = buffer_over(storage, sizeof storage);
    size_t outer = buffer_reserve(&b, 4);
    size_t middle = buffer_reserve(&b, 3);
    size_t inner = buffer_reserve(&b, 2);
    buffer_text(&b, "abc");
    buffer_length_be(&b, inner, 2, 0);
    buffer_length_le(&b, middle, 3, 0);
    buffer_length_be(&b, outer, 4, 4); /* the field counts itself */
    expect(&b, "\0\0\0\x0c\5\0\0\0\3abc", 12);
    size_t byte = buffer_reserve(&b, 1);
    buffer_u16be(&b, 0);
    buffer_length_be(&b, byte, 1, (size_t)-1);
    assert_int_equal(b.bytes[byte], 1);
}

static void test_length_after_overflow(void **state)
{
    (void)state;
    memset(storage, 0xee, sizeof storage);
    struct buffer b = buffer_over(storage, 3);
    size_t at = buffer_reserve(&b, 4);
    buffer_length_be(&b, at, 4, 0);
    buffer_length_le(&b, at, 4, 0);
    assert_true(b.overflow);
    assert_int_equal(storage[3], 0xee);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_padded),  cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_lengths), cmocka_unit_test(test_length_after_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
