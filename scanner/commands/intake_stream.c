#include <stdlib.h>
#include <string.h>

#include "scanner/commands/intake.h"

/* Records that stand organization by organization need no store: each organization is scored as it ends, and
   its findings are read again where a report shows them. */

/* Where the records of an organization stand. */
struct stretch {
    char *organization;
    const char *path; /* borrowed */
    uint64_t begin, end;
};

static void forget_stretches(struct intake *intake)
{
    for (size_t i = 0; i < intake->stretches_count; i++)
        free(intake->stretches[i].organization);
    free(intake->stretches);
    intake->stretches = NULL;
    intake->stretches_count = intake->stretches_capacity = 0;
}

enum status intake_stream_begin(struct intake *intake, const struct evaluation_options *options)
{
    return evaluation_stream_new(options, &intake->stream);
}

void intake_stream_end(struct intake *intake)
{
    evaluation_stream_free(&intake->stream);
    forget_stretches(intake);
    if (intake->again_path && strcmp(intake->again_path, "-") != 0)
        input_close(&intake->again);
    intake->again_path = NULL;
}

enum status intake_begin_again(struct intake *intake)
{
    intake_stream_end(intake);
    intake->observations = intake->findings = intake->assessed = 0;
    intake->disordered = false;
    return intake->standard_opened ? input_back(&intake->standard, 0) : STATUS_OK;
}

static enum status add_stretch(struct intake *intake, const char *organization)
{
    if (intake->stretches_count == intake->stretches_capacity) {
        size_t capacity = intake->stretches_capacity ? intake->stretches_capacity * 2 : 64;
        struct stretch *grown = reallocarray(intake->stretches, capacity, sizeof *grown);
        if (!grown)
            return STATUS_NO_MEMORY;
        intake->stretches = grown;
        intake->stretches_capacity = capacity;
    }
    struct stretch *stretch = &intake->stretches[intake->stretches_count];
    *stretch = (struct stretch){strdup(organization), intake->place.path, intake->place.begin, 0};
    intake->stretches_count += stretch->organization != NULL;
    return stretch->organization ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status intake_stream_enter(struct intake *intake, const char *organization)
{
    struct stretch *last = intake->stretches_count ? &intake->stretches[intake->stretches_count - 1] : NULL;
    bool same = last && strcmp(last->organization, organization) == 0;
    enum status status = STATUS_OK;
    /* One that goes on in another file is as good as one that comes back. */
    if (same && last->path != intake->place.path)
        status = STATUS_MISMATCH;
    if (status == STATUS_OK && !same)
        status = evaluation_stream_enter(intake->stream, organization);
    if (status == STATUS_OK && !same)
        status = add_stretch(intake, organization);
    if (status == STATUS_OK)
        intake->stretches[intake->stretches_count - 1].end = intake->place.end;
    intake->disordered |= status == STATUS_MISMATCH;
    return status;
}

static int stretch_compare(const void *a, const void *b)
{
    const struct stretch *left = a, *right = b;
    return strcmp(left->organization, right->organization);
}

/* Of an organization's id and a stretch. */
static int find_compare(const void *id, const void *stretch)
{
    return strcmp(id, ((const struct stretch *)stretch)->organization);
}

static const struct stretch *find_stretch(struct intake *intake, const char *organization)
{
    if (intake->stretches_count == 0)
        return NULL;
    if (!intake->sorted)
        qsort(intake->stretches, intake->stretches_count, sizeof *intake->stretches, stretch_compare);
    intake->sorted = true;
    return bsearch(organization, intake->stretches, intake->stretches_count, sizeof *intake->stretches,
                   find_compare);
}

/* Opens the file that was read last again, unless it still is open. */
static enum status open_again(struct intake *intake, const char *path, struct input **input_out)
{
    *input_out = strcmp(path, "-") == 0 ? &intake->standard : &intake->again;
    if (*input_out == &intake->standard || intake->again_path == path)
        return STATUS_OK;
    if (intake->again_path)
        input_close(&intake->again);
    intake->again_path = NULL;
    enum status status = input_open(&intake->again, path, false);
    if (status == STATUS_OK)
        intake->again_path = path;
    return status;
}

enum status intake_stream_each_finding(void *context, const char *organization,
                                       void (*each)(void *each_context, const struct finding *finding),
                                       void *each_context)
{
    struct intake *intake = context;
    const struct stretch *stretch = find_stretch(intake, organization);
    struct input *input;
    if (!stretch)
        return STATUS_OK;
    enum status status = open_again(intake, stretch->path, &input);
    if (status == STATUS_OK)
        status = input_back(input, stretch->begin);
    struct input_line line;
    for (bool more = true; more && status == STATUS_OK;) {
        status = input_read(input, &line, &more);
        more = more && line.offset < stretch->end;
        if (status == STATUS_OK && more)
            status = intake_line_finding(intake, &line, each, each_context);
    }
    return status;
}
