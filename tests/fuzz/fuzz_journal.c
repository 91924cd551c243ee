#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "scanner/commands/journal_check.h"

static void require(bool truth)
{
    if (!truth)
        abort();
}

struct seen {
    uint64_t count;
    const char *end; /* of the record before */
};

static void see(void *context, const char *line, size_t size)
{
    struct seen *seen = context;
    require(size > 0 && (!seen->end || line > seen->end));
    seen->end = line + size;
    seen->count++;
}

static struct journal_verdict check(const char *text, size_t size, const struct journal_head *head)
{
    struct seen seen = {0};
    const struct journal_expectation expectation = {head, NULL};
    struct journal_verdict verdict = journal_check(text, size, &expectation, see, &seen);
    require(seen.count == verdict.last.seq);
    require(verdict.fault == JOURNAL_WHOLE || (verdict.line > 0 && verdict.seq > 0));
    return verdict;
}

/* A log of three records, made once. */
static const char *three(size_t *size_out, struct journal_head *head)
{
    static char text[2048];
    static struct journal_head last;
    static size_t size;
    if (size == 0) {
        memcpy(last.hash, JOURNAL_BEGINNING, sizeof last.hash);
        for (last.seq = 1; last.seq <= 3; last.seq++) {
            char body[256];
            int length = snprintf(body, sizeof body, "{\"seq\":%d,\"prev\":\"%s\",\"event\":\"ended\"}",
                                  (int)last.seq, last.hash);
            require(hash_text(body, (size_t)length, last.hash) == STATUS_OK);
            size += (size_t)snprintf(text + size, sizeof text - size, "%.*s,\"hash\":\"%s\"}\n", length - 1,
                                     body, last.hash);
        }
        last.seq = 3;
    }
    *head = last;
    *size_out = size;
    return text;
}

/* Bytes as a log; and the same put into one in place of some of its own: unless it stays the same, or only goes on in
   what is no record, that is seen. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct journal_head head;
    size_t whole_size = 0;
    const char *whole = three(&whole_size, &head);
    check((const char *)data, size, NULL);
    if (size < 3)
        return 0;
    size_t at = (data[0] | (size_t)data[1] << 8) % (whole_size + 1);
    size_t taken = data[2] % (whole_size - at + 1), put = size - 3;
    size_t changed_size = whole_size - taken + put;
    char *changed = malloc(changed_size + 1);
    require(changed != NULL);
    memcpy(changed, whole, at);
    if (put)
        memcpy(changed + at, data + 3, put);
    memcpy(changed + at + put, whole + at + taken, whole_size - at - taken);
    struct journal_verdict verdict = check(changed, changed_size, &head);
    bool same = changed_size == whole_size && memcmp(changed, whole, whole_size) == 0;
    bool goes_on = changed_size > whole_size && memcmp(changed, whole, whole_size) == 0;
    require(same ? verdict.fault == JOURNAL_WHOLE
                 : verdict.fault != JOURNAL_WHOLE || (goes_on && verdict.torn_end));
    free(changed);
    return 0;
}
