#include <stdio.h>
#include <string.h>

#include "scanner/commands/audit.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/changes.h"

/* What the audit's store knows of earlier runs. */

static void keep(struct audit_run *kept, const struct store_run *run)
{
    *kept =
        (struct audit_run){.number = run->number, .started_ms = run->started_ms, .ended_ms = run->ended_ms};
    snprintf(kept->id, sizeof kept->id, "%s", run->id);
    snprintf(kept->scope, sizeof kept->scope, "%s", run->scope);
}

/* The newest comes first. */
static void look(void *context, const struct store_run *run)
{
    struct audit_history *history = context;
    if (!run->complete) {
        if (!history->complete.number && !history->unfinished.number)
            keep(&history->unfinished, run);
    } else if (!history->complete.number) {
        keep(&history->complete, run);
    }
}

/* The run that reports and diff compare with as well. */
static enum status find_previous(struct store *store, struct audit_history *history)
{
    struct store_run run = {0}, previous = {0};
    if (!history->complete.number)
        return STATUS_OK;
    enum status status = store_find_run(store, history->complete.id, false, &run);
    if (status == STATUS_OK)
        status = changes_previous(store, &run, &previous);
    if (status == STATUS_OK)
        keep(&history->previous, &previous);
    store_run_deinit(&previous);
    store_run_deinit(&run);
    return status == STATUS_MISMATCH ? STATUS_OK : status;
}

int audit_history_read(struct audit *audit)
{
    struct store *store = NULL;
    audit->history = (struct audit_history){0};
    enum status status = store_open(audit->store_path, true, &store);
    if (status == STATUS_OK)
        status = store_each_run(store, look, &audit->history);
    if (status == STATUS_OK)
        status = find_previous(store, &audit->history);
    int code = status == STATUS_OK ? -1 : present_status(status, audit->store_path, store);
    store_close(&store);
    return code;
}

int audit_history_prune(struct audit *audit)
{
    struct store *store = NULL;
    uint64_t forgotten = 0;
    enum status status = store_open(audit->store_path, true, &store);
    if (status == STATUS_OK)
        status = store_prune(store, (uint64_t)audit->settings.keep, CHANGES_BACK_MS, &forgotten);
    int code = status == STATUS_OK ? -1 : present_status(status, audit->store_path, store);
    store_close(&store);
    if (forgotten)
        audit_say(audit, "%llu runs older than the newest %d were forgotten", (unsigned long long)forgotten,
                  audit->settings.keep);
    return code;
}

struct threshold {
    const struct audit *audit;
    bool below;
};

static void hold_against(void *context, const char *organization, const struct store_scorecard *scorecard,
                         const char *record)
{
    struct threshold *threshold = context;
    const double least = threshold->audit->settings.fail_below;
    (void)record;
    if (!scorecard->assessed || scorecard->index >= least)
        return;
    threshold->below = true;
    audit_say(threshold->audit, "%s has %d, below %g", organization, scorecard->index, least);
}

int audit_threshold(struct audit *audit)
{
    struct threshold threshold = {audit, false};
    struct store *store = NULL;
    struct store_run run = {0};
    if (audit->settings.fail_below <= 0)
        return EXIT_DONE;
    enum status status = store_open(audit->store_path, false, &store);
    if (status == STATUS_OK)
        status = store_find_run(store, audit->history.complete.id, false, &run);
    if (status == STATUS_OK)
        status = store_each_scorecard(store, &run, hold_against, &threshold);
    int code = status != STATUS_OK ? present_status(status, audit->store_path, store)
               : threshold.below   ? EXIT_THRESHOLD
                                   : EXIT_DONE;
    store_run_deinit(&run);
    store_close(&store);
    return code;
}
