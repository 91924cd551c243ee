#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feeding.h"

static const struct feeding eve = {.feed = "eve"};

static void assert_findings(const struct place *place, const char *expected)
{
    char *found = fed_findings(place);
    assert_string_equal(found, expected);
    free(found);
}

/* The fixture's events as the built-in map reads them. */
static void test_fixture(void **state)
{
    feed_good(*state, &eve, "eve.json");
    assert_findings(
        *state,
        "h001 H11-1 192.0.2.31 3 Suricata: alert 2024218 ET EXPLOIT Possible ETERNALBLUE; events: 1, "
        "2026-03-03T03:10:00.000Z to 2026-03-03T03:10:00.000Z\n"
        "h001 N1-1 192.0.2.10:80 3 Suricata: alert 2016184 ET WEB_SERVER ColdFusion administrator access; "
        "events: 2, 2026-03-01T00:00:01.103Z to 2026-03-01T00:00:02.000Z\n"
        "h001 N1-2 192.0.2.11 4 Suricata: alert 2006546 ET SCAN LibSSH Based Frequent SSH Connections Likely "
        "Brut; events: 1, 2026-03-01T00:05:00.000Z to 2026-03-01T00:05:00.000Z\n"
        "h001 N3-1 192.0.2.30 4 Suricata: alert 2035595 ET MALWARE Generic CnC Checkin; events: 1, "
        "2026-03-03T03:00:00.000Z to 2026-03-03T03:00:00.000Z\n"
        "h001 N3-2 192.0.2.20 4 Suricata: alert 2024792 ET COINMINER Cryptocurrency Miner Checkin; events: "
        "2, "
        "2026-03-03T02:00:00.000Z to 2026-03-03T02:00:05.000Z\n"
        "h001 N3-2 192.0.2.21 3 Suricata: dns pool.minexmr.com; events: 1, 2026-03-03T02:00:06.000Z to "
        "2026-03-03T02:00:06.000Z\n"
        "h001 N4-2 192.0.2.12 4 Suricata: alert 2006546 ET SCAN LibSSH Based Frequent SSH Connections Likely "
        "Brut; events: 1, 2026-03-01T00:06:00.000Z to 2026-03-01T00:06:00.000Z\n"
        "h002 N1-3 2026-03-01 3 Suricata: alert 2016141 ET DOS Possible DNS amplification; events: 1, "
        "2026-03-01T01:00:00.000Z to 2026-03-01T01:00:00.000Z\n"
        "h002 N1-3 2026-03-02 3 Suricata: alert 2016141 ET DOS Possible DNS amplification; events: 1, "
        "2026-03-02T23:30:00.000Z to 2026-03-02T23:30:00.000Z\n");
}

/* Items of rules whose kinds of events are in the file, for the organizations that are in it; hosts' items and
   those that want indicators are not. */
static void test_covered(void **state)
{
    static const char flow[] =
        "{\"timestamp\":\"2026-03-03T12:00:00.0+0800\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2.40\","
        "\"dest_ip\":\"203.0.113.2\",\"proto\":\"ICMP\",\"flow\":{\"pkts_toclient\":0}}\n";
    feed_good(*state, &eve, "eve.json");
    char *covered = fed_covered(*state);
    assert_string_equal(covered,
                        "h001 N1-1\nh001 N1-2\nh001 N1-3\nh001 N3-1\nh001 N3-2\nh001 N3-3\nh001 N4-1\n"
                        "h001 N4-2\nh001 N4-3\nh002 N1-1\nh002 N1-2\nh002 N1-3\nh002 N3-1\nh002 N3-2\n"
                        "h002 N3-3\nh002 N4-1\nh002 N4-2\nh002 N4-3\n");
    free(covered);
    char *said = feed_text(*state, &eve, flow, sizeof flow - 1);
    assert_string_equal(said, "");
    free(said);
    covered = fed_covered(*state);
    assert_string_equal(covered, "h001 N4-1\n");
    free(covered);
}

/* Every line that is cut off is refused with its number, and the store stays as it was. */
static void test_truncated(void **state)
{
    size_t size = 0;
    char *text = feeds_read("eve.json", &size);
    feed_good(*state, &eve, "eve.json");
    int runs = fed_runs(*state);
    for (size_t cut = 1; cut < size; cut += 397) {
        bool whole_line = text[cut - 1] == '\n' || text[cut] == '\n';
        if (whole_line)
            continue;
        unsigned line = 1, said_line = 0;
        for (size_t i = 0; i < cut; i++)
            line += text[i] == '\n';
        char *said = feed_text(*state, &eve, text, cut);
        assert_int_equal(sscanf(said, "file:%u:", &said_line), 1);
        assert_int_equal(said_line, line);
        free(said);
    }
    assert_int_equal(fed_runs(*state), runs);
    free(text);
}

