#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/intake.h"
#include "scanner/commands/since.h"

static const char help[] =
    "Usage: auscult report [OPTION…] [STORE]\n"
    "Any form of the report from a store (auscult.db where none is named), without network. Changes "
    "nothing.\n"
    "Owners, asset values and accepted risks are those of the scope file that the scan kept in the store.\n\n"
    "      --run ID             the scan whose id begins so; the newest otherwise\n" HELP_ORGANIZATION
        HELP_KEPT_SCOPE HELP_CATALOGUE
    "      --since ID           the earlier scan that it is held against, or none; the one before it "
    "otherwise\n" HELP_DEADLINES
    "      --fail-on WHAT       exit 4 when there is something new since that scan (new), or a gate is in "
    "force "
    "(gate);\n"
    "                           repeatable\n" HELP_FORMS
    "      --without-addresses  indices, counts and items alone: nothing that says where\n" HELP_LANGUAGE;

struct settings {
    struct shared shared;
    const char *since;
};

static const struct option_row own[] = {
    {"--since", 0, option_text, offsetof(struct settings, since)},
    {0},
};

static const struct options options = {
    .command = "report",
    .help = help,
    .shared = SHARED_RUN | SHARED_ORGANIZATION | SHARED_SCOPE | SHARED_CATALOGUE | SHARED_DEADLINES |
              SHARED_FAIL_ON | SHARED_OUTPUT | SHARED_WITHOUT_ADDRESSES | SHARED_LANGUAGE,
    .own = own,
    .wants = "want one store",
    .most = 1,
};

struct work {
    const struct settings *settings;
    struct catalogue catalogue;
    struct intake intake;
    struct scope storage;
    const struct scope *scope; /* in the storage, or NULL */
    struct deadlines deadlines;
    struct since since;
};

/* The scan as the store has it, held against an earlier one there. -1 or an exit code. */
static int find_changes(struct work *work, struct presentation *presentation)
{
    const struct settings *settings = work->settings;
    struct store *store = NULL;
    struct store_run run = {0};
    if (!work->intake.scanned || !since_wanted(presentation))
        return -1;
    enum status status = store_open(settings->shared.store_path, false, &store);
    if (status == STATUS_OK)
        status = store_find_run(store, settings->shared.run, false, &run);
    int code = status == STATUS_OK ? since_make(&work->since, store, &run, settings->since, presentation)
                                   : present_status(status, settings->shared.store_path, store);
    store_run_deinit(&run);
    store_close(&store);
    return code;
}

static int present(struct work *work)
{
    const struct settings *settings = work->settings;
    const struct scope *scope = work->scope;
    struct presentation presentation = {
        .seconds = intake_seconds(&work->intake),
        .moment_ms = work->intake.moment_ms,
        .catalogue = &work->catalogue,
        .scope = scope,
        .only = settings->shared.only,
        .language = settings->shared.language,
        .vantage = scope ? scope->vantage : VANTAGE_INTERNET,
        .without_addresses = settings->shared.without_addresses,
        .fail_on = settings->shared.fail_on,
        .deadlines = &work->deadlines,
        .outputs = &settings->shared.outputs,
    };
    /* The scan may have been made from elsewhere than its scope file says (--vantage). */
    if (work->intake.scanned)
        (void)vantage_parse(work->intake.run.vantage, &presentation.vantage);
    enum status status = intake_assess(&work->intake, scope, &work->catalogue);
    if (status != STATUS_OK)
        return present_status(status, "the findings", work->intake.store);
    int code = find_changes(work, &presentation);
    return code < 0 ? present_run(work->intake.store, &work->intake.run, &presentation) : code;
}

static int report(struct work *work)
{
    const struct settings *settings = work->settings;
    enum status status = intake_init(&work->intake);
    int code = status == STATUS_OK ? -1 : present_status(status, "the report", work->intake.store);
    if (code < 0) {
        status =
            intake_store(&work->intake, settings->shared.store_path, settings->shared.run, &work->catalogue);
        if (status != STATUS_OK)
            code = status == STATUS_MISMATCH ? EXIT_USAGE : EXIT_FAILED;
    }
    if (code < 0 &&
        !present_scope_of_run(&settings->shared, work->intake.run.scope_text, &work->storage, &work->scope))
        code = EXIT_USAGE;
    if (code < 0)
        code = present(work);
    since_deinit(&work->since);
    scope_deinit(&work->storage);
    intake_deinit(&work->intake);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.since = NULL};
    struct work work = {.settings = &settings};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (argc > optind)
        settings.shared.store_path = argv[optind];
    if (!present_catalogue(&work.catalogue, &settings.shared.catalogues))
        return EXIT_USAGE;
    code = EXIT_USAGE;
    if (present_deadlines(&work.deadlines, settings.shared.deadlines)) {
        code = report(&work);
        deadlines_deinit(&work.deadlines);
    }
    catalogue_deinit(&work.catalogue);
    return code;
}

const struct command command_report = {"report", "[STORE]", "any form of the report from a store",
                                       "由存储库生成任意形式的报告", run};
