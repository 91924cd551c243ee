#include "probes/ber.h"

#define TAG_LONG         0x1f
#define LENGTH_LONG      0x80
#define LENGTH_BYTES_MAX 4

/* X.690 §8.1.3; the indefinite form is no length. */
static uint32_t read_length(struct cursor *cursor)
{
    uint8_t first = cursor_u8(cursor);
    if (first < LENGTH_LONG)
        return first;
    unsigned count = first & ~(unsigned)LENGTH_LONG;
    if (count == 0 || count > LENGTH_BYTES_MAX)
        cursor_fail(cursor);
    uint32_t length = 0;
    for (unsigned i = 0; i < count && cursor_good(cursor); i++)
        length = length << 8 | cursor_u8(cursor);
    return length;
}

struct cursor ber_next(struct cursor *cursor, uint8_t *tag_out)
{
    *tag_out = cursor_u8(cursor);
    if ((*tag_out & TAG_LONG) == TAG_LONG)
        cursor_fail(cursor);
    uint32_t length = read_length(cursor);
    return cursor_block(cursor, length);
}

struct cursor ber_element(struct cursor *cursor, uint8_t tag)
{
    uint8_t found;
    struct cursor value = ber_next(cursor, &found);
    if (cursor_good(cursor) && found != tag) {
        cursor_fail(cursor);
        cursor_fail(&value);
    }
    return value;
}

struct span ber_string(struct cursor *cursor, uint8_t tag)
{
    struct cursor value = ber_element(cursor, tag);
    return cursor_span(&value, cursor_left(&value));
}

uint32_t ber_number(struct cursor *cursor, uint8_t tag)
{
    struct cursor value = ber_element(cursor, tag);
    size_t size = cursor_left(&value);
    bool negative = (cursor_peek(&value, 0) & 0x80) != 0;
    if (cursor_good(cursor) && (size == 0 || size > 4 || negative))
        cursor_fail(cursor);
    uint32_t number = 0;
    while (cursor_good(cursor) && cursor_left(&value))
        number = number << 8 | cursor_u8(&value);
    return number;
}

size_t ber_begin(struct buffer *buffer, uint8_t tag)
{
    buffer_u8(buffer, tag);
    buffer_u8(buffer, LENGTH_LONG | 2);
    return buffer_reserve(buffer, 2);
}

void ber_end(struct buffer *buffer, size_t at)
{
    buffer_length_be(buffer, at, 2, 0);
}

void ber_write_text(struct buffer *buffer, uint8_t tag, const char *text)
{
    size_t at = ber_begin(buffer, tag);
    buffer_text(buffer, text);
    ber_end(buffer, at);
}

void ber_write_number(struct buffer *buffer, uint8_t tag, uint32_t number)
{
    unsigned size = 1;
    while (size < 4 && number >> (8 * size - 1))
        size++;
    bool fifth = size == 4 && number >> 31; /* a leading zero keeps it positive */
    buffer_u8(buffer, tag);
    buffer_u8(buffer, (uint8_t)(size + fifth));
    if (fifth)
        buffer_u8(buffer, 0);
    for (unsigned i = size; i > 0; i--)
        buffer_u8(buffer, (uint8_t)(number >> (8 * (i - 1))));
}
