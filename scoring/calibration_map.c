#include "scoring/calibration_map.h"

#include <math.h>
#include <stdlib.h>

#include "scoring/exact.h"
#include "scoring/index.h"
#include "scoring/rollup.h"

#define HALVINGS   80
#define GAMMA_MOST 100 /* what a catalogue may say */
#define TIED_MOST  64
#define TILT_MOST  0.5 /* at either end a band's organizations all stand at its border */

static double mean_of(const struct g *g, const double *scores, size_t count)
{
    struct mean mean;
    mean_init(&mean);
    for (size_t i = 0; i < count; i++)
        mean_add(&mean, index_g(g, scores[i], (double)NAN), 1);
    return mean_value(&mean);
}

enum status calibration_power(const double *rising, size_t count, const struct calibration_target *target,
                              struct g *g_out, const char **why_out)
{
    *g_out = (struct g){.kind = G_POWER, .gamma = 1};
    if (isnan(target->mean)) {
        *why_out = "the baseline has no mean index";
        return STATUS_MISMATCH;
    }
    double low = log(1.0 / GAMMA_MOST), high = log(GAMMA_MOST);
    for (int i = 0; i < HALVINGS; i++) {
        g_out->gamma = exp((low + high) / 2);
        if (mean_of(g_out, rising, count) > target->mean)
            low = log(g_out->gamma);
        else
            high = log(g_out->gamma);
    }
    g_out->gamma = round(g_out->gamma * 1e6) / 1e6;
    if (fabs(mean_of(g_out, rising, count) - target->mean) <= 0.5)
        return STATUS_OK;
    *why_out = "no power of these scores has the baseline's mean";
    return STATUS_MISMATCH;
}

/* --- the baseline's own distribution --- */

/* The borders of the bands (model.md §1). */
static const double borders[] = {0, 500, 700, 900, 1000};

struct shape {
    double below[5]; /* the share of those below each border */
    double tilt;     /* the density within every band goes with e^(tilt · index) */
};

static struct shape shape_of(const struct calibration_target *target)
{
    struct shape shape = {{0}, 0};
    double sum = 0;
    for (int band = 0; band < 4; band++)
        sum += target->bands[band];
    for (int band = 0; band < 4; band++)
        shape.below[band + 1] = band == 3 ? 1 : shape.below[band] + target->bands[band] / sum;
    return shape;
}

/* The index below which a share of the baseline's organizations lies. */
static double shape_quantile(const struct shape *shape, double share)
{
    int band = 0;
    while (band < 3 && share >= shape->below[band + 1])
        band++;
    double width = borders[band + 1] - borders[band];
    double inside = (share - shape->below[band]) / (shape->below[band + 1] - shape->below[band]);
    if (!(inside < 1))
        return borders[band + 1];
    double rise = fabs(shape->tilt * width) < 1e-6 ? width * inside
                                                   : log1p(inside * expm1(shape->tilt * width)) / shape->tilt;
    return borders[band] + fmin(width, fmax(0, rise));
}

/* --- laid on the population's --- */

/* What the i-th of the population gets. Those that tie with it share the mean, which a few of them tell well
   enough where they are many. */
static double index_at(const struct shape *shape, const double *rising, size_t count, size_t i)
{
    size_t first = i, last = i;
    struct mean mean;
    while (first > 0 && rising[first - 1] == rising[i])
        first--;
    while (last + 1 < count && rising[last + 1] == rising[i])
        last++;
    double many = (double)(last - first + 1), asked = fmin(many, TIED_MOST);
    mean_init(&mean);
    for (double j = 0.5; j < asked; j++)
        mean_add(&mean, shape_quantile(shape, ((double)first + j * many / asked) / (double)count), 1);
    return mean_value(&mean);
}

static bool ties(const double *rising, size_t count, size_t i)
{
    return (i > 0 && rising[i - 1] == rising[i]) || (i + 1 < count && rising[i + 1] == rising[i]);
}

static double to_thousandths(double value)
{
    return round(value * 1000) / 1000;
}

/* The knot at a share of the population, its quantile by Hazen's rule. */
static void knot_at(const struct shape *shape, const double *rising, size_t count, double share,
                    double knot_out[2])
{
    double place = fmin((double)count - 1, fmax(0, share * (double)count - 0.5));
    size_t i = (size_t)place;
    double part = place - (double)i;
    size_t next = i + 1 < count ? i + 1 : i;
    if ((part == 0 || rising[next] == rising[i]) && ties(rising, count, i)) {
        knot_out[0] = rising[i];
        knot_out[1] = index_at(shape, rising, count, i);
    } else {
        knot_out[0] = rising[i] + part * (rising[next] - rising[i]);
        knot_out[1] = shape_quantile(shape, share);
    }
    knot_out[0] = to_thousandths(knot_out[0]);
    knot_out[1] = to_thousandths(knot_out[1]);
}

