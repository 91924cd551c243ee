#include "targets/utf8.h"

/* How many bytes the first one announces, the bits that it carries, and the least code that needs so many. */
static size_t announced(unsigned char first, uint32_t *bits_out, uint32_t *least_out)
{
    static const struct {
        unsigned char mask, mark;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if ((first & forms[i].mask) != forms[i].mark)
            continue;
        *bits_out = first & (unsigned char)~forms[i].mask;
        *least_out = forms[i].least;
        return i + 1;
    }
    return 0;
}

size_t utf8_decode(const char *bytes, size_t size, uint32_t *code_out)
{
    uint32_t code;
    uint32_t least;
    size_t length = size ? announced((unsigned char)bytes[0], &code, &least) : 0;
    if (length == 0 || length > size)
        return 0;
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)bytes[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (next & 0x3f);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *code_out = code;
    return length;
}

bool utf8_unsafe(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } unsafe[] = {
        {0x00, 0x1f},     /* C0 controls */
        {0x7f, 0x9f},     /* DEL and C1 controls */
        {0xad, 0xad},     /* soft hyphen */
        {0x61c, 0x61c},   /* bidirectional marks */
        {0x200b, 0x200b}, /* zero width space; the joiners beside it are needed to write Persian and Hindi */
        {0x200e, 0x200f}, /* left and right marks */
        {0x2028, 0x202e}, /* line separators; embeddings and overrides */
        {0x2060, 0x206f}, /* invisible operators and isolates */
        {0xfeff, 0xfeff}, /* byte order mark */
        {0xfff9, 0xfffb}, /* interlinear annotation */
        {0xe0000, 0xe007f}, /* tags */
    };
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++)
        if (code >= unsafe[i].first && code <= unsafe[i].last)
            return true;
    return (code & 0xfffe) == 0xfffe;
}
