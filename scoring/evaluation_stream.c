#include "scoring/evaluation_stream.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* One organization that has had its turn, or has it. */
struct row {
    char *id;
    const struct organization *described; /* by the scope; NULL: not wanted, or there is no scope */
    struct organization named;            /* without a scope */
    struct scorecard scorecard;
    struct index *index; /* of its own where occurrences are asked for */
};

struct evaluation_stream {
    struct evaluation_options options;
    struct index *index; /* the shared one; or the current row's, not yet handed over */
    struct row **rows;
    size_t count, capacity;
    void *ids;   /* of all rows, a tree of search.h */
    bool wanted; /* the current row's organization is to be evaluated */
    uint64_t findings;
    bool anything_assessed;
};

static void ignore(void *id)
{
    (void)id;
}

static void row_free(struct row *row)
{
    scorecard_deinit(&row->scorecard);
    index_free(&row->index);
    organization_deinit(&row->named);
    free(row->id);
    free(row);
}

enum status evaluation_stream_new(const struct evaluation_options *options,
                                  struct evaluation_stream **stream_out)
{
    struct evaluation_stream *stream = *stream_out = calloc(1, sizeof *stream);
    if (!stream)
        return STATUS_NO_MEMORY;
    stream->options = *options;
    return STATUS_OK;
}

static void forget_rows(struct evaluation_stream *stream)
{
    tdestroy(stream->ids, ignore);
    stream->ids = NULL;
    for (size_t i = 0; i < stream->count; i++)
        row_free(stream->rows[i]);
    stream->count = 0;
}

void evaluation_stream_free(struct evaluation_stream **stream)
{
    if (!*stream)
        return;
    forget_rows(*stream);
    index_free(&(*stream)->index);
    free((*stream)->rows);
    free(*stream);
    *stream = NULL;
}

static int id_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct row *current(const struct evaluation_stream *stream)
{
    return stream->count ? stream->rows[stream->count - 1] : NULL;
}

/* An index for the organization: the shared one again, or one of its own. */
static enum status begin_index(struct evaluation_stream *stream, const struct organization *organization)
{
    const struct index_options options = evaluation_index_options(&stream->options, organization);
    return stream->index ? index_reset(stream->index, &options)
                         : index_new(stream->options.catalogue, &options, &stream->index);
}

static enum status finish(struct evaluation_stream *stream)
{
    struct row *row = current(stream);
    if (!row || !stream->wanted)
        return STATUS_OK;
    stream->wanted = false;
    enum status status = index_score(stream->index, &row->scorecard);
    if (!stream->options.without_occurrences) {
        row->index = stream->index;
        stream->index = NULL;
    }
    return status;
}

static enum status add_row(struct evaluation_stream *stream, const char *id)
{
    if (stream->count == stream->capacity) {
        size_t capacity = stream->capacity ? stream->capacity * 2 : 64;
        struct row **rows = reallocarray(stream->rows, capacity, sizeof *rows);
        if (!rows)
            return STATUS_NO_MEMORY;
        stream->rows = rows;
        stream->capacity = capacity;
    }
    struct row *row = calloc(1, sizeof *row);
    if (!row)
        return STATUS_NO_MEMORY;
    stream->rows[stream->count++] = row;
    row->id = strdup(id);
    return row->id ? STATUS_OK : STATUS_NO_MEMORY;
}

static bool is_wanted(const struct evaluation_stream *stream, const struct row *row)
{
    const char *only = stream->options.only;
    return (row->described || !stream->options.scope) && (!only || strcmp(only, row->id) == 0);
}

/* Its row is the last one. */
static enum status begin(struct evaluation_stream *stream)
{
    struct row *row = current(stream);
    if (!tsearch(row->id, &stream->ids, id_compare))
        return STATUS_NO_MEMORY;
    if (stream->options.scope)
        row->described = scope_organization(stream->options.scope, row->id);
    if (!is_wanted(stream, row))
        return STATUS_OK;
    enum status status =
        stream->options.scope ? STATUS_OK : evaluation_name_organization(row->id, &row->named);
    if (status == STATUS_OK)
        status = begin_index(stream, row->described ? row->described : &row->named);
    stream->wanted = status == STATUS_OK;
    return status;
}

