#include "scoring/baseline_build.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scoring/timestamp.h"

struct building {
    struct baseline *baseline;
    enum status status;
};

static char *copy(struct building *building, const char *text)
{
    char *made = strdup(text);
    if (!made)
        building->status = STATUS_NO_MEMORY;
    return made;
}

__attribute__((format(printf, 2, 3))) static char *format(struct building *building, const char *text, ...)
{
    char *made = NULL;
    va_list arguments;
    va_start(arguments, text);
    if (vasprintf(&made, text, arguments) < 0) {
        building->status = STATUS_NO_MEMORY;
        made = NULL;
    }
    va_end(arguments);
    return made;
}

static struct figure *add(struct building *building, const char *id, enum figure_kind kind,
                          enum denominator denominator)
{
    struct figure *figure = &building->baseline->figures[building->baseline->figures_count++];
    *figure = (struct figure){.id = copy(building, id),
                              .kind = kind,
                              .denominator = denominator,
                              .value = (double)NAN,
                              .interval = {(double)NAN, (double)NAN}};
    return figure;
}

static void add_exposure(struct building *building, const struct census *census,
                         const struct exposures *exposures, size_t number, enum denominator denominator)
{
    const struct exposure *exposure = &exposures->items[number];
    struct proportion proportion = census_proportion(census, number, denominator);
    char id[128];
    if (proportion.of == 0)
        return;
    snprintf(id, sizeof id, "%.24s-%s", exposure->id, denominator_word(denominator));
    struct figure *figure = add(building, id, FIGURE_SHARE, denominator);
    figure->name.zh = copy(building, exposure->names[LANGUAGE_ZH]);
    figure->name.en = copy(building, exposure->names[LANGUAGE_EN]);
    figure->value = proportion_share(proportion);
    figure->count = proportion.count;
    figure->of = proportion.of;
    figure->count_known = true;
    figure->bound = census->tallies[number].asked == ASKED_WHOLLY ? BOUND_EXACT : BOUND_ABOVE;
    if (building->status == STATUS_OK)
        building->status = ports_copy(&figure->ports, &exposure->ports);
}

static void add_indices(struct building *building, const struct census_indices *indices)
{
    if (indices->organizations == 0)
        return;
    struct figure *mean = add(building, "index-mean", FIGURE_MEAN, DENOMINATOR_ORGANIZATION);
    mean->name = (struct words){copy(building, "指数平均"), copy(building, "Mean index")};
    mean->value = indices->mean;
    mean->of = indices->organizations;
    memcpy(mean->interval, indices->interval, sizeof mean->interval);
    struct figure *bands = add(building, "index-bands", FIGURE_BANDS, DENOMINATOR_ORGANIZATION);
    bands->name = (struct words){copy(building, "各等级机构占比"), copy(building, "Organizations by band")};
    bands->of = indices->organizations;
    for (size_t i = 0; i < 4; i++)
        bands->bands[i] = (double)indices->bands[i] / (double)indices->organizations;
}

/* The day of the newest run, and that of the oldest in the source's words. */
static void add_times(struct building *building, const struct census *census)
{
    int64_t first = census->members[0].row->started_ms, last = first;
    char from[TIMESTAMP_TEXT_MAX], until[TIMESTAMP_TEXT_MAX];
    for (size_t i = 1; i < census->count; i++) {
        int64_t started_ms = census->members[i].row->started_ms;
        first = started_ms < first ? started_ms : first;
        last = started_ms > last ? started_ms : last;
    }
    timestamp_format(first / 1000, from);
    timestamp_format(last / 1000, until);
    building->baseline->date = format(building, "%.10s", until);
    building->baseline->source.zh = format(building, "auscult 扫描，%.10s 至 %.10s（UTC）", from, until);
    building->baseline->source.en = format(building, "scans of auscult, %.10s to %.10s (UTC)", from, until);
}

static void add_population(struct building *building, const struct census *census,
                           const struct census_options *subject)
{
    struct words *population = &building->baseline->population;
    if (subject->key) {
        population->zh = format(building, "%zu 家机构，%s = %s", census->count, subject->key, subject->value);
        population->en =
            format(building, "%zu organizations, %s = %s", census->count, subject->key, subject->value);
    } else {
        population->zh = format(building, "%zu 家机构", census->count);
        population->en = format(building, "%zu organizations", census->count);
    }
}

static void add_head(struct building *building, const struct census *census,
                     const struct catalogue *catalogue, const struct census_options *subject, bool applied)
{
    struct baseline *baseline = building->baseline;
    const char *label = applied ? g_label(&catalogue->g) : NULL;
    add_times(building, census);
    add_population(building, census, subject);
    baseline->vantage_known = census->vantage && vantage_parse(census->vantage, &baseline->vantage);
    baseline->catalogue = applied ? copy(building, catalogue->name) : NULL;
    baseline->g = label ? copy(building, label) : NULL;
}

enum status baseline_build(const struct census *census, const struct exposures *exposures,
                           const struct catalogue *catalogue, const struct census_options *subject,
                           const char *name, struct baseline *baseline_out)
{
    struct building building = {baseline_out, STATUS_OK};
    struct census_indices indices;
    *baseline_out = (struct baseline){0};
    enum status status = census_indices(census, catalogue, &indices);
    baseline_out->figures = calloc(4 * exposures->count + 2, sizeof *baseline_out->figures);
    if (status == STATUS_OK && !baseline_out->figures)
        status = STATUS_NO_MEMORY;
    if (status != STATUS_OK)
        return status;
    baseline_out->name = copy(&building, name);
    add_head(&building, census, catalogue, subject, indices.applied);
    for (size_t i = 0; i < exposures->count; i++)
        for (int denominator = DENOMINATOR_ADDRESS; denominator <= DENOMINATOR_ORGANIZATION; denominator++)
            add_exposure(&building, census, exposures, i, (enum denominator)denominator);
    add_indices(&building, &indices);
    if (building.status == STATUS_OK && baseline_out->figures_count == 0)
        building.status = STATUS_MISMATCH;
    if (building.status != STATUS_OK)
        baseline_deinit(baseline_out);
    return building.status;
}
