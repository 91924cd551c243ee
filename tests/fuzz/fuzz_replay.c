#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "scanner/wire.h"

static const char scope_text[] = "{ \"auscult\": 1, \"authorization\": { \"reference\": \"r\", "
                                 "\"authorized_by\": \"a\", \"contact\": \"c\", "
                                 "\"valid_from\": \"2020-01-01\", \"valid_until\": \"2020-12-31\" }, "
                                 "\"organizations\": [ { \"id\": \"a\", "
                                 "\"name\": \"n\", \"ranges\": [\"192.0.2.0/28\", \"2001:db8::/124\"] } ] }";

/* What captures are replayed over; made once. */
struct scene {
    struct scope scope;
    struct authorization *authorization;
    struct ports ports;
    struct plan plan;
};

static void scene_init(struct scene *scene)
{
    struct complaints complaints;
    complaints_init(&complaints, "s");
    ports_init(&scene->ports);
    for (uint16_t port = 1; port <= 64; port++)
        if (ports_add(&scene->ports, port, TRANSPORT_TCP) != STATUS_OK)
            abort();
    if (scope_parse(&scene->scope, scope_text, sizeof scope_text - 1, &complaints) != STATUS_OK ||
        authorization_new(&scene->scope, &scene->authorization) != STATUS_OK ||
        plan_init(&scene->plan, scene->authorization, &scene->ports, 1, 1, 1, true) != STATUS_OK)
        abort();
    complaints_deinit(&complaints);
}

/* Nothing is told of what is not in the plan. */
static void replied(void *context, const struct wire_reply *reply)
{
    const struct scene *scene = context;
    struct port port = {reply->port, TRANSPORT_TCP};
    if (plan_number(&scene->plan, reply->address, port) == UINT64_MAX || !reply->attempt ||
        reply->attempt > WIRE_ATTEMPTS_MAX)
        abort();
}

static void replay(struct scene *scene, const char *path)
{
    struct wire_settings settings = {.plan = &scene->plan, .marks_size = 16};
    struct wire *wire;
    char why[WIRE_WHY_MAX];
    settings.listener = (struct wire_listener){.replied = replied, .context = scene};
    if (wire_replay_new(&settings, path, &wire, why) != STATUS_OK)
        return;
    for (bool more = true; more;)
        if (wire->hear(wire, &more) != STATUS_OK)
            break;
    wire->free(&wire);
}

/* A capture file, whoever made it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene scene;
    char path[32];
    if (!scene.plan.total)
        scene_init(&scene);
    int file = memfd_create("capture", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    replay(&scene, path);
    close(file);
    return 0;
}
