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
    "otherwise\n"
    "      --catalogue FILE     another catalogue, or one that extends it; repeatable\n"
    "      --lang zh|en   -h, --help\n\nFormats:\n";

struct settings {
    const char *scope_path, *store_path, *map_path, *only;
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    const char *indicators[OPTION_SOURCES_MAX];
    size_t indicators_count;
    bool vantage_given;
    enum vantage vantage;
    enum language language;
};

enum { SCOPE = 256, MAP, ORGANIZATION, VANTAGE, CATALOGUE, INDICATORS, LANGUAGE };

static const struct option long_options[] = {
    {"scope", required_argument, NULL, SCOPE},
    {"store", required_argument, NULL, 'd'},
    {"map", required_argument, NULL, MAP},
    {"org", required_argument, NULL, ORGANIZATION},
    {"vantage", required_argument, NULL, VANTAGE},
    {"catalogue", required_argument, NULL, CATALOGUE},
    {"indicators", required_argument, NULL, INDICATORS},
    {"lang", required_argument, NULL, LANGUAGE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool take_option(void *context, int option, char *value)
{
    struct settings *settings = context;
    switch (option) {
    case 'd':
        settings->store_path = value;
        return true;
    case SCOPE:
        settings->scope_path = value;
        return true;
    case MAP:
        settings->map_path = value;
        return true;
    case ORGANIZATION:
        settings->only = value;
        return true;
    case CATALOGUE:
        return option_source(value, settings->catalogues, &settings->catalogues_count);
    case INDICATORS:
        return option_source(value, settings->indicators, &settings->indicators_count);
    case VANTAGE:
        settings->vantage_given = true;
        return option_vantage("--vantage", value, &settings->vantage);
    case LANGUAGE:
        return option_language("--lang", value, &settings->language);
    default:
        return false;
    }
}

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
    if (settings->indicators_count && !work->feed->indicated) {
        fprintf(stderr, "auscult import: --indicators: %s has no events to match with them\n",
                work->feed->name);
        return EXIT_USAGE;
    }
    return bundles_read(&work->indicators, settings->indicators, settings->indicators_count) ? -1
                                                                                             : EXIT_USAGE;
}

static void print_tally(const struct work *work, const struct import_tally *tally)
{
    bool zh = work->settings->language == LANGUAGE_ZH;
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
    const struct import_options options = {
        .feed = work->feed,
        .file = strcmp(work->path, "-") == 0 ? "standard input" : work->path,
        .read = read_file,
        .context = work->file,
        .map = work->map.root ? &work->map : NULL,
        .indicators = settings->indicators_count ? &work->indicators : NULL,
        .scope = &work->scope,
        .catalogue = &work->catalogue,
        .only = only,
        .vantage = settings->vantage_given ? settings->vantage : work->scope.vantage,
        .now_ms = clock_epoch_ms(),
    };
    struct import_tally tally;
    enum status status = import_make(work->store, &options, &work->complaints, &work->map_complaints, &tally);
    if (status == STATUS_OK)
        print_tally(work, &tally);
    return status == STATUS_WRONG_FILE ? EXIT_USAGE : present_status(status, work->path, work->store);
}

/* A refused file makes no store: what was made for it goes, unless somebody else has it open. */
static void take_back(const struct work *work)
{
    char beside[4096];
    const char *path = work->settings->store_path;
    int size = snprintf(beside, sizeof beside, "%s-wal", path);
    if (work->fresh && size < (int)sizeof beside && access(beside, F_OK) != 0)
        unlink(path);
}

static int open_all(struct work *work, const struct organization **only_out)
{
    const struct settings *settings = work->settings;
    *only_out = settings->only ? scope_organization(&work->scope, settings->only) : NULL;
    if (settings->only && !*only_out) {
        fprintf(stderr, "auscult: --org '%s': the scope has no such organization\n", settings->only);
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
    work->fresh = access(settings->store_path, F_OK) != 0;
    enum status status = store_open(settings->store_path, true, &work->store);
    return status == STATUS_OK ? -1 : present_status(status, settings->store_path, work->store);
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

static void print_help(enum language language)
{
    fputs(help, stdout);
    for (size_t i = 0; feeds[i]; i++)
        printf("  %-10s %s\n", feeds[i]->name, language == LANGUAGE_ZH ? feeds[i]->zh : feeds[i]->en);
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
    struct settings settings = {.store_path = "auscult.db", .language = option_language_default()};
    struct work work = {.settings = &settings};
    static const struct options options = {"import", ":d:h", long_options, help, take_option};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            print_help(settings.language);
            return EXIT_DONE;
        }
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind != 2 || !settings.scope_path) {
        fputs("auscult import: want a format, a file and --scope FILE; `auscult import --help` tells more\n",
              stderr);
        return EXIT_USAGE;
    }
    work.feed = feed_named(argv[optind]);
    work.path = argv[optind + 1];
    if (!work.feed)
        return refuse_format(argv[optind]);
    if (!present_scope(&work.scope, settings.scope_path))
        return EXIT_USAGE;
    code = EXIT_USAGE;
    if (present_catalogue(&work.catalogue, settings.catalogues, settings.catalogues_count)) {
        code = import(&work);
        catalogue_deinit(&work.catalogue);
    }
    scope_deinit(&work.scope);
    return code;
}

const struct command command_import = {"import", "FORMAT FILE", "take in what another source has seen",
                                       "导入其他来源的发现", run};
