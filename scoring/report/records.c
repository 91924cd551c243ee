#include "scoring/report/records.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/endpoint.h"
#include "scoring/cohort.h"
#include "scoring/facts.h"
#include "scoring/object.h"
#include "scoring/report/base64.h"

/* Members are added in the order of contract.md. */
cJSON *record_run(const struct store_run *run)
{
    struct object making = object_record("run");
    object_text(&making, "run", run->id);
    object_text(&making, "scope", run->scope);
    object_text(&making, "authorization", run->authorization);
    object_moment(&making, "started", run->started_ms);
    object_text(&making, "engine", run->engine);
    object_text(&making, "catalogue", run->catalogue);
    object_text(&making, "version", AUSCULT_VERSION);
    object_text(&making, "vantage", run->vantage);
    object_text(&making, "ports", run->ports);
    return object_end(&making);
}

cJSON *record_source(const struct evidence_import *import)
{
    const struct store_run *run = &import->run;
    struct object making = object_record("source");
    object_text(&making, "run", run->id);
    object_text(&making, "format", run->format);
    object_text(&making, "file", run->file);
    object_text(&making, "sha256", run->file_hash);
    object_moment(&making, "imported", run->started_ms);
    object_moment(&making, "from", run->from_ms);
    object_moment(&making, "until", run->until_ms);
    object_text(&making, "vantage", run->vantage);
    object_number(&making, "organizations", (double)import->organizations);
    object_number(&making, "findings", (double)import->findings);
    return object_end(&making);
}

/* What it was asked by, which is among its facts, told once more. */
static void add_name(struct object *making, const struct observation *observation)
{
    const struct fact_value *name = observation_find(observation, ENDPOINT_NAME);
    if (name && !name->undetermined && name->text)
        object_text(making, "name", name->text);
}

cJSON *record_observation(const char *organization, const struct observation *observation)
{
    char evidence[BASE64_TEXT_MAX(OBSERVATION_EVIDENCE_MAX)];
    base64_write(observation->evidence, observation->evidence_size, evidence);
    struct object making = object_record("observation");
    if (organization)
        object_text(&making, "org", organization);
    object_endpoint(&making, observation->address, observation->port);
    object_text(&making, "state", endpoint_state_name(observation->state));
    object_text(&making, "service", observation->service);
    object_bool(&making, "tls", observation->tls);
    object_text(&making, "product", observation->product);
    object_text(&making, "version", observation->version);
    object_add(&making, "facts", facts_known(observation));
    object_add(&making, "undetermined", facts_undetermined(observation));
    object_add(&making, "evidence", cJSON_CreateString(evidence));
    object_moment(&making, "time", observation->time_ms);
    if (observation->full)
        object_bool(&making, "truncated", true);
    add_name(&making, observation);
    return object_end(&making);
}

cJSON *record_naming(const struct naming *naming)
{
    struct object making = object_record("name");
    object_text(&making, "org", naming->organization);
    object_text(&making, "name", naming->name);
    object_text(&making, "kind", naming_kind_name(naming->kind));
    if (naming->kind != NAMING_MISSING)
        object_endpoint(&making, naming->address, (struct port){0});
    if (naming->why)
        object_text(&making, "why", naming->why);
    return object_end(&making);
}

cJSON *record_finding(const struct finding *finding)
{
    struct object making = object_record("finding");
    object_text(&making, "org", finding->organization);
    object_text(&making, "item", finding->item);
    if (finding->has_address)
        object_endpoint(&making, finding->address, finding->port);
    if (finding->key)
        object_text(&making, "key", finding->key);
    if (finding->confidence)
        object_number(&making, "confidence", finding->confidence);
    if (finding->asset)
        object_number(&making, "asset", finding->asset);
    if (!isnan(finding->exposure))
        object_number(&making, "exposure", finding->exposure);
    if (finding->count != 1)
        object_number(&making, "count", (double)finding->count);
    if (finding->why)
        object_text(&making, "why", finding->why);
    cJSON *facts = finding->facts ? cJSON_Parse(finding->facts) : NULL;
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(facts, ENDPOINT_NAME));
    if (finding->facts)
        object_add(&making, "facts", facts);
    if (finding->time_ms)
        object_moment(&making, "time", finding->time_ms);
    if (name)
        object_text(&making, "name", name);
    return object_end(&making);
}

