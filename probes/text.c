#include "probes/text.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "targets/utf8.h"

/* The well-formed UTF-8 character at `at`: its length, 0 for none. */
static size_t utf8_character(struct span span, size_t at, uint32_t *code_out)
{
    return utf8_decode((const char *)span.bytes + at, span.size - at, code_out);
}

/* Could the bytes from `at` to the end be the beginning of a UTF-8 character? */
static bool utf8_cut(struct span span, size_t at)
{
    size_t left = span.size - at;
    uint8_t lead = span.bytes[at];
    size_t size = lead >= 0xc2 && lead <= 0xdf   ? 2
                  : lead >> 4 == 14              ? 3
                  : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                 : 0;
    for (size_t i = 1; i < left; i++)
        if ((span.bytes[at + i] & 0xc0) != 0x80)
            return false;
    return left < size;
}

/* UTF-8 throughout, but for a character that the end cuts. */
static bool is_utf8(struct span span)
{
    uint32_t code;
    bool beyond_ascii = false;
    size_t at = 0;
    for (size_t size = 1; at < span.size; at += size) {
        size = utf8_character(span, at, &code);
        if (size == 0)
            return beyond_ascii && utf8_cut(span, at);
        beyond_ascii = beyond_ascii || size > 1;
    }
    return true;
}

static bool between(uint8_t byte, uint8_t first, uint8_t last)
{
    return byte >= first && byte <= last;
}

/* Bytes of the GB18030 character at `at`: 1, 2 or 4; more than are left when the end cuts it; 0 for none. */
static size_t gb_size(struct span span, size_t at)
{
    const uint8_t *bytes = span.bytes + at;
    size_t left = span.size - at;
    if (bytes[0] < 0x80)
        return 1;
    if (!between(bytes[0], 0x81, 0xfe))
        return 0;
    if (left == 1 || between(bytes[1], 0x40, 0x7e) || between(bytes[1], 0x80, 0xfe))
        return 2;
    bool four = between(bytes[1], '0', '9') && (left < 3 || between(bytes[2], 0x81, 0xfe)) &&
                (left < 4 || between(bytes[3], '0', '9'));
    return four ? 4 : 0;
}

/* As utf8_character, through the C library's table. */
static size_t gb_character(iconv_t table, struct span span, size_t at, uint32_t *code_out)
{
    size_t size = gb_size(span, at);
    if (size == 0 || size > span.size - at)
        return 0;
    char bytes[4];
    memcpy(bytes, span.bytes + at, size);
    uint8_t utf32[8];
    char *in = bytes, *out = (char *)utf32;
    size_t in_left = size, out_left = sizeof utf32;
    if (iconv(table, &in, &in_left, &out, &out_left) == (size_t)-1 || in_left != 0 || out_left != 4)
        return 0;
    *code_out = (uint32_t)utf32[0] | (uint32_t)utf32[1] << 8 | (uint32_t)utf32[2] << 16;
    return size;
}

static bool is_gb18030(iconv_t table, struct span span)
{
    uint32_t code;
    bool ideograph = false;
    for (size_t at = 0, size; at < span.size; at += size) {
        size = gb_character(table, span, at, &code);
        if (size == 0)
            return ideograph && gb_size(span, at) > span.size - at;
        ideograph =
            ideograph || (size == 2 && between(span.bytes[at], 0xb0, 0xf7) && span.bytes[at + 1] >= 0xa1);
    }
    return ideograph;
}

static bool control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Marks that reorder or hide what stands beside them: Unicode's bidirectional and format characters, line
 * separators, fillers, variation selectors, tags. */
static bool treacherous(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},   {0x115f, 0x1160}, {0x17b4, 0x17b5},
        {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
        {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xfdd0, 0xfdef},
    };
    if ((code & 0xfffe) == 0xfffe) /* no character, as fdd0 to fdef are none */
        return true;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

bool text_unsafe(uint32_t code)
{
    return control(code) || treacherous(code);
}

static size_t encode_utf8(uint32_t code, char *piece)
{
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; i > 1; i--) {
        piece[i - 1] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    piece[0] = (char)(leads[size] | code);
    return size;
}

/* Text that grows by whole pieces only; the first that does not fit ends it. */
struct writer {
    char *text;
    size_t capacity;
    size_t length;
    bool full;
};

static void put(struct writer *writer, const char *piece, size_t size)
{
    writer->full = writer->full || writer->length + size + 1 > writer->capacity;
    if (writer->full)
        return;
    memcpy(writer->text + writer->length, piece, size);
    writer->length += size;
}

static void put_byte(struct writer *writer, uint8_t byte)
{
    char piece[TEXT_PIECE_MAX];
    put(writer, piece, (size_t)snprintf(piece, sizeof piece, "\\x%02x", byte));
}

static void put_code(struct writer *writer, uint32_t code)
{
    char piece[TEXT_PIECE_MAX];
    bool surrogate = code >= 0xd800 && code < 0xe000;
    if (control(code))
        put_byte(writer, (uint8_t)code);
    else if (surrogate || treacherous(code))
        put(writer, piece, (size_t)snprintf(piece, sizeof piece, "\\u{%04x}", (unsigned)code));
    else
        put(writer, piece, encode_utf8(code, piece));
}

static size_t finish(struct writer *writer)
{
    if (writer->capacity)
        writer->text[writer->length] = 0;
    return writer->length;
}

#define NO_TABLE ((iconv_t)-1)

size_t text_safe(struct span span, char *text, size_t capacity)
{
    struct writer writer = {text, capacity, 0, false};
    iconv_t table = is_utf8(span) ? NO_TABLE : iconv_open("UTF-32LE", "GB18030");
    bool gb18030 = table != NO_TABLE && is_gb18030(table, span);
    for (size_t at = 0; at < span.size && !writer.full;) {
        uint32_t code = 0;
        size_t size = gb18030 ? gb_character(table, span, at, &code) : utf8_character(span, at, &code);
        if (size)
            put_code(&writer, code);
        else
            put_byte(&writer, span.bytes[at]);
        at += size ? size : 1;
    }
    if (table != NO_TABLE)
        iconv_close(table);
    return finish(&writer);
}

size_t text_safe_utf16le(struct span span, char *text, size_t capacity)
{
    struct writer writer = {text, capacity, 0, false};
    struct cursor reader = cursor_over(span.bytes, span.size);
    while (cursor_left(&reader) >= 2 && !writer.full) {
        uint32_t code = cursor_u16le(&reader);
        struct cursor ahead = reader;
        uint16_t low = cursor_u16le(&ahead);
        if (code >> 10 == 0x36 && cursor_good(&ahead) && low >> 10 == 0x37) {
            code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
            reader = ahead;
        }
        put_code(&writer, code);
    }
    if (cursor_left(&reader) == 1)
        put_byte(&writer, cursor_u8(&reader));
    return finish(&writer);
}
