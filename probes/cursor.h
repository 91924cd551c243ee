#ifndef PROBES_CURSOR_H
#define PROBES_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that belong to somebody else. */
struct span {
    const uint8_t *bytes;
    size_t size;
};

enum cursor_state {
    CURSOR_GOOD,
    CURSOR_SHORT,     /* ran out at the top: more bytes may come */
    CURSOR_MALFORMED, /* ran out inside a length-prefixed block, or cursor_fail was called */
};

/* Reads bytes of the network; the only code besides buffer.h that touches them. Reads advance; the first
   failure sticks and every later read gives zero or an empty span. Copy a cursor to read ahead, cursor_commit
   to keep what was read. */
struct cursor {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    enum cursor_state state;
    bool block; /* running out is malformed here */
};

struct cursor cursor_over(const void *bytes, size_t size);
/* The same for a whole record: running out is malformed. */
struct cursor cursor_over_block(const void *bytes, size_t size);
static inline bool cursor_good(const struct cursor *cursor)
{
    return cursor->state == CURSOR_GOOD;
}
static inline bool cursor_short(const struct cursor *cursor)
{
    return cursor->state == CURSOR_SHORT;
}
size_t cursor_left(const struct cursor *cursor);
/* A value was read that cannot be. */
void cursor_fail(struct cursor *cursor);
/* Moves `cursor` to where `reader`, a copy of it, has come; nothing when the reader failed. */
void cursor_commit(struct cursor *cursor, const struct cursor *reader);

uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_u16be(struct cursor *cursor);
uint16_t cursor_u16le(struct cursor *cursor);
uint32_t cursor_u24be(struct cursor *cursor);
uint32_t cursor_u24le(struct cursor *cursor);
uint32_t cursor_u32be(struct cursor *cursor);
uint32_t cursor_u32le(struct cursor *cursor);
uint64_t cursor_u64be(struct cursor *cursor);
uint64_t cursor_u64le(struct cursor *cursor);
void cursor_skip(struct cursor *cursor, size_t count);
/* The byte `ahead` of the next one without advancing, or -1; never fails. */
int cursor_peek(const struct cursor *cursor, size_t ahead);
struct span cursor_span(struct cursor *cursor, size_t size);
/* The next `size` bytes as a cursor of their own, in which running out is malformed. */
struct cursor cursor_block(struct cursor *cursor, size_t size);
/* Everything up to `end`, which is consumed and not part of the span; fails short when it is not there,
   malformed when it is further than `max` away. */
struct span cursor_until(struct cursor *cursor, uint8_t end, size_t max);
/* A line without its LF and any CR before it, at most `max` bytes. */
struct span cursor_line(struct cursor *cursor, size_t max);
/* Are the next bytes these? Consumed only when they are. Fails short when they could still become so. */
bool cursor_match(struct cursor *cursor, const void *bytes, size_t size);

bool span_equals(struct span span, const char *text);
/* ASCII letters compare without case. */
bool span_equals_nocase(struct span span, const char *text);
bool span_starts(struct span span, const char *text);
bool span_starts_nocase(struct span span, const char *text);
/* Offset of the first occurrence, or SIZE_MAX. */
size_t span_find(struct span span, const char *text);
size_t span_find_nocase(struct span span, const char *text);
struct span span_from(struct span span, size_t start);
struct span span_first(struct span span, size_t size);
/* Without blanks and tabs at either end. */
struct span span_trim(struct span span);
/* Cuts off and returns what stands before the first byte of `separators`; the rest stays in *rest (empty at
 * the end). */
struct span span_cut(struct span *rest, const char *separators);
/* Decimal digits only, at most `max`. */
bool span_number(struct span span, uint64_t max, uint64_t *number_out);

#endif
