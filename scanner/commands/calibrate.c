#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/commands/command.h"
#include "scanner/commands/intake.h"
#include "scanner/commands/present.h"
#include "scanner/commands/replacement.h"
#include "scoring/calibration.h"
#include "scoring/roster.h"
#include "scoring/timestamp.h"
#include "targets/calendar.h"

#define SEED       1     /* of the folds; no result was looked at before */
#define SPREAD     152.0 /* points, the standard deviation of the report's indices (model.md §6) */
#define NAME_START "calibrated-"

static const char help[] =
    "Usage: auscult calibrate --baseline NAME|FILE --kind power|quantile [OPTION…] STORE|FILE\n"
    "Fits g to a baseline, so that the indices of these organizations come out as its do: their mean "
    "(power), or "
    "their\n"
    "shares by band and their mean (quantile). Reads the newest scorecards of a store, or scorecard records, "
    "one a "
    "line; - is\n"
    "standard input. Writes a small catalogue file for --catalogue, and says how hospitals come out that the "
    "fit did "
    "not see.\n\n"
    "      --baseline NAME|FILE   what to meet; `auscult baseline list` names the built-in ones\n"
    "      --kind KIND          power (one number) or quantile (a table)\n"
    "      --knots N            of the table, 2 to 100 (17)\n" HELP_VANTAGE
    "      --seed N             of the ten folds (1)\n"
    "      --force              with fewer than 100 organizations, or with indices that were not made alike\n"
    "  -o, --output FILE        where the file goes; standard output otherwise\n" HELP_LANGUAGE;

struct settings {
    struct shared shared;
    const char *path;
    struct calibration_options fit;
};

static bool take_kind(const char *option, char *value, void *place)
{
    enum g_kind *kind = place;
    bool power = strcmp(value, "power") == 0;
    if (!power && strcmp(value, "quantile") != 0) {
        fprintf(stderr, "auscult: %s: want power or quantile\n", option);
        return false;
    }
    *kind = power ? G_POWER : G_QUANTILE;
    return true;
}

static bool take_knots(const char *option, char *value, void *place)
{
    size_t *knots = place;
    uint64_t number = 0;
    bool good = option_number(option, value, 2, CALIBRATION_KNOTS_MOST, &number);
    *knots = (size_t)number;
    return good;
}

static bool take_seed(const char *option, char *value, void *place)
{
    return option_number(option, value, 0, INT64_MAX, place);
}

static const struct option_row own[] = {
    {"--kind", 0, take_kind, offsetof(struct settings, fit.kind)},
    {"--knots", 0, take_knots, offsetof(struct settings, fit.knots)},
    {"--seed", 0, take_seed, offsetof(struct settings, fit.seed)},
    {"--output", 'o', option_text, offsetof(struct settings, path)},
    {0},
};

static const struct options options = {
    .command = "calibrate",
    .help = help,
    .shared = SHARED_BASELINE | SHARED_VANTAGE | SHARED_FORCE | SHARED_LANGUAGE,
    .own = own,
    .wants = "want --baseline, --kind and one store or file",
    .least = 1,
    .most = 1,
};

/* --- what is fitted --- */

static int take_store(const struct settings *settings, struct store *store, const char *path,
                      struct roster *roster_out)
{
    const struct roster_options how = {.vantage = settings->shared.vantage_name};
    enum status status = roster_make(store, &how, roster_out);
    return status == STATUS_OK ? -1 : present_status(status, path, store);
}

/* Scorecards among records are those of complete runs, in a store of their own. */
static int take_records(const struct settings *settings, const char *path, struct roster *roster_out)
{
    struct intake intake;
    enum status status = intake_init(&intake);
    intake.scorecards_only = true;
    int code = status == STATUS_OK ? intake_file(&intake, path) : present_status(status, path, intake.store);
    if (code < 0) {
        intake.run.complete = true;
        status = store_update_run(intake.store, &intake.run);
        code = status == STATUS_OK ? take_store(settings, intake.store, path, roster_out)
                                   : present_status(status, path, intake.store);
    }
    intake_deinit(&intake);
    return code;
}

static int take_input(const struct settings *settings, const char *path, struct roster *roster_out)
{
    struct store *store;
    if (!intake_is_store(path))
        return take_records(settings, path, roster_out);
    enum status status = store_open(path, false, &store);
    int code = status == STATUS_OK ? take_store(settings, store, path, roster_out)
                                   : present_status(status, path, store);
    store_close(&store);
    return code;
}

