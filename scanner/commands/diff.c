#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/report/changes_forms.h"

static const char help[] =
    "Usage: auscult diff [OPTION…] STORE [A] [B]\n"
    "What changed from scan A to scan B of a store: findings that are new, mended, gone, back again or not "
    "checked this\n"
    "time, what moved the index, and which ports and hosts answer differently. A and B are ids or their "
    "beginnings; B is\n"
    "the newest complete scan where it is not named, A the one before it from the same vantage. No network; "
    "changes "
    "nothing.\n\n" HELP_ORGANIZATION HELP_KEPT_SCOPE HELP_CATALOGUE HELP_DEADLINES
    "      --fail-on WHAT       exit 4 when there is something new or back again (new), or a gate is in "
    "force in B "
    "(gate);\n"
    "                           repeatable\n" HELP_FEW_FORMS HELP_LANGUAGE;

struct settings {
    struct shared shared;
    const char *before, *after;
};

struct work {
    const struct settings *settings;
    struct store *store;
    struct catalogue catalogue;
    struct deadlines deadlines;
    struct scope storage;
    const struct scope *scope; /* in the storage, or NULL */
    struct store_run before, after;
    bool alone; /* there is no earlier scan: the later one is held against itself, for its gate */
};

/* The newest complete one. */
struct newest {
    char id[37];
};

static void keep_newest(void *context, const struct store_run *run)
{
    struct newest *newest = context;
    if (run->complete && !newest->id[0])
        memcpy(newest->id, run->id, sizeof newest->id);
}

static int find_named(struct work *work, const char *id, struct store_run *run_out)
{
    enum status status = store_find_run(work->store, id, false, run_out);
    if (status != STATUS_MISMATCH)
        return status == STATUS_OK ? -1
                                   : present_status(status, work->settings->shared.store_path, work->store);
    fprintf(stderr, "auscult: %s: it holds no scan '%s'; `auscult store list %s` lists them\n",
            work->settings->shared.store_path, id, work->settings->shared.store_path);
    return EXIT_USAGE;
}

static int find_after(struct work *work)
{
    struct newest newest = {""};
    if (work->settings->after)
        return find_named(work, work->settings->after, &work->after);
    enum status status = store_each_run(work->store, keep_newest, &newest);
    if (status != STATUS_OK)
        return present_status(status, work->settings->shared.store_path, work->store);
    if (newest.id[0])
        return find_named(work, newest.id, &work->after);
    fprintf(stderr, "auscult: %s: it holds no complete scan\n", work->settings->shared.store_path);
    return EXIT_USAGE;
}

/* A first scan has nothing before it, which is no failure where a threshold was asked for. */
static int find_before(struct work *work)
{
    const struct settings *settings = work->settings;
    int code = settings->before ? find_named(work, settings->before, &work->before) : -1;
    if (code >= 0)
        return code;
    if (settings->before) {
        if (work->before.number < work->after.number)
            return -1;
        fprintf(stderr, "auscult: the scan %.8s is not before %.8s; the earlier one is named first\n",
                work->before.id, work->after.id);
        return EXIT_USAGE;
    }
    enum status status = changes_previous(work->store, &work->after, &work->before);
    if (status != STATUS_MISMATCH)
        return status == STATUS_OK ? -1 : present_status(status, settings->shared.store_path, work->store);
    fprintf(stderr,
            "auscult: %s: before %.8s there is no complete scan of these organizations from the same "
            "vantage; nothing "
            "can be new\n",
            settings->shared.store_path, work->after.id);
    work->alone = settings->shared.fail_on.gate;
    if (work->alone)
        return find_named(work, work->after.id, &work->before);
    return settings->shared.fail_on.new_findings ? EXIT_DONE : EXIT_USAGE;
}

