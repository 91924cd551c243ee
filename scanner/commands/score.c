#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/intake.h"
#include "scanner/commands/present.h"

static const char help[] =
    "Usage: auscult score [OPTION…] [INPUT…]\n"
    "Indexes again, without network: from a store (auscult.db where no INPUT is named) or from records, one "
    "JSON object\n"
    "a line; - is standard input. Changes no store.\n\n"
    "      --scope FILE         owners, asset values, accepted risks\n"
    "      --catalogue FILE     another catalogue, or one that extends it; repeatable\n"
    "      --run ID             of a store; the newest otherwise\n"
    "      --org ID             only this organization\n"
    "      --vantage WHERE      internet, partner or internal, for what names no exposure\n"
    "      --literal            the six printed steps: what was not assessed counts as perfect\n"
    "      --fail-below N       exit 4 when an index is below N\n"
    "  -o, --output FORM[=FILE]   repeatable; - is standard output; the forms are\n"
    "                           {forms}\n"
    "      --without-addresses  indices, counts and items alone in them: nothing that says where\n"
    "      --lang zh|en   -h, --help\n";

struct settings {
    const char *scope_path, *run, *only;
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    struct outputs outputs;
    bool literal, vantage_given, without_addresses;
    enum vantage vantage;
    enum language language;
    double fail_below;
};

enum { SCOPE = 256, CATALOGUE, RUN, ORGANIZATION, VANTAGE, LITERAL, FAIL_BELOW, WITHOUT_ADDRESSES, LANGUAGE };

static const struct option long_options[] = {
    {"scope", required_argument, NULL, SCOPE},
    {"catalogue", required_argument, NULL, CATALOGUE},
    {"run", required_argument, NULL, RUN},
    {"org", required_argument, NULL, ORGANIZATION},
    {"vantage", required_argument, NULL, VANTAGE},
    {"literal", no_argument, NULL, LITERAL},
    {"fail-below", required_argument, NULL, FAIL_BELOW},
    {"output", required_argument, NULL, 'o'},
    {"without-addresses", no_argument, NULL, WITHOUT_ADDRESSES},
    {"lang", required_argument, NULL, LANGUAGE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool take_option(void *context, int option, char *value)
{
    struct settings *settings = context;
    uint64_t number = 0;
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
    case VANTAGE:
        settings->vantage_given = true;
        return option_vantage("--vantage", value, &settings->vantage);
    case LITERAL:
        return settings->literal = true;
    case FAIL_BELOW:
        if (!option_number("--fail-below", value, 1, 1000, &number))
            return false;
        settings->fail_below = (double)number;
        return true;
    case WITHOUT_ADDRESSES:
        return settings->without_addresses = true;
    case LANGUAGE:
        return option_language("--lang", value, &settings->language);
    default:
        return false;
    }
}

static int take_inputs(struct intake *intake, const struct settings *settings,
                       const struct catalogue *catalogue, int count, char **inputs)
{
    for (int i = 0; i < count; i++) {
        int code = -1;
        if (intake_is_store(inputs[i])) {
            enum status status = intake_store(intake, inputs[i], settings->run, catalogue);
            if (status != STATUS_OK)
                code = status == STATUS_MISMATCH ? EXIT_USAGE : EXIT_FAILED;
        } else {
            code = intake_file(intake, inputs[i]);
        }
        if (code >= 0)
            return code;
    }
    return -1;
}

static bool can_stream(int count, char **inputs)
{
    for (int i = 0; i < count; i++)
        if (!intake_can_stream(inputs[i]))
            return false;
    return true;
}

/* Past the store as far as that goes, else into it. */
static int take_all(struct intake *intake, const struct settings *settings,
                    const struct evaluation_options *options, int count, char **inputs)
{
    if (can_stream(count, inputs) && intake_stream_begin(intake, options) != STATUS_OK)
        return present_status(STATUS_NO_MEMORY, "score", NULL);
    int code = take_inputs(intake, settings, options->catalogue, count, inputs);
    if (!intake->disordered)
        return code;
    enum status status = intake_begin_again(intake);
    return status == STATUS_OK ? take_inputs(intake, settings, options->catalogue, count, inputs)
                               : present_status(status, "reading standard input again", NULL);
}

static struct presentation presentation_of(const struct settings *settings, const struct intake *intake,
                                           const struct catalogue *catalogue, const struct scope *scope)
{
    const struct store_run *run = &intake->run;
    enum vantage vantage = scope ? scope->vantage : VANTAGE_INTERNET;
    if (!scope)
        (void)vantage_parse(run->vantage, &vantage);
    return (struct presentation){
        .seconds = intake_seconds(intake),
        .moment_ms = intake->moment_ms,
        .catalogue = catalogue,
        .scope = scope,
        .only = settings->only,
        .language = settings->language,
        .vantage = settings->vantage_given ? settings->vantage : vantage,
        .literal = settings->literal,
        .without_addresses = settings->without_addresses,
        .fail_below = settings->fail_below,
        .outputs = &settings->outputs,
    };
}

static int present_all(struct intake *intake, const struct presentation *presentation)
{
    const struct evidence_source again = {intake, intake_stream_each_finding};
    if (intake->stream)
        return present_stream(intake->stream, &again, intake->store, &intake->run, presentation);
    enum status status = intake_assess(intake, presentation->scope, presentation->catalogue);
    return status == STATUS_OK ? present_run(intake->store, &intake->run, presentation)
                               : present_status(status, "the findings", intake->store);
}

static int score(struct settings *settings, const struct catalogue *catalogue, const struct scope *scope,
                 int count, char **inputs)
{
    char store[] = "auscult.db";
    char *newest[] = {store};
    struct intake intake;
    enum status status = intake_init(&intake);
    int code = -1;
    if (status == STATUS_OK) {
        const struct presentation before = presentation_of(settings, &intake, catalogue, scope);
        const struct evaluation_options options = present_options(&before);
        code = count ? take_all(&intake, settings, &options, count, inputs)
                     : take_all(&intake, settings, &options, 1, newest);
    } else {
        code = present_status(status, "score", intake.store);
    }
    if (code < 0) {
        const struct presentation presentation = presentation_of(settings, &intake, catalogue, scope);
        code = present_all(&intake, &presentation);
    }
    intake_deinit(&intake);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.language = option_language_default()};
    struct scope scope;
    struct catalogue catalogue;
    static const struct options options = {"score", ":o:h", long_options, help, take_option};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    outputs_default(&settings.outputs);
    if (settings.without_addresses && !outputs_withhold(&settings.outputs))
        return EXIT_USAGE;
    if (settings.scope_path && !present_scope(&scope, settings.scope_path))
        return EXIT_USAGE;
    if (present_catalogue(&catalogue, settings.catalogues, settings.catalogues_count)) {
        code =
            score(&settings, &catalogue, settings.scope_path ? &scope : NULL, argc - optind, argv + optind);
        catalogue_deinit(&catalogue);
    } else {
        code = EXIT_USAGE;
    }
    if (settings.scope_path)
        scope_deinit(&scope);
    return code;
}

const struct command command_score = {"score", "[INPUT…]", "index again from a store or from records",
                                      "由存储库或记录重新计算指数", run};
