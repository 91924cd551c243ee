#include "scanner/commands/audit.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "probes/text.h"
#include "scanner/clock.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"

#define SETTINGS_FOLDER "/etc/auscult"
/* What an earlier start left of a run that ended longer ago is finished, and then a scan is due. */
#define FRESH_MS (3600 * (int64_t)1000)

static const char help[] =
    "Usage: auscult audit FILE|NAME\n"
    "Scans what a scope file authorizes, keeps the runs, writes their reports, and calls a command when "
    "something "
    "changed:\n"
    "what auscult@NAME.service runs. FILE is JSON; NAME stands for " SETTINGS_FOLDER
    "/NAME.json. What an earlier "
    "start left\n"
    "unfinished, by an interruption or a kill, is gone on with first.\n\n"
    "  -h, --help\n\n"
    "In FILE, paths being relative to its folder:\n"
    "  auscult_audit        1\n"
    "  scope                the scope file\n"
    "  state                the folder for store and reports ($STATE_DIRECTORY/NAME, else "
    "/var/lib/auscult/NAME)\n"
    "  keep                 how many runs are kept (12)\n"
    "  languages, forms     of the reports, like [\"zh\", \"en\"], [\"table\", \"jsonl\"]\n"
    "  metrics              a folder that Prometheus' textfile collector reads\n"
    "  on_change            {\"command\": [\"/PATH\", …], \"timeout_seconds\": 60, \"index_falls_by\": 10,\n"
    "                        \"when\": [\"new\", \"back\", \"gate\", \"index_falls\", \"opened\", "
    "\"mended\"]}\n"
    "  on_failure           {\"command\": [\"/PATH\", …]}\n"
    "  overlap              \"skip\" or \"wait\", when another audit of it is at work\n"
    "  wait                 true: wait for the scope's hours\n"
    "  deadline_hours       for the whole; what is left over is gone on with next time\n"
    "  resume_within_days   older unfinished runs are left, and a new one is begun (14)\n"
    "  fail_below           exit 4 when an index is below\n"
    "  rate, ports, engine, vantage, catalogues, require_signature, log: as `scan` has them\n\n"
    "Exit: 0 done or skipped, 1 failed, 2 wrong usage or file, 3 not authorized, 4 below the threshold, 130 "
    "interrupted.\n";

void audit_say(const struct audit *audit, const char *format, ...)
{
    char *line = NULL, safe[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    text_safe((struct span){(const uint8_t *)line, (size_t)size}, safe, sizeof safe);
    fprintf(stderr, "auscult audit %s: %s\n", audit->settings.name ? audit->settings.name : "", safe);
    free(line);
}

int audit_failed(const struct audit *audit, const char *doing, const char *path)
{
    int error = errno;
    audit_say(audit, "%s %s: %s", doing, path, strerror(error));
    return EXIT_FAILED;
}

int audit_run_self(struct audit *audit, const char *const *arguments, const char *output)
{
    const char *words[128] = {"auscult"};
    size_t count = 1;
    while (arguments[count - 1] && count < sizeof words / sizeof words[0] - 1) {
        words[count] = arguments[count - 1];
        count++;
    }
    struct program_result result;
    const struct program program = {
        .path = "/proc/self/exe",
        .arguments = words,
        .output = output,
        .kept = audit->lock,
        .deadline_ns = audit->deadline_ns,
        .stopped = &audit->stopped,
    };
    if (program_run(&program, &result) != STATUS_OK)
        return audit_failed(audit, "no process for", arguments[0]);
    if (result.end == PROGRAM_ABSENT) {
        errno = result.code;
        return audit_failed(audit, "auscult can't be executed for", arguments[0]);
    }
    /* `auscult stop`, before the scan itself listens to it. */
    if (result.end == PROGRAM_KILLED && (result.code == SIGINT || result.code == SIGTERM))
        audit->stopped = result.code;
    if (result.end == PROGRAM_LATE)
        audit_say(audit, "the deadline has come: %s was told to end", arguments[0]);
    else if (result.end == PROGRAM_KILLED && !audit->stopped)
        audit_say(audit, "%s was ended by signal %d", arguments[0], result.code);
    if (audit->stopped || result.end == PROGRAM_LATE)
        return EXIT_INTERRUPTED;
    return result.end == PROGRAM_ENDED ? result.code : EXIT_FAILED;
}

/* Reports, change, command, and what is no longer kept. */
static int finish(struct audit *audit)
{
    int code = audit_publish(audit);
    if (code < 0)
        code = audit_tell(audit);
    if (code < 0)
        code = audit_history_prune(audit);
    if (code < 0)
        code = audit_folder_prune(audit);
    if (code < 0)
        code = audit_folder_mark(audit, &audit->history.complete, AUDIT_DONE);
    return code < 0 ? audit_threshold(audit) : code;
}

static int work(struct audit *audit)
{
    int code = audit_history_read(audit);
    if (code < 0 && audit->history.complete.number &&
        !audit_folder_marked(audit, &audit->history.complete, AUDIT_DONE)) {
        bool fresh = clock_epoch_ms() - audit->history.complete.ended_ms < FRESH_MS;
        audit_say(audit, "finishing what an earlier start left");
        code = finish(audit);
        if (fresh || code == EXIT_INTERRUPTED)
            return code;
        code = -1;
    }
    if (code < 0)
        code = audit_scan(audit);
    return code < 0 ? finish(audit) : code;
}

static int go(struct audit *audit)
{
    program_take_signals(NULL);
    umask(0027);
    if (audit->settings.deadline_h > 0)
        audit->deadline_ns = clock_monotonic_ns() + (int64_t)(audit->settings.deadline_h * 3600e9);
    int code = audit_folder_open(audit);
    bool skipped = code == EXIT_DONE;
    if (code < 0)
        code = work(audit);
    if (code != EXIT_DONE && code != EXIT_THRESHOLD && !audit->stopped)
        audit_tell_failure(audit, code);
    if (code == EXIT_DONE && !skipped)
        audit_say(audit, "done");
    audit_folder_close(audit);
    return code;
}

/* A file, or the name of one. */
static char *settings_path(const char *argument)
{
    size_t size = strlen(argument);
    bool is_file = strchr(argument, '/') || (size > 5 && strcmp(argument + size - 5, ".json") == 0);
    char *path = NULL;
    if (is_file)
        return strdup(argument);
    return asprintf(&path, SETTINGS_FOLDER "/%s.json", argument) < 0 ? NULL : path;
}

static int run(int argc, char **argv)
{
    static struct audit audit;
    if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    if (argc != 2 || argv[1][0] == '-') {
        fputs("auscult audit: want one file or name; `auscult audit --help` tells more\n", stderr);
        return EXIT_USAGE;
    }
    audit.lock = -1;
    char *path = settings_path(argv[1]);
    struct complaints complaints;
    complaints_init(&complaints, path);
    enum status status = path ? audit_settings_read(&audit.settings, path, &complaints) : STATUS_NO_MEMORY;
    int code = present_complaints(status, "the settings", &complaints) ? go(&audit)
               : status == STATUS_WRONG_FILE                           ? EXIT_USAGE
                                                                       : EXIT_FAILED;
    audit_settings_deinit(&audit.settings);
    free(path);
    return code;
}

const struct command command_audit = {"audit", "FILE|NAME", "scan, report and tell what changed, by itself",
                                      "自动扫描、出报告并通知变化", run};
