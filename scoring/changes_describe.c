#include <math.h>
#include <stdlib.h>

#include "scoring/changes_parts.h"

/* From what two scans have of an organization to its changes, in their order. */

static enum change_kind kind_of_fate(enum change_reason reason)
{
    switch (reason) {
    case REASON_CLOSED:
    case REASON_OTHER_SERVICE:
    case REASON_ANSWERED:
    case REASON_REPORTED:
        return CHANGE_MENDED;
    case REASON_SILENT_HOST:
        return CHANGE_GONE;
    default:
        return CHANGE_UNCHECKED;
    }
}

/* Of what the later scan has in force and the earlier one has not at all. */
static void appear(const struct draft *draft, struct change *change)
{
    int64_t since_ms = draft->seen_ms - draft->earlier_ms;
    if (draft->earlier_ms && !draft->gap) {
        change->kind = CHANGE_OPEN; /* nobody looked in between */
        change->reason = draft->looked;
    } else if (draft->earlier_ms && since_ms <= CHANGES_BACK_MS) {
        change->kind = CHANGE_BACK;
    } else {
        change->kind = CHANGE_NEW;
        change->reason = draft->earlier_ms ? REASON_LONG_AGO : draft->looked;
    }
}

static void stay(const struct draft *draft, struct change *change)
{
    switch (draft->after->state) {
    case OCCURRENCE_MARKED:
        change->kind = CHANGE_FALSE;
        break;
    case OCCURRENCE_ACCEPTED:
        change->kind = CHANGE_ACCEPTED;
        break;
    case OCCURRENCE_IN_FORCE:
        if (!draft->before)
            appear(draft, change);
        else
            change->kind = draft->before->state == OCCURRENCE_IN_FORCE ? CHANGE_OPEN : CHANGE_LAPSED;
        break;
    }
    change->risk = change->kind == CHANGE_LAPSED ? draft->before->risk : draft->after->risk;
}

static enum status describe(struct changes_parts *parts, const struct draft *draft, struct change *change)
{
    const struct index_occurrence *occurrence = draft->after ? draft->after : draft->before;
    enum status status = STATUS_OK;
    *change = (struct change){.organization = parts->names.items[draft->organization].id,
                              .item = occurrence->item,
                              .finding = occurrence->finding,
                              .first_ms = draft->first_ms,
                              .seen_ms = draft->seen_ms};
    if (draft->after) {
        stay(draft, change);
    } else {
        status = drafts_fate(parts, draft->organization, occurrence, &change->reason);
        change->kind = kind_of_fate(change->reason);
    }
    const char *why = change_reason_name(change->reason, LANGUAGE_EN);
    change->why = why[0] ? why : NULL;
    return status;
}

/* What was accepted or marked before and is so no longer found moves nothing. */
static bool is_told(const struct draft *draft)
{
    return draft->after || draft->before->state != OCCURRENCE_MARKED;
}

/* The part of the index that hangs on this change alone: without what came, or with what went. */
struct moving {
    const struct finding **findings;
    double *indices;
    struct change **changes;
    size_t count;
};

static bool is_less(const struct draft *draft)
{
    bool was = draft->before && draft->before->state == OCCURRENCE_IN_FORCE;
    return was && (!draft->after || draft->after->state != OCCURRENCE_IN_FORCE);
}

static bool is_more(const struct draft *draft)
{
    bool is = draft->after && draft->after->state == OCCURRENCE_IN_FORCE;
    return is && (!draft->before || draft->before->state != OCCURRENCE_IN_FORCE);
}

static enum status weigh_less(struct moving *moving, struct side_organization *after, bool all_the_same)
{
    enum status status =
        index_with(after->index, moving->findings, moving->count, all_the_same, moving->indices);
    for (size_t i = 0; i < moving->count && status == STATUS_OK; i++)
        moving->changes[i]->moved = after->card.index_exact - moving->indices[i];
    return status;
}

static enum status reserve(struct moving *moving, size_t count)
{
    moving->findings = calloc(count + 1, sizeof *moving->findings);
    moving->indices = calloc(count + 1, sizeof *moving->indices);
    moving->changes = calloc(count + 1, sizeof(struct change *));
    return moving->findings && moving->indices && moving->changes ? STATUS_OK : STATUS_NO_MEMORY;
}

static void release(struct moving *moving)
{
    free(moving->findings);
    free(moving->indices);
    free(moving->changes);
}

static void move(struct moving *moving, const struct draft *draft, struct change *change)
{
    moving->findings[moving->count] = draft->before->finding;
    moving->changes[moving->count++] = change;
}

static enum status describe_all(struct changes_parts *parts, size_t place, const struct draft *drafts,
                                size_t drafts_count, struct change *changes, size_t *count_out)
{
    struct moving gone = {0}, left_out = {0};
    enum status status = reserve(&gone, drafts_count);
    if (status == STATUS_OK)
        status = reserve(&left_out, drafts_count);
    struct side_organization *after = &parts->after.organizations[place];
    size_t count = 0;
    for (size_t i = 0; i < drafts_count && status == STATUS_OK; i++) {
        if (!is_told(&drafts[i]))
            continue;
        struct change *change = &changes[count++];
        status = describe(parts, &drafts[i], change);
        if (is_more(&drafts[i]) && change->kind != CHANGE_OPEN)
            change->moved = -drafts[i].after->gain;
        if (!after->card.assessed)
            change->moved = (double)NAN;
        else if (is_less(&drafts[i]))
            move(drafts[i].after ? &left_out : &gone, &drafts[i], change);
    }
    if (status == STATUS_OK)
        status = weigh_less(&gone, after, false);
    if (status == STATUS_OK)
        status = weigh_less(&left_out, after, true);
    release(&gone);
    release(&left_out);
    *count_out = count;
    return status;
}

struct ranked {
    struct change change;
    size_t position; /* by item and place */
    int rank;
};

static int ranked_compare(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    double left_moved = isnan(left->change.moved) ? 0 : fabs(left->change.moved);
    double right_moved = isnan(right->change.moved) ? 0 : fabs(right->change.moved);
    if (left->rank != right->rank)
        return left->rank - right->rank;
    if (left_moved != right_moved)
        return left_moved > right_moved ? -1 : 1;
    return left->position < right->position ? -1 : 1;
}

/* `order` gets where each stands afterwards. */
static enum status sort(struct change *changes, size_t count, size_t *order)
{
    int ranks[CHANGE_KINDS];
    struct ranked *ranked = calloc(count + 1, sizeof *ranked);
    if (!ranked)
        return STATUS_NO_MEMORY;
    for (int i = 0; i < CHANGE_KINDS; i++)
        ranks[change_order[i]] = i;
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){changes[i], i, ranks[changes[i].kind]};
    qsort(ranked, count, sizeof *ranked, ranked_compare);
    for (size_t i = 0; i < count; i++) {
        changes[i] = ranked[i].change;
        order[ranked[i].position] = i;
    }
    free(ranked);
    return STATUS_OK;
}

enum status drafts_describe(struct changes_parts *parts, size_t place, const struct draft *drafts,
                            size_t drafts_count, struct change *changes, size_t *order, size_t *count_out)
{
    enum status status = describe_all(parts, place, drafts, drafts_count, changes, count_out);
    return status == STATUS_OK ? sort(changes, *count_out, order) : status;
}
