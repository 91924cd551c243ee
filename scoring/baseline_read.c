#include "scoring/baseline_read.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/catalogue_read.h"
#include "scoring/index.h"
#include "targets/calendar.h"

#define COUNT_MOST   9007199254740992.0 /* whole numbers beyond it are no longer apart in a double */
#define SHARE_WITHIN 0.005              /* a printed share and its count */
#define BANDS_WITHIN 0.02               /* four shares that were rounded to whole percents */

const char *const denominator_words[] = {"address", "answered", "host", "organization",
                                         "other",   "unknown",  NULL};
const char *const figure_bounds[] = {"exact", "about", "above", "below", NULL};

struct reading {
    struct fields fields;
    struct baseline *baseline;
};

/* A whole number of any size; false when the member is absent or wrong. */
static bool read_count(struct fields *fields, const cJSON *object, const char *name, uint64_t *count_out)
{
    const cJSON *member = fields_typed(fields, object, name, cJSON_Number, FIELD_OPTIONAL, "484");
    if (!member)
        return false;
    double number = member->valuedouble;
    if (number >= 0 && number <= COUNT_MOST && number == floor(number)) {
        *count_out = (uint64_t)number;
        return true;
    }
    fields_complain(fields, member, "\"%s\" must be a whole number, 0 or more; write 484", name);
    return false;
}

static void read_ports(struct fields *fields, const cJSON *entry, struct figure *figure)
{
    const cJSON *member =
        fields_typed(fields, entry, "ports", cJSON_String, FIELD_OPTIONAL, "\"22,3389,161/udp\"");
    const char *why = "";
    size_t at = 0;
    if (!member)
        return;
    if (figure->kind != FIGURE_SHARE)
        fields_complain(fields, member, "\"ports\" belongs to a \"share\" only; remove it");
    enum status status = ports_parse(&figure->ports, member->valuestring, &why, &at);
    if (status == STATUS_WRONG_FILE)
        fields_complain(fields, member, "\"%s\" is no list of ports, at character %zu: %s",
                        quoted(member->valuestring).text, at + 1, why);
    else if (fields_keep(fields, status) && figure->ports.count == 0)
        fields_complain(fields, member, "\"ports\" names no port; write \"3306\" or remove it");
}

/* The count is the share's value where it agrees with it. */
static void settle_count(struct fields *fields, const cJSON *place, struct figure *figure)
{
    double count = (double)figure->count, of = (double)figure->of;
    if (count > of)
        fields_complain(fields, place, "%.0f of %.0f are too many; \"count\" is at most \"of\"", count, of);
    else if (fabs(count / of - figure->value) > SHARE_WITHIN) /* never for NAN, where no share is given */
        fields_complain(
            fields, place,
            "%.0f of %.0f are %.4f, but \"share\" says %g; mend one of them, or leave \"share\" out", count,
            of, count / of, figure->value);
    else
        figure->value = count / of;
}

static void read_sample(struct fields *fields, const cJSON *entry, struct figure *figure)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(entry, "count");
    const cJSON *of = cJSON_GetObjectItemCaseSensitive(entry, "of");
    bool of_known = read_count(fields, entry, "of", &figure->of);
    figure->count_known = read_count(fields, entry, "count", &figure->count);
    if (of_known && figure->of == 0)
        fields_complain(fields, of,
                        "\"of\" is 0, and nothing is no share of nothing; write how many there "
                        "were, or remove it");
    else if (figure->count_known && figure->kind != FIGURE_SHARE)
        fields_complain(fields, count, "\"count\" belongs to a \"share\" only; remove it");
    else if (figure->count_known && !of)
        fields_complain(fields, count, "\"count\" says how many, but not of how many; add \"of\": 484");
    else if (figure->count_known && of_known)
        settle_count(fields, count, figure);
}

static void read_bands(struct fields *fields, const cJSON *bands, struct figure *figure)
{
    static const char *const known[] = {"excellent", "good", "fair", "poor", NULL};
    if (!fields_is(fields, bands, cJSON_Object, "bands", "{ \"excellent\": 0.22, … }"))
        return;
    document_refuse_unknown(fields->document, bands, known, fields->complaints);
    double sum = 0;
    size_t before = fields_complaints(fields->complaints);
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--) {
        fields_number(fields, bands, band_word((enum band)band), FIELD_REQUIRED, 0, 1, "0.22",
                      &figure->bands[band]);
        sum += figure->bands[band];
    }
    if (fields_complaints(fields->complaints) == before && fabs(sum - 1) > BANDS_WITHIN)
        fields_complain(fields, bands, "the four bands come to %g, not to 1; write shares of all", sum);
}

