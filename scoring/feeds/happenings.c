#include "scoring/feeds/happenings.h"

#include <stdlib.h>
#include <string.h>

enum status happenings_init(struct happenings *happenings)
{
    *happenings = (struct happenings){0};
    return siphash_key_draw(&happenings->key);
}

void happenings_deinit(struct happenings *happenings)
{
    for (size_t i = 0; i < HAPPENINGS_MAX / HAPPENINGS_BLOCK; i++)
        free(happenings->blocks[i]);
    free(happenings->slots);
    *happenings = (struct happenings){0};
}

struct happening *happenings_at(const struct happenings *happenings, size_t number)
{
    return &happenings->blocks[number / HAPPENINGS_BLOCK][number % HAPPENINGS_BLOCK];
}

static uint64_t place_hash(const struct happenings *happenings, const struct happening_place *place)
{
    const uint64_t parts[] = {(uint64_t)(uintptr_t)place->organization, place->address.high,
                              place->address.low, (uint64_t)place->item << 32 | place->rule,
                              (uint64_t)place->day << 32 | (uint64_t)place->port.number << 8 |
                                  place->port.transport};
    return siphash(&happenings->key, parts, sizeof parts);
}

static bool place_equal(const struct happening_place *a, const struct happening_place *b)
{
    return a->organization == b->organization && address_compare(a->address, b->address) == 0 &&
           a->item == b->item && a->rule == b->rule && a->day == b->day && a->placed == b->placed &&
           a->port.number == b->port.number && a->port.transport == b->port.transport;
}

/* The slot of the place, or the free one where it belongs. */
static uint32_t *find_slot(const struct happenings *happenings, const struct happening_place *place)
{
    size_t at = place_hash(happenings, place) & (happenings->slots_count - 1);
    while (happenings->slots[at] &&
           !place_equal(&happenings_at(happenings, happenings->slots[at] - 1)->place, place))
        at = (at + 1) & (happenings->slots_count - 1);
    return &happenings->slots[at];
}

/* Half of the slots stay free. */
static enum status widen(struct happenings *happenings)
{
    if (happenings->count * 2 < happenings->slots_count)
        return STATUS_OK;
    size_t count = happenings->slots_count ? happenings->slots_count * 2 : 1024;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return STATUS_NO_MEMORY;
    free(happenings->slots);
    happenings->slots = slots;
    happenings->slots_count = count;
    for (size_t i = 0; i < happenings->count; i++)
        *find_slot(happenings, &happenings_at(happenings, i)->place) = (uint32_t)i + 1;
    return STATUS_OK;
}

static enum status find_entry(struct happenings *happenings, const struct happening_place *place,
                              struct happening **entry_out)
{
    enum status status = widen(happenings);
    if (status != STATUS_OK)
        return status;
    uint32_t *slot = find_slot(happenings, place);
    if (*slot) {
        *entry_out = happenings_at(happenings, *slot - 1);
        return STATUS_OK;
    }
    if (happenings->count == HAPPENINGS_MAX)
        return STATUS_LIMIT;
    struct happening **block = &happenings->blocks[happenings->count / HAPPENINGS_BLOCK];
    if (!*block)
        *block = malloc(HAPPENINGS_BLOCK * sizeof **block);
    if (!*block)
        return STATUS_NO_MEMORY;
    *entry_out = happenings_at(happenings, happenings->count++);
    **entry_out = (struct happening){.place = *place, .first_ms = INT64_MAX, .last_ms = INT64_MIN};
    *slot = (uint32_t)happenings->count;
    return STATUS_OK;
}

static void stretch(struct happening *entry, uint64_t events, int64_t first_ms, int64_t last_ms,
                    int confidence)
{
    entry->events += events;
    entry->first_ms = first_ms < entry->first_ms ? first_ms : entry->first_ms;
    entry->last_ms = last_ms > entry->last_ms ? last_ms : entry->last_ms;
    entry->confidence = confidence > entry->confidence ? confidence : entry->confidence;
}

enum status happenings_add(struct happenings *happenings, const struct happening_place *place,
                           int64_t time_ms, int confidence, struct happening **entry_out)
{
    enum status status = find_entry(happenings, place, entry_out);
    if (status == STATUS_OK)
        stretch(*entry_out, 1, time_ms, time_ms, confidence);
    return status;
}

enum status happenings_merge(struct happenings *happenings, const struct happening_place *place,
                             const struct happening *from)
{
    struct happening *entry = NULL;
    enum status status = find_entry(happenings, place, &entry);
    if (status != STATUS_OK)
        return status;
    if (entry->events == 0)
        memcpy(entry->what, from->what, sizeof entry->what);
    stretch(entry, from->events, from->first_ms, from->last_ms, from->confidence);
    return STATUS_OK;
}
