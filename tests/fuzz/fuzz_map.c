#include <stdlib.h>

#include "fuzz.h"
#include "scoring/feeds/eve_map.h"
#include "scoring/feeds/stix_map.h"

/* A map of rules, read as that of either feed: what loads names items that there are. */

static struct catalogue catalogue;

/* Once; it stays until the end. */
static void load(void)
{
    struct complaints complaints;
    complaints_init(&complaints, "fuzz");
    if (catalogue.items_count == 0 && catalogue_load(&catalogue, NULL, 0, &complaints) != STATUS_OK)
        abort();
}

static void check(const struct map_items *items)
{
    if (items->count == 0)
        abort();
    for (size_t i = 0; i < items->count; i++)
        if (items->at[i] >= catalogue.items_count)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct complaints complaints;
    struct document document;
    struct eve_map eve;
    struct stix_map stix;
    load();
    complaints_init(&complaints, "fuzz");
    if (document_parse(&document, (const char *)data, size, &complaints) == STATUS_OK) {
        if (eve_map_read(&eve, &document, &catalogue, &complaints) == STATUS_OK) {
            for (size_t i = 0; i < eve.count; i++)
                check(&eve.rules[i].items);
            eve_map_deinit(&eve);
        }
        if (stix_map_read(&stix, &document, &catalogue, &complaints) == STATUS_OK) {
            for (size_t i = 0; i < stix.count; i++)
                check(&stix.rules[i].items);
            stix_map_deinit(&stix);
        }
        document_deinit(&document);
    }
    complaints_deinit(&complaints);
    return 0;
}
