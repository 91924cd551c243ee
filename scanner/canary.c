#include "scanner/canary.h"

#define CONFIRM_NS                                                                                           \
    INT64_C(2000000000) /* after a miss it is asked again this soon, or sooner where that is its turn */

void watch_init(struct watch *watch, const struct canary *canaries, size_t count, double every_s,
                int64_t now_ns)
{
    *watch = (struct watch){.count = count < CANARIES_MAX ? count : CANARIES_MAX,
                            .every_ns = (int64_t)(every_s * 1e9)};
    for (size_t i = 0; i < watch->count; i++)
        watch->items[i] = (struct watched){.canary = canaries[i], .due_ns = now_ns};
}

static bool is_watched(const struct watched *watched)
{
    return watched->state == CANARY_NEW || watched->state == CANARY_OPEN || watched->state == CANARY_CLOSED;
}

struct watched *watch_take(struct watch *watch, int64_t now_ns)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct watched *watched = &watch->items[i];
        if (watched->asked || !is_watched(watched) || watched->due_ns > now_ns)
            continue;
        watched->asked = true;
        return watched;
    }
    return NULL;
}

/* What its state becomes with a miss too many. */
static enum canary_state fallen(const struct watched *watched, enum canary_answer answer)
{
    if (watched->state == CANARY_NEW)
        return CANARY_MUTE;
    return answer == CANARY_REFUSES ? CANARY_SHUT_OFF : CANARY_GONE;
}

bool watch_answer(struct watch *watch, struct watched *watched, enum canary_answer answer, int64_t now_ns)
{
    enum canary_state before = watched->state;
    bool missed = answer == CANARY_SILENT || (answer == CANARY_REFUSES && before == CANARY_OPEN);
    watched->asked = false;
    watched->due_ns = now_ns + watch->every_ns;
    if (answer == CANARY_UNASKED)
        return false;
    watched->misses = missed ? watched->misses + 1 : 0;
    if (missed && watch->every_ns > CONFIRM_NS)
        watched->due_ns = now_ns + CONFIRM_NS;
    if (watched->misses >= CANARY_MISSES)
        watched->state = fallen(watched, answer);
    else if (!missed && before == CANARY_NEW)
        watched->state = answer == CANARY_ACCEPTS ? CANARY_OPEN : CANARY_CLOSED;
    return watched->state != before;
}

size_t watch_asked(const struct watch *watch)
{
    size_t asked = 0;
    for (size_t i = 0; i < watch->count; i++)
        asked += watch->items[i].asked;
    return asked;
}

static size_t in_state(const struct watch *watch, enum canary_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < watch->count; i++)
        count += watch->items[i].state == state;
    return count;
}

bool watch_ready(const struct watch *watch)
{
    return in_state(watch, CANARY_NEW) == 0;
}

bool watch_mute(const struct watch *watch)
{
    return watch->count && in_state(watch, CANARY_MUTE) == watch->count;
}

const struct watched *watch_fallen(const struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        if (watch->items[i].state == CANARY_GONE || watch->items[i].state == CANARY_SHUT_OFF)
            return &watch->items[i];
    return NULL;
}
