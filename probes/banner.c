#include "probes/banner.h"

#include <string.h>

#include "probes/product.h"

static bool word_byte(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What follows the mark where it is a word of its own. */
static bool behind(struct span text, const char *mark, struct span *rest_out)
{
    size_t size = strlen(mark);
    for (size_t i = 0; i < text.size; i++) {
        struct span here = span_from(text, i);
        bool starts = i == 0 || !word_byte(text.bytes[i - 1]);
        bool ends = here.size <= size || !word_byte(here.bytes[size]) || !word_byte((uint8_t)mark[size - 1]);
        if (!starts || !ends || !span_starts_nocase(here, mark))
            continue;
        *rest_out = span_from(here, size);
        return true;
    }
    return false;
}

/* Words that may stand between a product and its version. */
static bool filler(struct span word)
{
    static const char *const fillers[] = {"",    "server",  "service", "smtp",
                                          "ftp", "version", "ver",     "release"};
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
        if (span_equals_nocase(word, fillers[i]))
            return true;
    return false;
}

static bool digit_at(struct span word, size_t at)
{
    return at < word.size && word.bytes[at] >= '0' && word.bytes[at] <= '9';
}

#define WORDS_MAX 8

static struct span version_behind(struct span rest)
{
    for (int i = 0; i < WORDS_MAX && rest.size; i++) {
        struct span ahead = rest;
        struct span told = span_cut(&ahead, " ,;()[]<>\"\r\n");
        struct span word = span_cut(&rest, " ,;:()[]<>/-\r\n");
        if (digit_at(told, 0))
            return told;
        if ((span_starts_nocase(word, "v")) && digit_at(told, 1))
            return span_from(told, 1);
        if (!filler(word))
            break;
    }
    return (struct span){0};
}

#define PACKAGER_REACH 40 /* bytes behind a mark in which its packager stands */

bool banner_observe(struct observation *observation, const struct banner_product *products, struct span text)
{
    struct span rest;
    while (products->mark && !behind(text, products->mark, &rest))
        products++;
    if (!products->mark)
        return false;
    product_observe(observation, products->product, version_behind(rest));
    product_observe_packager(observation, span_first(rest, PACKAGER_REACH));
    return true;
}

struct span banner_without_date(struct span line)
{
    static const char *const days[] = {" Mon, ", " Tue, ", " Wed, ", " Thu, ", " Fri, ", " Sat, ", " Sun, "};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++)
        line = span_first(line, span_find(line, days[i]));
    line = span_trim(line);
    if (line.size && line.bytes[line.size - 1] == ';')
        line.size--;
    return line;
}
