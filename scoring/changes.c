#include "scoring/changes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/changes_parts.h"
#include "targets/calendar.h"

#define DAY_MS INT64_C(86400000)

static enum status add_draft(struct drafts *drafts, struct draft draft)
{
    if (drafts->count == drafts->capacity) {
        size_t capacity = drafts->capacity * 2;
        struct draft *grown = reallocarray(drafts->items, capacity, sizeof *grown);
        if (!grown)
            return STATUS_NO_MEMORY;
        drafts->items = grown;
        drafts->capacity = capacity;
    }
    drafts->items[drafts->count++] = draft;
    return STATUS_OK;
}

/* Whether the earlier scan could have seen what the later one found. */
static enum status looked_before(struct changes_parts *parts, size_t organization,
                                 const struct index_occurrence *occurrence, enum change_reason *reason_out)
{
    struct side *before = &parts->before;
    const struct finding *finding = occurrence->finding;
    const struct item *item = &parts->after.catalogue->items[occurrence->item];
    enum status status = STATUS_OK;
    if (!item->when || !finding->has_address) {
        bool assessed = before->organizations[organization].card.item_assessed[occurrence->item];
        *reason_out = assessed ? REASON_NONE : REASON_FIRST_LOOK;
        return STATUS_OK;
    }
    enum change_reason asked =
        side_asked(before, &parts->after, organization, finding->address, finding->port);
    *reason_out = asked == REASON_NONE ? REASON_NONE : REASON_FIRST_LOOK;
    if (side_endpoint(before, organization, finding->address, finding->port)) {
        status =
            side_verdict(before, organization, occurrence->item, finding->address, finding->port, reason_out);
        if (*reason_out != REASON_UNDETERMINED)
            *reason_out = REASON_NONE;
    }
    return status;
}

/* The occurrences of both, item by item and place by place. */
static enum status pair(struct changes_parts *parts, size_t place, struct drafts *drafts)
{
    const struct side_organization *before = &parts->before.organizations[place];
    const struct side_organization *after = &parts->after.organizations[place];
    const struct catalogue *catalogue = parts->after.catalogue;
    enum status status = STATUS_OK;
    for (size_t i = 0, j = 0;
         (i < before->occurrences_count || j < after->occurrences_count) && status == STATUS_OK;) {
        const struct index_occurrence *old = before->occurrences + i, *found = after->occurrences + j;
        int order = i == before->occurrences_count  ? 1
                    : j == after->occurrences_count ? -1
                                                    : index_occurrence_compare(catalogue, old, found);
        struct draft draft = {
            .organization = place, .before = order <= 0 ? old : NULL, .after = order >= 0 ? found : NULL};
        i += order <= 0;
        j += order >= 0;
        if (!draft.before)
            status = looked_before(parts, place, found, &draft.looked);
        if (status == STATUS_OK)
            status = add_draft(drafts, draft);
    }
    return status;
}

static enum status pair_all(struct changes_parts *parts, struct drafts *drafts)
{
    enum status status = STATUS_OK;
    drafts->first = calloc(parts->names.count + 1, sizeof *drafts->first);
    drafts->items = calloc(1, sizeof *drafts->items);
    drafts->capacity = drafts->items != NULL;
    if (!drafts->first || !drafts->items)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < parts->names.count && status == STATUS_OK; i++) {
        status = pair(parts, i, drafts);
        drafts->first[i + 1] = drafts->count;
    }
    return status;
}

static void sum_up(const struct changes_parts *parts, size_t place, struct changes *changes,
                   struct organization_change *row)
{
    const struct side_organization *before = &parts->before.organizations[place];
    const struct side_organization *after = &parts->after.organizations[place];
    *row = (struct organization_change){.id = parts->names.items[place].id,
                                        .name = parts->names.items[place].name,
                                        .before_known = before->known,
                                        .after_known = after->known,
                                        .before = before->card.assessed ? before->card.index : -1,
                                        .after = after->card.assessed ? after->card.index : -1,
                                        .before_exact = before->card.index_exact,
                                        .after_exact = after->card.index_exact,
                                        .gate = after->card.gate,
                                        .stored_before = before->stored,
                                        .stored_after = after->stored,
                                        .first_change = row->first_change,
                                        .changes_count = row->changes_count};
    for (size_t i = 0; i < row->changes_count; i++) {
        const struct change *change = &changes->items[row->first_change + i];
        row->counts[change->kind]++;
        changes->counts[change->kind]++;
        double moved = isnan(change->moved) ? 0 : change->moved;
        row->moved += moved;
        if (change->kind == CHANGE_GONE || change->kind == CHANGE_UNCHECKED)
            row->unlooked += moved;
    }
    bool both = row->before >= 0 && row->after >= 0;
    row->rest = both ? row->after_exact - row->before_exact - row->moved : (double)NAN;
}

static enum status conclude(struct changes *changes, const struct drafts *drafts)
{
    struct changes_parts *parts = changes->parts;
    enum status status = STATUS_OK;
    changes->items = calloc(drafts->count + 1, sizeof *changes->items);
    changes->organizations = calloc(parts->names.count + 1, sizeof *changes->organizations);
    parts->order = calloc(drafts->count + 1, sizeof *parts->order);
    if (!changes->items || !changes->organizations || !parts->order)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < parts->names.count && status == STATUS_OK; i++) {
        struct organization_change *row = &changes->organizations[changes->organizations_count++];
        row->first_change = changes->count;
        status = drafts_describe(parts, i, drafts->items + drafts->first[i],
                                 drafts->first[i + 1] - drafts->first[i], changes->items + changes->count,
                                 parts->order + changes->count, &row->changes_count);
        changes->count += row->changes_count;
        sum_up(parts, i, changes, row);
    }
    return status;
}

