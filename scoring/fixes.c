#include <math.h>
#include <stdlib.h>

#include "scoring/scorecard.h"

/* Which fixes to make, one after the other (model.md §5). A dimension that is far below zero gains nothing
   from its first fix; so the candidates are not single items but, for each dimension, its gravest item, its
   two gravest, and so on, each worth what it adds to the score per fix. Where nothing is saturated, that is
   the plain greedy choice; where it is, the set that lifts the dimension is found and its first steps are
   shown with no gain of their own. The score is compared and not the index, since g may be flat here and
   steep there. */

struct plan {
    struct standing *standing;
    double *losses; /* per item, before any fix */
    size_t *open;   /* items with a loss, by dimension, the gravest first; fixed ones are taken out */
    size_t count;
};

/* A candidate: the first `size` open items of a dimension. */
struct choice {
    size_t first; /* in plan.open */
    size_t size;
    int64_t rate; /* score per fix, to be compared */
    bool fits;
};

static size_t dimension_of(const struct plan *plan, size_t at)
{
    return plan->standing->catalogue->items[plan->open[at]].dimension;
}

static int open_compare(const void *a, const void *b, void *context)
{
    const struct standing *standing = context;
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    const struct item *items = standing->catalogue->items;
    if (items[left].dimension != items[right].dimension)
        return items[left].dimension < items[right].dimension ? -1 : 1;
    int64_t left_loss = gain_rank(fmin(standing->rollup.losses[left], 1e6));
    int64_t right_loss = gain_rank(fmin(standing->rollup.losses[right], 1e6));
    if (left_loss != right_loss)
        return left_loss > right_loss ? -1 : 1;
    return standing_item_compare(standing, left, right);
}

static void plan_deinit(struct plan *plan)
{
    free(plan->losses);
    free(plan->open);
}

static enum status plan_init(struct plan *plan, struct standing *standing)
{
    size_t items = standing->catalogue->items_count;
    *plan = (struct plan){.standing = standing};
    plan->losses = calloc(items + 1, sizeof *plan->losses);
    plan->open = calloc(items + 1, sizeof *plan->open);
    if (!plan->losses || !plan->open) {
        plan_deinit(plan);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < items; i++) {
        plan->losses[i] = standing->rollup.losses[i];
        if (plan->losses[i] > 0)
            plan->open[plan->count++] = i;
    }
    qsort_r(plan->open, plan->count, sizeof *plan->open, open_compare, standing);
    return STATUS_OK;
}

/* Is this choice the better one? On equal terms the smaller, then the graver item. */
static bool is_better(const struct plan *plan, const struct choice *choice, const struct choice *best)
{
    if (best->size == 0 || choice->fits != best->fits)
        return best->size == 0 || choice->fits;
    if (choice->rate != best->rate)
        return choice->rate > best->rate;
    if (choice->size != best->size)
        return choice->size < best->size;
    return standing_item_compare(plan->standing, plan->open[choice->first], plan->open[best->first]) < 0;
}

/* Tries the sets of one dimension, which begins at `first`; returns where the next one begins. */
static size_t try_dimension(const struct plan *plan, size_t first, size_t room, double before,
                            struct choice *best)
{
    struct rollup *rollup = &plan->standing->rollup;
    enum unassessed literal = plan->standing->literal;
    size_t dimension = dimension_of(plan, first), end = first;
    for (; end < plan->count && dimension_of(plan, end) == dimension; end++) {
        size_t size = end - first + 1;
        rollup_set_loss(rollup, plan->open[end], 0);
        int64_t rate = gain_rank((rollup_score(rollup, literal) - before) / (double)size);
        struct choice choice = {first, size, rate, size <= room && rate > 0};
        if (is_better(plan, &choice, best))
            *best = choice;
    }
    for (size_t i = first; i < end; i++)
        rollup_set_loss(rollup, plan->open[i], plan->losses[plan->open[i]]);
    return end;
}

static struct choice choose(const struct plan *plan, size_t room)
{
    struct choice best = {0};
    double before = rollup_score(&plan->standing->rollup, plan->standing->literal);
    for (size_t at = 0; at < plan->count;)
        at = try_dimension(plan, at, room, before, &best);
    return best;
}

static struct score_fix fix(struct plan *plan, size_t at, double index_before)
{
    struct rollup *rollup = &plan->standing->rollup;
    size_t item = plan->open[at];
    plan->count--;
    for (size_t i = at; i < plan->count; i++)
        plan->open[i] = plan->open[i + 1];
    rollup_set_loss(rollup, item, 0);
    double index = rollup_index(rollup, plan->standing->literal);
    return (struct score_fix){item, index, index - index_before};
}

enum status scorecard_fixes(struct standing *standing, size_t most, struct scorecard *scorecard)
{
    struct plan plan;
    double index = standing->index;
    scorecard->fixes = calloc(most + 1, sizeof *scorecard->fixes);
    if (!scorecard->fixes || plan_init(&plan, standing) != STATUS_OK)
        return STATUS_NO_MEMORY;
    while (scorecard->fixes_count < most && plan.count > 0) {
        size_t room = most - scorecard->fixes_count;
        struct choice choice = choose(&plan, room);
        for (size_t i = 0; i < choice.size && i < room; i++) {
            struct score_fix *next = &scorecard->fixes[scorecard->fixes_count++];
            *next = fix(&plan, choice.first, index);
            index = next->index_after;
        }
    }
    plan_deinit(&plan);
    return STATUS_OK;
}
