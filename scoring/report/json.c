#include <stdlib.h>
#include <string.h>

#include "scoring/cohort.h"
#include "scoring/report/changes_records.h"
#include "scoring/report/filled.h"
#include "scoring/report/forms.h"
#include "scoring/report/left_out.h"
#include "scoring/report/records.h"

/* One JSON document:
   { "auscult_report": 1, "run": {…} or null,
     "organizations": [ { "org", "name", "tags": {…}, "coverage": {…} or null, "scorecard": {…}, "assessed":
   {…}, "occurrences": [ { "item", "ip", "port", "transport", "key", "gain" } ], "findings": […], "left_out": […],
   "observations": […] } ], "cohorts": […], "changes": { "compared", "organizations", "changes", "endpoints" } against an earlier run, "items": { "H04-1": { "name", "dimension", "severity", "fix",
   "reference" } }, "end": {…} } The records in it are those of contract.md. It is written as it goes, so that
   a large store needs no memory. */
struct writing {
    const struct report *report;
    const struct report_organization *organization; /* whose rows are being read */
    FILE *stream;
    bool first; /* nothing stands in the list yet */
    enum status status;
};

static void put_text(struct writing *writing, const char *text)
{
    if (writing->status == STATUS_OK && fputs(text, writing->stream) < 0)
        writing->status = STATUS_SYSTEM;
}

/* Takes the value. */
static void put_value(struct writing *writing, cJSON *value)
{
    char *text = value ? cJSON_PrintUnformatted(value) : NULL;
    if (!text && writing->status == STATUS_OK)
        writing->status = STATUS_NO_MEMORY;
    if (text)
        put_text(writing, text);
    cJSON_free(text);
    cJSON_Delete(value);
}

static void put_member(struct writing *writing, const char *name, cJSON *value)
{
    put_text(writing, name);
    put_value(writing, value);
}

static void begin_list(struct writing *writing, const char *name)
{
    put_text(writing, name);
    writing->first = true;
}

/* Takes the value. */
static void put_entry(struct writing *writing, cJSON *value)
{
    put_text(writing, writing->first ? "\n" : ",\n");
    writing->first = false;
    put_value(writing, value);
}

static cJSON *tags_of(const struct organization *organization)
{
    cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; object && i < organization->tags_count; i++)
        cJSON_AddStringToObject(object, organization->tags[i].key, organization->tags[i].value);
    return object;
}

static void put_occurrences(struct writing *writing)
{
    const struct scorecard *scorecard = writing->organization->scorecard;
    for (size_t i = 0; i < scorecard->occurrences_count; i++) {
        const struct score_occurrence *occurrence = &scorecard->occurrences[i];
        const struct finding *finding = occurrence->finding;
        char address[ADDRESS_TEXT_MAX];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "item", finding->item);
        if (finding->has_address) {
            address_format(finding->address, address);
            cJSON_AddStringToObject(object, "ip", address);
        }
        if (finding->has_address && finding->port.number) {
            cJSON_AddNumberToObject(object, "port", finding->port.number);
            cJSON_AddStringToObject(object, "transport", transport_name(finding->port.transport));
        }
        if (finding->key)
            cJSON_AddStringToObject(object, "key", finding->key);
        cJSON_AddNumberToObject(object, "gain", occurrence->gain);
        put_entry(writing, object);
    }
}

static void put_finding(void *context, struct evidence_import *from, const struct finding *finding)
{
    (void)from;
    struct writing *writing = context;
    struct finding filled = finding_filled(finding, writing->report, writing->organization);
    put_entry(writing, record_finding(&filled));
}

static void put_observation(void *context, const char *organization, const struct observation *observation)
{
    put_entry(context, record_observation(organization, observation));
}

static void keep(struct writing *writing, enum status status)
{
    if (writing->status == STATUS_OK)
        writing->status = status;
}

static void put_left_out(void *context, const struct finding *finding, const struct accepted_risk *risk,
                         bool marked)
{
    struct writing *writing = context;
    put_entry(writing, record_left_out(finding, risk, marked));
}

