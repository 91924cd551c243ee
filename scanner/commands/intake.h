#ifndef SCANNER_COMMANDS_INTAKE_H
#define SCANNER_COMMANDS_INTAKE_H

#include "scanner/commands/input.h"
#include "scoring/evaluation_stream.h"
#include "scoring/report/finding_line.h"
#include "targets/complaint.h"

/* What `score` reads: into a store in memory, where everything goes the same way from there on, or past it, as
   long as the records of each organization stand together and hold no observations. */
struct intake {
    struct store *store;
    struct store_run run;
    size_t observations, findings, assessed; /* an import's observations are none of these */
    int64_t moment_ms;                       /* at which imports are in force */
    bool scanned;                            /* the run is a store's scan */
    bool scorecards_only; /* of records: takes runs and their scorecards, and nothing else */
    struct finding_line plain;
    struct input standard; /* standard input once it was opened; kept for going back in it */
    bool standard_opened;
    struct evaluation_stream *stream; /* NULL: all goes into the store */
    bool disordered;                  /* the stream could not be gone on with */
    struct {
        const char *path;
        uint64_t begin, end;
    } place;                   /* of the record that is being read */
    struct stretch *stretches; /* where each organization's records stand */
    size_t stretches_count, stretches_capacity;
    bool sorted;
    struct input again; /* the file that is read again */
    const char *again_path;
};

MUST_USE enum status intake_init(struct intake *intake);
void intake_deinit(struct intake *intake);
/* Is it one of our stores, by its first bytes? */
bool intake_is_store(const char *path);
/* Takes a scan over, and the imports beside it: all that was seen or told, not what was concluded. Imports that
   are in force for nothing are left where they are. run NULL: the newest scan, or none where there are only
   imports. STATUS_STORE with a message on standard error. */
MUST_USE enum status intake_store(struct intake *intake, const char *path, const char *run,
                                  const struct catalogue *catalogue);
/* Findings and assessed items from what was taken. */
MUST_USE enum status intake_assess(const struct intake *intake, const struct scope *scope,
                                   const struct catalogue *catalogue);
/* How long the run took. */
double intake_seconds(const struct intake *intake);
/* Records, one a line (contract.md); "-" is standard input. Only those of the types observation, finding and
   assessed are taken; the others that contract.md names are passed over. */
MUST_USE enum status intake_records(struct intake *intake, const char *path, struct complaints *complaints);
/* The same with complaints on standard error; -1, or the exit code. */
int intake_file(struct intake *intake, const char *path);

/* Could the input be records that come as a stream? Those of a named pipe could not be read again. */
bool intake_can_stream(const char *path);
/* Before anything is read: records go into this stream from then on. STATUS_MISMATCH of intake_records with
   `disordered` set says that they can't; then everything is read again, into the store. */
MUST_USE enum status intake_stream_begin(struct intake *intake, const struct evaluation_options *options);
/* As if nothing had been read, and without a stream. STATUS_SYSTEM when a pipe could not be copied. */
MUST_USE enum status intake_begin_again(struct intake *intake);
void intake_stream_end(struct intake *intake);
/* The organization of the record that is being read. */
MUST_USE enum status intake_stream_enter(struct intake *intake, const char *organization);
/* Reads the findings of one organization again (an evidence_source, whose context is the intake). */
MUST_USE enum status intake_stream_each_finding(void *context, const char *organization,
                                                void (*each)(void *each_context,
                                                             const struct finding *finding),
                                                void *each_context);
/* The finding of one line, that was read before; nothing for other records. */
MUST_USE enum status intake_line_finding(struct intake *intake, const struct input_line *line,
                                         void (*each)(void *context, const struct finding *finding),
                                         void *context);

#endif
