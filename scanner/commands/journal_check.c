#include "scanner/commands/journal_check.h"

#include <string.h>

/* A line of the text, without its line feed. */
struct line {
    const char *text;
    size_t size;
    uint64_t number; /* from 1 */
    bool ended;      /* by a line feed */
    bool is_record;
    struct journal_record record;
};

/* A place in the text, always at the beginning of a line. */
struct walk {
    const char *at, *end;
    uint64_t number; /* of the line before */
};

struct check {
    struct journal_verdict verdict;
    const struct journal_expectation *expectation;
    struct walk walk;
    uint64_t last_line;         /* of the newest record that is right */
    uint64_t unknown_line;      /* of the record behind the one that the head names */
    char before[HASH_TEXT_MAX]; /* that record's prev */
    const char *torn;           /* where what is no record began; NULL: nowhere */
    uint64_t torn_line;
    bool found_hash;
};

const char *journal_fault_name(enum journal_fault fault)
{
    static const char *const names[] = {"whole", "altered", "removed", "inserted", "reordered", "torn"};
    return names[fault];
}

static bool next_line(struct walk *walk, struct line *line)
{
    if (walk->at == walk->end)
        return false;
    const char *feed = memchr(walk->at, '\n', (size_t)(walk->end - walk->at));
    const char *end = feed ? feed : walk->end;
    *line = (struct line){walk->at, (size_t)(end - walk->at), ++walk->number, feed != NULL,
                          false,    {.torn_size = 0}};
    line->is_record = line->ended && journal_record_read(&line->record, line->text, line->size);
    walk->at = feed ? feed + 1 : walk->end;
    return true;
}

/* The next record of a number behind a place; with `prev`, the one that follows that hash. */
static bool find_record(struct walk from, uint64_t seq, const char *prev, struct line *found)
{
    while (next_line(&from, found))
        if (found->is_record && found->record.head.seq == seq &&
            (!prev || strcmp(found->record.prev, prev) == 0))
            return true;
    return false;
}

static bool fault(struct check *check, enum journal_fault kind, uint64_t line, uint64_t seq)
{
    check->verdict.fault = kind;
    check->verdict.line = line;
    check->verdict.seq = seq;
    return false;
}

static uint64_t expected(const struct check *check)
{
    return check->verdict.last.seq + 1;
}

static bool follows(const struct check *check, const struct journal_record *record)
{
    return record->head.seq == expected(check) && strcmp(record->prev, check->verdict.last.hash) == 0;
}

/* Two lines claim the same number, the earlier was taken for right: the record behind them says which is. */
static bool judge_twins(struct check *check, const struct line *later)
{
    struct line next;
    uint64_t seq = later->record.head.seq;
    const struct journal_head *head = check->expectation->head;
    bool later_is_right = find_record(check->walk, seq + 1, later->record.head.hash, &next);
    if (!later_is_right && !find_record(check->walk, seq + 1, check->verdict.last.hash, &next))
        later_is_right = head && strcmp(head->hash, later->record.head.hash) == 0;
    return fault(check, JOURNAL_INSERTED, later_is_right ? check->last_line : later->number, seq);
}

/* The number is right, and what it says of the record before is not: that one was written anew with a hash of its own,
   unless this line was put in before the true one. */
static bool judge_break(struct check *check, const struct line *line)
{
    struct line other;
    uint64_t seq = expected(check);
    if (find_record(check->walk, seq, check->verdict.last.hash, &other))
        return fault(check, JOURNAL_INSERTED, line->number, seq);
    if (seq == 1)
        return fault(check, JOURNAL_ALTERED, line->number, 1);
    return fault(check, JOURNAL_ALTERED, check->last_line, seq - 1);
}

/* A number that is higher than expected. */
static bool judge_gap(struct check *check, const struct line *line)
{
    struct line other;
    uint64_t seq = expected(check);
    if (!find_record(check->walk, seq, NULL, &other))
        return fault(check, JOURNAL_REMOVED, line->number, seq);
    uint64_t place = other.number;
    if (find_record(check->walk, line->record.head.seq, NULL, &other))
        return fault(check, JOURNAL_INSERTED, line->number, line->record.head.seq);
    check->verdict.other_line = place;
    return fault(check, JOURNAL_REORDERED, line->number, seq);
}

