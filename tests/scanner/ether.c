#include "ether.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

enum nature ether_nature(struct address address, uint16_t port)
{
    static const enum nature natures[] = {NATURE_OPEN,   NATURE_CLOSED, NATURE_CLOSED,      NATURE_SILENT,
                                          NATURE_SILENT, NATURE_SILENT, NATURE_UNREACHABLE, NATURE_CLOSED};
    return natures[permutation_mix(address.low * 65536 + port) % 8];
}

static bool lost(struct ether *ether)
{
    return (double)(permutation_mix(++ether->random) >> 11) * 0x1p-53 < ether->loss;
}

static void answer(struct ether *ether, struct address address, uint16_t port, unsigned attempt)
{
    static const enum wire_answer answers[] = {WIRE_OPEN, WIRE_CLOSED, WIRE_SILENT, WIRE_UNREACHABLE};
    enum wire_answer answer = answers[ether->nature(address, port)];
    if (answer == WIRE_SILENT || lost(ether))
        return;
    for (unsigned i = 0; i <= ether->repeats; i++) {
        if (ether->replies_count == ether->replies_capacity) {
            ether->replies_capacity = ether->replies_capacity ? ether->replies_capacity * 2 : 256;
            ether->replies = realloc(ether->replies, ether->replies_capacity * sizeof *ether->replies);
            assert_non_null(ether->replies);
        }
        ether->replies[ether->replies_count++] =
            (struct wire_reply){address, port, answer, attempt, ether->forged ? 0 : 64240, !ether->forged};
    }
}

static void send_step(struct ether *ether, uint64_t step, unsigned attempt)
{
    struct address address;
    struct port port;
    plan_draw(ether->plan, PLAN_SWEPT, step, &address, &port);
    if (ether->sent[step] && ether->now_ns - ether->sent_ns[step] < ether->nearest_ns)
        ether->nearest_ns = ether->now_ns - ether->sent_ns[step];
    if (ether->leaves)
        ether->leaves(ether, address);
    ether->sent[step]++;
    ether->sent_ns[step] = ether->now_ns;
    answer(ether, address, port.number, attempt);
}

static enum status send_span(struct wire *wire, struct wire_span span, struct wire_sent *sent_out)
{
    struct ether *ether = (struct ether *)(void *)wire;
    uint32_t count =
        ether->refuse_after && span.count > ether->refuse_after ? ether->refuse_after : span.count;
    *sent_out = (struct wire_sent){.steps = count};
    for (uint64_t step = span.first; step < span.first + count; step++) {
        assert_true(step < plan_size(ether->plan, PLAN_SWEPT));
        if (wire->marks[step & (wire->marks_size - 1)])
            continue;
        send_step(ether, step, span.attempt);
        sent_out->frames++;
    }
    return STATUS_OK;
}

static enum status hear(struct wire *wire, bool *more_out)
{
    struct ether *ether = (struct ether *)(void *)wire;
    *more_out = false;
    for (size_t i = 0; i < ether->replies_count; i++)
        if (ether->scan)
            scan_swept(ether->scan, &ether->replies[i]);
        else
            sweep_reply(ether->sweep, &ether->replies[i]);
    ether->replies_count = 0;
    return STATUS_OK;
}

static void count(struct wire *wire, struct wire_counters *counters_out)
{
    (void)wire;
    *counters_out = (struct wire_counters){0};
}

void ether_init(struct ether *ether, const struct plan *plan, uint64_t marks_size)
{
    *ether = (struct ether){.plan = plan, .nearest_ns = INT64_MAX, .nature = ether_nature};
    ether->wire = (struct wire){
        .name = "ether", .sweep = send_span, .hear = hear, .count = count, .marks_size = marks_size};
    ether->wire.descriptor = eventfd(0, EFD_CLOEXEC);
    assert_true(ether->wire.descriptor >= 0);
    ether->wire.marks = calloc(marks_size, 1);
    ether->sent = calloc(plan_size(plan, PLAN_SWEPT) + 1, 1);
    ether->sent_ns = calloc(plan_size(plan, PLAN_SWEPT) + 1, sizeof *ether->sent_ns);
    assert_non_null(ether->wire.marks);
    assert_non_null(ether->sent);
    assert_non_null(ether->sent_ns);
}

void ether_deinit(struct ether *ether)
{
    close(ether->wire.descriptor);
    free(ether->wire.marks);
    free(ether->sent);
    free(ether->sent_ns);
    free(ether->replies);
}
