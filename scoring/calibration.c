#include "scoring/calibration.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/calibration_map.h"
#include "scoring/exact.h"
#include "scoring/index.h"
#include "targets/calendar.h"

struct calibration_target calibration_target_of(const struct baseline *baseline)
{
    struct calibration_target target = {baseline->name, NAN, {NAN, NAN, NAN, NAN}};
    for (size_t i = 0; i < baseline->figures_count; i++) {
        const struct figure *figure = &baseline->figures[i];
        if (figure->bound != BOUND_EXACT)
            continue;
        if (figure->kind == FIGURE_MEAN && isnan(target.mean))
            target.mean = figure->value;
        if (figure->kind == FIGURE_BANDS && isnan(target.bands[0]))
            memcpy(target.bands, figure->bands, sizeof target.bands);
    }
    return target;
}

static struct calibration_figures figures_of(const double *indices, size_t count)
{
    struct calibration_figures figures = {.mean = NAN};
    struct mean mean;
    struct exact squares;
    double n = (double)count;
    mean_init(&mean);
    exact_init(&squares);
    for (size_t i = 0; i < count; i++) {
        mean_add(&mean, indices[i], 1);
        figures.bands[band_of(index_round(indices[i]))] += 1 / n;
    }
    figures.mean = mean_value(&mean);
    for (size_t i = 0; i < count; i++)
        exact_add_product(&squares, indices[i] - figures.mean, indices[i] - figures.mean);
    figures.deviation = sqrt(exact_value(&squares) / (n - 1));
    figures.mean_error = figures.deviation / sqrt(n);
    for (int band = 0; band < 4; band++)
        figures.bands_error[band] = sqrt(fmax(0, figures.bands[band] * (1 - figures.bands[band])) / n);
    return figures;
}

static int number_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Sorts the scores in place. */
static enum status fit(double *scores, size_t count, const struct calibration_target *target,
                       const struct calibration_options *options, struct g *g_out, const char **why_out)
{
    size_t knots = options->knots ? options->knots : CALIBRATION_KNOTS;
    qsort(scores, count, sizeof *scores, number_compare);
    if (options->kind == G_POWER)
        return calibration_power(scores, count, target, g_out, why_out);
    return calibration_quantile(scores, count, target, knots, g_out, why_out);
}

/* --- ten folds --- */