static int64_t moment_of(const struct store_run *run)
{
    return run->ended_ms ? run->ended_ms : run->started_ms;
}

static double exposure_of(const struct side *side, const struct changes_options *options)
{
    enum vantage vantage = VANTAGE_INTERNET;
    if (side->run.vantage)
        (void)vantage_parse(side->run.vantage, &vantage);
    return options->exposure > 0 ? options->exposure : vantage_exposure(vantage);
}

static enum status judge(struct changes_parts *parts, const struct changes_options *options)
{
    const struct side_options before = {
        .owners = parts->scope,
        .scope = parts->before.have_kept ? &parts->before.kept : parts->scope,
        .today = calendar_day(moment_of(&parts->before.run) / DAY_MS),
        .moment_ms = moment_of(&parts->before.run),
        .exposure = exposure_of(&parts->before, options),
    };
    const struct side_options after = {
        .owners = parts->scope,
        .scope = parts->scope,
        .today = options->today,
        .moment_ms = options->moment_ms ? options->moment_ms : moment_of(&parts->after.run),
        .exposure = exposure_of(&parts->after, options),
    };
    enum status status = side_judge(&parts->before, &before);
    return status == STATUS_OK ? side_judge(&parts->after, &after) : status;
}

/* Both sides. */
static enum status open_parts(struct changes_parts *parts, struct store *store,
                              const struct store_run *before, const struct store_run *after,
                              const struct changes_options *options)
{
    enum status status = side_names_make(store, before, after, options, &parts->names);
    if (status == STATUS_OK)
        status = side_init(&parts->before, store, before, options, &parts->names);
    if (status == STATUS_OK)
        status = side_init(&parts->after, store, after, options, &parts->names);
    if (status != STATUS_OK)
        return status;
    parts->scope = options->scope            ? options->scope
                   : parts->after.have_kept  ? &parts->after.kept
                   : parts->before.have_kept ? &parts->before.kept
                                             : NULL;
    return judge(parts, options);
}

/* Both lists are in the order of the organizations' ids. */
static void share_endpoints(struct changes *changes)
{
    for (size_t i = 0, at = 0; i < changes->organizations_count; i++) {
        struct organization_change *row = &changes->organizations[i];
        row->first_endpoint = at;
        while (at < changes->endpoints_count && strcmp(changes->endpoints[at].organization, row->id) == 0)
            at++;
        row->endpoints_count = at - row->first_endpoint;
    }
}

/* Where answers got lost, some of what seems to be gone was only not heard. */
static enum status find_recall(struct changes *changes)
{
    struct store_pace pace;
    struct side *after = &changes->parts->after;
    enum status status = store_find_pace(after->store, &after->run, &pace);
    changes->recall = 1;
    if (status == STATUS_MISMATCH)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (pace.recall < 1)
        changes->recall = pace.recall;
    store_pace_deinit(&pace);
    return STATUS_OK;
}

static void show_runs(struct changes *changes)
{
    changes->before = changes->parts->before.run;
    changes->after = changes->parts->after.run;
    const char *before = changes->before.vantage, *after = changes->after.vantage;
    changes->other_vantage = strcmp(before ? before : "", after ? after : "") != 0;
    changes->parts->before.store = changes->parts->after.store = NULL;
}

enum status changes_make(struct store *store, const struct store_run *before, const struct store_run *after,
                         const struct changes_options *options, struct changes *changes)
{
    struct drafts drafts = {0};
    *changes = (struct changes){0};
    struct changes_parts *parts = changes->parts = calloc(1, sizeof *parts);
    enum status status = parts ? open_parts(parts, store, before, after, options) : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = pair_all(parts, &drafts);
    if (status == STATUS_OK)
        status = drafts_remember(&drafts, parts);
    if (status == STATUS_OK)
        status = conclude(changes, &drafts);
    if (status == STATUS_OK)
        status = endpoint_changes_make(changes);
    if (status == STATUS_OK)
        status = find_recall(changes);
    free(drafts.items);
    free(drafts.first);
    if (status == STATUS_OK) {
        share_endpoints(changes);
        show_runs(changes);
    } else
        changes_deinit(changes);
    return status;
}

void changes_deinit(struct changes *changes)
{
    if (changes->parts) {
        side_deinit(&changes->parts->before);
        side_deinit(&changes->parts->after);
        side_names_deinit(&changes->parts->names);
        free(changes->parts->order);
    }
    free(changes->parts);
    free(changes->items);
    free(changes->endpoints);
    free(changes->organizations);
    *changes = (struct changes){0};
}

static int row_compare(const void *id, const void *row)
{
    return strcmp(id, ((const struct organization_change *)row)->id);
}

const struct change *changes_find(const struct changes *changes, const char *organization, size_t item,
                                  const struct finding *finding)
{
    const struct organization_change *row = changes_organization(changes, organization);
    const struct index_occurrence wanted = {.item = item, .finding = finding};
    size_t low = 0, high = row && changes->parts ? row->changes_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t place = row->first_change + changes->parts->order[row->first_change + middle];
        const struct change *change = &changes->items[place];
        const struct index_occurrence there = {.item = change->item, .finding = change->finding};
        int order = index_occurrence_compare(changes->parts->after.catalogue, &there, &wanted);
        if (order == 0)
            return change;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct organization_change *changes_organization(const struct changes *changes, const char *id)
{
    return changes->organizations_count ? bsearch(id, changes->organizations, changes->organizations_count,
                                                  sizeof *changes->organizations, row_compare)
                                        : NULL;
}

uint64_t changes_appeared(const struct changes *changes)
{
    return changes->counts[CHANGE_NEW] + changes->counts[CHANGE_BACK];
}
