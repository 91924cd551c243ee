#include "probes/cursor.h"

#include <string.h>

struct cursor cursor_over(const void *bytes, size_t size)
{
    return (struct cursor){.bytes = bytes, .size = size};
}

struct cursor cursor_over_block(const void *bytes, size_t size)
{
    return (struct cursor){.bytes = bytes, .size = size, .block = true};
}

size_t cursor_left(const struct cursor *cursor)
{
    return cursor->state == CURSOR_GOOD ? cursor->size - cursor->at : 0;
}

void cursor_fail(struct cursor *cursor)
{
    if (cursor->state == CURSOR_GOOD)
        cursor->state = CURSOR_MALFORMED;
}

void cursor_commit(struct cursor *cursor, const struct cursor *reader)
{
    if (reader->state == CURSOR_GOOD && reader->bytes == cursor->bytes)
        cursor->at = reader->at;
}

/* Where the next `size` bytes stand, advancing over them, or NULL. */
static const uint8_t *take(struct cursor *cursor, size_t size)
{
    if (cursor->state != CURSOR_GOOD)
        return NULL;
    if (size > cursor->size - cursor->at) {
        cursor->state = cursor->block ? CURSOR_MALFORMED : CURSOR_SHORT;
        return NULL;
    }
    const uint8_t *bytes = cursor->at ? cursor->bytes + cursor->at : cursor->bytes; /* nothing may be NULL */
    cursor->at += size;
    return bytes;
}

static uint64_t big_endian(struct cursor *cursor, size_t size)
{
    const uint8_t *bytes = take(cursor, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes && i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static uint64_t little_endian(struct cursor *cursor, size_t size)
{
    const uint8_t *bytes = take(cursor, size);
    uint64_t value = 0;
    for (size_t i = size; bytes && i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

uint8_t cursor_u8(struct cursor *cursor)
{
    return (uint8_t)big_endian(cursor, 1);
}

uint16_t cursor_u16be(struct cursor *cursor)
{
    return (uint16_t)big_endian(cursor, 2);
}

uint16_t cursor_u16le(struct cursor *cursor)
{
    return (uint16_t)little_endian(cursor, 2);
}

uint32_t cursor_u24be(struct cursor *cursor)
{
    return (uint32_t)big_endian(cursor, 3);
}

uint32_t cursor_u24le(struct cursor *cursor)
{
    return (uint32_t)little_endian(cursor, 3);
}

uint32_t cursor_u32be(struct cursor *cursor)
{
    return (uint32_t)big_endian(cursor, 4);
}

uint32_t cursor_u32le(struct cursor *cursor)
{
    return (uint32_t)little_endian(cursor, 4);
}

uint64_t cursor_u64be(struct cursor *cursor)
{
    return big_endian(cursor, 8);
}

uint64_t cursor_u64le(struct cursor *cursor)
{
    return little_endian(cursor, 8);
}

void cursor_skip(struct cursor *cursor, size_t count)
{
    (void)take(cursor, count);
}

int cursor_peek(const struct cursor *cursor, size_t ahead)
{
    return ahead < cursor_left(cursor) ? cursor->bytes[cursor->at + ahead] : -1;
}

struct span cursor_span(struct cursor *cursor, size_t size)
{
    const uint8_t *bytes = take(cursor, size);
    return (struct span){bytes, bytes ? size : 0};
}

struct cursor cursor_block(struct cursor *cursor, size_t size)
{
    const uint8_t *bytes = take(cursor, size);
    struct cursor block = cursor_over_block(bytes, bytes ? size : 0);
    block.state = cursor->state;
    return block;
}

struct span cursor_until(struct cursor *cursor, uint8_t end, size_t max)
{
    size_t left = cursor_left(cursor);
    size_t window = left <= max ? left : max + 1;
    const uint8_t *start = window ? cursor->bytes + cursor->at : NULL;
    const uint8_t *found = window ? memchr(start, end, window) : NULL;
    if (!found) {
        if (cursor->state == CURSOR_GOOD)
            cursor->state = window > max || cursor->block ? CURSOR_MALFORMED : CURSOR_SHORT;
        return (struct span){0};
    }
    cursor->at += (size_t)(found - start) + 1;
    return (struct span){start, (size_t)(found - start)};
}

struct span cursor_line(struct cursor *cursor, size_t max)
{
    struct span line = cursor_until(cursor, '\n', max);
    if (line.size && line.bytes[line.size - 1] == '\r')
        line.size--;
    return line;
}

bool cursor_match(struct cursor *cursor, const void *bytes, size_t size)
{
    size_t left = cursor_left(cursor);
    size_t common = left < size ? left : size;
    if (cursor->state != CURSOR_GOOD || (common && memcmp(cursor->bytes + cursor->at, bytes, common) != 0))
        return false;
    return take(cursor, size) != NULL;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same(struct span span, size_t start, const char *text, bool nocase)
{
    for (size_t i = 0; text[i]; i++) {
        if (start + i >= span.size)
            return false;
        char c = (char)span.bytes[start + i];
        if (nocase ? lower(c) != lower(text[i]) : c != text[i])
            return false;
    }
    return true;
}

static size_t find(struct span span, const char *text, bool nocase)
{
    for (size_t i = 0; i < span.size; i++)
        if (same(span, i, text, nocase))
            return i;
    return SIZE_MAX;
}

bool span_equals(struct span span, const char *text)
{
    return span.size == strlen(text) && same(span, 0, text, false);
}

bool span_equals_nocase(struct span span, const char *text)
{
    return span.size == strlen(text) && same(span, 0, text, true);
}

bool span_starts(struct span span, const char *text)
{
    return same(span, 0, text, false);
}

bool span_starts_nocase(struct span span, const char *text)
{
    return same(span, 0, text, true);
}

size_t span_find(struct span span, const char *text)
{
    return find(span, text, false);
}

size_t span_find_nocase(struct span span, const char *text)
{
    return find(span, text, true);
}

struct span span_from(struct span span, size_t start)
{
    if (start >= span.size)
        return (struct span){0};
    return (struct span){span.bytes + start, span.size - start};
}

struct span span_first(struct span span, size_t size)
{
    return (struct span){span.bytes, size < span.size ? size : span.size};
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

struct span span_trim(struct span span)
{
    while (span.size && blank(span.bytes[0]))
        span = span_from(span, 1);
    while (span.size && blank(span.bytes[span.size - 1]))
        span.size--;
    return span;
}

struct span span_cut(struct span *rest, const char *separators)
{
    size_t i = 0;
    while (i < rest->size && (rest->bytes[i] == 0 || !strchr(separators, rest->bytes[i])))
        i++;
    struct span part = span_first(*rest, i);
    *rest = span_from(*rest, i + 1);
    return part;
}

bool span_number(struct span span, uint64_t max, uint64_t *number_out)
{
    uint64_t number = 0;
    if (span.size == 0 || span.size > 19)
        return false;
    for (size_t i = 0; i < span.size; i++) {
        if (span.bytes[i] < '0' || span.bytes[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(span.bytes[i] - '0');
    }
    *number_out = number;
    return number <= max;
}