static void read_interval(struct fields *fields, const cJSON *entry, struct figure *figure)
{
    const char *example = "[705, 813]";
    const cJSON *pair = fields_typed(fields, entry, "interval", cJSON_Array, FIELD_OPTIONAL, example);
    if (!pair)
        return;
    const cJSON *low = pair->child, *high = low ? low->next : NULL;
    if (figure->kind != FIGURE_MEAN)
        fields_complain(fields, pair, "\"interval\" belongs to a \"mean\" only; remove it");
    else if (!cJSON_IsNumber(low) || !cJSON_IsNumber(high) || high->next ||
             !(0 <= low->valuedouble && low->valuedouble <= high->valuedouble && high->valuedouble <= 1000))
        fields_complain(fields, pair, "\"interval\" is two numbers from 0 to 1000, the lower first; write %s",
                        example);
    else {
        figure->interval[0] = low->valuedouble;
        figure->interval[1] = high->valuedouble;
    }
}

/* Which one value the figure has; false when it has none or several. */
static bool read_kind(struct fields *fields, const cJSON *entry, struct figure *figure)
{
    static const char *const values[] = {"share", "mean", "bands", "number"}; /* by enum figure_kind */
    size_t found = 0;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (cJSON_GetObjectItemCaseSensitive(entry, values[i])) {
            figure->kind = (enum figure_kind)i;
            found++;
        }
    if (found == 0 && cJSON_GetObjectItemCaseSensitive(entry, "count")) {
        figure->kind = FIGURE_SHARE;
        return true;
    }
    if (found != 1)
        fields_complain(
            fields, entry,
            "a figure has one value; write one of \"share\": 0.0343, \"mean\": 759, \"bands\": {…}, "
            "\"number\": 956");
    return found == 1;
}

static void read_value(struct fields *fields, const cJSON *entry, struct figure *figure)
{
    switch (figure->kind) {
    case FIGURE_SHARE:
        fields_number(fields, entry, "share", FIELD_OPTIONAL, 0, 1, "0.0343", &figure->value);
        break;
    case FIGURE_MEAN:
        fields_number(fields, entry, "mean", FIELD_REQUIRED, 0, 1000, "759", &figure->value);
        break;
    case FIGURE_BANDS:
        read_bands(fields, cJSON_GetObjectItemCaseSensitive(entry, "bands"), figure);
        break;
    case FIGURE_NUMBER:
        fields_number(fields, entry, "number", FIELD_REQUIRED, 0, DBL_MAX, "956", &figure->value);
        break;
    }
}

static void read_figure(struct fields *fields, const cJSON *entry, struct figure *figure)
{
    static const char *const known[] = {"id",          "zh",    "en",       "population", "note",   "ports",
                                        "denominator", "share", "mean",     "bands",      "number", "bound",
                                        "count",       "of",    "interval", NULL};
    int denominator = DENOMINATOR_UNKNOWN, bound = BOUND_EXACT;
    document_refuse_unknown(fields->document, entry, known, fields->complaints);
    fields_text(fields, entry, "zh", FIELD_REQUIRED, "\"3306 端口开放\"", &figure->name.zh);
    fields_text(fields, entry, "en", FIELD_REQUIRED, "\"Port 3306 open\"", &figure->name.en);
    catalogue_read_words(fields, entry, "population", &figure->population);
    catalogue_read_words(fields, entry, "note", &figure->note);
    figure->interval[0] = figure->interval[1] = figure->value = (double)NAN;
    if (!read_kind(fields, entry, figure))
        return;
    enum presence presence = figure->kind == FIGURE_SHARE ? FIELD_REQUIRED : FIELD_OPTIONAL;
    fields_choice(fields, entry, "denominator", presence, denominator_words, &denominator);
    fields_choice(fields, entry, "bound", FIELD_OPTIONAL, figure_bounds, &bound);
    figure->denominator = (enum denominator)denominator;
    figure->bound = (enum figure_bound)bound;
    read_value(fields, entry, figure);
    read_sample(fields, entry, figure);
    read_interval(fields, entry, figure);
    read_ports(fields, entry, figure);
}

