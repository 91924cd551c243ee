#include "scoring/report/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/report/columns.h"

#define WIDTH_LEAST 40
#define WIDTH_MOST  100 /* longer lines are hard to read */

struct page page_on(const struct report *report, FILE *stream)
{
    size_t width = report->width ? report->width : 80;
    width = width < WIDTH_LEAST ? WIDTH_LEAST : width > WIDTH_MOST ? WIDTH_MOST : width;
    const char *no_color = getenv("NO_COLOR");
    bool colour = report->terminal && !(no_color && no_color[0]);
    return (struct page){stream, width, report->language, colour, STATUS_OK};
}

const char *page_say(const struct page *page, const char *zh, const char *en)
{
    return page->language == LANGUAGE_ZH ? zh : en;
}

static void put(struct page *page, const char *text, size_t size)
{
    if (size && fwrite(text, 1, size, page->stream) != size && page->status == STATUS_OK)
        page->status = STATUS_SYSTEM;
}

static void blanks(struct page *page, size_t count)
{
    static const char blank[] = "                                ";
    for (size_t some; count > 0; count -= some) {
        some = count < sizeof blank - 1 ? count : sizeof blank - 1;
        put(page, blank, some);
    }
}

/* A safe copy, or NULL with the failure kept. */
static char *safe_copy(struct page *page, const char *text)
{
    size_t size = strlen(text), capacity = size * TEXT_PIECE_MAX + 1;
    char *safe = malloc(capacity);
    if (safe)
        text_safe((struct span){(const uint8_t *)text, size}, safe, capacity);
    else
        page->status = STATUS_NO_MEMORY;
    return safe;
}

/* What the format makes, safe; NULL with the failure kept. */
__attribute__((format(printf, 2, 0))) static char *formatted(struct page *page, const char *format,
                                                             va_list arguments)
{
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        page->status = STATUS_NO_MEMORY;
        return NULL;
    }
    char *safe = safe_copy(page, text);
    free(text);
    return safe;
}

static void put_wrapped(struct page *page, size_t indent, const char *text)
{
    size_t room = page->width > indent + 10 ? page->width - indent : 10;
    for (bool first = true; first || *text; first = false) {
        size_t next = 0, size = columns_break(text, room, &next);
        if (!first)
            blanks(page, indent);
        put(page, text, size);
        put(page, "\n", 1);
        text += next;
        text += strspn(text, " ");
    }
}

void page_paragraph(struct page *page, size_t outdent, const char *head, size_t indent, const char *format,
                    ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(page, format, arguments);
    va_end(arguments);
    if (!text)
        return;
    size_t used = outdent + columns_of(head);
    blanks(page, outdent);
    put(page, head, strlen(head));
    blanks(page, indent > used ? indent - used : 0);
    put_wrapped(page, indent, text);
    free(text);
}

void page_gap(struct page *page)
{
    put(page, "\n", 1);
}

void page_end(struct page *page)
{
    put(page, "\n", 1);
}

void page_part(struct page *page, enum style style, const char *format, ...)
{
    static const char *const codes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[32m"};
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(page, format, arguments);
    va_end(arguments);
    if (!text)
        return;
    bool coloured = page->colour && style != STYLE_PLAIN;
    if (coloured)
        put(page, codes[style], strlen(codes[style]));
    put(page, text, strlen(text));
    if (coloured)
        put(page, "\x1b[0m", 4);
    free(text);
}

static void put_padded(struct page *page, size_t columns, const char *text, bool right)
{
    char *safe = safe_copy(page, text);
    if (!safe)
        return;
    size_t used = columns_of(safe), missing = columns > used ? columns - used : 0;
    blanks(page, right ? missing : 0);
    put(page, safe, strlen(safe));
    blanks(page, right ? 0 : missing);
    free(safe);
}

void page_left(struct page *page, size_t columns, const char *text)
{
    put_padded(page, columns, text, false);
}

void page_right(struct page *page, size_t columns, const char *text)
{
    put_padded(page, columns, text, true);
}

void page_heading(struct page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = formatted(page, format, arguments);
    va_end(arguments);
    if (!text)
        return;
    page_part(page, STYLE_STRONG, "%s", text);
    page_end(page);
    for (size_t i = columns_of(text); i > 0; i--)
        put(page, "-", 1);
    page_end(page);
    free(text);
}
