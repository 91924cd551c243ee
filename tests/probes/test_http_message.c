#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/http_message.h"

static uint8_t input[4 * HTTP_BODY_MAX], storage[HTTP_BODY_MAX];
static struct http_message message;
static struct buffer body;

static enum http_progress read_bytes(const void *bytes, size_t size)
{
    uint8_t *exact = malloc(size + 1);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    struct cursor in = cursor_over(exact, size);
    body = buffer_over(storage, sizeof storage);
    enum http_progress progress = http_read(&in, &message, &body);
    assert_int_equal(in.at, 0);
    assert_false(body.overflow);
    free(exact);
    return progress;
}

static enum http_progress read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* `count` times `text` behind `head`. */
static size_t fill(const char *head, const char *text, size_t count)
{
    struct buffer b = buffer_over(input, sizeof input);
    buffer_text(&b, head);
    for (size_t i = 0; i < count; i++)
        buffer_text(&b, text);
    assert_false(b.overflow);
    return b.size;
}

static void expect_body(const char *text, bool whole)
{
    assert_int_equal(body.size, strlen(text));
    assert_memory_equal(body.bytes, text, body.size);
    assert_int_equal(message.body_whole, whole);
}

static void test_length(void **state)
{
    (void)state;
    assert_int_equal(read_text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"), HTTP_ENOUGH);
    expect_body("abc", true);
    assert_int_equal(message.status, 200);
    assert_int_equal(read_text("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"), HTTP_HEAD);
    expect_body("ab", false);
    assert_int_equal(read_text("HTTP/1.1 304\r\nContent-Length: 3\r\n\r\n"), HTTP_ENOUGH);
    expect_body("", true);
    assert_int_equal(read_text("HTTP/1.1 200 OK\nContent-Length: -1\n\nab"), HTTP_HEAD);
    assert_true(message.until_close);
}

static void test_chunks(void **state)
{
    (void)state;
    static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n";
    static const struct {
        const char *bytes;
        enum http_progress progress;
        const char *body;
        bool whole;
    } rows[] = {
        {"3\r\nabc\r\n2;a=\"b\"\r\nde\r\n0\r\n\r\n", HTTP_ENOUGH, "abcde", true},
        {"A\nabcdefghij\n0\n\n", HTTP_ENOUGH, "abcdefghij", true},
        {"3\r\nab", HTTP_HEAD, "ab", false},
        {"3\r\nabc\r\n", HTTP_HEAD, "abc", false},
        {"", HTTP_HEAD, "", false},
        {"3\r\nabcd\r\n", HTTP_ENOUGH, "abc", false},
        {"-3\r\nabc\r\n", HTTP_ENOUGH, "", false},
        {"\r\nabc", HTTP_ENOUGH, "", false},
        {"0x3\r\nabc", HTTP_ENOUGH, "", false},
        {"12345678\r\nabc", HTTP_ENOUGH, "", false},
        {"fffffff\r\nabc", HTTP_HEAD, "abc", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t size = fill(head, rows[i].bytes, 1);
        assert_int_equal(read_bytes(input, size), rows[i].progress);
        expect_body(rows[i].body, rows[i].whole);
    }
}

static void test_caps(void **state)
{
    (void)state;
    size_t size = fill("HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef", HTTP_BODY_MAX / 16 + 1);
    assert_int_equal(read_bytes(input, size), HTTP_ENOUGH);
    assert_int_equal(body.size, HTTP_BODY_MAX);
    assert_false(message.body_whole);
    size = fill("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 9000);
    assert_int_equal(read_bytes(input, size), HTTP_ENOUGH);
    assert_false(message.body_whole);
    size = fill("HTTP/1.1 200 OK\r\n", "X-A: 0123456789\r\n", 2000);
    assert_int_equal(read_bytes(input, size), HTTP_HEAD_TOO_LONG);
    assert_int_equal(message.status, 200);
    size = fill("HTTP/1.1 200 OK\r\nX-A: ", "0123456789abcdef", HTTP_LINE_MAX / 16 + 1);
    assert_int_equal(read_bytes(input, size), HTTP_HEAD_TOO_LONG);
    size = fill("HTTP/1.1 200 ", "0123456789abcdef", HTTP_LINE_MAX / 16 + 1);
    assert_int_equal(read_bytes(input, size), HTTP_NOT_HTTP);
    size = fill("", "HTTP/1.1 100 Continue\r\n\r\n", 2000);
    assert_int_equal(read_bytes(input, size), HTTP_STARTED);
}

static void test_status_lines(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum http_progress progress;
        unsigned status;
    } rows[] = {
        {"", HTTP_STARTED, 0},
        {"HTT", HTTP_STARTED, 0},
        {"HTTP/1.0 404", HTTP_STARTED, 0},
        {"HTTP/1.0 404\r\n", HTTP_STARTED, 404},
        {"HTTP/1.1 404 \r\n\r\n", HTTP_HEAD, 404},
        {"http/1.1 200 OK\r\n", HTTP_NOT_HTTP, 0},
        {"HTTP/2 200 OK\r\n", HTTP_NOT_HTTP, 0},
        {"HTTP/1.1  200\r\n", HTTP_NOT_HTTP, 0},
        {"HTTP/1.1 2000\r\n", HTTP_NOT_HTTP, 0},
        {"HTTP/1.1 020 x\r\n", HTTP_NOT_HTTP, 0},
        {"HTTP/1.1 -20 x\r\n", HTTP_NOT_HTTP, 0},
        {"HTTP/1.1\r\n", HTTP_NOT_HTTP, 0},
        {"+OK\r\n", HTTP_NOT_HTTP, 0},
        {"\x15\x03", HTTP_NOT_HTTP, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(read_text(rows[i].bytes), rows[i].progress);
        assert_int_equal(message.status, rows[i].status);
    }
}

static void test_headers(void **state)
{
    (void)state;
    static const char bytes[] =
        "HTTP/1.1 200 OK\r\nServer:a\r\nEmpty:\r\n folded: b\r\nsERVER : c\r\nNone\r\n\r\n";
    struct cursor in = cursor_over(bytes, sizeof bytes - 1);
    body = buffer_over(storage, sizeof storage);
    assert_int_equal(http_read(&in, &message, &body), HTTP_HEAD);
    assert_true(span_equals(http_header(&message, "server"), "a"));
    assert_non_null(http_header(&message, "Empty").bytes);
    assert_int_equal(http_header(&message, "Empty").size, 0);
    assert_null(http_header(&message, "folded").bytes);
    assert_null(http_header(&message, "X").bytes);
    assert_non_null(http_header(&message, "None").bytes);
    struct span rest = message.headers, name, value;
    size_t count = 0;
    while (http_next_header(&rest, &name, &value))
        count++;
    assert_int_equal(count, 4);
}

static void test_challenges(void **state)
{
    (void)state;
    static const struct {
        const char *value, *schemes;
    } rows[] = {
        {"Basic realm=\"x\"", "Basic;"},
        {"Digest realm=\"a, Basic b\", qop=auth, NTLM", "Digest;NTLM;"},
        {"Negotiate", "Negotiate;"},
        {"Basic,,Basic", "Basic;Basic;"},
        {"realm=\"x\"", ""},
        {"\"unclosed, Basic", ""},
        {"Averyveryveryverylongscheme x", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span rest = {(const uint8_t *)rows[i].value, strlen(rows[i].value)}, scheme;
        char found[128] = "";
        while (http_next_challenge(&rest, &scheme)) {
            strncat(found, (const char *)scheme.bytes, scheme.size);
            strcat(found, ";");
        }
        assert_string_equal(found, rows[i].schemes);
    }
}

static void test_request(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        uint16_t port;
        bool tls;
        const char *line;
    } rows[] = {
        {"192.0.2.1", 80, false, "Host: 192.0.2.1\r\n"},
        {"192.0.2.1", 443, true, "Host: 192.0.2.1\r\n"},
        {"192.0.2.1", 80, true, "Host: 192.0.2.1:80\r\n"},
        {"2001:db8::1", 80, false, "Host: [2001:db8::1]\r\n"},
        {"2001:db8::1", 8443, true, "Host: [2001:db8::1]:8443\r\n"},
        {"his.example", 8042, false, "Host: his.example:8042\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PROBE_OUT_MAX];
        struct buffer out = buffer_over(text, sizeof text - 1);
        struct probe_context context = {.host = rows[i].host, .port = rows[i].port, .user_agent = "auscult"};
        struct probe_call call = {.inside_tls = rows[i].tls, .out = &out, .context = &context};
        http_write_get(&call, "/");
        text[out.size] = 0;
        assert_non_null(strstr(text, rows[i].line));
        assert_ptr_equal(strstr(text, "GET / HTTP/1.1\r\n"), text);
        assert_string_equal(text + out.size - 4, "\r\n\r\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length),  cmocka_unit_test(test_chunks),
        cmocka_unit_test(test_caps),    cmocka_unit_test(test_status_lines),
        cmocka_unit_test(test_headers), cmocka_unit_test(test_challenges),
        cmocka_unit_test(test_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
