#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importing.h"

static void test_ports(void **state)
{
    struct importing *importing = *state;
    assert_int_equal(importing_file(importing, "masscan", "masscan-ports.json"), STATUS_OK);
    assert_int_equal(importing->tally.observations + importing->tally.outside, 36);
    char *dump = importing_dump(importing);
    assert_holds(dump, "h001 192.0.2.10:3306 unknown / {}");
    /* It does not say what was asked, so that nothing is assessed. */
    assert_holds_not(dump, "covered");
    assert_holds_not(dump, "count ");
    free(dump);
}

/* Several records of one endpoint, of which one knows the service. */
static void test_banners(void **state)
{
    static const char *const parts[] = {
        "h001 192.0.2.10:22 ssh OpenSSH/9.2p1 ",
        "h001 192.0.2.10:3306 mysql MariaDB/10.11.", /* heard from the very bytes, NUL among them */
        "h002 198.51.100.18:3306 mysql MariaDB/ {\"mysql.error_code\":1130,\"mysql.host_refused\":true}",
        "h001 192.0.2.14:445 smb ",
        "h001 192.0.2.15:5900 vnc / {\"vnc.no_password\":true}",
        "finding h001 H03-8 192.0.2.15:5900 judged ",
        "covered h001 H03-8 in part",
    };
    struct importing *importing = *state;
    assert_int_equal(importing_file(importing, "masscan", "masscan-banners.json"), STATUS_OK);
    char *dump = importing_dump(importing);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_holds(dump, parts[i]);
    assert_holds_not(dump, "whole");
    free(dump);
}

#define RECORD                                                                                               \
    "{   \"ip\": \"203.0.113.17\",   \"timestamp\": \"1795657933\", \"ports\": [ {\"port\": 104, "           \
    "\"proto\": \"tcp\", \"status\": \"open\"} ] }"

/* What its versions, and interrupted scans, leave at the ends of lines and of the file. */
static void test_forms(void **state)
{
    static const char *const forms[] = {
        "[\n" RECORD "\n,\n" RECORD "\n]\n",
        "[\n" RECORD ",\n" RECORD "\n]",
        "[\n" RECORD ",\n" RECORD ",\n]\n",
        "[\n" RECORD ",\n" RECORD ",\n{finished: 1}\n]\n",
        "[\n" RECORD "\n,\n",
        "[\n" RECORD,
        "[" RECORD ",\r\n,\r\n" RECORD "\r\n",
        RECORD "\n" RECORD "\n",
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *dump = importing_good(*state, "masscan", forms[i]);
        assert_holds(dump, "h003 203.0.113.17:104 unknown");
        free(dump);
    }
    char *dump = importing_good(*state, "masscan", "");
    assert_holds_not(dump, "203.0.113.17");
    free(dump);
}

static void test_left_out(void **state)
{
    struct importing *importing = *state;
    char *dump = importing_good(
        importing, "masscan",
        "[\n{\"ip\":\"203.0.113.17\",\"timestamp\":1,\"ports\":[{\"port\":53,\"proto\":\"udp\"},"
        "{\"port\":80,\"proto\":\"tcp\",\"status\":\"closed\"}]}\n,\n"
        "{\"ip\":\"8.8.8.8\",\"timestamp\":\"1\",\"ports\":[{\"port\":53,\"proto\":\"tcp\"}]}\n]\n");
    assert_holds_not(dump, "203.0.113.17");
    assert_int_equal(importing->tally.skipped_count, 2);
    assert_int_equal(importing->tally.outside, 1);
    free(dump);
}

/* A cut inside a record is one; between two of them it is what an interrupted scan leaves. */
static bool between(const char *text, size_t size)
{
    while (size && strchr("\n,[", text[size - 1]))
        size--;
    return size == 0 || (text[size - 1] == '}' && text[size] == '\n') || text[size - 1] == ']';
}

static void test_cut(void **state)
{
    assert_cuts_refused(*state, "masscan", "masscan-banners.json", 31, between);
}

static void test_hostile(void **state)
{
    struct importing *importing = *state;
    assert_refused(importing, "masscan", "<?xml version=\"1.0\"?>", "file:1:1:");
    assert_refused(importing, "masscan", "[\n" RECORD "\n]\n" RECORD "\n", "file:4:1: there is more behind");
    assert_refused(importing, "masscan", "[\n" RECORD RECORD "\n]\n", "file:2:");
    assert_refused(importing, "masscan", "[\n{\"ip\":\"here\"}\n]", "wants \"ip\", an address");
    assert_refused(importing, "masscan", "[\n{\"ip\":\"192.0.2.9\",\"timestamp\":\"1\"}\n]",
                   "wants \"ports\"");
    assert_refused(
        importing, "masscan",
        "[\n{\"ip\":\"192.0.2.9\",\"timestamp\":\"1\",\"ports\":[{\"port\":-1,\"proto\":\"tcp\"}]}\n]",
        "a number up to 65535");
    assert_refused(importing, "masscan", "[\n{\"ip\":\"192.0.2.9\",\"timestamp\":\"soon\",\"ports\":[]}\n]",
                   "seconds since 1970");
    assert_refused(importing, "masscan", "[\n{\"a\":[[[[[[[[[[[[1]]]]]]]]]]]]}\n]", "file:2:");
    size_t size = (1u << 20) + 64;
    char *text = malloc(size + 1);
    memset(text, ' ', size);
    text[size] = 0;
    assert_refused(importing, "masscan", text, "longer than 1048576 bytes");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORTING_TEST(test_ports),    IMPORTING_TEST(test_banners), IMPORTING_TEST(test_forms),
        IMPORTING_TEST(test_left_out), IMPORTING_TEST(test_cut),     IMPORTING_TEST(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