cJSON *record_left_out(const struct finding *finding, const struct accepted_risk *risk, bool marked)
{
    struct object making = object_record(marked ? "marked" : "accepted");
    object_text(&making, "org", finding->organization);
    object_text(&making, "item", finding->item);
    if (finding->has_address)
        object_endpoint(&making, finding->address, finding->port);
    if (finding->key)
        object_text(&making, "key", finding->key);
    object_text(&making, "reason", risk->reason);
    object_text(&making, "by", risk->by);
    object_day(&making, "from", risk->from_day);
    object_day(&making, "until", risk->until_day);
    return object_end(&making);
}

static cJSON *coverage_of(const struct catalogue *catalogue, const struct scorecard *scorecard)
{
    struct object making = object_begin(), of = object_begin();
    object_number(&making, "items", (double)scorecard->items_assessed);
    object_number(&making, "dimensions", (double)scorecard->dimensions_assessed);
    object_number(&making, "domains", (double)scorecard->domains_assessed);
    object_number(&of, "items", (double)catalogue->items_count);
    object_number(&of, "dimensions", (double)catalogue->dimensions_count);
    object_number(&of, "domains", (double)catalogue->domains_count);
    object_add(&making, "of", object_end(&of));
    return object_end(&making);
}

static cJSON *dimensions_of(const struct catalogue *catalogue, const struct scorecard *scorecard,
                            size_t domain)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list && i < catalogue->dimensions_count; i++) {
        if (catalogue->dimensions[i].domain != domain)
            continue;
        struct object making = object_begin();
        object_text(&making, "id", catalogue->dimensions[i].id);
        object_number(&making, "score", scorecard->dimensions[i].score);
        object_bool(&making, "assessed", scorecard->dimensions[i].assessed);
        cJSON *dimension = object_end(&making);
        if (!dimension || !cJSON_AddItemToArray(list, dimension)) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static cJSON *domain_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t domain)
{
    struct object making = object_begin();
    object_text(&making, "id", catalogue->domains[domain].id);
    object_number(&making, "score", scorecard->domains[domain].score);
    object_bool(&making, "assessed", scorecard->domains[domain].assessed);
    object_add(&making, "dimensions", dimensions_of(catalogue, scorecard, domain));
    return object_end(&making);
}

static cJSON *item_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t at)
{
    const struct score_item *found = &scorecard->items[at];
    struct object making = object_begin();
    object_text(&making, "item", catalogue->items[found->item].id);
    object_number(&making, "count", (double)found->count);
    object_number(&making, "loss", found->loss);
    object_number(&making, "gain", found->gain);
    if (found->accepted)
        object_number(&making, "accepted", (double)found->accepted);
    return object_end(&making);
}

static cJSON *fix_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t at)
{
    const struct score_fix *fix = &scorecard->fixes[at];
    struct object making = object_begin();
    object_text(&making, "item", catalogue->items[fix->item].id);
    object_number(&making, "index_after", fix->index_after);
    object_number(&making, "gain", fix->gain);
    return object_end(&making);
}

static cJSON *gate_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t at)
{
    return cJSON_CreateString(catalogue->items[scorecard->gated_by[at]].id);
}

static cJSON *bound_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t at)
{
    (void)catalogue;
    return cJSON_CreateNumber(scorecard->bounds[at]);
}

static cJSON *list(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t count,
                   cJSON *(*entry)(const struct catalogue *catalogue, const struct scorecard *scorecard,
                                   size_t at))
{
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array && i < count; i++) {
        cJSON *value = entry(catalogue, scorecard, i);
        if (!value || !cJSON_AddItemToArray(array, value)) {
            cJSON_Delete(array);
            return NULL;
        }
    }
    return array;
}

cJSON *record_scorecard(const struct catalogue *catalogue, const char *organization,
                        const struct scorecard *scorecard)
{
    bool assessed = scorecard->assessed;
    struct object making = object_record("scorecard");
    object_text(&making, "org", organization);
    object_number(&making, "index", assessed ? scorecard->index : (double)NAN);
    object_number(&making, "index_exact", assessed ? scorecard->index_exact : (double)NAN);
    object_number(&making, "score", assessed ? scorecard->score : (double)NAN);
    object_text(&making, "band", assessed ? band_word(scorecard->band) : NULL);
    object_text(&making, "gate", band_word(scorecard->gate));
    object_add(&making, "gated_by", list(catalogue, scorecard, scorecard->gated_by_count, gate_of));
    object_add(&making, "bounds", list(catalogue, scorecard, 2, bound_of));
    object_number(&making, "literal", scorecard->literal);
    object_add(&making, "coverage", coverage_of(catalogue, scorecard));
    object_add(&making, "domains", list(catalogue, scorecard, catalogue->domains_count, domain_of));
    object_add(&making, "items", list(catalogue, scorecard, scorecard->items_count, item_of));
    object_add(&making, "fixes", list(catalogue, scorecard, scorecard->fixes_count, fix_of));
    object_number(&making, "without_acceptance", assessed ? scorecard->without_acceptance : (double)NAN);
    object_text(&making, "calibration", catalogue->g.fit.name);
    return object_end(&making);
}

