#include "scanner/commands/audit_change.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/timestamp.h"
#include "targets/document.h"

#define TOLD_MOST 2000 /* a command that wants more reads the records */

/* An organization in the run before and in this one. */
struct standing_pair {
    char *organization;
    struct store_scorecard before, after; /* not assessed: none */
};

struct pairs {
    struct standing_pair *items;
    size_t count, capacity, at;
    bool failed;
};

static struct standing_pair *add_pair(struct pairs *pairs, const char *organization)
{
    if (pairs->count == pairs->capacity) {
        size_t capacity = pairs->capacity ? pairs->capacity * 2 : 64;
        struct standing_pair *items = reallocarray(pairs->items, capacity, sizeof *items);
        if (!items)
            return NULL;
        pairs->items = items;
        pairs->capacity = capacity;
    }
    struct standing_pair *pair = &pairs->items[pairs->count];
    *pair = (struct standing_pair){.organization = strdup(organization)};
    pairs->count += pair->organization != NULL;
    return pair->organization ? pair : NULL;
}

static void take_after(void *context, const char *organization, const struct store_scorecard *scorecard,
                       const char *record)
{
    struct pairs *pairs = context;
    struct standing_pair *pair = pairs->failed ? NULL : add_pair(pairs, organization);
    (void)record;
    if (pair)
        pair->after = *scorecard;
    else
        pairs->failed = true;
}

/* Both come in the order of the ids; an organization that this run has no scorecard of is not compared. */
static void take_before(void *context, const char *organization, const struct store_scorecard *scorecard,
                        const char *record)
{
    struct pairs *pairs = context;
    (void)record;
    while (pairs->at < pairs->count && strcmp(pairs->items[pairs->at].organization, organization) < 0)
        pairs->at++;
    if (pairs->at < pairs->count && strcmp(pairs->items[pairs->at].organization, organization) == 0)
        pairs->items[pairs->at].before = *scorecard;
}

static enum status read_scorecards(struct store *store, const char *id, struct pairs *pairs,
                                   void (*take)(void *context, const char *organization,
                                                const struct store_scorecard *scorecard, const char *record))
{
    struct store_run run = {0};
    enum status status = store_find_run(store, id, false, &run);
    if (status == STATUS_OK)
        status = store_each_scorecard(store, &run, take, pairs);
    store_run_deinit(&run);
    return status;
}

static int read_pairs(const struct audit *audit, struct pairs *pairs)
{
    struct store *store = NULL;
    enum status status = store_open(audit->store_path, false, &store);
    if (status == STATUS_OK)
        status = read_scorecards(store, audit->history.complete.id, pairs, take_after);
    if (status == STATUS_OK && audit->history.previous.number)
        status = read_scorecards(store, audit->history.previous.id, pairs, take_before);
    if (status == STATUS_OK && pairs->failed)
        status = STATUS_NO_MEMORY;
    int code = status == STATUS_OK ? -1 : present_status(status, audit->store_path, store);
    store_close(&store);
    return code;
}

static void free_pairs(struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        free(pairs->items[i].organization);
    free(pairs->items);
}

