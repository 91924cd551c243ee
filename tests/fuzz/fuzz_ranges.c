#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "targets/ranges.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_normal(const struct ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++) {
        struct range range = ranges->items[i];
        require(address_compare(range.first, range.last) <= 0);
        require(address_is_ipv4(range.first) == address_is_ipv4(range.last));
        require(ranges_hold(ranges, range));
        require(i == 0 || address_compare(ranges->items[i - 1].last, range.first) < 0);
    }
}

static void check_index(const struct ranges *ranges)
{
    struct ranges_index index;
    if (ranges_index_init(&index, ranges) != STATUS_OK)
        return;
    for (uint64_t i = 0; i < 16 && i < index.total; i++) {
        uint64_t number = i % 2 ? index.total - 1 - i : i;
        struct address address = ranges_index_at(&index, number);
        require(ranges_contain(ranges, address) && ranges_index_of(&index, address) == number);
    }
    ranges_index_deinit(&index);
}

/* An address that was read is written so that it reads the same. */
static void check_form(struct address address)
{
    char text[ADDRESS_TEXT_MAX];
    struct address back;
    address_format(address, text);
    require(address_parse(text, strlen(text), &back) && address_compare(address, back) == 0);
}

static void add(struct ranges *ranges, const char *text)
{
    struct range range;
    const char *why = NULL;
    if (!range_parse(text, &range, &why)) {
        require(why != NULL);
        return;
    }
    check_form(range.first);
    check_form(range.last);
    require(ranges_add(ranges, range) == STATUS_OK);
}

/* Lines of ranges; those behind a "!" are taken out of the others. */
static void read_lines(char *text, struct ranges *ranges, struct ranges *minus)
{
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        add(*line == '!' ? minus : ranges, line + (*line == '!'));
    }
    ranges_normalise(ranges);
    ranges_normalise(minus);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ranges ranges, minus;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    ranges_init(&ranges);
    ranges_init(&minus);
    read_lines(text, &ranges, &minus);
    check_normal(&ranges);
    check_index(&ranges);
    require(ranges_subtract(&ranges, &minus) == STATUS_OK);
    check_normal(&ranges);
    check_index(&ranges);
    for (size_t i = 0; i < minus.count; i++)
        require(!ranges_overlap(&ranges, minus.items[i]));
    ranges_deinit(&ranges);
    ranges_deinit(&minus);
    free(text);
    return 0;
}
