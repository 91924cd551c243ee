#include "targets/organization.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void forget_tags(struct organization *organization)
{
    for (size_t i = 0; i < organization->tags_count; i++) {
        free(organization->tags[i].key);
        free(organization->tags[i].value);
    }
    free(organization->tags);
    organization->tags = NULL;
    organization->tags_count = 0;
}

void organization_deinit(struct organization *organization)
{
    forget_tags(organization);
    for (size_t i = 0; i < organization->assets_count; i++)
        free(organization->assets[i].name);
    for (size_t i = 0; i < organization->domains_count; i++)
        free(organization->domains[i]);
    free(organization->domains);
    for (size_t i = 0; i < organization->names_count; i++)
        free(organization->names[i]);
    free(organization->names);
    free(organization->id);
    free(organization->name);
    free(organization->assets);
    ranges_deinit(&organization->ranges);
    ranges_deinit(&organization->fragile);
    *organization = (struct organization){.informatization = NAN};
}

enum status organization_describe(struct organization *organization, const struct organization *from)
{
    char *name = strdup(from->name);
    struct tag *tags = calloc(from->tags_count + 1, sizeof *tags);
    forget_tags(organization);
    organization->tags = tags;
    free(organization->name);
    organization->name = name;
    organization->informatization = from->informatization;
    for (size_t i = 0; tags && i < from->tags_count; i++) {
        struct tag copy = {strdup(from->tags[i].key), strdup(from->tags[i].value)};
        tags[organization->tags_count++] = copy;
        if (!copy.key || !copy.value)
            return STATUS_NO_MEMORY;
    }
    return name && tags ? STATUS_OK : STATUS_NO_MEMORY;
}

const char *organization_tag(const struct organization *organization, const char *key)
{
    for (size_t i = 0; i < organization->tags_count; i++)
        if (strcmp(organization->tags[i].key, key) == 0)
            return organization->tags[i].value;
    return NULL;
}

/* The narrower; of two as wide, the one of the higher value, lest an overlap hide what is precious. */
static bool goes_before(const struct asset *asset, const struct asset *other)
{
    uint64_t size = range_size(asset->range);
    uint64_t other_size = range_size(other->range);
    return size != other_size ? size < other_size : asset->value > other->value;
}

const struct asset *organization_asset(const struct organization *organization, struct address address)
{
    const struct asset *best = NULL;
    for (size_t i = 0; i < organization->assets_count; i++) {
        const struct asset *asset = &organization->assets[i];
        if (address_compare(asset->range.first, address) > 0 ||
            address_compare(asset->range.last, address) < 0)
            continue;
        if (!best || goes_before(asset, best))
            best = asset;
    }
    return best;
}
