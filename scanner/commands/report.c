#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/intake.h"
#include "scanner/commands/present.h"

static const char help[] =
    "Usage: auscult report [OPTION…] [STORE]\n"
    "Any form of the report from a store (auscult.db where none is named), without network. Changes "
    "nothing.\n"
    "Owners, asset values and accepted risks are those of the scope file that the scan kept in the store.\n\n"
    "      --run ID             the scan whose id begins so; the newest otherwise\n"
    "      --org ID             only this organization\n"
    "      --scope FILE         in place of the scope file that the store kept\n"
    "      --catalogue FILE     another catalogue, or one that extends it; repeatable\n"
    "  -o, --output FORM[=FILE]   repeatable; - is standard output; the forms are\n"
    "                           {forms}\n"
    "      --without-addresses  indices, counts and items alone: nothing that says where\n"
    "      --lang zh|en   -h, --help\n";

struct settings {
    const char *store_path, *scope_path, *run, *only;
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    struct outputs outputs;
    bool without_addresses;
    enum language language;
};

enum { SCOPE = 256, CATALOGUE, RUN, ORGANIZATION, WITHOUT_ADDRESSES, LANGUAGE };

static const struct option long_options[] = {
    {"scope", required_argument, NULL, SCOPE},
    {"catalogue", required_argument, NULL, CATALOGUE},
    {"run", required_argument, NULL, RUN},
    {"org", required_argument, NULL, ORGANIZATION},
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
        .outputs = &settings->outputs,
    };
    /* The scan may have been made from elsewhere than its scope file says (--vantage). */
    if (work->intake.scanned)
        (void)vantage_parse(work->intake.run.vantage, &presentation.vantage);
    enum status status = intake_assess(&work->intake, scope, &work->catalogue);
    return status == STATUS_OK ? present_run(work->intake.store, &work->intake.run, &presentation)
                               : present_status(status, "the findings", work->intake.store);
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
    code = report(&work);
    catalogue_deinit(&work.catalogue);
    return code;
}

const struct command command_report = {"report", "[STORE]", "any form of the report from a store",
                                       "由存储库生成任意形式的报告", run};
