#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "ward.h"

struct store *ward_open(void)
{
    struct store *store;
    assert_int_equal(store_open(NULL, true, &store), STATUS_OK);
    return store;
}

static struct address host_address(uint64_t number)
{
    return address_from_ipv4(0x0a000000 + (uint32_t)number);
}

static void add_open(struct store *store, const struct store_run *run, const char *organization,
                     uint64_t host, uint16_t number, enum endpoint_state state)
{
    struct observation observation;
    observation_init(&observation, host_address(host), (struct port){number, TRANSPORT_TCP});
    observation.state = state;
    observation.service = "unknown";
    observation.time_ms = run->started_ms;
    assert_good(store, store_observation(store, run, organization, &observation));
    observation_deinit(&observation);
}

static void add_count(struct store *store, const struct store_run *run,
                      const struct ward_organization *organization, uint16_t port, uint64_t open)
{
    struct store_count count = {.organization = organization->id, .port = {port, TRANSPORT_TCP}};
    count.ends[ENDPOINT_OPEN] = open;
    count.ends[ENDPOINT_SILENT] = organization->addresses - open - (port == organization->partly);
    assert_good(store, store_add_count(store, run, &count));
}

static void add_hosts(struct store *store, const struct store_run *run,
                      const struct ward_organization *organization)
{
    for (uint64_t i = 0; i < organization->answered; i++)
        assert_good(store,
                    store_host(store, run, organization->id, host_address(i), i < organization->hosts));
    for (uint64_t i = 0; i < organization->hosts; i++)
        add_open(store, run, organization->id, i, 80, ENDPOINT_OPEN);
    for (uint64_t i = 0; i < organization->synthetic; i++)
        add_open(store, run, organization->id, organization->answered + i, 3306, ENDPOINT_SYNTHETIC);
    add_count(store, run, organization, 80, organization->hosts);
    for (size_t i = 0; organization->asked[i]; i++)
        add_count(store, run, organization, organization->asked[i], 0);
    for (size_t i = 0; i < 8 && organization->open[i].port; i++) {
        add_count(store, run, organization, organization->open[i].port, organization->open[i].hosts);
        for (uint64_t host = 0; host < organization->open[i].hosts; host++)
            add_open(store, run, organization->id, host, organization->open[i].port, ENDPOINT_OPEN);
    }
}

static void add_index(struct store *store, const struct store_run *run,
                      const struct ward_organization *organization)
{
    char province[] = "province", *id = strdup(organization->id), *value = strdup(organization->province);
    struct tag tag = {province, value};
    const struct organization described = {
        .id = id, .name = id, .tags = &tag, .tags_count = 1, .informatization = (double)NAN};
    struct scorecard scorecard = {.assessed = !isnan(organization->index), .gate = BAND_EXCELLENT};
    if (scorecard.assessed) {
        scorecard.index = index_round(organization->index);
        scorecard.index_exact = scorecard.score = organization->index;
    }
    assert_non_null(id);
    assert_non_null(value);
    assert_good(store, store_organization(store, run, &described));
    assert_good(store, store_scorecard(store, run, id, &scorecard, "{}"));
    free(id);
    free(value);
}

struct store_run ward_run_as(struct store *store, const struct ward_organization *organizations, size_t count,
                             const char *vantage, const char *catalogue, uint32_t shards)
{
    struct store_run run = sample_run();
    run.shard = 1;
    run.shards = shards;
    run.complete = true;
    free(run.vantage);
    free(run.catalogue);
    run.vantage = strdup(vantage);
    run.catalogue = strdup(catalogue);
    assert_good(store, store_begin(store, &run));
    for (size_t i = 0; i < count; i++) {
        add_hosts(store, &run, &organizations[i]);
        add_index(store, &run, &organizations[i]);
    }
    assert_good(store, store_commit(store));
    return run;
}

struct store_run ward_run(struct store *store, const struct ward_organization *organizations, size_t count)
{
    return ward_run_as(store, organizations, count, "internet", "cn-medical-2018+auscult-2026", 1);
}

void ward_load(struct baseline *baseline, const char *text)
{
    struct complaints complaints;
    complaints_init(&complaints, "baseline");
    enum status status = text ? baseline_parse(baseline, text, strlen(text), &complaints)
                              : baseline_load(baseline, "cn-2018-08", &complaints);
    char *said = complaints_format(&complaints);
    if (status != STATUS_OK)
        fail_msg("%s", said);
    free(said);
    complaints_deinit(&complaints);
}

const struct figure *ward_figure(const struct baseline *baseline, const char *id)
{
    for (size_t i = 0; i < baseline->figures_count; i++)
        if (strcmp(baseline->figures[i].id, id) == 0)
            return &baseline->figures[i];
    fail_msg("there is no figure %s", id);
    return NULL;
}

size_t ward_exposure(const struct exposures *exposures, const char *id)
{
    for (size_t i = 0; i < exposures->count; i++)
        if (strcmp(exposures->items[i].id, id) == 0)
            return i;
    fail_msg("there is no exposure %s", id);
    return 0;
}

void ward_begin(struct ward_scene *scene, const struct ward_organization *organizations, size_t count,
                const char *baseline)
{
    struct complaints complaints;
    *scene = (struct ward_scene){.store = ward_open()};
    scene->run = ward_run(scene->store, organizations, count);
    ward_load(&scene->baseline, baseline);
    complaints_init(&complaints, "catalogue");
    assert_int_equal(catalogue_load(&scene->catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
    assert_int_equal(exposures_init(&scene->exposures, &scene->baseline), STATUS_OK);
    ward_census(scene, (struct census_options){0});
    scene->options = (struct comparison_options){
        .catalogue = &scene->catalogue, .subject = &scene->subject, .denominator = DENOMINATOR_UNKNOWN};
}

void ward_census(struct ward_scene *scene, struct census_options subject)
{
    census_deinit(&scene->census);
    scene->subject = subject;
    assert_good(scene->store, census_make(scene->store, &scene->exposures, &scene->subject, &scene->census));
}

void ward_compare(struct ward_scene *scene)
{
    comparison_deinit(&scene->comparison);
    assert_int_equal(comparison_make(&scene->baseline, &scene->exposures, &scene->census, &scene->options,
                                     &scene->comparison),
                     STATUS_OK);
}

void ward_end(struct ward_scene *scene)
{
    comparison_deinit(&scene->comparison);
    census_deinit(&scene->census);
    exposures_deinit(&scene->exposures);
    baseline_deinit(&scene->baseline);
    catalogue_deinit(&scene->catalogue);
    store_run_deinit(&scene->run);
    store_close(&scene->store);
}
