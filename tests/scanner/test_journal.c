#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scanner/commands/journal_check.h"
#include "targets/document.h"

#define RECORDS 50

/* A log of 50 records in a folder of its own, and its lines. */
struct log {
    char folder[64], path[96], head_path[112];
    char *text;
    size_t size;
    const char *lines[RECORDS + 1]; /* the last: the end */
    struct journal_head head;
};

static void add(struct log *log, int number)
{
    char why[JOURNAL_WHY_MAX];
    cJSON *members = cJSON_CreateObject();
    cJSON_AddStringToObject(members, "event", number % 2 ? "authorized" : "ended");
    cJSON_AddStringToObject(members, "reference", "合同 2026-017");
    cJSON_AddNumberToObject(members, "sent", number * 1000);
    if (!journal_append(log->path, members, &log->head, why))
        fail_msg("%s", why);
    cJSON_Delete(members);
}

static void load(struct log *log)
{
    struct complaints complaints;
    complaints_init(&complaints, log->path);
    free(log->text);
    assert_int_equal(document_load(log->path, &log->text, &log->size, &complaints), STATUS_OK);
    complaints_deinit(&complaints);
}

static void begin(struct log *log)
{
    *log = (struct log){.folder = "/tmp/auscult-log-XXXXXX"};
    assert_non_null(mkdtemp(log->folder));
    snprintf(log->path, sizeof log->path, "%s/log", log->folder);
    snprintf(log->head_path, sizeof log->head_path, "%s.head", log->path);
}

static void end(struct log *log)
{
    unlink(log->path);
    unlink(log->head_path);
    assert_int_equal(rmdir(log->folder), 0);
    free(log->text);
    log->text = NULL;
}

static int set_up(void **state)
{
    static struct log log;
    begin(&log);
    for (int i = 1; i <= RECORDS; i++)
        add(&log, i);
    load(&log);
    size_t count = 0;
    for (const char *at = log.text; at && count <= RECORDS; at = strchr(at, '\n') + 1) {
        log.lines[count++] = at;
        if (at == log.text + log.size)
            break;
    }
    assert_int_equal(count, RECORDS + 1);
    *state = &log;
    return 0;
}

static int tear_down(void **state)
{
    end(*state);
    return 0;
}

static struct journal_verdict check(const struct log *log, const char *text, size_t size)
{
    const struct journal_expectation expectation = {&log->head, NULL};
    return journal_check(text, size, &expectation, NULL, NULL);
}

static void assert_fault(const struct log *log, const char *text, size_t size, enum journal_fault fault,
                         uint64_t line, uint64_t seq)
{
    struct journal_verdict verdict = check(log, text, size);
    if (verdict.fault != fault || verdict.line != line || verdict.seq != seq)
        fail_msg("line %d, record %d was %s; found: line %d, record %d was %s", (int)line, (int)seq,
                 journal_fault_name(fault), (int)verdict.line, (int)verdict.seq,
                 journal_fault_name(verdict.fault));
}

/* The log with its lines in another order: indices from 0. */
static char *arrange(const struct log *log, const int *order, size_t count, size_t *size_out)
{
    char *text = malloc(2 * log->size);
    *size_out = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = (size_t)(log->lines[order[i] + 1] - log->lines[order[i]]);
        memcpy(text + *size_out, log->lines[order[i]], size);
        *size_out += size;
    }
    return text;
}

static void assert_order(const struct log *log, const int *order, size_t count, enum journal_fault fault,
                         uint64_t line, uint64_t seq)
{
    size_t size = 0;
    char *text = arrange(log, order, count, &size);
    assert_fault(log, text, size, fault, line, seq);
    free(text);
}

static void count_one(void *context, const char *line, size_t size)
{
    size_t *count = context;
    assert_true(size > 0 && line[0] == '{');
    ++*count;
}

