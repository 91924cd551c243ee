#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/keeper.h"
#include "scanner/commands/present.h"
#include "scoring/assessment.h"

struct settings {
    const char *scope_path;
    const char *store_path;
    struct ports ports; /* count 0: the catalogue's */
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    struct outputs outputs;
    struct scan_options scan;
    bool vantage_given, seed_given, dry_run, resume, wait, quiet, verbose;
    enum vantage vantage;
    enum language language;
    uint32_t shard, shards;
    double fail_below;
};

enum {
    ENGINE = 256,
    CATALOGUE,
    BASELINE,
    ATTEMPTS,
    TIMEOUT,
    VANTAGE,
    DRY_RUN,
    RESUME,
    SHARD,
    SEED,
    LANGUAGE,
    FAIL_BELOW,
    WAIT
};

static const struct option long_options[] = {
    {"ports", required_argument, NULL, 'p'},
    {"rate", required_argument, NULL, 'r'},
    {"engine", required_argument, NULL, ENGINE},
    {"store", required_argument, NULL, 'd'},
    {"output", required_argument, NULL, 'o'},
    {"catalogue", required_argument, NULL, CATALOGUE},
    {"attempts", required_argument, NULL, ATTEMPTS},
    {"timeout", required_argument, NULL, TIMEOUT},
    {"vantage", required_argument, NULL, VANTAGE},
    {"dry-run", no_argument, NULL, DRY_RUN},
    {"resume", no_argument, NULL, RESUME},
    {"shard", required_argument, NULL, SHARD},
    {"seed", required_argument, NULL, SEED},
    {"lang", required_argument, NULL, LANGUAGE},
    {"fail-below", required_argument, NULL, FAIL_BELOW},
    {"wait", no_argument, NULL, WAIT},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const char help[] =
    "Usage: auscult scan [OPTION…] SCOPE\n"
    "Scans what the scope file authorizes, identifies what answers, stores it and prints each organization's "
    "index.\n\n"
    "  -p, --ports LIST       ports to ask, like 22,8000-8100; the catalogue's own otherwise\n"
    "  -r, --rate N[k|M]      probes a second in total (1000); the scope's ceilings win where they are "
    "lower\n"
    "      --engine NAME      auto or connect\n"
    "  -d, --store FILE       where everything is kept (auscult.db)\n"
    "  -o, --output FORM[=FILE]   table, json or jsonl; repeatable; - is standard output\n"
    "      --catalogue FILE   another catalogue, or one that extends it; repeatable\n"
    "      --attempts N       SYNs that a silent target gets, 1 to 10 (2)\n"
    "      --timeout C[,P[,H]]    seconds for a connection (0.9), a port (8), a host that misbehaves (12)\n"
    "      --vantage WHERE    internet, partner or internal, in place of the scope's\n"
    "      --dry-run          count what would be sent, for each organization, and send nothing\n"
    "      --resume           go on with the newest unfinished run of this scope\n"
    "      --shard I/N        only part I of N\n"
    "      --seed N           of the order in which targets are drawn\n"
    "      --wait             wait for the scope's hours\n"
    "      --fail-below N     exit 4 when an index is below N\n"
    "      --lang zh|en\n"
    "  -q, --quiet            no progress line\n"
    "  -v, --verbose          a line for each open port as it becomes known\n"
    "  -h, --help\n\n"
    "Exit: 0 done, 1 failed, 2 wrong usage or file, 3 not authorized, 4 below the threshold, 130 "
    "interrupted.\n";

static bool read_engine(const char *text)
{
    if (strcmp(text, "auto") == 0 || strcmp(text, "connect") == 0)
        return true;
    bool known = strcmp(text, "packet") == 0 || strcmp(text, "xdp") == 0;
    fprintf(stderr, "auscult: --engine '%s': %s; want auto or connect\n", known ? text : "?",
            known ? "this build does not have it" : "there is no such engine");
    return false;
}

static bool take_option(void *context, int option, char *value)
{
    struct settings *settings = context;
    uint64_t number = 0;
    bool good = true;
    switch (option) {
    case 'p':
        return option_ports("--ports", value, &settings->ports);
    case 'r':
        return option_rate("--rate", value, &settings->scan.rate);
    case 'd':
        settings->store_path = value;
        return true;
    case 'o':
        return option_output("--output", value, &settings->outputs);
    case 'q':
        settings->quiet = true;
        return true;
    case 'v':
        return settings->verbose = true;
    case ENGINE:
        return read_engine(value);
    case CATALOGUE:
        good = settings->catalogues_count < OPTION_SOURCES_MAX;
        if (good)
            settings->catalogues[settings->catalogues_count++] = value;
        return good;
    case ATTEMPTS:
        good = option_number("--attempts", value, 1, 10, &number);
        settings->scan.attempts = (unsigned)number;
        return good;
    case TIMEOUT:
        return option_timeouts("--timeout", value, &settings->scan.connect_ms, &settings->scan.port_ms,
                               &settings->scan.host_ms);
    case VANTAGE:
        settings->vantage_given = true;
        return option_vantage("--vantage", value, &settings->vantage);
    case DRY_RUN:
        return settings->dry_run = true;
    case RESUME:
        return settings->resume = true;
    case SHARD:
        return option_shard("--shard", value, &settings->shard, &settings->shards);
    case SEED:
        settings->seed_given = true;
        return option_number("--seed", value, 0, INT64_MAX, &settings->scan.seed);
    case LANGUAGE:
        return option_language("--lang", value, &settings->language);
    case FAIL_BELOW:
        good = option_number("--fail-below", value, 1, 1000, &number);
        settings->fail_below = (double)number;
        return good;
    case WAIT:
        return settings->wait = true;
    default:
        return false;
    }
}

/* -1: go on; otherwise the exit code. */
static int read_options(struct settings *settings, int argc, char **argv)
{
    static const struct options options = {"scan", ":p:r:d:o:qvh", long_options, help, take_option};
    int code = options_read(&options, settings, argc, argv);
    if (code >= 0)
        return code;
    if (argc - optind != 1) {
        fprintf(stderr, "auscult scan: want one scope file; `auscult scan --help` tells more\n");
        return EXIT_USAGE;
    }
    settings->scope_path = argv[optind];
    return -1;
}

static void settings_init(struct settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->store_path = "auscult.db";
    settings->shard = settings->shards = 1;
    settings->language = option_language_default();
    settings->scan = (struct scan_options){
        .rate = 1000, .attempts = 2, .connect_ms = 900, .port_ms = 8000, .host_ms = 12000};
    ports_init(&settings->ports);
}

/* --- what the parts of one scan need --- */

struct work {
    struct settings settings;
    struct scope scope;
    struct catalogue catalogue;
    struct authorization *authorization;
    struct plan plan;
    struct store *store;
    struct keeper keeper;
    struct store_run run;
    bool have_scope, have_catalogue, have_plan;
};

static void apply_ceilings(struct work *work)
{
    struct scan_options *scan = &work->settings.scan;
    const struct scope *scope = &work->scope;
    if (scope->max_rate > 0 && scope->max_rate < scan->rate) {
        fprintf(stderr,
                "auscult: the scope allows %g probes a second, fewer than the %g of --rate: %g it is\n",
                scope->max_rate, scan->rate, scope->max_rate);
        scan->rate = scope->max_rate;
    }
    scan->rate_per_host = scope->max_rate_per_host > 0 ? scope->max_rate_per_host : SCOPE_RATE_PER_HOST;
    if (scan->rate < scan->rate_per_host)
        scan->rate_per_host = scan->rate;
    if (!work->settings.vantage_given)
        work->settings.vantage = scope->vantage;
}

/* -1: allowed now. */
static int wait_for_moment(struct work *work)
{
    int64_t now_s = clock_epoch_ms() / 1000;
    enum refusal refusal = authorization_moment(work->authorization, now_s);
    int64_t next_s = authorization_next_moment(work->authorization, now_s);
    if (refusal != REFUSAL_NONE && work->settings.wait && next_s > now_s) {
        char text[64];
        time_t at = (time_t)next_s;
        struct tm moment;
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", localtime_r(&at, &moment));
        fprintf(stderr, "auscult: %s; waiting until %s\n", refusal_text(refusal), text);
        while (refusal != REFUSAL_NONE) {
            sleep(1);
            refusal = authorization_moment(work->authorization, clock_epoch_ms() / 1000);
            if (refusal == REFUSAL_EXPIRED)
                break;
        }
    }
    if (refusal == REFUSAL_NONE)
        return -1;
    fprintf(stderr, "auscult: nothing was sent: %s\n", refusal_text(refusal));
    return EXIT_REFUSED;
}

static int make_plan(struct work *work)
{
    struct settings *settings = &work->settings;
    enum status status = STATUS_OK;
    if (settings->ports.count == 0)
        status = catalogue_ports(&work->catalogue, TRANSPORT_TCP, &settings->ports);
    for (size_t i = 0; i < settings->ports.count; i++)
        if (settings->ports.items[i].transport == TRANSPORT_UDP) {
            fprintf(stderr, "auscult: --ports: %u/udp: this build asks TCP ports only\n",
                    settings->ports.items[i].number);
            return EXIT_USAGE;
        }
    if (status == STATUS_OK)
        status = plan_init(&work->plan, work->authorization, &settings->ports, settings->scan.seed,
                           settings->shard, settings->shards, false);
    work->have_plan = true;
    if (status != STATUS_OK)
        return present_status(status, "planning", NULL);
    if (work->plan.total == 0) {
        fprintf(
            stderr,
            "auscult: nothing was sent: the scope excludes every address or every port that was asked for\n");
        return EXIT_REFUSED;
    }
    return -1;
}

/* What a resumed run continues must be the same scan; its seed is taken from it. */
static int find_run(struct work *work, const char *ports)
{
    const struct settings *settings = &work->settings;
    enum status status = store_find_run(work->store, NULL, true, &work->run);
    if (status == STATUS_MISMATCH) {
        fprintf(stderr, "auscult: --resume: %s holds no unfinished run\n", settings->store_path);
        return EXIT_USAGE;
    }
    if (status != STATUS_OK)
        return present_status(status, settings->store_path, work->store);
    const struct store_run *run = &work->run;
    const char *differs = strcmp(run->scope, work->scope.hash) != 0                          ? "scope file"
                          : strcmp(run->ports, ports) != 0                                   ? "ports"
                          : run->shard != settings->shard || run->shards != settings->shards ? "shard"
                          : settings->seed_given && run->seed != settings->scan.seed         ? "seed"
                          : run->attempts != settings->scan.attempts ? "number of attempts"
                                                                     : NULL;
    if (differs) {
        fprintf(stderr, "auscult: --resume: the unfinished run %s had another %s\n", run->id, differs);
        return EXIT_USAGE;
    }
    return -1;
}

static int begin_run(struct work *work, const char *ports)
{
    const struct settings *settings = &work->settings;
    struct store_run *run = &work->run;
    memset(run, 0, sizeof *run);
    memcpy(run->scope, work->scope.hash, sizeof run->scope);
    run->authorization = strdup(work->scope.reference);
    run->vantage = strdup(vantage_name(settings->vantage));
    run->ports = strdup(ports);
    run->engine = strdup("connect");
    run->catalogue = strdup(work->catalogue.name);
    run->seed = settings->scan.seed;
    run->shard = settings->shard;
    run->shards = settings->shards;
    run->attempts = settings->scan.attempts;
    run->started_ms = clock_epoch_ms();
    run->addresses = work->plan.index.total;
    if (!run->authorization || !run->vantage || !run->ports || !run->engine || !run->catalogue)
        return present_status(STATUS_NO_MEMORY, "the scan", NULL);
    enum status status = store_begin(work->store, run);
    for (size_t i = 0; i < work->scope.organizations_count && status == STATUS_OK; i++)
        status = store_organization(work->store, run, &work->scope.organizations[i]);
    if (status == STATUS_OK)
        status = store_commit(work->store);
    return status == STATUS_OK ? -1 : present_status(status, settings->store_path, work->store);
}

static int open_run(struct work *work)
{
    struct settings *settings = &work->settings;
    enum status status = store_open(settings->store_path, true, &work->store);
    if (status != STATUS_OK)
        return present_status(status, settings->store_path, work->store);
    char *ports = ports_format(&work->plan.ports);
    if (!ports)
        return present_status(STATUS_NO_MEMORY, "the scan", NULL);
    int code = settings->resume ? find_run(work, ports) : begin_run(work, ports);
    free(ports);
    return code;
}

static int dry_run(const struct work *work)
{
    struct plan_share *shares = calloc(work->scope.organizations_count + 1, sizeof *shares);
    const struct scan_options *scan = &work->settings.scan;
    enum status status = shares ? plan_shares(&work->plan, &work->scope, shares) : STATUS_NO_MEMORY;
    if (status != STATUS_OK) {
        free(shares);
        return present_status(status, "counting", NULL);
    }
    printf("%-16s %12s %12s %8s %14s  %s\n", "organization", "addresses", "of these", "ports", "SYNs at most",
           "name");
    printf("%-16s %12s %12s\n", "", "", "fragile");
    for (size_t i = 0; i < work->scope.organizations_count; i++)
        printf("%-16s %12" PRIu64 " %12" PRIu64 " %8zu %14" PRIu64 "  %s\n", shares[i].organization->id,
               shares[i].addresses, shares[i].fragile, work->plan.ports.count,
               shares[i].targets * scan->attempts, shares[i].organization->name);
    char *ports = ports_format(&work->plan.ports);
    printf("\nports: %s\n", ports ? ports : "");
    free(ports);
    printf("rate: %g a second in total, %g to one host; engine connect; shard %u/%u\n", scan->rate,
           scan->rate_per_host, work->settings.shard, work->settings.shards);
    printf("time: from %.0f s when everything answers to %.0f s when nothing does; conversations with open "
           "ports come on top\n",
           plan_seconds(&work->plan, scan->rate, scan->rate_per_host, scan->attempts, 1),
           plan_seconds(&work->plan, scan->rate, scan->rate_per_host, scan->attempts, 0) + 2);
    printf(
        "an open port gets up to three further connections, a fragile address none; nothing was sent now\n");
    free(shares);
    return EXIT_DONE;
}

static int interrupted(const struct work *work, enum refusal refusal)
{
    if (refusal != REFUSAL_NONE)
        fprintf(stderr, "auscult: stopped: %s\n", refusal_text(refusal));
    fprintf(stderr, "auscult: interrupted; what is known is in %s, and --resume goes on\n",
            work->settings.store_path);
    return EXIT_INTERRUPTED;
}

static int run_scan(struct work *work, double *seconds_out)
{
    struct scan_options options = work->settings.scan;
    int64_t begun_ns = clock_monotonic_ns();
    options.seed = work->run.seed;
    options.position = work->run.position;
    options.progress = !work->settings.quiet && isatty(STDERR_FILENO);
    keeper_init(&work->keeper, work->store, &work->run, &work->scope);
    work->keeper.verbose = work->settings.verbose;
    const struct scan_listener listener = keeper_listener(&work->keeper);
    struct scan *scan = NULL;
    enum refusal refusal = REFUSAL_NONE;
    enum status status = scan_new(work->authorization, &work->plan, &options, &listener, &scan);
    if (status == STATUS_OK)
        status = keeper_resume(&work->keeper, scan);
    if (status == STATUS_OK)
        status = scan_run(scan, &refusal);
    if (status == STATUS_OK || status == STATUS_INTERRUPTED) {
        enum status kept = keeper_keep(&work->keeper);
        status = kept == STATUS_OK ? status : kept;
    }
    scan_free(&scan);
    *seconds_out = (double)(clock_monotonic_ns() - begun_ns) / 1e9;
    if (status == STATUS_INTERRUPTED)
        return interrupted(work, refusal);
    return status == STATUS_OK ? -1 : present_status(status, "the scan", work->store);
}

static int scan_and_present(struct work *work)
{
    double seconds = 0;
    int code = open_run(work);
    if (code < 0 && work->settings.resume) {
        plan_deinit(&work->plan);
        work->settings.scan.seed = work->run.seed;
        code = make_plan(work);
    }
    if (code < 0)
        code = run_scan(work, &seconds);
    if (code >= 0)
        return code;
    /* A kill may have left findings of a run that did not get to its end: they are made anew. */
    enum status status = store_clear_findings(work->store, &work->run);
    if (status == STATUS_OK)
        status = assessment_make(work->store, &work->run, &work->scope, &work->catalogue);
    if (status != STATUS_OK)
        return present_status(status, "the findings", work->store);
    const struct presentation presentation = {
        .catalogue = &work->catalogue,
        .scope = &work->scope,
        .language = work->settings.language,
        .vantage = work->settings.vantage,
        .keep = true,
        .moment_ms = clock_epoch_ms(),
        .seconds = seconds,
        .fail_below = work->settings.fail_below,
        .outputs = &work->settings.outputs,
    };
    /* Complete for the reader, and in the store only with all that belongs to it: a kill before leaves a run
     * that --resume finishes. */
    work->run.complete = true;
    code = present_run(work->store, &work->run, &presentation);
    if (code == EXIT_FAILED)
        return code;
    status = keeper_complete(&work->keeper);
    return status == STATUS_OK ? code : present_status(status, work->settings.store_path, work->store);
}

static int go(struct work *work)
{
    struct settings *settings = &work->settings;
    work->have_scope = present_scope(&work->scope, settings->scope_path);
    if (!work->have_scope)
        return EXIT_USAGE;
    work->have_catalogue =
        present_catalogue(&work->catalogue, settings->catalogues, settings->catalogues_count);
    if (!work->have_catalogue)
        return EXIT_USAGE;
    enum status status = authorization_new(&work->scope, &work->authorization);
    if (status != STATUS_OK)
        return present_status(status, "the authorization", NULL);
    if (!settings->seed_given && getrandom(&settings->scan.seed, sizeof settings->scan.seed, 0) < 0)
        settings->scan.seed = (uint64_t)clock_monotonic_ns();
    settings->scan.seed &= INT64_MAX;
    outputs_default(&settings->outputs);
    apply_ceilings(work);
    int code = make_plan(work);
    if (code < 0 && settings->dry_run)
        return dry_run(work);
    if (code < 0)
        code = wait_for_moment(work);
    return code < 0 ? scan_and_present(work) : code;
}

static int run(int argc, char **argv)
{
    static struct work work;
    settings_init(&work.settings);
    int code = read_options(&work.settings, argc, argv);
    if (code < 0)
        code = go(&work);
    keeper_deinit(&work.keeper);
    store_run_deinit(&work.run);
    store_close(&work.store);
    if (work.have_plan)
        plan_deinit(&work.plan);
    authorization_free(&work.authorization);
    if (work.have_catalogue)
        catalogue_deinit(&work.catalogue);
    if (work.have_scope)
        scope_deinit(&work.scope);
    ports_deinit(&work.settings.ports);
    return code;
}

const struct command command_scan = {
    "scan",
    "SCOPE",
    "scan what the scope authorizes and print each organization's index",
    "扫描授权范围并给出各机构的指数",
    run,
};
