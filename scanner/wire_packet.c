#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/clock.h"
#include "scanner/evidence.h"
#include "scanner/local_ports.h"
#include "scanner/question.h"
#include "scanner/wire.h"

#define CAPTURE_SIZE       192 /* the longest answer: an ICMPv6 error up to the quoted sequence, with tags */
#define CAPTURE_SIZE_WHOLE 65535
#define HEAR_MOST          512

/* SYNs that go to one device in one call of the system. */
struct batch {
    struct device *device;
    size_t count;
    struct permits_request requests[PERMITS_MAX];
    struct passage passages[PERMITS_MAX];
    uint32_t steps[PERMITS_MAX]; /* of the span, done before this frame */
    struct device_frame frames[PERMITS_MAX];
    uint8_t bytes[PERMITS_MAX][SYN_FRAME_MAX];
};

struct wire_packet {
    struct wire wire;
    struct wire_settings settings;
    struct siphash_key key;
    struct ways ways;
    struct evidence *evidence; /* NULL: none */
    struct wire_counters counted;
    bool refused; /* by the gate: nothing goes out any more */
    struct batch batch;
};

static struct wire_packet *engine_of(struct wire *wire)
{
    return (struct wire_packet *)(void *)wire;
}

/* Nothing is sent, and why is known at once. */
static void reply_unsent(struct wire_packet *engine, struct address address, uint16_t port,
                         enum wire_answer answer, unsigned attempt)
{
    struct wire_reply reply = {.address = address, .port = port, .answer = answer, .attempt = attempt};
    engine->settings.listener.replied(engine->settings.listener.context, &reply);
}

/* Fills the batch from a step of the span on, until it is full, the span ends or another device is wanted; returns
   the step that it came to. */
static uint32_t collect(struct wire_packet *engine, struct wire_span span, uint32_t step)
{
    struct batch *batch = &engine->batch;
    const uint64_t mask = engine->wire.marks_size - 1;
    batch->count = 0;
    for (; step < span.count && batch->count < PERMITS_MAX; step++) {
        struct permits_request *request = &batch->requests[batch->count];
        if (engine->wire.marks[(span.first + step) & mask])
            continue;
        plan_draw(engine->settings.plan, PLAN_SWEPT, span.first + step, &request->address, &request->port);
        struct passage passage = ways_find(&engine->ways, request->address);
        if (passage.answer != WIRE_OPEN) {
            reply_unsent(engine, request->address, request->port.number, passage.answer, span.attempt);
            continue;
        }
        if (batch->count && passage.way->device != batch->device)
            break;
        batch->device = passage.way->device;
        batch->passages[batch->count] = passage;
        batch->steps[batch->count++] = step;
    }
    return step;
}

static void keep_evidence(struct wire_packet *engine, size_t taken, int64_t time_ns)
{
    bool whole = device_facts(engine->batch.device)->kind == DEVICE_ETHERNET;
    for (size_t i = 0; i < taken; i++) {
        struct span frame = {engine->batch.frames[i].bytes, engine->batch.frames[i].size};
        evidence_add(engine->evidence, time_ns, whole ? DLT_EN10MB : DLT_RAW,
                     span_from(frame, whole ? 0 : SYN_LINK_SIZE));
    }
}

/* Sends one SYN for each permit, and nothing without one. */
static enum status transmit(struct wire_packet *engine, const struct permits *permits, uint32_t attempt,
                            size_t *taken_out)
{
    struct batch *batch = &engine->batch;
    for (size_t i = 0; i < permits_count(permits); i++) {
        const struct passage *passage = &batch->passages[i];
        syn_write(&passage->way->syn, &engine->key, permits_address(permits, i),
                  permits_port(permits, i).number, attempt, batch->bytes[i]);
        if (passage->hardware)
            memcpy(batch->bytes[i], passage->hardware, sizeof(struct syn_link) / 2);
        batch->frames[i] =
            (struct device_frame){batch->bytes[i], passage->way->syn.size, passage->way->syn.ipv6};
    }
    int64_t before_ns = engine->evidence ? clock_epoch_ns() : 0; /* no answer is earlier than its SYN */
    enum status status = device_send(batch->device, batch->frames, permits_count(permits), taken_out);
    engine->counted.sent += *taken_out;
    if (engine->evidence)
        keep_evidence(engine, *taken_out, before_ns);
    return status;
}

static enum status ask_leave(struct wire_packet *engine, const struct permits **permits_out)
{
    size_t refused;
    enum refusal refusal =
        authorization_permits(engine->settings.authorization, engine->batch.requests, engine->batch.count,
                              clock_epoch_ms() / 1000, permits_out, &refused);
    engine->refused |= refusal != REFUSAL_NONE;
    return engine->refused ? STATUS_UNAUTHORIZED : STATUS_OK;
}

