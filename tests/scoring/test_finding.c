#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "sample.h"

#define FINDING_ITEM(id, rest)                                                                               \
    "{\"id\": \"" id "\", \"dimension\": \"D\", \"zh\": \"项\", \"en\": \"i\", \"source\": \"scan\", "      \
    "\"risk\": 1, \"severity\": 1, \"asset\": 1, \"confidence\": 1" rest "}"

enum { EXPOSED, NO_TLS, BROKEN_TLS, OLD, REDIS, EXPIRED, ELSEWHERE, MANUAL };
static const char items[] =
    "{\"auscult_catalogue\": 1, \"name\": \"x\", \"domains\": [{\"id\": \"K\", \"zh\": \"域\", \"en\": "
    "\"d\"}], "
    "\"dimensions\": [{\"id\": \"D\", \"domain\": \"K\", \"zh\": \"维\", \"en\": \"d\"}], \"items\": "
    "[" FINDING_ITEM("exposed", ", \"when\": {\"service\": \"mysql\"}") "," FINDING_ITEM(
        "no-tls",
        ", "
        "\"whe"
        "n\": "
        "{\"se"
        "rvice"
        "\": "
        "\"mys"
        "ql\","
        " \"my"
        "sql."
        "tls_"
        "offer"
        "ed\":"
        " fals"
        "e}") "," FINDING_ITEM("broken-tls",
                               ", \"when\": {\"service\": \"mysql\", \"mysql.tls_works\": "
                               "false}") "," FINDING_ITEM("old",
                                                          ", \"when\": {\"product\": "
                                                          "\"MariaDB\", \"version\": "
                                                          "{\"version_lt\": \"10.11\"}, "
                                                          "\"mysql.server_version\": {\"ne\": "
                                                          "\"\"}}") "," FINDING_ITEM("redis",
                                                                                     ", "
                                                                                     "\"when\":"
                                                                                     " {"
                                                                                     "\"service"
                                                                                     "\": "
                                                                                     "\"redis\""
                                                                                     "}") "," FINDING_ITEM("e"
                                                                                                           "x"
                                                                                                           "p"
                                                                                                           "i"
                                                                                                           "r"
                                                                                                           "e"
                                                                                                           "d",
                                                                                                           ","
                                                                                                           " "
                                                                                                           "\"w"
                                                                                                           "h"
                                                                                                           "e"
                                                                                                           "n"
                                                                                                           "\":"
                                                                                                           " "
                                                                                                           "{"
                                                                                                           "\"x"
                                                                                                           "5"
                                                                                                           "0"
                                                                                                           "9"
                                                                                                           "."
                                                                                                           "n"
                                                                                                           "o"
                                                                                                           "t"
                                                                                                           "_"
                                                                                                           "a"
                                                                                                           "f"
                                                                                                           "t"
                                                                                                           "e"
                                                                                                           "r"
                                                                                                           "\":"
                                                                                                           " "
                                                                                                           "{"
                                                                                                           "\"b"
                                                                                                           "e"
                                                                                                           "f"
                                                                                                           "o"
                                                                                                           "r"
                                                                                                           "e"
                                                                                                           "\":"
                                                                                                           " "
                                                                                                           "\""
                                                                                                           "n"
                                                                                                           "o"
                                                                                                           "w"
                                                                                                           "\"}"
                                                                                                           "}") "," FINDING_ITEM("elsewhere",
                                                                                                                                 ", \"when\": {\"port\": 3307}") "," FINDING_ITEM("manual",
                                                                                                                                                                                  "") "]}";

static void observe(struct observation *observation)
{
    observation_init(observation, address_from_ipv4(0xc0000201), (struct port){3306, TRANSPORT_TCP});
    observation->service = "mysql";
    observation->time_ms = INT64_C(1780000000000);
    observation_product(observation, "MariaDB");
    observation_version(observation, (struct span){(const uint8_t *)"10.5.1", 6});
    observation_bool(observation, fact_named("mysql.tls_offered"), false);
    observation_words(observation, fact_named("mysql.server_version"), "10.5.1 \"x\"");
    observation_undetermined(observation, fact_named("mysql.tls_works"), "the handshake did not end");
}

