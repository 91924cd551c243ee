#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "scoring/feeds/indicators.h"
#include "scoring/feeds/url.h"

static struct address at(uint32_t number)
{
    return address_from_ipv4(number);
}

static void add(struct indicators *indicators, uint32_t number, uint64_t words, int64_t from_ms,
                int64_t until_ms)
{
    struct indicator indicator = {
        .id = {0, number, 1}, .words = words, .from_ms = from_ms, .until_ms = until_ms};
    assert_int_equal(indicators_add(indicators, &indicator), STATUS_OK);
}

static void add_range(struct indicators *indicators, uint32_t first, uint32_t last, uint16_t port)
{
    struct indicator_term term = {
        .kind = INDICATOR_ADDRESS, .range = {at(first), at(last)}, .port = port, .transport = -1};
    assert_int_equal(indicators_add_term(indicators, &term), STATUS_OK);
}

static void add_name(struct indicators *indicators, enum indicator_kind kind, const char *text)
{
    struct indicator_term term = {.kind = kind, .text = text, .transport = -1};
    assert_int_equal(indicators_add_term(indicators, &term), STATUS_OK);
}

/* Random ranges, nested and overlapping, with words and times: the first found is one that fits, and there is
   none only where going through all of them finds none. */
static void test_addresses(void **state)
{
    (void)state;
    struct chance chance = {11};
    struct indicators indicators;
    uint32_t ranges[300][2];
    indicators_init(&indicators);
    for (uint32_t i = 0; i < 300; i++) {
        ranges[i][0] = (uint32_t)chance_below(&chance, 5000);
        ranges[i][1] = ranges[i][0] + (chance_of(&chance, 3) ? (uint32_t)chance_below(&chance, 900) : 0);
        add(&indicators, i, UINT64_C(1) << chance_below(&chance, 3), (int64_t)chance_below(&chance, 3), 3);
        add_range(&indicators, ranges[i][0], ranges[i][1], (uint16_t)chance_below(&chance, 2));
    }
    assert_int_equal(indicators_settle(&indicators), STATUS_OK);
    for (int round = 0; round < 20000; round++) {
        uint32_t number = (uint32_t)chance_below(&chance, 6000);
        struct indicator_condition condition = {.kinds = INDICATOR_ADDRESS,
                                                .with = UINT64_C(1) << chance_below(&chance, 3)};
        struct indicator_question question = {.address = at(number),
                                              .has_address = true,
                                              .port = (uint16_t)chance_below(&chance, 2),
                                              .name = "",
                                              .url = "",
                                              .time_ms = (int64_t)chance_below(&chance, 4)};
        const struct indicator *found = indicators_find(&indicators, &question, &condition);
        size_t fitting = 0;
        for (size_t i = 0; i < indicators.addresses_count; i++) {
            const struct indicator_address *term = &indicators.addresses[i];
            const struct indicator *one = &indicators.items[term->indicator];
            bool fits = ranges[term->indicator][0] <= number && ranges[term->indicator][1] >= number &&
                        (term->port == 0 || term->port == question.port) && (one->words & condition.with) &&
                        question.time_ms >= one->from_ms && question.time_ms < one->until_ms;
            fitting += fits;
            if (found == one && !fits)
                fail();
        }
        assert_int_equal(found != NULL, fitting > 0);
    }
    indicators_deinit(&indicators);
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        unsigned kinds;
        const char *name, *url;
        bool found;
    } cases[] = {
        {INDICATOR_NAME | INDICATOR_NAME_BELOW, "evil.example", "", true},
        {INDICATOR_NAME | INDICATOR_NAME_BELOW, "a.evil.example", "", false},
        {INDICATOR_NAME | INDICATOR_NAME_BELOW, "a.b.bad.example", "", true},
        {INDICATOR_NAME | INDICATOR_NAME_BELOW, "bad.example", "", false},
        {INDICATOR_NAME | INDICATOR_NAME_BELOW, "notbad.example", "", false},
        {INDICATOR_NAME | INDICATOR_NAME_BELOW, "", "", false},
        {INDICATOR_URL, "evil.example", "http://x.example/a", true},
        {INDICATOR_URL, "evil.example", "http://x.example/ab", false},
        {INDICATOR_ADDRESS, "evil.example", "http://x.example/a", false},
    };
    struct indicators indicators;
    indicators_init(&indicators);
    add(&indicators, 1, 0, 0, 10);
    add_name(&indicators, INDICATOR_NAME, "evil.example");
    add_name(&indicators, INDICATOR_NAME_BELOW, "bad.example");
    add_name(&indicators, INDICATOR_URL, "http://x.example/a");
    assert_int_equal(indicators_settle(&indicators), STATUS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct indicator_question question = {.name = cases[i].name, .url = cases[i].url, .time_ms = 5};
        struct indicator_condition condition = {.kinds = cases[i].kinds};
        assert_int_equal(indicators_find(&indicators, &question, &condition) != NULL, cases[i].found);
    }
    indicators_deinit(&indicators);
}

