#include "scanner/commands/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/report/records.h"
#include "scoring/timestamp.h"

enum status intake_init(struct intake *intake)
{
    memset(intake, 0, sizeof *intake);
    enum status status = store_open(NULL, true, &intake->store);
    intake->run.started_ms = intake->moment_ms = clock_epoch_ms();
    intake->run.authorization = strdup("");
    intake->run.vantage = strdup("internet");
    intake->run.ports = strdup("");
    intake->run.engine = strdup("");
    intake->run.catalogue = strdup("");
    intake->run.shard = intake->run.shards = intake->run.attempts = 1;
    return status == STATUS_OK ? store_begin(intake->store, &intake->run) : status;
}

void intake_deinit(struct intake *intake)
{
    intake_stream_end(intake);
    finding_line_deinit(&intake->plain);
    if (intake->standard_opened)
        input_close(&intake->standard);
    store_run_deinit(&intake->run);
    store_close(&intake->store);
}

static bool is_regular(const char *path)
{
    struct stat state;
    return stat(path, &state) == 0 && S_ISREG(state.st_mode);
}

bool intake_is_store(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic] = "";
    /* What is looked at of a pipe is gone. */
    FILE *file = strcmp(path, "-") != 0 && is_regular(path) ? fopen(path, "rbe") : NULL;
    bool is =
        file && fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, magic, sizeof magic) == 0;
    if (file)
        fclose(file);
    return is;
}

bool intake_can_stream(const char *path)
{
    return strcmp(path, "-") == 0 || (is_regular(path) && !intake_is_store(path));
}

static enum status take_observation(struct intake *intake, const cJSON *record, unsigned line,
                                    struct complaints *complaints)
{
    struct observation *observation = calloc(1, sizeof *observation);
    char *organization = NULL;
    if (!observation)
        return STATUS_NO_MEMORY;
    enum status status = record_read_observation(record, line, complaints, &organization, observation);
    if (status == STATUS_OK)
        status = store_observation(intake->store, &intake->run, organization, observation);
    intake->observations++;
    observation_deinit(observation);
    free(observation);
    free(organization);
    return status;
}

static enum status keep_finding(struct intake *intake, const struct finding *finding)
{
    intake->findings++;
    if (!intake->stream)
        return store_finding(intake->store, &intake->run, finding);
    enum status status = intake_stream_enter(intake, finding->organization);
    return status == STATUS_OK ? evaluation_stream_add(intake->stream, finding) : status;
}

static enum status take_finding(struct intake *intake, const cJSON *record, unsigned line,
                                struct complaints *complaints)
{
    struct finding finding = {0};
    enum status status = record_read_finding(record, line, complaints, &finding);
    if (status == STATUS_OK)
        status = keep_finding(intake, &finding);
    finding_deinit(&finding);
    return status;
}

static enum status keep_assessed(struct intake *intake, const char *organization, const char *item)
{
    if (!intake->stream)
        return store_assessed(intake->store, &intake->run, organization, item);
    enum status status = intake_stream_enter(intake, organization);
    if (status == STATUS_OK)
        evaluation_stream_assess(intake->stream, item);
    return status;
}

static enum status take_assessed(struct intake *intake, const cJSON *record, unsigned line,
                                 struct complaints *complaints)
{
    const cJSON *organization = cJSON_GetObjectItemCaseSensitive(record, "org");
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(record, "items");
    enum status status = STATUS_OK;
    bool good = cJSON_IsString(organization) && cJSON_IsArray(items);
    for (const cJSON *item = good ? items->child : NULL; item && good && status == STATUS_OK;
         item = item->next) {
        good = cJSON_IsString(item);
        if (good)
            status = keep_assessed(intake, organization->valuestring, item->valuestring);
    }
    intake->assessed++;
    if (good)
        return status;
    complaints_add(complaints, line, 1,
                   "an assessed record wants \"org\", a text, and \"items\", a list of item ids");
    return STATUS_WRONG_FILE;
}