/* `diff` has judged both runs alike, so that its indices go before the stored ones. */
static void take_index(struct pairs *pairs, const cJSON *record)
{
    const cJSON *organization = cJSON_GetObjectItemCaseSensitive(record, "org");
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(record, "before");
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(record, "after");
    if (!cJSON_IsString(organization) || !cJSON_IsNumber(before) || !cJSON_IsNumber(after))
        return;
    for (size_t low = 0, high = pairs->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        struct standing_pair *pair = &pairs->items[middle];
        int order = strcmp(pair->organization, organization->valuestring);
        if (order == 0 && pair->before.assessed && pair->after.assessed) {
            pair->before.index = before->valueint;
            pair->after.index = after->valueint;
        }
        if (order == 0)
            return;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
}

/* What is gathered of the records of `diff`. */
struct telling {
    struct pairs *pairs;
    cJSON *change, *changes, *endpoints;
    uint64_t told, left_off;
    bool failed;
};

static bool is_told(const char *kind)
{
    static const char *const untold[] = {"open", "unchecked", "not_asked", "accepted", "false"};
    for (size_t i = 0; i < sizeof untold / sizeof untold[0]; i++)
        if (strcmp(untold[i], kind) == 0)
            return false;
    return true;
}

/* Takes the record over. */
static void tell_of(struct telling *telling, cJSON *list, cJSON *record)
{
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(record, "change");
    bool told = cJSON_IsString(kind) && is_told(kind->valuestring);
    if (told && telling->told < TOLD_MOST && cJSON_AddItemToArray(list, record)) {
        telling->told++;
        return;
    }
    telling->left_off += told;
    cJSON_Delete(record);
}

static void take_counts(struct telling *telling, cJSON *record)
{
    cJSON *counts = cJSON_DetachItemFromObjectCaseSensitive(record, "changes");
    cJSON *endpoints = cJSON_DetachItemFromObjectCaseSensitive(record, "endpoints");
    bool good = counts && endpoints && cJSON_AddItemToObject(telling->change, "counts", counts) &&
                cJSON_AddItemToObject(telling->change, "endpoint_counts", endpoints);
    telling->failed = telling->failed || !good;
}

static void take_record(struct telling *telling, const char *line, size_t size)
{
    cJSON *record = cJSON_ParseWithLength(line, size);
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(record, "type");
    const char *word = cJSON_IsString(type) ? type->valuestring : "";
    if (strcmp(word, "change") == 0) {
        tell_of(telling, telling->changes, record);
        return;
    }
    if (strcmp(word, "endpoint_change") == 0) {
        tell_of(telling, telling->endpoints, record);
        return;
    }
    if (strcmp(word, "index_change") == 0)
        take_index(telling->pairs, record);
    else if (strcmp(word, "changes") == 0)
        take_counts(telling, record);
    else
        telling->failed = true;
    cJSON_Delete(record);
}

static bool read_records(const char *path, struct telling *telling)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;
    telling->changes = cJSON_AddArrayToObject(telling->change, "changes");
    telling->endpoints = cJSON_AddArrayToObject(telling->change, "endpoints");
    bool good = file && telling->changes && telling->endpoints;
    for (ssize_t size; good && !telling->failed && (size = getline(&line, &capacity, file)) > 0;)
        take_record(telling, line, (size_t)size);
    good = good && !ferror(file) && !telling->failed &&
           cJSON_AddNumberToObject(telling->change, "left_off", (double)telling->left_off);
    free(line);
    if (file)
        fclose(file);
    return good;
}

/* Lets `diff` write its records beside the reports, and gathers from them. */
static int add_changes(struct audit *audit, const char *folder, cJSON *change, struct pairs *pairs)
{
    struct telling telling = {.pairs = pairs, .change = change};
    const struct audit_history *history = &audit->history;
    char *path = audit_file(folder, AUDIT_RECORDS_FILE), *output = NULL;
    if (!history->previous.number) {
        free(path);
        return -1;
    }
    int code = path && asprintf(&output, "jsonl=%s", path) >= 0 ? -1 : EXIT_FAILED;
    if (code < 0) {
        const char *const arguments[] = {
            "diff", "--output", output, "--", audit->store_path, history->previous.id, history->complete.id,
            NULL};
        code = audit_run_self(audit, arguments, "/dev/null");
        code = code == EXIT_DONE ? -1 : code;
    }
    if (code < 0 && !read_records(path, &telling))
        code = audit_failed(audit, "what changed can't be read from", path);
    free(output);
    free(path);
    return code;
}

static cJSON *index_record(const struct standing_pair *pair)
{
    cJSON *record = cJSON_CreateObject();
    bool good = record && cJSON_AddStringToObject(record, "org", pair->organization);
    if (pair->before.assessed)
        good = good && cJSON_AddNumberToObject(record, "before", pair->before.index);
    if (pair->after.assessed)
        good = good && cJSON_AddNumberToObject(record, "after", pair->after.index);
    if (pair->before.assessed && pair->after.assessed)
        good = good && cJSON_AddBoolToObject(record, "gate_fell", pair->after.gate < pair->before.gate);
    if (good)
        return record;
    cJSON_Delete(record);
    return NULL;
}

static bool add_indices(cJSON *change, const struct pairs *pairs)
{
    cJSON *list = cJSON_AddArrayToObject(change, "indices");
    bool good = list != NULL;
    for (size_t i = 0; good && i < pairs->count; i++) {
        cJSON *record = index_record(&pairs->items[i]);
        good = record && cJSON_AddItemToArray(list, record);
    }
    return good;
}

