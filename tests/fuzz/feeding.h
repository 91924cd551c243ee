#ifndef TESTS_FUZZ_FEEDING_H
#define TESTS_FUZZ_FEEDING_H

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "probes/text.h"
#include "scoring/data.h"
#include "scoring/feeds/feed.h"

/* For fuzz_<feed>.c: the bytes as a file of that feed, read in pieces of 61 bytes. What is handed over must be
   what a sink may rely on. */

struct fuzz_bytes {
    const uint8_t *bytes;
    size_t size;
};

static enum status fuzz_read(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    struct fuzz_bytes *rest = context;
    size_t size = rest->size < 61 ? rest->size : 61;
    size = size < capacity ? size : capacity;
    if (size)
        memcpy(bytes, rest->bytes, size);
    rest->bytes += size;
    rest->size -= size;
    *size_out = size;
    return STATUS_OK;
}

static void fuzz_check_text(const char *text)
{
    char safe[8192];
    if (!text)
        return;
    text_safe((struct span){(const uint8_t *)text, strlen(text)}, safe, sizeof safe);
    if (strlen(text) < sizeof safe / TEXT_PIECE_MAX && strcmp(text, safe) != 0)
        abort();
}

static const char *fuzz_owner(void *context, const struct address *address, const char *domain)
{
    (void)context;
    return (address && address->low & 1) || (domain && domain[0]) ? "h001" : NULL;
}

static enum status fuzz_observation(void *context, const struct observation *observation)
{
    (void)context;
    fuzz_check_text(observation->product);
    fuzz_check_text(observation->version);
    if (!observation->service || observation->port.number == 0)
        abort();
    return STATUS_OK;
}

static enum status fuzz_asked(void *context, struct address address, const struct ports *ports,
                              enum endpoint_state state)
{
    (void)context;
    (void)address;
    if (ports->count == 0 || state > ENDPOINT_SYNTHETIC)
        abort();
    return STATUS_OK;
}

static enum status fuzz_finding(void *context, const struct finding *finding, const char *domain)
{
    const struct feed_call *call = context;
    (void)domain;
    if (catalogue_item(call->catalogue, finding->item) == SIZE_MAX || finding->count == 0)
        abort();
    fuzz_check_text(finding->why);
    fuzz_check_text(finding->key);
    return STATUS_OK;
}

static enum status fuzz_covers(void *context, const char *organization, const char *const *items,
                               size_t count, int64_t from_ms, int64_t until_ms)
{
    const struct feed_call *call = context;
    (void)organization;
    for (size_t i = 0; i < count; i++)
        if (catalogue_item(call->catalogue, items[i]) == SIZE_MAX)
            abort();
    if (from_ms > until_ms)
        abort();
    return STATUS_OK;
}

static void fuzz_period(void *context, int64_t from_ms, int64_t until_ms)
{
    (void)context;
    if (from_ms > until_ms)
        abort();
}

static void fuzz_skipped(void *context, const char *why)
{
    (void)context;
    if (!why[0])
        abort();
}

static const char *fuzz_organization(void *context, const char *name)
{
    (void)context;
    fuzz_check_text(name);
    return name[0] == 'h' ? "h001" : NULL;
}

/* map NULL: the built-in one of the feed. */
static void fuzz_feed(const char *format, const char *map_text, const uint8_t *data, size_t size)
{
    static struct catalogue catalogue;
    static struct document map;
    struct complaints complaints, map_complaints;
    struct feed_source source;
    struct fuzz_bytes rest = {data, size};
    const struct feed *feed = feed_named(format);
    complaints_init(&complaints, "fuzz");
    complaints_init(&map_complaints, "map");
    if (!catalogue.name && catalogue_load(&catalogue, NULL, 0, &complaints) != STATUS_OK)
        abort();
    const struct data_file *built_in = feed->map && !map_text ? data_find(feed->map) : NULL;
    if (!map_text && built_in)
        map_text = built_in->text;
    if (map_text && !map.root &&
        document_parse(&map, map_text, strlen(map_text), &map_complaints) != STATUS_OK)
        abort();
    struct feed_call call = {.source = &source,
                             .map = map.root ? &map : NULL,
                             .catalogue = &catalogue,
                             .map_complaints = &map_complaints,
                             .now_ms = 1795700000000};
    const struct feed_sink sink = {&call,       fuzz_owner,  fuzz_observation, fuzz_asked,       fuzz_finding,
                                   fuzz_covers, fuzz_period, fuzz_skipped,     fuzz_organization};
    call.sink = &sink;
    if (feed_source_init(&source, fuzz_read, &rest, &complaints) == STATUS_OK) {
        enum status status = feed->parse(&call);
        if (status == STATUS_WRONG_FILE && complaints.count == 0)
            abort();
    }
    feed_source_deinit(&source);
    complaints_deinit(&complaints);
    complaints_deinit(&map_complaints);
}

#endif
