#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "scanner/packet.h"
#include "scanner/wire.h"

#define HEAR_MOST  1024
#define TELL_MOST  65536
#define SYNS_BEGUN (1u << 12)
#define SYNS_MAX   (UINT64_C(1) << 26)

/* The SYNs that were seen, each a keyed hash of everything that tells it from others, with its attempt in the lowest
   bits; 0 is an empty place. */
struct syns {
    uint64_t *places;
    uint64_t size; /* a power of two */
    uint64_t count;
};

#define ATTEMPT_MASK UINT64_C(15)

/* What is known of a target: how many different SYNs asked it, and whether one was answered. */
#define TARGET_ATTEMPTS 0x0f
#define TARGET_ANSWERED 0x80

struct wire_replay {
    struct wire wire;
    struct wire_settings settings;
    struct siphash_key key;
    pcap_t *capture; /* NULL when all of it was read */
    struct syns syns;
    uint8_t *targets; /* by plan_number */
    uint64_t told;    /* of the targets without answer, those that were told */
    struct wire_counters counted;
};

static struct wire_replay *engine_of(struct wire *wire)
{
    return (struct wire_replay *)(void *)wire;
}

/* The SYN that a packet is or answers. */
static uint64_t hash_of(const struct wire_replay *engine, const struct packet *packet)
{
    struct siphash hash;
    siphash_begin(&hash, &engine->key);
    siphash_add(&hash, packet->own.high);
    siphash_add(&hash, packet->own.low);
    siphash_add(&hash, packet->other.high);
    siphash_add(&hash, packet->other.low);
    siphash_add(&hash,
                (uint64_t)packet->own_port << 48 | (uint64_t)packet->other_port << 32 | packet->sequence);
    return siphash_end(&hash, 0, 40) & ~ATTEMPT_MASK;
}

/* The place of a SYN, or the empty one where it would be. */
static uint64_t *syns_find(const struct syns *syns, uint64_t hash)
{
    uint64_t at = (hash >> 4) & (syns->size - 1);
    while (syns->places[at] && (syns->places[at] & ~ATTEMPT_MASK) != hash)
        at = (at + 1) & (syns->size - 1);
    return &syns->places[at];
}

static enum status syns_grow(struct syns *syns)
{
    struct syns wider = {NULL, syns->size ? syns->size * 2 : SYNS_BEGUN, syns->count};
    if (syns->count >= SYNS_MAX)
        return STATUS_LIMIT;
    wider.places = calloc(wider.size, sizeof *wider.places);
    if (!wider.places)
        return STATUS_NO_MEMORY;
    for (uint64_t i = 0; i < syns->size; i++)
        if (syns->places[i])
            *syns_find(&wider, syns->places[i] & ~ATTEMPT_MASK) = syns->places[i];
    free(syns->places);
    *syns = wider;
    return STATUS_OK;
}

static enum status hear_syn(struct wire_replay *engine, const struct packet *packet, uint8_t *target)
{
    struct syns *syns = &engine->syns;
    uint64_t hash = hash_of(engine, packet);
    uint64_t *place = syns_find(syns, hash);
    if (*place)
        return STATUS_OK;
    unsigned attempt = *target & TARGET_ATTEMPTS;
    attempt += attempt < WIRE_ATTEMPTS_MAX;
    *target = (uint8_t)((*target & TARGET_ANSWERED) | attempt);
    *place = hash | attempt;
    engine->counted.sent++;
    syns->count++;
    return syns->count > syns->size / 2 ? syns_grow(syns) : STATUS_OK;
}

static void hear_answer(struct wire_replay *engine, const struct packet *packet, uint8_t *target)
{
    uint64_t syn = packet->proven ? *syns_find(&engine->syns, hash_of(engine, packet)) : 0;
    engine->counted.heard += syn != 0;
    engine->counted.foreign += syn == 0;
    if (!syn)
        return;
    struct wire_reply reply = packet_reply(packet, (unsigned)(syn & ATTEMPT_MASK));
    *target |= TARGET_ANSWERED;
    engine->settings.listener.replied(engine->settings.listener.context, &reply);
}

/* What has nothing to do with a target of the plan is passed over. */
static enum status hear_packet(struct wire_replay *engine, const struct packet *packet)
{
    if (packet->kind != PACKET_SYN && !packet_answers(packet))
        return STATUS_OK;
    struct port port = {packet->other_port, TRANSPORT_TCP};
    uint64_t number = plan_number(engine->settings.plan, packet->other, port);
    if (number == UINT64_MAX)
        return STATUS_OK;
    if (packet->kind == PACKET_SYN)
        return hear_syn(engine, packet, &engine->targets[number]);
    hear_answer(engine, packet, &engine->targets[number]);
    return STATUS_OK;
}

