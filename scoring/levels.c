#include "scoring/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/exact.h"
#include "scoring/index.h"

double index_frequency(const struct catalogue *catalogue, double threshold, uint64_t count)
{
    double c = (double)count;
    if (c <= threshold + 1)
        return c;
    if (catalogue->frequency == FREQUENCY_CONTINUOUS)
        return threshold + 1 + log(c - threshold);
    double base = catalogue->log_base;
    /* The logarithms of libm are exact at powers of their base, a quotient is not. */
    double logarithm = base == 2    ? log2(c - threshold)
                       : base == 10 ? log10(c - threshold)
                       : base == 0  ? log(c - threshold)
                                    : log(c - threshold) / log(base);
    return threshold + logarithm;
}

void levels_deinit(struct levels *levels)
{
    free(levels->items);
    *levels = (struct levels){NULL, 0};
}

uint64_t counts_sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void gathered_deinit(struct gathered *gathered)
{
    free(gathered->items);
    *gathered = (struct gathered){0};
}

static uint32_t *recent_of(struct gathered *gathered, double weight)
{
    uint64_t bits;
    memcpy(&bits, &weight, sizeof bits);
    return &gathered->recent[bits * 0x9e3779b97f4a7c15 >> 58];
}

enum status levels_gather(struct gathered *gathered, double weight, uint64_t count)
{
    uint32_t *recent = recent_of(gathered, weight);
    if (*recent && gathered->items[*recent - 1].weight == weight) {
        struct level *level = &gathered->items[*recent - 1];
        level->count = counts_sum(level->count, count);
        return STATUS_OK;
    }
    if (gathered->count == gathered->capacity) {
        size_t capacity = gathered->capacity ? gathered->capacity * 2 : 8;
        struct level *items = reallocarray(gathered->items, capacity, sizeof *items);
        if (!items)
            return STATUS_NO_MEMORY;
        gathered->items = items;
        gathered->capacity = capacity;
    }
    gathered->items[gathered->count++] = (struct level){.weight = weight, .count = count};
    *recent = gathered->count <= UINT32_MAX ? (uint32_t)gathered->count : 0;
    return STATUS_OK;
}

static int level_compare(const void *a, const void *b)
{
    const struct level *left = a, *right = b;
    return (left->weight < right->weight) - (left->weight > right->weight);
}

void levels_settle(struct levels *levels, struct gathered *gathered)
{
    size_t kept = 0;
    struct level *items = gathered->items;
    if (gathered->count > 1)
        qsort(items, gathered->count, sizeof *items, level_compare);
    for (size_t i = 0; i < gathered->count; i++) {
        if (kept > 0 && items[kept - 1].weight == items[i].weight)
            items[kept - 1].count = counts_sum(items[kept - 1].count, items[i].count);
        else
            items[kept++] = items[i];
    }
    for (size_t i = 0; i < kept; i++)
        items[i].reached = counts_sum(i ? items[i - 1].reached : 0, items[i].count);
    *levels = (struct levels){items, kept};
    *gathered = (struct gathered){0};
}

uint64_t levels_occurrences(const struct levels *levels)
{
    return levels->count ? levels->items[levels->count - 1].reached : 0;
}

/* The width of the integral between this level and the next, times f. */
static void add_band(struct exact *loss, const struct levels *levels, size_t i, double f)
{
    exact_add_product(loss, levels->items[i].weight, f);
    if (i + 1 < levels->count)
        exact_add_product(loss, levels->items[i + 1].weight, -f);
}

static void integrate(struct exact *loss, const struct levels *levels, const struct catalogue *catalogue,
                      const struct item *item)
{
    exact_init(loss);
    for (size_t i = 0; i < levels->count; i++)
        add_band(loss, levels, i, index_frequency(catalogue, item->threshold, levels->items[i].reached));
}

double levels_loss(const struct levels *levels, const struct catalogue *catalogue, const struct item *item)
{
    struct exact loss;
    integrate(&loss, levels, catalogue, item);
    return exact_value(&loss);
}

/* Without one occurrence of level i, every band from i down has one less; so the losses follow from the
   lowest level up. The sum being exact, each is the same as if it had been integrated anew. */
void levels_losses_without(const struct levels *levels, const struct catalogue *catalogue,
                           const struct item *item, double *losses_out)
{
    struct exact loss;
    integrate(&loss, levels, catalogue, item);
    for (size_t i = levels->count; i-- > 0;) {
        uint64_t reached = levels->items[i].reached;
        add_band(&loss, levels, i, -index_frequency(catalogue, item->threshold, reached));
        add_band(&loss, levels, i, index_frequency(catalogue, item->threshold, reached - 1));
        losses_out[i] = exact_value(&loss);
    }
}
