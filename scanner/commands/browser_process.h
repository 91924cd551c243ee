#ifndef SCANNER_COMMANDS_BROWSER_PROCESS_H
#define SCANNER_COMMANDS_BROWSER_PROCESS_H

#include <stdbool.h>

#include "targets/status.h"

/* One run of a browser that prints a page. Borrowed. */
struct browser_job {
    const char *browser;
    const char *folder; /* of its own: home and profile */
    const char *page, *pdf, *log;
    bool sandbox;
    unsigned seconds_most;
};

/* Waits for its end, or ends it; program_take_signals comes before. STATUS_SYSTEM: ETIMEDOUT when its time was over, EINTR
   when a signal to end came, which `stopped` is then, EIO when it failed. */
MUST_USE enum status browser_run(const struct browser_job *job, int *stopped);

#endif
