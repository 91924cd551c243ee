#include <math.h>
#include <string.h>

#include "scoring/cohort.h"
#include "scoring/report/changes_records.h"
#include "scoring/report/filled.h"
#include "scoring/report/finding_line.h"
#include "scoring/report/forms.h"
#include "scoring/report/left_out.h"
#include "scoring/report/records.h"

/* The records of contract.md, one a line: run, sources, names, observations, findings, those of them that the index leaves out, assessed, coverage, scorecards,
   cohorts, what changed since an earlier run, end. */
struct writing {
    const struct report *report;
    const struct report_organization *organization; /* whose rows are being read */
    FILE *stream;
    struct finding_line line;
    enum status status;
};

static void keep(struct writing *writing, enum status status)
{
    if (writing->status == STATUS_OK)
        writing->status = status;
}

/* Takes the record. */
static void put(struct writing *writing, cJSON *record)
{
    if (writing->status == STATUS_OK)
        writing->status = record_write(record, writing->stream);
    else
        cJSON_Delete(record);
}

static void put_observation(void *context, const char *organization, const struct observation *observation)
{
    put(context, record_observation(organization, observation));
}

static void put_finding(void *context, struct evidence_import *from, const struct finding *finding)
{
    (void)from;
    struct writing *writing = context;
    struct finding filled = finding_filled(finding, writing->report, writing->organization);
    if (writing->status == STATUS_OK)
        writing->status = finding_line_write(&writing->line, &filled, writing->stream);
}

static void put_left_out(void *context, const struct finding *finding, const struct accepted_risk *risk,
                         bool marked)
{
    struct writing *writing = context;
    put(writing, record_left_out(finding, risk, marked));
}

static void put_names(struct writing *writing, const struct report_organization *row)
{
    const struct namings *namings = writing->report->namings;
    for (size_t i = 0; namings && i < namings->count; i++)
        if (strcmp(namings->items[i].organization, row->organization->id) == 0)
            put(writing, record_naming(&namings->items[i]));
}

static void put_rows(struct writing *writing)
{
    const struct report *report = writing->report;
    for (size_t i = 0; i < report->organizations_count && writing->status == STATUS_OK; i++)
        writing->status = evidence_each_observation(
            report->evidence, report->organizations[i].organization->id, put_observation, writing);
    for (size_t i = 0; i < report->organizations_count && writing->status == STATUS_OK; i++) {
        writing->organization = &report->organizations[i];
        keep(writing, evidence_each_finding(report->evidence, writing->organization->organization->id,
                                            put_finding, writing));
    }
    for (size_t i = 0; i < report->organizations_count && writing->status == STATUS_OK; i++)
        keep(writing, left_out_each(report, &report->organizations[i], put_left_out, writing));
}

static void put_cohorts(struct writing *writing)
{
    const struct report *report = writing->report;
    struct cohorts cohorts;
    enum status status = report_cohorts(report, &cohorts);
    if (writing->status == STATUS_OK)
        writing->status = status;
    for (size_t i = 0; i < cohorts.count; i++)
        put(writing, record_cohort(&cohorts.items[i]));
    cohorts_deinit(&cohorts);
}

static enum status write(const struct report *report, FILE *stream)
{
    struct writing writing = {.report = report, .stream = stream};
    const struct report_organization *organizations = report->organizations;
    size_t count = report->organizations_count;
    if (report->run)
        put(&writing, record_run(report->run));
    for (size_t i = 0; report->evidence && i < report->evidence->imports_count; i++)
        if (report->evidence->imports[i].organizations)
            put(&writing, record_source(&report->evidence->imports[i]));
    for (size_t i = 0; i < count; i++)
        put_names(&writing, &organizations[i]);
    if (report->evidence)
        put_rows(&writing);
    for (size_t i = 0; i < count; i++)
        put(&writing, record_assessed(report->catalogue, &organizations[i]));
    for (size_t i = 0; i < count; i++)
        if (organizations[i].counts_known)
            put(&writing, record_coverage(&organizations[i]));
    for (size_t i = 0; i < count; i++)
        put(&writing, record_scorecard(report->catalogue, organizations[i].organization->id,
                                       organizations[i].scorecard));
    put_cohorts(&writing);
    if (writing.status == STATUS_OK)
        writing.status = changes_write_lines(report, stream);
    put(&writing, record_end(report));
    finding_line_deinit(&writing.line);
    return writing.status;
}

const struct report_form report_jsonl = {.name = "jsonl", .write = write, .changes = true};
