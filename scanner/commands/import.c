#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/commands/bundles.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/data.h"
#include "scoring/import.h"
#include "scoring/timestamp.h"

static const char help[] =
    "Usage: auscult import FORMAT FILE --scope SCOPE [OPTION…]\n"
    "Reads what another source has seen into the store, as a run of its own; FILE - is standard input. All "
    "of "
    "it or, when\n"
    "the file is malformed, nothing. `score` and `scan` then index the newest scan and the imports in force: "
    "of a\n"
    "state the newest import of each format for each organization and item, of events what lies within the "
    "item's window\n"
    "(`auscult catalogue show ITEM` tells it). Sends nothing.\n\n"
    "      --scope FILE         whose the addresses and domains are; what belongs to nobody is left out\n"
    "  -d, --store FILE         where to (auscult.db)\n"
    "      --map FILE           another mapping of what the file holds to items than the built-in one\n"
    "      --indicators FILE    a bundle of STIX 2.1 that events are matched with; repeatable\n"
    "      --org ID             the file is of this organization: private addresses are its own\n"
    "      --vantage WHERE      from where the source looks: internet, partner or internal; the scope's "
    "otherwise\n" HELP_CATALOGUE HELP_LANGUAGE "\nFormats:\n";

static void print_formats(void)
{
    bool zh = option_language_default() == LANGUAGE_ZH;
    for (size_t i = 0; feeds[i]; i++)
        printf("  %-10s %s\n", feeds[i]->name, zh ? feeds[i]->zh : feeds[i]->en);
}

struct settings {
    struct shared shared;
    const char *map_path;
    struct sources indicators;
};

static const struct option_row own[] = {
    {"--map", 0, option_text, offsetof(struct settings, map_path)},
    {"--indicators", 0, option_source, offsetof(struct settings, indicators)},
    {0},
};

static const struct options options = {
    .command = "import",
    .help = help,
    .help_more = print_formats,
    .shared = SHARED_SCOPE | SHARED_STORE | SHARED_ORGANIZATION | SHARED_VANTAGE | SHARED_CATALOGUE |
              SHARED_LANGUAGE,
    .own = own,
    .wants = "want a format, a file and --scope FILE",
    .least = 2,
    .most = 2,
};

/* What one import holds; each part is there once its pointer is set. */
struct work {
    const struct settings *settings;
    const struct feed *feed;
    const char *path;
    FILE *file;
    struct scope scope;
    struct catalogue catalogue;
    struct document map;
    struct indicators indicators;
    struct complaints map_complaints, complaints;
    struct store *store;
    bool fresh; /* there was no store before */
};

static enum status read_file(void *context, void *bytes, size_t capacity, size_t *size_out)
{
    FILE *file = context;
    *size_out = fread(bytes, 1, capacity, file);
    return *size_out == 0 && ferror(file) ? STATUS_SYSTEM : STATUS_OK;
}

static void print_and_deinit(struct complaints *complaints)
{
    char *text = complaints_format(complaints);
    fputs(text ? text : "", stderr);
    free(text);
    complaints_deinit(complaints);
}

/* -1 or an exit code. */
static int read_map(struct work *work)
{
    const char *path = work->settings->map_path;
    const struct data_file *built_in = work->feed->map ? data_find(work->feed->map) : NULL;
    enum status status = STATUS_OK;
    if (!path && work->feed->needs_map) {
        fprintf(stderr, "auscult import: %s wants --map FILE, which says what its columns and values mean\n",
                work->feed->name);
        return EXIT_USAGE;
    }
    if (path && !work->feed->needs_map && !built_in) {
        fprintf(stderr, "auscult import: --map: %s has nothing to map\n", work->feed->name);
        return EXIT_USAGE;
    }
    if (path)
        status = document_read(&work->map, path, &work->map_complaints);
    else if (built_in)
        status = document_parse(&work->map, built_in->text, built_in->size, &work->map_complaints);
    if (status == STATUS_WRONG_FILE)
        return EXIT_USAGE;
    return status == STATUS_OK ? -1 : present_status(status, "the map", NULL);
}

/* -1 or an exit code. */
static int read_indicators(struct work *work)
{
    const struct settings *settings = work->settings;
    if (settings->indicators.count && !work->feed->indicated) {
        fprintf(stderr, "auscult import: --indicators: %s has no events to match with them\n",
                work->feed->name);
        return EXIT_USAGE;
    }
    return bundles_read(&work->indicators, settings->indicators.items, settings->indicators.count)
               ? -1
               : EXIT_USAGE;
}