/* What is no EVE, or an EVE that means to confuse. */
static void test_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"", "file: no event is in it; name an eve.json\n"},
        {"\n\n", "file:2:1: no event is in it; name an eve.json\n"},
        {"{\"ip\":\"192.0.2.1\",\"ports\":[]}",
         "file:1:1: no record of eve.json: each has \"timestamp\" and \"event_type\"\n"},
        {"[]", "file:1:1: no record of eve.json: each has \"timestamp\" and \"event_type\"\n"},
        {"<?xml version=\"1.0\"?>", "file:1:1: not a value; text stands in double quotes, as in \"text\"\n"},
        {"{\"timestamp\":\"yesterday\",\"event_type\":\"flow\"}",
         "file:1:14: a time is written as \"2026-01-31T12:00:00.000000+0800\"\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00.0\",\"event_type\":\"flow\"}",
         "file:1:14: a time is written as \"2026-01-31T12:00:00.000000+0800\"\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":7}",
         "file:1:54: \"event_type\" is a text, as \"alert\"\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2.999\","
         "\"dest_ip\":\"192.0.2.1\"}",
         "file:1:70: an address is written as \"192.0.2.1\" or \"2001:db8::1\"\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2.9\","
         "\"dest_ip\":\"192.0.2.1\",\"dest_port\":65536}",
         "file:1:116: a port is a whole number from 0 to 65535\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"flow\",\"event_type\":\"alert\"}",
         "file:1:61: a member that matters stands here a second time; it has no one meaning\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"flow\",\"event\\u005ftype\":"
         "\"alert\"}",
         "file:1:61: a member that matters stands here a second time; it has no one meaning\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"stats\"}\n\n{\"timestamp\":",
         "file:3:14: the file ends where a value is expected\n"},
    };
    feed_good(*state, &eve, "eve.json");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *said = feed_text(*state, &eve, wrong[i][0], strlen(wrong[i][0]));
        assert_string_equal(said, wrong[i][1]);
        free(said);
    }
    assert_int_equal(fed_runs(*state), 1);
}

/* Deeper than any event, and longer than any line. */
static void test_hostile(void **state)
{
    size_t size = 3u << 20;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '[', size);
    char *said = feed_text(*state, &eve, text, 1u << 19);
    assert_string_equal(said, "file:1:33: nested too deeply; nothing here needs so many levels\n");
    free(said);
    memset(text, 'x', size);
    said = feed_text(*state, &eve, text, size);
    assert_string_equal(said, "file:1:1: longer than 1048576 bytes; is this the right file?\n");
    free(said);
    free(text);
}

static const char hostile_line[] =
    "{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"alert\",\"src_ip\":\"203.0.113.1\",\"src_"
    "port\":1,"
    "\"dest_ip\":\"192.0.2.1\",\"dest_port\":80,\"proto\":\"TCP\",\"alert\":{\"signature_id\":1,"
    "\"signature\":\"\\u001b[2J"
    "\\u202etxt'); DROP TABLE\",\"category\":\"Web Application Attack\",\"severity\":1}}\n";

/* A signature that would steer a terminal is spelled out. */
static void test_text(void **state)
{
    char *said = feed_text(*state, &eve, hostile_line, sizeof hostile_line - 1);
    assert_string_equal(said, "");
    free(said);
    assert_findings(
        *state, "h001 N1-1 192.0.2.1:80 3 Suricata: alert 1 \\x1b[2J\\u{202e}txt'); DROP TABLE; events: 1, "
                "2026-03-03T12:00:00.000Z to 2026-03-03T12:00:00.000Z\n");
}

/* So many flows of one host that nobody answered, to different ports that rules know; answered ones between. */
static char *write_flows(size_t count, bool answered)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        fprintf(
            out,
            "{\"timestamp\":\"2026-03-03T12:00:%02zu+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2.5\","
            "\"src_port\":%zu,\"dest_ip\":\"203.0.113.%zu\",\"dest_port\":445,\"proto\":\"TCP\",\"flow\":{"
            "\"pkts_toserver\":1,\"pkts_toclient\":%d}}\n",
            i % 60, 1024 + i, i % 256, answered);
    fclose(out);
    return text;
}

