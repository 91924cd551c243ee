#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importing.h"

static char *dump_of(struct importing *importing, const char *name)
{
    enum status status = importing_file(importing, "nmap", name);
    assert_string_equal(importing->complaints, "");
    assert_int_equal(status, STATUS_OK);
    return importing_dump(importing);
}

/* What nmap -sV and its scripts tell of the lab. */
static void test_services(void **state)
{
    static const char *const parts[] = {
        "h001 192.0.2.10:22 ssh OpenSSH/9.2p1 ",
        "h001 192.0.2.10:3306 mysql MariaDB/10.11.",      /* not the 5.5.5 before it */
        "h001 192.0.2.11:5432 postgresql PostgreSQL/ {}", /* "9.6.0 or later" is no version */
        "\"redis.open\":true",
        "h001 192.0.2.14:445 smb Samba/ {\"smb.v1_accepted\":true", /* a script about the host */
        "h001 192.0.2.15:3389 rdp ",
        "\"vnc.no_password\":true",
        "h001 192.0.2.16:443 http+tls nginx/1.22.1 ",
        "\"x509.not_after\":\"2023-03-01T00:00:00Z\",\"x509.self_signed\":true", /* out of the PEM */
        "h002 198.51.100.13:445 smb Samba/ {\"smb.v1_accepted\":false",
        "h003 203.0.113.17:11112 dicom / {\"dicom.any_called_title\":true}",
        "finding h001 H06-1 192.0.2.12:6379 judged ",
        "finding h001 A04-2 192.0.2.16:443 judged ",
        "finding h003 H14-2 203.0.113.17:11112 judged ",
        "count h001 22 open=2 closed=5 silent=0 unreachable=0",
        "count h003 11112 open=1 closed=0 silent=0 unreachable=0",
        "covered h001 H06-1 in part", /* of 56 addresses seven were asked */
        "covered h003 H03-1 whole",   /* of one address one was */
        "covered h003 H14-2 whole",
        "hosts h001 answered=7 open=7",
    };
    char *dump = dump_of(*state, "nmap-services.xml");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_holds(dump, parts[i]);
    /* Nobody looked whether its DICOM is inside TLS of old, nor at certificates where none was seen. */
    assert_holds_not(dump, "h001 H03-1 whole");
    free(dump);
}

/* Without -sV a name is that of the port's usual service, and nothing is known but that it is open. */
static void test_ports(void **state)
{
    struct importing *importing = *state;
    char *dump = dump_of(importing, "nmap-ports.xml");
    assert_holds(dump, "h001 192.0.2.10:22 unknown / {}");
    assert_holds_not(dump, "finding");
    assert_int_equal(importing->tally.skipped_count, 1);
    assert_holds(importing->tally.skipped[0].why, "(no -sV)");
    free(dump);
}

/* In pieces of any size it is the same. */
static void test_pieces(void **state)
{
    struct importing *importing = *state;
    char *whole = dump_of(importing, "nmap-services.xml");
    importing->step = 7;
    char *pieces = dump_of(importing, "nmap-services.xml");
    assert_string_equal(whole, pieces);
    free(whole);
    free(pieces);
}

static void test_cut(void **state)
{
    assert_cuts_refused(*state, "nmap", "nmap-services.xml", 397, NULL);
}

#define RUN(inside)                                                                                          \
    "<?xml version=\"1.0\"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner=\"nmap\" start=\"1795600000\">\n"         \
    "<scaninfo type=\"syn\" protocol=\"tcp\" services=\"22,445\"/>\n" inside                                 \
    "<runstats><finished time=\"1795600009\"/></runstats></nmaprun>\n"
#define HOST(inside)                                                                                         \
    "<host><status state=\"up\"/><address addr=\"203.0.113.17\" addrtype=\"ipv4\"/>" inside "</host>\n"
#define PORT(number, state, inside)                                                                          \
    "<port protocol=\"tcp\" portid=\"" number "\"><state state=\"" state "\"/>" inside "</port>"

/* open|filtered is not open, and a port of which nothing is said was not asked. */
static void test_states(void **state)
{
    char *dump = importing_good(
        *state, "nmap",
        RUN(HOST("<ports>" PORT("22", "open|filtered", "") PORT("445", "filtered", "") "</ports>")));
    assert_holds_not(dump, ":22");
    assert_holds_not(dump, "count h003 22");
    assert_holds(dump, "count h003 445 open=0 closed=0 silent=1 unreachable=0");
    assert_holds(dump, "covered h003 H02-1 whole");
    assert_holds_not(dump, "H03-2 ");
    free(dump);
    dump = importing_good(*state, "nmap",
                          RUN("<host><status state=\"down\"/><address addr=\"203.0.113.17\"/></host>"));
    assert_holds_not(dump, "count");
    free(dump);
}

/* A service that is known, of which nothing more was looked at, leaves open what would have to be. */
static void test_not_looked_at(void **state)
{
    char *dump = importing_good(
        *state, "nmap",
        RUN(HOST("<ports>" PORT(
            "445", "open",
            "<service name=\"microsoft-ds\" method=\"probed\"/>") "<extraports state=\"closed\" "
                                                                  "count=\"1\"/></ports>")));
    assert_holds(dump, "covered h003 H02-1 whole");
    assert_holds_not(dump, "covered h003 H02-2 ");
    assert_holds(dump, "covered h003 H03-2 whole");
    free(dump);
}

