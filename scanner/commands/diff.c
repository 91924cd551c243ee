#include <stdio.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/report/changes_forms.h"

static const char help[] =
    "Usage: auscult diff [OPTION…] STORE [A] [B]\n"
    "What changed from scan A to scan B of a store: findings that are new, mended, gone, back again or not "
    "checked this\n"
    "time, what moved the index, and which ports and hosts answer differently. A and B are ids or their "
    "beginnings; B is\n"
    "the newest complete scan where it is not named, A the one before it from the same vantage. No network; "
    "changes "
    "nothing.\n\n"
    "      --org ID             only this organization\n"
    "      --scope FILE         in place of the scope file that the store kept\n"
    "      --catalogue FILE     another catalogue, or one that extends it; repeatable\n"
    "      --deadlines FILE     by when findings are to be mended, in place of the built-in rules\n"
    "      --fail-on WHAT       exit 4 when there is something new or back again (new), or a gate is in "
    "force in B "
    "(gate);\n"
    "                           repeatable\n"
    "  -o, --output FORM[=FILE]   table, json or jsonl; repeatable\n"
    "      --lang zh|en   -h, --help\n";

struct settings {
    const char *store_path, *before, *after, *only, *scope_path, *deadlines;
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    struct fail_on fail_on;
    struct outputs outputs;
    enum language language;
};

enum { ORGANIZATION = 256, SCOPE, CATALOGUE, DEADLINES, FAIL_ON, LANGUAGE };

