#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probes/ber.h"

static void test_elements(void **state)
{
    (void)state;
    static const char bytes[] = "\x30\x0b\x02\x01\x05\x04\x81\x03"
                                "abc\x31\x00";
    struct cursor in = cursor_over(bytes, sizeof bytes - 1);
    struct cursor sequence = ber_element(&in, BER_SEQUENCE);
    assert_int_equal(ber_number(&sequence, BER_INTEGER), 5);
    assert_true(span_equals(ber_string(&sequence, BER_OCTETS), "abc"));
    uint8_t tag;
    struct cursor set = ber_next(&sequence, &tag);
    assert_int_equal(tag, BER_SET);
    assert_int_equal(cursor_left(&set), 0);
    assert_true(cursor_good(&sequence));
    assert_int_equal(cursor_left(&sequence), 0);
    for (size_t cut = 0; cut < sizeof bytes - 1; cut++) {
        struct cursor part = cursor_over(bytes, cut);
        (void)ber_element(&part, BER_SEQUENCE);
        assert_true(cursor_short(&part));
    }
}

static void test_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        const char *bytes;
        size_t size;
    } cases[] = {
        {"indefinite length", "\x30\x80\x00\x00", 4},
        {"length of five bytes", "\x30\x85\x00\x00\x00\x00\x01x", 8},
        {"reserved length", "\x30\xffx", 3},
        {"long tag", "\x1f\x81\x00\x00", 4},
        {"another tag", "\x31\x00", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cursor in = cursor_over(cases[i].bytes, cases[i].size);
        struct cursor value = ber_element(&in, BER_SEQUENCE);
        if (in.state != CURSOR_MALFORMED || cursor_left(&value))
            print_error("%s\n", cases[i].what);
        assert_int_equal(in.state, CURSOR_MALFORMED);
        assert_int_equal(cursor_left(&value), 0);
    }
}

static void test_inner_length_lies(void **state)
{
    (void)state;
    struct cursor in = cursor_over("\x30\x03\x04\x84\xff\xff\xff\xff", 8);
    struct cursor sequence = ber_element(&in, BER_SEQUENCE);
    assert_true(cursor_good(&in));
    assert_int_equal(ber_string(&sequence, BER_OCTETS).size, 0);
    assert_int_equal(sequence.state, CURSOR_MALFORMED);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        bool good;
        uint32_t number;
    } cases[] = {
        {"\x02\x01\x7f", 3, true, 127},
        {"\x02\x02\x00\x80", 4, true, 128},
        {"\x02\x04\x7f\xff\xff\xff", 6, true, 0x7fffffff},
        {"\x02\x00", 2, false, 0},
        {"\x02\x01\x80", 3, false, 0},
        {"\x02\x05\x00\x80\x00\x00\x00", 7, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cursor in = cursor_over_block(cases[i].bytes, cases[i].size);
        assert_int_equal(ber_number(&in, BER_INTEGER), cases[i].number);
        assert_int_equal(cursor_good(&in), cases[i].good);
    }
}

static void test_written_reads_back(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0,     1,     127,      128,      255,       256,
                                       32767, 32768, 0x7fffff, 0x800000, 0x7fffffff};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint8_t storage[64];
        struct buffer out = buffer_over(storage, sizeof storage);
        size_t at = ber_begin(&out, BER_SEQUENCE);
        ber_write_number(&out, BER_ENUMERATED, numbers[i]);
        ber_write_text(&out, BER_OCTETS, "text");
        ber_end(&out, at);
        struct cursor in = cursor_over(storage, out.size);
        struct cursor sequence = ber_element(&in, BER_SEQUENCE);
        assert_int_equal(ber_number(&sequence, BER_ENUMERATED), numbers[i]);
        assert_true(span_equals(ber_string(&sequence, BER_OCTETS), "text"));
        assert_int_equal(cursor_left(&sequence), 0);
        assert_true(cursor_good(&sequence));
        assert_int_equal(cursor_left(&in), 0);
    }
}

/* X.690 §8.3.2: the shortest form, with a zero before a set top bit. */
static void test_numbers_are_shortest(void **state)
{
    (void)state;
    uint8_t storage[16];
    struct buffer out = buffer_over(storage, sizeof storage);
    ber_write_number(&out, BER_INTEGER, 128);
    assert_int_equal(out.size, 4);
    assert_memory_equal(storage, "\x02\x02\x00\x80", 4);
    out.size = 0;
    ber_write_number(&out, BER_INTEGER, 0x80000000);
    assert_int_equal(out.size, 7);
    assert_memory_equal(storage, "\x02\x05\x00\x80\x00\x00\x00", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),           cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_inner_length_lies),  cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_written_reads_back), cmocka_unit_test(test_numbers_are_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
