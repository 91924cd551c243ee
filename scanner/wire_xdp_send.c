#include <bpf/bpf.h>
#include <pcap/dlt.h>
#include <string.h>

#include "scanner/clock.h"
#include "scanner/question.h"
#include "scanner/wire_xdp.h"

#include <wire.skel.h>

/* Frames of one call: a call costs some 10 us, and the more there are in it, the less each costs. */
#define CALL_MAX WIRE_SPAN_MAX
/* The kernel flushes so many at a time; a veth's other end holds 256. */
#define BATCH_MAX 64

static bool is_marked(const struct xdp_engine *engine, uint64_t step)
{
    return engine->wire.marks[step & (engine->wire.marks_size - 1)] != 0;
}

static int64_t now_s(void)
{
    return clock_epoch_ms() / 1000;
}

static void reply_unsent(struct xdp_engine *engine, struct address address, struct port port,
                         enum wire_answer answer, uint32_t attempt)
{
    struct wire_reply reply = {.address = address, .port = port.number, .answer = answer, .attempt = attempt};
    engine->settings.listener.replied(engine->settings.listener.context, &reply);
}

/* The frame as the program made it: both come of the same template, target, key and attempt. */
static void keep_evidence(struct xdp_engine *engine, uint64_t step, uint32_t attempt, int64_t time_ns)
{
    struct address address;
    struct port port;
    uint8_t frame[SYN_FRAME_MAX];
    plan_draw(engine->settings.plan, PLAN_SWEPT, step, &address, &port);
    struct passage passage = ways_find(&engine->ways, address);
    syn_write(&passage.way->syn, &engine->key, address, port.number, attempt, frame);
    if (passage.hardware)
        memcpy(frame, passage.hardware, 6);
    evidence_add(engine->evidence, time_ns, DLT_EN10MB, (struct span){frame, passage.way->syn.size});
}

/* One frame in the packet engine's way, under a permit: for what live frames can't reach. */
static enum status send_other(struct xdp_engine *engine, const struct passage *passage,
                              struct address address, struct port port, uint32_t attempt,
                              struct wire_sent *sent)
{
    const struct permits *permits;
    const struct permits_request request = {address, port};
    size_t refused, taken = 0;
    uint8_t bytes[SYN_FRAME_MAX];
    if (authorization_permits(engine->settings.authorization, &request, 1, now_s(), &permits, &refused) !=
        REFUSAL_NONE) {
        engine->refused = true;
        return STATUS_UNAUTHORIZED;
    }
    const struct syn_template *syn = &passage->way->syn;
    const struct device_frame frame = {bytes, syn->size, syn->ipv6};
    syn_write(syn, &engine->key, permits_address(permits, 0), permits_port(permits, 0).number, attempt,
              bytes);
    if (passage->hardware)
        memcpy(bytes, passage->hardware, 6);
    int64_t before_ns = clock_epoch_ns();
    enum status status = device_send(passage->way->device, &frame, 1, &taken);
    engine->others_sent += taken;
    sent->frames += (uint32_t)taken;
    if (taken && engine->evidence)
        evidence_add(engine->evidence, before_ns, DLT_RAW,
                     (struct span){bytes + SYN_LINK_SIZE, syn->size - SYN_LINK_SIZE});
    return status;
}

static enum status run(struct xdp_engine *engine, uint64_t first, uint32_t count, uint32_t attempt)
{
    static const uint8_t room[SYN_FRAME_MAX];
    struct xdp_state *state = &engine->program->bss->state;
    struct bpf_test_run_opts options = {.sz = sizeof options,
                                        .data_in = room,
                                        .data_size_in = engine->xdp_ways.frame_size,
                                        .repeat = (int)count,
                                        .batch_size = count < BATCH_MAX ? count : BATCH_MAX,
                                        .flags = BPF_F_TEST_XDP_LIVE_FRAMES};
    state->first = first;
    state->attempt = attempt;
    state->done = 0;
    int error = bpf_prog_test_run_opts(bpf_program__fd(engine->program->progs.wire), &options);
    if (error == 0 || error == -EINTR)
        return STATUS_OK;
    errno = -error;
    return STATUS_SYSTEM;
}

/* The program found no hardware address: there may be one by now that it was not told of. */
static enum status send_unresolved(struct xdp_engine *engine, uint64_t step, uint32_t attempt,
                                   struct wire_sent *sent)
{
    struct address address;
    struct port port;
    plan_draw(engine->settings.plan, PLAN_SWEPT, step, &address, &port);
    struct passage passage = ways_find(&engine->ways, address);
    if (passage.answer != WIRE_OPEN || !passage.hardware) {
        reply_unsent(engine, address, port, passage.answer, attempt);
        return STATUS_OK;
    }
    int64_t before_ns = clock_epoch_ns();
    enum status status = xdp_program_acquaint(engine->program, address, passage.hardware);
    if (status == STATUS_OK)
        status = run(engine, step, 1, attempt);
    bool left = status == STATUS_OK && engine->program->bss->state.fates[0] == XDP_FATE_SENT;
    sent->frames += left;
    if (left && engine->evidence)
        keep_evidence(engine, step, attempt, before_ns);
    return status;
}

static enum status send_along_other(struct xdp_engine *engine, uint64_t step, uint32_t attempt,
                                    struct wire_sent *sent)
{
    struct address address;
    struct port port;
    plan_draw(engine->settings.plan, PLAN_SWEPT, step, &address, &port);
    struct passage passage = ways_find(&engine->ways, address);
    if (passage.answer == WIRE_OPEN)
        return send_other(engine, &passage, address, port, attempt, sent);
    reply_unsent(engine, address, port, passage.answer, attempt);
    return STATUS_OK;
}

