#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/feeds/stix_pattern.h"

/* "address 192.0.2.1-192.0.2.1", "name evil.example", "below …", "url …", with ":445/udp" where they ask for it;
   then "| why" where not all is of use. */
static char *describe(const struct stix_pattern *pattern)
{
    char *text = NULL, first[ADDRESS_TEXT_MAX], last[ADDRESS_TEXT_MAX];
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (size_t i = 0; i < pattern->count; i++) {
        const struct indicator_term *term = &pattern->terms[i];
        address_format(term->range.first, first);
        address_format(term->range.last, last);
        fprintf(out, "%s", i ? ", " : "");
        if (term->kind == INDICATOR_ADDRESS)
            fprintf(out, "address %s-%s", first, last);
        else
            fprintf(out, "%s %s",
                    term->kind == INDICATOR_NAME  ? "name"
                    : term->kind == INDICATOR_URL ? "url"
                                                  : "below",
                    term->text);
        if (term->port)
            fprintf(out, ":%u", term->port);
        if (term->transport >= 0)
            fprintf(out, "/%s", transport_name((enum transport)term->transport));
    }
    fprintf(out, "%s", pattern->why ? "|" : "");
    fclose(out);
    return text;
}

static const char *const good[][2] = {
    {"[ipv4-addr:value = '192.0.2.1']", "address 192.0.2.1-192.0.2.1"},
    {"[ipv4-addr:value == '192.0.2.0/24']", "address 192.0.2.0-192.0.2.255"},
    {"[ipv4-addr:value ISSUBSET '192.0.2.0/30']", "address 192.0.2.0-192.0.2.3"},
    {"[ipv6-addr:value='2001:DB8::1']", "address 2001:db8::1-2001:db8::1"},
    {"[ipv4-addr:value IN ('192.0.2.1','192.0.2.2')]",
     "address 192.0.2.1-192.0.2.1, address 192.0.2.2-192.0.2.2"},
    {"[domain-name:value = 'Evil.Example.']", "name evil.example"},
    {"[domain-name:value LIKE '%.evil.example']", "below evil.example"},
    {"[domain-name:value LIKE '%evil.example']", "|"},
    {"[domain-name:value LIKE '%.ev_l.example']", "|"},
    {"[url:value = 'HTTP://Evil.Example:80/A?b#c']", "url http://evil.example/A?b"},
    {"[url:value = 'https://evil.example:8443']", "url https://evil.example:8443/"},
    {"[url:value = 'ftp://evil.example/']", "|"},
    {"[domain-name:value='a.example'] OR [ipv4-addr:value='192.0.2.1']",
     "name a.example, address 192.0.2.1-192.0.2.1"},
    {"[domain-name:value='a.example' OR file:name='x']", "name a.example|"},
    {"[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' AND "
     "network-traffic:dst_port = 445 AND network-traffic:protocols[*] = 'tcp']",
     "address 192.0.2.1-192.0.2.1:445/tcp"},
    {"[ipv4-addr:value='192.0.2.1' AND (network-traffic:dst_port=1 OR network-traffic:dst_port=2)]",
     "address 192.0.2.1-192.0.2.1:1, address 192.0.2.1-192.0.2.1:2"},
    {"[ipv4-addr:value='192.0.2.1' AND domain-name:value='a.example']", "|"},
    {"[network-traffic:dst_port=445]", "|"},
    {"[ipv4-addr:value != '192.0.2.1']", "|"},
    {"[ipv4-addr:value NOT IN ('192.0.2.1')]", "|"},
    {"[ipv4-addr:value NOT = '192.0.2.1' OR ipv4-addr:value = '192.0.2.2']", "address 192.0.2.2-192.0.2.2|"},
    {"[EXISTS ipv4-addr:value]", "|"},
    {"[ipv4-addr:value MATCHES '^192']", "|"},
    {"[ipv4-addr:value = 'no address']", "|"},
    {"[ipv4-addr:value='192.0.2.1'] AND [ipv4-addr:value='192.0.2.2']", "|"},
    {"[ipv4-addr:value='192.0.2.1'] FOLLOWEDBY [ipv4-addr:value='192.0.2.2'] WITHIN 5 SECONDS", "|"},
    {"[ipv4-addr:value='192.0.2.1'] REPEATS 5 TIMES", "|"},
    {"[ipv4-addr:value='192.0.2.1'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'", "|"},
    {"([ipv4-addr:value='192.0.2.1'] AND [file:size > 5]) OR [domain-name:value='a.example']",
     "name a.example|"},
    {"[file:hashes.'SHA-256' = 'ab' AND file:size >= 5 AND x:y[0].z IN (1, 2.5, true, h'ff')]", "|"},
    {" /* why */ [ ipv4-addr : value = '192.0.2.1' ] // end", "address 192.0.2.1-192.0.2.1"},
    {"[ipv4-addr:value = '192.0.2.1' or ipv4-addr:value in ('192.0.2.2')]",
     "address 192.0.2.1-192.0.2.1, address 192.0.2.2-192.0.2.2"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct stix_pattern pattern;
        const char *why = NULL;
        size_t at = 0;
        if (stix_pattern_read(good[i][0], &pattern, &why, &at) != STATUS_OK)
            fail_msg("%s: at %zu: %s", good[i][0], at, why);
        char *said = describe(&pattern);
        assert_string_equal(said, good[i][1]);
        free(said);
        stix_pattern_deinit(&pattern);
    }
}

