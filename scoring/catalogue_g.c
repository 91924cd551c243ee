#include <math.h>
#include <stdlib.h>

#include "scoring/catalogue_read.h"

#define KNOTS_MAX  1000
#define INDEX_MOST 1000.0
/* What calibrate writes beside the map itself. */
#define FIT_MEMBERS "name", "date", "population", "baseline", "error"

void g_deinit(struct g *g)
{
    free(g->knots);
    free(g->fit.name);
    free(g->fit.population);
    free(g->fit.baseline);
    *g = (struct g){.gamma = 1};
}

const char *g_label(const struct g *g)
{
    return g->kind == G_IDENTITY ? "identity" : g->fit.name;
}

static void read_power(struct fields *fields, const cJSON *object, struct g *g)
{
    static const char *const known[] = {"kind", "gamma", "kappa", "f_ref", FIT_MEMBERS, NULL};
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    fields_number(fields, object, "gamma", FIELD_REQUIRED, 0.01, 100, "1.5", &g->gamma);
    fields_number(fields, object, "kappa", FIELD_OPTIONAL, 0, 100, "0", &g->kappa);
    fields_number(fields, object, "f_ref", FIELD_OPTIONAL, -1e6, 1e6, "0", &g->f_ref);
}

static bool read_knot(struct fields *fields, const cJSON *pair, double knot_out[2])
{
    if (!fields_is(fields, pair, cJSON_Array, "knots", "[[0, 0], [500, 600], [1000, 1000]]"))
        return false;
    size_t i = 0;
    for (const cJSON *number = pair->child; number; number = number->next, i++) {
        if (i >= 2 || !cJSON_IsNumber(number) || number->valuedouble < 0 ||
            number->valuedouble > INDEX_MOST) {
            fields_complain(fields, number, "a knot is two numbers from 0 to 1000, [raw, index]");
            return false;
        }
        knot_out[i] = number->valuedouble;
    }
    if (i != 2)
        fields_complain(fields, pair, "a knot is two numbers from 0 to 1000, [raw, index]");
    return i == 2;
}

/* A map that falls somewhere would reward a weakness. */
static void check_rise(struct fields *fields, const cJSON *pair, const double before[2], const double here[2])
{
    if (here[0] <= before[0])
        fields_complain(fields, pair,
                        "the raw score %g does not rise above %g of the knot before; sort the "
                        "knots by it, each once",
                        here[0], before[0]);
    else if (here[1] < before[1])
        fields_complain(fields, pair,
                        "the index falls here, from %g to %g; write %g or more, g must never fall", before[1],
                        here[1], before[1]);
}

static void read_quantile(struct catalogue_reading *reading, const cJSON *object, struct g *g)
{
    static const char *const known[] = {"kind", "knots", FIT_MEMBERS, NULL};
    struct fields *fields = &reading->fields;
    document_refuse_unknown(fields->document, object, known, fields->complaints);
    const char *example = "[[0, 0], [500, 600], [1000, 1000]]";
    const cJSON *knots = fields_member(fields, object, "knots", FIELD_REQUIRED, example);
    if (!knots || !fields_is(fields, knots, cJSON_Array, "knots", example))
        return;
    size_t count = (size_t)cJSON_GetArraySize(knots);
    if (count < 2 || count > KNOTS_MAX) {
        fields_complain(fields, knots, "\"knots\" are 2 to %d pairs; write %s", KNOTS_MAX, example);
        return;
    }
    g->knots = calloc(count, sizeof *g->knots);
    if (!g->knots) {
        fields->status = STATUS_NO_MEMORY;
        return;
    }
    for (const cJSON *pair = knots->child; pair; pair = pair->next) {
        if (!read_knot(fields, pair, g->knots[g->knots_count]))
            return;
        if (g->knots_count > 0)
            check_rise(fields, pair, g->knots[g->knots_count - 1], g->knots[g->knots_count]);
        g->knots_count++;
    }
}

/* A name without the rest would be one that nobody can check. */
static void read_fit(struct fields *fields, const cJSON *object, struct g_fit *fit)
{
    static const char *const members[] = {FIT_MEMBERS};
    bool fitted = false;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        fitted |= cJSON_GetObjectItemCaseSensitive(object, members[i]) != NULL;
    fit->error = (double)NAN;
    if (!fitted)
        return;
    fields_text(fields, object, "name", FIELD_REQUIRED, "\"calibrated-2026-11-26\"", &fit->name);
    fit->day = fields_day(fields, object, "date", "\"2026-11-26\"");
    fields_text(fields, object, "population", FIELD_REQUIRED, "\"956 organizations\"", &fit->population);
    fields_text(fields, object, "baseline", FIELD_OPTIONAL, "\"cn-2018-08\"", &fit->baseline);
    fields_number(fields, object, "error", FIELD_OPTIONAL, 0, INDEX_MOST, "4.9", &fit->error);
}

void catalogue_read_g(struct catalogue_reading *reading, const cJSON *object)
{
    static const char *const kinds[] = {"identity", "power", "quantile", NULL};
    static const char *const known[] = {"kind", NULL};
    struct fields *fields = &reading->fields;
    struct g *g = &reading->catalogue->g;
    int kind = -1;
    if (!fields_is(fields, object, cJSON_Object, "g", "{\"kind\": \"identity\"}"))
        return;
    fields_choice(fields, object, "kind", FIELD_REQUIRED, kinds, &kind);
    if (kind < 0)
        return;
    g_deinit(g);
    *g = (struct g){.kind = (enum g_kind)kind, .gamma = 1};
    if (g->kind != G_IDENTITY)
        read_fit(fields, object, &g->fit);
    if (g->kind == G_POWER)
        read_power(fields, object, g);
    else if (g->kind == G_QUANTILE)
        read_quantile(reading, object, g);
    else
        document_refuse_unknown(fields->document, object, known, fields->complaints);
}