/* How many of `left` knots lie inside each band, by its share: the largest rests round up. */
static void spread_knots(const struct shape *shape, size_t left, size_t inside_out[4])
{
    double rests[4];
    size_t given = 0;
    for (int band = 0; band < 4; band++) {
        double due = (double)left * (shape->below[band + 1] - shape->below[band]);
        inside_out[band] = (size_t)due;
        rests[band] = due - floor(due);
        given += inside_out[band];
    }
    for (; given < left; given++) {
        int most = 0;
        for (int band = 1; band < 4; band++)
            most = rests[band] > rests[most] ? band : most;
        inside_out[most]++;
        rests[most] = -1;
    }
}

/* The shares at which knots stand, rising; returns how many. */
static size_t knot_shares(const struct shape *shape, size_t knots, double *shares_out)
{
    size_t count = 0, at_borders = 0, inside[4];
    for (int band = 1; band < 4; band++)
        at_borders += shape->below[band] > shape->below[band - 1] && shape->below[band] < 1;
    spread_knots(shape, knots - 2 > at_borders ? knots - 2 - at_borders : 0, inside);
    for (int band = 0; band < 4; band++) {
        double low = shape->below[band], width = shape->below[band + 1] - low;
        if (band > 0 && low > shape->below[band - 1] && low < 1)
            shares_out[count++] = low;
        for (size_t i = 1; i <= inside[band]; i++)
            shares_out[count++] = low + width * (double)i / (double)(inside[band] + 1);
    }
    return count;
}

/* Keeps the map rising: a knot that does not stand to the right of the last one says nothing new. */
static void add_knot(struct g *g, const double knot[2])
{
    const double *last = g->knots[g->knots_count - 1];
    if (knot[0] <= last[0] || knot[0] >= INDEX_MAX)
        return;
    g->knots[g->knots_count][0] = knot[0];
    g->knots[g->knots_count++][1] = fmin(INDEX_MAX, fmax(last[1], knot[1]));
}

static void lay(const struct shape *shape, const double *rising, size_t count, const double *shares,
                size_t shares_count, struct g *g)
{
    g->knots[0][0] = g->knots[0][1] = 0;
    g->knots_count = 1;
    for (size_t i = 0; i < shares_count; i++) {
        double knot[2];
        knot_at(shape, rising, count, shares[i], knot);
        add_knot(g, knot);
    }
    g->knots[g->knots_count][0] = g->knots[g->knots_count][1] = INDEX_MAX;
    g->knots_count++;
}

/* Tilts the bands until the mean is right; a baseline without a mean leaves them level. */
static enum status tilt(struct shape *shape, const double *rising, size_t count,
                        const struct calibration_target *target, const double *shares, size_t shares_count,
                        struct g *g)
{
    double low = -TILT_MOST, high = TILT_MOST;
    lay(shape, rising, count, shares, shares_count, g);
    if (isnan(target->mean))
        return STATUS_OK;
    for (int i = 0; i < HALVINGS; i++) {
        shape->tilt = (low + high) / 2;
        lay(shape, rising, count, shares, shares_count, g);
        if (mean_of(g, rising, count) < target->mean)
            low = shape->tilt;
        else
            high = shape->tilt;
    }
    return fabs(mean_of(g, rising, count) - target->mean) <= 0.5 ? STATUS_OK : STATUS_MISMATCH;
}

enum status calibration_quantile(const double *rising, size_t count, const struct calibration_target *target,
                                 size_t knots, struct g *g_out, const char **why_out)
{
    *g_out = (struct g){.kind = G_QUANTILE, .gamma = 1};
    if (isnan(target->bands[0])) {
        *why_out = "the baseline has no shares by band";
        return STATUS_MISMATCH;
    }
    struct shape shape = shape_of(target);
    double shares[CALIBRATION_KNOTS_MOST + 4];
    size_t shares_count = knot_shares(&shape, knots, shares);
    g_out->knots = calloc(shares_count + 2, sizeof *g_out->knots);
    if (!g_out->knots)
        return STATUS_NO_MEMORY;
    enum status status = tilt(&shape, rising, count, target, shares, shares_count, g_out);
    if (status == STATUS_MISMATCH)
        *why_out = "its mean and its shares by band can't both be met by these scores";
    if (status != STATUS_OK)
        g_deinit(g_out);
    return status;
}
