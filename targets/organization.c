#include "targets/organization.h"

#include <stdlib.h>
#include <string.h>

void organization_deinit(struct organization *organization)
{
    for (size_t i = 0; i < organization->tags_count; i++) {
        free(organization->tags[i].key);
        free(organization->tags[i].value);
    }
    for (size_t i = 0; i < organization->assets_count; i++)
        free(organization->assets[i].name);
    free(organization->tags);
    free(organization->assets);
    free(organization->id);
    free(organization->name);
    ranges_deinit(&organization->ranges);
    ranges_deinit(&organization->fragile);
    memset(organization, 0, sizeof *organization);
}

const char *organization_tag(const struct organization *organization, const char *key)
{
    for (size_t i = 0; i < organization->tags_count; i++)
        if (strcmp(organization->tags[i].key, key) == 0)
            return organization->tags[i].value;
    return NULL;
}

const struct asset *organization_asset(const struct organization *organization, struct address address)
{
    const struct asset *narrowest = NULL;
    for (size_t i = 0; i < organization->assets_count; i++) {
        const struct asset *asset = &organization->assets[i];
        bool holds = address_compare(asset->range.first, address) <= 0 &&
                     address_compare(address, asset->range.last) <= 0;
        if (holds && (!narrowest || range_size(asset->range) < range_size(narrowest->range)))
            narrowest = asset;
    }
    return narrowest;
}