static enum status settle_step(struct xdp_engine *engine, uint64_t step, uint8_t fate,
                               const struct wire_span *span, struct wire_sent *sent)
{
    switch (fate) {
    case XDP_FATE_UNRESOLVED:
        return send_unresolved(engine, step, span->attempt, sent);
    case XDP_FATE_OTHER:
        return send_along_other(engine, step, span->attempt, sent);
    case XDP_FATE_REFUSED:
        engine->refused = true;
        return STATUS_UNAUTHORIZED;
    case XDP_FATE_BROKEN:
        engine->refused = true;
        errno = ENOTRECOVERABLE;
        return STATUS_SYSTEM;
    default:
        return STATUS_OK;
    }
}

/* What the program noted of each step of a run; what it left is sent otherwise. */
static enum status settle_each(struct xdp_engine *engine, const struct wire_span *span, uint32_t done,
                               int64_t before_ns, struct wire_sent *sent)
{
    uint8_t fates[XDP_SPAN_MAX];
    uint64_t first = span->first + sent->steps;
    enum status status = STATUS_OK;
    memcpy(fates, engine->program->bss->state.fates, done);
    for (uint32_t i = 0; i < done && status == STATUS_OK; i++) {
        if (fates[i] == XDP_FATE_SENT) {
            sent->frames++;
            if (engine->evidence)
                keep_evidence(engine, first + i, span->attempt, before_ns);
        } else {
            status = settle_step(engine, first + i, fates[i], span, sent);
        }
        sent->steps += status == STATUS_OK;
    }
    return status;
}

static enum status settle(struct xdp_engine *engine, const struct wire_span *span, uint32_t done,
                          uint64_t frames, int64_t before_ns, struct wire_sent *sent)
{
    if (frames != done || engine->evidence)
        return settle_each(engine, span, done, before_ns, sent);
    sent->steps += done;
    sent->frames += done;
    return STATUS_OK;
}

/* How many frames the devices took and how many the program has handed to them. */
struct handed {
    uint64_t taken, frames;
    bool counted;
};

static struct handed handed_so_far(const struct xdp_engine *engine)
{
    struct handed handed = {.frames = engine->program->bss->state.frames};
    uint64_t lost;
    handed.counted = xdp_departure_count(&engine->departure, &handed.taken, &lost);
    return handed;
}

/* None of a call's frames left: there is no carrier, or no room. Then it is as if they had not been made. */
static bool take_back(struct xdp_engine *engine, const struct handed *before)
{
    struct handed now = handed_so_far(engine);
    if (!now.counted || now.frames == before->frames || now.taken != before->taken)
        return false;
    engine->program->bss->state.frames = before->frames;
    return true;
}

/* As many steps as a call takes, from where *sent is on. */
static enum status call(struct xdp_engine *engine, const struct wire_span *span, struct wire_sent *sent,
                        bool *cut_out)
{
    uint64_t first = span->first + sent->steps;
    uint32_t left = span->count - sent->steps, count = left < CALL_MAX ? left : CALL_MAX;
    *cut_out = false;
    if (is_marked(engine, first)) {
        sent->steps++;
        return STATUS_OK;
    }
    while (is_marked(engine, first + count - 1))
        count--;
    int64_t before_ns = engine->evidence ? clock_epoch_ns() : 0;
    const struct xdp_state *state = &engine->program->bss->state;
    struct handed before = handed_so_far(engine);
    enum status ran = run(engine, first, count, span->attempt);
    uint32_t done = state->done;
    done = done < count ? done : count;
    bool none_left = take_back(engine, &before);
    *cut_out = done < count || none_left;
    if (none_left)
        return ran;
    enum status status = settle(engine, span, done, state->frames - before.frames, before_ns, sent);
    return status == STATUS_OK ? ran : status;
}

static uint64_t dropped(const struct xdp_engine *engine)
{
    uint64_t taken = 0, lost = 0;
    xdp_departure_count(&engine->departure, &taken, &lost);
    return lost;
}

/* The program's ways, after a gateway's hardware address became another. */
static enum status aim_again(struct xdp_engine *engine)
{
    const struct order *order = &engine->settings.plan->orders[PLAN_SWEPT];
    if (engine->changes == engine->ways.changes)
        return STATUS_OK;
    engine->changes = engine->ways.changes;
    enum status status = xdp_ways_again(&engine->xdp_ways, &engine->ways, order);
    return status == STATUS_OK ? xdp_program_aim(engine->program, &engine->xdp_ways, &engine->key) : status;
}

enum status xdp_engine_sweep(struct wire *wire, struct wire_span span, struct wire_sent *sent_out)
{
    struct xdp_engine *engine = xdp_engine_of(wire);
    *sent_out = (struct wire_sent){0, 0};
    if (engine->refused || authorization_moment(engine->settings.authorization, now_s()) != REFUSAL_NONE)
        return STATUS_UNAUTHORIZED;
    uint64_t lost = dropped(engine);
    enum status status = aim_again(engine);
    bool cut = false;
    while (status == STATUS_OK && !cut && sent_out->steps < span.count && dropped(engine) == lost)
        status = call(engine, &span, sent_out, &cut);
    if (status == STATUS_OK && engine->evidence)
        status = evidence_flush(engine->evidence);
    return status;
}

enum status xdp_engine_resolve(struct wire *wire, struct wire_span span, struct wire_sent *sent_out)
{
    struct xdp_engine *engine = xdp_engine_of(wire);
    return questions_send(&engine->ways, &engine->settings, &engine->refused, span, sent_out);
}
