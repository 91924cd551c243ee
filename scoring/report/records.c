#include "scoring/report/records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/cohort.h"
#include "scoring/facts.h"
#include "scoring/report/base64.h"
#include "scoring/timestamp.h"

/* Members are added in the order of contract.md. A failed addition is noticed at the end, since the member is
   then missing: each maker counts what it added. */
struct making {
    cJSON *object;
    bool failed;
};

static struct making make(const char *type)
{
    struct making making = {cJSON_CreateObject(), false};
    if (type)
        making.failed = !cJSON_AddStringToObject(making.object, "type", type);
    return making;
}

static cJSON *made(struct making *making)
{
    if (making->failed || !making->object) {
        cJSON_Delete(making->object);
        return NULL;
    }
    return making->object;
}

static void add(struct making *making, const char *name, cJSON *value)
{
    if (!value || !cJSON_AddItemToObject(making->object, name, value)) {
        making->failed = true;
        cJSON_Delete(value);
    }
}

/* NULL and "" become null. */
static void add_text(struct making *making, const char *name, const char *text)
{
    add(making, name, text && text[0] ? cJSON_CreateString(text) : cJSON_CreateNull());
}

/* What is no number becomes null. */
static void add_number(struct making *making, const char *name, double number)
{
    add(making, name, isfinite(number) ? cJSON_CreateNumber(number) : cJSON_CreateNull());
}

static void add_bool(struct making *making, const char *name, bool value)
{
    add(making, name, cJSON_CreateBool(value));
}

static void add_time(struct making *making, const char *name, int64_t ms)
{
    char text[TIMESTAMP_TEXT_MAX] = "";
    if (ms)
        timestamp_format_ms(ms, text);
    add_text(making, name, text);
}

static void add_endpoint(struct making *making, struct address address, struct port port)
{
    char text[ADDRESS_TEXT_MAX];
    address_format(address, text);
    add_text(making, "ip", text);
    if (port.number) {
        add_number(making, "port", port.number);
        add_text(making, "transport", transport_name(port.transport));
    }
}

cJSON *record_run(const struct store_run *run)
{
    struct making making = make("run");
    add_text(&making, "run", run->id);
    add_text(&making, "scope", run->scope);
    add_text(&making, "authorization", run->authorization);
    add_time(&making, "started", run->started_ms);
    add_text(&making, "engine", run->engine);
    add_text(&making, "catalogue", run->catalogue);
    add_text(&making, "version", AUSCULT_VERSION);
    add_text(&making, "vantage", run->vantage);
    add_text(&making, "ports", run->ports);
    return made(&making);
}

cJSON *record_source(const struct evidence_import *import)
{
    const struct store_run *run = &import->run;
    struct making making = make("source");
    add_text(&making, "run", run->id);
    add_text(&making, "format", run->format);
    add_text(&making, "file", run->file);
    add_text(&making, "sha256", run->file_hash);
    add_time(&making, "imported", run->started_ms);
    add_time(&making, "from", run->from_ms);
    add_time(&making, "until", run->until_ms);
    add_text(&making, "vantage", run->vantage);
    add_number(&making, "organizations", (double)import->organizations);
    add_number(&making, "findings", (double)import->findings);
    return made(&making);
}

cJSON *record_observation(const char *organization, const struct observation *observation)
{
    char evidence[BASE64_TEXT_MAX(OBSERVATION_EVIDENCE_MAX)];
    base64_write(observation->evidence, observation->evidence_size, evidence);
    struct making making = make("observation");
    if (organization)
        add_text(&making, "org", organization);
    add_endpoint(&making, observation->address, observation->port);
    add_text(&making, "state", endpoint_state_name(observation->state));
    add_text(&making, "service", observation->service);
    add_bool(&making, "tls", observation->tls);
    add_text(&making, "product", observation->product);
    add_text(&making, "version", observation->version);
    add(&making, "facts", facts_known(observation));
    add(&making, "undetermined", facts_undetermined(observation));
    add(&making, "evidence", cJSON_CreateString(evidence));
    add_time(&making, "time", observation->time_ms);
    if (observation->full)
        add_bool(&making, "truncated", true);
    return made(&making);
}

