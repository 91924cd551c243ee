#include "scoring/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/exact.h"
#include "scoring/ranks.h"
#include "scoring/student.h"

#define CONFIDENCE 0.95

/* One member under one key. */
struct entry {
    const char *key, *value;
    const struct cohort_member *member;
};

/* The whole, then the keys that everybody knows, then the others by their names. */
static int key_order(const char *key)
{
    static const char *const first[] = {COHORT_ALL, "province", "level"};
    int order = 0;
    while (order < 3 && strcmp(key, first[order]) != 0)
        order++;
    return order;
}

static int group_compare(const struct entry *a, const struct entry *b)
{
    int order = key_order(a->key) - key_order(b->key);
    order = order ? order : strcmp(a->key, b->key);
    return order ? order : strcmp(a->value, b->value);
}

static int entry_compare(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = group_compare(left, right);
    if (order)
        return order;
    double mine = left->member->index_exact, other = right->member->index_exact;
    if (mine != other)
        return mine > other ? -1 : 1;
    return strcmp(left->member->organization->id, right->member->organization->id);
}

static bool wanted(const char *key, const char *only)
{
    return !only || strcmp(key, only) == 0;
}

static void add_entries(const struct cohort_member *member, const char *only, struct entry *entries,
                        size_t *count)
{
    const struct organization *organization = member->organization;
    if (wanted(COHORT_ALL, only))
        entries[(*count)++] = (struct entry){COHORT_ALL, COHORT_ALL, member};
    for (size_t i = 0; i < organization->tags_count; i++) {
        const struct tag *tag = &organization->tags[i];
        if (wanted(tag->key, only) && strcmp(tag->key, COHORT_ALL) != 0)
            entries[(*count)++] = (struct entry){tag->key, tag->value, member};
    }
}

static enum status make_entries(const struct cohorts *cohorts, size_t members, const char *only,
                                struct entry **entries_out, size_t *count_out)
{
    size_t most = members + 1;
    *count_out = 0;
    for (size_t i = 0; i < members; i++)
        most += cohorts->members[i].organization->tags_count;
    *entries_out = calloc(most, sizeof **entries_out);
    if (!*entries_out)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < members; i++)
        add_entries(&cohorts->members[i], only, *entries_out, count_out);
    qsort(*entries_out, *count_out, sizeof **entries_out, entry_compare);
    return STATUS_OK;
}

/* Twice over the members: the mean first, so that the spread loses no digits. */
static void measure(struct cohort *cohort)
{
    double n = (double)cohort->organizations;
    struct mean mean;
    struct exact squares;
    mean_init(&mean);
    for (size_t i = 0; i < cohort->organizations; i++)
        mean_add(&mean, cohort->places[i].member->index_exact, 1);
    cohort->mean = mean_value(&mean);
    cohort->deviation = cohort->interval[0] = cohort->interval[1] = (double)NAN;
    if (cohort->organizations < 2)
        return;
    exact_init(&squares);
    for (size_t i = 0; i < cohort->organizations; i++) {
        double off = cohort->places[i].member->index_exact - cohort->mean;
        exact_add_product(&squares, off, off);
    }
    cohort->deviation = sqrt(exact_value(&squares) / (n - 1));
    double reach = student_quantile((1 + CONFIDENCE) / 2, n - 1) * cohort->deviation / sqrt(n);
    cohort->interval[0] = fmax(0, cohort->mean - reach);
    cohort->interval[1] = fmin(1000, cohort->mean + reach);
}

static void count_bands(struct cohort *cohort)
{
    for (size_t i = 0; i < cohort->organizations; i++) {
        const struct cohort_member *member = cohort->places[i].member;
        cohort->bands[member->band]++;
        cohort->gates[member->gate]++;
        cohort->shown[member->gate < member->band ? member->gate : member->band]++;
    }
}

/* The group that begins at the first of these entries; returns how many are its. */
static size_t add_group(struct cohorts *cohorts, const struct entry *entries, size_t count,
                        struct cohort_place *places)
{
    struct cohort *cohort = &cohorts->items[cohorts->count++];
    *cohort = (struct cohort){.key = entries->key, .value = entries->value, .places = places};
    size_t size = 0;
    for (; size < count && group_compare(&entries[size], entries) == 0; size++) {
        const struct cohort_member *member = entries[size].member;
        bool same = size > 0 && places[size - 1].member->index_exact == member->index_exact;
        places[size] = (struct cohort_place){member, same ? places[size - 1].rank : size + 1};
    }
    cohort->organizations = size;
    measure(cohort);
    count_bands(cohort);
    return size;
}

/* Ranks the groups of one key, that stand in one row. */
static enum status rank_groups(struct cohort *items, size_t count)
{
    struct ranked *groups = calloc(count + 1, sizeof *groups);
    if (!groups)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        groups[i] = (struct ranked){
            .count = items[i].organizations, .mean = items[i].mean, .deviation = items[i].deviation};
    enum status status = ranks_find(groups, count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        items[i].groups = count;
        items[i].rank = groups[i].rank;
        memcpy(items[i].could_be, groups[i].could_be, sizeof items[i].could_be);
    }
    free(groups);
    return status;
}

static size_t count_groups(const struct entry *entries, size_t count)
{
    size_t groups = 0;
    for (size_t i = 0; i < count; i++)
        groups += i == 0 || group_compare(&entries[i - 1], &entries[i]) != 0;
    return groups;
}

static enum status make_groups(struct cohorts *cohorts, const struct entry *entries, size_t count)
{
    cohorts->items = calloc(count_groups(entries, count) + 1, sizeof *cohorts->items);
    cohorts->places = calloc(count + 1, sizeof *cohorts->places);
    enum status status = cohorts->items && cohorts->places ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t at = 0; at < count && status == STATUS_OK;)
        at += add_group(cohorts, entries + at, count - at, cohorts->places + at);
    for (size_t at = 0, size; at < cohorts->count && status == STATUS_OK; at += size) {
        for (size = 1;
             at + size < cohorts->count && strcmp(cohorts->items[at].key, cohorts->items[at + size].key) == 0;
             size++)
            ;
        status = rank_groups(&cohorts->items[at], size);
    }
    return status;
}

enum status cohorts_make(const struct cohort_member *members, size_t count, const char *key,
                         struct cohorts *cohorts_out)
{
    *cohorts_out = (struct cohorts){.members = calloc(count + 1, sizeof *members)};
    if (!cohorts_out->members)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        cohorts_out->members[i] = members[i];
    struct entry *entries = NULL;
    size_t entries_count = 0;
    enum status status = make_entries(cohorts_out, count, key, &entries, &entries_count);
    if (status == STATUS_OK)
        status = make_groups(cohorts_out, entries, entries_count);
    free(entries);
    if (status != STATUS_OK)
        cohorts_deinit(cohorts_out);
    return status;
}

void cohorts_deinit(struct cohorts *cohorts)
{
    free(cohorts->items);
    free(cohorts->members);
    free(cohorts->places);
    *cohorts = (struct cohorts){0};
}

const struct cohort *cohorts_of(const struct cohorts *cohorts, const char *key)
{
    for (size_t i = 0; i < cohorts->count; i++)
        if (strcmp(cohorts->items[i].key, key) == 0)
            return &cohorts->items[i];
    return NULL;
}
