#include "targets/complaint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets/utf8.h"

void complaints_init(struct complaints *complaints, const char *file)
{
    *complaints = (struct complaints){.file = file};
}

void complaints_deinit(struct complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++)
        free(complaints->items[i].text);
    complaints_init(complaints, complaints->file);
}

/* Appends one character of text that came from a file, spelt out where it could steer a terminal. Returns the
   number of bytes that it took of the text. */
static size_t print_safely(FILE *out, const char *text, size_t size)
{
    uint32_t code;
    size_t length = utf8_decode(text, size, &code);
    if (length == 0)
        fprintf(out, "\\x%02x", (unsigned char)*text);
    else if (!utf8_unsafe(code))
        fwrite(text, 1, length, out);
    else if (code < 0x80)
        fprintf(out, "\\x%02x", code);
    else
        fprintf(out, "\\u{%x}", code);
    return length ? length : 1;
}

static void print_all_safely(FILE *out, const char *text)
{
    for (size_t at = 0, size = strlen(text); at < size;)
        at += print_safely(out, text + at, size - at);
}

/* A copy that is safe to show; NULL when memory is out. */
static char *safe_copy(const char *text)
{
    char *copy = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&copy, &size);
    if (!out)
        return NULL;
    print_all_safely(out, text);
    bool failed = ferror(out);
    if (fclose(out) == 0 && !failed)
        return copy;
    free(copy);
    return NULL;
}

/* Behind all that stand at or before the same place. */
static size_t place(const struct complaints *complaints, unsigned line, unsigned column)
{
    size_t at = complaints->count;
    while (at > 0) {
        const struct complaint *before = &complaints->items[at - 1];
        if (before->line < line || (before->line == line && before->column <= column))
            break;
        at--;
    }
    return at;
}

static void insert(struct complaints *complaints, struct complaint complaint)
{
    size_t at = place(complaints, complaint.line, complaint.column);
    memmove(&complaints->items[at + 1], &complaints->items[at], (complaints->count - at) * sizeof complaint);
    complaints->items[at] = complaint;
    complaints->count++;
}

void complaints_add_list(struct complaints *complaints, unsigned line, unsigned column, const char *format,
                         va_list arguments)
{
    if (complaints->count == COMPLAINTS_MAX) {
        complaints->left_off++;
        return;
    }
    char *raw = NULL;
    int length = vasprintf(&raw, format, arguments);
    struct complaint complaint = {line, column, length < 0 ? NULL : safe_copy(raw)};
    if (length >= 0)
        free(raw);
    insert(complaints, complaint);
}

void complaints_add(struct complaints *complaints, unsigned line, unsigned column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complaints_add_list(complaints, line, column, format, arguments);
    va_end(arguments);
}

static void print_complaint(FILE *out, const char *file, const struct complaint *complaint)
{
    print_all_safely(out, file);
    if (complaint->line)
        fprintf(out, ":%u:%u", complaint->line, complaint->column);
    fprintf(out, ": %s\n", complaint->text ? complaint->text : "wrong; there was no memory to say how");
}

char *complaints_format(const struct complaints *complaints)
{
    char *text = NULL;
    size_t size = 0;
    const char *file = complaints->file ? complaints->file : "input";
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    for (size_t i = 0; i < complaints->count; i++)
        print_complaint(out, file, &complaints->items[i]);
    if (complaints->left_off) {
        print_all_safely(out, file);
        fprintf(out, ": and %zu more\n", complaints->left_off);
    }
    bool failed = ferror(out);
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

struct quoted quoted(const char *text)
{
    struct quoted quoted;
    size_t size = strlen(text);
    size_t at = 0;
    uint32_t code;
    while (at < size) {
        size_t length = utf8_decode(text + at, size - at, &code);
        length = length ? length : 1;
        if (at + length > QUOTED_MAX)
            break;
        at += length;
    }
    memcpy(quoted.text, text, at);
    memcpy(quoted.text + at, at < size ? "…" : "", at < size ? sizeof "…" : 1);
    return quoted;
}
