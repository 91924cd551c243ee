#include "scoring/occurrences.h"

#include <stdlib.h>
#include <string.h>

#include "scoring/levels.h"

#define SLOTS_LEAST 1024
#define COUNT_MOST  (UINT32_MAX / 2)

/* A finding that is kept, and the room for its texts behind it. */
struct kept {
    struct finding finding; /* what a sighting points to */
    size_t room;
    char texts[];
};

_Static_assert(sizeof(struct spot) == 24,
               "a spot is hashed and compared as bytes, so that it has no padding");

static void start_slots(struct occurrences *occurrences, size_t count)
{
    occurrences->slots_count = count;
    memset(occurrences->slots, 0, count * sizeof *occurrences->slots);
}

enum status occurrences_init(struct occurrences *occurrences, bool without_findings)
{
    *occurrences = (struct occurrences){.without_findings = without_findings};
    occurrences->slots = calloc(SLOTS_LEAST, sizeof *occurrences->slots);
    if (!occurrences->slots)
        return STATUS_NO_MEMORY;
    occurrences->slots_capacity = occurrences->slots_count = SLOTS_LEAST;
    return siphash_key_draw(&occurrences->key);
}

void occurrences_deinit(struct occurrences *occurrences)
{
    free(occurrences->items);
    free(occurrences->slots);
    arena_deinit(&occurrences->arena);
    *occurrences = (struct occurrences){0};
}

void occurrences_reset(struct occurrences *occurrences, bool without_findings)
{
    occurrences->without_findings = without_findings;
    occurrences->count = 0;
    occurrences->organization = NULL;
    occurrences->marked = 0;
    arena_reset(&occurrences->arena);
    /* As few as a small organization needs, however large the one before it was. */
    start_slots(occurrences, SLOTS_LEAST);
}

enum place place_of(enum item_unit unit, const struct finding *finding)
{
    if (unit == UNIT_ORGANIZATION)
        return PLACE_ORGANIZATION;
    if (unit == UNIT_HOST && finding->has_address)
        return PLACE_HOST;
    if (unit == UNIT_ENDPOINT && finding->has_address)
        return PLACE_ENDPOINT;
    return finding->key ? PLACE_KEY : finding->has_address ? PLACE_ENDPOINT : PLACE_NONE;
}

/* What has no place and is kept as numbers only is told apart by these. */
static void spot_numbers(struct spot *spot, const struct sighting *sighting)
{
    memcpy(&spot->address.high, &sighting->weight, sizeof sighting->weight);
    spot->number = sighting->asset;
    spot->transport = (uint8_t)(sighting->gates | sighting->accepted << 1);
}

static struct spot spot_of(const struct occurrences *occurrences, enum item_unit unit, size_t item,
                           const struct finding *finding, const struct sighting *sighting)
{
    struct spot spot = {.item = (uint32_t)item, .place = (uint8_t)place_of(unit, finding)};
    if (spot.place == PLACE_HOST || spot.place == PLACE_ENDPOINT)
        spot.address = finding->address;
    if (spot.place == PLACE_ENDPOINT) {
        spot.number = finding->port.number;
        spot.transport = finding->port.transport;
    }
    if (spot.place == PLACE_KEY) {
        size_t size = strlen(finding->key);
        spot.address = (struct address){size, siphash(&occurrences->key, finding->key, size)};
    }
    if (spot.place == PLACE_NONE && occurrences->without_findings)
        spot_numbers(&spot, sighting);
    return spot;
}

/* What is neither joined nor looked for. */
static bool stands_alone(const struct occurrences *occurrences, const struct spot *spot)
{
    return spot->place == PLACE_NONE && !occurrences->without_findings;
}

static bool is_at(const struct occurrence *occurrence, const struct spot *spot, const char *key)
{
    return memcmp(&occurrence->spot, spot, sizeof *spot) == 0 &&
           (spot->place != PLACE_KEY || strcmp(occurrence->key, key) == 0);
}

/* The slot of an occurrence, or the free one where it would be. */
static uint32_t *find_slot(const struct occurrences *occurrences, const struct spot *spot, uint32_t hash,
                           const char *key)
{
    size_t mask = occurrences->slots_count - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        uint32_t number = occurrences->slots[at];
        if (number == 0)
            return &occurrences->slots[at];
        const struct occurrence *occurrence = &occurrences->items[number - 1];
        if (occurrence->hash == hash && is_at(occurrence, spot, key))
            return &occurrences->slots[at];
    }
}

static void put_back(struct occurrences *occurrences, size_t number)
{
    size_t mask = occurrences->slots_count - 1, at = occurrences->items[number].hash & mask;
    while (occurrences->slots[at])
        at = (at + 1) & mask;
    occurrences->slots[at] = (uint32_t)number + 1;
}

static enum status double_slots(struct occurrences *occurrences)
{
    size_t count = occurrences->slots_count * 2;
    if (count > occurrences->slots_capacity) {
        uint32_t *slots = reallocarray(occurrences->slots, count, sizeof *slots);
        if (!slots)
            return STATUS_NO_MEMORY;
        occurrences->slots = slots;
        occurrences->slots_capacity = count;
    }
    start_slots(occurrences, count);
    for (size_t i = 0; i < occurrences->count; i++)
        if (!stands_alone(occurrences, &occurrences->items[i].spot))
            put_back(occurrences, i);
    return STATUS_OK;
}

