#include "scoring/report/answers.h"

#include <stdlib.h>
#include <string.h>

static struct answer answer_of(const struct observation *observation)
{
    struct answer answer = {.address = observation->address,
                            .port = observation->port,
                            .service = observation->service ? observation->service : "unknown",
                            .tls = observation->tls,
                            .time_ms = observation->time_ms};
    size_t size = observation->evidence_size;
    answer.evidence_size = size < sizeof answer.evidence ? size : sizeof answer.evidence;
    memcpy(answer.evidence, observation->evidence, answer.evidence_size);
    memcpy(answer.product, observation->product, sizeof answer.product);
    memcpy(answer.version, observation->version, sizeof answer.version);
    return answer;
}

static void add(void *context, const char *organization, const struct observation *observation)
{
    (void)organization;
    struct answers *answers = context;
    if (observation->state != ENDPOINT_OPEN || answers->status != STATUS_OK)
        return;
    if (answers->count == answers->capacity) {
        size_t capacity = answers->capacity ? answers->capacity * 2 : 32;
        struct answer *grown = reallocarray(answers->items, capacity, sizeof *grown);
        if (!grown) {
            answers->status = STATUS_NO_MEMORY;
            return;
        }
        answers->items = grown;
        answers->capacity = capacity;
    }
    answers->items[answers->count++] = answer_of(observation);
}

static int endpoint_compare(const struct answer *left, const struct answer *right)
{
    int order = address_compare(left->address, right->address);
    if (order)
        return order;
    if (left->port.number != right->port.number)
        return left->port.number < right->port.number ? -1 : 1;
    return (left->port.transport > right->port.transport) - (left->port.transport < right->port.transport);
}

static int answer_compare(const void *a, const void *b)
{
    return endpoint_compare(a, b);
}

/* Of several at an endpoint the last is ours (evidence.h). */
static void settle(struct answers *answers)
{
    size_t kept = 0;
    struct answer *items = answers->items;
    for (size_t i = 0; i < answers->count; i++) {
        if (kept && endpoint_compare(&items[kept - 1], &items[i]) == 0)
            kept--;
        items[kept++] = items[i];
    }
    answers->count = kept;
}

/* Merges, which keeps the order of equals. */
static void sort(struct answer *items, size_t count, struct answer *room)
{
    if (count < 2)
        return;
    size_t half = count / 2;
    sort(items, half, room);
    sort(items + half, count - half, room);
    if (answer_compare(&items[half - 1], &items[half]) <= 0)
        return;
    memcpy(room, items, half * sizeof *room);
    for (size_t left = 0, right = half, at = 0; left < half; at++)
        items[at] =
            right < count && answer_compare(&items[right], &room[left]) < 0 ? items[right++] : room[left++];
}

enum status answers_collect(const struct report *report, const char *organization,
                            struct answers *answers_out)
{
    *answers_out = (struct answers){.status = STATUS_OK};
    if (!report->evidence)
        return STATUS_OK;
    enum status status = evidence_each_observation(report->evidence, organization, add, answers_out);
    if (status == STATUS_OK)
        status = answers_out->status;
    struct answer *room = calloc(answers_out->count + 1, sizeof *room);
    if (!room)
        status = STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        sort(answers_out->items, answers_out->count, room);
        settle(answers_out);
    }
    free(room);
    if (status != STATUS_OK)
        answers_deinit(answers_out);
    return status;
}

void answers_deinit(struct answers *answers)
{
    free(answers->items);
    *answers = (struct answers){0};
}

const struct answer *answers_at(const struct answers *answers, struct address address, struct port port)
{
    const struct answer wanted = {.address = address, .port = port};
    return answers->count
               ? bsearch(&wanted, answers->items, answers->count, sizeof *answers->items, answer_compare)
               : NULL;
}
