#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "importing.h"

/* Yes, no and unknown; either language; by id or by name; one column or several for an item. */
static void test_answers(void **state)
{
    struct importing *importing = *state;
    char *dump = importing_good(
        importing, "survey",
        "机构,是否通过等级保护测评,双机热备,集群,backup,audit,two_factor,lockout,网络版杀毒,填报日期\r\n"
        "h001,否,否,是,NO,unknown,是,,是,2026-11-20\r\n"
        "Two,是,无,no,yes,yes,是,否,否,2026/11/21 08:30\r\n");
    assert_holds(dump, "finding h001 B6-2 -:0 told 1795104000000");
    assert_holds(dump, "covered h001 B6-1 whole"); /* a cluster is enough */
    assert_holds_not(dump, "finding h001 B6-1");
    assert_holds(dump, "finding h001 D5-1");
    assert_holds_not(dump, "h001 D5-2"); /* unknown */
    assert_holds_not(dump, "h001 B2-2"); /* of the lockout nobody knows */
    assert_holds(dump, "finding h002 B6-1");
    assert_holds(dump, "finding h002 B2-2 -:0 told 1795221000000"); /* no lockout settles it */
    assert_holds(dump, "covered h002 D5-2 whole");
    assert_int_equal(importing->tally.skipped_count, 1);
    assert_holds(importing->tally.skipped[0].why, "no item is about");
    free(dump);
}

static void test_gb18030(void **state)
{
    char *dump = importing_good(*state, "survey",
                                "\xbb\xfa\xb9\xb9,\xca\xfd\xbe\xdd\xbf\xe2\xc9\xf3\xbc\xc6\nh003,\xce\xde\n");
    assert_holds(dump, "finding h003 D5-2 -:0 told 1795700000000");
    free(dump);
}

static void test_whose(void **state)
{
    struct importing *importing = *state;
    char *dump = importing_good(importing, "survey", "org,audit\nnobody,no\nh001,no\n");
    assert_holds(importing->tally.skipped[0].why, "lines of organizations");
    assert_int_equal(importing->tally.findings, 1);
    free(dump);
    importing->only = "h002";
    dump = importing_good(importing, "survey", "org,audit\nh001,no\nh002,yes\n");
    assert_int_equal(importing->tally.others, 1);
    assert_holds(dump, "covered h002 D5-2 whole");
    assert_holds_not(dump, "h001 D5-2");
    free(dump);
}

static void test_refused(void **state)
{
    struct importing *importing = *state;
    assert_refused(importing, "survey", "", "file: the file is empty");
    assert_refused(importing, "survey", "audit\nno\n", "file:1:1: no column names the organization");
    assert_refused(importing, "survey", "org,colour\nh001,no\n", "no column is a question");
    assert_refused(importing, "survey", "org,audit\nh001,no\nh002,maybe\n",
                   "file:3:6: \"maybe\" is no answer");
    assert_refused(importing, "survey", "org,audit\n,no\n", "file:2:1: the organization is missing");
    assert_refused(importing, "survey", "org,audit\nh001,no\nh002", "file:3:1: 1 fields; the header has 2");
    assert_refused(importing, "survey", "org,audit,date\nh001,no,soon\n", "file:2:9: \"soon\" is no date");
    assert_refused(importing, "survey", "{\"type\":\"alert\"}\n", "file:1:2: a quote inside a field");
    assert_refused(importing, "survey", "org,audit\n\"h001,no\n", "never closed");
}

static void test_map(void **state)
{
    struct importing *importing = *state;
    importing->map =
        "{ \"auscult_map\": \"survey\", \"organization\": \"o\", \"answers\": {\"yes\": [\"J\"], \"no\": "
        "[\"N\"], \"unknown\": [\"?\"]}, \"questions\": [{\"item\": \"H10-2\", \"any\": [[\"av\"]]}] }";
    char *dump = importing_good(importing, "survey", "o,av\nh001,N\nh002,?\n");
    assert_holds(dump, "finding h001 H10-2");
    assert_holds_not(dump, "h002 H10-2");
    free(dump);
    importing->map =
        "{ \"auscult_map\": \"survey\", \"organization\": \"o\", \"answers\": {\"yes\": [], \"no\": [], "
        "\"unknown\": []}, \"questions\": [{\"item\": \"Q1\", \"any\": [[\"av\"]]}, {\"item\": \"B6-1\"}] }";
    assert_refused(importing, "survey", "o,av\n", "no item \"Q1\"");
    assert_refused(importing, "survey", "o,av\n", "either \"any\" or \"all\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IMPORTING_TEST(test_answers), IMPORTING_TEST(test_gb18030), IMPORTING_TEST(test_whose),
        IMPORTING_TEST(test_refused), IMPORTING_TEST(test_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