cJSON *record_assessed(const struct catalogue *catalogue, const struct report_organization *organization)
{
    struct object making = object_record("assessed");
    cJSON *ids = cJSON_CreateArray();
    object_text(&making, "org", organization->organization->id);
    for (size_t i = 0; ids && i < catalogue->items_count; i++)
        if (organization->scorecard->item_assessed[i])
            making.failed |= !cJSON_AddItemToArray(ids, cJSON_CreateString(catalogue->items[i].id));
    object_add(&making, "items", ids);
    return object_end(&making);
}

cJSON *record_coverage(const struct report_organization *organization)
{
    struct object making = object_record("coverage");
    object_text(&making, "org", organization->organization->id);
    object_number(&making, "authorized", (double)organization->authorized);
    object_number(&making, "asked", (double)organization->asked);
    object_number(&making, "answered", (double)organization->answered);
    object_number(&making, "open_hosts", (double)organization->open_hosts);
    object_number(&making, "synthetic", (double)organization->synthetic);
    object_number(&making, "synthetic_hosts", (double)organization->synthetic_hosts);
    object_number(&making, "undetermined_hosts", (double)organization->undetermined_hosts);
    return object_end(&making);
}

/* Shares of the organizations by band, the best first. */
static cJSON *shares_of(const size_t bands[4], size_t organizations)
{
    struct object making = object_begin();
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        object_number(&making, band_word((enum band)band), (double)bands[band] / (double)organizations);
    return object_end(&making);
}

static cJSON *could_be_of(const struct cohort *cohort)
{
    const double ends[2] = {(double)cohort->could_be[0], (double)cohort->could_be[1]};
    return ends[0] > 0 ? cJSON_CreateDoubleArray(ends, 2) : cJSON_CreateNull();
}

cJSON *record_cohort(const struct cohort *cohort)
{
    struct object making = object_record("cohort");
    bool known = !isnan(cohort->interval[0]);
    object_text(&making, "key", cohort->key);
    object_text(&making, "value", cohort->value);
    object_number(&making, "organizations", (double)cohort->organizations);
    object_number(&making, "mean", cohort->mean);
    object_add(&making, "interval",
               known ? cJSON_CreateDoubleArray(cohort->interval, 2) : cJSON_CreateNull());
    object_add(&making, "bands", shares_of(cohort->bands, cohort->organizations));
    object_add(&making, "gates", shares_of(cohort->gates, cohort->organizations));
    object_add(&making, "shown", shares_of(cohort->shown, cohort->organizations));
    object_number(&making, "deviation", cohort->deviation);
    object_number(&making, "rank", (double)cohort->rank);
    object_number(&making, "groups", (double)cohort->groups);
    object_add(&making, "could_be", could_be_of(cohort));
    return object_end(&making);
}

cJSON *record_end(const struct report *report)
{
    const struct store_run *run = report->run;
    struct object making = object_record("end");
    object_text(&making, "run", run ? run->id : NULL);
    object_number(&making, "addresses", run ? (double)run->addresses : (double)NAN);
    object_number(&making, "probes_sent", run ? (double)run->probes_sent : (double)NAN);
    object_number(&making, "open", (double)report->open_endpoints);
    object_number(&making, "synthetic", (double)report->synthetic_endpoints);
    object_number(&making, "findings", (double)report->findings);
    object_number(&making, "seconds", report->seconds);
    if (report->pace) {
        object_number(&making, "rate", report->pace->rate);
        object_number(&making, "burst_10ms", (double)report->pace->burst);
        object_number(&making, "recall", report->pace->recall);
        object_number(&making, "lost", (double)report->pace->lost);
    }
    object_bool(&making, "complete", report->complete);
    return object_end(&making);
}

enum status record_write(cJSON *record, FILE *stream)
{
    char *text = record ? cJSON_PrintUnformatted(record) : NULL;
    cJSON_Delete(record);
    if (!text)
        return STATUS_NO_MEMORY;
    bool written = fputs(text, stream) >= 0 && fputc('\n', stream) != EOF;
    cJSON_free(text);
    return written ? STATUS_OK : STATUS_SYSTEM;
}
