#ifndef SCANNER_COMMANDS_BROWSER_PROCESS_H
#define SCANNER_COMMANDS_BROWSER_PROCESS_H

#include <signal.h>
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

/* From here on signals that would end us wait, until the caller gives the old mask back, so that what a run left can be
   cleared away. */
void browser_hold_signals(sigset_t *before_out);

/* Waits for its end, or ends it. STATUS_SYSTEM: ETIMEDOUT when its time was over, EINTR when a signal is waiting that
   ends us, EIO when it failed. */
MUST_USE enum status browser_run(const struct browser_job *job);

#endif
