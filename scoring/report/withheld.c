#include "scoring/report/withheld.h"

#include <stdlib.h>
#include <string.h>

#include "scoring/changes.h"

/* Who it is, and nothing of what it has. */
static enum status take_name(const struct organization *from, struct organization *organization)
{
    organization->id = strdup(from->id);
    return organization->id ? organization_describe(organization, from) : STATUS_NO_MEMORY;
}

/* How many of each kind, and what became of the indices. */
static enum status take_counts(const struct changes *from, struct withheld *withheld)
{
    struct changes *changes = calloc(1, sizeof *changes);
    struct organization_change *rows = calloc(from->organizations_count + 1, sizeof *rows);
    withheld->changes = changes;
    if (!changes || !rows) {
        free(rows);
        return STATUS_NO_MEMORY;
    }
    *changes = *from;
    changes->items = NULL;
    changes->endpoints = NULL;
    changes->count = changes->endpoints_count = 0;
    changes->parts = NULL;
    changes->organizations = rows;
    for (size_t i = 0; i < from->organizations_count; i++) {
        rows[i] = from->organizations[i];
        rows[i].first_change = rows[i].changes_count = 0;
        rows[i].first_endpoint = rows[i].endpoints_count = 0;
    }
    return STATUS_OK;
}

enum status report_withhold(struct report *report, struct withheld *withheld)
{
    size_t count = report->organizations_count;
    *withheld = (struct withheld){.organizations = calloc(count + 1, sizeof *withheld->organizations),
                                  .rows = calloc(count + 1, sizeof *withheld->rows)};
    enum status status = withheld->organizations && withheld->rows ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        withheld->count++;
        withheld->rows[i] = report->organizations[i];
        withheld->rows[i].organization = &withheld->organizations[i];
        status = take_name(report->organizations[i].organization, &withheld->organizations[i]);
        if (status == STATUS_OK && withheld->rows[i].scorecard->occurrences_count)
            status = STATUS_MISMATCH;
    }
    if (status == STATUS_OK && report->changes)
        status = take_counts(report->changes, withheld);
    report->without_addresses = true;
    report->changes = withheld->changes;
    report->organizations = withheld->rows;
    report->organizations_count = withheld->count;
    report->evidence = NULL;
    report->namings = NULL;
    report->scope = NULL;
    return status;
}

void withheld_deinit(struct withheld *withheld)
{
    for (size_t i = 0; i < withheld->count; i++)
        organization_deinit(&withheld->organizations[i]);
    free(withheld->organizations);
    free(withheld->rows);
    if (withheld->changes)
        free(withheld->changes->organizations);
    free(withheld->changes);
}
