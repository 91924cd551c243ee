#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "place.h"
#include "rounds.h"
#include "scoring/assessment.h"
#include "scoring/evaluation.h"
#include "targets/calendar.h"

const char rounds_scope[] = "{ \"auscult\": 1, \"authorization\": { \"reference\": \"R\", \"authorized_by\": "
                            "\"A\", \"contact\": \"C\","
                            " \"valid_from\": \"2026-01-01\", \"valid_until\": \"2026-12-31\" },"
                            " \"organizations\": ["
                            "{ \"id\": \"h001\", \"name\": \"First\", \"ranges\": [\"192.0.2.0/28\"] },"
                            "{ \"id\": \"h002\", \"name\": \"Second\", \"ranges\": [\"192.0.2.16/28\"] } ] }";

static void read_scope(struct scope *scope, const char *text)
{
    struct complaints complaints;
    complaints_init(&complaints, "scope.json");
    enum status status = scope_parse(scope, text, strlen(text), &complaints);
    char *said = complaints_format(&complaints);
    if (status != STATUS_OK)
        fail_msg("%s", said);
    free(said);
    complaints_deinit(&complaints);
}

void rounds_begin(struct rounds *rounds, const char *scope)
{
    struct complaints complaints;
    complaints_init(&complaints, "catalogue");
    assert_int_equal(store_open(NULL, true, &rounds->store), STATUS_OK);
    assert_int_equal(catalogue_load(&rounds->catalogue, NULL, 0, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
    read_scope(&rounds->scope, scope ? scope : rounds_scope);
    rounds->text = strdup(scope ? scope : rounds_scope);
    assert_non_null(rounds->text);
}

void rounds_end(struct rounds *rounds)
{
    store_close(&rounds->store);
    catalogue_deinit(&rounds->catalogue);
    scope_deinit(&rounds->scope);
    free(rounds->text);
}

void rounds_scope_again(struct rounds *rounds, const char *scope)
{
    scope_deinit(&rounds->scope);
    free(rounds->text);
    read_scope(&rounds->scope, scope);
    rounds->text = strdup(scope);
    assert_non_null(rounds->text);
}

static struct address address_of(uint32_t host)
{
    return address_from_ipv4(0xc0000200 + host);
}

static const char *organization_of(const struct round_endpoint *endpoint)
{
    return endpoint->organization ? endpoint->organization : "h001";
}

static void add_endpoint(struct store *store, const struct store_run *run,
                         const struct round_endpoint *endpoint)
{
    struct observation observation;
    const char *organization = organization_of(endpoint);
    struct address address = address_of(endpoint->host);
    assert_good(store, store_host(store, run, organization, address, endpoint->port != 0));
    if (endpoint->port == 0)
        return;
    observation_init(&observation, address, (struct port){endpoint->port, TRANSPORT_TCP});
    observation.state = ENDPOINT_OPEN;
    observation.service = endpoint->service;
    observation.time_ms = run->started_ms;
    if (endpoint->product)
        observation_product(&observation, endpoint->product);
    if (endpoint->version)
        observation_version(&observation,
                            (struct span){(const uint8_t *)endpoint->version, strlen(endpoint->version)});
    assert_good(store, store_observation(store, run, organization, &observation));
    observation_deinit(&observation);
}

static uint64_t open_at(const struct round *round, const char *organization, uint16_t port)
{
    uint64_t open = 0;
    for (size_t i = 0; i < round->count; i++)
        open += round->endpoints[i].port == port &&
                strcmp(organization_of(&round->endpoints[i]), organization) == 0;
    return open;
}

static void add_counts(const struct rounds *rounds, const struct store_run *run, const struct round *round)
{
    struct ports ports = {0};
    const char *why;
    size_t at;
    assert_int_equal(ports_parse(&ports, run->ports, &why, &at), STATUS_OK);
    for (size_t i = 0; i < rounds->scope.organizations_count; i++)
        for (size_t j = 0; j < ports.count; j++) {
            const struct organization *organization = &rounds->scope.organizations[i];
            struct store_count count = {.organization = organization->id, .port = ports.items[j]};
            count.ends[ENDPOINT_OPEN] = open_at(round, organization->id, ports.items[j].number);
            count.ends[ENDPOINT_SILENT] = ranges_size(&organization->ranges) - count.ends[ENDPOINT_OPEN];
            assert_good(rounds->store, store_add_count(rounds->store, run, &count));
        }
    ports_deinit(&ports);
}

static char *copy(const char *text)
{
    char *made = text ? strdup(text) : NULL;
    assert_true(made || !text);
    return made;
}

static void store_indices(struct rounds *rounds, const struct store_run *run)
{
    const struct evaluation_options options = {.catalogue = &rounds->catalogue,
                                               .scope = &rounds->scope,
                                               .exposure = 1,
                                               .today = calendar_day(run->started_ms / ROUND_DAY_MS)};
    struct evaluation evaluation;
    assert_good(rounds->store, evaluation_make(rounds->store, run, &options, &evaluation));
    for (size_t i = 0; i < evaluation.count; i++)
        assert_good(rounds->store,
                    store_scorecard(rounds->store, run, evaluation.organizations[i].organization->id,
                                    &evaluation.scorecards[i], "{}"));
    evaluation_deinit(&evaluation);
}

struct store_run rounds_scan(struct rounds *rounds, const struct round *round)
{
    int64_t started_ms = ROUND_START + round->day * ROUND_DAY_MS + 3600000;
    struct store_run run = {.started_ms = started_ms,
                            .ended_ms = started_ms + 60000,
                            .complete = !round->incomplete,
                            .shard = round->shard ? round->shard : 1,
                            .shards = round->shards ? round->shards : 1,
                            .attempts = 2,
                            .authorization = copy("R"),
                            .engine = copy("connect"),
                            .catalogue = copy(rounds->catalogue.name),
                            .vantage = copy(round->vantage ? round->vantage : "internet"),
                            .ports = copy(round->ports ? round->ports : "22,3306,6379"),
                            .scope_text = round->keeps_no_scope ? NULL : copy(rounds->text)};
    memcpy(run.scope, rounds->scope.hash, sizeof run.scope);
    assert_good(rounds->store, store_begin(rounds->store, &run));
    for (size_t i = 0; i < rounds->scope.organizations_count; i++)
        assert_good(rounds->store, store_organization(rounds->store, &run, &rounds->scope.organizations[i]));
    for (size_t i = 0; i < round->count; i++)
        add_endpoint(rounds->store, &run, &round->endpoints[i]);
    if (round->everywhere)
        assert_good(rounds->store, store_set_control(rounds->store, &run, "h001",
                                                     address_of(round->everywhere), CONTROL_ANSWERED));
    add_counts(rounds, &run, round);
    assert_good(rounds->store, assessment_make(rounds->store, &run, &rounds->scope, &rounds->catalogue));
    store_indices(rounds, &run);
    assert_good(rounds->store, store_commit(rounds->store));
    return run;
}

void rounds_compare(struct rounds *rounds, const struct store_run *before, const struct store_run *after,
                    int today, struct changes *changes)
{
    const struct changes_options options = {.catalogue = &rounds->catalogue,
                                            .scope = &rounds->scope,
                                            .today = today ? today
                                                           : calendar_day(after->started_ms / ROUND_DAY_MS)};
    assert_good(rounds->store, changes_make(rounds->store, before, after, &options, changes));
}

const struct change *rounds_change(const struct rounds *rounds, const struct changes *changes,
                                   const char *item, uint32_t host)
{
    size_t number = catalogue_item(&rounds->catalogue, item);
    const struct change *found = NULL;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *change = &changes->items[i];
        bool there = host == 0 || (change->finding->has_address &&
                                   address_compare(change->finding->address, address_of(host)) == 0);
        if (change->item != number || !there)
            continue;
        assert_null(found);
        found = change;
    }
    if (!found)
        fail_msg("%s at 192.0.2.%u did not change", item, host);
    return found;
}