/* Scores that were not made alike are no one population, and too few say nothing of one. */
static int check_population(const struct settings *settings, const struct roster *roster, const char *path)
{
    if (roster->with_index == 0) {
        fprintf(stderr, "auscult: %s: no complete run of it has an organization with an index that fits\n",
                path);
        return EXIT_USAGE;
    }
    if (settings->shared.force)
        return -1;
    if (roster->bases_count > 1) {
        fprintf(stderr,
                "auscult: %s: its indices were not made alike (%s from %s, %s from %s …); take one side with "
                "--vantage, or --force\n",
                path, roster->bases[0].catalogue, roster->bases[0].vantage, roster->bases[1].catalogue,
                roster->bases[1].vantage);
        return EXIT_USAGE;
    }
    if (roster->with_index < CALIBRATION_LEAST) {
        fprintf(stderr,
                "auscult: %s: %zu organizations with an index can't carry a fit: the mean of others would "
                "come out "
                "within ± %.0f points, a tenth of a band and more; %d do, or --force\n",
                path, roster->with_index, SPREAD / sqrt((double)roster->with_index), CALIBRATION_LEAST);
        return EXIT_USAGE;
    }
    return -1;
}

/* --- what comes out --- */

/* The catalogue by which the scores were made, without a calibration that stood on it: its last name. */
static void base_of(const char *catalogue, char name_out[64])
{
    snprintf(name_out, 64, "%s", CATALOGUE_EXTENSION);
    while (*catalogue) {
        size_t length = strcspn(catalogue, "+");
        if (length > 0 && length < 64 && strncmp(catalogue, NAME_START, sizeof NAME_START - 1) != 0)
            snprintf(name_out, 64, "%.*s", (int)length, catalogue);
        catalogue += length;
        catalogue += *catalogue == '+';
    }
}

/* Of how many, seen when, and from where. */
static char *describe_population(const struct roster *roster)
{
    char first[TIMESTAMP_TEXT_MAX], last[TIMESTAMP_TEXT_MAX], *text = NULL;
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (size_t i = 0; i < roster->count; i++) {
        least = roster->rows[i].started_ms < least ? roster->rows[i].started_ms : least;
        most = roster->rows[i].started_ms > most ? roster->rows[i].started_ms : most;
    }
    (void)timestamp_format_ms(least, first);
    (void)timestamp_format_ms(most, last);
    first[strcspn(first, "T")] = last[strcspn(last, "T")] = 0;
    if (asprintf(&text, "%zu organizations, %s/%s, %s", roster->with_index, first, last,
                 roster->bases_count == 1 ? roster->bases[0].vantage : "not made alike") < 0)
        return NULL;
    return text;
}

__attribute__((format_arg(2), format_arg(3))) static const char *say(const struct settings *settings,
                                                                     const char *zh, const char *en)
{
    return settings->shared.language == LANGUAGE_ZH ? zh : en;
}

static void print_figures(const struct settings *settings, FILE *stream, const char *head,
                          const struct calibration_figures *figures)
{
    fprintf(stream, say(settings, "%s  平均 %.1f ± %.1f；", "%s  mean %.1f ± %.1f; "), head, figures->mean,
            figures->mean_error);
    for (int band = BAND_EXCELLENT; band >= BAND_POOR; band--)
        fprintf(stream, "%s %.1f ± %.1f %%%s", band_name((enum band)band, settings->shared.language),
                100 * figures->bands[band], 100 * figures->bands_error[band],
                band == BAND_POOR ? "\n" : say(settings, "，", ", "));
}

static void print_target(const struct settings *settings, FILE *stream,
                         const struct calibration_target *target)
{
    fputs(say(settings, "基线      ", "baseline  "), stream);
    if (!isnan(target->mean))
        fprintf(stream, say(settings, "  平均 %.1f", "  mean %.1f"), target->mean);
    for (int band = BAND_EXCELLENT; band >= BAND_POOR && !isnan(target->bands[0]); band--)
        fprintf(stream, "%s%s %.1f %%", say(settings, "，", ", "),
                band_name((enum band)band, settings->shared.language), 100 * target->bands[band]);
    fputc('\n', stream);
}

