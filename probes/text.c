#include "probes/text.h"

#include <stdio.h>
#include <string.h>

/* Length of the well-formed UTF-8 character at `at` (RFC 3629), with its code point, or 0. */
static size_t utf8_character(struct span span, size_t at, uint32_t *code_out)
{
    uint8_t lead = span.bytes[at];
    size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (size == 0 || size > span.size - at)
        return 0;
    uint32_t code = size == 1 ? lead : lead & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((span.bytes[at + i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (span.bytes[at + i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code < 0xe000;
    *code_out = code;
    return code < least[size] || surrogate || code > 0x10ffff ? 0 : size;
}

static bool control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Marks that reorder or hide what stands beside them (Unicode bidirectional and format characters, U+2028/9,
 * BOM, tags). */
static bool treacherous(uint32_t code)
{
    return code == 0xad || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe0fff);
}

size_t text_safe(struct span span, char *text, size_t capacity)
{
    size_t length = 0;
    for (size_t at = 0; at < span.size;) {
        uint32_t code = 0;
        char piece[16];
        size_t size = utf8_character(span, at, &code);
        int wrote = (int)size;
        if (size == 0 || control(code))
            wrote = snprintf(piece, sizeof piece, "\\x%02x", span.bytes[at]);
        else if (treacherous(code))
            wrote = snprintf(piece, sizeof piece, "\\u{%04x}", (unsigned)code);
        else
            memcpy(piece, span.bytes + at, size);
        if (length + (size_t)wrote + 1 > capacity)
            break;
        memcpy(text + length, piece, (size_t)wrote);
        length += (size_t)wrote;
        at += size ? size : 1;
    }
    if (capacity)
        text[length] = 0;
    return length;
}
