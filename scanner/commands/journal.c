#include "scanner/commands/journal.h"

#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/text.h"
#include "scanner/clock.h"
#include "scoring/object.h"
#include "scoring/timestamp.h"

#define PATH_SIZE 4096
/* How far back from the end the newest record must be found: behind it only what crashes left. */
#define TAIL_MAX (4 * JOURNAL_RECORD_MAX)

/* A log that is open and locked. */
struct journal {
    const char *path;
    int file;
    char *tail; /* the last bytes of the file */
    size_t size;
    bool head_is_behind;
    bool whole_file;            /* nothing stands before the tail */
    struct journal_record last; /* head.seq 0: none */
    size_t torn_at;             /* where what is no record begins in the tail; its size: nowhere */
    char *why;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct journal *journal, const char *format, ...)
{
    char path[256];
    va_list arguments;
    text_safe((struct span){(const uint8_t *)journal->path, strlen(journal->path)}, path, sizeof path);
    int length = snprintf(journal->why, JOURNAL_WHY_MAX, "%s: ", path);
    va_start(arguments, format);
    vsnprintf(journal->why + length, JOURNAL_WHY_MAX - (size_t)length, format, arguments);
    va_end(arguments);
    return false;
}

static bool open_locked(struct journal *journal)
{
    struct stat there;
    journal->file =
        open(journal->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (journal->file < 0)
        return fail(journal, "the log can't be written: %s", strerror(errno));
    if (fstat(journal->file, &there) != 0 || !S_ISREG(there.st_mode))
        return fail(journal, "the log must be a file of its own");
    while (flock(journal->file, LOCK_EX) != 0)
        if (errno != EINTR)
            return fail(journal, "the log can't be locked: %s", strerror(errno));
    return true;
}

static bool read_tail(struct journal *journal)
{
    off_t end = lseek(journal->file, 0, SEEK_END);
    size_t wanted = end > TAIL_MAX ? TAIL_MAX : (size_t)(end < 0 ? 0 : end);
    journal->whole_file = end <= TAIL_MAX;
    journal->tail = malloc(wanted + 1);
    while (journal->tail && journal->size < wanted) {
        ssize_t got = pread(journal->file, journal->tail + journal->size, wanted - journal->size,
                            end - (off_t)(wanted - journal->size));
        if (got <= 0)
            break;
        journal->size += (size_t)got;
    }
    return (end >= 0 && journal->tail && journal->size == wanted) || fail(journal, "the log can't be read");
}

/* Line by line from the end; behind the newest record there is only what was torn. */
static bool find_last(struct journal *journal)
{
    size_t end = journal->size;
    while (end > 0) {
        const char *feed = memrchr(journal->tail, '\n', end - 1);
        size_t from = feed ? (size_t)(feed - journal->tail) + 1 : 0;
        bool ended = journal->tail[end - 1] == '\n';
        if (ended && journal_record_read(&journal->last, journal->tail + from, end - 1 - from))
            break;
        journal->last.head.seq = 0;
        end = from;
    }
    journal->torn_at = end;
    return end > 0 || journal->whole_file || fail(journal, "the end of the log is no record; is it a log?");
}

/* A crash between the log and its head leaves the head one record behind; nothing honest does more. */
static bool check_head(struct journal *journal)
{
    struct journal_head head;
    bool there = false;
    const struct journal_record *last = &journal->last;
    if (!journal_head_read(journal->path, &head, &there))
        return fail(journal, "the file beside it, .head, is no head of a log");
    journal->head_is_behind = !there && last->head.seq == 1;
    if (!there && last->head.seq <= 1)
        return true;
    if (!there)
        return fail(journal, "there is no .head beside it; put it back, or begin a new log");
    if (head.seq == last->head.seq && strcmp(head.hash, last->head.hash) == 0)
        return true;
    journal->head_is_behind = head.seq + 1 == last->head.seq && strcmp(head.hash, last->prev) == 0;
    if (journal->head_is_behind)
        return true;
    return fail(journal,
                "it ends with record %llu, and its head is of record %llu; `auscult log verify` says more",
                (unsigned long long)last->head.seq, (unsigned long long)head.seq);
}

/* What stands before the new record and is none, without the line feed that ends it. */
static void add_torn(const struct journal *journal, struct object *object)
{
    char hash[HASH_TEXT_MAX];
    struct object torn = object_begin();
    size_t size = journal->size - journal->torn_at;
    size -= size && journal->tail[journal->size - 1] == '\n';
    torn.failed = torn.failed || hash_text(journal->tail + journal->torn_at, size, hash) != STATUS_OK;
    object_number(&torn, "bytes", (double)size);
    object_text(&torn, "sha256", hash);
    object_add(object, "torn", object_end(&torn));
}

static void add_members(struct object *object, const cJSON *members)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, members) object_add(object, member->string, cJSON_Duplicate(member, true));
}

