#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "feeding.h"

static const struct feeding stix = {.feed = "stix"};

#define ID(number) "8e2e2d" number "-17d4-4cbf-938f-98ee46b3cd" number

/* The bundle is accepted by the published schemas of STIX 2.1 (README.md there). */
static void test_fixture(void **state)
{
    feed_good(*state, &stix, "bundle.json");
    char *found = fed_findings(*state);
    assert_string_equal(
        found,
        "h001 B3-2 www.h001.example 2 STIX: indicator--" ID(
            "0b") " is on www.h001.example\n"
                  "h001 H11-1 192.0.2.77 4 STIX: sighting of malware--" ID(
                      "04") "\n"
                            "h001 N4-4 192.0.2.66 2 STIX: indicator--" ID(
                                "09") " is on 192.0.2.66\n"
                                      "h001 N4-4 192.0.2.69 3 STIX: indicator--" ID(
                                          "10") " is on 192.0.2.69\n"
                                                "h002 B1-1 portal.h002.example 3 STIX: indicator--" ID(
                                                    "0a") " is on https://portal.h002.example/login\n"
                                                          "h002 H12-1 - 3 STIX: sighting of indicator--" ID(
                                                              "08") "\n");
    free(found);
    char *covered = fed_covered(*state);
    assert_string_equal(covered, "");
    free(covered);
}

/* Cut anywhere, it is refused, and the store stays as it was. */
static void test_truncated(void **state)
{
    size_t size = 0;
    char *text = feeds_read("bundle.json", &size);
    feed_good(*state, &stix, "bundle.json");
    for (size_t cut = 0; cut + 2 < size; cut += 523) {
        char *said = feed_text(*state, &stix, text, cut);
        assert_memory_equal(said, "file:", 5);
        free(said);
    }
    assert_int_equal(fed_runs(*state), 1);
    free(text);
}

#define BUNDLE(objects)                                                                                      \
    "{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":[" objects "]" \
    "}"
#define UUID "8e2e2d01-17d4-4cbf-938f-98ee46b3cd01"
#define INDICATOR(modified, more)                                                                            \
    "{\"type\":\"indicator\",\"id\":\"indicator--" UUID "\",\"modified\":\"" modified                        \
    "\",\"valid_from\":\"2026-01-01T00:00:00Z\",\"pattern_type\":\"stix\"," more "}"
#define MINE "\"pattern\":\"[ipv4-addr:value = '192.0.2.66']\""

static void test_refused(void **state)
{
    static const char *const wrong[][2] = {
        {"", "file:1:1: no JSON object; the document begins with \"{\"\n"},
        {"[]", "file:1:1: no JSON object; the document begins with \"{\"\n"},
        {"{}", "file:1:1: no bundle of STIX: \"type\": \"bundle\" is missing\n"},
        {"{\"type\":\"report\"}", "file:1:9: no bundle of STIX: its \"type\" is \"bundle\"\n"},
        {"{\"type\":\"bundle\",\"spec_version\":\"2.0\"}",
         "file:1:33: a bundle of STIX 2.0; one of 2.1 is wanted\n"},
        {"{\"timestamp\":\"2026-03-03T12:00:00+0000\",\"event_type\":\"flow\"}\n{}",
         "file:2:1: the file goes on behind its one value; remove the rest\n"},
        {BUNDLE("1"), "file:1:81: an object of STIX has \"type\", as \"indicator\"\n"},
        {BUNDLE("\n{\"type\":\"indicator\",\"id\":\"malware--" UUID "\"}"),
         "file:2:1: an object of STIX has \"id\", its type and a UUID: \"indicator--…\"\n"},
        {BUNDLE("{\"type\":\"indicator\",\"id\":\"indicator--" UUID "\"}"),
         "file:1:81: an indicator of STIX 2.1 has \"pattern\" and \"pattern_type\"\n"},
        {BUNDLE(INDICATOR("soon", MINE)),
         "file:1:81: an indicator has \"modified\", a time such as \"2026-01-31T12:00:00Z\"\n"},
        {BUNDLE("{\"type\":\"relationship\",\"id\":\"relationship--" UUID "\"}"),
         "file:1:81: a relationship has \"relationship_type\", \"source_ref\" and \"target_ref\"\n"},
        {BUNDLE("{\"type\":\"x\"},]"),
         "file:1:94: a value is missing here; write one, or remove the comma before it\n"},
        {BUNDLE("{\"type\":\"x\"\n,\"y\":tru}"),
         "file:2:6: not a value; text stands in double quotes, as in \"text\"\n"},
        {BUNDLE("{\"type\":\"x\"}{"), "file:1:93: a \",\" or \"]\" is expected here\n"},
        {"{\"type\":\"bundle\",}",
         "file:1:18: a name in double quotes is expected here, as in \"objects\": []\n"},
        {"{\"type\":\"bundle\"", "file:1:17: the file ends here amid the document; it is cut off\n"},
        {"{\"type\":\"bund", "file:1:14: the file ends amid a value; it is cut off\n"},
    };
    feed_good(*state, &stix, "bundle.json");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *said = feed_text(*state, &stix, wrong[i][0], strlen(wrong[i][0]));
        assert_string_equal(said, wrong[i][1]);
        free(said);
    }
    assert_int_equal(fed_runs(*state), 1);
}

