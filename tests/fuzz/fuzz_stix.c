#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "scoring/feeds/stix_bundle.h"

/* A bundle: what is read is joined and settled, and can be asked; every address is ours. */

struct bytes {
    const uint8_t *data;
    size_t size;
};

static enum status read_bytes(void *context, void *to, size_t capacity, size_t *size_out)
{
    struct bytes *bytes = context;
    size_t most = capacity < 100 ? capacity : 100;
    *size_out = bytes->size < most ? bytes->size : most;
    if (*size_out)
        memcpy(to, bytes->data, *size_out);
    bytes->data += *size_out;
    bytes->size -= *size_out;
    return STATUS_OK;
}

static bool ours(void *context, struct address address)
{
    (void)context;
    (void)address;
    return true;
}

static void ask(const struct indicators *indicators)
{
    struct indicator_condition condition = {.kinds = INDICATOR_ADDRESS | INDICATOR_NAME |
                                                     INDICATOR_NAME_BELOW | INDICATOR_URL};
    for (size_t i = 0; i < indicators->addresses_count; i++) {
        const struct indicator *indicator = &indicators->items[indicators->addresses[i].indicator];
        struct indicator_question question = {.address = indicators->addresses[i].range.first,
                                              .has_address = true,
                                              .port = indicators->addresses[i].port,
                                              .transport = indicators->addresses[i].transport,
                                              .name = "",
                                              .url = "",
                                              .time_ms = indicator->from_ms};
        bool valid = indicator->from_ms < indicator->until_ms;
        if (valid && !indicators_find(indicators, &question, &condition))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    struct complaints complaints;
    struct feed_source source;
    struct indicators indicators;
    struct stix_bundle bundle;
    complaints_init(&complaints, "fuzz");
    indicators_init(&indicators);
    if (feed_source_init(&source, read_bytes, &bytes, &complaints) != STATUS_OK)
        abort();
    const struct stix_reader reader = {.source = &source, .ours = ours};
    enum status status = stix_bundle_read(&bundle, &reader, &indicators);
    if ((status == STATUS_WRONG_FILE) != (complaints.count > 0))
        abort();
    if (status == STATUS_OK && indicators_settle(&indicators) == STATUS_OK)
        ask(&indicators);
    const struct stix_sighting *seen = bundle.sightings.rows;
    for (size_t i = 0; status == STATUS_OK && i < bundle.sightings.count; i++)
        (void)stix_bundle_words(&bundle, &seen[i].of);
    stix_bundle_deinit(&bundle);
    indicators_deinit(&indicators);
    feed_source_deinit(&source);
    complaints_deinit(&complaints);
    return 0;
}
