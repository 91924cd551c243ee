#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importing.h"

/* A blocklist report such as Shadowserver sends: one kind, an address a line. */
#define BLOCKLIST                                                                                            \
    "{ \"auscult_map\": \"csv\", \"columns\": { \"ip\": [\"src_ip\", \"ip\"], \"time\": \"timestamp\", "     \
    "\"why\": \"source\" }, \"item\": \"N4-4\", \"covers\": { \"items\": [\"N4-4\"], \"organizations\": "    \
    "\"all\", \"days\": 1 } }"

static void test_one_item(void **state)
{
    struct importing *importing = *state;
    importing->map = BLOCKLIST;
    char *dump = importing_good(importing, "csv",
                                "\"timestamp\",\"ip\",\"source\"\n"
                                "\"2026-11-25 00:00:00\",192.0.2.9,\"list \"\"A\"\"\"\n"
                                "\"2026-11-25 06:00:00\",8.8.8.8,B\n");
    assert_holds(dump, "finding h001 N4-4 192.0.2.9:0 told 1795564800000");
    assert_holds(dump, "covered h002 N4-4 whole");
    assert_int_equal(importing->tally.outside, 1);
    assert_true(importing->tally.until_ms - importing->tally.from_ms == INT64_C(86400000));
    free(dump);
    dump =
        importing_good(importing, "csv", "timestamp,ip,source\n"); /* nobody is listed, and that is known */
    assert_holds(dump, "covered h003 N4-4 whole");
    free(dump);
}

/* Kinds, words for confidences, a key and a count; local time; Chinese headers in GB18030. */
#define MONITOR                                                                                                          \
    "{ \"auscult_map\": \"csv\", \"delimiter\": \";\", \"time_offset\": \"+08:00\", \"columns\": { "                     \
    "\"org\": "                                                                                                          \
    "\"机构\", \"item\": \"类型\", \"key\": \"数据集\", \"confidence\": \"可信度\", \"time\": "                \
    "\"发现时间\", "                                                                                                 \
    "\"count\": \"条数\" }, \"items\": { \"数据泄露\": \"D1-1\", \"患者隐私\": \"D3-1\", \"误报\": null }, " \
    "\"unlisted\": \"skip\", \"confidences\": { \"高\": 5 }, \"covers\": { \"items\": [\"D1-1\", "                      \
    "\"D3-1\"], "                                                                                                        \
    "\"organizations\": \"named\" } }"

static void test_kinds(void **state)
{
    struct importing *importing = *state;
    importing->map = MONITOR;
    char *dump = importing_good(importing, "csv",
                                "机构;类型;数据集;可信度;发现时间;条数\n"
                                "h001;患者隐私;outpatient-2026;高;2026-11-20 08:00;3\n"
                                "One;误报;x;;2026-11-21;\n"
                                "h002;别的;y;2;2026-11-21;1\n");
    assert_holds(dump, "finding h001 D3-1 -:0 key=outpatient-2026 count=3 confidence=5 told 1795132800000");
    assert_holds_not(dump, "D1-1 -");
    assert_holds(dump, "covered h001 D1-1 whole");
    assert_holds(dump, "covered h002 D3-1 whole");
    assert_holds_not(dump, "covered h003");
    assert_holds(importing->tally.skipped[0].why, "does not list");
    free(dump);
}

static void test_refused(void **state)
{
    struct importing *importing = *state;
    importing->map = BLOCKLIST;
    assert_refused(importing, "csv", "", "file: the file is empty");
    assert_refused(importing, "csv", "when,ip\n",
                   "file:1:1: no column has the name that the map gives for \"time\"");
    assert_refused(importing, "csv",
                   "timestamp,ip,source\n2026-11-25,192.0.2.9,a\n2026-11-25,192.0.2.999,b\n",
                   "file:3:12: \"192.0.2.999\" is no address");
    assert_refused(importing, "csv", "timestamp,ip,source\n2026-13-25,192.0.2.9,a\n", "is no moment");
    assert_refused(importing, "csv", "timestamp,ip,source\n2026-11-25,192.0.2.9\n",
                   "2 fields; the header has 3");
    assert_refused(importing, "csv", "timestamp,ip,source\n2026-11-25,192.0.2.9,\"a\n", "never closed");
    importing->map =
        "{ \"auscult_map\": \"csv\", \"columns\": { \"ip\": \"ip\", \"port\": \"p\", \"item\": \"i\", "
        "\"count\": \"n\", \"confidence\": \"c\" } }";
    assert_refused(importing, "csv", "ip,p,i,n,c\n192.0.2.9,0,N4-4,1,1\n", "file:2:11: \"0\" is no port");
    assert_refused(importing, "csv", "ip,p,i,n,c\n192.0.2.9,80,Z9,1,1\n", "is no item of the catalogue");
    assert_refused(importing, "csv", "ip,p,i,n,c\n192.0.2.9,80,N4-4,-1,1\n", "is no count");
    assert_refused(importing, "csv", "ip,p,i,n,c\n192.0.2.9,80,N4-4,1,6\n", "is no confidence");
    char *dump = importing_good(importing, "csv", "ip,p,i,n,c\n192.0.2.9,161/udp,N4-4,2,\n");
    assert_holds(dump, "finding h001 N4-4 192.0.2.9:161 count=2 told 0");
    free(dump);
}

static void test_map(void **state)
{
    struct importing *importing = *state;
    static const char *const maps[][2] = {
        {"{ \"auscult_map\": \"csv\", \"columns\": {}, \"item\": \"N4-4\" }",
         "nothing tells whose a line is"},
        {"{ \"auscult_map\": \"csv\", \"columns\": {\"ip\": \"a\"} }", "nothing tells what a line finds"},
        {"{ \"auscult_map\": \"csv\", \"columns\": {\"ip\": \"a\"}, \"item\": \"Z9\" }", "no item \"Z9\""},
        {"{ \"auscult_map\": \"csv\", \"columns\": {\"ipp\": \"a\"}, \"item\": \"N4-4\" }",
         "unknown key \"ipp\""},
        {"{ \"auscult_map\": \"csv\", \"delimiter\": \"ab\", \"columns\": {\"ip\": \"a\"}, \"item\": "
         "\"N4-4\" }",
         "\"delimiter\" is one of"},
        {"{ \"auscult_map\": \"csv\", \"columns\": {\"ip\": \"a\"}, \"item\": \"N4-4\", \"covers\": "
         "{\"items\": [\"N4-4\"]} }",
         "organizations"},
        {"{ \"auscult_map\": \"csv\", \"time_offset\": \"8\", \"columns\": {\"ip\": \"a\"}, \"item\": "
         "\"N4-4\" }",
         "ahead of UTC"},
    };
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        importing->map = maps[i][0];
        assert_refused(importing, "csv", "a\n", maps[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORTING_TEST(test_one_item),
        IMPORTING_TEST(test_kinds),
        IMPORTING_TEST(test_refused),
        IMPORTING_TEST(test_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
