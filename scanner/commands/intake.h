#ifndef SCANNER_COMMANDS_INTAKE_H
#define SCANNER_COMMANDS_INTAKE_H

#include "scoring/store.h"
#include "targets/complaint.h"

/* What `score` reads into a store in memory, where everything goes the same way from there on. */
struct intake {
    struct store *store;
    struct store_run run;
    size_t observations, findings, assessed; /* an import's observations are none of these */
    int64_t moment_ms;                       /* at which imports are in force */
    bool scorecards_only; /* of records: takes runs and their scorecards, and nothing else */
};

MUST_USE enum status intake_init(struct intake *intake);
void intake_deinit(struct intake *intake);
/* Is it one of our stores, by its first bytes? */
bool intake_is_store(const char *path);
/* Takes a scan over, and the imports beside it: all that was seen or told, not what was concluded. run NULL: the
   newest scan, or none where there are only imports. STATUS_STORE with a message on standard error. */
MUST_USE enum status intake_store(struct intake *intake, const char *path, const char *run);
/* Records, one a line (contract.md); "-" is standard input. Only those of the types observation, finding and
   assessed are taken; the others that contract.md names are passed over. */
MUST_USE enum status intake_records(struct intake *intake, const char *path, struct complaints *complaints);
/* The same with complaints on standard error; -1, or the exit code. */
int intake_file(struct intake *intake, const char *path);

#endif
