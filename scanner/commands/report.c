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
    "      --run ID             the scan whose id begins so; the newest otherwise\n"
    "      --org ID             only this organization\n"
    "      --scope FILE         in place of the scope file that the store kept\n"
    "      --catalogue FILE     another catalogue, or one that extends it; repeatable\n"
    "      --since ID           the earlier scan that it is held against, or none; the one before it "
    "otherwise\n"
    "      --deadlines FILE     by when findings are to be mended, in place of the built-in rules\n"
    "      --fail-on WHAT       exit 4 when there is something new since that scan (new), or a gate is in "
    "force "
    "(gate);\n"
    "                           repeatable\n"
    "  -o, --output FORM[=FILE]   repeatable; - is standard output; the forms are\n"
    "                           {forms}\n"
    "      --without-addresses  indices, counts and items alone: nothing that says where\n"
    "      --lang zh|en   -h, --help\n";

struct settings {
    const char *store_path, *scope_path, *run, *only, *since, *deadlines;
    struct fail_on fail_on;
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    struct outputs outputs;
    bool without_addresses;
    enum language language;
};

enum { SCOPE = 256, CATALOGUE, RUN, ORGANIZATION, WITHOUT_ADDRESSES, SINCE, DEADLINES, FAIL_ON, LANGUAGE };

static const struct option long_options[] = {
    {"scope", required_argument, NULL, SCOPE},
    {"catalogue", required_argument, NULL, CATALOGUE},
    {"run", required_argument, NULL, RUN},
    {"org", required_argument, NULL, ORGANIZATION},
    {"since", required_argument, NULL, SINCE},
    {"deadlines", required_argument, NULL, DEADLINES},
    {"fail-on", required_argument, NULL, FAIL_ON},
    {"output", required_argument, NULL, 'o'},
    {"without-addresses", no_argument, NULL, WITHOUT_ADDRESSES},
    {"lang", required_argument, NULL, LANGUAGE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool take_option(void *context, int option, char *value)
{
    struct settings *settings = context;
    switch (option) {
    case 'o':
        return option_output("--output", value, &settings->outputs);
    case SCOPE:
        settings->scope_path = value;
        return true;
    case RUN:
        settings->run = value;
        return true;
    case ORGANIZATION:
        settings->only = value;
        return true;
    case SINCE:
        settings->since = value;
        return true;
    case DEADLINES:
        settings->deadlines = value;
        return true;
    case FAIL_ON:
        return option_fail_on("--fail-on", value, &settings->fail_on);
    case CATALOGUE:
        return option_source(value, settings->catalogues, &settings->catalogues_count);
    case WITHOUT_ADDRESSES:
        return settings->without_addresses = true;
    case LANGUAGE:
        return option_language("--lang", value, &settings->language);
    default:
        return false;
    }
}

struct work {
    const struct settings *settings;
    struct catalogue catalogue;
    struct intake intake;
    struct scope scope;
    struct deadlines deadlines;
    struct since since;
    bool have_scope;
};

/* The scope that was named, else the one that the store kept, else none. -1 or an exit code. */
static int find_scope(struct work *work)
{
    const struct settings *settings = work->settings;
    const char *text = work->intake.run.scope_text;
    if (settings->scope_path)
        work->have_scope = present_scope(&work->scope, settings->scope_path);
    else if (text)
        work->have_scope = present_kept_scope(&work->scope, settings->store_path, text);
    else
        fprintf(stderr,
                "auscult: %s kept no scope file: asset values and accepted risks count only with --scope "
                "FILE\n",
                settings->store_path);
    return work->have_scope || (!settings->scope_path && !text) ? -1 : EXIT_USAGE;
}

/* The scan as the store has it, held against an earlier one there. -1 or an exit code. */
static int find_changes(struct work *work, struct presentation *presentation)
{
    const struct settings *settings = work->settings;
    struct store *store = NULL;
    struct store_run run = {0};
    if (!work->intake.scanned || !since_wanted(presentation))
        return -1;
    enum status status = store_open(settings->store_path, false, &store);
    if (status == STATUS_OK)
        status = store_find_run(store, settings->run, false, &run);
    int code = status == STATUS_OK ? since_make(&work->since, store, &run, settings->since, presentation)
                                   : present_status(status, settings->store_path, store);
    store_run_deinit(&run);
    store_close(&store);
    return code;
}

static int present(struct work *work)
{
    const struct settings *settings = work->settings;
    const struct scope *scope = work->have_scope ? &work->scope : NULL;
    struct presentation presentation = {
        .seconds = intake_seconds(&work->intake),
        .moment_ms = work->intake.moment_ms,
        .catalogue = &work->catalogue,
        .scope = scope,
        .only = settings->only,
        .language = settings->language,
        .vantage = scope ? scope->vantage : VANTAGE_INTERNET,
        .without_addresses = settings->without_addresses,
        .fail_on = settings->fail_on,
        .deadlines = &work->deadlines,
        .outputs = &settings->outputs,
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
        status = intake_store(&work->intake, settings->store_path, settings->run, &work->catalogue);
        if (status != STATUS_OK)
            code = status == STATUS_MISMATCH ? EXIT_USAGE : EXIT_FAILED;
    }
    if (code < 0)
        code = find_scope(work);
    if (code < 0)
        code = present(work);
    since_deinit(&work->since);
    if (work->have_scope)
        scope_deinit(&work->scope);
    intake_deinit(&work->intake);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.store_path = "auscult.db", .language = option_language_default()};
    struct work work = {.settings = &settings};
    static const struct options options = {"report", ":o:h", long_options, help, take_option};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind > 1) {
        fputs("auscult report: want one store; `auscult report --help` tells more\n", stderr);
        return EXIT_USAGE;
    }
    if (argc > optind)
        settings.store_path = argv[optind];
    outputs_default(&settings.outputs);
    if (settings.without_addresses && !outputs_withhold(&settings.outputs))
        return EXIT_USAGE;
    if (!present_catalogue(&work.catalogue, settings.catalogues, settings.catalogues_count))
        return EXIT_USAGE;
    code = EXIT_USAGE;
    if (present_deadlines(&work.deadlines, settings.deadlines)) {
        code = report(&work);
        deadlines_deinit(&work.deadlines);
    }
    catalogue_deinit(&work.catalogue);
    return code;
}

const struct command command_report = {"report", "[STORE]", "any form of the report from a store",
                                       "由存储库生成任意形式的报告", run};