static enum status take_scorecard(struct intake *intake, const cJSON *record, unsigned line,
                                  struct complaints *complaints)
{
    struct scorecard scorecard;
    char *organization = NULL;
    enum status status = record_read_scorecard(record, line, complaints, &organization, &scorecard);
    if (status == STATUS_OK)
        status = store_scorecard(intake->store, &intake->run, organization, &scorecard, "");
    free(organization);
    return status;
}

/* A text of a record in place of what is there. */
static enum status take_text(const cJSON *record, const char *name, char **text)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(record, name);
    char *copy = strdup(cJSON_IsString(value) ? value->valuestring : "");
    if (!copy)
        return STATUS_NO_MEMORY;
    free(*text);
    *text = copy;
    return STATUS_OK;
}

/* The scorecards that follow are this run's. */
static enum status take_run(struct intake *intake, const cJSON *record)
{
    struct store_run *run = &intake->run;
    const cJSON *started = cJSON_GetObjectItemCaseSensitive(record, "started");
    enum status status = take_text(record, "catalogue", &run->catalogue);
    if (status == STATUS_OK)
        status = take_text(record, "vantage", &run->vantage);
    if (cJSON_IsString(started))
        (void)timestamp_parse(started->valuestring, &run->started_ms);
    run->id[0] = 0;
    run->complete = true;
    return status == STATUS_OK ? store_begin(intake->store, run) : status;
}

static enum status take_result(struct intake *intake, const cJSON *record, const char *type, unsigned line,
                               struct complaints *complaints)
{
    if (strcmp(type, "scorecard") == 0)
        return take_scorecard(intake, record, line, complaints);
    return strcmp(type, "run") == 0 ? take_run(intake, record) : STATUS_OK;
}

static enum status take_record(struct intake *intake, const cJSON *record, unsigned line,
                               struct complaints *complaints)
{
    static const char *const passed_over[] = {
        "basis",   "rank",   "run",          "scorecard",       "cohort",   "end",    "coverage", "source",
        "changes", "change", "index_change", "endpoint_change", "accepted", "marked", "name"};
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(record, "type");
    const char *word = cJSON_IsString(type) ? type->valuestring : "";
    if (intake->scorecards_only)
        return take_result(intake, record, word, line, complaints);
    /* What an observation comes to hangs on all of them together. */
    if (strcmp(word, "observation") == 0 && intake->stream) {
        intake->disordered = true;
        return STATUS_MISMATCH;
    }
    if (strcmp(word, "observation") == 0)
        return take_observation(intake, record, line, complaints);
    if (strcmp(word, "finding") == 0)
        return take_finding(intake, record, line, complaints);
    if (strcmp(word, "assessed") == 0)
        return take_assessed(intake, record, line, complaints);
    for (size_t i = 0; i < sizeof passed_over / sizeof passed_over[0]; i++)
        if (strcmp(word, passed_over[i]) == 0)
            return STATUS_OK;
    complaints_add(complaints, line, 1,
                   "a record wants \"type\": observation, finding or assessed (the others that a report "
                   "writes are passed over)");
    return STATUS_WRONG_FILE;
}

/* Brackets deeper than any record of ours, counted before cJSON recurses into them. */
static bool too_deep(const char *text, size_t size)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '['))
            depth++;
        else if (!quoted && (text[i] == '}' || text[i] == ']'))
            depth--;
        if (depth > 16)
            return true;
    }
    return false;
}

static cJSON *parse(const struct input_line *line, const char **end_out)
{
    if (memchr(line->text, 0, line->size) || too_deep(line->text, line->size))
        return NULL;
    return cJSON_ParseWithOpts(line->text, end_out, 1);
}

