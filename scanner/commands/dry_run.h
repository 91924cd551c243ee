#ifndef SCANNER_COMMANDS_DRY_RUN_H
#define SCANNER_COMMANDS_DRY_RUN_H

#include "scanner/commands/scan_settings.h"

/* Says what a scan would send, for each organization, and sends nothing; the exit code. */
int dry_run(const struct scan_settings *settings, const struct scope *scope, const struct plan *plan);

#endif
