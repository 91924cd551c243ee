#include "scanner/commands/since.h"

#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"

bool since_wanted(const struct presentation *presentation)
{
    for (size_t i = 0; i < presentation->outputs->count; i++)
        if (presentation->outputs->items[i].form->changes)
            return true;
    return presentation->fail_on.new_findings;
}

void since_deinit(struct since *since)
{
    if (since->known)
        changes_deinit(&since->changes);
    since->known = false;
}

static int no_such_scan(const char *id, const struct store_run *run)
{
    fprintf(stderr, "auscult: --since '%s': the store holds no scan before %.8s whose id begins so\n", id,
            run->id);
    return EXIT_USAGE;
}

static int find_before(struct store *store, const struct store_run *run, const char *id,
                       struct store_run *before_out, bool *found_out)
{
    enum status status =
        id ? store_find_run(store, id, false, before_out) : changes_previous(store, run, before_out);
    *found_out = status == STATUS_OK;
    if (id && (status == STATUS_MISMATCH || (status == STATUS_OK && before_out->number >= run->number)))
        return no_such_scan(id, run);
    return status == STATUS_OK || status == STATUS_MISMATCH
               ? -1
               : present_status(status, "the earlier scan", store);
}

int since_make(struct since *since, struct store *store, const struct store_run *run, const char *id,
               struct presentation *presentation)
{
    struct store_run before = {0};
    bool found = false;
    *since = (struct since){0};
    if ((id && strcmp(id, "none") == 0) || !since_wanted(presentation))
        return -1;
    int code = find_before(store, run, id, &before, &found);
    if (code < 0 && !found && presentation->fail_on.new_findings)
        fprintf(stderr, "auscult: --fail-on new: this is the first complete scan of these organizations from "
                        "this vantage, so "
                        "that nothing can be new\n");
    if (code < 0 && found) {
        const struct changes_options options = {.catalogue = presentation->catalogue,
                                                .scope = presentation->scope,
                                                .only = presentation->only,
                                                .today = present_today(),
                                                .moment_ms = presentation->moment_ms};
        enum status status = changes_make(store, &before, run, &options, &since->changes);
        since->known = status == STATUS_OK;
        code = since->known ? -1 : present_status(status, "what changed", store);
    }
    if (since->known)
        presentation->changes = &since->changes;
    store_run_deinit(&before);
    return code;
}
