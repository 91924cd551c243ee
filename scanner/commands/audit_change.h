#ifndef SCANNER_COMMANDS_AUDIT_CHANGE_H
#define SCANNER_COMMANDS_AUDIT_CHANGE_H

#include "scanner/commands/audit.h"

/* What changed between the newest complete run and the one before it, as one JSON object in a file beside the reports
   that the user's command gets on its standard input. Counts, changes and endpoints are as `diff` has them in its
   records, without what is still open or was not checked:
   {"auscult_change":1,"audit":…,"run":…,"previous":…,"started":…,"ended":…,"counts":{"new":…},
    "endpoint_counts":{"opened":…},"indices":[{"org":…,"before":…,"after":…,"gate_fell":…}],"changes":[…],
    "endpoints":[…],"left_off":…} */
#define AUDIT_CHANGE_FILE  "change.json"
#define AUDIT_RECORDS_FILE "changes.jsonl" /* all that diff says */

/* Writes it into a folder; an exit code, -1 to go on. */
int audit_change_make(struct audit *audit, const char *folder);

/* What the settings take as reasons to call the user's command. */
struct audit_change {
    bool first; /* there was no run before */
    char run[37], previous[37];
    uint64_t fresh, back, mended; /* findings */
    uint64_t opened, closed;      /* ports */
    uint64_t falls, gates;        /* organizations */
};
/* Reads it from a folder; an exit code, and said why, -1 to go on. */
int audit_change_read(const struct audit *audit, const char *folder, struct audit_change *change_out);

#endif
