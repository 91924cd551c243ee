#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/clock.h"
#include "scanner/commands/audit.h"
#include "scanner/commands/audit_change.h"
#include "scanner/commands/command.h"

/* Calling the user's command: what it is told stands in its environment, and on its standard input. */

#define VARIABLES_MAX 16

struct variables {
    char *items[VARIABLES_MAX + 1];
    size_t count;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void add(struct variables *variables, const char *format, ...)
{
    va_list arguments;
    char *item = NULL;
    va_start(arguments, format);
    if (variables->count == VARIABLES_MAX || vasprintf(&item, format, arguments) < 0)
        variables->failed = true;
    else
        variables->items[variables->count++] = item;
    va_end(arguments);
}

static void clear(struct variables *variables)
{
    for (size_t i = 0; i < variables->count; i++)
        free(variables->items[i]);
}

/* "new,index_falls"; "" when there is none. */
static void list_reasons(const struct audit *audit, const struct audit_change *change, char text[128])
{
    const uint64_t counts[] = {change->fresh, change->back,  change->mended,
                               change->gates, change->falls, change->opened};
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; audit_when_words[i] && used < 128; i++)
        if (audit->settings.when & 1 << i && counts[i])
            used += (size_t)snprintf(text + used, 128 - used, "%s%s", used ? "," : "", audit_when_words[i]);
}

/* Runs it; -1, or EXIT_FAILED and said why. */
static int call(struct audit *audit, const struct audit_command *command, const struct variables *variables,
                const char *input)
{
    struct program_result result;
    const struct program program = {
        .path = command->words[0],
        .arguments = (const char *const *)command->words,
        .environment = (const char *const *)variables->items,
        .input = input,
        .kept = -1,
        .foreign = true,
        .deadline_ns = clock_monotonic_ns() + (int64_t)command->timeout_s * 1000000000,
        .stopped = &audit->stopped,
    };
    if (variables->failed || program_run(&program, &result) != STATUS_OK)
        return audit_failed(audit, "the command could not be called", command->words[0]);
    if (result.end == PROGRAM_ENDED && result.code == 0)
        return -1;
    if (result.end == PROGRAM_ENDED)
        audit_say(audit, "%s ended with code %d", command->words[0], result.code);
    else if (result.end == PROGRAM_KILLED)
        audit_say(audit, "%s was ended by signal %d", command->words[0], result.code);
    else if (result.end == PROGRAM_LATE)
        audit_say(audit, "%s took longer than %d seconds and was ended", command->words[0],
                  command->timeout_s);
    else
        audit_say(audit, "%s can't be executed: %s", command->words[0], strerror(result.code));
    return EXIT_FAILED;
}

static int call_on_change(struct audit *audit, const struct audit_change *change, const char *folder,
                          const char *reasons)
{
    struct variables variables = {{NULL}, 0, false};
    char *input = audit_file(folder, AUDIT_CHANGE_FILE);
    add(&variables, "AUSCULT_AUDIT=%s", audit->settings.name);
    add(&variables, "AUSCULT_EVENT=change");
    add(&variables, "AUSCULT_REASONS=%s", reasons);
    add(&variables, "AUSCULT_RUN=%s", change->run);
    add(&variables, "AUSCULT_PREVIOUS=%s", change->previous);
    add(&variables, "AUSCULT_FOLDER=%s", folder);
    add(&variables, "AUSCULT_CHANGE=%s", input ? input : "");
    add(&variables, "AUSCULT_NEW=%" PRIu64, change->fresh);
    add(&variables, "AUSCULT_BACK=%" PRIu64, change->back);
    add(&variables, "AUSCULT_MENDED=%" PRIu64, change->mended);
    add(&variables, "AUSCULT_OPENED=%" PRIu64, change->opened);
    add(&variables, "AUSCULT_CLOSED=%" PRIu64, change->closed);
    add(&variables, "AUSCULT_GATES_FELL=%" PRIu64, change->gates);
    add(&variables, "AUSCULT_INDICES_FELL=%" PRIu64, change->falls);
    variables.failed = variables.failed || !input;
    audit_say(audit, "%s: calling %s", reasons, audit->settings.on_change.words[0]);
    int code = call(audit, &audit->settings.on_change, &variables, input);
    clear(&variables);
    free(input);
    return code;
}

/* A call that a kill cut off is made again, and one that failed is tried again by the next start. */
static int tell(struct audit *audit, const char *folder)
{
    struct audit_change change;
    char reasons[128];
    int code = audit_change_read(audit, folder, &change);
    if (code >= 0)
        return code;
    list_reasons(audit, &change, reasons);
    if (change.first)
        audit_say(audit, "the first complete run: the next ones are compared with it");
    else
        audit_say(audit,
                  "since the run before: findings %" PRIu64 " new, %" PRIu64 " back, %" PRIu64
                  " mended; ports %" PRIu64 " opened, %" PRIu64 " closed; %" PRIu64
                  " indices fell by %g or more",
                  change.fresh, change.back, change.mended, change.opened, change.closed, change.falls,
                  audit->settings.falls_by);
    if (change.first || !reasons[0] || !audit->settings.on_change.words)
        return -1;
    return call_on_change(audit, &change, folder, reasons);
}

int audit_tell(struct audit *audit)
{
    const struct audit_run *run = &audit->history.complete;
    char *folder = audit_folder_of(audit, run);
    int code = folder ? -1 : audit_failed(audit, "the reports", "");
    if (code < 0 && !audit_folder_marked(audit, run, AUDIT_TOLD)) {
        code = tell(audit, folder);
        if (code < 0 && audit->stopped)
            code = EXIT_INTERRUPTED;
        if (code < 0)
            code = audit_folder_mark(audit, run, AUDIT_TOLD);
    }
    free(folder);
    return code;
}

void audit_tell_failure(struct audit *audit, int code)
{
    struct variables variables = {{NULL}, 0, false};
    if (!audit->settings.on_failure.words)
        return;
    add(&variables, "AUSCULT_AUDIT=%s", audit->settings.name);
    add(&variables, "AUSCULT_EVENT=failure");
    add(&variables, "AUSCULT_CODE=%d", code);
    add(&variables, "AUSCULT_STATE=%s", audit->settings.state ? audit->settings.state : "");
    audit_say(audit, "calling %s", audit->settings.on_failure.words[0]);
    (void)call(audit, &audit->settings.on_failure, &variables, NULL);
    clear(&variables);
}
