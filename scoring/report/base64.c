#include "scoring/report/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(const uint8_t *bytes, size_t size, char *text)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t block = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0u);
        *text++ = alphabet[block >> 18];
        *text++ = alphabet[block >> 12 & 63];
        *text++ = left > 1 ? alphabet[block >> 6 & 63] : '=';
        *text++ = left > 2 ? alphabet[block & 63] : '=';
    }
    *text = 0;
}

bool base64_read(const char *text, uint8_t *bytes, size_t capacity, size_t *size_out)
{
    size_t length = strlen(text), digits = strcspn(text, "="), size = 0;
    uint32_t block = 0;
    if (length - digits > 2 || strspn(text + digits, "=") != length - digits || digits % 4 == 1 ||
        (length != digits && length % 4 != 0) || digits / 4 * 3 + digits % 4 * 3 / 4 > capacity)
        return false;
    for (size_t i = 0; i < digits; i++) {
        const char *at = strchr(alphabet, text[i]);
        if (!at)
            return false;
        block = block << 6 | (uint32_t)(at - alphabet);
        if (i % 4)
            bytes[size++] = (uint8_t)(block >> (6 - i % 4 * 2));
    }
    *size_out = size;
    return true;
}
