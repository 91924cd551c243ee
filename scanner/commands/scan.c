#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/commands/child.h"
#include "scanner/commands/command.h"
#include "scanner/commands/dry_run.h"
#include "scanner/commands/kept_run.h"
#include "scanner/commands/resolution.h"
#include "scanner/commands/scan_log.h"
#include "scanner/commands/scan_settings.h"
#include "scanner/commands/scribe.h"
#include "scanner/commands/signed_scope.h"
#include "scanner/commands/store_lock.h"
#include "scanner/privileges.h"

#define STOP_TEXT_MAX 128

struct work {
    struct scan_settings settings;
    struct scope scope;
    struct signed_scope signing;
    struct scan_log log;
    const char *refused; /* why, where the signature is not */
    struct catalogue catalogue;
    struct authorization *authorization;
    struct plan plan;
    struct engine engine;
    struct store_lock lock;
    struct store *store;
    struct namings namings;
    struct keeper keeper;
    struct scribe scribe;
    struct store_run run;
    double seconds; /* that the search took */
    struct deadlines deadlines;
    bool is_child; /* the process that scans, while its parent waits */
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
    scan->rate_per_network = scope->max_rate_per_network;
    if (scan->rate < scan->rate_per_host)
        scan->rate_per_host = scan->rate;
    if (!work->settings.shared.vantage_name)
        work->settings.shared.vantage = scope->vantage;
}

static int refuse(struct work *work, const char *why)
{
    fprintf(stderr, "auscult: nothing was sent: %s\n", why);
    work->refused = why;
    return EXIT_REFUSED;
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
    return refuse(work, refusal_text(refusal));
}

static int choose_ports(struct work *work)
{
    struct scan_settings *settings = &work->settings;
    if (settings->shared.ports.count == 0 &&
        catalogue_ports(&work->catalogue, TRANSPORT_TCP, &settings->shared.ports) != STATUS_OK)
        return present_status(STATUS_NO_MEMORY, "planning", NULL);
    for (size_t i = 0; i < settings->shared.ports.count; i++)
        if (settings->shared.ports.items[i].transport == TRANSPORT_UDP) {
            fprintf(stderr, "auscult: --ports: %u/udp: this build asks TCP ports only\n",
                    settings->shared.ports.items[i].number);
            return EXIT_USAGE;
        }
    return -1;
}

static int make_plan(struct work *work, bool sweep)
{
    struct scan_settings *settings = &work->settings;
    plan_deinit(&work->plan);
    enum status status = plan_init(&work->plan, work->authorization, &settings->shared.ports,
                                   settings->scan.seed, settings->shard, settings->shards, sweep);
    if (status != STATUS_OK)
        return present_status(status, "planning", NULL);
    if (work->plan.total == 0)
        return refuse(work, "the scope excludes every address or every port that was asked for");
    return -1;
}

static int no_pcap(const char *why)
{
    fprintf(stderr, "auscult: --pcap wants the packet or xdp engine: %s\n", why);
    return EXIT_USAGE;
}

/* The plan, and the engine that can carry it out: where the user leaves the choice, a sweeping one for what is large and
   can be had here. */
static int make_engine(struct work *work)
{
    const struct scan_settings *settings = &work->settings;
    int code = make_plan(work, settings->engine != ENGINE_CONNECT);
    uint64_t swept = plan_size(&work->plan, PLAN_SWEPT);
    bool wanted = settings->engine != ENGINE_AUTO || settings->scan.pcap || swept >= ENGINE_SWEEP_MIN;
    if (code >= 0)
        return code;
    if (settings->engine == ENGINE_CONNECT)
        return settings->scan.pcap ? no_pcap("the connect engine sees no packets") : code;
    if (wanted && swept) {
        char why[WIRE_WHY_MAX] = "";
        enum status status = engine_open(&work->engine, settings->engine, &work->plan, work->authorization,
                                         &settings->scan, why);
        if (status == STATUS_OK)
            return -1;
        if (settings->engine != ENGINE_AUTO) {
            fprintf(stderr, "auscult: --engine %s: %s\n", engine_kind_name(settings->engine), why);
            return EXIT_USAGE;
        }
        if (settings->scan.pcap)
            return no_pcap(why);
        if (!settings->quiet)
            fprintf(stderr, "auscult: the connect engine is used, a faster one can't be had: %s\n", why);
    }
    return make_plan(work, false);
}