static void put_organization(struct writing *writing)
{
    const struct report *report = writing->report;
    const struct report_organization *row = writing->organization;
    const struct organization *organization = row->organization;
    put_member(writing, "{\"org\":", cJSON_CreateString(organization->id));
    put_member(writing, ",\"name\":", cJSON_CreateString(organization->name));
    put_member(writing, ",\"tags\":", tags_of(organization));
    put_member(writing, ",\"coverage\":", row->counts_known ? record_coverage(row) : cJSON_CreateNull());
    put_member(writing,
               ",\"scorecard\":", record_scorecard(report->catalogue, organization->id, row->scorecard));
    put_member(writing, ",\"assessed\":", record_assessed(report->catalogue, row));
    begin_list(writing, ",\"occurrences\":[");
    put_occurrences(writing);
    begin_list(writing, "],\"findings\":[");
    if (report->evidence)
        keep(writing, evidence_each_finding(report->evidence, organization->id, put_finding, writing));
    begin_list(writing, "],\"left_out\":[");
    keep(writing, left_out_each(writing->report, writing->organization, put_left_out, writing));
    begin_list(writing, "],\"observations\":[");
    if (report->evidence)
        keep(writing,
             evidence_each_observation(report->evidence, organization->id, put_observation, writing));
    put_text(writing, "]}");
}

static void put_organizations(struct writing *writing)
{
    put_text(writing, ",\n\"organizations\":[");
    for (size_t i = 0; i < writing->report->organizations_count; i++) {
        put_text(writing, i ? ",\n" : "\n");
        writing->organization = &writing->report->organizations[i];
        put_organization(writing);
    }
    put_text(writing, "\n]");
}

/* The imports that were used, if there are any. */
static void put_sources(struct writing *writing)
{
    const struct evidence *evidence = writing->report->evidence;
    bool any = false;
    for (size_t i = 0; evidence && i < evidence->imports_count; i++) {
        if (evidence->imports[i].organizations == 0)
            continue;
        if (!any)
            begin_list(writing, ",\n\"sources\":[");
        any = true;
        put_entry(writing, record_source(&evidence->imports[i]));
    }
    if (any)
        put_text(writing, "\n]");
}

static void put_cohorts(struct writing *writing)
{
    struct cohorts cohorts;
    keep(writing, report_cohorts(writing->report, &cohorts));
    begin_list(writing, ",\n\"cohorts\":[");
    for (size_t i = 0; i < cohorts.count; i++)
        put_entry(writing, record_cohort(&cohorts.items[i]));
    put_text(writing, "\n]");
    cohorts_deinit(&cohorts);
}

/* Against an earlier run, where there is one. */
static void put_changes(struct writing *writing)
{
    if (!writing->report->changes)
        return;
    put_text(writing, ",\n\"changes\":");
    if (writing->status == STATUS_OK)
        keep(writing, changes_write_object(writing->report, writing->stream));
}

static cJSON *words_to_json(const struct words *words)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "zh", words_in(words, LANGUAGE_ZH));
    cJSON_AddStringToObject(object, "en", words_in(words, LANGUAGE_EN));
    return object;
}

static cJSON *item_to_json(const struct catalogue *catalogue, const struct item *item)
{
    cJSON *object = cJSON_CreateObject(), *references = cJSON_CreateArray();
    cJSON_AddItemToObject(object, "name", words_to_json(&item->name));
    cJSON_AddStringToObject(object, "dimension", catalogue->dimensions[item->dimension].id);
    cJSON_AddNumberToObject(object, "severity", item->severity);
    cJSON_AddItemToObject(object, "fix", words_to_json(&item->fix));
    for (size_t i = 0; item->references && item->references[i]; i++)
        cJSON_AddItemToArray(references, cJSON_CreateString(item->references[i]));
    cJSON_AddItemToObject(object, "reference", references);
    return object;
}

/* What was found anywhere, so that the document explains itself. */
static void put_items(struct writing *writing)
{
    const struct report *report = writing->report;
    bool *found = calloc(report->catalogue->items_count + 1, sizeof *found);
    cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; found && i < report->organizations_count; i++) {
        const struct scorecard *scorecard = report->organizations[i].scorecard;
        for (size_t j = 0; j < scorecard->items_count; j++)
            found[scorecard->items[j].item] = true;
    }
    for (size_t i = 0; found && i < report->catalogue->items_count; i++)
        if (found[i])
            cJSON_AddItemToObject(object, report->catalogue->items[i].id,
                                  item_to_json(report->catalogue, &report->catalogue->items[i]));
    keep(writing, found ? STATUS_OK : STATUS_NO_MEMORY);
    free(found);
    put_member(writing, ",\n\"items\":", object);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct writing writing = {.report = report, .stream = stream};
    put_member(&writing, "{\"auscult_report\":1,\n\"run\":",
               report->run ? record_run(report->run) : cJSON_CreateNull());
    put_sources(&writing);
    put_organizations(&writing);
    put_cohorts(&writing);
    put_changes(&writing);
    put_items(&writing);
    put_member(&writing, ",\n\"end\":", record_end(report));
    put_text(&writing, "}\n");
    return writing.status;
}

const struct report_form report_json = {.name = "json", .occurrences = true, .write = write, .changes = true};
