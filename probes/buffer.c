#include "probes/buffer.h"

#include <string.h>

struct buffer buffer_over(void *storage, size_t capacity)
{
    return (struct buffer){.bytes = storage, .capacity = capacity};
}

void buffer_bytes(struct buffer *buffer, const void *bytes, size_t size)
{
    if (buffer->overflow || size > buffer->capacity - buffer->size) {
        buffer->overflow = true;
        return;
    }
    if (size)
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_bytes(buffer, text, strlen(text));
}

void buffer_zeros(struct buffer *buffer, size_t count)
{
    for (size_t i = 0; i < count && !buffer->overflow; i++)
        buffer_u8(buffer, 0);
}

static void big_endian(struct buffer *buffer, uint64_t value, size_t width)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    buffer_bytes(buffer, bytes, width);
}

static void little_endian(struct buffer *buffer, uint64_t value, size_t width)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    buffer_bytes(buffer, bytes, width);
}

void buffer_u8(struct buffer *buffer, uint8_t value)
{
    buffer_bytes(buffer, &value, 1);
}

void buffer_u16be(struct buffer *buffer, uint16_t value)
{
    big_endian(buffer, value, 2);
}

void buffer_u16le(struct buffer *buffer, uint16_t value)
{
    little_endian(buffer, value, 2);
}

void buffer_u24be(struct buffer *buffer, uint32_t value)
{
    big_endian(buffer, value, 3);
}

void buffer_u32be(struct buffer *buffer, uint32_t value)
{
    big_endian(buffer, value, 4);
}

void buffer_u32le(struct buffer *buffer, uint32_t value)
{
    little_endian(buffer, value, 4);
}

void buffer_u64le(struct buffer *buffer, uint64_t value)
{
    little_endian(buffer, value, 8);
}

void buffer_padded(struct buffer *buffer, const char *text, size_t width, uint8_t pad)
{
    size_t length = strlen(text);
    buffer_bytes(buffer, text, length < width ? length : width);
    for (size_t i = length; i < width; i++)
        buffer_u8(buffer, pad);
}

size_t buffer_reserve(struct buffer *buffer, size_t width)
{
    size_t at = buffer->size;
    buffer_zeros(buffer, width);
    return at;
}

/* Where a reserved field lies, with the value for it; NULL after an overflow. */
static uint8_t *reserved(struct buffer *buffer, size_t at, size_t width, size_t extra, uint64_t *value_out)
{
    if (buffer->overflow || at + width > buffer->size)
        return NULL;
    *value_out = buffer->size - at - width + extra;
    return buffer->bytes + at;
}

void buffer_length_be(struct buffer *buffer, size_t at, size_t width, size_t extra)
{
    uint64_t value = 0;
    uint8_t *field = reserved(buffer, at, width, extra, &value);
    for (size_t i = 0; field && i < width; i++)
        field[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

void buffer_length_le(struct buffer *buffer, size_t at, size_t width, size_t extra)
{
    uint64_t value = 0;
    uint8_t *field = reserved(buffer, at, width, extra, &value);
    for (size_t i = 0; field && i < width; i++)
        field[i] = (uint8_t)(value >> (8 * i));
}
