#include "scoring/feeds/json_elements.h"

#include <stdlib.h>
#include <string.h>

#include "targets/json.h"

enum state { START, FIRST_MEMBER, MEMBER, MORE_MEMBERS, FIRST_ITEM, ITEM, MORE_ITEMS, END };

enum status json_elements_init(struct json_elements *elements, struct feed_source *source, const char *list)
{
    *elements =
        (struct json_elements){.source = source, .list = list, .line = 1, .column = 1, .state = START};
    elements->capacity = 4096;
    elements->text = malloc(elements->capacity);
    return elements->text ? STATUS_OK : STATUS_NO_MEMORY;
}

void json_elements_deinit(struct json_elements *elements)
{
    free(elements->text);
    elements->text = NULL;
}

/* The next byte without taking it, -1 at the end of the file. */
static enum status peek(struct json_elements *elements, int *byte_out)
{
    enum status status = STATUS_OK;
    if (elements->chunk.size == 0)
        status = feed_source_chunk(elements->source, &elements->chunk);
    *byte_out = status == STATUS_OK && elements->chunk.size ? elements->chunk.bytes[0] : -1;
    return status;
}

static void advance(struct json_elements *elements)
{
    bool line = elements->chunk.bytes[0] == '\n';
    elements->chunk.bytes++;
    elements->chunk.size--;
    elements->line += line;
    elements->column = line ? 1 : elements->column + 1;
}

static enum status complain_here(struct json_elements *elements, const char *why)
{
    complaints_add(elements->source->complaints, elements->line, elements->column, "%s", why);
    return STATUS_WRONG_FILE;
}

enum status json_elements_complain(struct json_elements *elements, const char *at, const char *format, ...)
{
    unsigned line = elements->from_line, column = elements->from_column;
    va_list arguments;
    for (const char *c = elements->text + elements->name_size; c < at; c++) {
        line += *c == '\n';
        column = *c == '\n' ? 1 : column + 1;
    }
    va_start(arguments, format);
    complaints_add_list(elements->source->complaints, line, column, format, arguments);
    va_end(arguments);
    return STATUS_WRONG_FILE;
}

/* The next byte that is not white space. */
static enum status peek_sign(struct json_elements *elements, int *byte_out)
{
    enum status status = peek(elements, byte_out);
    while (status == STATUS_OK && *byte_out > 0 && strchr(" \t\r\n", *byte_out)) {
        advance(elements);
        status = peek(elements, byte_out);
    }
    return status;
}

static enum status keep(struct json_elements *elements, int byte)
{
    if (elements->size == elements->capacity) {
        if (elements->size >= JSON_ELEMENT_MAX)
            return complain_here(elements, "one object of more than 16 MiB; is this the right file?");
        char *grown = realloc(elements->text, elements->capacity * 2);
        if (!grown)
            return STATUS_NO_MEMORY;
        elements->text = grown;
        elements->capacity *= 2;
    }
    elements->text[elements->size++] = (char)byte;
    advance(elements);
    return STATUS_OK;
}

/* Where in a value the copying stands. */
struct carving {
    size_t depth;
    bool quoted, escaped, plain; /* plain: a number or word, which ends before the sign behind it */
};

/* True when this byte is no longer of the value. */
static bool ends_before(const struct carving *carving, int byte)
{
    return carving->plain && (byte < 0 || strchr(",]} \t\r\n", byte));
}

/* Takes note of one byte; true when the value ends with it. */
static bool ends_with(struct carving *carving, int byte)
{
    if (carving->quoted) {
        bool closes = byte == '"' && !carving->escaped;
        carving->escaped = byte == '\\' && !carving->escaped;
        carving->quoted = !closes;
        return closes && carving->depth == 0;
    }
    carving->quoted = byte == '"';
    carving->depth += byte == '{' || byte == '[';
    if (byte != '}' && byte != ']') {
        carving->plain = carving->depth == 0 && !carving->quoted;
        return false;
    }
    carving->depth -= carving->depth > 0;
    return carving->depth == 0;
}

/* Copies one value behind what is there; what it is made of is checked by whoever has it whole. */
static enum status carve(struct json_elements *elements)
{
    struct carving carving = {0};
    for (;;) {
        int byte;
        enum status status = peek(elements, &byte);
        if (status != STATUS_OK || ends_before(&carving, byte))
            return status;
        if (byte < 0)
            return complain_here(elements, "the file ends amid a value; it is cut off");
        bool last = ends_with(&carving, byte);
        status = keep(elements, byte);
        if (status != STATUS_OK || last)
            return status;
    }
}

