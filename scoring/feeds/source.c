#include "scoring/feeds/source.h"

#include <stdlib.h>
#include <string.h>

#include "targets/json.h"

enum status feed_source_init(struct feed_source *source,
                             enum status (*read)(void *context, void *bytes, size_t capacity,
                                                 size_t *size_out),
                             void *context, struct complaints *complaints)
{
    *source = (struct feed_source){.read = read, .context = context, .complaints = complaints};
    source->bytes = malloc(FEED_CHUNK_SIZE + 1);
    source->capacity = FEED_CHUNK_SIZE;
    return source->bytes ? STATUS_OK : STATUS_NO_MEMORY;
}

void feed_source_deinit(struct feed_source *source)
{
    free(source->bytes);
    source->bytes = NULL;
}

/* Moves what is left to the front and reads behind it. */
static enum status fill(struct feed_source *source)
{
    size_t got = 0;
    if (source->at) {
        memmove(source->bytes, source->bytes + source->at, source->end - source->at);
        source->end -= source->at;
        source->at = 0;
    }
    if (source->end == source->capacity) {
        char *grown = realloc(source->bytes, source->capacity * 2 + 1);
        if (!grown)
            return STATUS_NO_MEMORY;
        source->bytes = grown;
        source->capacity *= 2;
    }
    enum status status =
        source->read(source->context, source->bytes + source->end, source->capacity - source->end, &got);
    source->end += got;
    source->ended = status == STATUS_OK && got == 0;
    return status;
}

enum status feed_source_chunk(struct feed_source *source, struct span *chunk_out)
{
    enum status status = source->at == source->end && !source->ended ? fill(source) : STATUS_OK;
    *chunk_out = (struct span){(const uint8_t *)source->bytes + source->at, source->end - source->at};
    source->at = source->end;
    return status;
}

static enum status refuse_long(struct feed_source *source)
{
    source->line++;
    return feed_source_complain(source, 0, "longer than %u bytes; is this the right file?", FEED_LINE_MAX);
}

/* Reads until a line's end is there; *end_out NULL when the file ends before one. */
static enum status find_end(struct feed_source *source, char **end_out)
{
    size_t searched = 0;
    for (;;) {
        char *from = source->bytes + source->at + searched;
        *end_out = memchr(from, '\n', source->end - source->at - searched);
        searched = source->end - source->at;
        if (!*end_out && searched > FEED_LINE_MAX)
            return refuse_long(source);
        if (*end_out || source->ended)
            return STATUS_OK;
        enum status status = fill(source);
        if (status != STATUS_OK)
            return status;
    }
}

enum status feed_source_line(struct feed_source *source, char **line_out, size_t *size_out)
{
    char *end = NULL;
    *line_out = NULL;
    *size_out = 0;
    enum status status = find_end(source, &end);
    if (status != STATUS_OK || (!end && source->at == source->end))
        return status;
    char *line = source->bytes + source->at;
    size_t size = (size_t)((end ? end : source->bytes + source->end) - line);
    source->at += size + (end != NULL);
    if (size > FEED_LINE_MAX)
        return refuse_long(source);
    if (size && line[size - 1] == '\r')
        size--;
    line[size] = 0;
    size_t mark = source->line++ == 0 ? json_mark_size(line, size) : 0;
    *line_out = line + mark;
    *size_out = size - mark;
    return STATUS_OK;
}

enum status feed_source_complain(struct feed_source *source, unsigned column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complaints_add_list(source->complaints, source->line, source->line && !column ? 1 : column, format,
                        arguments);
    va_end(arguments);
    return STATUS_WRONG_FILE;
}