static void test_vulnerable(void **state)
{
    struct importing *importing = *state;
    static const char text[] = RUN(HOST("<ports>" PORT(
        "445", "open",
        "<service name=\"microsoft-ds\" method=\"probed\"/>") "</ports><hostscript><script "
                                                              "id=\"smb-vuln-ms17-010\" output=\"\"><table "
                                                              "key=\"CVE-2017-0143\"><elem "
                                                              "key=\"title\">x</elem><elem "
                                                              "key=\"state\">VULNERABLE</elem></table></"
                                                              "script></hostscript>") "<host><status "
                                                                                      "state=\"up\"/"
                                                                                      "><address "
                                                                                      "addr=\"8.8.8.8\" "
                                                                                      "addrtype=\"ipv4\"/"
                                                                                      "><ports>" PORT(
                                                                                          "22", "open",
                                                                                          "") "</"
                                                                                              "po"
                                                                                              "rt"
                                                                                              "s>"
                                                                                              "</"
                                                                                              "ho"
                                                                                              "st"
                                                                                              ">");
    char *dump = importing_good(importing, "nmap", text);
    assert_holds(dump, "finding h003 H02-3 203.0.113.17:0 told 1795600000000");
    assert_int_equal(importing->tally.outside, 1);
    assert_true(importing->tally.from_ms == INT64_C(1795600000000));
    assert_true(importing->tally.until_ms == INT64_C(1795600009999));
    free(dump);
    importing->only = "h002";
    free(importing_good(importing, "nmap", text));
    assert_int_equal(importing->tally.others, 2);
}

static void test_hostile(void **state)
{
    struct importing *importing = *state;
    assert_refused(importing, "nmap", "", "file:1:1: no well-formed XML");
    assert_refused(importing, "nmap", "{\"auscult\": 1}", "no well-formed XML");
    assert_refused(importing, "nmap", "<html></html>", "which begins with <nmaprun");
    assert_refused(importing, "nmap",
                   "<!DOCTYPE nmaprun [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><nmaprun>&b;</nmaprun>",
                   "the DOCTYPE holds declarations");
    assert_refused(importing, "nmap", "<nmaprun>&lol;</nmaprun>", "undefined entity");
    assert_refused(importing, "nmap", RUN(HOST("<ports></host></ports>")), "file:5:");
    assert_refused(importing, "nmap", RUN("<host><ports>" PORT("22", "open", "") "</ports></host>"),
                   "a host without an address before its ports");
    assert_refused(importing, "nmap", RUN(HOST("<ports>" PORT("70000", "open", "") "</ports>")),
                   "a number up to 65535");
    assert_refused(importing, "nmap", RUN("<host><address addr=\"192.0.2.300\"/></host>"), "is no address");
    assert_refused(importing, "nmap", RUN("<scaninfo protocol=\"tcp\" services=\"1-99999\"/>"),
                   "no list of ports");
    char deep[4096] = "<nmaprun>";
    for (int i = 0; i < 200; i++)
        strcat(deep, "<a>");
    assert_refused(importing, "nmap", deep, "nested deeper than 32");
}

/* A tag that never ends is not waited for. */
static void test_endless(void **state)
{
    struct importing *importing = *state;
    size_t size = 6u << 20;
    char *text = malloc(size + 1);
    memset(text, 'a', size);
    text[size] = 0;
    memcpy(text, "<nmaprun start=\"", 16);
    assert_refused(importing, "nmap", text, "a tag is longer than 4 MiB");
    free(text);
}

static void assert_map_refused(struct importing *importing, const char *map, const char *complaint)
{
    importing->map = map;
    assert_refused(importing, "nmap", RUN(""), complaint);
    importing->map = NULL;
}

static void test_map(void **state)
{
    struct importing *importing = *state;
    assert_map_refused(importing, "{ \"auscult_map\": \"csv\", \"services\": {} }",
                       "map:1:18: this map is for \"csv\"");
    assert_map_refused(importing, "{ \"auscult_map\": \"nmap\", \"services\": {\"a\": \"gopher\"} }",
                       "no probe has the name");
    assert_map_refused(importing,
                       "{ \"auscult_map\": \"nmap\", \"services\": {}, \"scripts\": [{\"script\": \"a\", "
                       "\"item\": \"X9\"}] }",
                       "no item \"X9\"");
    assert_map_refused(importing,
                       "{ \"auscult_map\": \"nmap\", \"services\": {}, \"scripts\": [{\"script\": \"a\", "
                       "\"facts\": {\"ssh.v1_accepted\": 1}}] }",
                       "should be true or false");
    assert_map_refused(importing,
                       "{ \"auscult_map\": \"nmap\", \"services\": {}, \"scripts\": [{\"script\": \"a\"}] }",
                       "the rule says nothing");
    importing->map = "{ \"auscult_map\": \"nmap\", \"services\": {}, \"scripts\": [{\"script\": \"s\", "
                     "\"holds\": \"bad\", \"item\": \"H08-3\"}] }";
    char *dump = importing_good(
        importing, "nmap",
        RUN(HOST("<ports>" PORT("22", "open", "<script id=\"s\" output=\"is bad\"/>") "</ports>")));
    assert_holds(dump, "finding h003 H08-3 203.0.113.17:22 told");
    free(dump);
    importing->map = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORTING_TEST(test_services),   IMPORTING_TEST(test_ports),   IMPORTING_TEST(test_pieces),
        IMPORTING_TEST(test_cut),        IMPORTING_TEST(test_states),  IMPORTING_TEST(test_not_looked_at),
        IMPORTING_TEST(test_vulnerable), IMPORTING_TEST(test_hostile), IMPORTING_TEST(test_endless),
        IMPORTING_TEST(test_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
