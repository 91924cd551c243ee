#include "scanner/commands/kept_run.h"

#include <string.h>

#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/since.h"
#include "scoring/assessment.h"

static enum status describe(struct store_run *run, const struct kept_run_source *source)
{
    const struct scope *scope = source->scope;
    memcpy(run->scope, scope->hash, sizeof run->scope);
    run->authorization = strdup(scope->reference);
    run->vantage = strdup(vantage_name(source->vantage));
    run->ports = ports_format(&source->plan->ports);
    run->engine = strdup(source->engine);
    run->catalogue = strdup(source->catalogue->name);
    run->scope_text = strdup(scope->text);
    run->started_ms = clock_epoch_ms();
    run->addresses = source->plan->index.total;
    bool whole =
        run->authorization && run->vantage && run->ports && run->engine && run->catalogue && run->scope_text;
    return whole ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status kept_run_begin(struct store *store, struct store_run *run, const struct kept_run_source *source)
{
    enum status status = describe(run, source);
    if (status == STATUS_OK)
        status = store_begin(store, run);
    for (size_t i = 0; i < source->scope->organizations_count && status == STATUS_OK; i++)
        status = store_organization(store, run, &source->scope->organizations[i]);
    return status;
}

static int present(struct keeper *keeper, struct presentation *presentation, const char *since_id)
{
    struct since since;
    int code = since_make(&since, keeper->store, keeper->run, since_id, presentation);
    if (code < 0)
        code = present_run(keeper->store, keeper->run, presentation);
    since_deinit(&since);
    return code;
}

int kept_run_end(struct keeper *keeper, struct presentation *presentation, const char *since,
                 const char *store_path)
{
    enum status status =
        assessment_make(keeper->store, keeper->run, presentation->scope, presentation->catalogue);
    if (status != STATUS_OK)
        return present_status(status, "the findings", keeper->store);
    /* Complete for the reader, and in the store only with all that belongs to it: a kill before leaves a run
     * that --resume finishes. */
    keeper->run->complete = true;
    int code = present(keeper, presentation, since);
    if (code == EXIT_FAILED)
        return code;
    status = keeper_complete(keeper);
    return status == STATUS_OK ? code : present_status(status, store_path, keeper->store);
}
