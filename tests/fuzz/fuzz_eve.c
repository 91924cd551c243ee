#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "scoring/data.h"
#include "scoring/feeds/feed.h"

/* The text is an eve.json, read with the built-in map but for its ports, whose lists take longer to read than an
   input; every other address is somebody's. What is handed over
   must be of an item that there is, and its text must be safe. */

struct bytes {
    const uint8_t *data;
    size_t size;
};

static enum status read_bytes(void *context, void *to, size_t capacity, size_t *size_out)
{
    struct bytes *bytes = context;
    *size_out = bytes->size < capacity ? bytes->size : capacity;
    if (*size_out)
        memcpy(to, bytes->data, *size_out);
    bytes->data += *size_out;
    bytes->size -= *size_out;
    return STATUS_OK;
}

static const char *owner(void *context, const struct address *address, const char *domain)
{
    (void)context;
    (void)domain;
    return address && address->low % 2 ? "h001" : NULL;
}

static enum status take(void *context, const struct finding *finding, const char *domain)
{
    (void)domain;
    if (catalogue_item(context, finding->item) == SIZE_MAX || !finding->why || !finding->organization)
        abort();
    for (const char *c = finding->why; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            abort();
    return STATUS_OK;
}

static enum status cover(void *context, const char *organization, const char *const *items, size_t count,
                         int64_t from_ms, int64_t until_ms)
{
    for (size_t i = 0; i < count; i++)
        if (catalogue_item(context, items[i]) == SIZE_MAX)
            abort();
    if (!organization || from_ms > until_ms)
        abort();
    return STATUS_OK;
}

static void pass_period(void *context, int64_t from_ms, int64_t until_ms)
{
    (void)context;
    (void)from_ms;
    (void)until_ms;
}

static void pass_skipped(void *context, const char *why)
{
    (void)context;
    (void)why;
}

static struct catalogue catalogue;
static struct document map;

/* Once; both stay until the end. */
static void load(void)
{
    struct complaints complaints;
    const struct data_file *file = data_find("import-eve");
    complaints_init(&complaints, "fuzz");
    if (map.root)
        return;
    if (catalogue_load(&catalogue, NULL, 0, &complaints) != STATUS_OK ||
        document_parse(&map, file->text, file->size, &complaints) != STATUS_OK)
        abort();
    cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, cJSON_GetObjectItemCaseSensitive(map.root, "rules"))
        cJSON_DeleteItemFromObject(rule, "port");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    load();
    struct bytes bytes = {data, size};
    struct complaints complaints;
    struct feed_source source;
    const struct feed_sink sink = {.context = &catalogue,
                                   .owner = owner,
                                   .finding = take,
                                   .covers = cover,
                                   .period = pass_period,
                                   .skipped = pass_skipped};
    complaints_init(&complaints, "fuzz");
    if (feed_source_init(&source, read_bytes, &bytes, &complaints) != STATUS_OK)
        abort();
    const struct feed_call call = {.source = &source,
                                   .sink = &sink,
                                   .map = &map,
                                   .catalogue = &catalogue,
                                   .map_complaints = &complaints};
    enum status status = feed_named("eve")->parse(&call);
    if ((status == STATUS_WRONG_FILE) != (complaints.count > 0))
        abort();
    feed_source_deinit(&source);
    complaints_deinit(&complaints);
    return 0;
}
