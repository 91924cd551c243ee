#include "probes/http_message.h"

#include <stdio.h>
#include <string.h>

#define CHUNK_LINE_MAX 512

/* RFC 9112 §3.2: IPv6 in brackets, the port where it is not the scheme's own. */
static void write_host(const struct probe_call *call)
{
    const struct probe_context *context = call->context;
    bool ipv6 = strchr(context->host, ':') != NULL;
    char port[8] = "";
    if (context->port != (call->inside_tls ? 443 : 80))
        snprintf(port, sizeof port, ":%u", context->port);
    buffer_text(call->out, "Host: ");
    buffer_text(call->out, ipv6 ? "[" : "");
    buffer_text(call->out, context->host);
    buffer_text(call->out, ipv6 ? "]" : "");
    buffer_text(call->out, port);
    buffer_text(call->out, "\r\n");
}

void http_write_get(const struct probe_call *call, const char *path)
{
    buffer_text(call->out, "GET ");
    buffer_text(call->out, path);
    buffer_text(call->out, " HTTP/1.1\r\n");
    write_host(call);
    buffer_text(call->out, "User-Agent: ");
    buffer_text(call->out, call->context->user_agent);
    buffer_text(call->out, "\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n");
}

bool http_next_header(struct span *rest, struct span *name_out, struct span *value_out)
{
    while (rest->size) {
        struct span line = span_cut(rest, "\n");
        bool folded = line.size && (line.bytes[0] == ' ' || line.bytes[0] == '\t');
        if (line.size && line.bytes[line.size - 1] == '\r')
            line.size--;
        *name_out = span_trim(span_cut(&line, ":"));
        *value_out = span_trim(line);
        if (name_out->size && !folded)
            return true;
    }
    return false;
}

struct span http_header(const struct http_message *message, const char *name)
{
    struct span rest = message->headers, found, value;
    while (http_next_header(&rest, &found, &value))
        if (span_equals_nocase(found, name))
            return value.bytes ? value : (struct span){found.bytes, 0};
    return (struct span){0};
}

/* Cuts off what stands before the next comma outside of quotes. */
static struct span cut_element(struct span *rest)
{
    bool quoted = false;
    size_t i = 0;
    for (; i < rest->size && (quoted || rest->bytes[i] != ','); i++)
        if (rest->bytes[i] == '"')
            quoted = !quoted;
    struct span element = span_first(*rest, i);
    *rest = span_from(*rest, i + 1);
    return span_trim(element);
}

static bool is_scheme(struct span word)
{
    for (size_t i = 0; i < word.size; i++) {
        uint8_t lower = word.bytes[i] | 0x20;
        if (!(lower >= 'a' && lower <= 'z') && !(word.bytes[i] >= '0' && word.bytes[i] <= '9') &&
            word.bytes[i] != '-')
            return false;
    }
    return word.size > 0 && word.size <= HTTP_SCHEME_MAX;
}

bool http_next_challenge(struct span *rest, struct span *scheme_out)
{
    while (rest->size) {
        struct span element = cut_element(rest);
        *scheme_out = span_cut(&element, " \t");
        if (is_scheme(*scheme_out)) /* a parameter has a "=" in it */
            return true;
    }
    return false;
}

/* "HTTP/1.1 200 OK": 0 when it is none. */
static unsigned read_status(struct span line)
{
    uint64_t status = 0;
    bool good = line.size >= 12 && span_starts(line, "HTTP/1.") && line.bytes[8] == ' ' &&
                (line.size == 12 || line.bytes[12] == ' ') &&
                span_number(span_first(span_from(line, 9), 3), 999, &status) && status >= 100;
    return good ? (unsigned)status : 0;
}

/* Bytes that can no more become a status line are known before the line has an end. */
static bool starts_like_status(const struct cursor *reader)
{
    static const char start[] = "HTTP/1.";
    for (size_t i = 0; i + 1 < sizeof start; i++) {
        int byte = cursor_peek(reader, i);
        if (byte < 0)
            return true;
        if (byte != start[i])
            return false;
    }
    return true;
}