static void print_tally(const struct work *work, const struct import_tally *tally)
{
    bool zh = work->settings->shared.language == LANGUAGE_ZH;
    char from[TIMESTAMP_TEXT_MAX] = "", until[TIMESTAMP_TEXT_MAX] = "";
    timestamp_format(tally->from_ms / 1000, from);
    timestamp_format(tally->until_ms / 1000, until);
    printf(zh ? "已导入 %s：端口观察 %llu 条，发现 %llu 条，时间 %s 至 %s\n"
              : "%s imported: observations of ports %llu, findings told %llu, %s to %s\n",
           work->feed->name, (unsigned long long)tally->observations, (unsigned long long)tally->findings,
           from, until);
    if (tally->outside)
        printf(zh ? "不属于任何机构、未计入：%llu 条\n" : "left out, of no organization of the scope: %llu\n",
               (unsigned long long)tally->outside);
    if (tally->others)
        printf(zh ? "属于其他机构、未计入：%llu 条\n" : "left out, of organizations other than --org: %llu\n",
               (unsigned long long)tally->others);
    for (size_t i = 0; i < tally->skipped_count; i++)
        fprintf(stderr, "auscult: left out, %s: %llu\n", tally->skipped[i].why,
                (unsigned long long)tally->skipped[i].count);
}

static int make(struct work *work, const struct organization *only)
{
    const struct settings *settings = work->settings;
    const struct import_options how = {
        .feed = work->feed,
        .file = strcmp(work->path, "-") == 0 ? "standard input" : work->path,
        .read = read_file,
        .context = work->file,
        .map = work->map.root ? &work->map : NULL,
        .indicators = settings->indicators.count ? &work->indicators : NULL,
        .scope = &work->scope,
        .catalogue = &work->catalogue,
        .only = only,
        .vantage = settings->shared.vantage_name ? settings->shared.vantage : work->scope.vantage,
        .now_ms = clock_epoch_ms(),
    };
    struct import_tally tally;
    enum status status = import_make(work->store, &how, &work->complaints, &work->map_complaints, &tally);
    if (status == STATUS_OK)
        print_tally(work, &tally);
    return status == STATUS_WRONG_FILE ? EXIT_USAGE : present_status(status, work->path, work->store);
}

/* A refused file makes no store: what was made for it goes, unless somebody else has it open. */
static void take_back(const struct work *work)
{
    char beside[4096];
    const char *path = work->settings->shared.store_path;
    int size = snprintf(beside, sizeof beside, "%s-wal", path);
    if (work->fresh && size < (int)sizeof beside && access(beside, F_OK) != 0)
        unlink(path);
}

static int open_all(struct work *work, const struct organization **only_out)
{
    const struct settings *settings = work->settings;
    *only_out = settings->shared.only ? scope_organization(&work->scope, settings->shared.only) : NULL;
    if (settings->shared.only && !*only_out) {
        fprintf(stderr, "auscult: --org '%s': the scope has no such organization\n", settings->shared.only);
        return EXIT_USAGE;
    }
    int code = read_map(work);
    if (code < 0)
        code = read_indicators(work);
    if (code >= 0)
        return code;
    work->file = strcmp(work->path, "-") == 0 ? stdin : fopen(work->path, "rbe");
    if (!work->file) {
        fprintf(stderr, "auscult: %s: %s\n", work->path, strerror(errno));
        return EXIT_USAGE;
    }
    work->fresh = access(settings->shared.store_path, F_OK) != 0;
    enum status status = store_open(settings->shared.store_path, true, &work->store);
    return status == STATUS_OK ? -1 : present_status(status, settings->shared.store_path, work->store);
}

static int import(struct work *work)
{
    const struct organization *only = NULL;
    complaints_init(&work->complaints, strcmp(work->path, "-") == 0 ? "standard input" : work->path);
    complaints_init(&work->map_complaints,
                    work->settings->map_path ? work->settings->map_path : work->feed->map);
    int code = open_all(work, &only);
    bool opened = code < 0;
    if (opened)
        code = make(work, only);
    store_close(&work->store);
    if (opened && code != EXIT_DONE)
        take_back(work);
    if (work->file && work->file != stdin)
        fclose(work->file);
    document_deinit(&work->map);
    indicators_deinit(&work->indicators);
    print_and_deinit(&work->map_complaints);
    print_and_deinit(&work->complaints);
    return code;
}

static int refuse_format(const char *name)
{
    fprintf(stderr, "auscult import: there is no format '%s'; there are", name);
    for (size_t i = 0; feeds[i]; i++)
        fprintf(stderr, " %s", feeds[i]->name);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.map_path = NULL};
    struct work work = {.settings = &settings};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (!settings.shared.scope_path)
        return options_refuse(&options);
    work.feed = feed_named(argv[optind]);
    work.path = argv[optind + 1];
    if (!work.feed)
        return refuse_format(argv[optind]);
    if (!present_scope(&work.scope, settings.shared.scope_path))
        return EXIT_USAGE;
    code = EXIT_USAGE;
    if (present_catalogue(&work.catalogue, &settings.shared.catalogues)) {
        code = import(&work);
        catalogue_deinit(&work.catalogue);
    }
    scope_deinit(&work.scope);
    return code;
}

const struct command command_import = {"import", "FORMAT FILE", "take in what another source has seen",
                                       "导入其他来源的发现", run};
