#include "scanner/commands/command.h"

#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
    &command_scan,  &command_stop,   &command_replay,    &command_score,    &command_report,
    &command_diff,  &command_import, &command_cohort,    &command_compare,  &command_calibrate,
    &command_scope, &command_log,    &command_catalogue, &command_baseline, &command_identify,
    &command_facts, &command_doctor, &command_audit,     &command_store,
};

#define COMMANDS (sizeof commands / sizeof commands[0])

/* Columns of a terminal, not bytes: "…" is one. */
static int columns(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static void print_usage(FILE *stream)
{
    int widest = 0;
    for (size_t i = 0; i < COMMANDS; i++)
        widest = columns(commands[i]->arguments) > widest ? columns(commands[i]->arguments) : widest;
    fprintf(stream, "Usage: auscult COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stream, "  %-10s %s%*s  %s\n", commands[i]->name, commands[i]->arguments,
                widest - columns(commands[i]->arguments), "", commands[i]->en);
    fprintf(stream, "\n`auscult COMMAND --help` tells more; `auscult --version` the version.\n");
}

int command_run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "--help";
    if (strcmp(word, "--version") == 0) {
        printf("auscult " AUSCULT_VERSION "\n");
        return EXIT_DONE;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_usage(argc > 1 ? stdout : stderr);
        return argc > 1 ? EXIT_DONE : EXIT_USAGE;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, word) == 0)
            return commands[i]->run(argc - 1, argv + 1);
    fprintf(stderr, "auscult: there is no command '%s'; `auscult --help` lists them\n", word);
    return EXIT_USAGE;
}
