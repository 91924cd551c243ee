#include <math.h>
#include <stdlib.h>

#include "scoring/object.h"
#include "scoring/report/comparison_forms.h"
#include "scoring/report/records.h"

static cJSON *words_object(const struct words *words)
{
    struct object object = object_begin();
    object_text(&object, "zh", words->zh);
    object_text(&object, "en", words->en);
    return object_end(&object);
}

static cJSON *baseline_object(const struct baseline *baseline)
{
    struct object object = object_begin();
    object_text(&object, "name", baseline->name);
    object_text(&object, "date", baseline->date);
    object_add(&object, "population", words_object(&baseline->population));
    object_add(&object, "source", words_object(&baseline->source));
    object_text(&object, "vantage", baseline->vantage_known ? vantage_name(baseline->vantage) : NULL);
    return object_end(&object);
}

static cJSON *subject_record(const struct comparison *comparison)
{
    const struct census *census = comparison->census;
    const struct census_options *subject = comparison->subject;
    struct object object = object_record("subject");
    if (subject->organization)
        object_text(&object, "org", subject->organization);
    else
        object_text(&object, "key", subject->key ? subject->key : "all");
    if (!subject->organization)
        object_text(&object, "value", subject->key ? subject->value : "all");
    object_number(&object, "organizations", (double)census->count);
    object_number(&object, "addresses", census->addresses_known ? (double)census->addresses : (double)NAN);
    object_number(&object, "answered", (double)census->answered);
    object_number(&object, "hosts", (double)census->hosts);
    object_text(&object, "vantage", census->vantage);
    object_add(&object, "baseline", baseline_object(comparison->baseline));
    object_text(&object, "catalogue", comparison->catalogue->name);
    object_text(&object, "g", comparison->indices.applied ? g_label(&comparison->catalogue->g) : NULL);
    object_bool(&object, "calibrated", comparison->calibrated);
    object_number(&object, "confidence", 1 - COMPARISON_LEVEL);
    return object_end(&object);
}

static void add_proportion(struct object *object, struct proportion proportion)
{
    double share = (double)NAN, interval[2] = {(double)NAN, (double)NAN};
    if (comparison_tells(proportion)) {
        share = proportion_share(proportion);
        proportion_wilson(proportion, interval);
    }
    object_number(object, "count", (double)proportion.count);
    object_number(object, "of", (double)proportion.of);
    object_number(object, "share", share);
    object_pair(object, "interval", interval);
}

static cJSON *denominators_object(const struct comparison *comparison, size_t exposure)
{
    struct object all = object_begin();
    for (int i = DENOMINATOR_ADDRESS; i <= DENOMINATOR_ORGANIZATION; i++) {
        struct proportion proportion = census_proportion(comparison->census, exposure, (enum denominator)i);
        struct object one = object_begin();
        add_proportion(&one, proportion);
        cJSON *value = object_end(&one);
        if (proportion.of == 0) {
            cJSON_Delete(value);
            value = cJSON_CreateNull();
        }
        object_add(&all, denominator_word((enum denominator)i), value);
    }
    return object_end(&all);
}

/* Takes the list, that ports_format made. */
static void add_ports(struct object *object, char *ports)
{
    object_add(object, "ports", ports ? cJSON_CreateString(ports) : NULL);
    free(ports);
}

static cJSON *exposure_record(const struct comparison *comparison, size_t number)
{
    static const char *const asked[] = {
        [ASKED_NOWHERE] = "nowhere", [ASKED_PARTLY] = "partly", [ASKED_WHOLLY] = "wholly"};
    const struct exposure *exposure = &comparison->exposures->items[number];
    const struct census_tally *tally = &comparison->census->tallies[number];
    struct object object = object_record("exposure");
    object_text(&object, "id", exposure->id);
    object_text(&object, "zh", exposure->names[LANGUAGE_ZH]);
    object_text(&object, "en", exposure->names[LANGUAGE_EN]);
    add_ports(&object, ports_format(&exposure->ports));
    object_text(&object, "asked", asked[tally->asked]);
    object_number(&object, "hosts", tally->asked == ASKED_NOWHERE ? (double)NAN : (double)tally->hosts);
    object_add(&object, "of", denominators_object(comparison, number));
    return object_end(&object);
}

