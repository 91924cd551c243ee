#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "scoring/report/cohort_forms.h"

static const char help[] =
    "Usage: auscult cohort [OPTION…] [STORE]\n"
    "Takes the organizations of a store together (auscult.db where no STORE is named), each as its newest "
    "complete "
    "run has it:\n"
    "the whole, and the groups of each key (province, level, any tag): mean index with interval, bands, "
    "gates, ranks "
    "and the\n"
    "ranks that they could as well have. Sends nothing, changes nothing.\n\n"
    "      --by KEY             only the groups of this key, with their organizations; \"all\" for all of "
    "them in one\n"
    "      --scope FILE         names and keys from this scope file, and only its "
    "organizations\n" HELP_VANTAGE "      --catalogue FILE     read the raw scores by the g of this "
    "catalogue or calibration; repeatable\n" HELP_FEW_FORMS HELP_LANGUAGE;

struct settings {
    struct shared shared;
    const char *key;
};

static const struct option_row own[] = {
    {"--by", 0, option_text, offsetof(struct settings, key)},
    {0},
};

static const struct options options = {
    .command = "cohort",
    .help = help,
    .shared = SHARED_SCOPE | SHARED_VANTAGE | SHARED_CATALOGUE | SHARED_OUTPUT | SHARED_LANGUAGE,
    .own = own,
    .forms = cohort_forms,
    .wants = "one store at a time",
    .most = 1,
};

/* Names the keys that there are; NULL in `cohorts` is a key that nobody carries. */
static int refuse_key(const char *key, const struct cohorts *cohorts)
{
    const char *last = NULL;
    fprintf(stderr, "auscult: --by '%s': no organization carries that key; there is", key);
    for (size_t i = 0; i < cohorts->count; i++) {
        if (last && strcmp(last, cohorts->items[i].key) == 0)
            continue;
        fprintf(stderr, "%s %s", last ? "," : "", cohorts->items[i].key);
        last = cohorts->items[i].key;
    }
    fputc('\n', stderr);
    return EXIT_USAGE;
}

/* Leaves the whole and the groups of one key. */
static void keep_key(struct cohorts *cohorts, const char *key)
{
    size_t kept = 0;
    for (size_t i = 0; i < cohorts->count; i++)
        if (strcmp(cohorts->items[i].key, COHORT_ALL) == 0 || strcmp(cohorts->items[i].key, key) == 0)
            cohorts->items[kept++] = cohorts->items[i];
    cohorts->count = kept;
}

static int show(const struct settings *settings, const struct roster *roster, struct cohorts *cohorts,
                const struct catalogue *catalogue)
{
    if (settings->key && !cohorts_of(cohorts, settings->key))
        return refuse_key(settings->key, cohorts);
    if (settings->key)
        keep_key(cohorts, settings->key);
    const struct cohort_view view = {roster, cohorts, settings->key, catalogue ? &catalogue->g : NULL};
    struct report report = {.language = settings->shared.language, .cohorts = &view};
    return outputs_write(&settings->shared.outputs, &report) == STATUS_OK ? EXIT_DONE : EXIT_FAILED;
}

static int gather(const struct settings *settings, const struct roster *roster,
                  const struct catalogue *catalogue, const char *path)
{
    struct cohort_member *members;
    size_t count;
    struct cohorts cohorts;
    if (roster->with_index == 0) {
        fprintf(stderr, "auscult: %s: no complete run of it has an organization with an index that fits\n",
                path);
        return EXIT_USAGE;
    }
    enum status status = roster_members(roster, &members, &count);
    if (status == STATUS_OK)
        status = cohorts_make(members, count, NULL, &cohorts);
    free(members);
    if (status != STATUS_OK)
        return present_status(status, "the cohorts", NULL);
    int code = show(settings, roster, &cohorts, catalogue);
    cohorts_deinit(&cohorts);
    return code;
}

static int refuse_catalogue(const struct roster *roster, const struct catalogue *catalogue, const char *path)
{
    const char *other = "";
    for (size_t i = 0; i < roster->bases_count; i++)
        if (!catalogue_names(catalogue, roster->bases[i].catalogue))
            other = roster->bases[i].catalogue;
    fprintf(stderr,
            "auscult: --catalogue: %s has scorecards by %s, whose raw scores are not those of %s; leave the "
            "option "
            "out to take the indices as they are stored\n",
            path, other, catalogue->name);
    return EXIT_USAGE;
}

static int read_store(const struct settings *settings, const struct scope *scope,
                      const struct catalogue *catalogue, const char *path)
{
    struct store *store;
    struct roster roster = {0};
    const struct roster_options how = {settings->shared.vantage_name, scope, catalogue};
    enum status status = store_open(path, false, &store);
    if (status == STATUS_OK)
        status = roster_make(store, &how, &roster);
    int code;
    if (status == STATUS_OK)
        code = gather(settings, &roster, catalogue, path);
    else if (status == STATUS_MISMATCH)
        code = refuse_catalogue(&roster, catalogue, path);
    else
        code = present_status(status, path, store);
    roster_deinit(&roster);
    store_close(&store);
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {.key = NULL};
    struct scope scope;
    struct catalogue catalogue;
    int code = options_read(&options, &settings, argc, argv);
    if (code >= 0)
        return code;
    bool scoped = settings.shared.scope_path, read_anew = settings.shared.catalogues.count > 0;
    if (scoped && !present_scope(&scope, settings.shared.scope_path))
        return EXIT_USAGE;
    code = EXIT_USAGE;
    if (!read_anew || present_catalogue(&catalogue, &settings.shared.catalogues)) {
        code = read_store(&settings, scoped ? &scope : NULL, read_anew ? &catalogue : NULL,
                          optind < argc ? argv[optind] : settings.shared.store_path);
        if (read_anew)
            catalogue_deinit(&catalogue);
    }
    if (scoped)
        scope_deinit(&scope);
    return code;
}

const struct command command_cohort = {"cohort", "[STORE]",
                                       "take organizations together, by province, level, any key",
                                       "按省份、级别等汇总机构的指数", run};
