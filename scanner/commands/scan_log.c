#include "scanner/commands/scan_log.h"

#include <inttypes.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probes/text.h"
#include "scanner/commands/command.h"
#include "scanner/commands/journal.h"
#include "scanner/plan.h"
#include "scoring/object.h"

#define NO_LOGIN 4294967295u /* nobody logged in: a service, say */

/* In memory that both processes have. */
struct scan_log_begun {
    bool any;
    char run[sizeof((struct store_run *)0)->id];
};

int scan_log_init(struct scan_log *log, const struct scan_settings *settings,
                  const struct signed_scope *signing)
{
    *log = (struct scan_log){.settings = settings, .signing = signing};
    if (!settings->log_path)
        return -1;
    void *shared = mmap(NULL, sizeof *log->begun, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        fprintf(stderr, "auscult: --log: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    log->begun = shared;
    return -1;
}

void scan_log_deinit(struct scan_log *log)
{
    if (log->begun)
        munmap(log->begun, sizeof *log->begun);
    log->begun = NULL;
}

static void add_text(struct object *object, const char *name, const char *text)
{
    char safe[4096];
    text_safe((struct span){(const uint8_t *)text, strlen(text)}, safe, sizeof safe);
    object_text(object, name, safe);
}

/* A log is read where nobody knows any more where one stood. */
static void add_path(struct object *object, const char *name, const char *path)
{
    char *whole = realpath(path, NULL);
    add_text(object, name, whole ? whole : path);
    free(whole);
}

/* Who has logged in, whoever they have become since (proc(5), /proc/pid/loginuid). */
static void add_login(struct object *object)
{
    unsigned uid = NO_LOGIN;
    FILE *file = fopen("/proc/self/loginuid", "re");
    if (file && fscanf(file, "%u", &uid) == 1 && uid != NO_LOGIN)
        object_number(object, "login_uid", uid);
    if (file)
        fclose(file);
}

static void add_who(struct object *object)
{
    char host[256] = "";
    const struct passwd *user = getpwuid(getuid());
    object_number(object, "uid", getuid());
    add_text(object, "user", user ? user->pw_name : "");
    add_login(object);
    if (gethostname(host, sizeof host - 1) == 0)
        add_text(object, "host", host);
    object_text(object, "version", AUSCULT_VERSION);
}

static void add_scope(const struct scan_log *log, struct object *object)
{
    const struct scope *scope = log->scope;
    add_path(object, "file", log->settings->shared.scope_path);
    object_text(object, "scope", log->signing->hash);
    if (log->signing->key_id[0])
        object_text(object, "signed_by", log->signing->key_id);
    if (!scope)
        return;
    add_text(object, "reference", scope->reference);
    add_text(object, "authorized_by", scope->authorized_by);
    object_day(object, "valid_from", scope->valid_from_day);
    object_day(object, "valid_until", scope->valid_until_day);
    object_number(object, "organizations", (double)scope->organizations_count);
}

/* Takes the object. */
static bool append(const struct scan_log *log, struct object *object)
{
    char why[JOURNAL_WHY_MAX] = "out of memory";
    struct journal_head head;
    cJSON *members = object_end(object);
    bool good = members && journal_append(log->settings->log_path, members, &head, why);
    cJSON_Delete(members);
    if (!good)
        fprintf(stderr, "auscult: --log: %s\n", why);
    else if (log->settings->verbose)
        fprintf(stderr, "auscult: record %" PRIu64 " of the log, %s\n", head.seq, head.hash);
    return good;
}

static void add_plan(const struct scan_settings *settings, struct object *object, const struct store_run *run,
                     const struct plan *plan)
{
    char seed[32];
    object_text(object, "vantage", run->vantage);
    object_text(object, "ports", run->ports);
    object_text(object, "engine", run->engine);
    object_number(object, "rate", settings->scan.rate);
    object_number(object, "rate_per_host", settings->scan.rate_per_host);
    if (settings->scan.rate_per_network > 0)
        object_number(object, "rate_per_network", settings->scan.rate_per_network);
    object_number(object, "attempts", run->attempts);
    snprintf(seed, sizeof seed, "%" PRIu64, run->seed); /* more than a JSON number holds */
    object_text(object, "seed", seed);
    object_number(object, "shard", run->shard);
    object_number(object, "shards", run->shards);
    object_number(object, "addresses", (double)plan->index.total);
    object_number(object, "targets", (double)(plan_size(plan, PLAN_ASKED) + plan_size(plan, PLAN_SWEPT)));
    add_path(object, "store", settings->shared.store_path);
}

int scan_log_authorized(struct scan_log *log, const struct store_run *run, const struct plan *plan)
{
    if (!log->settings->log_path)
        return -1;
    struct object object = object_begin();
    object_text(&object, "event", "authorized");
    object_text(&object, "run", run->id);
    object_bool(&object, "resumed", log->settings->resume);
    add_who(&object);
    add_scope(log, &object);
    add_plan(log->settings, &object, run, plan);
    if (!append(log, &object)) {
        fputs("auscult: nothing was sent\n", stderr);
        return EXIT_FAILED;
    }
    memcpy(log->begun->run, run->id, sizeof log->begun->run);
    log->begun->any = true;
    return -1;
}

struct counts {
    uint64_t ends[5], findings;
};

static void count_ends(void *context, const struct store_count *count)
{
    struct counts *counts = context;
    for (size_t i = 0; i < sizeof counts->ends / sizeof *counts->ends; i++)
        counts->ends[i] += count->ends[i];
}

static void count_finding(void *context, const struct finding *finding)
{
    struct counts *counts = context;
    (void)finding;
    counts->findings++;
}

static void add_counts(struct object *object, struct store *store, const struct store_run *run)
{
    struct counts counts = {.findings = 0};
    struct object ends = object_begin();
    if (store_each_count(store, run, NULL, count_ends, &counts) != STATUS_OK ||
        store_each_finding(store, run, NULL, count_finding, &counts) != STATUS_OK)
        object_text(object, "counts", "the store could not be read");
    for (int i = 0; i < 5; i++)
        object_number(&ends, endpoint_state_name((enum endpoint_state)i), (double)counts.ends[i]);
    object_bool(object, "complete", run->complete);
    object_number(object, "sent", (double)run->probes_sent);
    object_add(object, "ends", object_end(&ends));
    object_number(object, "open", (double)counts.ends[ENDPOINT_OPEN]);
    object_number(object, "findings", (double)counts.findings);
}

/* From the run as it was left, which only the scanning process may have seen. */
static void add_run(const struct scan_log *log, struct object *object)
{
    struct store *store = NULL;
    struct store_run run;
    enum status status = store_open(log->settings->shared.store_path, false, &store);
    if (status == STATUS_OK)
        status = store_find_run(store, log->begun->run, false, &run);
    if (status == STATUS_OK) {
        add_counts(object, store, &run);
        store_run_deinit(&run);
    } else {
        object_text(object, "counts", "the store could not be read");
    }
    store_close(&store);
}

static bool log_ended(const struct scan_log *log, int code, double seconds)
{
    struct object object = object_begin();
    const char *how = code == EXIT_DONE || code == EXIT_THRESHOLD ? "complete"
                      : code == EXIT_INTERRUPTED                  ? "interrupted"
                                                                  : "failed";
    object_text(&object, "event", "ended");
    object_text(&object, "run", log->begun->run);
    object_text(&object, "how", how);
    object_number(&object, "exit", code);
    add_run(log, &object);
    object_number(&object, "seconds", round(seconds * 1000) / 1000);
    add_path(&object, "store", log->settings->shared.store_path);
    return append(log, &object);
}

static bool log_refused(const struct scan_log *log, const char *why)
{
    struct object object = object_begin();
    object_text(&object, "event", "refused");
    add_text(&object, "why", why ? why : log->signing->why);
    add_who(&object);
    add_scope(log, &object);
    return append(log, &object);
}

int scan_log_end(struct scan_log *log, int code, const char *why, double seconds)
{
    if (!log->begun)
        return code;
    if (log->begun->any)
        return log_ended(log, code, seconds) || code != EXIT_DONE ? code : EXIT_FAILED;
    if (code == EXIT_REFUSED)
        (void)log_refused(log, why);
    return code;
}
