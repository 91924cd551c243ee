#include "scanner/commands/audit_change.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/timestamp.h"

#define SIZE_MOST (64u << 20)

bool audit_change_slurp(const char *path, char **text_out, size_t *size_out)
{
    struct stat about;
    *text_out = NULL;
    *size_out = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool good = file >= 0 && fstat(file, &about) == 0;
    if (good && (about.st_size < 0 || about.st_size > (off_t)SIZE_MOST)) {
        errno = EFBIG;
        good = false;
    }
    char *text = good ? malloc((size_t)about.st_size + 1) : NULL;
    size_t size = 0;
    for (ssize_t more = 1; text && more != 0 && size < (size_t)about.st_size;) {
        more = read(file, text + size, (size_t)about.st_size - size);
        if (more < 0 && errno != EINTR)
            break;
        size += more > 0 ? (size_t)more : 0;
    }
    int error = errno;
    if (file >= 0)
        close(file);
    errno = error;
    if (!text || size != (size_t)about.st_size) {
        free(text);
        return false;
    }
    text[size] = 0;
    *text_out = text;
    *size_out = size;
    return true;
}

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

int audit_change_make(struct audit *audit, const char *folder)
{
    struct pairs pairs = {0};
    char *path = audit_file(folder, AUDIT_CHANGE_FILE), *text = NULL;
    cJSON *change = cJSON_CreateObject();
    int code = read_pairs(audit, &pairs);
    bool good = code < 0 && path && change && add_run(audit, change) && add_indices(change, &pairs);
    if (good)
        text = cJSON_Print(change);
    if (code < 0 && !(text && audit_file_write(path, text, strlen(text), 0640)))
        code = audit_failed(audit, "what changed could not be written to", folder);
    cJSON_free(text);
    cJSON_Delete(change);
    free(path);
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

bool audit_change_read(const struct audit *audit, const char *folder, struct audit_change *change_out)
{
    char *path = audit_file(folder, AUDIT_CHANGE_FILE), *text = NULL;
    size_t size = 0;
    *change_out = (struct audit_change){0};
    bool good = path && audit_change_slurp(path, &text, &size);
    cJSON *root = good ? cJSON_ParseWithLength(text, size) : NULL;
    free(text);
    free(path);
    if (!root) {
        errno = good ? EINVAL : errno;
        return false;
    }
    const cJSON *counts = cJSON_GetObjectItemCaseSensitive(root, "counts");
    copy_id(root, "run", change_out->run);
    copy_id(root, "previous", change_out->previous);
    change_out->first = !change_out->previous[0];
    change_out->fresh = count_of(counts, "new");
    change_out->back = count_of(counts, "back");
    change_out->mended = count_of(counts, "mended");
    read_indices(audit, root, change_out);
    cJSON_Delete(root);
    return true;
}
