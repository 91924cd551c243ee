#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/commands/journal.h"
#include "targets/document.h"

#define HASH_MEMBER ",\"hash\":\""
#define DIGITS      64
#define TAIL_SIZE   (sizeof HASH_MEMBER - 1 + DIGITS + 2) /* with the quote and brace behind it */
#define SEQ_MAX     9007199254740992.0                    /* every whole number up to it is a double */

static bool is_hash(const char *text)
{
    return strlen(text) == DIGITS && strspn(text, "0123456789abcdef") == DIGITS;
}

static bool read_hash(const cJSON *object, const char *name, char hash[HASH_TEXT_MAX])
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsString(value) || !is_hash(value->valuestring))
        return false;
    memcpy(hash, value->valuestring, HASH_TEXT_MAX);
    return true;
}

static bool read_whole(const cJSON *object, const char *name, uint64_t *number_out)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(value) || value->valuedouble < 1 || value->valuedouble > SEQ_MAX)
        return false;
    *number_out = (uint64_t)value->valuedouble;
    return (double)*number_out == value->valuedouble;
}

static bool read_members(struct journal_record *record, const cJSON *root)
{
    const cJSON *torn = cJSON_GetObjectItemCaseSensitive(root, "torn");
    record->marks_torn = torn != NULL;
    if (torn &&
        (!read_whole(torn, "bytes", &record->torn_size) || !read_hash(torn, "sha256", record->torn_hash)))
        return false;
    return cJSON_IsObject(root) && read_whole(root, "seq", &record->head.seq) &&
           read_hash(root, "prev", record->prev);
}

static bool parse(struct journal_record *record, const char *line, size_t size)
{
    struct document document;
    struct complaints complaints;
    complaints_init(&complaints, "log");
    bool good = document_parse(&document, line, size, &complaints) == STATUS_OK;
    good = good && read_members(record, document.root);
    document_deinit(&document);
    complaints_deinit(&complaints);
    return good;
}

/* The hash is of the line as it was before ,"hash":"…" was put in front of its last brace. */
bool journal_record_read(struct journal_record *record, const char *line, size_t size)
{
    char body[JOURNAL_RECORD_MAX], hash[HASH_TEXT_MAX];
    *record = (struct journal_record){.marks_torn = false};
    if (size < TAIL_SIZE + 2 || size > JOURNAL_RECORD_MAX)
        return false;
    size_t body_size = size - TAIL_SIZE;
    const char *tail = line + body_size;
    if (memcmp(tail, HASH_MEMBER, sizeof HASH_MEMBER - 1) != 0 || memcmp(line + size - 2, "\"}", 2) != 0)
        return false;
    memcpy(record->head.hash, tail + sizeof HASH_MEMBER - 1, DIGITS);
    memcpy(body, line, body_size);
    body[body_size] = '}';
    return hash_text(body, body_size + 1, hash) == STATUS_OK && strcmp(hash, record->head.hash) == 0 &&
           parse(record, line, size);
}

bool journal_head_read(const char *path, struct journal_head *head, bool *there_out)
{
    char beside[4096];
    struct stat there;
    struct document document;
    struct complaints complaints;
    *head = (struct journal_head){.seq = 0};
    *there_out = true;
    if (snprintf(beside, sizeof beside, "%s.head", path) >= (int)sizeof beside)
        return false;
    *there_out = lstat(beside, &there) == 0 || errno != ENOENT;
    if (!*there_out)
        return true;
    complaints_init(&complaints, beside);
    enum status status = document_read(&document, beside, &complaints);
    bool good = status == STATUS_OK && read_whole(document.root, "seq", &head->seq) &&
                read_hash(document.root, "hash", head->hash);
    document_deinit(&document);
    complaints_deinit(&complaints);
    return good;
}
