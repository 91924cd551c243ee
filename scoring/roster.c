#include "scoring/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gathering {
    const struct roster_options *options;
    struct roster *roster;
    size_t capacity;
    enum status status;
};

static char *copy(struct gathering *gathering, const char *text)
{
    char *copied = strdup(text ? text : "");
    if (!copied)
        gathering->status = STATUS_NO_MEMORY;
    return copied;
}

static struct roster_row *grow(struct gathering *gathering)
{
    struct roster *roster = gathering->roster;
    if (roster->count == gathering->capacity) {
        size_t capacity = gathering->capacity ? gathering->capacity * 2 : 64;
        struct roster_row *grown = reallocarray(roster->rows, capacity, sizeof *grown);
        if (!grown) {
            gathering->status = STATUS_NO_MEMORY;
            return NULL;
        }
        roster->rows = grown;
        gathering->capacity = capacity;
    }
    struct roster_row *row = &roster->rows[roster->count++];
    memset(row, 0, sizeof *row);
    return row;
}

static void gather(void *context, const struct store_newest *newest)
{
    struct gathering *gathering = context;
    const struct scope *scope = gathering->options->scope;
    const struct organization *organization =
        scope ? scope_organization(scope, newest->organization->id) : newest->organization;
    if (!organization) {
        gathering->roster->left_out++;
        return;
    }
    struct roster_row *row = gathering->status == STATUS_OK ? grow(gathering) : NULL;
    if (!row)
        return;
    row->organization.id = copy(gathering, organization->id);
    if (organization_describe(&row->organization, organization) != STATUS_OK)
        gathering->status = STATUS_NO_MEMORY;
    row->scorecard = newest->scorecard;
    snprintf(row->run, sizeof row->run, "%s", newest->run);
    row->started_ms = newest->started_ms;
    row->catalogue = copy(gathering, newest->catalogue);
    row->vantage = copy(gathering, newest->vantage);
    row->shard = newest->shard;
    row->shards = newest->shards;
    gathering->roster->with_index += row->scorecard.assessed;
}

/* --- what they were made by --- */

static int basis_compare(const void *a, const void *b)
{
    const struct roster_basis *left = a, *right = b;
    int order = strcmp(left->catalogue, right->catalogue);
    order = order ? order : strcmp(left->vantage, right->vantage);
    order = order ? order : (left->shards > right->shards) - (left->shards < right->shards);
    return order ? order : (left->shard > right->shard) - (left->shard < right->shard);
}

static int frequency_compare(const void *a, const void *b)
{
    const struct roster_basis *left = a, *right = b;
    if (left->organizations != right->organizations)
        return left->organizations > right->organizations ? -1 : 1;
    return basis_compare(a, b);
}

static enum status gather_bases(struct roster *roster)
{
    size_t count = 0, kept = 0;
    roster->bases = calloc(roster->count + 1, sizeof *roster->bases);
    if (!roster->bases)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_row *row = &roster->rows[i];
        bool part = row->shards > 1;
        if (row->scorecard.assessed)
            roster->bases[count++] = (struct roster_basis){row->catalogue, row->vantage,
                                                           part ? row->shard : 1, part ? row->shards : 1, 1};
    }
    qsort(roster->bases, count, sizeof *roster->bases, basis_compare);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && basis_compare(&roster->bases[kept - 1], &roster->bases[i]) == 0)
            roster->bases[kept - 1].organizations++;
        else
            roster->bases[kept++] = roster->bases[i];
    }
    qsort(roster->bases, kept, sizeof *roster->bases, frequency_compare);
    roster->bases_count = kept;
    return STATUS_OK;
}

/* Reads every raw score by the catalogue's g. */
static enum status apply(struct roster *roster, const struct catalogue *catalogue)
{
    for (size_t i = 0; i < roster->bases_count; i++)
        if (!catalogue_names(catalogue, roster->bases[i].catalogue))
            return STATUS_MISMATCH;
    for (size_t i = 0; i < roster->count; i++) {
        struct roster_row *row = &roster->rows[i];
        if (!row->scorecard.assessed)
            continue;
        row->scorecard.index_exact =
            index_g(&catalogue->g, row->scorecard.score, row->organization.informatization);
        row->scorecard.index = index_round(row->scorecard.index_exact);
    }
    return STATUS_OK;
}

enum status roster_make(struct store *store, const struct roster_options *options, struct roster *roster_out)
{
    *roster_out = (struct roster){0};
    struct gathering gathering = {.options = options, .roster = roster_out};
    enum status status = store_each_newest(store, options->vantage, gather, &gathering);
    if (status == STATUS_OK)
        status = gathering.status;
    if (status == STATUS_OK)
        status = gather_bases(roster_out);
    if (status == STATUS_OK && options->catalogue)
        status = apply(roster_out, options->catalogue);
    if (status != STATUS_OK && status != STATUS_MISMATCH)
        roster_deinit(roster_out);
    return status;
}

void roster_deinit(struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++) {
        organization_deinit(&roster->rows[i].organization);
        free(roster->rows[i].catalogue);
        free(roster->rows[i].vantage);
    }
    free(roster->rows);
    free(roster->bases);
    *roster = (struct roster){0};
}

enum status roster_members(const struct roster *roster, struct cohort_member **members_out, size_t *count_out)
{
    struct cohort_member *members = calloc(roster->with_index + 1, sizeof *members);
    *members_out = members;
    *count_out = 0;
    if (!members)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_row *row = &roster->rows[i];
        if (row->scorecard.assessed)
            members[(*count_out)++] = (struct cohort_member){.organization = &row->organization,
                                                             .index_exact = row->scorecard.index_exact,
                                                             .index = row->scorecard.index,
                                                             .band = band_of(row->scorecard.index),
                                                             .gate = row->scorecard.gate,
                                                             .row = i};
    }
    return STATUS_OK;
}
