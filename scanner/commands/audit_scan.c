#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scanner/clock.h"
#include "scanner/commands/audit.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "targets/authorization.h"

/* From whatever an earlier start has left to a complete run. */

#define ARGUMENTS_MAX 96
#define DAY_MS        (24 * 3600 * (int64_t)1000)

/* The arguments of a command; with room for all that a file of settings can name. */
struct arguments {
    const char *words[ARGUMENTS_MAX + 1];
    size_t count;
};

static void add(struct arguments *arguments, const char *word)
{
    if (arguments->count < ARGUMENTS_MAX)
        arguments->words[arguments->count++] = word;
}

static void add_pair(struct arguments *arguments, const char *option, const char *value)
{
    if (!value)
        return;
    add(arguments, option);
    add(arguments, value);
}

static void add_each(struct arguments *arguments, const char *option, char *const *values)
{
    for (; *values; values++)
        add_pair(arguments, option, *values);
}

static const char *started(const struct audit_run *run, char text[64])
{
    time_t at = (time_t)(run->started_ms / 1000);
    struct tm moment;
    strftime(text, 64, "%Y-%m-%d %H:%M", localtime_r(&at, &moment));
    return text;
}

/* Is there something to go on with? Says why not. */
static bool may_resume(const struct audit *audit, const struct scope *scope)
{
    const struct audit_run *run = &audit->history.unfinished;
    char text[64];
    if (!run->number)
        return false;
    if (strcmp(run->scope, scope->hash) != 0) {
        audit_say(audit, "the scope was changed since the run of %s stopped: a new one begins",
                  started(run, text));
        return false;
    }
    if (clock_epoch_ms() - run->started_ms > audit->settings.resume_days * DAY_MS) {
        audit_say(audit, "the run of %s stopped more than %d days ago: a new one begins", started(run, text),
                  audit->settings.resume_days);
        return false;
    }
    return true;
}

static int run_scan(struct audit *audit, bool resume)
{
    const struct audit_settings *settings = &audit->settings;
    struct arguments arguments = {{NULL}, 0};
    char rate[32], fail_below[32], text[64];
    snprintf(rate, sizeof rate, "%.8f", settings->rate);
    snprintf(fail_below, sizeof fail_below, "%.0f", settings->fail_below);
    add(&arguments, "scan");
    add(&arguments, "--quiet");
    add_pair(&arguments, "--store", audit->store_path);
    add_pair(&arguments, "--output", "table"); /* to nowhere: the reports are made of the store */
    add_pair(&arguments, "--rate", settings->rate > 0 ? rate : NULL);
    add_pair(&arguments, "--ports", settings->ports);
    add_pair(&arguments, "--engine", settings->engine);
    add_pair(&arguments, "--vantage", settings->vantage);
    add_pair(&arguments, "--log", settings->log);
    add_each(&arguments, "--catalogue", settings->catalogues);
    add_each(&arguments, "--require-signature", settings->signatures);
    if (settings->wait)
        add(&arguments, "--wait");
    if (resume)
        add(&arguments, "--resume");
    add(&arguments, "--");
    add(&arguments, settings->scope);
    if (resume)
        audit_say(audit, "going on with the run of %s", started(&audit->history.unfinished, text));
    else
        audit_say(audit, "scanning %s", settings->scope);
    return audit_run_self(audit, arguments.words, "/dev/null");
}

/* A scan that the hours' end stopped is waited out when the settings say so; every other stop was meant. */
static bool waits_on(struct audit *audit, const struct scope *scope)
{
    struct authorization *authorization = NULL;
    bool waits = audit->settings.wait && !audit->stopped &&
                 (!audit->deadline_ns || clock_monotonic_ns() < audit->deadline_ns) &&
                 authorization_new(scope, &authorization) == STATUS_OK &&
                 authorization_moment(authorization, clock_epoch_ms() / 1000) == REFUSAL_HOURS;
    authorization_free(&authorization);
    return waits;
}

static int scan_scope(struct audit *audit, const struct scope *scope)
{
    int code = EXIT_DONE;
    bool resume = may_resume(audit, scope);
    for (;;) {
        code = run_scan(audit, resume);
        if (code == EXIT_USAGE && resume) {
            audit_say(audit, "that run can't be gone on with: a new one begins");
            resume = false;
        } else if (code == EXIT_INTERRUPTED && waits_on(audit, scope)) {
            int read = audit_history_read(audit);
            if (read >= 0)
                return read;
            resume = audit->history.unfinished.number != 0;
        } else {
            return code == EXIT_DONE ? -1 : code;
        }
    }
}

int audit_scan(struct audit *audit)
{
    struct scope scope;
    const int64_t before = audit->history.complete.number;
    if (!present_scope(&scope, audit->settings.scope))
        return EXIT_USAGE;
    int code = scan_scope(audit, &scope);
    scope_deinit(&scope);
    if (code < 0)
        code = audit_history_read(audit);
    if (code < 0 && audit->history.complete.number == before) {
        audit_say(audit, "the scan has left no complete run");
        code = EXIT_FAILED;
    }
    return code;
}
