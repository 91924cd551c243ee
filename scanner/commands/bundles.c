#include "scanner/commands/bundles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/present.h"
#include "scoring/feeds/stix_bundle.h"

static enum status read_file(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    FILE *file = context;
    *size_out = fread(bytes, 1, capacity, file);
    return *size_out == 0 && ferror(file) ? STATUS_SYSTEM : STATUS_OK;
}

static enum status read_bundle(struct indicators *indicators, FILE *file, struct complaints *complaints)
{
    struct feed_source source;
    struct stix_bundle bundle = {0};
    enum status status = feed_source_init(&source, read_file, file, complaints);
    const struct stix_reader reader = {.source = &source};
    if (status == STATUS_OK)
        status = stix_bundle_read(&bundle, &reader, indicators);
    stix_bundle_deinit(&bundle);
    feed_source_deinit(&source);
    return status;
}

static bool read_path(struct indicators *indicators, const char *path)
{
    struct complaints complaints;
    FILE *file = fopen(path, "rbe");
    if (!file) {
        fprintf(stderr, "auscult: %s: %s\n", path, strerror(errno));
        return false;
    }
    complaints_init(&complaints, path);
    enum status status = read_bundle(indicators, file, &complaints);
    fclose(file);
    char *text = complaints_format(&complaints);
    fputs(text ? text : "", stderr);
    free(text);
    complaints_deinit(&complaints);
    if (status != STATUS_OK && status != STATUS_WRONG_FILE)
        present_status(status, path, NULL);
    return status == STATUS_OK;
}

bool bundles_read(struct indicators *indicators_out, const char *const *paths, size_t count)
{
    bool good = true;
    indicators_init(indicators_out);
    for (size_t i = 0; i < count && good; i++)
        good = read_path(indicators_out, paths[i]);
    if (good && indicators_settle(indicators_out) != STATUS_OK)
        good = present_status(STATUS_NO_MEMORY, "the indicators", NULL) == EXIT_SUCCESS;
    if (good && count > 0 && indicators_out->addresses_count + indicators_out->names_count == 0)
        fputs("auscult: the bundles hold no indicator that events can be matched with\n", stderr);
    return good;
}
