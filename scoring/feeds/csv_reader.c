#include "scoring/feeds/csv_reader.h"

#include <stdlib.h>
#include <string.h>

#include "probes/text.h"

#define FIELD_MAX FEED_LINE_MAX

enum status csv_reader_init(struct csv_reader *reader, struct feed_source *source, char delimiter)
{
    *reader = (struct csv_reader){.source = source, .delimiter = delimiter};
    reader->texts = calloc(CSV_FIELDS_MAX, sizeof *reader->texts);
    return reader->texts ? STATUS_OK : STATUS_NO_MEMORY;
}

void csv_reader_deinit(struct csv_reader *reader)
{
    free(reader->texts);
    free(reader->field);
    reader->texts = NULL;
    reader->field = NULL;
}

enum status csv_reader_complain(struct csv_reader *reader, size_t field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complaints_add_list(reader->source->complaints, reader->line,
                        field < CSV_FIELDS_MAX && field <= reader->count ? reader->places[field] : 1, format,
                        arguments);
    va_end(arguments);
    return STATUS_WRONG_FILE;
}

static enum status add(struct csv_reader *reader, const char *bytes, size_t size)
{
    if (reader->field_size - reader->starts[reader->count] + size > FIELD_MAX)
        return csv_reader_complain(reader, reader->count, "a field is longer than %u bytes", FIELD_MAX);
    if (reader->field_size + size > reader->field_capacity) {
        size_t capacity = (reader->field_size + size) * 2 + 64;
        char *grown = realloc(reader->field, capacity);
        if (!grown)
            return STATUS_NO_MEMORY;
        reader->field = grown;
        reader->field_capacity = capacity;
    }
    if (size)
        memcpy(reader->field + reader->field_size, bytes, size);
    reader->field_size += size;
    return STATUS_OK;
}

static enum status begin_field(struct csv_reader *reader, size_t at)
{
    if (reader->count == CSV_FIELDS_MAX)
        return csv_reader_complain(reader, 0, "more than %d fields", CSV_FIELDS_MAX);
    reader->places[reader->count] = (unsigned)at + 1;
    reader->starts[reader->count] = reader->field_size;
    return STATUS_OK;
}

/* The field being read is the last of the buffer, and each other ends where the next begins. */
struct span csv_reader_bytes(const struct csv_reader *reader, size_t field)
{
    size_t start = reader->starts[field];
    size_t end = field + 1 < reader->count ? reader->starts[field + 1] : reader->field_size;
    if (start == end)
        return (struct span){(const uint8_t *)"", 0};
    return span_trim((struct span){(const uint8_t *)reader->field + start, end - start});
}

static void end_field(struct csv_reader *reader)
{
    struct span field = csv_reader_bytes(reader, reader->count);
    char *text = reader->texts[reader->count++];
    text[0] = 0;
    if (field.size)
        text_safe(field, text, CSV_TEXT_MAX);
}

/* A quoted field, from behind its quote on; it may go on in the lines that follow. *at_inout stands behind the
   closing quote then. */
static enum status read_quoted(struct csv_reader *reader, char **line_inout, size_t *size_inout,
                               size_t *at_inout)
{
    unsigned opened = reader->source->line;
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        char *from = *line_inout + *at_inout;
        char *quote = memchr(from, '"', *size_inout - *at_inout);
        size_t size = quote ? (size_t)(quote - from) : *size_inout - *at_inout;
        status = add(reader, from, size);
        *at_inout += size + (quote != NULL);
        if (quote && (*at_inout == *size_inout || (*line_inout)[*at_inout] != '"'))
            return status;
        if (status == STATUS_OK)
            status = add(reader, quote ? "\"" : "\n", 1);
        if (quote) {
            ++*at_inout;
            continue;
        }
        if (status == STATUS_OK)
            status = feed_source_line(reader->source, line_inout, size_inout);
        *at_inout = 0;
        if (status == STATUS_OK && !*line_inout)
            return csv_reader_complain(reader, reader->count,
                                       "the quote that opens in line %u is never closed", opened);
    }
    return status;
}

static enum status read_plain(struct csv_reader *reader, const char *line, size_t size, size_t *at_inout)
{
    const char *from = line + *at_inout;
    const char *end = memchr(from, reader->delimiter, size - *at_inout);
    size_t length = end ? (size_t)(end - from) : size - *at_inout;
    const char *quote = memchr(from, '"', length);
    *at_inout += length;
    if (quote)
        return feed_source_complain(
            reader->source, (unsigned)(quote - line) + 1,
            "a quote inside a field; quote the whole field, and double the quotes in it");
    return add(reader, from, length);
}

static enum status read_fields(struct csv_reader *reader, char *line, size_t size)
{
    for (size_t at = 0;; at++) {
        bool quoted = at < size && line[at] == '"';
        enum status status = begin_field(reader, at);
        if (status == STATUS_OK && quoted) {
            at++;
            status = read_quoted(reader, &line, &size, &at);
        } else if (status == STATUS_OK) {
            status = read_plain(reader, line, size, &at);
        }
        if (status != STATUS_OK)
            return status;
        if (at < size && line[at] != reader->delimiter)
            return feed_source_complain(reader->source, (unsigned)at + 1,
                                        "text behind the quote that closes a field");
        end_field(reader);
        if (at >= size)
            return STATUS_OK;
    }
}

static enum status check_count(struct csv_reader *reader)
{
    if (reader->columns == 0)
        reader->columns = reader->count;
    if (reader->count == reader->columns)
        return STATUS_OK;
    return csv_reader_complain(reader, 0, "%zu fields; the header has %zu", reader->count, reader->columns);
}

enum status csv_reader_next(struct csv_reader *reader, bool *got_out)
{
    char *line = NULL;
    size_t size = 0;
    *got_out = false;
    do {
        enum status status = feed_source_line(reader->source, &line, &size);
        if (status != STATUS_OK || !line)
            return status;
    } while (size == 0);
    reader->line = reader->source->line;
    reader->count = 0;
    reader->field_size = 0;
    const char *nul = memchr(line, 0, size);
    if (nul)
        return feed_source_complain(reader->source, (unsigned)(nul - line) + 1,
                                    "a NUL byte; save the table as CSV in UTF-8 or GB18030");
    enum status status = read_fields(reader, line, size);
    if (status == STATUS_OK)
        status = check_count(reader);
    *got_out = status == STATUS_OK;
    return status;
}
