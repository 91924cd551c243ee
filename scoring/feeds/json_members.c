#include "scoring/feeds/json_members.h"

#include <string.h>

#include "targets/json.h"

static const char *skip_space(const char *at, const char *end)
{
    return at + json_skip_space(at, (size_t)(end - at), 0);
}

/* Behind the string that begins here. */
static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\' && end - at > 1;
    return at < end ? at + 1 : end;
}

/* Behind the object or array that begins here: brackets of either kind are counted alike, since checked text
   has them in pairs. */
static const char *skip_nested(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= (*at == '}' || *at == ']') && depth > 0;
        at++;
        if (depth == 0)
            break;
    }
    return at;
}

static const char *skip_value(const char *at, const char *end)
{
    if (at == end)
        return end;
    if (*at == '"')
        return skip_string(at, end);
    if (*at == '{' || *at == '[')
        return skip_nested(at, end);
    const char *start = at;
    while (at<end && * at> ' ' && *at != ',' && *at != '}' && *at != ']')
        at++;
    return at == start ? at + 1 : at;
}

struct json_members json_members(struct json_value value)
{
    bool has = value.size >= 2 && (*value.text == '{' || *value.text == '[');
    if (!has)
        return (struct json_members){0};
    return (struct json_members){value.text + 1, value.text + value.size - 1, *value.text == '{'};
}

/* The next piece; the place moves behind it and the sign that follows it, a comma or a colon. */
static struct json_value take(struct json_members *members)
{
    const char *start = skip_space(members->at, members->end);
    const char *behind = skip_value(start, members->end);
    members->at = skip_space(behind, members->end);
    members->at += members->at < members->end;
    return (struct json_value){start, (size_t)(behind - start)};
}

bool json_next(struct json_members *members, struct json_value *name_out, struct json_value *value_out)
{
    *name_out = *value_out = (struct json_value){0};
    if (!members->at)
        return false;
    if (members->named)
        *name_out = take(members);
    *value_out = take(members);
    return value_out->size > 0;
}

bool json_named(struct json_value name, const char *word)
{
    char text[64];
    size_t length = strlen(word);
    if (name.size == length + 2)
        return memcmp(name.text + 1, word, length) == 0;
    return name.size > length + 2 && memchr(name.text, '\\', name.size) &&
           json_text(name, text, sizeof text) && strcmp(text, word) == 0;
}

struct json_value json_member(struct json_value object, const char *name)
{
    struct json_value found, value;
    for (struct json_members members = json_members(object); json_next(&members, &found, &value);)
        if (json_named(found, name))
            return value;
    return (struct json_value){0};
}

static uint32_t hex4(const char *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = (unsigned char)at[i];
        value = value << 4 | (c <= '9' ? c - '0' : ((c | 0x20) - 'a' + 10) & 15);
    }
    return value;
}

static size_t encode(uint32_t code, char bytes[4])
{
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length - 1; i > 0; i--, code >>= 6)
        bytes[i] = (char)(0x80 | (code & 0x3f));
    bytes[0] = (char)(leads[length] | code);
    return length;
}

/* \uXXXX and its second half where it is one of a pair; *at stands on the backslash. */
static size_t read_unicode(const char **at, const char *end, char bytes[4])
{
    if (end - *at < 6) {
        *at = end;
        return 0;
    }
    uint32_t code = hex4(*at + 2);
    *at += 6;
    if (code >= 0xd800 && code < 0xdc00 && end - *at >= 6) {
        code = 0x10000 + ((code & 0x3ff) << 10) + (hex4(*at + 2) & 0x3ff);
        *at += 6;
    }
    return encode(code, bytes);
}

/* One character of a string as it is meant; its bytes. *at moves behind it. */
static size_t read_character(const char **at, const char *end, char bytes[4])
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    if (**at != '\\') {
        size_t length = 0;
        do
            bytes[length++] = *(*at)++;
        while (length < 4 && *at < end && ((unsigned char)**at & 0xc0) == 0x80);
        return length;
    }
    char c = end - *at > 1 ? (*at)[1] : 0;
    if (c == 'u')
        return read_unicode(at, end, bytes);
    const char *letter = c ? strchr(letters, c) : NULL;
    bytes[0] = letter ? meant[letter - letters] : c;
    *at += end - *at > 1 ? 2 : 1;
    return 1;
}

/* True when it was a string; *whole_out whether all of it fitted. */
static bool copy_text(struct json_value value, char *text, size_t capacity, bool *whole_out)
{
    size_t size = 0;
    text[0] = 0;
    *whole_out = false;
    if (value.size < 2 || *value.text != '"')
        return false;
    const char *at = value.text + 1, *end = value.text + value.size - 1;
    while (at < end) {
        char bytes[4];
        size_t length = read_character(&at, end, bytes);
        if (size + length + 1 > capacity)
            return true;
        memcpy(text + size, bytes, length);
        size += length;
        text[size] = 0;
    }
    *whole_out = true;
    return true;
}

bool json_text(struct json_value value, char *text, size_t capacity)
{
    bool whole;
    if (copy_text(value, text, capacity, &whole) && whole)
        return true;
    text[0] = 0;
    return false;
}

bool json_text_cut(struct json_value value, char *text, size_t capacity)
{
    bool whole;
    return copy_text(value, text, capacity, &whole);
}

bool json_whole(struct json_value value, uint64_t *number_out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < value.size; i++) {
        uint64_t digit = (uint64_t)(unsigned char)value.text[i] - '0';
        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *number_out = number;
    return value.size > 0;
}