static bool judge(struct check *check, const struct line *line)
{
    uint64_t seq = line->record.head.seq;
    if (seq == expected(check))
        return judge_break(check, line);
    if (seq > expected(check))
        return judge_gap(check, line);
    if (seq == check->verdict.last.seq && strcmp(line->record.head.hash, check->verdict.last.hash) != 0)
        return judge_twins(check, line);
    return fault(check, JOURNAL_INSERTED, line->number, seq);
}

/* What stands before a record and is none: left by a crash when the record says so, else altered or put in. */
static bool judge_torn(struct check *check, const struct line *line)
{
    char hash[HASH_TEXT_MAX] = "";
    const struct journal_record *record = &line->record;
    size_t size = check->torn ? (size_t)(line->text - check->torn) - 1 : 0;
    if (!check->torn)
        return record->marks_torn ? fault(check, JOURNAL_REMOVED, line->number, record->head.seq) : true;
    bool marked = record->marks_torn && record->torn_size == size &&
                  hash_text(check->torn, size, hash) == STATUS_OK && strcmp(hash, record->torn_hash) == 0;
    if (!follows(check, record) || (record->marks_torn && !marked))
        return fault(check, JOURNAL_ALTERED, check->torn_line, expected(check));
    if (!marked)
        return fault(check, JOURNAL_INSERTED, check->torn_line, expected(check));
    check->verdict.torn++;
    check->torn = NULL;
    return true;
}

static void accept(struct check *check, const struct line *line)
{
    const struct journal_head *head = check->expectation->head;
    const struct journal_record *record = &line->record;
    check->verdict.last = record->head;
    check->last_line = line->number;
    memcpy(check->before, record->prev, sizeof check->before);
    if (head && record->head.seq == head->seq + 2)
        check->unknown_line = line->number;
    if (check->expectation->hash && strcmp(record->head.hash, check->expectation->hash) == 0)
        check->found_hash = true;
}

/* Bytes behind the last record. A record that the head knows was whole once; without a head a line that was ended
   was. */
static bool judge_rest(struct check *check, bool ended)
{
    const struct journal_head *head = check->expectation->head;
    uint64_t seq = expected(check);
    if (!check->torn)
        return true;
    if (ended && (!head || head->seq >= seq))
        return fault(check, JOURNAL_ALTERED, check->torn_line, seq);
    if (head && head->seq >= seq)
        return fault(check, JOURNAL_TORN, check->torn_line, seq);
    check->verdict.torn_end = true;
    return true;
}

static bool judge_head(struct check *check)
{
    struct journal_verdict *verdict = &check->verdict;
    const struct journal_head *head = check->expectation->head;
    const struct journal_head *last = &verdict->last;
    if (check->expectation->hash && !check->found_hash)
        return fault(check, JOURNAL_REMOVED, check->last_line + 1, last->seq + 1);
    verdict->without_head = !head && last->seq > 0;
    verdict->ahead_of_head = head && head->seq + 1 == last->seq;
    if (!head)
        return true;
    if (head->seq > last->seq)
        return fault(check, JOURNAL_REMOVED, check->last_line + 1, last->seq + 1);
    if (head->seq + 1 < last->seq)
        return fault(check, JOURNAL_INSERTED, check->unknown_line, head->seq + 2);
    const char *hash = head->seq == last->seq ? last->hash : check->before;
    return strcmp(hash, head->hash) == 0 ||
           fault(check, JOURNAL_ALTERED, check->last_line - verdict->ahead_of_head, head->seq);
}

static bool check_line(struct check *check, const struct line *line)
{
    if (!line->is_record) {
        check->torn_line = check->torn ? check->torn_line : line->number;
        check->torn = check->torn ? check->torn : line->text;
        return true;
    }
    if (!judge_torn(check, line))
        return false;
    if (!follows(check, &line->record))
        return judge(check, line);
    accept(check, line);
    return true;
}

struct journal_verdict journal_check(const char *text, size_t size,
                                     const struct journal_expectation *expectation,
                                     void (*each)(void *context, const char *line, size_t size),
                                     void *context)
{
    struct check check = {.expectation = expectation, .walk = {text, text + size, 0}};
    struct line line = {.ended = true};
    bool good = true;
    memcpy(check.verdict.last.hash, JOURNAL_BEGINNING, sizeof JOURNAL_BEGINNING);
    while (good && next_line(&check.walk, &line)) {
        good = check_line(&check, &line);
        if (good && line.is_record && each)
            each(context, line.text, line.size);
    }
    if (good && judge_rest(&check, line.ended))
        (void)judge_head(&check);
    return check.verdict;
}
