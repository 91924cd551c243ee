#include "scoring/sighting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GATE_SEVERITY   5
#define GATE_CONFIDENCE 4
#define GATE_ASSET      4

/* Those entries of a list of the scope that hold today, in an array of their own; NULL where there are none. */
static enum status holding(const struct index_options *options, const struct accepted_risk *risks,
                           size_t count, const struct accepted_risk ***selected_out, size_t *selected_count)
{
    const char *organization = options->organization ? options->organization->id : NULL;
    size_t held = 0;
    *selected_out = NULL;
    *selected_count = 0;
    for (size_t i = 0; i < count; i++)
        held += accepted_risk_holds(&risks[i], organization, options->today);
    if (held == 0)
        return STATUS_OK;
    *selected_out = reallocarray(NULL, held, sizeof **selected_out);
    for (size_t i = 0; i < count && *selected_out; i++)
        if (accepted_risk_holds(&risks[i], organization, options->today))
            (*selected_out)[(*selected_count)++] = &risks[i];
    return *selected_out ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status weighing_init(struct weighing *weighing, const struct catalogue *catalogue,
                          const struct index_options *options)
{
    const struct scope *scope = options->scope;
    *weighing = (struct weighing){.catalogue = catalogue, .options = options};
    if (!scope)
        return STATUS_OK;
    enum status status =
        holding(options, scope->accepted, scope->accepted_count, &weighing->risks, &weighing->risks_count);
    if (status == STATUS_OK)
        status = holding(options, scope->false_positives, scope->false_positives_count, &weighing->marks,
                         &weighing->marks_count);
    return status;
}

void weighing_deinit(struct weighing *weighing)
{
    free(weighing->risks);
    free(weighing->marks);
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

static const struct accepted_risk *first_of(const struct accepted_risk *const *risks, size_t count,
                                            const struct finding *finding,
                                            const struct index_options *options)
{
    for (size_t i = 0; i < count; i++)
        if (accepts(risks[i], finding, options))
            return risks[i];
    return NULL;
}

const struct accepted_risk *weighing_risk(const struct weighing *weighing, const struct finding *finding)
{
    return first_of(weighing->risks, weighing->risks_count, finding, weighing->options);
}

const struct accepted_risk *weighing_mark(const struct weighing *weighing, const struct finding *finding)
{
    return first_of(weighing->marks, weighing->marks_count, finding, weighing->options);
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
    sighting.marked = weighing_mark(weighing, finding) != NULL;
    sighting.accepted = !sighting.marked && weighing_risk(weighing, finding) != NULL;
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