static void what_was_written_is_whole(void **state)
{
    const struct log *log = *state;
    size_t count = 0;
    const struct journal_expectation expectation = {&log->head, log->head.hash};
    struct journal_verdict verdict = journal_check(log->text, log->size, &expectation, count_one, &count);
    assert_int_equal(verdict.fault, JOURNAL_WHOLE);
    assert_int_equal(verdict.last.seq, RECORDS);
    assert_string_equal(verdict.last.hash, log->head.hash);
    assert_false(verdict.torn || verdict.torn_end || verdict.ahead_of_head || verdict.without_head);
    assert_int_equal(count, RECORDS);
    struct stat there;
    assert_int_equal(stat(log->path, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
}

static void one_byte_altered_is_named(void **state)
{
    const struct log *log = *state;
    char *text = malloc(log->size);
    int record = 1;
    memcpy(text, log->text, log->size);
    for (size_t at = 0; at < log->size; at += 1 + at % 5) {
        while (log->text + at >= log->lines[record])
            record++;
        text[at] = (char)(log->text[at] ^ (1 << at % 7));
        bool last_feed = at + 1 == log->size;
        assert_fault(log, text, log->size, last_feed ? JOURNAL_TORN : JOURNAL_ALTERED, (uint64_t)record,
                     (uint64_t)record);
        text[at] = log->text[at];
    }
    assert_int_equal(record, RECORDS);
    free(text);
}

static void every_line_feed_counts(void **state)
{
    const struct log *log = *state;
    char *text = malloc(log->size);
    memcpy(text, log->text, log->size);
    for (int i = 1; i <= RECORDS; i++) {
        size_t at = (size_t)(log->lines[i] - log->text) - 1;
        text[at] = ' ';
        assert_fault(log, text, log->size, i == RECORDS ? JOURNAL_TORN : JOURNAL_ALTERED, (uint64_t)i,
                     (uint64_t)i);
        text[at] = '\n';
    }
    free(text);
}

static void each_record_removed_is_named(void **state)
{
    const struct log *log = *state;
    for (int removed = 0; removed < RECORDS; removed++) {
        int order[RECORDS], count = 0;
        for (int i = 0; i < RECORDS; i++)
            if (i != removed)
                order[count++] = i;
        assert_order(log, order, (size_t)count, JOURNAL_REMOVED, (uint64_t)removed + 1,
                     (uint64_t)removed + 1);
    }
}

static void each_end_removed_is_named(void **state)
{
    const struct log *log = *state;
    for (int left = 0; left < RECORDS; left++)
        assert_fault(log, log->text, (size_t)(log->lines[left] - log->text), JOURNAL_REMOVED,
                     (uint64_t)left + 1, (uint64_t)left + 1);
}

static void each_two_swapped_are_named(void **state)
{
    const struct log *log = *state;
    for (int a = 0; a < RECORDS; a++)
        for (int b = a + 1; b < RECORDS; b += 1 + b % 7) {
            int order[RECORDS];
            for (int i = 0; i < RECORDS; i++)
                order[i] = i == a ? b : i == b ? a : i;
            assert_order(log, order, RECORDS, JOURNAL_REORDERED, (uint64_t)a + 1, (uint64_t)a + 1);
        }
}

/* A copy of record `copied` in front of the line `place`. */
static void each_record_repeated_is_named(void **state)
{
    const struct log *log = *state;
    for (int copied = 0; copied < RECORDS; copied += 3)
        for (int place = 0; place <= RECORDS; place++) {
            int order[RECORDS + 1], count = 0;
            for (int i = 0; i <= RECORDS; i++) {
                if (i == place)
                    order[count++] = copied;
                if (i < RECORDS)
                    order[count++] = i;
            }
            /* Of two alike that stand together, the second is the copy. */
            int line = place == copied ? place + 2 : place + 1;
            assert_order(log, order, RECORDS + 1, JOURNAL_INSERTED, (uint64_t)line, (uint64_t)copied + 1);
        }
}

static void other_lines_put_in_are_named(void **state)
{
    const struct log *log = *state;
    static const char *const lines[] = {"\n", "{}\n", "\r\n", "{\"seq\":3}\n"};
    char *text = malloc(log->size + 64);
    for (int place = 0; place < RECORDS; place++) {
        const char *line = lines[place % 4];
        size_t before = (size_t)(log->lines[place] - log->text);
        memcpy(text, log->text, before);
        memcpy(text + before, line, strlen(line));
        memcpy(text + before + strlen(line), log->text + before, log->size - before);
        assert_fault(log, text, log->size + strlen(line), JOURNAL_INSERTED, (uint64_t)place + 1,
                     (uint64_t)place + 1);
    }
    free(text);
}

/* Writes record i (from 0) with another value, and a hash of its own that is right. */
static size_t forge(const struct log *log, int i, char *line, size_t capacity)
{
    char hash[HASH_TEXT_MAX];
    size_t size = (size_t)(log->lines[i + 1] - log->lines[i]);
    assert_true(size < capacity);
    memcpy(line, log->lines[i], size);
    line[size] = 0;
    memcpy(strstr(line, "2026-017"), "2026-018", 8);
    char *tail = strstr(line, ",\"hash\":\"");
    size_t body = (size_t)(tail - line);
    char *text = malloc(body + 1);
    memcpy(text, line, body);
    text[body] = '}';
    assert_int_equal(hash_text(text, body + 1, hash), STATUS_OK);
    memcpy(tail + 9, hash, 64);
    free(text);
    return size;
}

/* Whoever knows how the log is made still can't change one record alone, or put one beside the true one. */
static void records_written_anew_are_named(void **state)
{
    const struct log *log = *state;
    char line[2048], *text = malloc(log->size + sizeof line);
    for (int i = 0; i < RECORDS; i++) {
        size_t size = forge(log, i, line, sizeof line);
        size_t before = (size_t)(log->lines[i] - log->text);
        size_t after = (size_t)(log->text + log->size - log->lines[i + 1]);
        memcpy(text, log->text, before);
        memcpy(text + before, line, size);
        memcpy(text + before + size, log->lines[i + 1], after);
        assert_fault(log, text, log->size, JOURNAL_ALTERED, (uint64_t)i + 1, (uint64_t)i + 1);
        /* In front of the true one, and behind it. */
        memcpy(text + before + size, log->lines[i], after + size);
        assert_fault(log, text, log->size + size, JOURNAL_INSERTED, (uint64_t)i + 1, (uint64_t)i + 1);
        memcpy(text + before, log->lines[i], size);
        memcpy(text + before + size, line, size);
        memcpy(text + before + 2 * size, log->lines[i + 1], after);
        assert_fault(log, text, log->size + size, JOURNAL_INSERTED, (uint64_t)i + 2, (uint64_t)i + 1);
    }
    free(text);
}

/* Cut anywhere: the head tells it, and without it a torn end is said. */
static void every_cut_is_seen(void **state)
{
    const struct log *log = *state;
    const struct journal_expectation unknown = {NULL, NULL}, noted = {NULL, log->head.hash};
    int whole = 0;
    for (size_t size = 0; size < log->size; size += 1 + size % 11) {
        while (log->text + size >= log->lines[whole + 1])
            whole++;
        bool between = log->text + size == log->lines[whole];
        assert_fault(log, log->text, size, between ? JOURNAL_REMOVED : JOURNAL_TORN, (uint64_t)whole + 1,
                     (uint64_t)whole + 1);
        struct journal_verdict verdict = journal_check(log->text, size, &unknown, NULL, NULL);
        assert_int_equal(verdict.fault, JOURNAL_WHOLE);
        assert_int_equal(verdict.torn_end, !between);
        assert_int_equal(verdict.without_head, whole > 0);
        assert_int_equal(journal_check(log->text, size, &noted, NULL, NULL).fault, JOURNAL_REMOVED);
    }
}

/* A crash in each place of a record, and again while its mark is written: the log goes on and is whole. */
static void torn_lines_are_marked_and_no_fault(void **state)
{
    (void)state;
    struct log log;
    begin(&log);
    for (int i = 1; i <= 5; i++)
        add(&log, i);
    load(&log);
    const char *fourth_end = strrchr(log.text, '\n');
    while (fourth_end[-1] != '\n')
        fourth_end--;
    size_t before = (size_t)(fourth_end - log.text);
    struct journal_head head = {0};
    unsigned torn = 0;
    for (size_t cut = before + 1; cut + 1 < log.size; cut += 37) {
        FILE *file = fopen(log.path, torn ? "a" : "w");
        if (!torn)
            fwrite(log.text, 1, before, file);
        fwrite(fourth_end, 1, cut - before, file);
        if (torn % 3 == 2) /* the mark of the torn one is torn as well */
            fwrite("\n{\"seq\":5,\"pre", 1, 14, file);
        fclose(file);
        if (!torn) { /* the head is still that of record 4 */
            const struct journal_expectation none = {NULL, NULL};
            head = journal_check(log.text, before, &none, NULL, NULL).last;
            file = fopen(log.head_path, "w");
            fprintf(file, "{\"seq\":4,\"hash\":\"%s\"}\n", head.hash);
            fclose(file);
        }
        struct log now = log;
        now.text = NULL;
        load(&now);
        now.head = torn ? log.head : head;
        struct journal_verdict verdict = check(&now, now.text, now.size);
        assert_int_equal(verdict.fault, JOURNAL_WHOLE);
        assert_true(verdict.torn_end);
        assert_int_equal(verdict.torn, torn);
        free(now.text);
        add(&log, 5);
        now.text = NULL;
        load(&now);
        verdict = check(&log, now.text, now.size);
        assert_int_equal(verdict.fault, JOURNAL_WHOLE);
        assert_false(verdict.torn_end);
        assert_int_equal(verdict.torn, ++torn);
        free(now.text);
    }
    assert_true(torn > 5);
    end(&log);
}

static void refused(const struct log *log, const char *because)
{
    struct journal_head head;
    char why[JOURNAL_WHY_MAX] = "it was written";
    cJSON *members = cJSON_CreateObject();
    bool good = journal_append(log->path, members, &head, why);
    cJSON_Delete(members);
    if (good || !strstr(why, because))
        fail_msg("want '%s', got '%s'", because, why);
}

static void set_head(const struct log *log, const char *text)
{
    FILE *file = fopen(log->head_path, "w");
    fputs(text, file);
    fclose(file);
}

/* What was tampered with gets no further record, so that a scan that must be logged does not begin. */
static void a_log_that_does_not_fit_its_head_is_not_continued(void **state)
{
    (void)state;
    struct log log;
    char text[160];
    begin(&log);
    for (int i = 1; i <= 4; i++)
        add(&log, i);
    load(&log);
    struct journal_head head = log.head;
    set_head(&log, "{}");
    refused(&log, "no head of a log");
    unlink(log.head_path);
    refused(&log, "there is no .head beside it");
    snprintf(text, sizeof text, "{\"seq\":4,\"hash\":\"%s\"}\n", head.hash);
    set_head(&log, text);
    add(&log, 5);
    /* One behind is what a crash leaves. */
    set_head(&log, text);
    struct log now = log;
    now.text = NULL;
    now.head = head;
    load(&now);
    assert_true(check(&now, now.text, now.size).ahead_of_head);
    free(now.text);
    add(&log, 6);
    set_head(&log, text);
    refused(&log, "its head is of record 4");
    now.text = NULL;
    load(&now);
    assert_fault(&now, now.text, now.size, JOURNAL_INSERTED, 6, 6);
    free(now.text);
    end(&log);
}

static void what_is_no_log_is_left_alone(void **state)
{
    (void)state;
    struct log log;
    begin(&log);
    assert_int_equal(symlink("elsewhere", log.path), 0);
    refused(&log, "can't be written");
    unlink(log.path);
    assert_int_equal(mkfifo(log.path, 0600), 0);
    refused(&log, "a file of its own");
    unlink(log.path);
    assert_int_equal(mkdir(log.path, 0700), 0);
    refused(&log, "can't be written");
    rmdir(log.path);
    FILE *file = fopen(log.path, "w");
    for (int i = 0; i < 100000; i++)
        fputs("another file\n", file);
    fclose(file);
    refused(&log, "is it a log?");
    end(&log);
}

/* Scans of several shards, say, that log into one file. */
static void several_processes_make_one_chain(void **state)
{
    (void)state;
    enum { PROCESSES = 4, EACH = 15 };
    struct log log;
    begin(&log);
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            for (int j = 0; j < EACH; j++)
                add(&log, j);
            _exit(0);
        }
    }
    for (int i = 0, status; i < PROCESSES; i++)
        assert_true(wait(&status) > 0 && status == 0);
    bool there = false;
    assert_true(journal_head_read(log.path, &log.head, &there) && there);
    load(&log);
    assert_int_equal(check(&log, log.text, log.size).fault, JOURNAL_WHOLE);
    assert_int_equal(log.head.seq, PROCESSES * EACH);
    end(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_whole),
        cmocka_unit_test(one_byte_altered_is_named),
        cmocka_unit_test(every_line_feed_counts),
        cmocka_unit_test(each_record_removed_is_named),
        cmocka_unit_test(each_end_removed_is_named),
        cmocka_unit_test(each_two_swapped_are_named),
        cmocka_unit_test(each_record_repeated_is_named),
        cmocka_unit_test(other_lines_put_in_are_named),
        cmocka_unit_test(records_written_anew_are_named),
        cmocka_unit_test(every_cut_is_seen),
        cmocka_unit_test(torn_lines_are_marked_and_no_fault),
        cmocka_unit_test(a_log_that_does_not_fit_its_head_is_not_continued),
        cmocka_unit_test(what_is_no_log_is_left_alone),
        cmocka_unit_test(several_processes_make_one_chain),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
