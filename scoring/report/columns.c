#include "scoring/report/columns.h"

#include <stdbool.h>
#include <string.h>

#include "targets/utf8.h"

struct span_of_codes {
    uint32_t first, last;
};

/* Unicode 15 East_Asian_Width W and F, neighbouring blocks joined. */
static const struct span_of_codes wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},
    {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},
    {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},
    {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},
    {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c},
    {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4},
    {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e},
    {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f},
    {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6d7}, {0x1f6dc, 0x1f6df},
    {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f7f0, 0x1f7f0}, {0x1f90c, 0x1f93a},
    {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

/* Marks that sit on the character before them. */
static const struct span_of_codes combining[] = {
    {0x0300, 0x036f},   {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0900, 0x0902},   {0x093c, 0x093c}, {0x0941, 0x0948}, {0x094d, 0x094d}, {0x0e31, 0x0e31},
    {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
    {0x20d0, 0x20ff},   {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xe0100, 0xe01ef},
};

static bool among(uint32_t code, const struct span_of_codes *spans, size_t count)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > spans[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && code >= spans[low].first;
}

static unsigned width_of(uint32_t code)
{
    if (code < 0x300)
        return 1;
    if (among(code, combining, sizeof combining / sizeof combining[0]))
        return 0;
    return among(code, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

/* The character at the front; a byte that is no UTF-8 counts as one column. */
static size_t character(const char *text, uint32_t *code_out)
{
    size_t size = utf8_decode(text, strlen(text), code_out);
    if (size == 0)
        *code_out = '?';
    return size ? size : 1;
}

size_t columns_of(const char *text)
{
    size_t columns = 0;
    for (uint32_t code; *text; columns += width_of(code))
        text += character(text, &code);
    return columns;
}

static bool closes(uint32_t code)
{
    static const uint32_t marks[] = {0x3001, 0x3002, 0xff0c, 0xff1b, 0xff1a, 0xff01, 0xff1f, 0xff09,
                                     0x300b, 0x300d, 0x300f, 0x3011, 0x3015, 0x201d, 0x2019, 0x2026,
                                     '.',    ',',    ';',    ':',    '!',    '?',    ')',    ']'};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (marks[i] == code)
            return true;
    return false;
}

static bool opens(uint32_t code)
{
    return code == 0xff08 || code == 0x300a || code == 0x300c || code == 0x300e || code == 0x3010 ||
           code == 0x201c || code == 0x2018 || code == '(' || code == '[';
}

/* May a line end between these two? */
static bool parts(uint32_t before, uint32_t after)
{
    if (closes(after) || opens(before))
        return false;
    return width_of(before) == 2 || width_of(after) == 2;
}

/* Bytes without blanks at the end. */
static size_t trimmed(const char *text, size_t size)
{
    while (size > 0 && text[size - 1] == ' ')
        size--;
    return size;
}

size_t columns_break(const char *text, size_t width, size_t *next_out)
{
    size_t at = 0, columns = 0, chance = 0;
    for (uint32_t code, before = 0; text[at]; before = code) {
        size_t size = character(text + at, &code);
        bool blank = code == ' ';
        if (at > 0 && !blank && (before == ' ' || parts(before, code)))
            chance = at;
        if (!blank && at > 0 && columns + width_of(code) > width) {
            size_t end = chance ? chance : at;
            *next_out = end;
            return trimmed(text, end);
        }
        columns += width_of(code);
        at += size;
    }
    *next_out = at;
    return trimmed(text, at);
}
