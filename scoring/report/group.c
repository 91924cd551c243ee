#include "scoring/report/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts the items of one organization. */
static void add_items(struct group *group, const struct scorecard *scorecard)
{
    for (size_t i = 0; i < scorecard->items_count; i++) {
        const struct score_item *found = &scorecard->items[i];
        struct group_item *item = &group->items[found->item];
        if (found->count == 0)
            continue;
        item->organizations++;
        item->occurrences += found->count;
        item->gain += scorecard->assessed ? found->gain : 0;
        group->occurrences += found->count;
    }
}

static void add_domains(struct group *group, const struct scorecard *scorecard, size_t domains)
{
    for (size_t i = 0; i < domains; i++) {
        const struct score_dimension *score = &scorecard->domains[i];
        struct group_domain *domain = &group->domains[i];
        if (!score->assessed)
            continue;
        domain->least = domain->assessed && domain->least < score->score ? domain->least : score->score;
        domain->most = domain->assessed && domain->most > score->score ? domain->most : score->score;
        domain->mean += score->score;
        domain->assessed++;
    }
}

/* The index after so many of the proposed fixes. */
static double after(const struct scorecard *scorecard, size_t most)
{
    size_t count = scorecard->fixes_count < most ? scorecard->fixes_count : most;
    return count ? scorecard->fixes[count - 1].index_after : scorecard->index_exact;
}

static void add_organization(struct group *group, const struct report_organization *row, size_t domains)
{
    const struct scorecard *scorecard = row->scorecard;
    add_items(group, scorecard);
    add_domains(group, scorecard, domains);
    group->authorized += row->authorized;
    group->asked += row->asked;
    group->answered += row->answered;
    group->open_hosts += row->open_hosts;
    group->counts_known = group->counts_known && row->counts_known;
    if (!scorecard->assessed)
        return;
    group->after_first += after(scorecard, GROUP_FIRST);
    group->after_all += after(scorecard, SIZE_MAX);
    group->lowest += scorecard->bounds[0];
    group->highest += scorecard->bounds[1];
}

static int item_compare(const void *a, const void *b)
{
    const struct group_item *left = a, *right = b;
    if (left->gain != right->gain)
        return left->gain > right->gain ? -1 : 1;
    if (left->organizations != right->organizations)
        return left->organizations > right->organizations ? -1 : 1;
    return left->item < right->item ? -1 : left->item > right->item;
}

/* Sums become means, and what nobody has goes. */
static void settle(struct group *group, const struct catalogue *catalogue)
{
    double count = group->all ? (double)group->all->organizations : (double)NAN;
    size_t kept = 0;
    for (size_t i = 0; i < catalogue->items_count; i++) {
        struct group_item item = group->items[i];
        if (item.organizations == 0)
            continue;
        item.item = i;
        item.gain = group->all ? item.gain / count : 0;
        group->items[kept++] = item;
    }
    group->items_count = kept;
    if (kept)
        qsort(group->items, kept, sizeof *group->items, item_compare);
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        struct group_domain *domain = &group->domains[i];
        domain->mean = domain->assessed ? domain->mean / (double)domain->assessed : (double)NAN;
    }
    group->after_first /= count;
    group->after_all /= count;
    group->lowest /= count;
    group->highest /= count;
}

enum status group_make(const struct report *report, struct group *group_out)
{
    const struct catalogue *catalogue = report->catalogue;
    *group_out = (struct group){.items = calloc(catalogue->items_count + 1, sizeof *group_out->items),
                                .domains = calloc(catalogue->domains_count + 1, sizeof *group_out->domains),
                                .counts_known = report->organizations_count > 0};
    enum status status = group_out->items && group_out->domains ? STATUS_OK : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = report_cohorts(report, &group_out->cohorts);
    if (status != STATUS_OK) {
        group_deinit(group_out);
        return status;
    }
    group_out->all = cohorts_of(&group_out->cohorts, COHORT_ALL);
    for (size_t i = 0; i < report->organizations_count; i++)
        add_organization(group_out, &report->organizations[i], catalogue->domains_count);
    settle(group_out, catalogue);
    return STATUS_OK;
}

void group_deinit(struct group *group)
{
    cohorts_deinit(&group->cohorts);
    free(group->items);
    free(group->domains);
    memset(group, 0, sizeof *group);
}
