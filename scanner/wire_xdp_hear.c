#include <bpf/libbpf.h>
#include <errno.h>
#include <pcap/dlt.h>
#include <string.h>
#include <sys/epoll.h>

#include "scanner/wire_xdp.h"

#include <wire.skel.h>

#define HEAR_MAX 512

/* The records and the frames end a call of libbpf by an error of ours; what was read is read all the same. */
#define ENOUGH (-ENOSPC)

static int take_record(void *context, void *data, size_t size)
{
    static const enum wire_answer answers[] = {[XDP_ANSWER_OPEN] = WIRE_OPEN,
                                               [XDP_ANSWER_CLOSED] = WIRE_CLOSED,
                                               [XDP_ANSWER_UNREACHABLE] = WIRE_UNREACHABLE};
    struct xdp_engine *engine = context;
    struct xdp_record record;
    if (size != sizeof record)
        return 0;
    memcpy(&record, data, sizeof record);
    struct wire_reply reply = {.address = {record.high, record.low},
                               .port = record.port,
                               .answer = answers[record.answer],
                               .attempt = record.attempt,
                               .window = record.window,
                               .options = record.options};
    engine->settings.listener.replied(engine->settings.listener.context, &reply);
    return ++engine->heard < HEAR_MAX ? 0 : ENOUGH;
}

static int take_capture(void *context, void *data, size_t size)
{
    struct xdp_engine *engine = context;
    struct xdp_capture capture;
    if (size < sizeof capture)
        return 0;
    memcpy(&capture, data, sizeof capture);
    evidence_add(engine->evidence, engine->epoch_ns + (int64_t)capture.time_ns, DLT_EN10MB,
                 (struct span){capture.frame, capture.kept});
    return ++engine->heard < HEAR_MAX ? 0 : ENOUGH;
}

/* What came past the program: from neighbours, and along the ways that are not its own. */
static void heard_other(void *context, const struct packet *packet, int64_t time_ns, int datalink,
                        struct span frame)
{
    struct xdp_engine *engine = context;
    struct wire_reply reply;
    enum packet_answer answer = packet_answer(packet, &engine->key, &reply);
    engine->others_foreign += answer == PACKET_FOREIGN;
    if (answer != PACKET_GENUINE)
        return;
    engine->others_heard++;
    if (engine->evidence)
        evidence_add(engine->evidence, time_ns, datalink, frame);
    engine->settings.listener.replied(engine->settings.listener.context, &reply);
}

static enum status consume(struct xdp_engine *engine, struct ring_buffer *ring, bool *more)
{
    engine->heard = 0;
    int count = ring_buffer__consume(ring);
    *more |= engine->heard >= HEAR_MAX;
    if (count >= 0 || engine->heard >= HEAR_MAX)
        return STATUS_OK;
    errno = -count;
    return STATUS_SYSTEM;
}

enum status xdp_engine_hear(struct wire *wire, bool *more_out)
{
    struct xdp_engine *engine = xdp_engine_of(wire);
    const struct ways_listener others = {heard_other, engine};
    if (engine->down) {
        errno = ENETDOWN;
        return STATUS_SYSTEM;
    }
    enum status status = ways_hear(&engine->ways, HEAR_MAX, &others, more_out);
    if (status == STATUS_OK)
        status = consume(engine, engine->records, more_out);
    if (status == STATUS_OK && engine->evidence)
        status = consume(engine, engine->captures, more_out);
    if (status == STATUS_OK && engine->evidence)
        status = evidence_flush(engine->evidence);
    return status;
}

enum status xdp_engine_listen(struct xdp_engine *engine)
{
    struct epoll_event event = {.events = EPOLLIN};
    int records = bpf_map__fd(engine->program->maps.records);
    engine->records = ring_buffer__new(records, take_record, engine, NULL);
    if (engine->evidence)
        engine->captures =
            ring_buffer__new(bpf_map__fd(engine->program->maps.captures), take_capture, engine, NULL);
    if (!engine->records || (engine->evidence && !engine->captures) ||
        epoll_ctl(engine->ways.descriptor, EPOLL_CTL_ADD, records, &event) != 0)
        return STATUS_SYSTEM;
    engine->wire.descriptor = engine->ways.descriptor;
    return STATUS_OK;
}
