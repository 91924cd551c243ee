#ifndef SCANNER_COMMANDS_PRESENT_H
#define SCANNER_COMMANDS_PRESENT_H

#include "scanner/commands/options.h"
#include "scoring/baseline.h"
#include "scoring/changes.h"
#include "scoring/deadline.h"
#include "scoring/evaluation_stream.h"

/* What scan, score and report share: from a run in the store to what the user sees, and to the exit code. */

struct presentation {
    const struct catalogue *catalogue;
    const struct scope *scope; /* may be NULL */
    const char *only;          /* one organization */
    enum language language;
    enum vantage vantage;
    bool literal;
    bool keep;              /* write the scorecards into the store */
    bool without_addresses; /* the forms are given nothing that says where or how something was found */
    int64_t moment_ms;      /* at which imports are in force; 0: without imports */
    double seconds;
    double fail_below; /* 0: no threshold */
    struct fail_on fail_on;
    const char *baseline;              /* the name or file of what forms compare with; NULL: cn-2018-08 */
    const struct changes *changes;     /* against an earlier scan; NULL: there is none */
    const struct deadlines *deadlines; /* NULL: none are shown */
    const struct outputs *outputs;
};
/* An exit code; what is wrong is said on standard error. */
int present_run(struct store *store, const struct store_run *run, const struct presentation *presentation);
/* The same of what came as a stream (intake.h), which is used up; `source` has the findings, the store the run
   alone. */
int present_stream(struct evaluation_stream *stream, const struct evidence_source *source,
                   struct store *store, const struct store_run *run, const struct presentation *presentation);
/* How its organizations are to be evaluated. */
struct evaluation_options present_options(const struct presentation *presentation);

/* Loading with complaints on standard error; false: say no more, exit 2 (or 1 when memory is out). */
bool present_scope(struct scope *scope, const char *path);
/* The scope that was named (--scope), else the one that the store kept with a run (NULL: none), else none, which is said;
   *scope_out is it, in the storage, or NULL. False, and said: it can't be read. */
bool present_scope_of_run(const struct shared *shared, const char *kept, struct scope *storage,
                          const struct scope **scope_out);
/* What the reading of a file came to; ends the complaints. */
bool present_complaints(enum status status, const char *path, struct complaints *complaints);
bool present_catalogue(struct catalogue *catalogue, const struct sources *sources);
bool present_baseline(struct baseline *baseline, const char *source);
/* Says what a status means; the exit code for it. */
int present_status(enum status status, const char *doing, const struct store *store);
int present_today(void); /* YYYYMMDD, local */
/* A file of deadlines; path NULL: the built-in one. */
bool present_deadlines(struct deadlines *deadlines, const char *path);
/* Says which accepted risks end soon. */
void present_acceptances(const struct scope *scope, int today);
/* Whether --fail-on new was crossed, which is said then. */
bool present_new(const struct changes *changes);

#endif
