#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scanner/commands/subject.h"
#include "scoring/report/comparison_forms.h"

static const char help[] =
    "Usage: auscult compare [OPTION…] [STORE]\n"
    "Holds what the newest complete run of each organization found (auscult.db where no STORE is named) "
    "against "
    "a baseline:\n"
    "open ports by three denominators, organizations with any, the mean index, the bands. Sends nothing.\n\n"
    "      --baseline FILE|NAME  the baseline (cn-2018-08); `auscult baseline list` names the built-in "
    "ones\n" SUBJECT_HELP
    "      --denominator KIND   count hosts of: host (with an open port), answered or address (authorized); "
    "otherwise as each\n"
    "                           figure of the baseline has it, and host where that is not known\n"
    "      --force              compare unlike denominators all the same\n"
    "  -o, --output FORM[=FILE]   table, json or jsonl; repeatable\n"
    "      --lang zh|en   -h, --help\n";

struct settings {
    struct subject subject;
    const char *baseline;
    enum denominator denominator;
    bool force;
    struct outputs outputs;
};

enum { BASELINE = 256, DENOMINATOR, FORCE };

static const struct option long_options[] = {
    SUBJECT_OPTIONS,
    {"baseline", required_argument, NULL, BASELINE},
    {"denominator", required_argument, NULL, DENOMINATOR},
    {"force", no_argument, NULL, FORCE},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool take_denominator(const char *value, enum denominator *denominator_out)
{
    for (int i = DENOMINATOR_ADDRESS; i <= DENOMINATOR_HOST; i++)
        if (strcmp(value, denominator_word((enum denominator)i)) == 0) {
            *denominator_out = (enum denominator)i;
            return true;
        }
    fprintf(stderr, "auscult: --denominator: want host, answered or address\n");
    return false;
}

static bool take_option(void *context, int option, char *value)
{
    struct settings *settings = context;
    switch (option) {
    case BASELINE:
        settings->baseline = value;
        return true;
    case DENOMINATOR:
        return take_denominator(value, &settings->denominator);
    case FORCE:
        return settings->force = true;
    case 'o':
        return option_output_of("--output", value, comparison_forms, &settings->outputs);
    default:
        return subject_take(&settings->subject, option, value);
    }
}

static int write_comparison(const struct settings *settings, const struct comparison *comparison)
{
    struct report report = {
        .catalogue = comparison->catalogue, .language = settings->subject.language, .comparison = comparison};
    struct outputs outputs = settings->outputs;
    outputs_default_of(&outputs, comparison_forms);
    return outputs_write(&outputs, &report) == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
}

static int refuse_unlike(const struct figure *figure, enum denominator denominator)
{
    fprintf(
        stderr,
        "auscult: --denominator %s: the baseline's figure %s is a share of %s, not of %s; leave the option "
        "out, or add --force to compare unlike denominators\n",
        denominator_word(denominator), figure->id, denominator_name(figure->denominator, LANGUAGE_EN),
        denominator_name(denominator, LANGUAGE_EN));
    return EXIT_USAGE;
}

static int compare_census(const struct settings *settings, const struct baseline *baseline,
                          const struct exposures *exposures, const struct census *census,
                          const struct catalogue *catalogue)
{
    const struct comparison_options options = {.catalogue = catalogue,
                                               .subject = &settings->subject.options,
                                               .denominator = settings->denominator,
                                               .force = settings->force};
    const struct figure *unlike = comparison_unlike(baseline, settings->denominator);
    if (unlike && !settings->force)
        return refuse_unlike(unlike, settings->denominator);
    struct comparison comparison;
    enum status status = comparison_make(baseline, exposures, census, &options, &comparison);
    if (status != STATUS_OK)
        return present_status(status, "compare", NULL);
    int code = write_comparison(settings, &comparison);
    comparison_deinit(&comparison);
    return code;
}

static int compare(const struct settings *settings, const struct baseline *baseline,
                   const struct catalogue *catalogue, const char *path)
{
    struct exposures exposures;
    struct census census;
    enum status status = exposures_init(&exposures, baseline);
    if (status != STATUS_OK)
        return present_status(status, "compare", NULL);
    int code = subject_count(&settings->subject, path, &exposures, &census);
    if (code < 0) {
        code = compare_census(settings, baseline, &exposures, &census, catalogue);
        census_deinit(&census);
    }
    exposures_deinit(&exposures);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.subject = {.language = option_language_default()},
                                .baseline = BASELINE_DEFAULT,
                                .denominator = DENOMINATOR_UNKNOWN};
    static const struct options options = {"compare", ":o:h", long_options, help, take_option};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind > 1) {
        fprintf(stderr, "auscult compare: one store at a time; `auscult compare --help` tells more\n");
        return EXIT_USAGE;
    }
    struct baseline baseline;
    struct catalogue catalogue;
    if (!present_baseline(&baseline, settings.baseline))
        return EXIT_USAGE;
    code = EXIT_USAGE;
    if (present_catalogue(&catalogue, settings.subject.catalogues, settings.subject.catalogues_count)) {
        code = compare(&settings, &baseline, &catalogue, optind < argc ? argv[optind] : "auscult.db");
        catalogue_deinit(&catalogue);
    }
    baseline_deinit(&baseline);
    return code;
}

const struct command command_compare = {"compare", "[STORE]", "hold a store against a baseline",
                                        "将存储库与基线比较", run};