/* Room for one more. */
static enum status reserve(struct occurrences *occurrences)
{
    if (occurrences->count >= COUNT_MOST)
        return STATUS_NO_MEMORY;
    if (occurrences->count == occurrences->capacity) {
        size_t capacity = occurrences->capacity ? occurrences->capacity * 2 : SLOTS_LEAST / 2;
        struct occurrence *items = reallocarray(occurrences->items, capacity, sizeof *items);
        if (!items)
            return STATUS_NO_MEMORY;
        occurrences->items = items;
        occurrences->capacity = capacity;
    }
    return occurrences->count * 2 >= occurrences->slots_count ? double_slots(occurrences) : STATUS_OK;
}

static char *copy_bytes(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_take(arena, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

static enum status append(struct occurrences *occurrences, const struct spot *spot, uint32_t hash,
                          const char *key, struct occurrence **occurrence_out)
{
    struct occurrence occurrence = {.spot = *spot, .hash = hash};
    if (spot->place == PLACE_KEY) {
        occurrence.key = copy_bytes(&occurrences->arena, key, strlen(key) + 1);
        if (!occurrence.key)
            return STATUS_NO_MEMORY;
    }
    *occurrence_out = &occurrences->items[occurrences->count++];
    **occurrence_out = occurrence;
    return STATUS_OK;
}

/* The occurrence at a spot, made where there is none. */
static enum status find(struct occurrences *occurrences, const struct spot *spot, const char *key,
                        struct occurrence **occurrence_out)
{
    enum status status = reserve(occurrences);
    if (status != STATUS_OK)
        return status;
    if (stands_alone(occurrences, spot))
        return append(occurrences, spot, 0, key, occurrence_out);
    uint32_t hash = (uint32_t)siphash(&occurrences->key, spot, sizeof *spot);
    uint32_t *slot = find_slot(occurrences, spot, hash, key);
    if (*slot) {
        *occurrence_out = &occurrences->items[*slot - 1];
        return STATUS_OK;
    }
    status = append(occurrences, spot, hash, key, occurrence_out);
    if (status == STATUS_OK)
        *slot = (uint32_t)occurrences->count;
    return status;
}

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static void place_text(char **text, char **room)
{
    if (!*text)
        return;
    size_t size = size_of(*text);
    *text = memcpy(*room, *text, size);
    *room += size;
}

/* The name that all findings of an organization share is kept once. */
static bool is_shared(struct occurrences *occurrences, const char *organization)
{
    if (organization && !occurrences->organization)
        occurrences->organization = copy_bytes(&occurrences->arena, organization, strlen(organization) + 1);
    return organization && occurrences->organization && strcmp(organization, occurrences->organization) == 0;
}

/* Room that is given up for a larger one at least doubles, so that all of it together stays in proportion. */
static struct kept *make_room(struct arena *arena, struct kept *before, size_t size)
{
    if (before && before->room >= size)
        return before;
    if (before && size < before->room * 2)
        size = before->room * 2;
    struct kept *kept = arena_take(arena, sizeof *kept + size);
    if (kept)
        kept->room = size;
    return kept;
}

static enum status keep_finding(struct occurrences *occurrences, char *item, const struct finding *finding,
                                struct sighting *sighting)
{
    bool shared = is_shared(occurrences, finding->organization);
    size_t size = size_of(finding->key) + size_of(finding->why) + size_of(finding->facts) +
                  (shared ? 0 : size_of(finding->organization));
    struct kept *kept = make_room(&occurrences->arena, (struct kept *)(void *)sighting->finding, size);
    if (!kept)
        return STATUS_NO_MEMORY;
    char *room = kept->texts;
    kept->finding = *finding;
    kept->finding.item = item;
    place_text(&kept->finding.key, &room);
    place_text(&kept->finding.why, &room);
    place_text(&kept->finding.facts, &room);
    if (shared)
        kept->finding.organization = occurrences->organization;
    else
        place_text(&kept->finding.organization, &room);
    sighting->finding = &kept->finding;
    return STATUS_OK;
}

/* Does this one speak for the occurrence from now on, and not the one before? */
static bool goes_before(const struct sighting *sighting, const struct finding *finding,
                        const struct sighting *before)
{
    int order = sighting_compare(sighting, before);
    return order < 0 ||
           (order == 0 && before->finding && sighting_content_compare(finding, before->finding) < 0);
}

static enum status join(struct occurrences *occurrences, struct occurrence *occurrence, char *item,
                        const struct sighting *sighting, const struct finding *finding)
{
    struct sighting **gravest = sighting->marked     ? &occurrence->marked
                                : sighting->accepted ? &occurrence->accepted
                                                     : &occurrence->in_force;
    struct sighting next = *sighting;
    occurrence->gates |= sighting->gates && gravest == &occurrence->in_force;
    if (*gravest && !goes_before(sighting, finding, *gravest))
        return STATUS_OK;
    next.finding = *gravest ? (*gravest)->finding : NULL;
    struct sighting *place = *gravest ? *gravest : arena_take(&occurrences->arena, sizeof *place);
    if (!place)
        return STATUS_NO_MEMORY;
    if (!occurrences->without_findings && keep_finding(occurrences, item, finding, &next) != STATUS_OK)
        return STATUS_NO_MEMORY;
    *place = next;
    *gravest = place;
    return STATUS_OK;
}

static void count(struct occurrence *occurrence, const struct finding *finding)
{
    uint64_t times = occurrence->spot.place == PLACE_NONE && finding->count > 1 ? finding->count : 1;
    if (occurrence->spot.place == PLACE_NONE)
        occurrence->count = counts_sum(occurrence->count, times);
    else
        occurrence->count = 1;
}

static size_t item_of(struct occurrences *occurrences, const struct catalogue *catalogue, const char *id)
{
    if (!id)
        return SIZE_MAX;
    size_t last = occurrences->last_item;
    if (last < catalogue->items_count && strcmp(catalogue->items[last].id, id) == 0)
        return last;
    size_t item = catalogue_item(catalogue, id);
    if (item != SIZE_MAX)
        occurrences->last_item = item;
    return item;
}

enum status occurrences_add(struct occurrences *occurrences, const struct weighing *weighing,
                            const struct finding *finding)
{
    size_t item = item_of(occurrences, weighing->catalogue, finding->item);
    struct occurrence *occurrence;
    if (item == SIZE_MAX || !sighting_possible(finding))
        return STATUS_MISMATCH;
    const struct item *entry = &weighing->catalogue->items[item];
    struct sighting sighting = sighting_of(weighing, item, finding);
    if (sighting.marked && occurrences->without_findings) {
        occurrences->marked++;
        return STATUS_OK;
    }
    struct spot spot = spot_of(occurrences, entry->unit, item, finding, &sighting);
    enum status status = find(occurrences, &spot, finding->key, &occurrence);
    if (status != STATUS_OK)
        return status;
    count(occurrence, finding);
    return join(occurrences, occurrence, entry->id, &sighting, finding);
}

static int number_compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static const struct sighting *sighting_in(const struct occurrence *occurrence)
{
    return occurrence->in_force   ? occurrence->in_force
           : occurrence->accepted ? occurrence->accepted
                                  : occurrence->marked;
}

/* Of two without a place. */
static int alone_compare(const struct occurrence *a, const struct occurrence *b)
{
    const struct sighting *left = sighting_in(a), *right = sighting_in(b);
    if (!left || !right)
        return (left == NULL) - (right == NULL);
    int order = sighting_compare(left, right);
    return order ? order : sighting_content_compare(left->finding, right->finding);
}

static int place_compare(const void *a, const void *b)
{
    const struct occurrence *left = *(const struct occurrence *const *)a;
    const struct occurrence *right = *(const struct occurrence *const *)b;
    int order = left->spot.place - right->spot.place;
    if (order)
        return order;
    if (left->spot.place == PLACE_NONE)
        return alone_compare(left, right);
    if (left->spot.place == PLACE_KEY)
        return strcmp(left->key, right->key);
    order = address_compare(left->spot.address, right->spot.address);
    order = order ? order : left->spot.transport - right->spot.transport;
    return order ? order : number_compare(left->spot.number, right->spot.number);
}

/* Where each item's begin, and after the last where they all end. */
static void find_bounds(const struct occurrences *occurrences, size_t items, size_t *bounds)
{
    for (size_t i = 0; i < occurrences->count; i++)
        bounds[occurrences->items[i].spot.item + 1]++;
    for (size_t i = 0; i < items; i++)
        bounds[i + 1] += bounds[i];
}

enum status occurrences_sorted(const struct occurrences *occurrences, size_t items,
                               const struct occurrence ***sorted_out)
{
    size_t *bounds = calloc(items + 1, sizeof *bounds);
    const struct occurrence **sorted = reallocarray(NULL, occurrences->count + 1, sizeof *sorted);
    if (!bounds || !sorted) {
        free(bounds);
        free(sorted);
        return STATUS_NO_MEMORY;
    }
    find_bounds(occurrences, items, bounds);
    /* Each bound moves to the end of its item's, where the next item's begin. */
    for (size_t i = 0; i < occurrences->count; i++)
        sorted[bounds[occurrences->items[i].spot.item]++] = &occurrences->items[i];
    for (size_t i = 0; i < items && !occurrences->without_findings; i++) {
        size_t first = i ? bounds[i - 1] : 0;
        qsort(sorted + first, bounds[i] - first, sizeof *sorted, place_compare);
    }
    free(bounds);
    *sorted_out = sorted;
    return STATUS_OK;
}

uint64_t occurrences_marked(const struct occurrences *occurrences)
{
    uint64_t marked = occurrences->marked;
    for (size_t i = 0; i < occurrences->count; i++)
        marked += !occurrences->items[i].in_force && !occurrences->items[i].accepted;
    return marked;
}
