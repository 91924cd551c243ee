#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scanner/commands/listing.h"
#include "targets/utf8.h"

/* The first byte that is not UTF-8; size when all of it is. */
static size_t utf8_end(const char *text, size_t size)
{
    size_t at = 0;
    uint32_t code;
    while (at < size) {
        size_t length = utf8_decode(text + at, size - at, &code);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

static enum status refuse(const char *text, size_t at, struct complaints *complaints)
{
    unsigned line = 1;
    size_t start = 0;
    for (size_t i = 0; i < at; i++)
        if (text[i] == '\n') {
            line++;
            start = i + 1;
        }
    complaints_add(complaints, line, (unsigned)(at - start) + 1,
                   "the file is neither UTF-8 nor GB18030 as a whole; save the table as CSV in one of them");
    return STATUS_WRONG_FILE;
}

static enum status convert(const char *text, size_t size, char *to, size_t capacity, size_t *size_out,
                           struct complaints *complaints)
{
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == (iconv_t)-1)
        return STATUS_NO_MEMORY;
    char *from = (char *)(uintptr_t)text, *out = to;
    size_t left = size, room = capacity;
    bool good = iconv(converter, &from, &left, &out, &room) != (size_t)-1 && left == 0;
    iconv_close(converter);
    *size_out = capacity - room;
    return good ? STATUS_OK : refuse(text, size - left, complaints);
}

/* No GB18030 character grows to more than twice its size. */
enum status listing_decode(const char *text, size_t size, char **text_out, size_t *size_out,
                           struct complaints *complaints)
{
    bool is_utf8 = utf8_end(text, size) == size;
    size_t capacity = is_utf8 ? size : 2 * size;
    char *decoded = malloc(capacity + 1);
    *text_out = NULL;
    *size_out = size;
    if (!decoded)
        return STATUS_NO_MEMORY;
    if (is_utf8 && size)
        memcpy(decoded, text, size);
    enum status status = is_utf8 ? STATUS_OK : convert(text, size, decoded, capacity, size_out, complaints);
    if (status != STATUS_OK) {
        free(decoded);
        return status;
    }
    decoded[*size_out] = 0;
    *text_out = decoded;
    return STATUS_OK;
}

static bool parts_items(uint32_t code)
{
    return code <= ' ' || code == ',' || code == ';' || code == '|' || code == 0xa0 /* no-break space */ ||
           code == 0x3000 /* ideographic space */ || code == 0x3001 /* 、 */ || code == 0xff0c /* ， */ ||
           code == 0xff1b /* ； */;
}

/* The strokes that people write between the ends of a range: - ~ – — － ～ 至. */
static bool is_stroke(uint32_t code)
{
    return code == '-' || code == '~' || code == 0x2013 || code == 0x2014 || code == 0xff0d ||
           code == 0xff5e || code == 0x81f3;
}

/* A cell on its way into a list. */
struct cell {
    const char *at, *end;
    bool of_ranges;
};

static uint32_t peek(const struct cell *cell, size_t *length_out)
{
    uint32_t code = 0;
    *length_out = cell->at == cell->end ? 0 : utf8_decode(cell->at, (size_t)(cell->end - cell->at), &code);
    if (*length_out == 0 && cell->at != cell->end) {
        *length_out = 1;
        return 0xfffd;
    }
    return code;
}

static void skip_blanks(struct cell *cell)
{
    size_t length;
    while (cell->at != cell->end && parts_items(peek(cell, &length)))
        cell->at += length;
}

/* The next item into `item`, which has room for the whole cell: strokes become -, without blanks around them. Its
   size. */
static size_t next_item(struct cell *cell, char *item)
{
    size_t used = 0, length;
    skip_blanks(cell);
    while (cell->at != cell->end) {
        uint32_t code = peek(cell, &length);
        struct cell behind = *cell;
        skip_blanks(&behind);
        bool stroke = cell->of_ranges && behind.at != behind.end && is_stroke(peek(&behind, &length));
        if (stroke && used) {
            behind.at += length;
            skip_blanks(&behind);
            item[used++] = '-';
            *cell = behind;
            continue;
        }
        (void)peek(cell, &length);
        if (parts_items(code))
            break;
        memcpy(item + used, cell->at, length);
        used += length;
        cell->at += length;
    }
    item[used] = 0;
    return used;
}

/* "192.0.2.1-254" means "192.0.2.1-192.0.2.254". NULL when it is not of that form. */
static const char *last_octet(const char *item)
{
    const char *stroke = strchr(item, '-');
    if (!stroke || strspn(item, "0123456789.") != (size_t)(stroke - item))
        return NULL;
    size_t digits = strspn(stroke + 1, "0123456789");
    return digits >= 1 && digits <= 3 && !stroke[1 + digits] && memrchr(item, '.', (size_t)(stroke - item))
               ? stroke
               : NULL;
}

static const char *keep_item(struct arena *arena, const char *item, size_t size, bool of_ranges)
{
    const char *stroke = of_ranges ? last_octet(item) : NULL;
    const char *dot = stroke ? memrchr(item, '.', (size_t)(stroke - item)) : NULL;
    size_t head = stroke ? (size_t)(stroke - item) + 1 : 0, network = dot ? (size_t)(dot - item) + 1 : 0;
    size_t capacity = (size + network) * 4 + TEXT_PIECE_MAX;
    char *text = arena_take(arena, capacity);
    if (!text)
        return NULL;
    if (stroke) {
        memcpy(text, item, head);
        memcpy(text + head, item, network);
        memcpy(text + head + network, stroke + 1, size - head + 1);
    } else {
        text_safe((struct span){(const uint8_t *)item, size}, text, capacity);
    }
    return text;
}

bool listing_cell_split(struct arena *arena, struct span cell, bool of_ranges, struct place place,
                        struct draft_list *list)
{
    const char *text = (const char *)cell.bytes;
    struct cell rest = {text, text + cell.size, of_ranges};
    char *item = malloc(cell.size + 2);
    bool good = item != NULL;
    while (good) {
        size_t size = next_item(&rest, item);
        if (size == 0)
            break;
        const char *kept = keep_item(arena, item, size, of_ranges);
        good = kept && draft_list_add(list, (struct draft_value){kept, place});
    }
    free(item);
    return good;
}
