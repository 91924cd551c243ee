#ifndef SCANNER_COMMANDS_COMMAND_H
#define SCANNER_COMMANDS_COMMAND_H

#include "targets/status.h"

/* Exit codes (contract.md, "Exit"). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3,
    EXIT_THRESHOLD = 4,
    EXIT_INTERRUPTED = 130,
};

/* One command: its own file, one line in command.c's table. argv[0] is the command's name. */
struct command {
    const char *name;
    const char *arguments; /* "SCOPE" */
    const char *en;        /* what it does, a clause */
    const char *zh;
    int (*run)(int argc, char **argv);
};

/* The program: finds the command and runs it. */
int command_run(int argc, char **argv);

extern const struct command command_scan;
extern const struct command command_stop;
extern const struct command command_replay;
extern const struct command command_score;
extern const struct command command_report;
extern const struct command command_diff;
extern const struct command command_import;
extern const struct command command_cohort;
extern const struct command command_calibrate;
extern const struct command command_scope;
extern const struct command command_log;
extern const struct command command_catalogue;
extern const struct command command_identify;
extern const struct command command_facts;
extern const struct command command_doctor;
extern const struct command command_audit;
extern const struct command command_store;
extern const struct command command_baseline;
extern const struct command command_compare;

#endif