static void add_word(struct object *object, enum comparison_word word, enum comparison_why why)
{
    object_text(object, "word", comparison_word_name(word, LANGUAGE_EN));
    object_text(object, "why", comparison_why_name(why, LANGUAGE_EN));
}

static cJSON *share_record(const struct comparison *comparison, const struct comparison_share *share)
{
    const struct figure *figure = share->figure;
    struct object object = object_record("comparison");
    object_text(&object, "figure", figure->id);
    if (share->part)
        object_text(&object, "band", share->part);
    else
        add_ports(&object, ports_format(&figure->ports));
    object_add(&object, "population", words_object(figure_population(figure, comparison->baseline)));
    object_text(&object, "denominator", denominator_word(share->denominator));
    object_text(&object, "baseline_denominator", denominator_word(figure->denominator));
    if (share->unlike)
        object_bool(&object, "unlike", true);
    add_proportion(&object, share->proportion);
    object_number(&object, "baseline", share->baseline);
    object_pair(&object, "baseline_interval", share->baseline_interval);
    object_number(&object, "lift", share->lift);
    object_pair(&object, "lift_interval", share->lift_interval);
    object_number(&object, "p_more", share->p_more);
    object_number(&object, "p_two_sided", share->p_two_sided);
    object_number(&object, "p_holm", share->p_holm);
    object_number(&object, "holm", (double)share->family);
    if (!isnan(share->zero_from))
        object_number(&object, "zero_excludes_from", share->zero_from);
    if (share->part)
        object_bool(&object, "calibrated", comparison->calibrated);
    add_word(&object, share->word, share->why);
    return object_end(&object);
}

static cJSON *mean_record(const struct comparison *comparison)
{
    const struct comparison_mean *mean = &comparison->mean;
    const struct census_indices *indices = &comparison->indices;
    struct object object = object_record("comparison_mean");
    object_text(&object, "figure", mean->figure ? mean->figure->id : NULL);
    object_text(&object, "denominator", denominator_word(DENOMINATOR_ORGANIZATION));
    object_number(&object, "organizations", (double)indices->organizations);
    object_number(&object, "mean", indices->mean);
    object_pair(&object, "interval", indices->interval);
    object_number(&object, "baseline", mean->figure ? mean->figure->value : (double)NAN);
    object_bool(&object, "calibrated", comparison->calibrated);
    add_word(&object, mean->word, mean->why);
    return object_end(&object);
}

/* Each record in its order. */
static enum status each(const struct comparison *comparison, enum status (*put)(void *context, cJSON *record),
                        void *context)
{
    enum status status = put(context, subject_record(comparison));
    for (size_t i = 0; i < comparison->exposures->count && status == STATUS_OK; i++)
        status = put(context, exposure_record(comparison, i));
    for (size_t i = 0; i < comparison->shares_count && status == STATUS_OK; i++)
        status = put(context, share_record(comparison, &comparison->shares[i]));
    if (status == STATUS_OK)
        status = put(context, mean_record(comparison));
    for (size_t i = 0; i < comparison->bands_count && status == STATUS_OK; i++)
        status = put(context, share_record(comparison, &comparison->bands[i]));
    return status;
}

/* Takes the record. */
static enum status put_line(void *stream, cJSON *record)
{
    return record_write(record, stream);
}

static enum status write_lines(const struct report *report, FILE *stream)
{
    return each(report->comparison, put_line, stream);
}

/* Takes the record. */
static enum status put_entry(void *list, cJSON *record)
{
    if (record && cJSON_AddItemToArray(list, record))
        return STATUS_OK;
    cJSON_Delete(record);
    return STATUS_NO_MEMORY;
}

/* { "auscult_comparison": 1, "records": [ … ] } */
static enum status write_document(const struct report *report, FILE *stream)
{
    struct object object = object_begin();
    cJSON *list = cJSON_CreateArray();
    object_number(&object, "auscult_comparison", 1);
    object_add(&object, "records", list);
    cJSON *document = object_end(&object);
    enum status status = document ? each(report->comparison, put_entry, list) : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        return record_write(document, stream);
    cJSON_Delete(document);
    return status;
}

const struct report_form comparison_json = {.name = "json", .write = write_document};
const struct report_form comparison_jsonl = {.name = "jsonl", .write = write_lines};

const struct report_form *const comparison_forms[] = {&comparison_table, &comparison_json, &comparison_jsonl,
                                                      NULL};
