#ifndef SCANNER_COMMANDS_SCAN_LOG_H
#define SCANNER_COMMANDS_SCAN_LOG_H

#include "scanner/commands/scan_settings.h"
#include "scanner/commands/signed_scope.h"
#include "scoring/store.h"

/* What a scan writes into the log of --log FILE (journal.h): a record before anything is sent, one at its end, one when it
   is refused. Records are only written by a process that still is who began it and reads nothing from the network: the one
   that starts the scan, not the one that has given up its privileges. */

struct scan_log {
    const struct scan_settings *settings; /* log_path NULL: nothing is written */
    const struct scope *scope;            /* NULL: it could not be read */
    const struct signed_scope *signing;
    struct scan_log_begun *begun; /* what the scanning process tells its parent */
};

/* Before the scan may become two processes. -1, or the exit code. */
int scan_log_init(struct scan_log *log, const struct scan_settings *settings,
                  const struct signed_scope *signing);
void scan_log_deinit(struct scan_log *log);
/* Before the first packet. -1: it is on the disk; otherwise the exit code: nothing may be sent. */
int scan_log_authorized(struct scan_log *log, const struct store_run *run, const struct plan *plan);
/* The end of a scan that was authorized, or why there was none; why NULL: the scope says. `code` is what the scan came to;
   returns it, or that the log could not be written. The store is opened for it: nobody may hold it. */
int scan_log_end(struct scan_log *log, int code, const char *why, double seconds);

#endif
