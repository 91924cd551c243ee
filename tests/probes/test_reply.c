#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/reply.h"

static struct reply read_one(const char *text, enum reply_state wanted)
{
    struct cursor in = cursor_over(text, strlen(text));
    struct reply reply = {0};
    assert_int_equal(reply_read(&in, &reply), wanted);
    return reply;
}

static void test_forms(void **state)
{
    (void)state;
    assert_int_equal(read_one("220 ready\r\n", REPLY_WHOLE).code, 220);
    assert_int_equal(read_one("220\r\n", REPLY_WHOLE).code, 220);
    assert_int_equal(read_one("421-a\n421 b\n", REPLY_WHOLE).code, 421);
    /* What stands between may be free text, even text that starts with digits (RFC 959 §4.2). */
    assert_int_equal(read_one("211-Features:\r\n MDTM\r\n500 x\r\n211 End\r\n", REPLY_WHOLE).code, 211);
    read_one("220-a\r\n220-b\r\n", REPLY_WAIT);
    read_one("22", REPLY_WAIT);
    read_one("", REPLY_WAIT);
}

static void test_no_reply(void **state)
{
    (void)state;
    read_one("S", REPLY_NONE);
    read_one("22x", REPLY_NONE);
    read_one("2200", REPLY_NONE);
    read_one("099 a\r\n", REPLY_NONE);
    read_one("999 a\r\n", REPLY_NONE);
    read_one("22\r\n", REPLY_NONE);
}

static void test_lines(void **state)
{
    (void)state;
    struct reply reply = read_one("211-Features:\r\n MDTM\r\n211 End\r\n", REPLY_WHOLE);
    assert_true(span_equals(reply_line(&reply.lines), "Features:"));
    assert_true(span_equals(reply_line(&reply.lines), " MDTM"));
    assert_true(span_equals(reply_line(&reply.lines), "End"));
    assert_int_equal(reply.lines.size, 0);
}

static void test_speaker(void **state)
{
    (void)state;
    static const struct {
        const char *greeting;
        enum reply_speaker speaker;
    } cases[] = {
        {"220 mail.h001.example ESMTP Postfix\r\n", REPLY_OF_SMTP},
        {"220 ftp.h001.example ESMTP\r\n", REPLY_OF_SMTP},
        {"220 smtp.h001.example FTP server ready\r\n", REPLY_OF_FTP},
        {"220 (vsFTPd 3.0.3)\r\n", REPLY_OF_FTP},
        {"220 ProFTPD Server (mail) [10.0.0.1]\r\n", REPLY_OF_FTP},
        {"220-FileZilla Server 1.5.1\r\n220 Please visit\r\n", REPLY_OF_FTP},
        {"220-FTP server\r\n220 write to the mail administrator by SMTP\r\n", REPLY_OF_FTP},
        {"554 5.7.1 refused\r\n", REPLY_OF_SMTP},
        {"220 FTP and SMTP\r\n", REPLY_OF_NOBODY},
        {"220 ftp.h001.example ready\r\n", REPLY_OF_FTP},
        {"220 mail.h001.example ready\r\n", REPLY_OF_SMTP},
        {"220 gw.h001.example ready\r\n", REPLY_OF_NOBODY},
        {"220 Welcome\r\n", REPLY_OF_NOBODY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply reply = read_one(cases[i].greeting, REPLY_WHOLE);
        assert_int_equal(reply_speaker(&reply), cases[i].speaker);
    }
}

static void test_guess(void **state)
{
    (void)state;
    struct reply named = read_one("220 gw.h001.example ready\r\n", REPLY_WHOLE);
    struct reply nameless = read_one("220 Welcome\r\n", REPLY_WHOLE);
    struct reply refusal = read_one("421 gw.h001.example busy\r\n", REPLY_WHOLE);
    assert_int_equal(reply_speaker_guess(&named, 25), REPLY_OF_SMTP);
    assert_int_equal(reply_speaker_guess(&nameless, 25), REPLY_OF_SMTP);
    assert_int_equal(reply_speaker_guess(&named, 9999), REPLY_OF_SMTP);
    assert_int_equal(reply_speaker_guess(&nameless, 9999), REPLY_OF_FTP);
    assert_int_equal(reply_speaker_guess(&refusal, 9999), REPLY_OF_NOBODY);
}

static void test_domain(void **state)
{
    (void)state;
    static const struct {
        const char *greeting, *domain;
    } cases[] = {
        {"220 mail.h001.example ESMTP\r\n", "mail.h001.example"},
        {"220 [192.0.2.1] ESMTP\r\n", "[192.0.2.1]"},
        {"220 192.0.2.1 ESMTP\r\n", "192.0.2.1"},
        {"220 localhost ESMTP\r\n", ""},
        {"550 5.7.1 no\r\n", ""},
        {"220 \r\n", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reply reply = read_one(cases[i].greeting, REPLY_WHOLE);
        struct span rest;
        assert_true(span_equals(reply_domain(&reply, &rest), cases[i].domain));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),   cmocka_unit_test(test_no_reply), cmocka_unit_test(test_lines),
        cmocka_unit_test(test_speaker), cmocka_unit_test(test_guess),    cmocka_unit_test(test_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