cJSON *record_finding(const struct finding *finding)
{
    struct making making = make("finding");
    add_text(&making, "org", finding->organization);
    add_text(&making, "item", finding->item);
    if (finding->has_address)
        add_endpoint(&making, finding->address, finding->port);
    if (finding->key)
        add_text(&making, "key", finding->key);
    if (finding->confidence)
        add_number(&making, "confidence", finding->confidence);
    if (finding->asset)
        add_number(&making, "asset", finding->asset);
    if (!isnan(finding->exposure))
        add_number(&making, "exposure", finding->exposure);
    if (finding->count != 1)
        add_number(&making, "count", (double)finding->count);
    if (finding->why)
        add_text(&making, "why", finding->why);
    if (finding->facts)
        add(&making, "facts", cJSON_Parse(finding->facts));
    if (finding->time_ms)
        add_time(&making, "time", finding->time_ms);
    return made(&making);
}

static cJSON *coverage_of(const struct catalogue *catalogue, const struct scorecard *scorecard)
{
    struct making making = make(NULL), of = make(NULL);
    add_number(&making, "items", (double)scorecard->items_assessed);
    add_number(&making, "dimensions", (double)scorecard->dimensions_assessed);
    add_number(&making, "domains", (double)scorecard->domains_assessed);
    add_number(&of, "items", (double)catalogue->items_count);
    add_number(&of, "dimensions", (double)catalogue->dimensions_count);
    add_number(&of, "domains", (double)catalogue->domains_count);
    add(&making, "of", made(&of));
    return made(&making);
}

static cJSON *dimensions_of(const struct catalogue *catalogue, const struct scorecard *scorecard,
                            size_t domain)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; list && i < catalogue->dimensions_count; i++) {
        if (catalogue->dimensions[i].domain != domain)
            continue;
        struct making making = make(NULL);
        add_text(&making, "id", catalogue->dimensions[i].id);
        add_number(&making, "score", scorecard->dimensions[i].score);
        add_bool(&making, "assessed", scorecard->dimensions[i].assessed);
        cJSON *dimension = made(&making);
        if (!dimension || !cJSON_AddItemToArray(list, dimension)) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static cJSON *domain_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t domain)
{
    struct making making = make(NULL);
    add_text(&making, "id", catalogue->domains[domain].id);
    add_number(&making, "score", scorecard->domains[domain].score);
    add_bool(&making, "assessed", scorecard->domains[domain].assessed);
    add(&making, "dimensions", dimensions_of(catalogue, scorecard, domain));
    return made(&making);
}

static cJSON *item_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t at)
{
    const struct score_item *found = &scorecard->items[at];
    struct making making = make(NULL);
    add_text(&making, "item", catalogue->items[found->item].id);
    add_number(&making, "count", (double)found->count);
    add_number(&making, "loss", found->loss);
    add_number(&making, "gain", found->gain);
    if (found->accepted)
        add_number(&making, "accepted", (double)found->accepted);
    return made(&making);
}

static cJSON *fix_of(const struct catalogue *catalogue, const struct scorecard *scorecard, size_t at)
{
    const struct score_fix *fix = &scorecard->fixes[at];
    struct making making = make(NULL);
    add_text(&making, "item", catalogue->items[fix->item].id);
    add_number(&making, "index_after", fix->index_after);
    add_number(&making, "gain", fix->gain);
    return made(&making);
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
    struct making making = make("scorecard");
    add_text(&making, "org", organization);
    add_number(&making, "index", assessed ? scorecard->index : (double)NAN);
    add_number(&making, "index_exact", assessed ? scorecard->index_exact : (double)NAN);
    add_number(&making, "score", assessed ? scorecard->score : (double)NAN);
    add_text(&making, "band", assessed ? band_word(scorecard->band) : NULL);
    add_text(&making, "gate", band_word(scorecard->gate));
    add(&making, "gated_by", list(catalogue, scorecard, scorecard->gated_by_count, gate_of));
    add(&making, "bounds", list(catalogue, scorecard, 2, bound_of));
    add_number(&making, "literal", scorecard->literal);
    add(&making, "coverage", coverage_of(catalogue, scorecard));
    add(&making, "domains", list(catalogue, scorecard, catalogue->domains_count, domain_of));
    add(&making, "items", list(catalogue, scorecard, scorecard->items_count, item_of));
    add(&making, "fixes", list(catalogue, scorecard, scorecard->fixes_count, fix_of));
    add_number(&making, "without_acceptance", assessed ? scorecard->without_acceptance : (double)NAN);
    add_text(&making, "calibration", catalogue->g.fit.name);
    return made(&making);
}