/* What a resumed run continues must be the same scan; its seed is taken from it. */
static int find_run(struct work *work, const char *ports)
{
    const struct scan_settings *settings = &work->settings;
    enum status status = store_find_run(work->store, NULL, true, &work->run);
    if (status == STATUS_MISMATCH) {
        fprintf(stderr, "auscult: --resume: %s holds no unfinished run\n", settings->shared.store_path);
        return EXIT_USAGE;
    }
    if (status != STATUS_OK)
        return present_status(status, settings->shared.store_path, work->store);
    const struct store_run *run = &work->run;
    const char *differs = strcmp(run->scope, work->scope.hash) != 0                          ? "scope file"
                          : strcmp(run->ports, ports) != 0                                   ? "ports"
                          : run->shard != settings->shard || run->shards != settings->shards ? "shard"
                          : settings->seed_given && run->seed != settings->scan.seed         ? "seed"
                          : run->attempts != settings->scan.attempts          ? "number of attempts"
                          : !engine_may_resume(settings->engine, run->engine) ? "engine"
                                                                              : NULL;
    if (differs) {
        fprintf(stderr, "auscult: --resume: the unfinished run %s had another %s\n", run->id, differs);
        return EXIT_USAGE;
    }
    return -1;
}

static int begin_run(struct work *work)
{
    const struct scan_settings *settings = &work->settings;
    const struct kept_run_source source = {&work->scope, &work->catalogue, &work->plan,
                                           settings->shared.vantage, engine_name(&work->engine)};
    work->run = (struct store_run){.seed = settings->scan.seed,
                                   .shard = settings->shard,
                                   .shards = settings->shards,
                                   .attempts = settings->scan.attempts};
    enum status status = kept_run_begin(work->store, &work->run, &source);
    if (status == STATUS_OK)
        status = store_set_order(work->store, &work->run, plan_proof(&work->plan));
    if (status == STATUS_OK)
        status = store_commit(work->store);
    return status == STATUS_OK ? -1 : present_status(status, settings->shared.store_path, work->store);
}

/* How far a run had come says nothing in another order: a version that draws in another way begins anew. */
static int check_order(struct work *work)
{
    uint64_t proof;
    enum status status = store_find_order(work->store, &work->run, &proof);
    if (status == STATUS_OK && proof == plan_proof(&work->plan))
        return -1;
    if (status != STATUS_OK && status != STATUS_MISMATCH)
        return present_status(status, work->settings.shared.store_path, work->store);
    fprintf(stderr,
            "auscult: --resume: the unfinished run %s had another order of its targets, as a version before "
            "or after "
            "this one draws them; let that one finish it, or scan anew\n",
            work->run.id);
    return EXIT_USAGE;
}

/* The unfinished run decides about seed and engine. */
static int resume_run(struct work *work, const char *ports)
{
    struct scan_settings *settings = &work->settings;
    int code = find_run(work, ports);
    if (code >= 0)
        return code;
    settings->scan.seed = work->run.seed;
    if (!engine_kind_parse(work->run.engine, &settings->engine))
        return present_status(STATUS_MISMATCH, "the engine of the unfinished run", NULL);
    code = make_engine(work);
    return code < 0 ? check_order(work) : code;
}

/* What can't be had is refused before there is a store. */
static int open_run(struct work *work)
{
    const struct scan_settings *settings = &work->settings;
    int code = settings->resume ? -1 : make_engine(work);
    char *ports = ports_format(&work->plan.ports);
    if (code < 0 && !ports)
        code = present_status(STATUS_NO_MEMORY, "the scan", NULL);
    if (code < 0) {
        enum status status = store_open(settings->shared.store_path, true, &work->store);
        code = status == STATUS_OK ? -1 : present_status(status, settings->shared.store_path, work->store);
    }
    if (code < 0)
        code = settings->resume ? resume_run(work, ports) : begin_run(work);
    if (code < 0)
        code = scan_log_authorized(&work->log, &work->run, &work->plan);
    free(ports);
    return code;
}

/* Why the scan ended before its end, in words; "" when it did not. */
static void explain(const struct scan *scan, enum status status, enum refusal refusal,
                    char why[STOP_TEXT_MAX])
{
    const struct watched *fallen = scan ? scan_fallen(scan) : NULL;
    char canary[ADDRESS_PORT_TEXT_MAX] = "";
    const char *text = status == STATUS_UNAUTHORIZED ? "none of the scope's canaries answers"
                       : refusal != REFUSAL_NONE     ? refusal_text(refusal)
                                                     : "it was interrupted";
    why[0] = 0;
    if (fallen)
        address_format_port(fallen->canary.address, fallen->canary.port.number, canary);
    if (fallen)
        snprintf(why, STOP_TEXT_MAX, "the canary %s %s", canary,
                 fallen->state == CANARY_GONE ? "fell silent" : "refuses connections now");
    else if (status == STATUS_INTERRUPTED || status == STATUS_UNAUTHORIZED)
        snprintf(why, STOP_TEXT_MAX, "%s", text);
}

