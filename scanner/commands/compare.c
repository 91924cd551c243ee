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
    "      --force              compare unlike denominators all the same\n" HELP_FEW_FORMS HELP_LANGUAGE;

struct settings {
    struct shared shared;
    enum denominator denominator;
};

static bool take_denominator(const char *option, char *value, void *place)
{
    enum denominator *denominator = place;
    for (int i = DENOMINATOR_ADDRESS; i <= DENOMINATOR_HOST; i++)
        if (strcmp(value, denominator_word((enum denominator)i)) == 0) {
            *denominator = (enum denominator)i;
            return true;
        }
    fprintf(stderr, "auscult: %s: want host, answered or address\n", option);
    return false;
}

static const struct option_row own[] = {
    {"--denominator", 0, take_denominator, offsetof(struct settings, denominator)},
    {0},
};

static const struct options options = {
    .command = "compare",
    .help = help,
    .shared = SHARED_SUBJECT | SHARED_BASELINE | SHARED_FORCE | SHARED_OUTPUT,
    .own = own,
    .forms = comparison_forms,
    .wants = "one store at a time",
    .most = 1,
};

static int write_comparison(const struct settings *settings, const struct comparison *comparison)
{
    struct report report = {
        .catalogue = comparison->catalogue, .language = settings->shared.language, .comparison = comparison};
    return outputs_write(&settings->shared.outputs, &report) == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
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
    const struct census_options subject = subject_options(&settings->shared);
    const struct comparison_options how = {.catalogue = catalogue,
                                           .subject = &subject,
                                           .denominator = settings->denominator,
                                           .force = settings->shared.force};
    const struct figure *unlike = comparison_unlike(baseline, settings->denominator);
    if (unlike && !settings->shared.force)
        return refuse_unlike(unlike, settings->denominator);
    struct comparison comparison;
    enum status status = comparison_make(baseline, exposures, census, &how, &comparison);
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
    const struct census_options subject = subject_options(&settings->shared);
    int code = subject_count(&subject, path, &exposures, &census);
    if (code < 0) {
        code = compare_census(settings, baseline, &exposures, &census, catalogue);
        census_deinit(&census);
    }
    exposures_deinit(&exposures);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.shared = {.baseline = BASELINE_DEFAULT}, .denominator = DENOMINATOR_UNKNOWN};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    struct baseline baseline;
    struct catalogue catalogue;
    if (!present_baseline(&baseline, settings.shared.baseline))
        return EXIT_USAGE;
    code = EXIT_USAGE;
    if (present_catalogue(&catalogue, &settings.shared.catalogues)) {
        code = compare(&settings, &baseline, &catalogue,
                       optind < argc ? argv[optind] : settings.shared.store_path);
        catalogue_deinit(&catalogue);
    }
    baseline_deinit(&baseline);
    return code;
}

const struct command command_compare = {"compare", "[STORE]", "hold a store against a baseline",
                                        "将存储库与基线比较", run};