static bool add_run(const struct audit *audit, cJSON *change)
{
    const struct audit_run *run = &audit->history.complete;
    char text[TIMESTAMP_TEXT_MAX];
    bool good = cJSON_AddNumberToObject(change, "auscult_change", 1) &&
                cJSON_AddStringToObject(change, "audit", audit->settings.name) &&
                cJSON_AddStringToObject(change, "run", run->id);
    if (audit->history.previous.number)
        good = good && cJSON_AddStringToObject(change, "previous", audit->history.previous.id);
    timestamp_format_ms(run->started_ms, text);
    good = good && cJSON_AddStringToObject(change, "started", text);
    timestamp_format_ms(run->ended_ms, text);
    return good && cJSON_AddStringToObject(change, "ended", text);
}

static int write_change(struct audit *audit, const char *folder, const cJSON *change)
{
    char *path = audit_file(folder, AUDIT_CHANGE_FILE), *text = cJSON_PrintUnformatted(change);
    bool written = path && text && audit_file_write(path, text, strlen(text), 0640);
    int code = written ? -1 : audit_failed(audit, "what changed could not be written to", folder);
    cJSON_free(text);
    free(path);
    return code;
}

int audit_change_make(struct audit *audit, const char *folder)
{
    struct pairs pairs = {0};
    cJSON *change = cJSON_CreateObject();
    int code = read_pairs(audit, &pairs);
    if (code < 0 && !(change && add_run(audit, change)))
        code = EXIT_FAILED;
    if (code < 0)
        code = add_changes(audit, folder, change, &pairs);
    if (code < 0 && !add_indices(change, &pairs))
        code = EXIT_FAILED;
    if (code < 0)
        code = write_change(audit, folder, change);
    cJSON_Delete(change);
    free_pairs(&pairs);
    return code;
}

static uint64_t count_of(const cJSON *counts, const char *name)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(counts, name);
    return cJSON_IsNumber(count) && count->valuedouble > 0 && count->valuedouble < 1e15
               ? (uint64_t)count->valuedouble
               : 0;
}

static void copy_id(const cJSON *root, const char *name, char id[37])
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(root, name);
    snprintf(id, 37, "%s", cJSON_IsString(member) ? member->valuestring : "");
}

static void read_indices(const struct audit *audit, const cJSON *root, struct audit_change *change)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "indices"), *entry;
    cJSON_ArrayForEach(entry, list)
    {
        const cJSON *before = cJSON_GetObjectItemCaseSensitive(entry, "before");
        const cJSON *after = cJSON_GetObjectItemCaseSensitive(entry, "after");
        if (cJSON_IsNumber(before) && cJSON_IsNumber(after))
            change->falls += before->valuedouble - after->valuedouble >= audit->settings.falls_by;
        change->gates += cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry, "gate_fell"));
    }
}

static void read_change(const struct audit *audit, const cJSON *root, struct audit_change *change)
{
    const cJSON *counts = cJSON_GetObjectItemCaseSensitive(root, "counts");
    const cJSON *endpoints = cJSON_GetObjectItemCaseSensitive(root, "endpoint_counts");
    copy_id(root, "run", change->run);
    copy_id(root, "previous", change->previous);
    change->first = !change->previous[0];
    change->fresh = count_of(counts, "new");
    change->back = count_of(counts, "back");
    change->mended = count_of(counts, "mended");
    change->opened = count_of(endpoints, "opened");
    change->closed = count_of(endpoints, "closed");
    read_indices(audit, root, change);
}

int audit_change_read(const struct audit *audit, const char *folder, struct audit_change *change_out)
{
    struct complaints complaints;
    struct document document;
    char *path = audit_file(folder, AUDIT_CHANGE_FILE);
    *change_out = (struct audit_change){0};
    if (!path)
        return audit_failed(audit, "what changed can't be read in", folder);
    complaints_init(&complaints, path);
    enum status status = document_read(&document, path, &complaints);
    bool good = present_complaints(status, path, &complaints);
    if (good)
        read_change(audit, document.root, change_out);
    document_deinit(&document);
    free(path);
    return good ? -1 : EXIT_FAILED;
}
