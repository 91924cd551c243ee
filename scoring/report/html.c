#include "scoring/report/html.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/timestamp.h"
#include "targets/calendar.h"

#define CUT_MARK "…"

const char *html_say(const struct html *html, const char *zh, const char *en)
{
    return html->language == LANGUAGE_ZH ? zh : en;
}

void html_put(struct html *html, const char *markup)
{
    writer_put(&html->writer, markup);
}

void html_markup(struct html *html, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    writer_vformat(&html->writer, format, arguments);
    va_end(arguments);
}

static const char *entity_of(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Of text that is safe already. */
static void escape(struct html *html, const char *text)
{
    while (*text && html->writer.status == STATUS_OK) {
        size_t plain = strcspn(text, "&<>\"'");
        writer_bytes(&html->writer, text, plain);
        text += plain;
        if (*text)
            html_put(html, entity_of(*text++));
    }
}

void html_bytes(struct html *html, const uint8_t *bytes, size_t size, size_t most)
{
    char safe[HTML_TEXT_MAX + TEXT_PIECE_MAX + 1];
    size_t shown = most < HTML_TEXT_MAX ? most : HTML_TEXT_MAX;
    size_t looked = size < sizeof safe ? size : sizeof safe; /* no byte becomes less than one */
    bool cut = text_safe((struct span){bytes, looked}, safe, shown + TEXT_PIECE_MAX + 1) > shown;
    if (cut)
        (void)text_safe((struct span){bytes, looked}, safe, shown + 1);
    escape(html, safe);
    if (cut)
        html_put(html, CUT_MARK);
}

#define BANNER_HEX    24 /* bytes */
#define BANNER_LOOKED 64

/* A fifth of its bytes or more can't be read. */
static bool is_binary(const uint8_t *bytes, size_t size)
{
    char safe[BANNER_LOOKED * 4 + TEXT_PIECE_MAX];
    size_t looked = size < BANNER_LOOKED ? size : BANNER_LOOKED, strange = 0;
    (void)text_safe((struct span){bytes, looked}, safe, sizeof safe);
    for (const char *at = strstr(safe, "\\x"); at; at = strstr(at + 1, "\\x"))
        strange +=
            strncmp(at, "\\x0d", 4) != 0 && strncmp(at, "\\x0a", 4) != 0 && strncmp(at, "\\x09", 4) != 0;
    return strange * 5 >= looked && looked > 0;
}

static void put_hex(struct html *html, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && i < BANNER_HEX; i++)
        html_markup(html, i ? " %02x" : "%02x", bytes[i]);
    if (size > BANNER_HEX)
        html_put(html, " " CUT_MARK);
}

/* The line's size without its end, and with it. */
static size_t line_of(const uint8_t *bytes, size_t size, size_t *with_end_out)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    size_t length = end ? (size_t)(end - bytes) : size;
    *with_end_out = end ? length + 1 : length;
    return length && bytes[length - 1] == '\r' ? length - 1 : length;
}

void html_banner(struct html *html, const uint8_t *bytes, size_t size, size_t most)
{
    size_t shown = 0;
    if (is_binary(bytes, size)) {
        put_hex(html, bytes, size);
        return;
    }
    for (size_t at = 0, with_end; at < size; at += with_end) {
        size_t length = line_of(bytes + at, size - at, &with_end);
        if (shown >= most) {
            html_put(html, CUT_MARK);
            return;
        }
        html_bytes(html, bytes + at, length, most - shown);
        shown += with_end;
        if (at + with_end < size)
            html_put(html, "<br>");
    }
}

void html_text_cut(struct html *html, const char *text, size_t most)
{
    if (text)
        html_bytes(html, (const uint8_t *)text, strlen(text), most);
}

void html_text(struct html *html, const char *text)
{
    html_text_cut(html, text, HTML_TEXT_MAX);
}

void html_format(struct html *html, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        writer_keep(&html->writer, STATUS_NO_MEMORY);
    else
        html_text(html, text);
    va_end(arguments);
    free(text);
}

void html_element(struct html *html, const char *tag, const char *text)
{
    html_markup(html, "<%s>", tag);
    html_text(html, text);
    html_markup(html, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void html_count(struct html *html, uint64_t count)
{
    if (count < 10000) {
        html_markup(html, "%" PRIu64, count);
        return;
    }
    char digits[24], grouped[64];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count), used = 0;
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            used += (size_t)snprintf(grouped + used, sizeof grouped - used, "\u202f");
        grouped[used++] = digits[i];
    }
    grouped[used] = 0;
    html_put(html, grouped);
}

const char *html_share(double share, char text[HTML_SHARE_MAX])
{
    double percent = 100 * share;
    int digits = percent >= 9.95 || percent <= 0 ? 0 : percent < 0.995 ? 2 : 1;
    if (isnan(percent))
        snprintf(text, HTML_SHARE_MAX, "–");
    else
        snprintf(text, HTML_SHARE_MAX, "%.*f\u202f%%", digits, percent);
    return text;
}

void html_moment(struct html *html, int64_t ms)
{
    char moment[TIMESTAMP_TEXT_MAX];
    if (ms && timestamp_format(ms / 1000, moment))
        html_markup(html, "<time datetime=\"%s\">%.10s %.5s UTC</time>", moment, moment, moment + 11);
}

void html_day(struct html *html, int day)
{
    char text[CALENDAR_TEXT_MAX];
    calendar_format(day, text);
    html_markup(html, "<time datetime=\"%s\">%s</time>", text, text);
}
