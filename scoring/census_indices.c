#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/census.h"

/* Every index is by the catalogue's g where the scorecards are of that catalogue, be it without the file that
   brings the g. */
static bool applies(const struct census *census, const struct catalogue *catalogue)
{
    for (size_t i = 0; i < census->count; i++)
        if (!catalogue_names(catalogue, census->members[i].row->catalogue))
            return false;
    return true;
}

static struct cohort_member describe(const struct roster_row *row, const struct catalogue *catalogue,
                                     bool applied)
{
    double index = applied ? index_g(&catalogue->g, row->scorecard.score, row->organization.informatization)
                           : row->scorecard.index_exact;
    return (struct cohort_member){.organization = &row->organization,
                                  .index_exact = index,
                                  .index = index_round(index),
                                  .band = band_of(index_round(index)),
                                  .gate = row->scorecard.gate};
}

static enum status measure(const struct cohort_member *members, size_t count, struct census_indices *indices)
{
    struct cohorts cohorts;
    enum status status = cohorts_make(members, count, COHORT_ALL, &cohorts);
    if (status != STATUS_OK)
        return status;
    const struct cohort *whole = cohorts_of(&cohorts, COHORT_ALL);
    if (whole) {
        indices->organizations = whole->organizations;
        indices->mean = whole->mean;
        memcpy(indices->interval, whole->interval, sizeof whole->interval);
        memcpy(indices->bands, whole->bands, sizeof whole->bands);
    }
    cohorts_deinit(&cohorts);
    return STATUS_OK;
}

/* The members with an index as a cohort of their own. */
enum status census_indices(const struct census *census, const struct catalogue *catalogue,
                           struct census_indices *indices_out)
{
    struct cohort_member *members = calloc(census->count + 1, sizeof *members);
    *indices_out = (struct census_indices){
        .applied = applies(census, catalogue), .mean = (double)NAN, .interval = {(double)NAN, (double)NAN}};
    size_t count = 0;
    for (size_t i = 0; members && i < census->count; i++)
        if (census->members[i].row->scorecard.assessed)
            members[count++] = describe(census->members[i].row, catalogue, indices_out->applied);
    enum status status = members ? measure(members, count, indices_out) : STATUS_NO_MEMORY;
    free(members);
    return status;
}
