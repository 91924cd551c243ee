#include "scanner/commands/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/clock.h"
#include "scoring/report/records.h"

#define LINE_MAX_SIZE (1u << 20)

enum status intake_init(struct intake *intake)
{
    memset(intake, 0, sizeof *intake);
    enum status status = store_open(NULL, true, &intake->store);
    intake->run.started_ms = clock_epoch_ms();
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

/* --- a store --- */

struct copy {
    struct intake *to;
    struct store *from;
    const struct store_run *run;
    enum status status;
};

static void keep(struct copy *copy, enum status status)
{
    if (copy->status == STATUS_OK)
        copy->status = status;
}

static void copy_observation(void *context, const char *organization, const struct observation *observation)
{
    struct copy *copy = context;
    copy->to->observations++;
    keep(copy, store_observation(copy->to->store, &copy->to->run, organization, observation));
    keep(copy, store_host(copy->to->store, &copy->to->run, organization, observation->address, true));
}

static void copy_count(void *context, const struct store_count *count)
{
    struct copy *copy = context;
    keep(copy, store_add_count(copy->to->store, &copy->to->run, count));
}

static enum status take_run(struct intake *intake, const struct store_run *run)
{
    struct store_run *to = &intake->run;
    const char *texts[] = {run->authorization, run->vantage, run->ports, run->engine, run->catalogue};
    char **places[] = {&to->authorization, &to->vantage, &to->ports, &to->engine, &to->catalogue};
    for (size_t i = 0; i < 5; i++) {
        char *copy = strdup(texts[i] ? texts[i] : "");
        if (!copy)
            return STATUS_NO_MEMORY;
        free(*places[i]);
        *places[i] = copy;
    }
    memcpy(to->scope, run->scope, sizeof to->scope);
    to->started_ms = run->started_ms;
    to->ended_ms = run->ended_ms;
    to->complete = run->complete;
    to->probes_sent = run->probes_sent;
    to->addresses = run->addresses;
    return STATUS_OK;
}

enum status intake_store(struct intake *intake, const char *path, const char *id)
{
    struct store *from = NULL;
    struct store_run run = {0};
    struct copy copy = {.to = intake, .run = &run};
    enum status status = store_open(path, false, &from);
    if (status == STATUS_OK)
        status = store_find_run(from, id, false, &run);
    if (status == STATUS_OK)
        status = take_run(intake, &run);
    if (status == STATUS_OK)
        status = store_each_observation(from, &run, NULL, copy_observation, &copy);
    if (status == STATUS_OK)
        status = store_each_count(from, &run, copy_count, &copy);
    if (status == STATUS_STORE)
        fprintf(stderr, "auscult: %s: %s\n", path, from ? store_message(from) : "it cannot be opened");
    if (status == STATUS_MISMATCH)
        fprintf(stderr, "auscult: %s: it holds no %s\n", path, id ? "such run" : "run");
    store_run_deinit(&run);
    store_close(&from);
    return status == STATUS_OK ? copy.status : status;
}

/* --- records --- */

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

static enum status take_record(struct intake *intake, const cJSON *record, unsigned line,
                               struct complaints *complaints)
{
    static const char *const passed_over[] = {"run", "scorecard", "cohort", "end", "coverage"};
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(record, "type");
    const char *word = cJSON_IsString(type) ? type->valuestring : "";
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
        "a record wants \"type\": observation, finding or assessed (run, coverage, scorecard, cohort "
        "and end are passed over)");
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
