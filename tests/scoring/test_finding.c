#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "sample.h"

enum { EXPOSED, NO_TLS, BROKEN_TLS, OLD, REDIS, EXPIRED, ELSEWHERE, MANUAL, ITEMS };
static const struct {
    const char *id, *when;
} items[ITEMS] = {
    [EXPOSED] = {"exposed", "{\"service\": \"mysql\"}"},
    [NO_TLS] = {"no-tls", "{\"service\": \"mysql\", \"mysql.tls_offered\": false}"},
    [BROKEN_TLS] = {"broken-tls", "{\"service\": \"mysql\", \"mysql.tls_works\": false}"},
    [OLD] = {"old", "{\"product\": \"MariaDB\", \"version\": {\"version_lt\": \"10.11\"}, "
                    "\"mysql.server_version\": {\"ne\": \"\"}}"},
    [REDIS] = {"redis", "{\"service\": \"redis\"}"},
    [EXPIRED] = {"expired", "{\"x509.not_after\": {\"before\": \"now\"}}"},
    [ELSEWHERE] = {"elsewhere", "{\"port\": 3307}"},
    [MANUAL] = {"manual", NULL},
};

static void load_items(struct catalogue *catalogue)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    fputs("{\"auscult_catalogue\": 1, \"name\": \"x\", "
          "\"domains\": [{\"id\": \"K\", \"zh\": \"域\", \"en\": \"d\"}], "
          "\"dimensions\": [{\"id\": \"D\", \"domain\": \"K\", \"zh\": \"维\", \"en\": \"d\"}], \"items\": [",
          out);
    for (size_t i = 0; i < ITEMS; i++)
        fprintf(
            out,
            "%s{\"id\": \"%s\", \"dimension\": \"D\", \"zh\": \"项\", \"en\": \"i\", \"source\": \"scan\", "
            "\"risk\": 1, \"severity\": 1, \"asset\": 1, \"confidence\": 1%s%s}",
            i ? ", " : "", items[i].id, items[i].when ? ", \"when\": " : "",
            items[i].when ? items[i].when : "");
    fputs("]}", out);
    assert_int_equal(fclose(out), 0);
    sample_catalogue(catalogue, text);
    free(text);
}

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

/* One endpoint and what the items say of it. */
struct scene {
    struct catalogue catalogue;
    struct observation observation;
    struct judgement judgement;
};

static void set_up(struct scene *scene)
{
    load_items(&scene->catalogue);
    observe(&scene->observation);
    assert_int_equal(judgement_make(&scene->catalogue, &scene->observation, &scene->judgement), STATUS_OK);
}

static void take_down(struct scene *scene)
{
    judgement_deinit(&scene->judgement);
    observation_deinit(&scene->observation);
    catalogue_deinit(&scene->catalogue);
}

static void an_endpoint_is_judged_by_every_item(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene);
    assert_int_equal(scene.judgement.items, scene.catalogue.items_count);
    assert_int_equal(scene.judgement.count, 3);
    assert_true(scene.judgement.asked[EXPOSED] && !scene.judgement.undetermined[EXPOSED]);
    assert_true(scene.judgement.asked[NO_TLS] && !scene.judgement.undetermined[NO_TLS]);
    assert_true(scene.judgement.asked[BROKEN_TLS] && scene.judgement.undetermined[BROKEN_TLS]);
    assert_true(scene.judgement.asked[OLD] && found(&scene.judgement, "old"));
    assert_false(scene.judgement.asked[REDIS] || scene.judgement.undetermined[REDIS]);
    assert_false(scene.judgement.asked[EXPIRED] || scene.judgement.undetermined[EXPIRED]);
    assert_false(scene.judgement.asked[ELSEWHERE]);
    assert_false(scene.judgement.asked[MANUAL]);
    take_down(&scene);
}

static void findings_say_where_and_why(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene);
    const struct finding *finding = found(&scene.judgement, "no-tls");
    assert_non_null(finding);
    assert_null(finding->organization);
    assert_true(finding->has_address);
    assert_int_equal(address_compare(finding->address, scene.observation.address), 0);
    assert_int_equal(finding->port.number, 3306);
    assert_null(finding->key);
    assert_int_equal(finding->confidence, 0);
    assert_int_equal(finding->asset, 0);
    assert_true(isnan(finding->exposure));
    assert_int_equal(finding->count, 1);
    assert_int_equal(finding->time_ms, scene.observation.time_ms);
    assert_string_equal(finding->why, "mysql, MariaDB 10.5.1; mysql.tls_offered=false");
    assert_string_equal(finding->facts, "{\"mysql.tls_offered\":false}");
    assert_null(found(&scene.judgement, "exposed")->facts);
    assert_string_equal(found(&scene.judgement, "exposed")->why, "mysql, MariaDB 10.5.1");
    assert_string_equal(found(&scene.judgement, "old")->facts,
                        "{\"mysql.server_version\":\"10.5.1 \\\"x\\\"\"}");
    take_down(&scene);
}

static void only_open_endpoints_are_judged(void **state)
{
    (void)state;
    static const enum endpoint_state others[] = {ENDPOINT_CLOSED, ENDPOINT_UNREACHABLE, ENDPOINT_SILENT,
                                                 ENDPOINT_SYNTHETIC};
    struct catalogue catalogue;
    struct observation observation;
    struct judgement judgement;
    load_items(&catalogue);
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
