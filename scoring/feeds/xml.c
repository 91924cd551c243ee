#include "scoring/feeds/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const struct xml_reader *reader;
    struct feed_source *source;
    XML_Parser parser;
    unsigned depth;
    char *text;
    size_t text_size;
    enum status status;
};

static unsigned column_of(const struct reading *reading)
{
    return (unsigned)XML_GetCurrentColumnNumber(reading->parser) + 1;
}

static void keep_place(const struct reading *reading)
{
    reading->source->line = (unsigned)XML_GetCurrentLineNumber(reading->parser);
}

static void stop(struct reading *reading, enum status status)
{
    if (reading->status == STATUS_OK)
        reading->status = status;
    XML_StopParser(reading->parser, XML_FALSE);
}

static void refuse(struct reading *reading, const char *why)
{
    keep_place(reading);
    stop(reading, feed_source_complain(reading->source, column_of(reading), "%s", why));
}

static void begin(void *context, const char *name, const char **attributes)
{
    struct reading *reading = context;
    if (reading->status != STATUS_OK)
        return;
    if (++reading->depth > XML_DEPTH_MAX) {
        refuse(reading, "elements are nested deeper than 32; no report of this kind is");
        return;
    }
    reading->text_size = 0;
    keep_place(reading);
    enum status status =
        reading->reader->begin(reading->reader->context, name, (const char *const *)attributes);
    if (status != STATUS_OK)
        stop(reading, status);
}

static void end(void *context, const char *name)
{
    struct reading *reading = context;
    if (reading->status != STATUS_OK)
        return;
    reading->depth--;
    reading->text[reading->text_size] = 0;
    keep_place(reading);
    enum status status = reading->reader->end(reading->reader->context, name, reading->text);
    reading->text_size = 0;
    if (status != STATUS_OK)
        stop(reading, status);
}

static void add_text(void *context, const char *text, int size)
{
    struct reading *reading = context;
    size_t room = XML_TEXT_MAX - reading->text_size;
    size_t taken = (size_t)size < room ? (size_t)size : room;
    memcpy(reading->text + reading->text_size, text, taken);
    reading->text_size += taken;
}

static void begin_doctype(void *context, const char *name, const char *system, const char *public,
                          int has_internal_subset)
{
    (void)name;
    (void)system;
    (void)public;
    if (has_internal_subset)
        refuse(context, "the DOCTYPE holds declarations; a report has none, and they are not read");
}

static void declare_entity(void *context, const char *name, int is_parameter, const char *value, int size,
                           const char *base, const char *system, const char *public, const char *notation)
{
    (void)name;
    (void)is_parameter;
    (void)value;
    (void)size;
    (void)base;
    (void)system;
    (void)public;
    (void)notation;
    refuse(context, "entities are declared; a report has none, and they are not read");
}

static enum status parse_chunk(struct reading *reading, struct span chunk, uint64_t fed)
{
    enum XML_Status parsed =
        XML_Parse(reading->parser, (const char *)chunk.bytes, (int)chunk.size, chunk.size == 0);
    if (reading->status != STATUS_OK)
        return reading->status;
    keep_place(reading);
    if (parsed != XML_STATUS_OK) {
        enum XML_Error error = XML_GetErrorCode(reading->parser);
        if (error == XML_ERROR_NO_MEMORY)
            return STATUS_NO_MEMORY;
        return feed_source_complain(reading->source, column_of(reading), "no well-formed XML: %s%s",
                                    XML_ErrorString(error), chunk.size == 0 ? "; the file is cut short" : "");
    }
    XML_Index at = XML_GetCurrentByteIndex(reading->parser);
    if (at >= 0 && fed - (uint64_t)at > XML_TAG_MAX)
        return feed_source_complain(reading->source, column_of(reading),
                                    "a tag is longer than 4 MiB; no report of this kind has such");
    return STATUS_OK;
}

static enum status read_all(struct reading *reading)
{
    uint64_t fed = 0;
    for (;;) {
        struct span chunk;
        enum status status = feed_source_chunk(reading->source, &chunk);
        fed += chunk.size;
        if (status == STATUS_OK)
            status = parse_chunk(reading, chunk, fed);
        if (status != STATUS_OK || chunk.size == 0)
            return status;
    }
}

enum status xml_read(struct feed_source *source, const struct xml_reader *reader)
{
    struct reading reading = {.reader = reader, .source = source};
    reading.parser = XML_ParserCreate(NULL);
    reading.text = malloc(XML_TEXT_MAX + 1);
    enum status status = STATUS_NO_MEMORY;
    if (reading.parser && reading.text) {
        XML_SetUserData(reading.parser, &reading);
        XML_SetElementHandler(reading.parser, begin, end);
        XML_SetCharacterDataHandler(reading.parser, add_text);
        XML_SetStartDoctypeDeclHandler(reading.parser, begin_doctype);
        XML_SetEntityDeclHandler(reading.parser, declare_entity);
        status = read_all(&reading);
    }
    free(reading.text);
    if (reading.parser)
        XML_ParserFree(reading.parser);
    return status;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}