static enum status sweep(struct wire *wire, struct wire_span span, struct wire_sent *sent_out)
{
    struct wire_packet *engine = engine_of(wire);
    const struct permits *permits;
    enum status status = engine->refused ? STATUS_UNAUTHORIZED : STATUS_OK;
    *sent_out = (struct wire_sent){0, 0};
    while (sent_out->steps < span.count && status == STATUS_OK) {
        size_t taken = 0;
        uint32_t step = collect(engine, span, sent_out->steps);
        size_t count = engine->batch.count;
        if (count)
            status = ask_leave(engine, &permits);
        if (count && status == STATUS_OK)
            status = transmit(engine, permits, span.attempt, &taken);
        sent_out->frames += (uint32_t)taken;
        sent_out->steps = taken < count ? engine->batch.steps[taken] : step;
        if (taken < count)
            break;
    }
    if (status == STATUS_OK && engine->evidence)
        status = evidence_flush(engine->evidence);
    return status;
}

static enum status resolve(struct wire *wire, struct wire_span span, struct wire_sent *sent_out)
{
    struct wire_packet *engine = engine_of(wire);
    return questions_send(&engine->ways, &engine->settings, &engine->refused, span, sent_out);
}

static void heard(void *context, const struct packet *packet, int64_t time_ns, int datalink,
                  struct span frame)
{
    struct wire_packet *engine = context;
    struct wire_reply reply;
    enum packet_answer answer = packet_answer(packet, &engine->key, &reply);
    engine->counted.foreign += answer == PACKET_FOREIGN;
    if (answer != PACKET_GENUINE)
        return;
    engine->counted.heard++;
    if (engine->evidence)
        evidence_add(engine->evidence, time_ns, datalink, frame);
    engine->settings.listener.replied(engine->settings.listener.context, &reply);
}

static enum status hear(struct wire *wire, bool *more_out)
{
    struct wire_packet *engine = engine_of(wire);
    const struct ways_listener listener = {heard, engine};
    enum status status = ways_hear(&engine->ways, HEAR_MOST, &listener, more_out);
    if (status == STATUS_OK && engine->evidence)
        status = evidence_flush(engine->evidence);
    return status;
}

static void count(struct wire *wire, struct wire_counters *counters_out)
{
    struct wire_packet *engine = engine_of(wire);
    *counters_out = engine->counted;
    for (size_t i = 0; i < engine->ways.devices_count; i++) {
        uint64_t lost_out, lost_in;
        device_losses(engine->ways.devices[i], &engine->ways.netlink, &lost_out, &lost_in);
        counters_out->lost_out += lost_out;
        counters_out->lost_in += lost_in;
    }
}

static void wire_free(struct wire **wire)
{
    struct wire_packet *engine = *wire ? engine_of(*wire) : NULL;
    if (!engine)
        return;
    evidence_free(&engine->evidence);
    ways_deinit(&engine->ways);
    free(engine->wire.marks);
    free(engine);
    *wire = NULL;
}

static enum status open_engine(struct wire_packet *engine, char *why_out)
{
    const struct wire_settings *settings = &engine->settings;
    engine->wire.marks_size = settings->marks_size;
    engine->wire.marks = calloc(settings->marks_size, 1);
    enum status status = engine->wire.marks ? local_ports_check(why_out) : STATUS_NO_MEMORY;
    if (status == STATUS_OK && settings->pcap)
        status = evidence_new(settings->pcap, &engine->evidence, why_out);
    if (status != STATUS_OK)
        return status;
    /* A hash of the key, for every run another and for a resumed one the same. */
    uint32_t timestamp = (uint32_t)cookie_v4(&engine->key, 0, 0, 0);
    status = ways_init(&engine->ways, &settings->plan->orders[PLAN_SWEPT].addresses, timestamp,
                       settings->pcap ? CAPTURE_SIZE_WHOLE : CAPTURE_SIZE, why_out);
    if (status != STATUS_OK)
        return status;
    engine->wire.descriptor = engine->ways.descriptor;
    engine->wire.resolve = ways_need_resolving(&engine->ways) ? resolve : NULL;
    return STATUS_OK;
}

enum status wire_packet_new(const struct wire_settings *settings, struct wire **wire_out, char *why_out)
{
    struct wire_packet *engine = calloc(1, sizeof *engine);
    *wire_out = engine ? &engine->wire : NULL;
    if (!engine)
        return STATUS_NO_MEMORY;
    why_out[0] = '\0';
    engine->settings = *settings;
    memcpy(&engine->key, settings->key, sizeof engine->key);
    engine->ways.descriptor = -1;
    engine->wire = (struct wire){
        .name = "packet", .sweep = sweep, .hear = hear, .count = count, .free = wire_free, .descriptor = -1};
    enum status status = open_engine(engine, why_out);
    if (status != STATUS_OK)
        wire_free(wire_out);
    return status;
}
