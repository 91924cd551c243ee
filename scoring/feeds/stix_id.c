#include "scoring/feeds/stix_id.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 8-4-4-4-12 hexadecimal digits, to the end. */
static bool read_uuid(const char *text, struct stix_id *id)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        int digit = hex_digit(text[i]);
        if (shape[i] == '-' ? text[i] != '-' : digit < 0)
            return false;
        if (shape[i] == '-')
            continue;
        id->high = id->high << 4 | id->low >> 60;
        id->low = id->low << 4 | (uint64_t)digit;
    }
    return text[sizeof shape - 1] == 0;
}

bool stix_id_parse(const char *text, struct stix_id *id_out)
{
    const char *uuid = strstr(text, "--");
    *id_out = (struct stix_id){0, 0, 2166136261u};
    if (!uuid || uuid == text || strlen(text) >= STIX_ID_TEXT_MAX)
        return false;
    for (const char *c = text; c < uuid; c++) /* FNV-1a */
        id_out->type = (id_out->type ^ (unsigned char)*c) * 16777619u;
    return read_uuid(uuid + 2, id_out);
}

int stix_id_compare(const void *a, const void *b)
{
    const struct stix_id *left = a, *right = b;
    if (left->high != right->high)
        return left->high < right->high ? -1 : 1;
    if (left->low != right->low)
        return left->low < right->low ? -1 : 1;
    return left->type < right->type ? -1 : left->type > right->type;
}