static void read_figures(struct reading *reading, const cJSON *root)
{
    struct fields *fields = &reading->fields;
    struct baseline *baseline = reading->baseline;
    const cJSON *list = fields_typed(fields, root, "figures", cJSON_Array, FIELD_REQUIRED, "[…]");
    if (!list)
        return;
    size_t count = (size_t)cJSON_GetArraySize(list);
    if (count == 0 || count > BASELINE_FIGURES_MAX) {
        fields_complain(fields, list, "\"figures\" has %zu entries; a baseline has 1 to %d", count,
                        BASELINE_FIGURES_MAX);
        return;
    }
    baseline->figures = fields_array(fields, count, sizeof *baseline->figures);
    for (const cJSON *entry = list->child; entry && baseline->figures; entry = entry->next) {
        const char *id = fields_entry_id(fields, list, entry, "\"open-3306\"");
        if (!id)
            continue;
        struct figure *figure = &baseline->figures[baseline->figures_count++];
        figure->id = fields_copy(fields, id);
        read_figure(fields, entry, figure);
    }
}

static void read_vantage(struct reading *reading, const cJSON *root)
{
    struct fields *fields = &reading->fields;
    const char *example = "\"internet\"";
    const cJSON *member = fields_typed(fields, root, "vantage", cJSON_String, FIELD_OPTIONAL, example);
    if (!member)
        return;
    reading->baseline->vantage_known = vantage_parse(member->valuestring, &reading->baseline->vantage);
    if (!reading->baseline->vantage_known)
        fields_complain(fields, member, "\"vantage\" must be one of \"internet\", \"partner\", \"internal\"");
}

/* A year, a month or a day. */
static void read_date(struct reading *reading, const cJSON *root)
{
    struct fields *fields = &reading->fields;
    const char *example = "\"2018-08\"";
    char whole[24];
    int day;
    const cJSON *member = fields_typed(fields, root, "date", cJSON_String, FIELD_REQUIRED, example);
    if (!member)
        return;
    size_t size = strlen(member->valuestring);
    snprintf(whole, sizeof whole, "%.11s%s", member->valuestring,
             size == 4   ? "-01-01"
             : size == 7 ? "-01"
                         : "");
    if (calendar_parse(whole, &day))
        reading->baseline->date = fields_copy(fields, member->valuestring);
    else
        fields_complain(
            fields, member,
            "\"%s\" is no year, month or day of the calendar; write \"2018\", %s or \"2018-08-31\"",
            quoted(member->valuestring).text, example);
}

static void read_root(struct reading *reading, const cJSON *root)
{
    static const char *const known[] = {"auscult_baseline", "name",      "date", "population", "source",
                                        "vantage",          "catalogue", "g",    "figures",    NULL};
    struct fields *fields = &reading->fields;
    struct baseline *baseline = reading->baseline;
    if (!fields_is(fields, root, cJSON_Object, "baseline", "{ \"auscult_baseline\": 1, … }"))
        return;
    const cJSON *layout = fields_member(fields, root, "auscult_baseline", FIELD_REQUIRED, "1");
    if (layout && !(cJSON_IsNumber(layout) && layout->valuedouble == 1))
        fields_complain(fields, layout, "\"auscult_baseline\" must be 1, the layout that this program reads");
    document_refuse_unknown(fields->document, root, known, fields->complaints);
    const cJSON *name = fields_member(fields, root, "name", FIELD_REQUIRED, "\"our-province-2026\"");
    if (name && fields_is_id(fields, name, "name", "\"our-province-2026\""))
        baseline->name = fields_copy(fields, name->valuestring);
    read_date(reading, root);
    fields_member(fields, root, "population", FIELD_REQUIRED, "{ \"zh\": \"…\", \"en\": \"…\" }");
    fields_member(fields, root, "source", FIELD_REQUIRED, "{ \"zh\": \"…\", \"en\": \"…\" }");
    catalogue_read_words(fields, root, "population", &baseline->population);
    catalogue_read_words(fields, root, "source", &baseline->source);
    read_vantage(reading, root);
    fields_text(fields, root, "catalogue", FIELD_OPTIONAL, "\"cn-medical-2018+auscult-2026\"",
                &baseline->catalogue);
    fields_text(fields, root, "g", FIELD_OPTIONAL, "\"identity\"", &baseline->g);
    read_figures(reading, root);
}

enum status baseline_read(struct baseline *baseline, const struct document *document,
                          struct complaints *complaints)
{
    struct reading reading = {{document, complaints, text_unsafe, STATUS_OK}, baseline};
    size_t before = fields_complaints(complaints);
    read_root(&reading, document->root);
    if (reading.fields.status != STATUS_OK)
        return reading.fields.status;
    return fields_complaints(complaints) > before ? STATUS_WRONG_FILE : STATUS_OK;
}
