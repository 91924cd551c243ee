#include <stdlib.h>

#include "scoring/object.h"
#include "scoring/report/cohort_forms.h"
#include "scoring/report/records.h"
#include "scoring/timestamp.h"

static cJSON *basis_record(const struct cohort_view *view, const struct roster_basis *basis)
{
    struct object object = object_begin();
    object_text(&object, "type", "basis");
    object_text(&object, "catalogue", basis->catalogue);
    object_text(&object, "vantage", basis->vantage);
    object_number(&object, "shard", basis->shard);
    object_number(&object, "shards", basis->shards);
    object_number(&object, "organizations", (double)basis->organizations);
    object_text(&object, "calibration", view->g ? view->g->fit.name : NULL);
    return object_end(&object);
}

static cJSON *rank_record(const struct cohort_view *view, const struct cohort *cohort,
                          const struct cohort_place *place)
{
    const struct cohort_member *member = place->member;
    const struct roster_row *row = &view->roster->rows[member->row];
    char time[TIMESTAMP_TEXT_MAX];
    struct object object = object_begin();
    timestamp_format_ms(row->started_ms, time);
    object_text(&object, "type", "rank");
    object_text(&object, "key", cohort->key);
    object_text(&object, "value", cohort->value);
    object_text(&object, "org", member->organization->id);
    object_number(&object, "rank", (double)place->rank);
    object_number(&object, "of", (double)cohort->organizations);
    object_number(&object, "index", member->index);
    object_number(&object, "index_exact", member->index_exact);
    object_text(&object, "band", band_word(member->band));
    object_text(&object, "gate", band_word(member->gate));
    object_text(&object, "run", row->run);
    object_text(&object, "time", time);
    return object_end(&object);
}

/* Each record in its order, straight to where it goes: a nation's are many. */
static enum status each(const struct cohort_view *view, enum status (*put)(void *context, cJSON *record),
                        void *context)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < view->roster->bases_count && status == STATUS_OK; i++)
        status = put(context, basis_record(view, &view->roster->bases[i]));
    for (size_t i = 0; i < view->cohorts->count && status == STATUS_OK; i++)
        status = put(context, record_cohort(&view->cohorts->items[i]));
    for (size_t i = 0; i < view->cohorts->count && status == STATUS_OK; i++) {
        const struct cohort *cohort = &view->cohorts->items[i];
        for (size_t j = 0; j < cohort->organizations && status == STATUS_OK; j++)
            status = put(context, rank_record(view, cohort, &cohort->places[j]));
    }
    return status;
}

/* Takes the record. */
static enum status put_line(void *stream, cJSON *record)
{
    return record_write(record, stream);
}

static enum status write_lines(const struct report *report, FILE *stream)
{
    return each(report->cohorts, put_line, stream);
}

struct listing {
    FILE *stream;
    const char *before; /* the next entry */
};

static enum status put_entry(void *context, cJSON *record)
{
    struct listing *listing = context;
    bool written = fputs(listing->before, listing->stream) >= 0;
    listing->before = ",";
    enum status status = put_line(listing->stream, record);
    return written ? status : STATUS_SYSTEM;
}

/* { "auscult_cohort": 1, "organizations": …, "without_index": …, "left_out": …, "records": [ … ] } */
static enum status write_document(const struct report *report, FILE *stream)
{
    const struct roster *roster = report->cohorts->roster;
    struct listing listing = {stream, ""};
    fprintf(
        stream,
        "{\"auscult_cohort\":1,\"organizations\":%zu,\"without_index\":%zu,\"left_out\":%zu,\"records\":[\n",
        roster->count, roster->count - roster->with_index, roster->left_out);
    enum status status = each(report->cohorts, put_entry, &listing);
    bool written = fputs("]}\n", stream) >= 0 && !ferror(stream);
    return status == STATUS_OK && !written ? STATUS_SYSTEM : status;
}

const struct report_form cohort_json = {.name = "json", .write = write_document};
const struct report_form cohort_jsonl = {.name = "jsonl", .write = write_lines};

const struct report_form *const cohort_forms[] = {&cohort_table, &cohort_json, &cohort_jsonl, NULL};
