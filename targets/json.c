#include "targets/json.h"

#include <string.h>

#include "targets/utf8.h"

#define DEPTH_LIMIT 64

enum expected { EXPECT_VALUE, EXPECT_ITEM_OR_END, EXPECT_NAME, EXPECT_NAME_OR_END, EXPECT_MORE };

struct scan {
    const char *text;
    size_t size;
    size_t at;
    unsigned depth;
    unsigned depth_max;
    char open[DEPTH_LIMIT]; /* '{' or '[' for each level */
    enum expected expected;
    struct json_mistake *mistake;
};

static bool mistake(struct scan *scan, size_t at, const char *why)
{
    *scan->mistake = (struct json_mistake){at, why};
    return false;
}

/* 0 at the end; a NUL byte in the text itself is no JSON anywhere, so that the two need no telling apart. */
static char peek(const struct scan *scan)
{
    return scan->at < scan->size ? scan->text[scan->at] : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t json_mark_size(const char *text, size_t size)
{
    return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

size_t json_skip_space(const char *text, size_t size, size_t at)
{
    while (at < size && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

static bool hex4(const struct scan *scan, size_t at, uint32_t *value_out)
{
    uint32_t value = 0;
    if (scan->size - at < 4)
        return false;
    for (size_t i = at; i < at + 4; i++) {
        char c = scan->text[i];
        uint32_t lower = (uint32_t)(c | 0x20);
        if (is_digit(c))
            value = value << 4 | (uint32_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (lower - 'a' + 10);
        else
            return false;
    }
    *value_out = value;
    return true;
}

static bool scan_unicode_escape(struct scan *scan)
{
    size_t start = scan->at;
    uint32_t code;
    uint32_t low;
    if (!hex4(scan, start + 2, &code))
        return mistake(scan, start, "\\u takes four hexadecimal digits");
    scan->at += 6;
    if (code == 0)
        return mistake(scan, start, "\\u0000 can't stand in a text here; leave it out");
    if (code < 0xd800 || code > 0xdfff)
        return true;
    bool paired = code < 0xdc00 && scan->size - scan->at >= 6 && scan->text[scan->at] == '\\' &&
                  scan->text[scan->at + 1] == 'u' && hex4(scan, scan->at + 2, &low) && low >= 0xdc00 &&
                  low <= 0xdfff;
    if (!paired)
        return mistake(scan, start, "half of a surrogate pair; write the character itself in UTF-8");
    scan->at += 6;
    return true;
}

static bool scan_escape(struct scan *scan)
{
    if (scan->size - scan->at < 2)
        return mistake(scan, scan->at, "the file ends amid a string; close it with \"");
    char c = scan->text[scan->at + 1];
    if (c == 'u')
        return scan_unicode_escape(scan);
    if (c == 0 || !strchr("\"\\/bfnrt", c))
        return mistake(scan, scan->at, "no such escape; write \\\\ for a backslash");
    scan->at += 2;
    return true;
}

/* Plain characters and escapes up to the closing quote; the scan stands on the opening one. */
static bool scan_string(struct scan *scan)
{
    uint32_t code;
    for (scan->at++; scan->at < scan->size;) {
        char c = scan->text[scan->at];
        if (c == '"') {
            scan->at++;
            return true;
        }
        if (c == '\\') {
            if (!scan_escape(scan))
                return false;
            continue;
        }
        if ((unsigned char)c < 0x20)
            return mistake(scan, scan->at,
                           "a control character or line break in a string; close the string with \" "
                           "or leave the character out");
        size_t length = 1;
        if ((unsigned char)c >= 0x80)
            length = utf8_decode(scan->text + scan->at, scan->size - scan->at, &code);
        if (length == 0)
            return mistake(scan, scan->at, "not UTF-8; save the file as UTF-8");
        scan->at += length;
    }
    return mistake(scan, scan->at, "the file ends amid a string; close it with \"");
}

static bool scan_digits(struct scan *scan)
{
    if (!is_digit(peek(scan)))
        return mistake(scan, scan->at, "a digit is missing here; write numbers as 2, 4.5 or 1e6");
    while (is_digit(peek(scan)))
        scan->at++;
    return true;
}

static bool scan_number(struct scan *scan)
{
    size_t start = scan->at;
    scan->at += peek(scan) == '-';
    bool zero = peek(scan) == '0';
    if (!scan_digits(scan))
        return false;
    if (zero && is_digit(scan->text[scan->at - 1]) && scan->at - start > (scan->text[start] == '-' ? 2u : 1u))
        return mistake(scan, start,
                       "a number has no leading zeros; put quotes around it if it is meant as text");
    if (peek(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    if (peek(scan) == 'e' || peek(scan) == 'E') {
        scan->at++;
        scan->at += peek(scan) == '+' || peek(scan) == '-';
        if (!scan_digits(scan))
            return false;
    }
    return scan->at - start <= JSON_NUMBER_MAX ||
           mistake(scan, start, "a number of more than 60 characters; round it");
}

static bool scan_word(struct scan *scan)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (scan->size - scan->at < length || memcmp(scan->text + scan->at, words[i], length) != 0)
            continue;
        scan->at += length;
        return true;
    }
    return mistake(scan, scan->at, "not a value; text stands in double quotes, as in \"text\"");
}

static bool scan_open(struct scan *scan, char c)
{
    if (scan->depth == scan->depth_max)
        return mistake(scan, scan->at, "nested too deeply; nothing here needs so many levels");
    scan->open[scan->depth++] = c;
    scan->at++;
    scan->expected = c == '{' ? EXPECT_NAME_OR_END : EXPECT_ITEM_OR_END;
    return true;
}

static bool no_value(struct scan *scan, char c)
{
    switch (c) {
    case 0:
        return mistake(scan, scan->at,
                       scan->at < scan->size ? "a NUL byte; save the file as UTF-8 text"
                                             : "the file ends where a value is expected");
    case '}':
    case ']':
    case ',':
        return mistake(scan, scan->at, "a value is missing here; write one, or remove the comma before it");
    case '\'':
        return mistake(scan, scan->at, "strings stand in double quotes, as in \"text\"");
    case '/':
    case '#':
        return mistake(scan, scan->at, "JSON has no comments; remove it");
    default:
        return scan_word(scan);
    }
}

static bool scan_value(struct scan *scan)
{
    char c = peek(scan);
    if (c == '{' || c == '[')
        return scan_open(scan, c);
    scan->expected = EXPECT_MORE;
    if (c == '"')
        return scan_string(scan);
    if (c == '-' || is_digit(c))
        return scan_number(scan);
    return no_value(scan, c);
}

static bool scan_close(struct scan *scan)
{
    scan->at++;
    scan->depth--;
    scan->expected = EXPECT_MORE;
    return true;
}

static bool scan_name(struct scan *scan)
{
    if (peek(scan) == '}')
        return mistake(scan, scan->at, "a name is missing here; remove the comma before the \"}\"");
    if (peek(scan) != '"')
        return mistake(scan, scan->at, "a name in double quotes is expected here, as in \"name\": value");
    if (!scan_string(scan))
        return false;
    scan->at = json_skip_space(scan->text, scan->size, scan->at);
    if (peek(scan) != ':')
        return mistake(scan, scan->at, "a \":\" is expected between a name and its value");
    scan->at++;
    scan->expected = EXPECT_VALUE;
    return true;
}

/* Behind a value inside an object or array. */
static bool scan_more(struct scan *scan)
{
    char c = peek(scan);
    bool object = scan->open[scan->depth - 1] == '{';
    if (c == (object ? '}' : ']'))
        return scan_close(scan);
    if (c == ',') {
        scan->at++;
        scan->expected = object ? EXPECT_NAME : EXPECT_VALUE;
        return true;
    }
    if (scan->at == scan->size)
        return mistake(scan, scan->at,
                       object ? "the file ends inside an object; close it with \"}\""
                              : "the file ends inside an array; close it with \"]\"");
    return mistake(scan, scan->at,
                   object ? "a \",\" or \"}\" is expected here" : "a \",\" or \"]\" is expected here");
}

static bool scan_step(struct scan *scan)
{
    switch (scan->expected) {
    case EXPECT_VALUE:
        return scan_value(scan);
    case EXPECT_ITEM_OR_END:
        return peek(scan) == ']' ? scan_close(scan) : scan_value(scan);
    case EXPECT_NAME:
        return scan_name(scan);
    case EXPECT_NAME_OR_END:
        return peek(scan) == '}' ? scan_close(scan) : scan_name(scan);
    case EXPECT_MORE:
        return scan_more(scan);
    }
    return false;
}

bool json_check(const char *text, size_t size, unsigned depth_max, struct json_mistake *mistake_out)
{
    struct scan scan = {.text = text, .size = size, .mistake = mistake_out};
    scan.depth_max = depth_max < DEPTH_LIMIT ? depth_max : DEPTH_LIMIT;
    scan.at = json_skip_space(text, size, json_mark_size(text, size));
    if (scan.at == size)
        return mistake(&scan, 0, "the file is empty");
    do {
        if (!scan_step(&scan))
            return false;
        scan.at = json_skip_space(text, size, scan.at);
    } while (scan.depth > 0 || scan.expected != EXPECT_MORE);
    return scan.at == size ||
           mistake(&scan, scan.at, "the file goes on behind its one value; remove the rest");
}