/* The line without its hash; NULL when memory is out. The caller frees. */
static char *make_body(const struct journal *journal, const cJSON *members)
{
    char moment[TIMESTAMP_TEXT_MAX];
    struct object object = object_begin();
    uint64_t last = journal->last.head.seq;
    timestamp_format_ms(clock_epoch_ms(), moment);
    object_number(&object, "seq", (double)(last + 1));
    object_text(&object, "prev", last ? journal->last.head.hash : JOURNAL_BEGINNING);
    object_text(&object, "time", moment);
    if (journal->torn_at < journal->size)
        add_torn(journal, &object);
    add_members(&object, members);
    cJSON *json = object_end(&object);
    char *body = json ? cJSON_PrintUnformatted(json) : NULL;
    cJSON_Delete(json);
    return body;
}

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return fsync(file) == 0;
}

static bool write_record(struct journal *journal, const char *body, struct journal_head *head)
{
    size_t size = strlen(body);
    bool unended = journal->size > 0 && journal->tail[journal->size - 1] != '\n';
    char *line = malloc(size + 96);
    if (!line || hash_text(body, size, head->hash) != STATUS_OK) {
        free(line);
        return fail(journal, "the log: out of memory");
    }
    head->seq = journal->last.head.seq + 1;
    int length = snprintf(line, size + 96, "%s%.*s,\"hash\":\"%s\"}\n", unended ? "\n" : "", (int)size - 1,
                          body, head->hash);
    bool good = length <= JOURNAL_RECORD_MAX && write_all(journal->file, line, (size_t)length);
    free(line);
    return good || fail(journal, "the log can't be written: %s",
                        length > JOURNAL_RECORD_MAX ? "the record is too long" : strerror(errno));
}

static void sync_folder(const char *path)
{
    char copy[PATH_SIZE + 8];
    snprintf(copy, sizeof copy, "%s", path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    (void)fsync(folder);
    close(folder);
}

static bool write_head(struct journal *journal, const struct journal_head *head)
{
    char path[PATH_SIZE], beside[PATH_SIZE + 8], text[160];
    if (snprintf(path, sizeof path, "%s.head", journal->path) >= (int)sizeof path)
        return fail(journal, "the path is too long");
    snprintf(beside, sizeof beside, "%s.part", path);
    int length = snprintf(text, sizeof text, "{\"seq\":%llu,\"hash\":\"%s\"}\n",
                          (unsigned long long)head->seq, head->hash);
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = file >= 0 && write_all(file, text, (size_t)length);
    int error = errno;
    good = (file < 0 || close(file) == 0) && good && rename(beside, path) == 0;
    if (!good)
        return fail(journal, "the head of the log can't be written: %s", strerror(error ? error : errno));
    sync_folder(path);
    return true;
}

static bool append(struct journal *journal, const cJSON *members, struct journal_head *head)
{
    if (!open_locked(journal) || !read_tail(journal) || !find_last(journal) || !check_head(journal))
        return false;
    /* An earlier crash left it behind; two steps behind would look like tampering. */
    if (journal->head_is_behind && !write_head(journal, &journal->last.head))
        return false;
    char *body = make_body(journal, members);
    if (!body)
        return fail(journal, "the log: out of memory");
    bool good = write_record(journal, body, head) && write_head(journal, head);
    free(body);
    return good;
}

bool journal_append(const char *path, const cJSON *members, struct journal_head *head_out,
                    char why[JOURNAL_WHY_MAX])
{
    struct journal journal = {.path = path, .file = -1, .why = why};
    *head_out = (struct journal_head){.seq = 0};
    why[0] = 0;
    bool good = append(&journal, members, head_out);
    if (journal.file >= 0)
        close(journal.file);
    free(journal.tail);
    return good;
}