/* Deeper than anything of STIX, and one object larger than any. */
static void test_hostile(void **state)
{
    size_t size = 18u << 20;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, '[', size);
    memcpy(text, "{\"objects\":[", 12);
    char *said = feed_text(*state, &stix, text, size);
    assert_string_equal(said, "file:1:16777229: one object of more than 16 MiB; is this the right file?\n");
    free(said);
    memset(text + 100, ']', 100);
    memcpy(text + 200, "]}", 2);
    said = feed_text(*state, &stix, text, 202);
    assert_string_equal(said, "file:1:45: nested too deeply; nothing here needs so many levels\n");
    free(said);
    free(text);
}

/* Of several versions of one indicator the newest holds, wherever it stands. */
static void test_versions(void **state)
{
    static const struct {
        const char *text;
        bool found;
    } cases[] = {
        {BUNDLE(INDICATOR("2026-02-01T00:00:00Z", MINE)), true},
        {BUNDLE(INDICATOR("2026-02-01T00:00:00Z", MINE) "," INDICATOR("2026-02-02T00:00:00Z",
                                                                      MINE ",\"revoked\":true")),
         false},
        {BUNDLE(INDICATOR("2026-02-02T00:00:00Z",
                          MINE ",\"revoked\":true") "," INDICATOR("2026-02-01T00:00:00Z", MINE)),
         false},
        {BUNDLE(INDICATOR("2026-02-02T00:00:00Z", MINE) "," INDICATOR("2026-02-01T00:00:00Z",
                                                                      MINE ",\"revoked\":true")),
         true},
        {BUNDLE(INDICATOR("2026-02-02T00:00:00Z", MINE ",\"valid_until\":\"2026-02-02T00:00:00Z\"")), false},
        {BUNDLE(INDICATOR("2025-12-31T00:00:00Z", MINE)), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *said = feed_text(*state, &stix, cases[i].text, strlen(cases[i].text));
        assert_string_equal(said, "");
        free(said);
        char *found = fed_findings(*state);
        assert_int_equal(found[0] != 0, cases[i].found);
        free(found);
    }
}

/* A map may say that the bundle names all there is. */
static void test_covers(void **state)
{
    struct feeding feeding = {
        .feed = "stix",
        .map = "{\"auscult_map\":\"stix\",\"name\":\"t\",\"rules\":[{\"item\":\"N4-4\",\"indicator\":"
               "{\"on\":[\"address\"]},\"covers\":true},{\"item\":\"B1-1\",\"indicator\":"
               "{\"on\":[\"url\"]},\"covers\":true}]}"};
    static const char text[] =
        BUNDLE(INDICATOR("2026-02-01T00:00:00Z", "\"pattern\":\"[ipv4-addr:value='203.0.113.1']\""));
    char *said = feed_text(*state, &feeding, text, sizeof text - 1);
    assert_string_equal(said, "");
    free(said);
    char *covered = fed_covered(*state);
    assert_string_equal(covered, "h001 N4-4\nh002 N4-4\n");
    free(covered);
}

static void test_map(void **state)
{
    static const char *const wrong[][2] = {
        {"{\"auscult_map\":\"eve\",\"name\":\"t\",\"rules\":[]}",
         "map:1:16: this map is for \"eve\"; one for \"stix\" is wanted here\n"},
        {"{\"auscult_map\":\"stix\",\"name\":\"t\",\"rules\":[{\"item\":\"N4-4\"}]}",
         "map:1:43: a rule is about one of two: \"indicator\" or \"sighting\"\n"},
        {"{\"auscult_map\":\"stix\",\"name\":\"t\",\"rules\":[{\"item\":\"N4-4\",\"indicator\":{\"on\":["
         "\"name\"]}}]}",
         "map:1:43: item N4-4 is counted by host; addresses and sightings are counted by host, names and "
         "URLs by site, "
         "domain or key: write a rule for each\n"},
        {"{\"auscult_map\":\"stix\",\"name\":\"t\",\"rules\":[{\"item\":\"N4-4\",\"sighting\":{\"with\":["
         "\"evil\"]}}]}",
         "map:1:78: no word of STIX's vocabularies for indicators; write such as [\"malware\", "
         "\"command-and-control\"]\n"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct feeding feeding = {.feed = "stix", .map = wrong[i][0]};
        char *said = feed_text(*state, &feeding, BUNDLE(""), sizeof BUNDLE("") - 1);
        assert_string_equal(said, wrong[i][1]);
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_fixture), PLACE_TEST(test_truncated), PLACE_TEST(test_refused),
        PLACE_TEST(test_hostile), PLACE_TEST(test_versions),  PLACE_TEST(test_covers),
        PLACE_TEST(test_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
