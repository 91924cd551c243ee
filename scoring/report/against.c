#include "scoring/report/against.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status describe(const struct report *report, const struct report_organization *from,
                            struct roster_row *row)
{
    const struct store_run *run = report->run;
    const struct scorecard *scorecard = from->scorecard;
    row->organization.id = strdup(from->organization->id);
    row->catalogue = strdup(report->catalogue->name);
    row->vantage = strdup(run->vantage ? run->vantage : "");
    if (!row->organization.id || !row->catalogue || !row->vantage)
        return STATUS_NO_MEMORY;
    row->scorecard = (struct store_scorecard){.assessed = scorecard->assessed,
                                              .index = scorecard->index,
                                              .index_exact = scorecard->index_exact,
                                              .score = scorecard->score,
                                              .gate = scorecard->gate};
    snprintf(row->run, sizeof row->run, "%s", run->id);
    row->started_ms = run->started_ms;
    row->shard = run->shard;
    row->shards = run->shards;
    return organization_describe(&row->organization, from->organization);
}

static int row_compare(const void *a, const void *b)
{
    return strcmp(((const struct roster_row *)a)->organization.id,
                  ((const struct roster_row *)b)->organization.id);
}

static enum status enroll(const struct report *report, struct roster *roster)
{
    enum status status = STATUS_OK;
    *roster = (struct roster){.rows = calloc(report->organizations_count + 1, sizeof *roster->rows)};
    if (!roster->rows)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < report->organizations_count && status == STATUS_OK; i++) {
        status = describe(report, &report->organizations[i], &roster->rows[roster->count]);
        roster->with_index += roster->rows[roster->count++].scorecard.assessed;
    }
    if (roster->count)
        qsort(roster->rows, roster->count, sizeof *roster->rows, row_compare);
    return status;
}

static enum status take_census(struct store *store, const struct report *report, struct against *against)
{
    struct roster roster;
    enum status status = enroll(report, &roster);
    if (status == STATUS_OK)
        return census_of(store, &against->exposures, &roster, &against->census);
    roster_deinit(&roster);
    return status;
}

enum status against_make(struct store *store, const struct report *report, const struct baseline *baseline,
                         struct against *against_out)
{
    *against_out = (struct against){.subject = {0}};
    const struct comparison_options options = {
        .catalogue = report->catalogue, .subject = &against_out->subject, .denominator = DENOMINATOR_UNKNOWN};
    if (!report->run)
        return STATUS_MISMATCH;
    enum status status = exposures_init(&against_out->exposures, baseline);
    if (status != STATUS_OK)
        return status;
    status = take_census(store, report, against_out);
    if (status == STATUS_OK) {
        status = comparison_make(baseline, &against_out->exposures, &against_out->census, &options,
                                 &against_out->comparison);
        if (status != STATUS_OK)
            census_deinit(&against_out->census);
    }
    if (status != STATUS_OK)
        exposures_deinit(&against_out->exposures);
    return status;
}

void against_deinit(struct against *against)
{
    comparison_deinit(&against->comparison);
    census_deinit(&against->census);
    exposures_deinit(&against->exposures);
}