static void test_words(void **state)
{
    (void)state;
    assert_true(indicator_word("ransomware") && indicator_word("Ransomware") == indicator_word("ransomware"));
    assert_true(indicator_word("intrusion-set") != indicator_word("malware"));
    assert_true(indicator_word("nothing") == 0 && indicator_word("") == 0);
}

static void test_ids(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "x",
                                        "--8e2e2d01-17d4-4cbf-938f-98ee46b3cd01",
                                        "indicator-8e2e2d01-17d4-4cbf-938f-98ee46b3cd01",
                                        "indicator--8e2e2d01-17d4-4cbf-938f-98ee46b3cd0",
                                        "indicator--8e2e2d01-17d4-4cbf-938f-98ee46b3cd011",
                                        "indicator--8e2e2d01x17d4-4cbf-938f-98ee46b3cd01"};
    struct stix_id first, second;
    assert_true(stix_id_parse("indicator--8e2e2d01-17d4-4cbf-938f-98ee46b3cd01", &first));
    assert_true(first.high == UINT64_C(0x8e2e2d0117d44cbf) && first.low == UINT64_C(0x938f98ee46b3cd01));
    assert_true(stix_id_parse("malware--8E2E2D01-17d4-4cbf-938f-98ee46b3cd01", &second));
    assert_true(stix_id_compare(&first, &second) != 0 && stix_id_compare(&first, &first) == 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(stix_id_parse(wrong[i], &first));
}

static void test_urls(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"http://a.example", "http://a.example/", "a.example"},
        {"HTTPS://User:Word@A.Example:443/P?q#f", "https://a.example/P?q", "a.example"},
        {"http://a.example:443/", "http://a.example:443/", "a.example"},
        {"http://a.example?q", "http://a.example/?q", "a.example"},
        {"http://192.0.2.1/a", "http://192.0.2.1/a", "192.0.2.1"},
        {"http://[2001:db8::1]:80/a", "http://[2001:db8::1]/a", "[2001:db8::1]"},
        {"http://a.example:8a/", NULL, NULL},
        {"http:///a", NULL, NULL},
        {"ftp://a.example/", NULL, NULL},
        {"a.example", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char url[64], host[DOMAIN_TEXT_MAX];
        assert_int_equal(url_fold(cases[i][0], url, sizeof url, host), cases[i][1] != NULL);
        if (cases[i][1]) {
            assert_string_equal(url, cases[i][1]);
            assert_string_equal(host, cases[i][2]);
        }
    }
    char url[10], host[DOMAIN_TEXT_MAX];
    assert_false(url_fold("http://a.example/", url, sizeof url, host));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_names), cmocka_unit_test(test_words),
        cmocka_unit_test(test_ids),       cmocka_unit_test(test_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
