#include "naive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_place(const struct item *item, const struct finding *a, const struct finding *b)
{
    if (item->unit == UNIT_ORGANIZATION)
        return true;
    bool both = a->has_address && b->has_address;
    bool host = both && address_compare(a->address, b->address) == 0;
    bool endpoint = host && a->port.number == b->port.number && a->port.transport == b->port.transport;
    bool key = a->key && b->key && strcmp(a->key, b->key) == 0;
    bool no_key = !a->key && !b->key;
    if (item->unit == UNIT_HOST || item->unit == UNIT_ENDPOINT) {
        if (a->has_address || b->has_address)
            return item->unit == UNIT_HOST ? host : endpoint;
        return key;
    }
    return key || (no_key && endpoint);
}

static bool has_place(const struct item *item, const struct finding *finding)
{
    return item->unit == UNIT_ORGANIZATION || finding->has_address || finding->key;
}

static long double weight_of(const struct sample *sample, const struct item *item,
                             const struct finding *finding)
{
    int asset = finding->asset ? finding->asset : item->asset;
    int confidence = finding->confidence ? finding->confidence : item->confidence;
    double exposure = isnan(finding->exposure) ? sample->options.exposure : finding->exposure;
    return (long double)item->risk * item->severity * asset * confidence * exposure;
}

/* Is there an earlier finding of the same occurrence? Then the graver of all was counted with that. */
static bool is_repeat(const struct sample *sample, const struct item *item, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(sample->findings[i].item, item->id) == 0 && has_place(item, &sample->findings[at]) &&
            same_place(item, &sample->findings[i], &sample->findings[at]))
            return true;
    return false;
}

static long double gravest_of(const struct sample *sample, const struct item *item, size_t at)
{
    long double gravest = weight_of(sample, item, &sample->findings[at]);
    for (size_t i = at + 1; i < sample->findings_count && has_place(item, &sample->findings[at]); i++)
        if (strcmp(sample->findings[i].item, item->id) == 0 &&
            same_place(item, &sample->findings[at], &sample->findings[i]))
            gravest = fmaxl(gravest, weight_of(sample, item, &sample->findings[i]));
    return gravest;
}

static void gather(struct naive *naive, const struct item *item)
{
    const struct sample *sample = naive->sample;
    naive->count = 0;
    for (size_t i = 0; i < sample->findings_count; i++) {
        if (strcmp(sample->findings[i].item, item->id) != 0 || is_repeat(sample, item, i))
            continue;
        uint64_t count = has_place(item, &sample->findings[i]) ? 1 : sample->findings[i].count;
        for (uint64_t n = 0; n < (count ? count : 1); n++)
            naive->weights[naive->count++] = gravest_of(sample, item, i);
    }
}

static long double frequency_of(const struct catalogue *catalogue, long double threshold, long double c)
{
    if (c <= threshold + 1)
        return c;
    if (catalogue->frequency == FREQUENCY_CONTINUOUS)
        return threshold + 1 + logl(c - threshold);
    long double base = catalogue->log_base == 0 ? 1 : logl(catalogue->log_base);
    return threshold + logl(c - threshold) / base;
}

static int falling(const void *a, const void *b)
{
    long double left = *(const long double *)a, right = *(const long double *)b;
    return (left < right) - (left > right);
}

static long double loss_of(struct naive *naive, const struct item *item)
{
    const struct catalogue *catalogue = &naive->sample->catalogue;
    long double loss = 0;
    gather(naive, item);
    qsort(naive->weights, naive->count, sizeof *naive->weights, falling);
    for (size_t n = 0; n < naive->count; n++)
        loss += naive->weights[n] * (frequency_of(catalogue, item->threshold, n + 1) -
                                     frequency_of(catalogue, item->threshold, n));
    return (long double)item->alpha * loss;
}

static bool dimension_assessed(const struct sample *sample, size_t dimension)
{
    for (size_t i = 0; i < sample->catalogue.items_count; i++) {
        if (sample->catalogue.items[i].dimension != dimension)
            continue;
        bool assessed = sample->assessed[i];
        for (size_t j = 0; j < sample->findings_count; j++)
            assessed = assessed || strcmp(sample->findings[j].item, sample->catalogue.items[i].id) == 0;
        if (assessed)
            return true;
    }
    return false;
}

long double naive_score(struct naive *naive, long double absent)
{
    const struct catalogue *catalogue = &naive->sample->catalogue;
    long double score = 0, all = 0;
    for (size_t k = 0; k < catalogue->domains_count; k++) {
        long double sum = 0, beta = 0, omega = 0;
        for (size_t j = 0; j < catalogue->dimensions_count; j++) {
            if (catalogue->dimensions[j].domain != k)
                continue;
            omega++;
            bool assessed = dimension_assessed(naive->sample, j);
            long double dimension = 1000;
            for (size_t i = 0; i < catalogue->items_count; i++)
                if (catalogue->items[i].dimension == j)
                    dimension -= loss_of(naive, &catalogue->items[i]);
            dimension = assessed ? fmaxl(0, dimension) : absent;
            if (isnan(dimension))
                continue;
            sum += (long double)catalogue->dimensions[j].weight * dimension;
            beta += (long double)catalogue->dimensions[j].weight;
        }
        if (!isnan(catalogue->domains[k].omega))
            omega = catalogue->domains[k].omega;
        if (beta > 0) {
            score += omega * sum / beta;
            all += omega;
        }
    }
    return all > 0 ? score / all : NAN;
}

long double naive_g(const struct sample *sample, long double score)
{
    const struct g *g = &sample->catalogue.g;
    long double level = isnan(sample->options.informatization) ? g->f_ref : sample->options.informatization;
    if (isnan(score))
        return 0;
    if (g->kind == G_IDENTITY)
        return score;
    if (g->kind == G_POWER)
        return 1000 * powl(score / 1000, g->gamma * expl(-g->kappa * (level - g->f_ref)));
    if (score <= g->knots[0][0])
        return g->knots[0][1];
    for (size_t i = 1; i < g->knots_count; i++)
        if (score <= g->knots[i][0])
            return g->knots[i - 1][1] + (g->knots[i][1] - g->knots[i - 1][1]) * (score - g->knots[i - 1][0]) /
                                            (g->knots[i][0] - g->knots[i - 1][0]);
    return g->knots[g->knots_count - 1][1];
}

void naive_init(struct naive *naive, const struct sample *sample)
{
    size_t most = 1;
    for (size_t i = 0; i < sample->findings_count; i++)
        most += sample->findings[i].count + 1;
    *naive = (struct naive){sample, calloc(most, sizeof(long double)), 0};
}
