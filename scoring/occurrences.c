#include "scoring/occurrences.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GATE_SEVERITY   5
#define GATE_CONFIDENCE 4
#define GATE_ASSET      4

static void sighting_free(struct sighting *sighting)
{
    if (sighting)
        finding_deinit(&sighting->finding);
    free(sighting);
}

void occurrences_deinit(struct occurrences *occurrences)
{
    for (size_t i = 0; i < occurrences->count; i++)
        sighting_free(occurrences->items[i]);
    free(occurrences->items);
    *occurrences = (struct occurrences){NULL, 0, 0};
}

static enum place place_of(enum item_unit unit, const struct finding *finding)
{
    if (unit == UNIT_ORGANIZATION)
        return PLACE_ORGANIZATION;
    if (unit == UNIT_HOST && finding->has_address)
        return PLACE_HOST;
    if (unit == UNIT_ENDPOINT && finding->has_address)
        return PLACE_ENDPOINT;
    return finding->key ? PLACE_KEY : finding->has_address ? PLACE_ENDPOINT : PLACE_NONE;
}

static bool accepts(const struct accepted_risk *risk, const struct finding *finding,
                    const struct index_options *options)
{
    const char *organization = options->organization ? options->organization->id : finding->organization;
    if (strcmp(risk->item, finding->item) != 0)
        return false;
    /* "Come back by themselves on the day they end" (model.md §5): that day is no longer covered. */
    if (options->today < risk->from_day || options->today >= risk->until_day)
        return false;
    if (risk->organization && (!organization || strcmp(risk->organization, organization) != 0))
        return false;
    return risk->where.count == 0 || (finding->has_address && ranges_contain(&risk->where, finding->address));
}

static bool is_accepted(const struct finding *finding, const struct index_options *options)
{
    for (size_t i = 0; options->scope && i < options->scope->accepted_count; i++)
        if (accepts(&options->scope->accepted[i], finding, options))
            return true;
    return false;
}

static int asset_of(const struct finding *finding, const struct item *item,
                    const struct index_options *options)
{
    if (finding->asset)
        return finding->asset;
    const struct asset *asset = options->organization && finding->has_address
                                    ? organization_asset(options->organization, finding->address)
                                    : NULL;
    return asset ? asset->value : item->asset;
}

static void weigh(struct sighting *sighting, const struct item *item, const struct index_options *options)
{
    const struct finding *finding = &sighting->finding;
    sighting->place = place_of(item->unit, finding);
    sighting->asset = asset_of(finding, item, options);
    sighting->confidence = finding->confidence ? finding->confidence : item->confidence;
    sighting->exposure = isnan(finding->exposure) ? options->exposure : finding->exposure;
    int base = item->risk * item->severity * sighting->asset * sighting->confidence;
    sighting->weight = base * sighting->exposure;
    sighting->gates = item->severity >= GATE_SEVERITY && sighting->confidence >= GATE_CONFIDENCE &&
                      sighting->asset >= GATE_ASSET;
    sighting->accepted = is_accepted(finding, options);
}

static bool is_possible(const struct finding *finding)
{
    return finding->confidence >= 0 && finding->confidence <= 5 && finding->asset >= 0 &&
           finding->asset <= 5 &&
           (isnan(finding->exposure) || (finding->exposure >= 0 && finding->exposure <= 1));
}

/* A copy of a text that may be NULL; false when memory is out. */
static bool copy_text(const char *text, char **copy_out)
{
    *copy_out = text ? strdup(text) : NULL;
    return !text || *copy_out;
}

static bool finding_copy(struct finding *copy, const struct finding *finding)
{
    *copy = *finding;
    bool good = copy_text(finding->organization, &copy->organization);
    good = copy_text(finding->item, &copy->item) && good;
    good = copy_text(finding->key, &copy->key) && good;
    good = copy_text(finding->why, &copy->why) && good;
    return copy_text(finding->facts, &copy->facts) && good;
}

static enum status reserve(struct occurrences *occurrences)
{
    if (occurrences->count < occurrences->capacity)
        return STATUS_OK;
    size_t capacity = occurrences->capacity ? occurrences->capacity * 2 : 16;
    struct sighting **items = reallocarray(occurrences->items, capacity, sizeof *items);
    if (!items)
        return STATUS_NO_MEMORY;
    occurrences->items = items;
    occurrences->capacity = capacity;
    return STATUS_OK;
}

