#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/bson.h"

/* {s: "ab", d: {x: 1}, i: -2, l: 3 (int64), f: 4.0, b: true, n: null, r: /p/i, o: ObjectId, e: Binary(2)} */
static const uint8_t sample[] = {
    90,   0,   0,    0,    2,   's', 0, 3, 0,    0,   0, 'a',  'b', 0,  3,    'd',  0,    12,
    0,    0,   0,    0x10, 'x', 0,   1, 0, 0,    0,   0, 0x10, 'i', 0,  0xfe, 0xff, 0xff, 0xff,
    0x12, 'l', 0,    3,    0,   0,   0, 0, 0,    0,   0, 1,    'f', 0,  0,    0,    0,    0,
    0,    0,   0x10, 0x40, 8,   'b', 0, 1, 0x0a, 'n', 0, 0x0b, 'r', 0,  'p',  0,    'i',  0,
    7,    'o', 0,    1,    2,   3,   4, 5, 6,    7,   8, 9,    10,  11, 12,   5,    'e',  0,
};

static size_t build(uint8_t *bytes)
{
    static const uint8_t rest[] = {2, 0, 0, 0, 0, 0xaa, 0xbb, 0};
    memcpy(bytes, sample, sizeof sample);
    memcpy(bytes + sizeof sample, rest, sizeof rest);
    bytes[0] = (uint8_t)(sizeof sample + sizeof rest);
    return sizeof sample + sizeof rest;
}

static void test_elements(void **state)
{
    (void)state;
    uint8_t bytes[128];
    struct cursor in = cursor_over(bytes, build(bytes));
    struct cursor document = bson_document(&in);
    struct bson_element element;
    int64_t number = 0;
    assert_true(bson_next(&document, &element));
    assert_true(span_equals(element.name, "s"));
    assert_true(span_equals(bson_text(&element), "ab"));
    assert_false(bson_integer(&element, &number));
    assert_true(bson_next(&document, &element));
    assert_true(span_equals(element.name, "d"));
    assert_int_equal(bson_text(&element).size, 0);
    static const int64_t numbers[] = {-2, 3, 4, 1};
    for (size_t i = 0; i < 4; i++) {
        assert_true(bson_next(&document, &element));
        assert_true(bson_integer(&element, &number));
        assert_int_equal(number, numbers[i]);
    }
    static const char *const others[] = {"n", "r", "o", "e"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(bson_next(&document, &element));
        assert_true(span_equals(element.name, others[i]));
        assert_false(bson_integer(&element, &number));
    }
    assert_false(bson_next(&document, &element));
    assert_true(cursor_good(&document));
    assert_int_equal(cursor_left(&in), 0);
}

static void test_every_cut(void **state)
{
    (void)state;
    uint8_t bytes[128];
    size_t whole = build(bytes);
    for (size_t size = 0; size < whole; size++) {
        struct cursor in = cursor_over(bytes, size);
        (void)bson_document(&in);
        assert_true(cursor_short(&in));
        if (size < 5)
            continue;
        bytes[0] = (uint8_t)size; /* the document says that it ends here */
        in = cursor_over(bytes, size);
        struct cursor document = bson_document(&in);
        struct bson_element element;
        while (bson_next(&document, &element))
            assert_true(element.value.size < size);
        build(bytes);
    }
}

static bool well_formed(const uint8_t *bytes, size_t size)
{
    struct cursor in = cursor_over(bytes, size);
    struct cursor document = bson_document(&in);
    struct bson_element element;
    while (bson_next(&document, &element))
        continue;
    return cursor_good(&in) && cursor_good(&document);
}

static void test_malformed(void **state)
{
    (void)state;
    assert_true(well_formed((const uint8_t[]){5, 0, 0, 0, 0}, 5));
    assert_false(well_formed((const uint8_t[]){4, 0, 0, 0}, 4));
    assert_false(well_formed((const uint8_t[]){0xff, 0xff, 0xff, 0xff, 0}, 5));
    assert_false(well_formed((const uint8_t[]){6, 0, 0, 0, 0, 0}, 6)); /* a byte behind the end */
    /* A string that is longer than its document, one of length -1, a document of length 3, an unknown type.
     */
    assert_false(well_formed((const uint8_t[]){13, 0, 0, 0, 2, 'a', 0, 9, 0, 0, 0, 0, 0}, 13));
    assert_false(well_formed((const uint8_t[]){13, 0, 0, 0, 2, 'a', 0, 0xff, 0xff, 0xff, 0xff, 0, 0}, 13));
    assert_false(well_formed((const uint8_t[]){13, 0, 0, 0, 3, 'a', 0, 3, 0, 0, 0, 0, 0}, 13));
    assert_false(well_formed((const uint8_t[]){8, 0, 0, 0, 0x44, 'a', 0, 0}, 8));
}

static void test_doubles(void **state)
{
    (void)state;
    static const double values[] = {1.5, 1e300, -1e300};
    for (size_t i = 0; i < 3; i++) {
        struct bson_element element = {.type = 1, .value = {(const uint8_t *)&values[i], 8}};
        int64_t number;
        assert_false(bson_integer(&element, &number));
    }
    static const uint8_t nan[] = {0, 0, 0, 0, 0, 0, 0xf8, 0x7f};
    struct bson_element element = {.type = 1, .value = {nan, 8}};
    int64_t number;
    assert_false(bson_integer(&element, &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
