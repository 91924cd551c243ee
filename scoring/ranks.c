#include "scoring/ranks.h"

#include <math.h>
#include <stdlib.h>

#include "scoring/holm.h"
#include "scoring/student.h"

#define LEVEL 0.05

double welch_above(const struct ranked *a, const struct ranked *b)
{
    if (a->count < 2 || b->count < 2 || !(a->deviation + b->deviation > 0))
        return (double)NAN;
    double n = (double)a->count, m = (double)b->count;
    double of_a = a->deviation * a->deviation / n, of_b = b->deviation * b->deviation / m;
    double error = of_a + of_b;
    /* Welch and Satterthwaite's degrees, in shares, so that no square can run over or under. */
    double share = of_a / error;
    double degrees = 1 / (share * share / (n - 1) + (1 - share) * (1 - share) / (m - 1));
    return student_at_least((a->mean - b->mean) / sqrt(error), degrees);
}

static int mean_compare(const void *a, const void *b)
{
    const struct ranked *left = *(struct ranked *const *)a, *right = *(struct ranked *const *)b;
    return (left->mean < right->mean) - (left->mean > right->mean);
}

/* Groups of the same mean share a rank. */
static void set_ranks(struct ranked **order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i]->rank = i > 0 && order[i]->mean == order[i - 1]->mean ? order[i - 1]->rank : i + 1;
}

/* Both directions of every pair; groups by rows, what they might be above by columns. */
static enum status test_pairs(struct ranked *const *order, size_t count, double *adjusted_out)
{
    double *values = calloc(count * count + 1, sizeof *values);
    if (!values)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            values[i * count + j] = i == j ? (double)NAN : welch_above(order[i], order[j]);
    enum status status = holm_adjust(values, count * count, adjusted_out);
    free(values);
    return status;
}

static enum status compare(struct ranked *const *order, size_t count)
{
    double *adjusted = calloc(count * count + 1, sizeof *adjusted);
    enum status status = adjusted ? test_pairs(order, count, adjusted) : STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        order[i]->could_be[0] = 1;
        order[i]->could_be[1] = count;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        for (size_t j = 0; j < count; j++)
            if (adjusted[i * count + j] <= LEVEL) {
                order[i]->could_be[1]--;
                order[j]->could_be[0]++;
            }
    free(adjusted);
    return status;
}

enum status ranks_find(struct ranked *groups, size_t count)
{
    struct ranked **order = calloc(count + 1, sizeof *order);
    if (!order)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        order[i] = &groups[i];
        groups[i].could_be[0] = groups[i].could_be[1] = 0;
    }
    qsort(order, count, sizeof *order, mean_compare);
    set_ranks(order, count);
    enum status status = count <= RANKS_COMPARED_MOST ? compare(order, count) : STATUS_OK;
    free(order);
    return status;
}