/* What the grammar does not have, and where. */
static void test_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t at;
    } wrong[] = {
        {"", 0},
        {"ipv4-addr:value = '192.0.2.1'", 0},
        {"[ipv4-addr:value = '192.0.2.1'", 30},
        {"[ipv4-addr:value = 192.0.2.1]", 24},
        {"[ipv4-addr:value = '192.0.2.1]", 19},
        {"[ipv4-addr:value = '192.0.2.1' XOR x:y = 1]", 31},
        {"[ipv4-addr = '192.0.2.1']", 11},
        {"[ipv4-addr:value IN '192.0.2.1']", 20},
        {"[ipv4-addr:value LIKE 5]", 22},
        {"[x:y = 'a\\n']", 7},
        {"[x:y = 1] WITHIN SECONDS", 17},
        {"[x:y = 1] [x:y = 2]", 10},
        {"[x:y[ = 1]", 6},
        {"[]", 1},
        {"[x:y = 1] /* open", 10},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct stix_pattern pattern;
        const char *why = NULL;
        size_t at = 0;
        assert_int_equal(stix_pattern_read(wrong[i].text, &pattern, &why, &at), STATUS_MISMATCH);
        assert_non_null(why);
        if (at != wrong[i].at)
            fail_msg("%s: at %zu: %s", wrong[i].text, at, why);
    }
}

/* Brackets without end, a product of many ways, a text without end. */
static void test_hostile(void **state)
{
    (void)state;
    static char text[STIX_PATTERN_MAX * 2];
    struct stix_pattern pattern;
    const char *why = NULL;
    size_t at = 0;
    memset(text, '(', sizeof text - 1);
    assert_int_equal(stix_pattern_read(text, &pattern, &why, &at), STATUS_MISMATCH);
    text[30000] = 0;
    assert_int_equal(stix_pattern_read(text, &pattern, &why, &at), STATUS_MISMATCH);
    text[0] = '[';
    assert_int_equal(stix_pattern_read(text, &pattern, &why, &at), STATUS_MISMATCH);
    strcpy(text, "[");
    for (int i = 0; i < 30; i++)
        strcat(text, i ? " AND (x:y=1 OR x:y=2)" : "(x:y=1 OR x:y=2)");
    strcat(text, "]");
    assert_int_equal(stix_pattern_read(text, &pattern, &why, &at), STATUS_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
