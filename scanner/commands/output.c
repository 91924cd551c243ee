#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/text.h"
#include "scanner/commands/browser.h"
#include "scanner/commands/option.h"
#include "scanner/commands/replacement.h"

static void list_forms(const struct report_form *const *forms, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; forms[i] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", forms[i]->name);
}

static const struct report_form *form_named(const struct report_form *const *forms, const char *name)
{
    while (*forms && strcmp((*forms)->name, name) != 0)
        forms++;
    return *forms;
}

/* Better known before a scan than after it. */
static bool can_print(const char *option, const char *path)
{
    char browser[PATH_MAX];
    if ((!path || strcmp(path, "-") == 0) && isatty(STDOUT_FILENO)) {
        fprintf(stderr, "auscult: %s pdf: a terminal shows no PDF; want pdf=FILE\n", option);
        return false;
    }
    return browser_find(browser);
}

bool option_output(const char *option, char *text, void *place)
{
    struct outputs *outputs = place;
    char *path = strchr(text, '=');
    if (path)
        *path++ = 0;
    const struct report_form *form = form_named(outputs->forms, text);
    if (!form || outputs->count == OPTION_OUTPUTS_MAX || (path && !*path)) {
        char shown[128], known[256];
        text_safe((struct span){(const uint8_t *)text, strlen(text)}, shown, sizeof shown);
        list_forms(outputs->forms, known, sizeof known);
        fprintf(stderr, "auscult: %s '%s': want FORM or FORM=FILE, at most %d times; forms are %s\n", option,
                shown, OPTION_OUTPUTS_MAX, known);
        return false;
    }
    if (form->printed && !can_print(option, path))
        return false;
    outputs->items[outputs->count++] = (struct output){form, path};
    return true;
}

void outputs_default(struct outputs *outputs)
{
    const char *name = isatty(STDOUT_FILENO) ? "table" : "jsonl";
    if (outputs->count == 0)
        outputs->items[outputs->count++] = (struct output){form_named(outputs->forms, name), NULL};
}

bool outputs_withhold(const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].form->doors) {
            fprintf(stderr,
                    "auscult: --without-addresses: %s consists of addresses; json, csv-scorecards and others "
                    "don't\n",
                    outputs->items[i].form->name);
            return false;
        }
    return true;
}

static unsigned terminal_width(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 80;
}

static enum status write_to(const struct output *output, struct report *report, FILE *stream)
{
    report->terminal = (!output->path || strcmp(output->path, "-") == 0) && isatty(STDOUT_FILENO);
    report->width = report->terminal ? terminal_width() : 80;
    enum status status = output->form->printed ? browser_print(output->form, report, stream)
                                               : output->form->write(report, stream);
    if (status == STATUS_OK && (fflush(stream) != 0 || ferror(stream)))
        status = STATUS_SYSTEM;
    return status;
}

/* A device or a pipe is written to; moving a file there would take its place. */
static bool is_special(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

static enum status write_special(const struct output *output, struct report *report)
{
    FILE *stream = fopen(output->path, "we");
    if (!stream)
        return STATUS_SYSTEM;
    enum status status = write_to(output, report, stream);
    return fclose(stream) != 0 && status == STATUS_OK ? STATUS_SYSTEM : status;
}

static enum status write_file(const struct output *output, struct report *report)
{
    struct replacement replacement;
    if (is_special(output->path))
        return write_special(output, report);
    enum status status = replacement_begin(&replacement, output->path);
    return status == STATUS_OK
               ? replacement_end(&replacement, write_to(output, report, replacement.stream), false)
               : status;
}

enum status outputs_write(const struct outputs *outputs, struct report *report)
{
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output *output = &outputs->items[i];
        bool to_file = output->path && strcmp(output->path, "-") != 0;
        enum status status = to_file ? write_file(output, report) : write_to(output, report, stdout);
        if (status != STATUS_OK) {
            fprintf(stderr, "auscult: %s could not be written to %s: %s\n", output->form->name,
                    to_file ? output->path : "standard output",
                    status == STATUS_SYSTEM ? strerror(errno) : "see above");
            return status;
        }
    }
    return STATUS_OK;
}
