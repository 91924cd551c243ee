#include "scoring/rollup.h"

#include <math.h>
#include <stdlib.h>

#include "scoring/exact.h"
#include "scoring/index.h"

static double clamp(double value)
{
    return fmin(INDEX_MAX, fmax(0, value));
}

static double power(const struct g *g, double score, double informatization)
{
    double level = isnan(informatization) ? g->f_ref : informatization;
    double gamma = g->gamma * exp(-g->kappa * (level - g->f_ref));
    if (score <= 0 || score >= INDEX_MAX)
        return score;
    return INDEX_MAX * pow(score / INDEX_MAX, gamma);
}

static double quantile(const struct g *g, double score)
{
    size_t next = 0;
    while (next < g->knots_count && g->knots[next][0] <= score)
        next++;
    if (next == 0)
        return g->knots[0][1];
    const double *low = g->knots[next - 1];
    if (next == g->knots_count)
        return low[1];
    const double *high = g->knots[next];
    double rise = (score - low[0]) * (high[1] - low[1]) / (high[0] - low[0]);
    return fmin(high[1], low[1] + rise);
}

double index_g(const struct g *g, double score, double informatization)
{
    score = clamp(score);
    if (g->kind == G_POWER)
        return clamp(power(g, score, informatization));
    return clamp(g->kind == G_QUANTILE ? quantile(g, score) : score);
}

/* One change touches one domain; the others need not be gone through again. */
struct domain_score {
    bool known[3]; /* by enum unassessed */
    double score[3];
};

/* The items of each dimension as a list, in the catalogue's order. */
static void link_items(struct rollup *rollup)
{
    const struct catalogue *catalogue = rollup->catalogue;
    for (size_t i = 0; i < catalogue->dimensions_count; i++)
        rollup->first[i] = SIZE_MAX;
    for (size_t i = catalogue->items_count; i-- > 0;) {
        size_t *first = &rollup->first[catalogue->items[i].dimension];
        rollup->next[i] = *first;
        *first = i;
    }
}

enum status rollup_init(struct rollup *rollup, const struct catalogue *catalogue, double informatization)
{
    size_t items = catalogue->items_count + 1, dimensions = catalogue->dimensions_count + 1;
    *rollup = (struct rollup){.catalogue = catalogue, .informatization = informatization};
    rollup->losses = calloc(items, sizeof *rollup->losses);
    rollup->dimensions = calloc(dimensions, sizeof *rollup->dimensions);
    rollup->assessed = calloc(dimensions, sizeof *rollup->assessed);
    rollup->domains = calloc(catalogue->domains_count + 1, sizeof *rollup->domains);
    rollup->next = calloc(items, sizeof *rollup->next);
    rollup->first = calloc(dimensions, sizeof *rollup->first);
    if (!rollup->losses || !rollup->dimensions || !rollup->assessed || !rollup->domains || !rollup->next ||
        !rollup->first) {
        rollup_deinit(rollup);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < catalogue->dimensions_count; i++)
        rollup->dimensions[i] = INDEX_MAX;
    link_items(rollup);
    return STATUS_OK;
}

void rollup_deinit(struct rollup *rollup)
{
    free(rollup->losses);
    free(rollup->dimensions);
    free(rollup->assessed);
    free(rollup->domains);
    free(rollup->next);
    free(rollup->first);
    *rollup = (struct rollup){.catalogue = rollup->catalogue};
}

static void forget_domain(struct rollup *rollup, size_t dimension)
{
    rollup->domains[rollup->catalogue->dimensions[dimension].domain] = (struct domain_score){0};
}

void rollup_assess(struct rollup *rollup, size_t dimension)
{
    rollup->assessed[dimension] = true;
    forget_domain(rollup, dimension);
}

void rollup_set_loss(struct rollup *rollup, size_t item, double loss)
{
    size_t dimension = rollup->catalogue->items[item].dimension;
    double sum = 0;
    rollup->losses[item] = loss;
    /* The catalogue's order is fixed, and rounded sums never fall when a term grows. */
    for (size_t i = rollup->first[dimension]; i != SIZE_MAX; i = rollup->next[i])
        sum += rollup->losses[i];
    rollup->dimensions[dimension] = fmax(0, INDEX_MAX - sum);
    forget_domain(rollup, dimension);
}

static double measure_domain(const struct rollup *rollup, size_t domain, enum unassessed unassessed)
{
    const struct catalogue *catalogue = rollup->catalogue;
    struct mean mean;
    mean_init(&mean);
    for (size_t i = 0; i < catalogue->dimensions_count; i++) {
        if (catalogue->dimensions[i].domain != domain)
            continue;
        double weight = catalogue->dimensions[i].weight;
        if (rollup->assessed[i])
            mean_add(&mean, rollup->dimensions[i], weight);
        else if (unassessed != UNASSESSED_LEFT_OUT)
            mean_add(&mean, unassessed == UNASSESSED_PERFECT ? INDEX_MAX : 0, weight);
    }
    return mean_value(&mean);
}

double rollup_domain(const struct rollup *rollup, size_t domain, enum unassessed unassessed)
{
    struct domain_score *kept = &rollup->domains[domain];
    if (!kept->known[unassessed]) {
        kept->score[unassessed] = measure_domain(rollup, domain, unassessed);
        kept->known[unassessed] = true;
    }
    return kept->score[unassessed];
}

double rollup_score(const struct rollup *rollup, enum unassessed unassessed)
{
    const struct catalogue *catalogue = rollup->catalogue;
    struct mean mean;
    mean_init(&mean);
    for (size_t i = 0; i < catalogue->domains_count; i++) {
        double score = rollup_domain(rollup, i, unassessed);
        double omega = catalogue->domains[i].omega;
        if (isnan(omega))
            omega = (double)catalogue_dimensions_of(catalogue, i);
        if (!isnan(score))
            mean_add(&mean, score, omega);
    }
    return mean_value(&mean);
}

double rollup_index(const struct rollup *rollup, enum unassessed unassessed)
{
    double score = rollup_score(rollup, unassessed);
    return isnan(score) ? 0 : index_g(&rollup->catalogue->g, score, rollup->informatization);
}
