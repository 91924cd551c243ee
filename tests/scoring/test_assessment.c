#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/probe.h"
#include "scoring/assessment.h"
#include "scoring/evaluation.h"

/* A run of one organization of two addresses, asked at two ports; what then counts as assessed. */

static const char catalogue_text[] =
    "{\"auscult_catalogue\":1,\"name\":\"t\",\"domains\":[{\"id\":\"D\",\"zh\":\"d\",\"en\":\"d\"}],"
    "\"dimensions\":[{\"id\":\"D1\",\"domain\":\"D\",\"zh\":\"d\",\"en\":\"d\"}],\"items\":["
    "{\"id\":\"db\",\"dimension\":\"D1\",\"zh\":\"x\",\"en\":\"x\",\"source\":\"scan\",\"risk\":1,"
    "\"severity\":4,\"asset\":5,"
    "\"confidence\":5,\"ports\":\"3306\",\"when\":{\"service\":\"mysql\"}},"
    "{\"id\":\"tls\",\"dimension\":\"D1\",\"zh\":\"x\",\"en\":\"x\",\"source\":\"scan\",\"risk\":1,"
    "\"severity\":3,\"asset\":3,"
    "\"confidence\":5,\"ports\":\"3306\",\"when\":{\"service\":\"mysql\",\"mysql.tls_offered\":false}},"
    "{\"id\":\"any\",\"dimension\":\"D1\",\"zh\":\"x\",\"en\":\"x\",\"source\":\"scan\",\"risk\":1,"
    "\"severity\":3,\"asset\":3,"
    "\"confidence\":5,\"when\":{\"tls.legacy_accepted\":true}},"
    "{\"id\":\"feed\",\"dimension\":\"D1\",\"zh\":\"x\",\"en\":\"x\",\"source\":\"import\",\"risk\":2,"
    "\"severity\":3,\"asset\":3,"
    "\"confidence\":5}]}";

struct scene {
    struct catalogue catalogue;
    struct store *store;
    struct store_run run;
};

static void set_up(struct scene *scene)
{
    struct complaints complaints;
    memset(scene, 0, sizeof *scene);
    complaints_init(&complaints, "catalogue");
    assert_int_equal(catalogue_parse(&scene->catalogue, catalogue_text, strlen(catalogue_text), &complaints),
                     STATUS_OK);
    complaints_deinit(&complaints);
    assert_int_equal(store_open(NULL, true, &scene->store), STATUS_OK);
    char **texts[] = {&scene->run.authorization, &scene->run.vantage, &scene->run.ports, &scene->run.engine,
                      &scene->run.catalogue};
    for (size_t i = 0; i < 5; i++)
        *texts[i] = strdup("internet");
    assert_int_equal(store_begin(scene->store, &scene->run), STATUS_OK);
}

static void tear_down(struct scene *scene)
{
    store_run_deinit(&scene->run);
    store_close(&scene->store);
    catalogue_deinit(&scene->catalogue);
}

static void asked(struct scene *scene, uint16_t port, uint64_t closed, uint64_t open)
{
    struct store_count count = {.organization = "h1", .port = {port, TRANSPORT_TCP}};
    count.ends[ENDPOINT_CLOSED] = closed;
    count.ends[ENDPOINT_OPEN] = open;
    assert_int_equal(store_add_count(scene->store, &scene->run, &count), STATUS_OK);
}

static void saw(struct scene *scene, const char *service, int tls_offered)
{
    struct observation observation;
    observation_init(&observation, address_from_ipv4(0xc0000201), (struct port){3306, TRANSPORT_TCP});
    observation.service = service;
    const struct fact *fact = fact_named("mysql.tls_offered");
    if (tls_offered >= 0)
        observation_bool(&observation, fact, tls_offered);
    else if (strcmp(service, "mysql") == 0)
        observation_undetermined(&observation, fact, "test");
    assert_int_equal(store_observation(scene->store, &scene->run, "h1", &observation), STATUS_OK);
    observation_deinit(&observation);
}

static void collect(void *context, const char *item)
{
    strcat(context, item);
    strcat(context, " ");
}

static void count_finding(void *context, const struct finding *finding)
{
    assert_string_equal(finding->organization, "h1");
    ++*(unsigned *)context;
}

static void expect(struct scene *scene, const char *assessed, unsigned findings)
{
    char items[256] = "";
    unsigned found = 0;
    assert_int_equal(assessment_make(scene->store, &scene->run, NULL, &scene->catalogue), STATUS_OK);
    assert_int_equal(store_each_assessed(scene->store, &scene->run, "h1", collect, items), STATUS_OK);
    assert_int_equal(store_each_finding(scene->store, &scene->run, "h1", count_finding, &found), STATUS_OK);
    assert_string_equal(items, assessed);
    assert_int_equal(found, findings);
    tear_down(scene);
}

static void test_all_closed(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene);
    asked(&scene, 3306, 2, 0);
    expect(&scene, "any db tls ", 0);
}

static void test_port_not_asked_everywhere(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene);
    asked(&scene, 22, 2, 0);
    asked(&scene, 3306, 1, 0);
    expect(&scene, "any ", 0);
}

static void test_found(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene);
    asked(&scene, 3306, 1, 1);
    saw(&scene, "mysql", false);
    expect(&scene, "any db tls ", 2);
}

static void test_undetermined_everywhere_is_not_assessed(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene);
    asked(&scene, 3306, 1, 1);
    saw(&scene, "mysql", -1);
    expect(&scene, "any db ", 1);
}

static void test_unknown_service_leaves_its_port_open(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene);
    asked(&scene, 3306, 1, 1);
    saw(&scene, "unknown", -1);
    expect(&scene, "any ", 0);
}

static void test_bare_observations(void **state)
{
    struct scene scene;
    (void)state;
    set_up(&scene);
    saw(&scene, "mysql", true);
    expect(&scene, "db tls ", 1);
}

static void test_evaluation_names_who_was_only_counted(void **state)
{
    struct scene scene;
    struct evaluation evaluation;
    (void)state;
    set_up(&scene);
    asked(&scene, 3306, 2, 0);
    assert_int_equal(assessment_make(scene.store, &scene.run, NULL, &scene.catalogue), STATUS_OK);
    const struct evaluation_options options = {
        .catalogue = &scene.catalogue, .exposure = 1, .today = 20260101};
    assert_int_equal(evaluation_make(scene.store, &scene.run, &options, &evaluation), STATUS_OK);
    assert_int_equal(evaluation.count, 1);
    assert_string_equal(evaluation.organizations[0].organization->id, "h1");
    assert_true(evaluation.scorecards[0].assessed);
    assert_int_equal(evaluation.scorecards[0].index, 1000);
    assert_int_equal(evaluation.organizations[0].asked, 2);
    assert_false(evaluation.assessed_by_findings_only);
    evaluation_deinit(&evaluation);
    tear_down(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_closed),
        cmocka_unit_test(test_port_not_asked_everywhere),
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_undetermined_everywhere_is_not_assessed),
        cmocka_unit_test(test_unknown_service_leaves_its_port_open),
        cmocka_unit_test(test_bare_observations),
        cmocka_unit_test(test_evaluation_names_who_was_only_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
