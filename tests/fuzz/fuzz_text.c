#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "probes/text.h"

/* Is it UTF-8 without controls and without marks that reorder? Decoded here once more, by the table of RFC
 * 3629 §4, so that the two do not share a mistake. */
static void check(const char *text, size_t length, size_t capacity)
{
    if (length + 1 > capacity || strlen(text) != length)
        abort();
    const uint8_t *at = (const uint8_t *)text, *end = at + length;
    while (at < end) {
        size_t left = (size_t)(end - at), size = 1;
        if (at[0] >= 0x80) {
            uint8_t least = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
            uint8_t most = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
            size = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
            if (at[0] < 0xc2 || at[0] > 0xf4 || size > left || at[1] < least || at[1] > most)
                abort();
            for (size_t i = 2; i < size; i++)
                if (at[i] < 0x80 || at[i] > 0xbf)
                    abort();
        }
        bool control = at[0] < 0x20 || at[0] == 0x7f || (at[0] == 0xc2 && at[1] < 0xa0);
        bool reorders = size == 3 && at[0] == 0xe2 &&
                        ((at[1] == 0x80 && at[2] >= 0xa8 && at[2] <= 0xae) ||
                         (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));
        if (control || reorders)
            abort();
        at += size;
    }
}

/* Byte 0 is the room for the text; the rest are the bytes, read as text and as UTF-16. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || data[0] == 0)
        return 0;
    size_t capacity = data[0];
    struct span span = {data + 1, size - 1};
    char *text = malloc(capacity);
    if (!text)
        return 0;
    check(text, text_safe(span, text, capacity), capacity);
    check(text, text_safe_utf16le(span, text, capacity), capacity);
    free(text);
    return 0;
}
