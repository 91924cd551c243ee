#include "scanner/commands/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/report/records.h"
#include "scoring/timestamp.h"

#define LINE_MAX_SIZE (1u << 20)

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
    store_run_deinit(&intake->run);
    store_close(&intake->store);
}

bool intake_is_store(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic] = "";
    FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "rbe");
    bool is =
        file && fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, magic, sizeof magic) == 0;
    if (file)
        fclose(file);
    return is;
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

static enum status take_finding(struct intake *intake, const cJSON *record, unsigned line,
                                struct complaints *complaints)
{
    struct finding finding = {0};
    enum status status = record_read_finding(record, line, complaints, &finding);
    if (status == STATUS_OK)
        status = store_finding(intake->store, &intake->run, &finding);
    intake->findings++;
    finding_deinit(&finding);
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
            status =
                store_assessed(intake->store, &intake->run, organization->valuestring, item->valuestring);
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
    static const char *const passed_over[] = {"basis",  "rank", "run",      "scorecard",
                                              "cohort", "end",  "coverage", "source"};
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(record, "type");
    const char *word = cJSON_IsString(type) ? type->valuestring : "";
    if (intake->scorecards_only)
        return take_result(intake, record, word, line, complaints);
    if (strcmp(word, "observation") == 0)
        return take_observation(intake, record, line, complaints);
    if (strcmp(word, "finding") == 0)
        return take_finding(intake, record, line, complaints);
    if (strcmp(word, "assessed") == 0)
        return take_assessed(intake, record, line, complaints);
    for (size_t i = 0; i < sizeof passed_over / sizeof passed_over[0]; i++)
        if (strcmp(word, passed_over[i]) == 0)
            return STATUS_OK;
    complaints_add(
        complaints, line, 1,
        "a record wants \"type\": observation, finding or assessed (run, source, coverage, scorecard, "
        "cohort and end are passed over)");
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

static enum status take_line(struct intake *intake, const char *text, size_t size, unsigned line,
                             struct complaints *complaints)
{
    const char *end = NULL;
    cJSON *record = memchr(text, 0, size) || too_deep(text, size) ? NULL : cJSON_ParseWithOpts(text, &end, 1);
    enum status status;
    if (cJSON_IsObject(record)) {
        status = take_record(intake, record, line, complaints);
    } else {
        unsigned column = end && end >= text && end < text + size ? (unsigned)(end - text) + 1 : 1;
        complaints_add(complaints, line, column, "want one JSON object a line");
        status = STATUS_WRONG_FILE;
    }
    cJSON_Delete(record);
    return status;
}

enum status intake_records(struct intake *intake, const char *path, struct complaints *complaints)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    char *text = NULL;
    size_t capacity = 0;
    enum status status = file ? STATUS_OK : STATUS_SYSTEM;
    unsigned line = 0;
    for (ssize_t size; file && status != STATUS_NO_MEMORY && complaints->left_off == 0 &&
                       (size = getline(&text, &capacity, file)) > 0;) {
        line++;
        while (size && (text[size - 1] == '\n' || text[size - 1] == '\r'))
            text[--size] = 0;
        if (size == 0)
            continue;
        enum status one = STATUS_WRONG_FILE;
        if ((size_t)size > LINE_MAX_SIZE)
            complaints_add(complaints, line, 1, "a record has at most %u bytes", LINE_MAX_SIZE);
        else
            one = take_line(intake, text, (size_t)size, line, complaints);
        status = one == STATUS_OK ? status : one;
    }
    free(text);
    if (file && !standard)
        fclose(file);
    return status;
}

int intake_file(struct intake *intake, const char *path)
{
    struct complaints complaints;
    complaints_init(&complaints, strcmp(path, "-") == 0 ? "standard input" : path);
    enum status status = intake_records(intake, path, &complaints);
    char *text = complaints_format(&complaints);
    fputs(text ? text : "", stderr);
    free(text);
    complaints_deinit(&complaints);
    return status == STATUS_OK           ? -1
           : status == STATUS_WRONG_FILE ? EXIT_USAGE
                                         : present_status(status, path, intake->store);
}
