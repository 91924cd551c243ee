#include "scanner/commands/engine.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define MARKS_MIN UINT64_C(1024)
#define MARKS_MAX (UINT64_C(1) << 24)

static const char *const names[] = {"auto", "connect", "packet", "xdp"};

bool engine_kind_parse(const char *text, enum engine_kind *kind_out)
{
    for (enum engine_kind kind = ENGINE_AUTO; kind <= ENGINE_XDP; kind++)
        if (strcmp(text, names[kind]) == 0) {
            *kind_out = kind;
            return true;
        }
    return false;
}

const char *engine_kind_name(enum engine_kind kind)
{
    return names[kind];
}

bool engine_may_resume(enum engine_kind kind, const char *name)
{
    return kind == ENGINE_AUTO || strcmp(names[kind], name) == 0;
}

/* What is under way at the rate, all attempts and the last wait of them; a power of two. */
static uint64_t marks_for(const struct plan *plan, const struct scan_options *options)
{
    double seconds = options->attempts + options->connect_ms / 1000.0;
    uint64_t steps = plan_size(plan, PLAN_SWEPT), marks = MARKS_MIN;
    while (marks < MARKS_MAX && marks < steps && (double)marks < options->rate * seconds)
        marks *= 2;
    return marks;
}

static void replied(void *context, const struct wire_reply *reply)
{
    const struct engine *engine = context;
    scan_swept(engine->scan, reply);
}

enum status engine_open(struct engine *engine, enum engine_kind kind, const struct plan *plan,
                        struct authorization *authorization, const struct scan_options *options,
                        char *why_out)
{
    struct wire_settings settings = {
        .plan = plan,
        .authorization = authorization,
        .marks_size = marks_for(plan, options),
        .pcap = options->pcap,
        .listener = {.replied = replied, .context = engine},
    };
    *engine = (struct engine){0};
    if (getrandom(settings.key, sizeof settings.key, 0) != (ssize_t)sizeof settings.key) {
        snprintf(why_out, WIRE_WHY_MAX, "the kernel gives no random numbers");
        return STATUS_SYSTEM;
    }
    enum status status = STATUS_SYSTEM;
    if (kind != ENGINE_PACKET)
        status = wire_xdp_new(&settings, &engine->wire, why_out);
    if (kind == ENGINE_PACKET || (kind == ENGINE_AUTO && status != STATUS_OK))
        status = wire_packet_new(&settings, &engine->wire, why_out);
    return status;
}

void engine_close(struct engine *engine)
{
    if (engine->wire)
        engine->wire->free(&engine->wire);
}

const char *engine_name(const struct engine *engine)
{
    return engine->wire ? engine->wire->name : names[ENGINE_CONNECT];
}