/* What one cross-validation works on; each array has one place an organization. */
struct validation {
    const double *scores;
    size_t count;
    size_t *order;  /* shuffled: the i-th of it belongs to fold i mod CALIBRATION_FOLDS */
    double *others; /* the scores of nine folds */
    double *held;   /* a fold's indices by their g */
    double *indices;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static void shuffle(size_t *order, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)(draw(&seed) % i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

static enum status hold_out(struct validation *validation, size_t fold,
                            const struct calibration_target *target,
                            const struct calibration_options *options, double *mean_out, const char **why_out)
{
    struct g g;
    size_t others = 0, held = 0;
    for (size_t i = 0; i < validation->count; i++)
        if (i % CALIBRATION_FOLDS != fold)
            validation->others[others++] = validation->scores[validation->order[i]];
    enum status status = fit(validation->others, others, target, options, &g, why_out);
    for (size_t i = fold; i < validation->count && status == STATUS_OK; i += CALIBRATION_FOLDS) {
        validation->held[held] = index_g(&g, validation->scores[validation->order[i]], NAN);
        validation->indices[validation->order[i]] = validation->held[held++];
    }
    if (status == STATUS_OK)
        g_deinit(&g);
    *mean_out = held ? figures_of(validation->held, held).mean : (double)NAN;
    return status;
}

static enum status validate(struct validation *validation, const struct calibration_target *target,
                            const struct calibration_options *options, struct calibration *calibration,
                            const char **why_out)
{
    size_t count = validation->count;
    enum status status = STATUS_OK;
    validation->order = calloc(count + 1, sizeof *validation->order);
    validation->others = calloc(count + 1, sizeof *validation->others);
    validation->held = calloc(count + 1, sizeof *validation->held);
    validation->indices = calloc(count + 1, sizeof *validation->indices);
    if (!validation->order || !validation->others || !validation->held || !validation->indices)
        status = STATUS_NO_MEMORY;
    else
        shuffle(validation->order, count, options->seed);
    for (size_t fold = 0; fold < CALIBRATION_FOLDS && status == STATUS_OK; fold++)
        status = hold_out(validation, fold, target, options, &calibration->fold_means[fold], why_out);
    if (status == STATUS_OK)
        calibration->held_out = figures_of(validation->indices, count);
    free(validation->order);
    free(validation->others);
    free(validation->held);
    free(validation->indices);
    return status;
}

/* The whole population: the g that is kept, and what it makes of them. */
static enum status fit_all(double *copy, size_t count, const struct calibration_target *target,
                           const struct calibration_options *options, struct calibration *calibration,
                           const char **why_out)
{
    calibration->raw = figures_of(copy, count);
    enum status status = fit(copy, count, target, options, &calibration->g, why_out);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        copy[i] = index_g(&calibration->g, copy[i], NAN);
    if (status == STATUS_OK)
        calibration->fitted = figures_of(copy, count);
    return status;
}

enum status calibration_fit(const double *scores, size_t count, const struct calibration_target *target,
                            const struct calibration_options *options, struct calibration *calibration_out,
                            const char **why_out)
{
    memset(calibration_out, 0, sizeof *calibration_out);
    *why_out = NULL;
    if (count < 2) {
        *why_out = "it takes two organizations with an index at the very least";
        return STATUS_MISMATCH;
    }
    double *copy = calloc(count, sizeof *copy);
    if (!copy)
        return STATUS_NO_MEMORY;
    memcpy(copy, scores, count * sizeof *copy);
    calibration_out->organizations = count;
    enum status status = fit_all(copy, count, target, options, calibration_out, why_out);
    free(copy);
    struct validation validation = {.scores = scores, .count = count};
    if (status == STATUS_OK)
        status = validate(&validation, target, options, calibration_out, why_out);
    if (status != STATUS_OK)
        calibration_deinit(calibration_out);
    return status;
}

void calibration_deinit(struct calibration *calibration)
{
    g_deinit(&calibration->g);
    memset(calibration, 0, sizeof *calibration);
}

/* --- the file --- */

static cJSON *knots_to_json(const struct g *g)
{
    cJSON *knots = cJSON_CreateArray();
    for (size_t i = 0; knots && i < g->knots_count; i++)
        if (!cJSON_AddItemToArray(knots, cJSON_CreateDoubleArray(g->knots[i], 2))) {
            cJSON_Delete(knots);
            return NULL;
        }
    return knots;
}

/* NULL when memory is out. */
static cJSON *g_to_json(const struct g *g, const struct g_fit *fit)
{
    char date[CALENDAR_TEXT_MAX];
    cJSON *object = cJSON_CreateObject();
    bool power = g->kind == G_POWER;
    calendar_format(fit->day, date);
    bool good = cJSON_AddStringToObject(object, "kind", power ? "power" : "quantile") &&
                cJSON_AddStringToObject(object, "name", fit->name) &&
                cJSON_AddStringToObject(object, "date", date) &&
                cJSON_AddStringToObject(object, "population", fit->population) &&
                (!fit->baseline || cJSON_AddStringToObject(object, "baseline", fit->baseline)) &&
                (isnan(fit->error) || cJSON_AddNumberToObject(object, "error", fit->error));
    if (good && power)
        good = cJSON_AddNumberToObject(object, "gamma", g->gamma);
    if (good && !power) {
        cJSON *knots = knots_to_json(g);
        good = knots && cJSON_AddItemToObject(object, "knots", knots);
    }
    if (good)
        return object;
    cJSON_Delete(object);
    return NULL;
}

enum status calibration_write(const struct calibration *calibration, const char *extends,
                              const struct g_fit *fit, FILE *stream)
{
    cJSON *root = cJSON_CreateObject(), *g = g_to_json(&calibration->g, fit);
    bool good = g && cJSON_AddNumberToObject(root, "auscult_catalogue", 1) &&
                cJSON_AddStringToObject(root, "name", fit->name) &&
                cJSON_AddStringToObject(root, "extends", extends) && cJSON_AddItemToObject(root, "g", g);
    char *text = good ? cJSON_Print(root) : NULL;
    enum status status = !text                                                   ? STATUS_NO_MEMORY
                         : fputs(text, stream) < 0 || fputc('\n', stream) == EOF ? STATUS_SYSTEM
                                                                                 : STATUS_OK;
    if (!good)
        cJSON_Delete(g);
    cJSON_free(text);
    cJSON_Delete(root);
    return status;
}
