#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/data.h"
#include "scoring/feeds/eve_map.h"

#define RULES(rules) "{\"auscult_map\":\"eve\",\"name\":\"t\",\"rules\":[" rules "]}"

struct loaded {
    struct catalogue catalogue;
    struct document document;
    struct eve_map map;
};

/* The complaints; "" when the map is right. Freed by the caller. */
static char *load(struct loaded *loaded, const char *text)
{
    struct complaints complaints;
    complaints_init(&complaints, "");
    assert_int_equal(catalogue_load(&loaded->catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_init(&complaints, "map");
    assert_int_equal(document_parse(&loaded->document, text, strlen(text), &complaints), STATUS_OK);
    enum status status = eve_map_read(&loaded->map, &loaded->document, &loaded->catalogue, &complaints);
    assert_int_equal(status == STATUS_OK, complaints.count == 0);
    char *said = complaints_format(&complaints);
    complaints_deinit(&complaints);
    return said;
}

static void unload(struct loaded *loaded)
{
    eve_map_deinit(&loaded->map);
    document_deinit(&loaded->document);
    catalogue_deinit(&loaded->catalogue);
}

/* Every rule of the built-in map names items that are counted as it counts, and covers no item about hosts but
   those that indicators tell of. */
static void test_built_in(void **state)
{
    (void)state;
    struct loaded loaded;
    char *said = load(&loaded, data_find("import-eve")->text);
    assert_string_equal(said, "");
    free(said);
    assert_true(loaded.map.count > 20);
    for (size_t i = 0; i < loaded.map.count; i++)
        for (size_t j = 0; j < loaded.map.rules[i].items.count; j++) {
            const struct eve_rule *rule = &loaded.map.rules[i];
            bool host = loaded.catalogue.items[rule->items.at[j]].id[0] == 'H';
            assert_false(host && rule->covers && rule->indicator.kinds == 0);
        }
    unload(&loaded);
}

static void test_wrong(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"{\"auscult_map\":\"eve\",\"name\":\"t\",\"rule\":[]}",
         "map:1:1: \"rules\" is missing here; add \"rules\": [{\"item\": \"N1-1\", …}]\n"
         "map:1:33: unknown key \"rule\"; did you mean \"rules\"?\n"},
        {RULES("{\"item\":\"N9-9\",\"event\":\"alert\",\"host\":\"client\"}"),
         "map:1:50: the catalogue has no item \"N9-9\"; `auscult catalogue list` lists them\n"},
        {RULES("{\"item\":\"N1-1\",\"event\":\"alarm\",\"host\":\"client\"}"),
         "map:1:65: no rule can be about \"alarm\"; write alert, flow, dns, http, tls, quic, ssh, rdp or "
         "smb\n"},
        {RULES("{\"item\":\"N1-1\",\"event\":\"alert\"}"),
         "map:1:42: \"host\" is missing here; add \"host\": \"client\"\n"},
        {RULES("{\"item\":\"N1-3\",\"event\":\"alert\",\"host\":\"client\"}"),
         "map:1:42: item N1-3 is counted by key; write \"count\": \"day\"\n"},
        {RULES("{\"item\":\"N1-1\",\"event\":\"alert\",\"host\":\"client\",\"count\":\"day\"}"),
         "map:1:42: item N1-1 is counted by endpoint; leave \"count\" out\n"},
        {RULES("{\"item\":\"N1-1\",\"event\":\"alert\",\"host\":\"client\",\"signature_id\":\"9-1\"}"),
         "map:1:104: \"9-1\" is no signature's number; write such as [\"2024897\", \"2400000-2400099\"]\n"},
        {RULES("{\"item\":\"N1-1\",\"event\":\"alert\",\"host\":\"client\",\"metadata\":{}}"),
         "map:1:100: \"metadata\" names one key; write such as {\"tag\": [\"Ransomware\"]}\n"},
        {RULES("{\"item\":\"N1-1\",\"event\":\"alert\",\"host\":\"client\",\"indicator\":{\"on\":[\"email\"]}"
               "}"),
         "map:1:108: an indicator is on one of [\"address\", \"name\", \"url\"], each once\n"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct loaded loaded;
        char *said = load(&loaded, wrong[i][0]);
        assert_string_equal(said, wrong[i][1]);
        free(said);
        unload(&loaded);
    }
}

/* One condition each, that one event meets and the other does not. */
static void test_fits(void **state)
{
    (void)state;
    static const char metadata[] = "{\"tag\":[\"Other\",\"ransomware\"]}";
    const struct eve_event yes = {.kind = EVE_ALERT,
                                  .ends = {{.port = 50000}, {.port = 3389}},
                                  .answered = true,
                                  .signature_id = 2400050,
                                  .severity = 2,
                                  .signature = "ET SCAN Brute Force",
                                  .category = "web application ATTACK",
                                  .metadata = {metadata, sizeof metadata - 1},
                                  .name = "a.pool.example"};
    const struct eve_event no = {.kind = EVE_ALERT,
                                 .ends = {{.port = 3389}, {.port = 443}},
                                 .signature_id = 2400100,
                                 .severity = 3,
                                 .signature = "ET SCAN",
                                 .category = "Web Application Attacks",
                                 .metadata = {"{}", 2},
                                 .name = "notpool.example"};
    static const char *const conditions[] = {
        "\"category\":[\"x\",\"Web Application Attack\"]",
        "\"signature\":[\"brute force\"]",
        "\"signature_id\":[\"1\",\"2400000-2400099\"]",
        "\"metadata\":{\"tag\":\"Ransomware\"}",
        "\"severity\":2",
        "\"port\":\"22,3000-4000\"",
        "\"name\":[\"Pool.Example\"]",
        "\"answered\":true",
        "\"name_length\":10,\"severity\":2",
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        struct loaded loaded;
        char text[512];
        snprintf(text, sizeof text,
                 RULES("{\"item\":\"N1-1\",\"event\":[\"alert\",\"dns\"],\"host\":\"client\",%s}"),
                 conditions[i]);
        char *said = load(&loaded, text);
        assert_string_equal(said, "");
        free(said);
        if (!eve_rule_fits(loaded.map.rules, &yes) || eve_rule_fits(loaded.map.rules, &no))
            fail_msg("%s", conditions[i]);
        struct eve_event flow = yes;
        flow.kind = EVE_FLOW;
        assert_false(eve_rule_fits(loaded.map.rules, &flow));
        unload(&loaded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_in),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
