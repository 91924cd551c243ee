#include "scoring/report/filled.h"

#include <math.h>

static int asset_of(const struct finding *finding, const struct item *item,
                    const struct organization *organization)
{
    const struct asset *asset =
        finding->has_address ? organization_asset(organization, finding->address) : NULL;
    return asset ? asset->value : item->asset;
}

struct finding finding_filled(const struct finding *finding, const struct report *report,
                              const struct report_organization *organization)
{
    struct finding filled = *finding;
    size_t number = catalogue_item(report->catalogue, finding->item);
    enum vantage vantage;
    if (number != SIZE_MAX) {
        const struct item *item = &report->catalogue->items[number];
        if (filled.confidence == 0)
            filled.confidence = item->confidence;
        if (filled.asset == 0)
            filled.asset = asset_of(finding, item, organization->organization);
    }
    if (isnan(filled.exposure) && report->run && report->run->vantage &&
        vantage_parse(report->run->vantage, &vantage))
        filled.exposure = vantage_exposure(vantage);
    return filled;
}