/* A capture that was cut off ends there: what it holds up to then is as good as any. */
static enum status read_capture(struct wire_replay *engine)
{
    enum status status = STATUS_OK;
    int datalink = pcap_datalink(engine->capture);
    for (int i = 0; i < HEAR_MOST && status == STATUS_OK; i++) {
        struct pcap_pkthdr *header;
        struct packet packet;
        const u_char *bytes;
        int code = pcap_next_ex(engine->capture, &header, &bytes);
        if (code != 1) {
            engine->counted.lost_in += code != PCAP_ERROR_BREAK;
            pcap_close(engine->capture);
            engine->capture = NULL;
            return STATUS_OK;
        }
        packet_read(datalink, (struct span){bytes, header->caplen}, &packet);
        status = hear_packet(engine, &packet);
    }
    return status;
}

/* Some of the targets that were asked and did not answer. */
static void tell_silence(struct wire_replay *engine)
{
    const struct plan *plan = engine->settings.plan;
    for (int i = 0; i < TELL_MOST && engine->told < plan->total; i++, engine->told++) {
        uint8_t target = engine->targets[engine->told];
        struct wire_reply reply = {.answer = WIRE_SILENT, .attempt = target & TARGET_ATTEMPTS};
        struct port port;
        if (!reply.attempt || target & TARGET_ANSWERED)
            continue;
        plan_target(plan, engine->told, &reply.address, &port);
        reply.port = port.number;
        engine->settings.listener.replied(engine->settings.listener.context, &reply);
    }
}

static enum status hear(struct wire *wire, bool *more_out)
{
    struct wire_replay *engine = engine_of(wire);
    enum status status = STATUS_OK;
    if (engine->capture)
        status = read_capture(engine);
    else
        tell_silence(engine);
    *more_out = engine->capture || engine->told < engine->settings.plan->total;
    uint64_t value;
    /* Nothing more will come. */
    if (!*more_out && read(wire->descriptor, &value, sizeof value) < 0 && errno != EAGAIN)
        status = STATUS_SYSTEM;
    return status;
}

/* What was to be sent was sent long ago. */
static enum status sweep(struct wire *wire, struct wire_span span, struct wire_sent *sent_out)
{
    (void)wire;
    *sent_out = (struct wire_sent){span.count, 0};
    return STATUS_OK;
}

static void count(struct wire *wire, struct wire_counters *counters_out)
{
    *counters_out = engine_of(wire)->counted;
}

static void wire_free(struct wire **wire)
{
    struct wire_replay *engine = *wire ? engine_of(*wire) : NULL;
    if (!engine)
        return;
    if (engine->capture)
        pcap_close(engine->capture);
    if (engine->wire.descriptor >= 0)
        close(engine->wire.descriptor);
    free(engine->syns.places);
    free(engine->targets);
    free(engine->wire.marks);
    free(engine);
    *wire = NULL;
}

static enum status open_capture(struct wire_replay *engine, const char *path, char *why_out)
{
    char why[PCAP_ERRBUF_SIZE];
    engine->capture = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!engine->capture) {
        snprintf(why_out, WIRE_WHY_MAX, "%.250s", why);
        return STATUS_WRONG_FILE;
    }
    int datalink = pcap_datalink(engine->capture);
    if (packet_knows(datalink))
        return STATUS_OK;
    const char *name = pcap_datalink_val_to_name(datalink);
    snprintf(why_out, WIRE_WHY_MAX,
             "%.120s: captures of the link type %s are not read; EN10MB, RAW and LINUX_SLL are", path,
             name ? name : "unknown");
    return STATUS_WRONG_FILE;
}

enum status wire_replay_new(const struct wire_settings *settings, const char *capture, struct wire **wire_out,
                            char *why_out)
{
    struct wire_replay *engine = calloc(1, sizeof *engine);
    *wire_out = engine ? &engine->wire : NULL;
    if (!engine)
        return STATUS_NO_MEMORY;
    why_out[0] = '\0';
    engine->settings = *settings;
    memcpy(&engine->key, settings->key, sizeof engine->key);
    engine->wire =
        (struct wire){.name = "replay", .sweep = sweep, .hear = hear, .count = count, .free = wire_free};
    engine->wire.descriptor = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    engine->wire.marks_size = settings->marks_size;
    engine->wire.marks = calloc(settings->marks_size, 1);
    engine->targets = calloc(settings->plan->total + 1, 1);
    enum status status = engine->wire.marks && engine->targets ? syns_grow(&engine->syns) : STATUS_NO_MEMORY;
    if (status == STATUS_OK)
        status = engine->wire.descriptor < 0 ? STATUS_SYSTEM : open_capture(engine, capture, why_out);
    if (status != STATUS_OK)
        wire_free(wire_out);
    return status;
}