cJSON *record_assessed(const char *organization, const char *const *items, size_t count)
{
    struct making making = make("assessed");
    cJSON *ids = cJSON_CreateArray();
    add_text(&making, "org", organization);
    for (size_t i = 0; ids && i < count; i++)
        making.failed |= !cJSON_AddItemToArray(ids, cJSON_CreateString(items[i]));
    add(&making, "items", ids);
    return made(&making);
}

cJSON *record_coverage(const struct report_organization *organization)
{
    struct making making = make("coverage");
    add_text(&making, "org", organization->organization->id);
    add_number(&making, "authorized", (double)organization->authorized);
    add_number(&making, "asked", (double)organization->asked);
    add_number(&making, "answered", (double)organization->answered);
    add_number(&making, "open_hosts", (double)organization->open_hosts);
    return made(&making);
}

/* Shares of the organizations by band, the best first. */
static cJSON *shares_of(const size_t bands[4], size_t organizations)
{
    struct making making = make(NULL);
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        add_number(&making, band_word((enum band)band), (double)bands[band] / (double)organizations);
    return made(&making);
}

static cJSON *could_be_of(const struct cohort *cohort)
{
    const double ends[2] = {(double)cohort->could_be[0], (double)cohort->could_be[1]};
    return ends[0] > 0 ? cJSON_CreateDoubleArray(ends, 2) : cJSON_CreateNull();
}

cJSON *record_cohort(const struct cohort *cohort)
{
    struct making making = make("cohort");
    bool known = !isnan(cohort->interval[0]);
    add_text(&making, "key", cohort->key);
    add_text(&making, "value", cohort->value);
    add_number(&making, "organizations", (double)cohort->organizations);
    add_number(&making, "mean", cohort->mean);
    add(&making, "interval", known ? cJSON_CreateDoubleArray(cohort->interval, 2) : cJSON_CreateNull());
    add(&making, "bands", shares_of(cohort->bands, cohort->organizations));
    add(&making, "gates", shares_of(cohort->gates, cohort->organizations));
    add(&making, "shown", shares_of(cohort->shown, cohort->organizations));
    add_number(&making, "deviation", cohort->deviation);
    add_number(&making, "rank", (double)cohort->rank);
    add_number(&making, "groups", (double)cohort->groups);
    add(&making, "could_be", could_be_of(cohort));
    return made(&making);
}

cJSON *record_end(const struct report *report)
{
    const struct store_run *run = report->run;
    struct making making = make("end");
    add_text(&making, "run", run ? run->id : NULL);
    add_number(&making, "addresses", run ? (double)run->addresses : (double)NAN);
    add_number(&making, "probes_sent", run ? (double)run->probes_sent : (double)NAN);
    add_number(&making, "open", (double)report->open_endpoints);
    add_number(&making, "findings", (double)report->findings);
    add_number(&making, "seconds", report->seconds);
    if (report->pace) {
        add_number(&making, "rate", report->pace->rate);
        add_number(&making, "burst_10ms", (double)report->pace->burst);
        add_number(&making, "recall", report->pace->recall);
        add_number(&making, "lost", (double)report->pace->lost);
    }
    add_bool(&making, "complete", report->complete);
    return made(&making);
}

enum status record_write(cJSON *record, FILE *stream)
{
    char *text = record ? cJSON_PrintUnformatted(record) : NULL;
    if (!text)
        return STATUS_NO_MEMORY;
    bool written = fputs(text, stream) >= 0 && fputc('\n', stream) != EOF;
    cJSON_free(text);
    return written ? STATUS_OK : STATUS_SYSTEM;
}