static const struct option long_options[] = {
    {"org", required_argument, NULL, ORGANIZATION},
    {"scope", required_argument, NULL, SCOPE},
    {"catalogue", required_argument, NULL, CATALOGUE},
    {"deadlines", required_argument, NULL, DEADLINES},
    {"fail-on", required_argument, NULL, FAIL_ON},
    {"output", required_argument, NULL, 'o'},
    {"lang", required_argument, NULL, LANGUAGE},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool take_option(void *context, int option, char *value)
{
    struct settings *settings = context;
    switch (option) {
    case ORGANIZATION:
        settings->only = value;
        return true;
    case SCOPE:
        settings->scope_path = value;
        return true;
    case CATALOGUE:
        return option_source(value, settings->catalogues, &settings->catalogues_count);
    case DEADLINES:
        settings->deadlines = value;
        return true;
    case FAIL_ON:
        return option_fail_on("--fail-on", value, &settings->fail_on);
    case 'o':
        return option_output_of("--output", value, changes_forms, &settings->outputs);
    case LANGUAGE:
        return option_language("--lang", value, &settings->language);
    default:
        return false;
    }
}

struct work {
    const struct settings *settings;
    struct store *store;
    struct catalogue catalogue;
    struct deadlines deadlines;
    struct scope scope;
    struct store_run before, after;
    bool have_scope;
    bool alone; /* there is no earlier scan: the later one is held against itself, for its gate */
};

/* The newest complete one. */
struct newest {
    char id[37];
};

static void keep_newest(void *context, const struct store_run *run)
{
    struct newest *newest = context;
    if (run->complete && !newest->id[0])
        memcpy(newest->id, run->id, sizeof newest->id);
}

static int find_named(struct work *work, const char *id, struct store_run *run_out)
{
    enum status status = store_find_run(work->store, id, false, run_out);
    if (status != STATUS_MISMATCH)
        return status == STATUS_OK ? -1 : present_status(status, work->settings->store_path, work->store);
    fprintf(stderr, "auscult: %s: it holds no scan '%s'; `auscult store list %s` lists them\n",
            work->settings->store_path, id, work->settings->store_path);
    return EXIT_USAGE;
}

static int find_after(struct work *work)
{
    struct newest newest = {""};
    if (work->settings->after)
        return find_named(work, work->settings->after, &work->after);
    enum status status = store_each_run(work->store, keep_newest, &newest);
    if (status != STATUS_OK)
        return present_status(status, work->settings->store_path, work->store);
    if (newest.id[0])
        return find_named(work, newest.id, &work->after);
    fprintf(stderr, "auscult: %s: it holds no complete scan\n", work->settings->store_path);
    return EXIT_USAGE;
}

/* A first scan has nothing before it, which is no failure where a threshold was asked for. */
static int find_before(struct work *work)
{
    const struct settings *settings = work->settings;
    int code = settings->before ? find_named(work, settings->before, &work->before) : -1;
    if (code >= 0)
        return code;
    if (settings->before) {
        if (work->before.number < work->after.number)
            return -1;
        fprintf(stderr, "auscult: the scan %.8s is not before %.8s; the earlier one is named first\n",
                work->before.id, work->after.id);
        return EXIT_USAGE;
    }
    enum status status = changes_previous(work->store, &work->after, &work->before);
    if (status != STATUS_MISMATCH)
        return status == STATUS_OK ? -1 : present_status(status, settings->store_path, work->store);
    fprintf(stderr,
            "auscult: %s: before %.8s there is no complete scan of these organizations from the same "
            "vantage; nothing "
            "can be new\n",
            settings->store_path, work->after.id);
    work->alone = settings->fail_on.gate;
    if (work->alone)
        return find_named(work, work->after.id, &work->before);
    return settings->fail_on.new_findings ? EXIT_DONE : EXIT_USAGE;
}

/* The scope that was named, else the one that the later scan kept, else none. */
static bool find_scope(struct work *work)
{
    const struct settings *settings = work->settings;
    if (settings->scope_path)
        work->have_scope = present_scope(&work->scope, settings->scope_path);
    else if (work->after.scope_text)
        work->have_scope = present_kept_scope(&work->scope, settings->store_path, work->after.scope_text);
    return work->have_scope || !settings->scope_path;
}

/* Of the later scan, as the changes have judged it. */
static bool gated(const struct changes *changes)
{
    bool any = false;
    for (size_t i = 0; i < changes->organizations_count; i++)
        if (changes->organizations[i].gate < BAND_EXCELLENT) {
            fprintf(stderr, "auscult: %s: a gate is in force, %s is the highest band that is shown\n",
                    changes->organizations[i].id, band_word(changes->organizations[i].gate));
            any = true;
        }
    return any;
}

static int write_changes(const struct work *work, const struct changes *changes)
{
    const struct settings *settings = work->settings;
    struct report report = {
        .catalogue = &work->catalogue,
        .run = &work->after,
        .scope = work->have_scope ? &work->scope : NULL,
        .today = present_today(),
        .language = settings->language,
        .complete = work->after.complete,
        .changes = changes,
        .deadlines = &work->deadlines,
    };
    enum status status = work->alone ? STATUS_OK : outputs_write(&settings->outputs, &report);
    int code = present_status(status, "what changed", work->store);
    if (code != EXIT_DONE)
        return code;
    bool crossed = settings->fail_on.new_findings && present_new(changes);
    if (settings->fail_on.gate)
        crossed |= gated(changes);
    return crossed ? EXIT_THRESHOLD : EXIT_DONE;
}

static int compare(struct work *work)
{
    const struct settings *settings = work->settings;
    const struct changes_options options = {.catalogue = &work->catalogue,
                                            .scope = work->have_scope ? &work->scope : NULL,
                                            .only = settings->only,
                                            .today = present_today()};
    struct changes changes;
    enum status status = changes_make(work->store, &work->before, &work->after, &options, &changes);
    if (status != STATUS_OK)
        return present_status(status, settings->store_path, work->store);
    int code = -1;
    if (settings->only && changes.organizations_count == 0) {
        fprintf(stderr, "auscult: --org '%s': neither scan has such an organization\n", settings->only);
        code = EXIT_USAGE;
    }
    if (code < 0)
        code = write_changes(work, &changes);
    changes_deinit(&changes);
    return code;
}

static int diff(struct work *work)
{
    int code = find_after(work);
    if (code < 0)
        code = find_before(work);
    if (code < 0 && !find_scope(work))
        code = EXIT_USAGE;
    if (code < 0)
        code = compare(work);
    if (work->have_scope)
        scope_deinit(&work->scope);
    store_run_deinit(&work->before);
    store_run_deinit(&work->after);
    return code;
}

static int diff_store(struct settings *settings)
{
    struct work work = {.settings = settings};
    enum status status = store_open(settings->store_path, false, &work.store);
    int code = status == STATUS_OK ? -1 : present_status(status, settings->store_path, work.store);
    if (code < 0) {
        code = EXIT_USAGE;
        outputs_default_of(&settings->outputs, changes_forms);
        if (present_catalogue(&work.catalogue, settings->catalogues, settings->catalogues_count)) {
            if (present_deadlines(&work.deadlines, settings->deadlines)) {
                code = diff(&work);
                deadlines_deinit(&work.deadlines);
            }
            catalogue_deinit(&work.catalogue);
        }
    }
    store_close(&work.store);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.language = option_language_default()};
    static const struct options options = {"diff", ":o:h", long_options, help, take_option};
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    int count = argc - optind;
    if (count < 1 || count > 3) {
        fputs("auscult diff: want a store, and at most two scans of it; `auscult diff --help` tells more\n",
              stderr);
        return EXIT_USAGE;
    }
    settings.store_path = argv[optind];
    settings.before = count > 1 ? argv[optind + 1] : NULL;
    settings.after = count > 2 ? argv[optind + 2] : NULL;
    return diff_store(&settings);
}

const struct command command_diff = {"diff", "STORE [A] [B]", "what changed between two scans of a store",
                                     "存储库中两次扫描之间的变化", run};
