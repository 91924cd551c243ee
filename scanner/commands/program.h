#ifndef SCANNER_COMMANDS_PROGRAM_H
#define SCANNER_COMMANDS_PROGRAM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "targets/status.h"

/* Another program, run to its end: no shell, no search of PATH, a deadline, and signals passed on. It has a process
   group of its own, which gets what ends it. Everything is borrowed. */
struct program {
    const char *path;               /* executed as it is */
    const char *const *arguments;   /* NULL-ended, its name first */
    const char *const *environment; /* "NAME=value" beside what this process has, NULL-ended; NULL: none */
    const char *input;              /* a file for its standard input; NULL: nothing to read */
    const char *output;             /* a file that its standard output makes anew; NULL: standard error */
    bool errors_too;                /* its standard error goes there as well */
    int kept;     /* a descriptor that it inherits, so that a lock lasts as long as it does; -1: none */
    bool foreign; /* not ours: it gets no capability, and outlives this process */
    bool
        at_once; /* it has nothing to put in order: what ends it is SIGKILL, and nothing of its group outlives it */
    /* In its process, last of all; false: it is not executed (errno). NULL: there is nothing left to do. */
    bool (*settle)(const void *context);
    const void *context;
    int64_t deadline_ns; /* of CLOCK_MONOTONIC; 0: none */
    int *stopped; /* becomes the signal to end that comes, which goes on to it as SIGTERM; 0: none came */
};

#define PROGRAM_GRACE_S 60 /* from SIGTERM to SIGKILL */

enum program_end {
    PROGRAM_ENDED,  /* with the code */
    PROGRAM_KILLED, /* by the signal that `code` names */
    PROGRAM_LATE,   /* at the deadline it was told to end, and did */
    PROGRAM_ABSENT, /* it could not be executed: `code` is the errno */
};

struct program_result {
    enum program_end end;
    int code;
};

/* From now on SIGINT, SIGTERM and SIGHUP are for program_run and program_pause alone, in this single-threaded
   process; `before_out` (NULL: nobody asks) is what was blocked before. */
void program_take_signals(sigset_t *before_out);
/* They are as before; the one that stopped (0: none) does what it would have done. */
void program_give_signals_back(const sigset_t *before, int stopped);
/* Runs it. STATUS_SYSTEM: no process could be made, or its files not be opened. */
MUST_USE enum status program_run(const struct program *program, struct program_result *result_out);
/* Sleeps, and hears signals; false when one to end has come, now or earlier. */
bool program_pause(unsigned milliseconds, int *stopped);

#endif
