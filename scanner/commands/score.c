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
    "      --scope FILE         owners, asset values, accepted risks\n" HELP_CATALOGUE
    "      --run ID             of a store; the newest otherwise\n" HELP_ORGANIZATION
    "      --vantage WHERE      internet, partner or internal, for what names no exposure\n"
    "      --literal            the six printed steps: what was not assessed counts as perfect\n"
    "      --fail-below N       exit 4 when an index is below N\n" HELP_FORMS
    "      --without-addresses  indices, counts and items alone in them: nothing that says "
    "where\n" HELP_LANGUAGE;

struct settings {
    struct shared shared;
    bool literal;
};

static const struct option_row own[] = {
    {"--literal", 0, option_flag, offsetof(struct settings, literal)},
    {0},
};

static const struct options options = {
    .command = "score",
    .help = help,
    .shared = SHARED_SCOPE | SHARED_CATALOGUE | SHARED_RUN | SHARED_ORGANIZATION | SHARED_VANTAGE |
              SHARED_FAIL_BELOW | SHARED_OUTPUT | SHARED_WITHOUT_ADDRESSES | SHARED_LANGUAGE,
    .own = own,
};

static int take_inputs(struct intake *intake, const struct settings *settings,
                       const struct catalogue *catalogue, int count, char **inputs)
{
    for (int i = 0; i < count; i++) {
        int code = -1;
        if (intake_is_store(inputs[i])) {
            enum status status = intake_store(intake, inputs[i], settings->shared.run, catalogue);
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
                    const struct evaluation_options *evaluation, int count, char **inputs)
{
    if (can_stream(count, inputs) && intake_stream_begin(intake, evaluation) != STATUS_OK)
        return present_status(STATUS_NO_MEMORY, "score", NULL);
    int code = take_inputs(intake, settings, evaluation->catalogue, count, inputs);
    if (!intake->disordered)
        return code;
    enum status status = intake_begin_again(intake);
    return status == STATUS_OK ? take_inputs(intake, settings, evaluation->catalogue, count, inputs)
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
        .only = settings->shared.only,
        .language = settings->shared.language,
        .vantage = settings->shared.vantage_name ? settings->shared.vantage : vantage,
        .literal = settings->literal,
        .without_addresses = settings->shared.without_addresses,
        .fail_below = settings->shared.fail_below,
        .outputs = &settings->shared.outputs,
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
        const struct evaluation_options evaluation = present_options(&before);
        code = count ? take_all(&intake, settings, &evaluation, count, inputs)
                     : take_all(&intake, settings, &evaluation, 1, newest);
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
    struct settings settings = {.literal = false};
    struct scope scope;
    struct catalogue catalogue;
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (settings.shared.scope_path && !present_scope(&scope, settings.shared.scope_path))
        return EXIT_USAGE;
    if (present_catalogue(&catalogue, &settings.shared.catalogues)) {
        code = score(&settings, &catalogue, settings.shared.scope_path ? &scope : NULL, argc - optind,
                     argv + optind);
        catalogue_deinit(&catalogue);
    } else {
        code = EXIT_USAGE;
    }
    if (settings.shared.scope_path)
        scope_deinit(&scope);
    return code;
}

const struct command command_score = {"score", "[INPUT…]", "index again from a store or from records",
                                      "由存储库或记录重新计算指数", run};