static const struct finding *found(const struct judgement *judgement, const char *item)
{
    for (size_t i = 0; i < judgement->count; i++)
        if (strcmp(judgement->findings[i].item, item) == 0)
            return &judgement->findings[i];
    return NULL;
}

static void an_endpoint_is_judged_by_every_item(void **state)
{
    (void)state;
    struct catalogue catalogue;
    struct observation observation;
    struct judgement judgement;
    sample_catalogue(&catalogue, items);
    observe(&observation);
    assert_int_equal(judgement_make(&catalogue, &observation, &judgement), STATUS_OK);
    assert_int_equal(judgement.items, catalogue.items_count);
    assert_int_equal(judgement.count, 3);
    assert_true(judgement.asked[EXPOSED] && !judgement.undetermined[EXPOSED]);
    assert_true(judgement.asked[NO_TLS] && !judgement.undetermined[NO_TLS]);
    assert_true(judgement.asked[BROKEN_TLS] && judgement.undetermined[BROKEN_TLS]);
    assert_true(judgement.asked[OLD] && found(&judgement, "old"));
    assert_false(judgement.asked[REDIS] || judgement.undetermined[REDIS]);
    assert_false(judgement.asked[EXPIRED] || judgement.undetermined[EXPIRED]);
    assert_false(judgement.asked[ELSEWHERE]);
    assert_false(judgement.asked[MANUAL]);
    judgement_deinit(&judgement);
    observation_deinit(&observation);
    catalogue_deinit(&catalogue);
}

static void findings_say_where_and_why(void **state)
{
    (void)state;
    struct catalogue catalogue;
    struct observation observation;
    struct judgement judgement;
    sample_catalogue(&catalogue, items);
    observe(&observation);
    assert_int_equal(judgement_make(&catalogue, &observation, &judgement), STATUS_OK);
    const struct finding *finding = found(&judgement, "no-tls");
    assert_non_null(finding);
    assert_null(finding->organization);
    assert_true(finding->has_address);
    assert_int_equal(address_compare(finding->address, observation.address), 0);
    assert_int_equal(finding->port.number, 3306);
    assert_null(finding->key);
    assert_int_equal(finding->confidence, 0);
    assert_int_equal(finding->asset, 0);
    assert_true(isnan(finding->exposure));
    assert_int_equal(finding->count, 1);
    assert_int_equal(finding->time_ms, observation.time_ms);
    assert_string_equal(finding->why, "mysql, MariaDB 10.5.1; mysql.tls_offered=false");
    assert_string_equal(finding->facts, "{\"mysql.tls_offered\":false}");
    assert_null(found(&judgement, "exposed")->facts);
    assert_string_equal(found(&judgement, "exposed")->why, "mysql, MariaDB 10.5.1");
    assert_string_equal(found(&judgement, "old")->facts, "{\"mysql.server_version\":\"10.5.1 \\\"x\\\"\"}");
    judgement_deinit(&judgement);
    observation_deinit(&observation);
    catalogue_deinit(&catalogue);
}

static void only_open_endpoints_are_judged(void **state)
{
    (void)state;
    static const enum endpoint_state others[] = {ENDPOINT_CLOSED, ENDPOINT_UNREACHABLE, ENDPOINT_SILENT,
                                                 ENDPOINT_SYNTHETIC};
    struct catalogue catalogue;
    struct observation observation;
    struct judgement judgement;
    sample_catalogue(&catalogue, items);
    observe(&observation);
    for (size_t i = 0; i < 4; i++) {
        observation.state = others[i];
        assert_int_equal(judgement_make(&catalogue, &observation, &judgement), STATUS_OK);
        assert_int_equal(judgement.count, 0);
        assert_false(judgement.asked[EXPOSED]);
        judgement_deinit(&judgement);
    }
    observation_deinit(&observation);
    catalogue_deinit(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_is_judged_by_every_item),
        cmocka_unit_test(findings_say_where_and_why),
        cmocka_unit_test(only_open_endpoints_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
