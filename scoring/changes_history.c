#include <stdlib.h>
#include <string.h>

#include "scoring/changes_parts.h"

/* Since when each occurrence is there: the earlier scans of the store, from the newest back, each gone through once. */

struct history {
    struct drafts *drafts;
    const struct changes_parts *parts;
    struct store_run *runs; /* the newest first */
    size_t runs_count;
    bool *looked; /* by organization and item: the run that is gone through assessed it */
    uint32_t turn;
    size_t organization, next; /* of the last row: the next one is most often right behind it */
    enum status status;
};

static void add_run(void *context, const struct store_run *run)
{
    struct history *history = context;
    const struct store_run *after = &history->parts->after.run;
    bool same = strcmp(run->vantage ? run->vantage : "", after->vantage ? after->vantage : "") == 0;
    if (!run->complete || !same || run->number >= after->number || history->status != STATUS_OK)
        return;
    struct store_run *grown = reallocarray(history->runs, history->runs_count + 1, sizeof *grown);
    if (!grown) {
        history->status = STATUS_NO_MEMORY;
        return;
    }
    history->runs = grown;
    struct store_run *kept = &grown[history->runs_count++];
    *kept = (struct store_run){.number = run->number, .started_ms = run->started_ms};
    memcpy(kept->id, run->id, sizeof kept->id);
}

static size_t organization_of(struct history *history, const char *id)
{
    const struct side_names *names = &history->parts->names;
    if (history->organization < names->count && strcmp(names->items[history->organization].id, id) == 0)
        return history->organization;
    size_t place = side_names_find(names, id);
    if (place != SIZE_MAX)
        history->organization = place;
    return place;
}

static void note_assessed(void *context, const char *id, const char *item)
{
    struct history *history = context;
    const struct catalogue *catalogue = history->parts->after.catalogue;
    size_t organization = organization_of(history, id), number = catalogue_item(catalogue, item);
    if (organization != SIZE_MAX && number != SIZE_MAX)
        history->looked[organization * catalogue->items_count + number] = true;
}

static int draft_compare(const struct history *history, const struct draft *draft,
                         const struct index_occurrence *wanted)
{
    return index_occurrence_compare(history->parts->after.catalogue,
                                    draft->after ? draft->after : draft->before, wanted);
}

/* Rows come by the ids of their items, drafts by the catalogue's order, places in the same order in both. */
static struct draft *find(struct history *history, size_t organization, const struct index_occurrence *wanted)
{
    struct draft *drafts = history->drafts->items;
    size_t low = history->drafts->first[organization], high = history->drafts->first[organization + 1];
    if (history->next >= low && history->next < high &&
        draft_compare(history, &drafts[history->next], wanted) == 0)
        return &drafts[history->next++];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = draft_compare(history, &drafts[middle], wanted);
        if (order == 0) {
            history->next = middle + 1;
            return &drafts[middle];
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* NULL: neither scan has it. */
static struct draft *draft_at(struct history *history, const struct finding *finding)
{
    size_t organization = organization_of(history, finding->organization);
    const struct index_occurrence wanted = {
        .item = catalogue_item(history->parts->after.catalogue, finding->item), .finding = finding};
    bool known = organization != SIZE_MAX && wanted.item != SIZE_MAX;
    return known ? find(history, organization, &wanted) : NULL;
}

static void note_spot(void *context, const struct finding *finding)
{
    struct history *history = context;
    struct draft *draft = draft_at(history, finding);
    if (draft)
        draft->turn = history->turn;
}

/* The run had it. */
static void meet(struct draft *draft, int64_t run_ms)
{
    if (!draft->before && !draft->earlier_ms) {
        draft->earlier_ms = run_ms;
        draft->gap = draft->absent;
    }
    if (draft->absent && draft->first_ms - run_ms > CHANGES_BACK_MS) {
        draft->done = true;
        return;
    }
    draft->first_ms = run_ms;
    draft->absent = false;
}

/* Returns how many can still become older. */
static size_t go_back(struct history *history, const struct store_run *run)
{
    size_t items = history->parts->after.catalogue->items_count, left = 0;
    bool is_before = run->number == history->parts->before.run.number;
    bool is_older = run->number < history->parts->before.run.number;
    for (size_t i = 0; i < history->drafts->count; i++) {
        struct draft *draft = &history->drafts->items[i];
        size_t item = (draft->after ? draft->after : draft->before)->item;
        if (draft->done || (!draft->after && !is_before && !is_older))
            continue;
        bool there = is_before ? draft->before != NULL : draft->turn == history->turn;
        bool looked =
            is_before ? draft->looked == REASON_NONE : history->looked[draft->organization * items + item];
        if (there)
            meet(draft, run->started_ms);
        else if (looked)
            draft->absent = true;
        left += !draft->done;
    }
    return left;
}

static enum status read_run(struct history *history, const struct store_run *run)
{
    const struct changes_parts *parts = history->parts;
    memset(history->looked, 0, parts->names.count * parts->after.catalogue->items_count);
    history->turn++;
    history->next = 0;
    if (run->number == parts->before.run.number)
        return STATUS_OK; /* it was judged anew */
    enum status status = store_each_assessed_of_all(parts->after.store, run, note_assessed, history);
    return status == STATUS_OK ? store_each_spot(parts->after.store, run, note_spot, history) : status;
}

/* What is left of scans that the store has forgotten (store_prune), as though the newest presence and the oldest of its
   chain were all. */
static void note_first(void *context, const struct finding *finding, const struct store_first *first)
{
    struct history *history = context;
    struct draft *draft = draft_at(history, finding);
    if (!draft || draft->done)
        return;
    draft->absent = draft->absent || first->absent;
    meet(draft, first->last_ms);
    if (!draft->done)
        draft->first_ms = first->first_ms;
}

static void begin(struct drafts *drafts, const struct changes_parts *parts)
{
    for (size_t i = 0; i < drafts->count; i++) {
        struct draft *draft = &drafts->items[i];
        const struct store_run *run = draft->after ? &parts->after.run : &parts->before.run;
        draft->first_ms = draft->seen_ms = run->started_ms;
    }
}

/* What another source saw, and when, may be older than the scan beside which it counts. */
static void take_own_times(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->count; i++) {
        struct draft *draft = &drafts->items[i];
        const struct finding *finding = (draft->after ? draft->after : draft->before)->finding;
        if (!draft->done && finding->time_ms > 0 && finding->time_ms < draft->first_ms)
            draft->first_ms = finding->time_ms;
    }
}

enum status drafts_remember(struct drafts *drafts, const struct changes_parts *parts)
{
    struct history history = {.drafts = drafts, .parts = parts};
    begin(drafts, parts);
    history.looked = calloc(parts->names.count * parts->after.catalogue->items_count + 1, 1);
    enum status status =
        history.looked ? store_each_run(parts->after.store, add_run, &history) : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = history.status;
    size_t left = drafts->count;
    for (size_t i = 0; i < history.runs_count && left && status == STATUS_OK; i++) {
        status = read_run(&history, &history.runs[i]);
        left = go_back(&history, &history.runs[i]);
    }
    history.next = 0;
    const char *vantage = parts->after.run.vantage;
    if (status == STATUS_OK && left)
        status = store_each_first(parts->after.store, vantage ? vantage : "", note_first, &history);
    take_own_times(drafts);
    free(history.looked);
    free(history.runs);
    return status;
}