static enum status take_tree(struct intake *intake, const struct input_line *line, unsigned number,
                             struct complaints *complaints)
{
    const char *end = NULL;
    cJSON *record = parse(line, &end);
    enum status status;
    if (cJSON_IsObject(record)) {
        status = take_record(intake, record, number, complaints);
    } else {
        bool known = end && end >= line->text && end < line->text + line->size;
        complaints_add(complaints, number, known ? (unsigned)(end - line->text) + 1 : 1,
                       "want one JSON object a line");
        status = STATUS_WRONG_FILE;
    }
    cJSON_Delete(record);
    return status;
}

static enum status take_line(struct intake *intake, const struct input_line *line, unsigned number,
                             struct complaints *complaints)
{
    struct finding finding;
    if (line->too_long) {
        complaints_add(complaints, number, 1, "a record has at most %u bytes", INPUT_LINE_MAX);
        return STATUS_WRONG_FILE;
    }
    if (line->size == 0)
        return STATUS_OK;
    intake->place.begin = line->offset;
    intake->place.end = line->offset + line->size;
    if (finding_line_read(&intake->plain, line->text, line->size, &finding))
        return intake->scorecards_only ? STATUS_OK : keep_finding(intake, &finding);
    return take_tree(intake, line, number, complaints);
}

enum status intake_line_finding(struct intake *intake, const struct input_line *line,
                                void (*each)(void *context, const struct finding *finding), void *context)
{
    struct finding finding;
    struct complaints complaints;
    const char *end = NULL;
    if (finding_line_read(&intake->plain, line->text, line->size, &finding)) {
        each(context, &finding);
        return STATUS_OK;
    }
    complaints_init(&complaints, "");
    cJSON *record = parse(line, &end);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(record, "type");
    bool is = cJSON_IsString(type) && strcmp(type->valuestring, "finding") == 0;
    enum status status = STATUS_OK;
    if (is) {
        status = record_read_finding(record, 1, &complaints, &finding);
        if (status == STATUS_OK)
            each(context, &finding);
        finding_deinit(&finding);
    }
    cJSON_Delete(record);
    complaints_deinit(&complaints);
    return status;
}

static enum status take_lines(struct intake *intake, struct input *input, struct complaints *complaints)
{
    enum status status = STATUS_OK;
    for (bool more = true; more && status != STATUS_NO_MEMORY && status != STATUS_SYSTEM &&
                           complaints->left_off == 0 && !intake->disordered;) {
        struct input_line line;
        enum status one = input_read(input, &line, &more);
        if (one == STATUS_OK && more)
            one = take_line(intake, &line, input->number, complaints);
        status = one == STATUS_OK ? status : one;
    }
    return intake->disordered ? STATUS_MISMATCH : status;
}

/* Standard input is opened once. */
static enum status take_standard(struct intake *intake, struct complaints *complaints)
{
    enum status status = STATUS_OK;
    if (!intake->standard_opened)
        status = input_open(&intake->standard, "-", intake->stream != NULL);
    intake->standard_opened |= status == STATUS_OK;
    return status == STATUS_OK ? take_lines(intake, &intake->standard, complaints) : status;
}

enum status intake_records(struct intake *intake, const char *path, struct complaints *complaints)
{
    struct input input;
    intake->place.path = path;
    if (strcmp(path, "-") == 0)
        return take_standard(intake, complaints);
    enum status status = input_open(&input, path, false);
    if (status != STATUS_OK)
        return status;
    status = take_lines(intake, &input, complaints);
    input_close(&input);
    return status;
}

int intake_file(struct intake *intake, const char *path)
{
    struct complaints complaints;
    complaints_init(&complaints, strcmp(path, "-") == 0 ? "standard input" : path);
    enum status status = intake_records(intake, path, &complaints);
    char *text = intake->disordered ? NULL : complaints_format(&complaints);
    fputs(text ? text : "", stderr);
    free(text);
    complaints_deinit(&complaints);
    return status == STATUS_OK                                 ? -1
           : status == STATUS_WRONG_FILE || intake->disordered ? EXIT_USAGE
                                                               : present_status(status, path, intake->store);
}
