#include <math.h>
#include <stdlib.h>

#include "scoring/baseline_read.h"
#include "scoring/index.h"
#include "scoring/object.h"

/* What is not known is left out, as the reader has it. */
static void add_text(struct object *object, const char *name, const char *text)
{
    if (text && text[0])
        object_text(object, name, text);
}

static void add_words(struct object *object, const char *name, const struct words *words)
{
    if (!words->zh && !words->en)
        return;
    struct object both = object_begin();
    add_text(&both, "zh", words->zh);
    add_text(&both, "en", words->en);
    object_add(object, name, object_end(&both));
}

static cJSON *bands_object(const struct figure *figure)
{
    struct object bands = object_begin();
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        object_number(&bands, band_word((enum band)band), figure->bands[band]);
    return object_end(&bands);
}

static void add_value(struct object *object, const struct figure *figure)
{
    static const char *const names[] = {
        [FIGURE_SHARE] = "share", [FIGURE_MEAN] = "mean", [FIGURE_NUMBER] = "number"};
    if (figure->kind == FIGURE_BANDS)
        object_add(object, "bands", bands_object(figure));
    else
        object_number(object, names[figure->kind], figure->value);
    add_text(object, "bound", figure_bound_word(figure->bound));
    if (figure->count_known)
        object_number(object, "count", (double)figure->count);
    if (figure->of)
        object_number(object, "of", (double)figure->of);
    if (!isnan(figure->interval[0]))
        object_pair(object, "interval", figure->interval);
}

static cJSON *figure_object(const struct figure *figure)
{
    struct object object = object_begin();
    char *ports = figure->ports.count ? ports_format(&figure->ports) : NULL;
    add_text(&object, "id", figure->id);
    add_text(&object, "zh", figure->name.zh);
    add_text(&object, "en", figure->name.en);
    add_words(&object, "population", &figure->population);
    if (figure->ports.count)
        object_add(&object, "ports", ports ? cJSON_CreateString(ports) : NULL);
    if (figure->kind != FIGURE_NUMBER)
        add_text(&object, "denominator", denominator_word(figure->denominator));
    add_value(&object, figure);
    add_words(&object, "note", &figure->note);
    free(ports);
    return object_end(&object);
}

static cJSON *head_object(const struct baseline *baseline)
{
    struct object object = object_begin();
    object_number(&object, "auscult_baseline", 1);
    add_text(&object, "name", baseline->name);
    add_text(&object, "date", baseline->date);
    add_words(&object, "population", &baseline->population);
    add_words(&object, "source", &baseline->source);
    add_text(&object, "vantage", baseline->vantage_known ? vantage_name(baseline->vantage) : NULL);
    add_text(&object, "catalogue", baseline->catalogue);
    add_text(&object, "g", baseline->g);
    return object_end(&object);
}

static enum status put(FILE *stream, const char *before, const cJSON *value, const char *after)
{
    char *text = value ? cJSON_PrintUnformatted(value) : NULL;
    if (!text)
        return STATUS_NO_MEMORY;
    bool put = fprintf(stream, "%s%s%s", before, text, after) >= 0;
    cJSON_free(text);
    return put ? STATUS_OK : STATUS_SYSTEM;
}

/* A member a line, and a figure a line, so that a person can change it. */
static enum status write_head(const cJSON *head, FILE *stream)
{
    enum status status = head ? STATUS_OK : STATUS_NO_MEMORY;
    for (const cJSON *member = head ? head->child : NULL; member && status == STATUS_OK;
         member = member->next) {
        char before[64];
        snprintf(before, sizeof before, "%s \"%s\": ", member == head->child ? "{" : " ", member->string);
        status = put(stream, before, member, ",\n");
    }
    return status;
}

enum status baseline_write(const struct baseline *baseline, FILE *stream)
{
    cJSON *head = head_object(baseline);
    enum status status = write_head(head, stream);
    cJSON_Delete(head);
    if (status == STATUS_OK && fputs("  \"figures\": [", stream) < 0)
        status = STATUS_SYSTEM;
    for (size_t i = 0; i < baseline->figures_count && status == STATUS_OK; i++) {
        cJSON *object = figure_object(&baseline->figures[i]);
        status = put(stream, i ? ",\n    " : "\n    ", object, "");
        cJSON_Delete(object);
    }
    if (status == STATUS_OK && fputs(" ]\n}\n", stream) < 0)
        status = STATUS_SYSTEM;
    return status;
}
