#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scanner/commands/subject.h"
#include "scoring/baseline_build.h"

static const char help[] =
    "Usage: auscult baseline list [--lang zh|en]\n"
    "       auscult baseline show NAME|FILE [--lang zh|en]\n"
    "       auscult baseline check FILE…\n"
    "       auscult baseline build NAME [STORE] [OPTION…]\n"
    "Lists the built-in baselines, shows one with its figures, checks files, or writes a new one to standard "
    "output: of the\n"
    "newest complete run of each organization of a store (auscult.db), its shares by each denominator, mean "
    "and "
    "bands.\n\n" SUBJECT_HELP HELP_LANGUAGE;

static const struct options options = {.command = "baseline", .help = help, .shared = SHARED_SUBJECT};

static void print_value(const struct figure *figure, enum language language)
{
    if (figure->bound != BOUND_EXACT)
        printf("%s ", figure_bound_word(figure->bound));
    if (figure->kind == FIGURE_SHARE)
        printf("%.2f %%", figure->value * 100);
    else if (figure->kind != FIGURE_BANDS)
        printf("%.10g", figure->value);
    for (int band = BAND_EXCELLENT; figure->kind == FIGURE_BANDS && band >= BAND_POOR; band--)
        printf("%s%s %.2f %%", band < BAND_EXCELLENT ? ", " : "", band_name((enum band)band, language),
               figure->bands[band] * 100);
}

/* The sample that the value comes from, as far as it is known, and the interval that it leaves. */
static void print_sample(const struct figure *figure)
{
    double interval[2] = {(double)NAN, (double)NAN};
    if (figure->count_known) {
        proportion_wilson((struct proportion){figure->count, figure->of}, interval);
        printf(" (%" PRIu64 "/%" PRIu64 ", 95 %% %.2f-%.2f %%)", figure->count, figure->of, interval[0] * 100,
               interval[1] * 100);
    } else if (!isnan(figure->interval[0])) {
        printf(" (n = %" PRIu64 ", 95 %% %.1f-%.1f)", figure->of, figure->interval[0], figure->interval[1]);
    } else if (figure->of) {
        printf(" (n = %" PRIu64 ")", figure->of);
    }
}

static void print_figure(const struct baseline *baseline, const struct figure *figure, enum language language)
{
    bool zh = language == LANGUAGE_ZH;
    printf("  %-24s ", figure->id);
    print_value(figure, language);
    print_sample(figure);
    printf("  %s", words_in(&figure->name, language));
    if (figure->kind != FIGURE_NUMBER)
        printf(zh ? "；分母：%s" : "; of: %s", denominator_name(figure->denominator, language));
    if (figure_population(figure, baseline) == &figure->population)
        printf(zh ? "；总体：%s" : "; population: %s", words_in(&figure->population, language));
    if (*words_in(&figure->note, language))
        printf(zh ? "；%s" : "; %s", words_in(&figure->note, language));
    printf("\n");
}

static void print_head(const struct baseline *baseline, enum language language)
{
    bool zh = language == LANGUAGE_ZH;
    printf(zh ? "%s，%s：%s\n" : "%s, %s: %s\n", baseline->name, baseline->date,
           words_in(&baseline->population, language));
    printf("  %s\n", words_in(&baseline->source, language));
}

static int show(const char *source, enum language language)
{
    struct baseline baseline;
    if (!present_baseline(&baseline, source))
        return EXIT_USAGE;
    print_head(&baseline, language);
    for (size_t i = 0; i < baseline.figures_count; i++)
        print_figure(&baseline, &baseline.figures[i], language);
    baseline_deinit(&baseline);
    return EXIT_DONE;
}

static int list(enum language language)
{
    const char *name;
    for (size_t i = 0; (name = baseline_built_in(i)); i++) {
        struct baseline baseline;
        if (!present_baseline(&baseline, name))
            return EXIT_FAILED;
        print_head(&baseline, language);
        baseline_deinit(&baseline);
    }
    return EXIT_DONE;
}

static int check(int count, char **files)
{
    int code = EXIT_DONE;
    for (int i = 0; i < count; i++) {
        struct baseline baseline;
        if (!present_baseline(&baseline, files[i])) {
            code = EXIT_USAGE;
            continue;
        }
        printf("%s: right; %s, %zu figures\n", files[i], baseline.name, baseline.figures_count);
        baseline_deinit(&baseline);
    }
    return code;
}

static int build_of(const struct census_options *subject, const struct catalogue *catalogue, const char *name,
                    const char *path)
{
    struct exposures exposures;
    struct census census;
    struct baseline baseline;
    enum status status = exposures_init(&exposures, NULL);
    if (status != STATUS_OK)
        return present_status(status, "baseline build", NULL);
    int code = subject_count(subject, path, &exposures, &census);
    if (code < 0) {
        status = baseline_build(&census, &exposures, catalogue, subject, name, &baseline);
        if (status == STATUS_OK) {
            status = baseline_write(&baseline, stdout);
            baseline_deinit(&baseline);
        }
        if (status == STATUS_MISMATCH)
            fprintf(stderr,
                    "auscult baseline build: %s: its newest runs asked for no port that a baseline tells of, "
                    "and have no index\n",
                    path);
        code = status == STATUS_MISMATCH ? EXIT_USAGE : present_status(status, "baseline build", NULL);
        census_deinit(&census);
    }
    exposures_deinit(&exposures);
    return code;
}

static int build(const struct shared *shared, const char *name, const char *path)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    const struct census_options subject = subject_options(shared);
    struct catalogue catalogue;
    if (!*name || strlen(name) > 40 || strspn(name, allowed) != strlen(name)) {
        fprintf(stderr,
                "auscult baseline build: a name has 1 to 40 letters, digits, dots, dashes or underscores, "
                "like our-province-2026\n");
        return EXIT_USAGE;
    }
    if (!present_catalogue(&catalogue, &shared->catalogues))
        return EXIT_USAGE;
    int code = build_of(&subject, &catalogue, name, path);
    catalogue_deinit(&catalogue);
    return code;
}

static int run(int argc, char **argv)
{
    struct shared shared = {.only = NULL};
    int code = options_read(&options, &shared, argc, argv);
    if (code >= 0)
        return code;
    int left = argc - optind - 1;
    char **words = argv + optind + 1;
    const char *verb = left >= 0 ? argv[optind] : "list";
    if (strcmp(verb, "list") == 0 && left <= 0)
        return list(shared.language);
    if (strcmp(verb, "show") == 0 && left == 1)
        return show(words[0], shared.language);
    if (strcmp(verb, "check") == 0 && left >= 1)
        return check(left, words);
    if (strcmp(verb, "build") == 0 && (left == 1 || left == 2))
        return build(&shared, words[0], left == 2 ? words[1] : shared.store_path);
    fputs(help, stderr);
    return EXIT_USAGE;
}

const struct command command_baseline = {"baseline", "list|show|…", "list, show, check or build baselines",
                                         "列出、说明、检查或建立基线", run};