static enum http_progress read_head(struct cursor *reader, struct http_message *message)
{
    size_t start = reader->at;
    if (!starts_like_status(reader))
        return HTTP_NOT_HTTP;
    struct span line = cursor_line(reader, HTTP_LINE_MAX);
    if (!cursor_good(reader))
        return cursor_short(reader) ? HTTP_STARTED : HTTP_NOT_HTTP;
    message->status = read_status(line);
    if (message->status == 0)
        return HTTP_NOT_HTTP;
    size_t headers = reader->at;
    do {
        size_t at = reader->at;
        line = cursor_line(reader, HTTP_LINE_MAX);
        message->headers = (struct span){reader->bytes + headers, at - headers};
        if (reader->at - start > HTTP_HEAD_MAX || reader->state == CURSOR_MALFORMED)
            return HTTP_HEAD_TOO_LONG;
    } while (cursor_good(reader) && line.size);
    return cursor_good(reader) ? HTTP_HEAD : HTTP_STARTED;
}

static void append(struct buffer *body, struct span part)
{
    size_t room = body->capacity - body->size;
    struct span fits = span_first(part, room);
    buffer_bytes(body, fits.bytes, fits.size);
}

static int hexadecimal(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Size of a chunk, extensions ignored (RFC 9112 §7.1); false when it is none or absurd. */
static bool read_chunk_size(struct span line, size_t *size_out)
{
    struct span digits = span_trim(span_cut(&line, ";"));
    *size_out = 0;
    if (digits.size == 0 || digits.size > 7)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        int digit = hexadecimal(digits.bytes[i]);
        if (digit < 0)
            return false;
        *size_out = *size_out * 16 + (size_t)digit;
    }
    return true;
}

static enum http_progress read_chunks(struct cursor *reader, struct http_message *message,
                                      struct buffer *body)
{
    while (body->size < body->capacity) {
        size_t size = 0;
        struct span line = cursor_line(reader, CHUNK_LINE_MAX);
        if (!cursor_good(reader))
            return cursor_short(reader) ? HTTP_HEAD : HTTP_ENOUGH;
        if (!read_chunk_size(line, &size))
            return HTTP_ENOUGH;
        message->body_whole = size == 0;
        if (size == 0)
            return HTTP_ENOUGH;
        size_t left = cursor_left(reader);
        append(body, cursor_span(reader, size < left ? size : left));
        if (size > left)
            return HTTP_HEAD;
        cursor_line(reader, 1);
        if (!cursor_good(reader))
            return cursor_short(reader) ? HTTP_HEAD : HTTP_ENOUGH;
    }
    return HTTP_ENOUGH;
}

static enum http_progress read_body(struct cursor *reader, struct http_message *message, struct buffer *body)
{
    struct span coding = http_header(message, "Content-Encoding");
    message->encoded = coding.size && !span_equals_nocase(coding, "identity");
    if (span_find_nocase(http_header(message, "Transfer-Encoding"), "chunked") != SIZE_MAX)
        return read_chunks(reader, message, body);
    uint64_t length = UINT64_MAX;
    bool empty = message->status == 204 || message->status == 304;
    bool known = empty || span_number(http_header(message, "Content-Length"), UINT64_MAX - 1, &length);
    length = empty ? 0 : length;
    size_t left = cursor_left(reader);
    append(body, cursor_span(reader, known && length < left ? (size_t)length : left));
    message->body_whole = known && length == body->size;
    message->until_close = !known;
    return message->body_whole || body->size == body->capacity ? HTTP_ENOUGH : HTTP_HEAD;
}

enum http_progress http_read(const struct cursor *in, struct http_message *message_out, struct buffer *body)
{
    struct cursor reader = *in;
    enum http_progress progress;
    do {
        *message_out = (struct http_message){0};
        progress = read_head(&reader, message_out);
    } while (progress == HTTP_HEAD && message_out->status < 200);
    if (progress != HTTP_HEAD)
        return progress;
    progress = read_body(&reader, message_out, body);
    /* Chunks of one byte each would fill any buffer with frames. */
    bool enough = cursor_left(in) >= HTTP_HEAD_MAX + HTTP_BODY_MAX;
    return enough ? HTTP_ENOUGH : progress;
}
