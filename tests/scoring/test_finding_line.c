#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "scoring/report/finding_line.h"
#include "scoring/report/records.h"

static void assert_same_text(const char *a, const char *b)
{
    assert_int_equal(a != NULL, b != NULL);
    if (a)
        assert_string_equal(a, b);
}

static void assert_same(const struct finding *a, const struct finding *b)
{
    assert_same_text(a->organization, b->organization);
    assert_same_text(a->item, b->item);
    assert_same_text(a->key, b->key);
    assert_same_text(a->why, b->why);
    assert_same_text(a->facts, b->facts);
    assert_int_equal(a->has_address, b->has_address);
    assert_int_equal(address_compare(a->address, b->address), 0);
    assert_int_equal(a->port.number, b->port.number);
    assert_int_equal(a->port.transport, b->port.transport);
    assert_int_equal(a->confidence, b->confidence);
    assert_int_equal(a->asset, b->asset);
    assert_int_equal(isnan(a->exposure) != 0, isnan(b->exposure) != 0);
    assert_true(isnan(a->exposure) || a->exposure == b->exposure);
    assert_true(a->count == b->count);
    assert_true(a->time_ms == b->time_ms);
}

/* By way of a tree. False: refused. */
static bool read_tree(const char *text, struct finding *finding)
{
    struct complaints complaints;
    complaints_init(&complaints, "test");
    cJSON *record = cJSON_ParseWithOpts(text, NULL, 1);
    *finding = (struct finding){0};
    bool good = cJSON_IsObject(record) && record_read_finding(record, 1, &complaints, finding) == STATUS_OK;
    cJSON_Delete(record);
    complaints_deinit(&complaints);
    return good;
}

/* True when the line is plain; then it must be what the tree gives. */
static bool is_plain(const char *text)
{
    struct finding_line line = {0};
    struct finding plain, tree;
    bool good = finding_line_read(&line, text, strlen(text), &plain);
    if (good) {
        assert_true(read_tree(text, &tree));
        assert_same(&plain, &tree);
        finding_deinit(&tree);
    }
    finding_line_deinit(&line);
    return good;
}

#define START "{\"type\":\"finding\",\"org\":\"h1\",\"item\":\"H04-1\""

static void plain_lines_are_read(void **state)
{
    (void)state;
    static const char *const lines[] = {
        START "}",
        " \t{ \"item\" : \"H04-1\" , \"org\":\"一院\",\t\"type\":\"finding\" } ",
        START ",\"ip\":\"192.0.2.10\",\"port\":3306,\"transport\":\"tcp\",\"confidence\":5,\"asset\":1}",
        START ",\"ip\":\"2001:db8::1\",\"port\":65535,\"transport\":\"udp\",\"exposure\":0.3}",
        START ",\"exposure\":1,\"why\":\"mysql, 数据库 10.11\",\"key\":\"www\",\"count\":1}",
        START ",\"exposure\":0.12345678901234,\"count\":123456789012345}",
        START ",\"exposure\":1.0,\"time\":\"2026-01-31T12:00:00.000Z\"}",
        START ",\"exposure\":0,\"time\":\"2026-01-31T12:00:00+08:00\"}",
        START ",\"facts\":{}}",
        START ",\"facts\":{\"a.b\":true,\"c\":\"x y\",\"d\":12,\"e\":null,\"f\":999999999999999}}",
        START ",\"facts\": { \"a.b\" : false , \"c\" : \"端\" }, \"ip\": \"::1\" }",
        START ",\"ip\":null,\"port\":null,\"why\":null,\"facts\":null,\"exposure\":null,\"time\":null}",
        START ",\"transport\":\"udp\"}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!is_plain(lines[i]))
            fail_msg("not read: %s", lines[i]);
}

/* Right, but left to the other reader. */
static void what_is_unusual_is_left(void **state)
{
    (void)state;
    static const char *const lines[] = {
        START ",\"why\":\"a \\\"quoted\\\" word\"}",
        START ",\"why\":\"\\u4e00\"}",
        START ",\"why\":\"\"}",
        START ",\"count\":5e0}",
        START ",\"count\":1234567890123456}",
        START ",\"exposure\":1e-3}",
        START ",\"exposure\":0.123456789012345678}",
        START ",\"facts\":{\"a\":[1,2]}}",
        START ",\"facts\":{\"a\":1.5}}",
        START ",\"facts\":{\"a\":-1}}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct finding finding;
        assert_false(is_plain(lines[i]));
        assert_true(read_tree(lines[i], &finding));
        finding_deinit(&finding);
    }
}

static void what_is_wrong_is_left(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "{",
        "{}",
        "[]",
        "null",
        START,
        START ",}",
        START ",\"a\":1}",
        START "}x",
        START "}{",
        START ",\"org\":\"h2\"}",
        "{\"type\":\"finding\",\"org\":\"h1\"}",
        "{\"org\":\"h1\",\"item\":\"H04-1\"}",
        "{\"type\":null,\"org\":\"h1\",\"item\":\"H04-1\"}",
        "{\"type\":\"assessed\",\"org\":\"h1\",\"item\":\"H04-1\"}",
        START ",\"ip\":\"192.0.2.300\"}",
        START ",\"ip\":7}",
        START ",\"port\":80}",
        START ",\"ip\":\"::1\",\"port\":0}",
        START ",\"ip\":\"::1\",\"port\":65536}",
        START ",\"ip\":\"::1\",\"port\":080}",
        START ",\"transport\":\"sctp\"}",
        START ",\"confidence\":6}",
        START ",\"confidence\":0}",
        START ",\"asset\":-1}",
        START ",\"asset\":\"5\"}",
        START ",\"exposure\":1.1}",
        START ",\"exposure\":1.0000000000001}",
        START ",\"exposure\":2}",
        START ",\"exposure\":.5}",
        START ",\"exposure\":0.}",
        START ",\"count\":0}",
        START ",\"count\":2,\"key\":\"x\"}",
        START ",\"ip\":\"::1\",\"count\":2}",
        START ",\"time\":\"yesterday\"}",
        START ",\"why\":\"a\tb\"}",
        START ",\"why\":\"\x7f\"}",
        START ",\"why\":\"\xff\"}",
        START ",\"why\":\"\xe2\x80\xae\"}",
        START ",\"why\":\"open",
        START ",\"facts\":[]}",
        START ",\"facts\":{\"a\"}}",
        START ",\"facts\":{\"a\":1,}}",
        START ",\"facts\":{\"a\":01}}",
        START ",\"facts\":{",
        START ",\"facts\":{}",
        START ",\"facts\":{\"a\":tru}}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (is_plain(lines[i]))
            fail_msg("read: %s", lines[i]);
}

/* What this program writes it reads without the tree, cut anywhere it does not. */
static void records_of_ours_are_plain(void **state)
{
    (void)state;
    struct chance chance = {21};
    for (size_t round = 0; round < 40; round++) {
        struct sample sample;
        sample_init(&sample, &chance);
        for (size_t i = 0; i < sample.findings_count; i++) {
            struct finding *finding = &sample.findings[i];
            char name[] = "h0017";
            finding->organization = name;
            if (finding->count == 0 || finding->has_address || finding->key)
                finding->count = 1;
            if (!finding->has_address)
                finding->port.number = 0;
            finding->time_ms = 1767225600000 + (int64_t)chance_below(&chance, 100000000);
            cJSON *record = record_finding(finding);
            char *text = cJSON_PrintUnformatted(record);
            if (!is_plain(text))
                fail_msg("not read: %s", text);
            for (size_t size = strlen(text); i % 10 == 0 && size-- > 0;) {
                text[size] = 0;
                assert_false(is_plain(text));
            }
            cJSON_free(text);
            cJSON_Delete(record);
            finding->organization = NULL;
        }
        sample_deinit(&sample);
    }
}

static char *written(struct finding_line *line, const struct finding *finding)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(finding_line_write(line, finding, stream), STATUS_OK);
    fclose(stream);
    return text;
}

