#include "scoring/report/report.h"

#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"
#include "scoring/cohort.h"
#include "scoring/deadline.h"
#include "scoring/report/forms.h"

const struct report_form *const report_forms[] = {
    &report_table,      &report_json,           &report_jsonl,    &report_markdown,
    &report_csv,        &report_csv_scorecards, &report_nmap_xml, &report_sarif,
    &report_prometheus, &report_html,           &report_pdf,      NULL,
};

const struct report_form *report_form_named(const char *name)
{
    for (size_t i = 0; report_forms[i]; i++)
        if (strcmp(report_forms[i]->name, name) == 0)
            return report_forms[i];
    return NULL;
}

enum status report_cohorts(const struct report *report, struct cohorts *cohorts_out)
{
    struct cohort_member *members = calloc(report->organizations_count + 1, sizeof *members);
    size_t count = 0;
    *cohorts_out = (struct cohorts){0};
    if (!members)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < report->organizations_count; i++) {
        const struct scorecard *scorecard = report->organizations[i].scorecard;
        if (scorecard->assessed)
            members[count++] = (struct cohort_member){.organization = report->organizations[i].organization,
                                                      .index_exact = scorecard->index_exact,
                                                      .index = scorecard->index,
                                                      .band = scorecard->band,
                                                      .gate = scorecard->gate,
                                                      .row = i};
    }
    enum status status = cohorts_make(members, count, NULL, cohorts_out);
    free(members);
    return status;
}

int64_t report_first_ms(const struct report *report, const char *organization, size_t item,
                        const struct finding *finding)
{
    const struct change *change =
        report->changes ? changes_find(report->changes, organization, item, finding) : NULL;
    if (change)
        return change->first_ms;
    return finding->time_ms ? finding->time_ms : report->run ? report->run->started_ms : 0;
}

struct deadline report_deadline(const struct report *report, const char *organization, size_t item,
                                const struct finding *finding)
{
    enum vantage vantage = VANTAGE_INTERNET;
    if (!report->deadlines)
        return (struct deadline){.days = -1, .rule_en = "", .rule_zh = "", .reason_en = "", .reason_zh = ""};
    if (report->run && report->run->vantage)
        (void)vantage_parse(report->run->vantage, &vantage);
    return deadline_of(report->deadlines, report->catalogue, item, finding, vantage_exposure(vantage),
                       report_first_ms(report, organization, item, finding), report->today);
}
