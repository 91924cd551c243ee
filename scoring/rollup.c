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

enum status rollup_init(struct rollup *rollup, const struct catalogue *catalogue, double informatization)
{
    *rollup = (struct rollup){.catalogue = catalogue, .informatization = informatization};
    rollup->losses = calloc(catalogue->items_count + 1, sizeof *rollup->losses);
    rollup->dimensions = calloc(catalogue->dimensions_count + 1, sizeof *rollup->dimensions);
    rollup->assessed = calloc(catalogue->dimensions_count + 1, sizeof *rollup->assessed);
    if (!rollup->losses || !rollup->dimensions || !rollup->assessed) {
        rollup_deinit(rollup);
        return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < catalogue->dimensions_count; i++)
        rollup->dimensions[i] = INDEX_MAX;
    return STATUS_OK;
}

void rollup_deinit(struct rollup *rollup)
{
    free(rollup->losses);
    free(rollup->dimensions);
    free(rollup->assessed);
    *rollup = (struct rollup){.catalogue = rollup->catalogue};
}

void rollup_set_loss(struct rollup *rollup, size_t item, double loss)
{
    const struct catalogue *catalogue = rollup->catalogue;
    size_t dimension = catalogue->items[item].dimension;
    double sum = 0;
    rollup->losses[item] = loss;
    /* The catalogue's order is fixed, and rounded sums never fall when a term grows. */
    for (size_t i = 0; i < catalogue->items_count; i++)
        if (catalogue->items[i].dimension == dimension)
            sum += rollup->losses[i];
    rollup->dimensions[dimension] = fmax(0, INDEX_MAX - sum);
}

double rollup_domain(const struct rollup *rollup, size_t domain, enum unassessed unassessed)
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
