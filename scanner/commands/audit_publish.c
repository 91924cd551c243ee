#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/commands/audit.h"
#include "scanner/commands/audit_change.h"
#include "scanner/commands/command.h"
#include "scanner/commands/present.h"
#include "targets/document.h"

/* From a complete run to a folder of reports. */

#define ARGUMENTS_MAX 64
#define PATHS_MAX     (2 * AUDIT_WORDS_MAX)

/* Forms whose words are a language's have one file for each; the others have names for programs. */
struct ending {
    const char *form, *ending;
    bool worded;
};
static const struct ending endings[] = {
    {"table", "txt", true},   {"html", "html", true},     {"pdf", "pdf", true},
    {"markdown", "md", true}, {"nmap-xml", "xml", false}, {"prometheus", "prom", false},
};

static struct ending ending_of(const char *form)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (strcmp(endings[i].form, form) == 0)
            return endings[i];
    return (struct ending){form, form, false};
}

struct making {
    struct audit *audit;
    const char *folder;
    const char *arguments[ARGUMENTS_MAX + 1];
    size_t arguments_count;
    char *outputs[PATHS_MAX];
    size_t outputs_count;
};

static void add(struct making *making, const char *word)
{
    if (making->arguments_count < ARGUMENTS_MAX)
        making->arguments[making->arguments_count++] = word;
}

/* "FORM=FOLDER/report-zh.html" */
static bool add_output(struct making *making, const char *form, const char *language)
{
    const struct ending ending = ending_of(form);
    char *output = NULL;
    if (making->outputs_count == PATHS_MAX ||
        asprintf(&output, "%s=%s/report%s%s.%s", form, making->folder, ending.worded ? "-" : "",
                 ending.worded ? language : "", ending.ending) < 0)
        return false;
    making->outputs[making->outputs_count++] = output;
    add(making, "--output");
    add(making, output);
    return true;
}

static void clear(struct making *making)
{
    for (size_t i = 0; i < making->outputs_count; i++)
        free(making->outputs[i]);
    making->outputs_count = making->arguments_count = 0;
    memset(making->arguments, 0, sizeof making->arguments);
}

static void add_command(struct making *making, const char *language)
{
    const struct audit_settings *settings = &making->audit->settings;
    add(making, "report");
    add(making, making->audit->store_path);
    add(making, "--run");
    add(making, making->audit->history.complete.id);
    add(making, "--lang");
    add(making, language);
    for (char *const *catalogue = settings->catalogues; *catalogue; catalogue++) {
        add(making, "--catalogue");
        add(making, *catalogue);
    }
}

static int flush(struct making *making)
{
    int code =
        making->outputs_count ? audit_run_self(making->audit, making->arguments, "/dev/null") : EXIT_DONE;
    clear(making);
    return code == EXIT_DONE ? -1 : code;
}

/* As many forms in one process as it takes. */
static int make_language(struct making *making, const char *language, bool first)
{
    const struct audit_settings *settings = &making->audit->settings;
    int code = -1;
    for (char *const *form = settings->forms; *form && code < 0; form++) {
        if (!ending_of(*form).worded && !first)
            continue;
        if (!making->outputs_count)
            add_command(making, language);
        if (!add_output(making, *form, language))
            code = audit_failed(making->audit, "a report", *form);
        else if (making->outputs_count == OPTION_OUTPUTS_MAX)
            code = flush(making);
    }
    return code < 0 ? flush(making) : code;
}

static int make_reports(struct audit *audit, const char *folder)
{
    struct making making = {.audit = audit, .folder = folder};
    int code = -1;
    for (size_t i = 0; audit->settings.languages[i] && code < 0; i++)
        code = make_language(&making, audit->settings.languages[i], i == 0);
    clear(&making);
    return code;
}

/* A collector reads the file as another user, and it says no more than indices and counts. */
static int copy_metrics(struct audit *audit, const char *from)
{
    struct complaints complaints;
    char *to = NULL, *text = NULL;
    size_t size = 0;
    complaints_init(&complaints, from);
    enum status status = document_load(from, &text, &size, &complaints);
    int code = present_complaints(status, from, &complaints) ? -1 : EXIT_FAILED;
    if (code < 0 && (asprintf(&to, "%s/auscult_%s.prom", audit->settings.metrics, audit->settings.name) < 0 ||
                     !audit_file_write(to, text, size, 0644)))
        code = audit_failed(audit, "the metrics could not be written", audit->settings.metrics);
    free(text);
    free(to);
    return code;
}

static int publish_metrics(struct audit *audit, const char *folder)
{
    char *from = audit_file(folder, "report.prom");
    bool made = audit->settings.metrics && from && access(from, R_OK) == 0;
    int code = made ? copy_metrics(audit, from) : -1;
    free(from);
    return code;
}

int audit_publish(struct audit *audit)
{
    const struct audit_run *run = &audit->history.complete;
    char *folder = audit_folder_of(audit, run), *part = audit_folder_part(audit, run);
    int code = -1;
    if (!folder || !part)
        code = audit_failed(audit, "the reports", "");
    bool there = code < 0 && access(folder, F_OK) == 0;
    if (code < 0 && !there && mkdir(part, 0750) != 0)
        code = audit_failed(audit, "the folder could not be made", part);
    if (code < 0 && !there)
        code = make_reports(audit, part);
    if (code < 0 && !there)
        code = audit_change_make(audit, part);
    if (code < 0)
        code = audit_folder_publish(audit, run);
    if (code < 0)
        code = publish_metrics(audit, folder);
    if (code < 0 && !there)
        audit_say(audit, "reports are in %s", folder);
    free(part);
    free(folder);
    return code;
}
