#ifndef PROBES_BUFFER_H
#define PROBES_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A writer with a cap, over storage that the caller owns. What does not fit sets `overflow`, and nothing of
 * it is sent. */
struct buffer {
    uint8_t *bytes;
    size_t capacity;
    size_t size;
    bool overflow;
};

struct buffer buffer_over(void *storage, size_t capacity);
void buffer_bytes(struct buffer *buffer, const void *bytes, size_t size);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_zeros(struct buffer *buffer, size_t count);
void buffer_u8(struct buffer *buffer, uint8_t value);
void buffer_u16be(struct buffer *buffer, uint16_t value);
void buffer_u16le(struct buffer *buffer, uint16_t value);
void buffer_u24be(struct buffer *buffer, uint32_t value);
void buffer_u32be(struct buffer *buffer, uint32_t value);
void buffer_u32le(struct buffer *buffer, uint32_t value);
void buffer_u64le(struct buffer *buffer, uint64_t value);
/* Text padded with `pad` to `width` bytes, cut where it is longer. */
void buffer_padded(struct buffer *buffer, const char *text, size_t width, uint8_t pad);

/* A length field to be filled in later: leaves `width` zero bytes and returns where they are. */
size_t buffer_reserve(struct buffer *buffer, size_t width);
/* Writes the number of bytes since the reserved field, plus `extra`, into it; width 1, 2, 3 or 4. */
void buffer_length_be(struct buffer *buffer, size_t at, size_t width, size_t extra);
void buffer_length_le(struct buffer *buffer, size_t at, size_t width, size_t extra);

#endif