static void assert_written(struct finding_line *line, const struct finding *finding)
{
    char *text = written(line, finding);
    cJSON *record = record_finding(finding);
    char *expected = cJSON_PrintUnformatted(record);
    size_t size = strlen(expected);
    assert_int_equal(strlen(text), size + 1);
    assert_memory_equal(text, expected, size);
    assert_int_equal(text[size], '\n');
    cJSON_free(expected);
    cJSON_Delete(record);
    free(text);
}

static void lines_are_written_as_records_are(void **state)
{
    (void)state;
    static char texts[][24] = {"www", "", "数据库", "a \"b\"", "back\\slash", "tab\there", "{\"a\": [1.50]}"};
    static const double exposures[] = {0, 1, 0.3, 0.1 + 0.2, 1e-300, 0.6, NAN};
    static const int64_t times[] = {0,
                                    1,
                                    -1,
                                    1767225600000,
                                    1767225599999,
                                    1767312000123,
                                    INT64_MAX,
                                    INT64_MIN,
                                    253402300799999,
                                    253402300800000};
    struct chance chance = {22};
    struct finding_line line = {0};
    for (size_t i = 0; i < 5000; i++) {
        struct finding finding = {.count = 1};
        char *const picked[] = {texts[chance_below(&chance, 6)], texts[chance_below(&chance, 6)],
                                texts[chance_below(&chance, 6)], texts[chance_below(&chance, 6)]};
        finding.organization = chance_of(&chance, 9) ? NULL : picked[0];
        finding.item = picked[1];
        finding.key = chance_of(&chance, 2) ? picked[2] : NULL;
        finding.why = chance_of(&chance, 2) ? picked[3] : NULL;
        finding.facts = chance_of(&chance, 9) ? texts[6] : NULL;
        finding.has_address = !chance_of(&chance, 3);
        finding.address = chance_of(&chance, 3)
                              ? (struct address){0x20010db800000000, chance_below(&chance, 9)}
                              : address_from_ipv4((uint32_t)chance_below(&chance, UINT32_MAX));
        finding.port.number = (uint16_t)(chance_of(&chance, 3) ? 0 : chance_below(&chance, 65536));
        finding.port.transport = chance_of(&chance, 3) ? TRANSPORT_UDP : TRANSPORT_TCP;
        finding.confidence = (int)chance_below(&chance, 6);
        finding.asset = (int)chance_below(&chance, 6);
        finding.exposure = exposures[chance_below(&chance, 7)];
        finding.count =
            chance_of(&chance, 3) ? chance_below(&chance, UINT64_MAX) >> chance_below(&chance, 64) : 1;
        finding.time_ms = times[chance_below(&chance, 10)];
        assert_written(&line, &finding);
    }
    finding_line_deinit(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines_are_read),
        cmocka_unit_test(what_is_unusual_is_left),
        cmocka_unit_test(what_is_wrong_is_left),
        cmocka_unit_test(records_of_ours_are_plain),
        cmocka_unit_test(lines_are_written_as_records_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