/* Of the later scan, as the changes have judged it. */
static bool gated(const struct changes *changes)
{
    bool any = false;
    for (size_t i = 0; i < changes->organizations_count; i++)
        if (changes->organizations[i].gate < BAND_EXCELLENT) {
            fprintf(stderr, "auscult: %s: a gate is in force, %s is the highest band that is shown\n",
                    changes->organizations[i].id, band_word(changes->organizations[i].gate));
            any = true;
        }
    return any;
}

static int write_changes(const struct work *work, const struct changes *changes)
{
    const struct settings *settings = work->settings;
    struct report report = {
        .catalogue = &work->catalogue,
        .run = &work->after,
        .scope = work->scope,
        .today = present_today(),
        .language = settings->shared.language,
        .complete = work->after.complete,
        .changes = changes,
        .deadlines = &work->deadlines,
    };
    enum status status = work->alone ? STATUS_OK : outputs_write(&settings->shared.outputs, &report);
    int code = present_status(status, "what changed", work->store);
    if (code != EXIT_DONE)
        return code;
    bool crossed = settings->shared.fail_on.new_findings && present_new(changes);
    if (settings->shared.fail_on.gate)
        crossed |= gated(changes);
    return crossed ? EXIT_THRESHOLD : EXIT_DONE;
}

static int compare(struct work *work)
{
    const struct settings *settings = work->settings;
    const struct changes_options options = {.catalogue = &work->catalogue,
                                            .scope = work->scope,
                                            .only = settings->shared.only,
                                            .today = present_today()};
    struct changes changes;
    enum status status = changes_make(work->store, &work->before, &work->after, &options, &changes);
    if (status != STATUS_OK)
        return present_status(status, settings->shared.store_path, work->store);
    int code = -1;
    if (settings->shared.only && changes.organizations_count == 0) {
        fprintf(stderr, "auscult: --org '%s': neither scan has such an organization\n",
                settings->shared.only);
        code = EXIT_USAGE;
    }
    if (code < 0)
        code = write_changes(work, &changes);
    changes_deinit(&changes);
    return code;
}

static int diff(struct work *work)
{
    int code = find_after(work);
    if (code < 0)
        code = find_before(work);
    if (code < 0 &&
        !present_scope_of_run(&work->settings->shared, work->after.scope_text, &work->storage, &work->scope))
        code = EXIT_USAGE;
    if (code < 0)
        code = compare(work);
    scope_deinit(&work->storage);
    store_run_deinit(&work->before);
    store_run_deinit(&work->after);
    return code;
}

static int diff_store(struct settings *settings)
{
    struct work work = {.settings = settings};
    enum status status = store_open(settings->shared.store_path, false, &work.store);
    int code = status == STATUS_OK ? -1 : present_status(status, settings->shared.store_path, work.store);
    if (code < 0) {
        code = EXIT_USAGE;
        if (present_catalogue(&work.catalogue, &settings->shared.catalogues)) {
            if (present_deadlines(&work.deadlines, settings->shared.deadlines)) {
                code = diff(&work);
                deadlines_deinit(&work.deadlines);
            }
            catalogue_deinit(&work.catalogue);
        }
    }
    store_close(&work.store);
    return code;
}

static int run(int argc, char **argv)
{
    static const struct options options = {
        .command = "diff",
        .help = help,
        .shared = SHARED_ORGANIZATION | SHARED_SCOPE | SHARED_CATALOGUE | SHARED_DEADLINES | SHARED_FAIL_ON |
                  SHARED_OUTPUT | SHARED_LANGUAGE,
        .forms = changes_forms,
        .wants = "want a store, and at most two scans of it",
        .least = 1,
        .most = 3,
    };
    struct settings settings = {.before = NULL};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    int count = argc - optind;
    settings.shared.store_path = argv[optind];
    settings.before = count > 1 ? argv[optind + 1] : NULL;
    settings.after = count > 2 ? argv[optind + 2] : NULL;
    return diff_store(&settings);
}

const struct command command_diff = {"diff", "STORE [A] [B]", "what changed between two scans of a store",
                                     "存储库中两次扫描之间的变化", run};