static int stopped(const struct work *work, enum status status, const char *why)
{
    fprintf(stderr, "auscult: stopped: %s; what is known is in %s, and --resume goes on\n", why,
            work->settings.shared.store_path);
    return status == STATUS_UNAUTHORIZED ? EXIT_REFUSED : EXIT_INTERRUPTED;
}

/* By the system: an interface went down, a disk is full. errno says what it is. */
static int broken_off(const struct work *work)
{
    fprintf(stderr, "auscult: the scan: %s; what is known is in %s, and --resume goes on\n", strerror(errno),
            work->settings.shared.store_path);
    return EXIT_FAILED;
}

/* From where an interrupted scan left to the end of this one. What it tells is written by another thread; with the return
   all of it is, and the keeper is ours again. */
static enum status ask_all(struct work *work, struct scan *scan, enum refusal *refusal_out)
{
    enum status status = work->settings.resume ? store_set_stop(work->store, &work->run, NULL) : STATUS_OK;
    if (status == STATUS_OK)
        status = keeper_resume(&work->keeper, scan);
    if (status == STATUS_OK)
        status = scribe_begin(&work->scribe);
    if (status == STATUS_OK)
        status = scan_run(scan, refusal_out);
    int error = errno;
    enum status written = scribe_end(&work->scribe);
    errno = error;
    return written == STATUS_OK ? status : written;
}

static int run_scan(struct work *work)
{
    int code = resolution_make(work->store, &work->run, &work->scope, &work->namings);
    if (code >= 0)
        return code;
    struct scan_options options = work->settings.scan;
    options.names = &work->namings;
    options.seed = work->run.seed;
    options.position = work->run.position;
    options.sweeper = work->engine.wire;
    options.progress = !work->settings.quiet && isatty(STDERR_FILENO);
    keeper_init(&work->keeper, work->store, &work->run, &work->scope);
    work->keeper.verbose = work->settings.verbose;
    scribe_init(&work->scribe, &work->keeper);
    const struct scan_listener listener = scribe_listener(&work->scribe);
    struct scan *scan = NULL;
    enum refusal refusal = REFUSAL_NONE;
    char why[STOP_TEXT_MAX];
    enum status status = scan_new(work->authorization, &work->plan, &options, &listener, &scan);
    work->engine.scan = scan;
    if (status == STATUS_OK)
        status = ask_all(work, scan, &refusal);
    int error = errno;
    explain(scan, status, refusal, why);
    if (status == STATUS_OK || why[0]) {
        enum status kept = why[0] ? store_set_stop(work->store, &work->run, why) : STATUS_OK;
        if (kept == STATUS_OK)
            kept = keeper_keep(&work->keeper);
        status = kept == STATUS_OK ? status : kept;
    }
    if (status == STATUS_OK && work->engine.wire)
        status = keeper_count_silent(&work->keeper, &work->plan);
    scan_free(&scan);
    engine_close(&work->engine);
    if (status == STATUS_INTERRUPTED || status == STATUS_UNAUTHORIZED)
        return stopped(work, status, why);
    errno = error; /* what was closed since has its own */
    if (status == STATUS_SYSTEM)
        return broken_off(work);
    return status == STATUS_OK ? -1 : present_status(status, "the scan", work->store);
}

/* What is said when privileges can't be given up: nothing was sent yet. */
static int drop_privileges(void)
{
    if (privileges_drop() == STATUS_OK)
        return -1;
    fprintf(stderr, "auscult: privileges could not be given up: %s; nothing was sent\n", strerror(errno));
    return EXIT_FAILED;
}

/* In a process of its own, which opens what it needs and then has no privileges left: bytes from the network are never
   read by root. The store is the child's meanwhile. */