static void test_at_least(void **state)
{
    static const struct {
        size_t count;
        bool answered;
        const char *found;
    } cases[] = {
        {199, false, ""},
        {200, false,
         "h001 N4-1 192.0.2.5 3 Suricata: flow 203.0.113.0; events: 200, 2026-03-03T12:00:00.000Z to "
         "2026-03-03T12:00:59.000Z\n"},
        {400, true, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *flows = write_flows(cases[i].count, cases[i].answered);
        char *said = feed_text(*state, &eve, flows, strlen(flows));
        assert_string_equal(said, "");
        assert_findings(*state, cases[i].found);
        free(said);
        free(flows);
    }
}

#define ALERT(source, destination)                                                                           \
    "{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"alert\",\"src_ip\":\"" source              \
    "\",\"src_port\":50000,\"dest_ip\":\"" destination "\",\"dest_port\":80,\"proto\":\"TCP\",\"alert\":{"   \
    "\"signature_id\":1,\"signature\":\"x\",\"category\":\"Web Application Attack\",\"severity\":1}}\n"

static void test_ends(void **state)
{
    static const char web[] =
        "{ \"auscult_map\": \"eve\", \"name\": \"t\", \"rules\": [ { \"item\": \"N1-1\", \"event\": "
        "\"alert\", \"host\": \"attacked\", \"peer\": \"%s\" }, { \"item\": [\"N4-2\", \"N4-1\"], "
        "\"event\": \"alert\", \"host\": \"attacking\", \"peer\": \"%s\" } ] }";
    static const struct {
        const char *peer, *text, *found;
    } cases[] = {
        {"outside", ALERT("192.0.2.1", "198.51.100.2"),
         "h001 N4-1 192.0.2.1 4 E\nh001 N4-2 192.0.2.1 4 E\nh002 N1-1 198.51.100.2:80 3 E\n"},
        {"outside", ALERT("192.0.2.1", "192.0.2.2"), ""},
        {"inside", ALERT("192.0.2.1", "192.0.2.2"),
         "h001 N1-1 192.0.2.2:80 3 E\nh001 N4-1 192.0.2.1 4 E\nh001 N4-2 192.0.2.1 4 E\n"},
        {"inside", ALERT("192.0.2.1", "198.51.100.2"), ""},
        {"any", ALERT("203.0.113.1", "2001:db8:1::7"), "h001 N1-1 2001:db8:1::7:80 3 E\n"},
        {"any", ALERT("203.0.113.1", "203.0.113.2"), ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char map[512];
        snprintf(map, sizeof map, web, cases[i].peer, cases[i].peer);
        struct feeding feeding = {.feed = "eve", .map = map};
        char *said = feed_text(*state, &feeding, cases[i].text, strlen(cases[i].text));
        assert_string_equal(said, "");
        free(said);
        char *found = fed_findings(*state), *end = found;
        for (char *from = found, *next = NULL; *from; from = next) {
            char *why = strstr(from, " Suricata:");
            next = strchr(from, '\n') + 1;
            memmove(end, from, (size_t)(why - from));
            end += why - from;
            memcpy(end, " E\n", 3);
            end += 3;
        }
        *end = 0;
        assert_string_equal(found, cases[i].found);
        free(found);
    }
}

/* Private addresses are those of the organization that the file is of. */
static void test_only(void **state)
{
    struct feeding feeding = {.feed = "eve", .only = "h002"};
    static const char text[] = ALERT("203.0.113.1", "10.1.2.3") ALERT("203.0.113.1", "192.0.2.1");
    char *said = feed_text(*state, &feeding, text, sizeof text - 1);
    assert_string_equal(said, "");
    free(said);
    assert_findings(*state,
                    "h002 N1-1 10.1.2.3:80 3 Suricata: alert 1 x; events: 1, 2026-03-03T12:00:00.000Z to "
                    "2026-03-03T12:00:00.000Z\n");
}

/* Events matched with the fixture's bundle: its bot's server, a name below another, and what an intrusion set
   drops; each event is of one item. */
static void test_indicators(void **state)
{
    struct indicators indicators;
    feeds_indicators("bundle.json", &indicators);
    struct feeding feeding = {.feed = "eve", .indicators = &indicators};
    feed_good(*state, &feeding, "eve.json");
    char *found = fed_findings(*state);
    static const char *const expected[] = {
        "h001 N3-1 192.0.2.40 4 Suricata: indicator--8e2e2d06-17d4-4cbf-938f-98ee46b3cd06, flow "
        "203.0.113.200; events: 1,",
        "h001 N2-2 192.0.2.40 3 Suricata: indicator--8e2e2d07-17d4-4cbf-938f-98ee46b3cd07, tls "
        "cdn.evil.example; events: 1,",
        "h001 H12-1 192.0.2.41 3 Suricata: indicator--8e2e2d08-17d4-4cbf-938f-98ee46b3cd08, http "
        "drop.example; events: 1,",
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_non_null(strstr(found, expected[i]));
    free(found);
    char *covered = fed_covered(*state);
    assert_non_null(strstr(covered, "h001 N2-1\nh001 N2-2\nh001 N3-1\n"));
    assert_non_null(strstr(covered, "h001 H12-1\n"));
    free(covered);
    indicators_deinit(&indicators);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_fixture),    PLACE_TEST(test_covered), PLACE_TEST(test_truncated),
        PLACE_TEST(test_refused),    PLACE_TEST(test_hostile), PLACE_TEST(test_text),
        PLACE_TEST(test_at_least),   PLACE_TEST(test_ends),    PLACE_TEST(test_only),
        PLACE_TEST(test_indicators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
