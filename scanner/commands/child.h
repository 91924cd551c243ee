#ifndef SCANNER_COMMANDS_CHILD_H
#define SCANNER_COMMANDS_CHILD_H

#include <sys/types.h>

/* Waits for a child that does the command's work, and passes SIGINT, SIGTERM and SIGHUP on to it. -1: it is done, and
   its parent goes on; otherwise the exit code of both. */
int child_wait(pid_t child);

#endif