static enum status read_value(struct json_elements *elements, struct json_element *element_out)
{
    struct json_mistake mistake;
    elements->from_line = elements->line;
    elements->from_column = elements->column;
    enum status status = carve(elements);
    if (status != STATUS_OK)
        return status;
    const char *value = elements->text + elements->name_size;
    if (!json_check(value, elements->size - elements->name_size, JSON_ELEMENT_DEPTH_MAX, &mistake))
        return json_elements_complain(elements, value + mistake.at, "%s", mistake.why);
    element_out->name = (struct json_value){elements->text, elements->name_size};
    element_out->value = (struct json_value){value, elements->size - elements->name_size};
    return STATUS_OK;
}

static enum status expect(struct json_elements *elements, int wanted, const char *why)
{
    int byte;
    enum status status = peek_sign(elements, &byte);
    if (status == STATUS_OK && byte != wanted)
        return complain_here(elements, why);
    if (status == STATUS_OK)
        advance(elements);
    return status;
}

static enum status read_name(struct json_elements *elements)
{
    struct json_element name;
    int byte;
    enum status status = peek_sign(elements, &byte);
    if (status == STATUS_OK && byte != '"')
        return complain_here(elements, "a name in double quotes is expected here, as in \"objects\": []");
    if (status == STATUS_OK)
        status = read_value(elements, &name);
    elements->name_size = elements->size;
    return status == STATUS_OK ? expect(elements, ':', "a \":\" is expected between a name and its value")
                               : status;
}

/* A member, or the beginning of the list. */
static enum status read_member(struct json_elements *elements, struct json_element *element_out)
{
    int byte;
    enum status status = read_name(elements);
    if (status == STATUS_OK)
        status = peek_sign(elements, &byte);
    if (status != STATUS_OK)
        return status;
    if (byte == '[' && json_named((struct json_value){elements->text, elements->name_size}, elements->list)) {
        advance(elements);
        elements->state = FIRST_ITEM;
        return STATUS_OK;
    }
    elements->state = MORE_MEMBERS;
    return read_value(elements, element_out);
}

static enum status read_item(struct json_elements *elements, struct json_element *element_out)
{
    element_out->item = true;
    elements->state = MORE_ITEMS;
    int byte;
    enum status status = peek_sign(elements, &byte);
    return status == STATUS_OK ? read_value(elements, element_out) : status;
}

/* Behind a member or item, or before the first: the end, or where the next one is. */
static enum status read_sign(struct json_elements *elements, char close, enum state next, enum state behind,
                             const char *why)
{
    int byte;
    bool first = elements->state == FIRST_MEMBER || elements->state == FIRST_ITEM;
    enum status status = peek_sign(elements, &byte);
    if (status != STATUS_OK)
        return status;
    if (byte == close)
        elements->state = (int)behind;
    else if (first || byte == ',')
        elements->state = (int)next;
    else
        return complain_here(elements,
                             byte < 0 ? "the file ends here amid the document; it is cut off" : why);
    if (byte == close || (!first && byte == ','))
        advance(elements);
    return STATUS_OK;
}

static enum status read_start(struct json_elements *elements)
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
    int byte;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof mark && status == STATUS_OK; i++) {
        status = peek(elements, &byte);
        if (byte != mark[i])
            break;
        advance(elements);
    }
    elements->column = 1;
    elements->state = FIRST_MEMBER;
    return status == STATUS_OK ? expect(elements, '{', "no JSON object; the document begins with \"{\"")
                               : status;
}

static enum status read_end(struct json_elements *elements)
{
    int byte;
    enum status status = peek_sign(elements, &byte);
    if (status == STATUS_OK && byte >= 0)
        return complain_here(elements, "the file goes on behind its one value; remove the rest");
    return status;
}

static enum status step(struct json_elements *elements, struct json_element *element_out)
{
    switch ((enum state)elements->state) {
    case START:
        return read_start(elements);
    case FIRST_MEMBER:
    case MORE_MEMBERS:
        return read_sign(elements, '}', MEMBER, END, "a \",\" or \"}\" is expected here");
    case MEMBER:
        return read_member(elements, element_out);
    case FIRST_ITEM:
    case MORE_ITEMS:
        return read_sign(elements, ']', ITEM, MORE_MEMBERS, "a \",\" or \"]\" is expected here");
    case ITEM:
        return read_item(elements, element_out);
    case END:
        return read_end(elements);
    }
    return STATUS_OK;
}

enum status json_elements_next(struct json_elements *elements, struct json_element *element_out)
{
    enum status status = STATUS_OK;
    *element_out = (struct json_element){0};
    do {
        bool ended = elements->state == END;
        elements->size = elements->name_size = 0;
        status = step(elements, element_out);
        if (ended)
            break;
    } while (status == STATUS_OK && element_out->value.size == 0);
    return status;
}