static int scan_apart(struct work *work)
{
    int code = 0;
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        return present_status(STATUS_SYSTEM, "a process for the scan", NULL);
    if (child == 0) {
        work->is_child = true;
        code = open_run(work);
        if (code < 0)
            code = drop_privileges();
        /* A change of credentials forgets it, so it is asked for after them. */
        if (code < 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
            code = EXIT_FAILED;
        return code < 0 ? run_scan(work) : code;
    }
    return child_wait(child);
}

/* After a child's scan: the run that it left. */
static int take_run(struct work *work)
{
    enum status status = store_open(work->settings.shared.store_path, true, &work->store);
    if (status == STATUS_OK)
        status = store_find_run(work->store, NULL, true, &work->run);
    keeper_init(&work->keeper, work->store, &work->run, &work->scope);
    return status == STATUS_OK ? -1 : present_status(status, work->settings.shared.store_path, work->store);
}

static int find_ports(struct work *work)
{
    int64_t begun_ns = clock_monotonic_ns();
    int code;
    if (privileges_held()) {
        code = scan_apart(work);
        if (!work->is_child && code < 0)
            code = take_run(work);
    } else {
        code = open_run(work);
        if (code < 0)
            code = run_scan(work);
    }
    work->seconds = (double)(clock_monotonic_ns() - begun_ns) / 1e9;
    return code;
}

/* What the run came to: findings, indices, report. */
static int conclude(struct work *work)
{
    const struct shared *shared = &work->settings.shared;
    struct presentation presentation = {
        .catalogue = &work->catalogue,
        .scope = &work->scope,
        .language = shared->language,
        .vantage = shared->vantage,
        .keep = true,
        .moment_ms = clock_epoch_ms(),
        .seconds = work->seconds,
        .without_addresses = shared->without_addresses,
        .fail_below = shared->fail_below,
        .fail_on = shared->fail_on,
        .deadlines = &work->deadlines,
        .outputs = &shared->outputs,
    };
    return kept_run_end(&work->keeper, &presentation, NULL, shared->store_path);
}

static int scan_and_present(struct work *work)
{
    int code = find_ports(work);
    if (work->is_child)
        return code < 0 ? EXIT_DONE : code;
    if (code >= 0)
        return code;
    /* A kill may have left findings of a run that did not get to its end: they are made anew. */
    enum status status = store_clear_findings(work->store, &work->run);
    return status == STATUS_OK ? conclude(work) : present_status(status, "the findings", work->store);
}

static int go(struct work *work)
{
    struct scan_settings *settings = &work->settings;
    int code =
        signed_scope_read(&work->scope, settings->shared.scope_path, signed_scope_required,
                          settings->required_keys.items, settings->required_keys.count, &work->signing);
    if (code >= 0)
        return code;
    work->log.scope = &work->scope;
    if (!present_catalogue(&work->catalogue, &settings->shared.catalogues) ||
        !present_deadlines(&work->deadlines, settings->shared.deadlines))
        return EXIT_USAGE;
    enum status status = authorization_new(&work->scope, &work->authorization);
    if (status != STATUS_OK)
        return present_status(status, "the authorization", NULL);
    if (!settings->seed_given && getrandom(&settings->scan.seed, sizeof settings->scan.seed, 0) < 0)
        settings->scan.seed = (uint64_t)clock_monotonic_ns();
    settings->scan.seed &= INT64_MAX;
    apply_ceilings(work);
    code = choose_ports(work);
    if (code < 0)
        code = make_plan(work, settings->engine != ENGINE_CONNECT);
    if (code < 0 && settings->dry_run)
        return dry_run(settings, &work->scope, &work->plan);
    if (code < 0)
        code = store_lock_take(&work->lock, settings->shared.store_path);
    if (code < 0)
        code = wait_for_moment(work);
    return code < 0 ? scan_and_present(work) : code;
}

static int run(int argc, char **argv)
{
    static struct work work;
    scan_settings_init(&work.settings);
    int code = scan_settings_read(&work.settings, argc, argv);
    if (code < 0)
        code = scan_log_init(&work.log, &work.settings, &work.signing);
    if (code < 0)
        code = go(&work);
    keeper_deinit(&work.keeper);
    engine_close(&work.engine);
    namings_deinit(&work.namings);
    store_run_deinit(&work.run);
    store_close(&work.store);
    if (!work.is_child) {
        code = scan_log_end(&work.log, code, work.refused, work.seconds);
        store_lock_release(&work.lock);
    }
    scan_log_deinit(&work.log);
    plan_deinit(&work.plan);
    authorization_free(&work.authorization);
    deadlines_deinit(&work.deadlines);
    catalogue_deinit(&work.catalogue);
    scope_deinit(&work.scope);
    scan_settings_deinit(&work.settings);
    return code;
}

const struct command command_scan = {
    "scan",
    "SCOPE",
    "scan what the scope authorizes and print each organization's index",
    "扫描授权范围并给出各机构的指数",
    run,
};
