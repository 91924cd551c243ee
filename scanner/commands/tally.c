#include "scanner/commands/tally.h"

#include <stdlib.h>
#include <string.h>

#include "targets/permutation.h"

void tally_init(struct tally *tally)
{
    *tally = (struct tally){0};
}

void tally_deinit(struct tally *tally)
{
    free(tally->places);
    tally_init(tally);
}

/* Where the pair is, or would be; there is always a free place. */
static struct store_count *find(const struct tally *tally, const char *organization, struct port port)
{
    uint64_t hash = permutation_mix((uint64_t)(uintptr_t)organization ^ (uint64_t)port.number << 48 ^
                                    (uint64_t)port.transport << 47);
    size_t place = (size_t)hash & (tally->capacity - 1);
    while (tally->places[place].organization && (tally->places[place].organization != organization ||
                                                 tally->places[place].port.number != port.number ||
                                                 tally->places[place].port.transport != port.transport))
        place = (place + 1) & (tally->capacity - 1);
    return &tally->places[place];
}

static enum status grow(struct tally *tally)
{
    struct tally grown = {.capacity = tally->capacity ? tally->capacity * 2 : 256, .count = tally->count};
    grown.places = calloc(grown.capacity, sizeof *grown.places);
    if (!grown.places)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < tally->capacity; i++)
        if (tally->places[i].organization)
            *find(&grown, tally->places[i].organization, tally->places[i].port) = tally->places[i];
    free(tally->places);
    *tally = grown;
    return STATUS_OK;
}

enum status tally_add(struct tally *tally, const char *organization, struct port port,
                      enum endpoint_state state, uint64_t count)
{
    if (tally->count * 2 >= tally->capacity && grow(tally) != STATUS_OK)
        return STATUS_NO_MEMORY;
    struct store_count *place = find(tally, organization, port);
    if (!place->organization) {
        *place = (struct store_count){.organization = organization, .port = port};
        tally->count++;
    }
    place->ends[state] += count;
    return STATUS_OK;
}

enum status tally_store(struct tally *tally, struct store *store, const struct store_run *run)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < tally->capacity && status == STATUS_OK && tally->count; i++)
        if (tally->places[i].organization)
            status = store_add_count(store, run, &tally->places[i]);
    if (tally->count)
        memset(tally->places, 0, tally->capacity * sizeof *tally->places);
    tally->count = 0;
    return status;
}