enum status occurrences_add(struct occurrences *occurrences, const struct catalogue *catalogue,
                            const struct index_options *options, const struct finding *finding)
{
    size_t item = finding->item ? catalogue_item(catalogue, finding->item) : SIZE_MAX;
    if (item == SIZE_MAX || !is_possible(finding))
        return STATUS_MISMATCH;
    struct sighting *sighting = calloc(1, sizeof *sighting);
    if (!sighting || !finding_copy(&sighting->finding, finding) || reserve(occurrences) != STATUS_OK) {
        sighting_free(sighting);
        return STATUS_NO_MEMORY;
    }
    sighting->item = item;
    weigh(sighting, &catalogue->items[item], options);
    occurrences->items[occurrences->count++] = sighting;
    return STATUS_OK;
}

static int text_compare(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int number_compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* 0: the same occurrence, unless they have no place. */
static int place_compare(const struct sighting *a, const struct sighting *b)
{
    if (a->item != b->item)
        return a->item < b->item ? -1 : 1;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->place == PLACE_KEY)
        return text_compare(a->finding.key, b->finding.key);
    if (a->place != PLACE_HOST && a->place != PLACE_ENDPOINT)
        return 0;
    int order = address_compare(a->finding.address, b->finding.address);
    if (order || a->place == PLACE_HOST)
        return order;
    order = a->finding.port.transport - b->finding.port.transport;
    return order ? order : a->finding.port.number - b->finding.port.number;
}

/* The graver first. */
static int gravity_compare(const struct sighting *a, const struct sighting *b)
{
    int order = number_compare(b->weight, a->weight);
    order = order ? order : b->gates - a->gates;
    order = order ? order : b->asset - a->asset;
    order = order ? order : b->confidence - a->confidence;
    return order ? order : number_compare(b->exposure, a->exposure);
}

/* What is left to tell two occurrences apart, so that which of them speaks for the occurrence does not hang
   on their order. */
static int content_compare(const struct finding *a, const struct finding *b)
{
    int order = b->has_address - a->has_address;
    order = order || !a->has_address ? order : address_compare(a->address, b->address);
    order = order ? order : a->port.transport - b->port.transport;
    order = order ? order : a->port.number - b->port.number;
    order = order ? order : text_compare(a->key, b->key);
    order = order ? order : (a->count < b->count) - (a->count > b->count);
    order = order ? order : b->asset - a->asset;
    order = order ? order : b->confidence - a->confidence;
    order = order ? order : (isnan(a->exposure) != 0) - (isnan(b->exposure) != 0);
    order = order ? order : text_compare(a->why, b->why);
    order = order ? order : text_compare(a->facts, b->facts);
    order = order ? order : text_compare(a->organization, b->organization);
    return order ? order : (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
}

int sighting_compare(const struct sighting *a, const struct sighting *b)
{
    int order = place_compare(a, b);
    order = order ? order : gravity_compare(a, b);
    return order ? order : content_compare(&a->finding, &b->finding);
}

static int pointer_compare(const void *a, const void *b)
{
    const struct sighting *const *left = a, *const *right = b;
    return sighting_compare(*left, *right);
}

/* The sorted sightings from the first on that are one occurrence; returns how many. */
static size_t join(struct sighting *const *sorted, size_t left, struct occurrence *occurrence)
{
    const struct sighting *first = sorted[0];
    size_t taken = 0;
    *occurrence = (struct occurrence){.item = first->item, .count = 1};
    if (first->place == PLACE_NONE && first->finding.count > 1)
        occurrence->count = first->finding.count;
    do {
        const struct sighting *sighting = sorted[taken++];
        const struct sighting **gravest = sighting->accepted ? &occurrence->accepted : &occurrence->in_force;
        if (!*gravest)
            *gravest = sighting;
        occurrence->gates |= sighting->gates && !sighting->accepted;
    } while (taken < left && first->place != PLACE_NONE && place_compare(first, sorted[taken]) == 0);
    return taken;
}

enum status occurrences_join(const struct occurrences *occurrences, struct occurrence **joined_out,
                             size_t *count_out)
{
    size_t count = occurrences->count;
    struct sighting **sorted = reallocarray(NULL, count + 1, sizeof *sorted);
    struct occurrence *joined = reallocarray(NULL, count + 1, sizeof *joined);
    if (!sorted || !joined) {
        free(sorted);
        free(joined);
        return STATUS_NO_MEMORY;
    }
    if (count)
        memcpy(sorted, occurrences->items, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, pointer_compare);
    *count_out = 0;
    for (size_t at = 0; at < count;)
        at += join(&sorted[at], count - at, &joined[(*count_out)++]);
    free(sorted);
    *joined_out = joined;
    return STATUS_OK;
}