static void print_fit(const struct settings *settings, FILE *stream, const struct calibration *calibration,
                      const struct calibration_target *target)
{
    fprintf(stream,
            say(settings, "%s：%zu 家机构，校准到 %s（± 为标准误）\n",
                "%s: %zu organizations, to %s (± are standard errors)\n"),
            settings->fit.kind == G_POWER ? "power" : "quantile", calibration->organizations, target->name);
    print_target(settings, stream, target);
    print_figures(settings, stream, say(settings, "原始      ", "raw       "), &calibration->raw);
    print_figures(settings, stream, say(settings, "拟合      ", "fitted    "), &calibration->fitted);
    print_figures(settings, stream, say(settings, "留出验证  ", "held out  "), &calibration->held_out);
    fprintf(stream, say(settings, "十折（种子 %llu）各自的平均：", "means of the ten folds (seed %llu):"),
            (unsigned long long)settings->fit.seed);
    for (size_t i = 0; i < CALIBRATION_FOLDS; i++)
        if (!isnan(calibration->fold_means[i]))
            fprintf(stream, " %.0f", calibration->fold_means[i]);
    fputc('\n', stream);
}

static enum status write_file(const struct settings *settings, const struct calibration *calibration,
                              const char *extends, const struct g_fit *fit)
{
    struct replacement replacement;
    if (!settings->path || strcmp(settings->path, "-") == 0)
        return calibration_write(calibration, extends, fit, stdout);
    enum status status = replacement_begin(&replacement, settings->path);
    if (status != STATUS_OK)
        return status;
    status = calibration_write(calibration, extends, fit, replacement.stream);
    return replacement_end(&replacement, status, false);
}

static int write_fit(const struct settings *settings, const struct roster *roster,
                     const struct calibration *calibration, const struct calibration_target *target)
{
    char name[64], extends[64], day[CALENDAR_TEXT_MAX];
    int today = present_today();
    char *population = describe_population(roster);
    snprintf(name, sizeof name, NAME_START "%s", calendar_format(today, day));
    base_of(roster->bases[0].catalogue, extends);
    const struct g_fit fit = {.name = name,
                              .day = today,
                              .population = population,
                              .baseline = target->name,
                              .error = round(calibration->held_out.mean_error * 10) / 10};
    bool to_file = settings->path && strcmp(settings->path, "-") != 0;
    enum status status = population ? write_file(settings, calibration, extends, &fit) : STATUS_NO_MEMORY;
    free(population);
    if (status != STATUS_OK)
        return present_status(status, to_file ? settings->path : "standard output", NULL);
    print_fit(settings, to_file ? stdout : stderr, calibration, target);
    return EXIT_DONE;
}

static int fit_roster(const struct settings *settings, const struct roster *roster,
                      const struct baseline *baseline, const char *path)
{
    struct calibration calibration;
    const char *why = NULL;
    const struct calibration_target target = calibration_target_of(baseline);
    double *scores = calloc(roster->with_index + 1, sizeof *scores);
    size_t count = 0;
    if (!scores)
        return present_status(STATUS_NO_MEMORY, path, NULL);
    for (size_t i = 0; i < roster->count; i++)
        if (roster->rows[i].scorecard.assessed)
            scores[count++] = roster->rows[i].scorecard.score;
    enum status status = calibration_fit(scores, count, &target, &settings->fit, &calibration, &why);
    free(scores);
    if (status == STATUS_MISMATCH) {
        fprintf(stderr, "auscult: %s: no fit to %s: %s\n", path, target.name, why);
        return EXIT_USAGE;
    }
    if (status != STATUS_OK)
        return present_status(status, path, NULL);
    int code = write_fit(settings, roster, &calibration, &target);
    calibration_deinit(&calibration);
    return code;
}

static int calibrate(const struct settings *settings, const struct baseline *baseline, const char *path)
{
    struct roster roster = {0};
    int code = take_input(settings, path, &roster);
    if (code < 0)
        code = check_population(settings, &roster, path);
    if (code < 0)
        code = fit_roster(settings, &roster, baseline, path);
    roster_deinit(&roster);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.fit = {.kind = G_IDENTITY, .seed = SEED}};
    struct baseline baseline;
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (!settings.shared.baseline || settings.fit.kind == G_IDENTITY)
        return options_refuse(&options);
    if (!present_baseline(&baseline, settings.shared.baseline))
        return EXIT_USAGE;
    code = calibrate(&settings, &baseline, argv[optind]);
    baseline_deinit(&baseline);
    return code;
}

const struct command command_calibrate = {"calibrate", "STORE|FILE",
                                          "fit the index to a baseline's mean or bands",
                                          "将指数校准到基线的平均值或等级占比", run};
