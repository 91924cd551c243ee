#include "scoring/report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "targets/utf8.h"

void writer_keep(struct writer *writer, enum status status)
{
    if (writer->status == STATUS_OK)
        writer->status = status;
}

void writer_bytes(struct writer *writer, const char *text, size_t size)
{
    if (writer->status == STATUS_OK && size && fwrite(text, 1, size, writer->stream) != size)
        writer->status = STATUS_SYSTEM;
}

void writer_put(struct writer *writer, const char *text)
{
    writer_bytes(writer, text, strlen(text));
}

void writer_vformat(struct writer *writer, const char *format, va_list arguments)
{
    if (writer->status == STATUS_OK && vfprintf(writer->stream, format, arguments) < 0)
        writer->status = STATUS_SYSTEM;
}

void writer_format(struct writer *writer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    writer_vformat(writer, format, arguments);
    va_end(arguments);
}

char *writer_safe(struct writer *writer, const char *text)
{
    size_t size = strlen(text), capacity = size * TEXT_PIECE_MAX + 1;
    char *safe = malloc(capacity);
    if (safe)
        text_safe((struct span){(const uint8_t *)text, size}, safe, capacity);
    else
        writer_keep(writer, STATUS_NO_MEMORY);
    return safe;
}

/* What is between two characters that are escaped goes out in one piece. */
static void put_escaped(struct writer *writer, const char *text, size_t size,
                        const char *(*escape)(uint32_t code))
{
    size_t from = 0;
    for (size_t at = 0, length; at < size; at += length) {
        uint32_t code = 0;
        length = utf8_decode(text + at, size - at, &code);
        length = length ? length : 1;
        const char *instead = escape(code);
        if (!instead)
            continue;
        writer_bytes(writer, text + from, at - from);
        writer_put(writer, instead);
        from = at + length;
    }
    writer_bytes(writer, text + from, size - from);
}

void writer_escape(struct writer *writer, const char *text, const char *(*escape)(uint32_t code))
{
    char *safe = text ? writer_safe(writer, text) : NULL;
    if (safe)
        put_escaped(writer, safe, strlen(safe), escape);
    free(safe);
}