enum status evaluation_stream_enter(struct evaluation_stream *stream, const char *organization)
{
    const struct row *row = current(stream);
    if (row && strcmp(row->id, organization) == 0)
        return STATUS_OK;
    if (tfind(organization, &stream->ids, id_compare))
        return STATUS_MISMATCH;
    enum status status = finish(stream);
    if (status == STATUS_OK)
        status = add_row(stream, organization);
    return status == STATUS_OK ? begin(stream) : status;
}

enum status evaluation_stream_add(struct evaluation_stream *stream, const struct finding *finding)
{
    if (!stream->wanted)
        return STATUS_OK;
    enum status status = index_add(stream->index, finding);
    stream->findings += status == STATUS_OK;
    return status == STATUS_MISMATCH ? STATUS_OK : status;
}

void evaluation_stream_assess(struct evaluation_stream *stream, const char *item)
{
    size_t number = stream->wanted ? catalogue_item(stream->options.catalogue, item) : SIZE_MAX;
    if (number == SIZE_MAX)
        return;
    index_assess(stream->index, number);
    stream->anything_assessed = true;
}

static int row_compare(const void *a, const void *b)
{
    const struct row *const *left = a, *const *right = b;
    return strcmp((*left)->id, (*right)->id);
}

/* Of an organization's id and a row. */
static int find_compare(const void *id, const void *row)
{
    return strcmp(id, (*(const struct row *const *)row)->id);
}

/* Organizations of the scope that nothing came of have their turn now. */
static enum status enter_silent(struct evaluation_stream *stream)
{
    const struct scope *scope = stream->options.scope;
    enum status status = STATUS_OK;
    for (size_t i = 0; scope && i < scope->organizations_count && status == STATUS_OK; i++) {
        status = evaluation_stream_enter(stream, scope->organizations[i].id);
        if (status == STATUS_MISMATCH)
            status = STATUS_OK; /* it had its turn */
    }
    return status == STATUS_OK ? finish(stream) : status;
}

static enum status reserve(struct evaluation *evaluation, size_t count)
{
    evaluation->organizations = calloc(count + 1, sizeof *evaluation->organizations);
    evaluation->scorecards = calloc(count + 1, sizeof *evaluation->scorecards);
    evaluation->indices = calloc(count + 1, sizeof(struct index *));
    evaluation->named = calloc(count + 1, sizeof *evaluation->named);
    return evaluation->organizations && evaluation->scorecards && evaluation->indices && evaluation->named
               ? STATUS_OK
               : STATUS_NO_MEMORY;
}

/* Moves what the row has to the end of the evaluation. */
static void hand_over(struct row *row, struct evaluation *evaluation)
{
    size_t place = evaluation->count++;
    struct organization *named = &evaluation->named[place];
    *named = row->named;
    memset(&row->named, 0, sizeof row->named);
    evaluation->scorecards[place] = row->scorecard;
    memset(&row->scorecard, 0, sizeof row->scorecard);
    evaluation->indices[place] = row->index;
    row->index = NULL;
    const struct organization *organization = row->described ? row->described : named;
    evaluation->organizations[place] =
        (struct report_organization){.organization = organization,
                                     .scorecard = &evaluation->scorecards[place],
                                     .authorized = ranges_size(&organization->ranges)};
}

static void hand_over_all(struct evaluation_stream *stream, struct evaluation *evaluation)
{
    const struct scope *scope = stream->options.scope;
    if (stream->count)
        qsort(stream->rows, stream->count, sizeof *stream->rows, row_compare);
    for (size_t i = 0; !scope && i < stream->count; i++)
        if (is_wanted(stream, stream->rows[i]))
            hand_over(stream->rows[i], evaluation);
    for (size_t i = 0; scope && i < scope->organizations_count; i++) {
        struct row **row = bsearch(scope->organizations[i].id, stream->rows, stream->count,
                                   sizeof *stream->rows, find_compare);
        if (row && is_wanted(stream, *row))
            hand_over(*row, evaluation);
    }
}

enum status evaluation_stream_end(struct evaluation_stream *stream, struct evaluation *evaluation_out)
{
    memset(evaluation_out, 0, sizeof *evaluation_out);
    enum status status = finish(stream);
    if (status == STATUS_OK)
        status = enter_silent(stream);
    if (status == STATUS_OK)
        status = reserve(evaluation_out, stream->count);
    if (status != STATUS_OK)
        return status;
    hand_over_all(stream, evaluation_out);
    forget_rows(stream);
    evaluation_out->findings = stream->findings;
    evaluation_out->assessed_by_findings_only = !stream->anything_assessed;
    return STATUS_OK;
}
