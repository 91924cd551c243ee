#include "scoring/sighting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GATE_SEVERITY   5
#define GATE_CONFIDENCE 4
#define GATE_ASSET      4

/* "Come back by themselves on the day they end" (model.md §5): that day is no longer covered. */
static bool may_hold(const struct accepted_risk *risk, const struct index_options *options)
{
    if (options->today < risk->from_day || options->today >= risk->until_day)
        return false;
    return !risk->organization || !options->organization ||
           strcmp(risk->organization, options->organization->id) == 0;
}

enum status weighing_init(struct weighing *weighing, const struct catalogue *catalogue,
                          const struct index_options *options)
{
    size_t count = options->scope ? options->scope->accepted_count : 0, held = 0;
    *weighing = (struct weighing){.catalogue = catalogue, .options = options};
    for (size_t i = 0; i < count; i++)
        held += may_hold(&options->scope->accepted[i], options);
    if (held == 0)
        return STATUS_OK;
    weighing->risks = reallocarray(NULL, held, sizeof *weighing->risks);
    if (!weighing->risks)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (may_hold(&options->scope->accepted[i], options))
            weighing->risks[weighing->risks_count++] = &options->scope->accepted[i];
    return STATUS_OK;
}

void weighing_deinit(struct weighing *weighing)
{
    free(weighing->risks);
    *weighing = (struct weighing){0};
}

static bool accepts(const struct accepted_risk *risk, const struct finding *finding,
                    const struct index_options *options)
{
    const char *organization = options->organization ? options->organization->id : finding->organization;
    if (strcmp(risk->item, finding->item) != 0)
        return false;
    if (risk->organization && (!organization || strcmp(risk->organization, organization) != 0))
        return false;
    return risk->where.count == 0 || (finding->has_address && ranges_contain(&risk->where, finding->address));
}

static bool is_accepted(const struct weighing *weighing, const struct finding *finding)
{
    for (size_t i = 0; i < weighing->risks_count; i++)
        if (accepts(weighing->risks[i], finding, weighing->options))
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

bool sighting_possible(const struct finding *finding)
{
    return finding->confidence >= 0 && finding->confidence <= 5 && finding->asset >= 0 &&
           finding->asset <= 5 &&
           (isnan(finding->exposure) || (finding->exposure >= 0 && finding->exposure <= 1));
}

struct sighting sighting_of(const struct weighing *weighing, size_t number, const struct finding *finding)
{
    const struct item *item = &weighing->catalogue->items[number];
    struct sighting sighting = {.finding = NULL};
    sighting.asset = (uint8_t)asset_of(finding, item, weighing->options);
    sighting.confidence = (uint8_t)(finding->confidence ? finding->confidence : item->confidence);
    sighting.exposure = isnan(finding->exposure) ? weighing->options->exposure : finding->exposure;
    int base = item->risk * item->severity * sighting.asset * sighting.confidence;
    sighting.weight = base * sighting.exposure;
    sighting.gates = item->severity >= GATE_SEVERITY && sighting.confidence >= GATE_CONFIDENCE &&
                     sighting.asset >= GATE_ASSET;
    sighting.accepted = is_accepted(weighing, finding);
    return sighting;
}

static int number_compare(double a, double b)
{
    return (a > b) - (a < b);
}

int sighting_compare(const struct sighting *a, const struct sighting *b)
{
    int order = number_compare(b->weight, a->weight);
    order = order ? order : b->gates - a->gates;
    order = order ? order : b->asset - a->asset;
    order = order ? order : b->confidence - a->confidence;
    return order ? order : number_compare(b->exposure, a->exposure);
}

static int text_compare(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

int sighting_content_compare(const struct finding *a, const struct finding *b)
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
