#ifndef SCANNER_COMMANDS_AUDIT_H
#define SCANNER_COMMANDS_AUDIT_H

#include "scanner/commands/audit_settings.h"
#include "scanner/commands/program.h"
#include "scoring/store.h"

/* An audit that runs by itself: what its parts share. It is a driver: whatever scans, reports and compares is this
   program again, in a process of its own and by its public options. What an audit has done is read from its state
   folder alone, so that the next start goes on wherever a kill left it:
     auscult.db   the store: an unfinished run is resumed
     runs/NAME/   what one complete run came to: made under another name and then moved there, so that it is whole
     runs/NAME/told   the user's command was called, or there was no reason to
     runs/NAME/done   nothing is left to do for that run
     latest       a link to the newest of them
     audit.log    what was authorized, sent and found (`auscult log`)
     lock         held by whoever is at work, and by its scan as long as that lives */

/* What is known of one run of the store. */
struct audit_run {
    char id[37];
    char scope[65];
    int64_t number; /* 0: there is none */
    int64_t started_ms, ended_ms;
};

struct audit_history {
    struct audit_run complete;   /* the newest complete one */
    struct audit_run previous;   /* the complete one before it, seen from the same side */
    struct audit_run unfinished; /* newer than all complete ones */
};

struct audit {
    struct audit_settings settings;
    char *store_path;
    char *runs_path;
    int lock;            /* -1: not held */
    int64_t deadline_ns; /* of CLOCK_MONOTONIC; 0: none */
    int stopped;         /* the signal to end that came; 0: none */
    struct audit_history history;
};

/* One line on standard error, which systemd's journal takes; made safe for a terminal. */
__attribute__((format(printf, 2, 3))) void audit_say(const struct audit *audit, const char *format, ...);
/* Says what could not be done and why (errno); EXIT_FAILED. */
int audit_failed(const struct audit *audit, const char *doing, const char *path);

/* Those below give -1 to go on, and otherwise an exit code, and say what is wrong. */

/* Makes the folders, takes the lock and clears away what a kill left half. EXIT_DONE: another is at work. */
int audit_folder_open(struct audit *audit);
void audit_folder_close(struct audit *audit);
/* Where the reports of a run are or will be; NULL when memory is out. The caller frees. */
char *audit_folder_of(const struct audit *audit, const struct audit_run *run);
/* The same while they are made. */
char *audit_folder_part(const struct audit *audit, const struct audit_run *run);
/* A file in a folder; NULL when memory is out. The caller frees. */
char *audit_file(const char *folder, const char *name);
/* Marks in the folder of a run how far its audit has come; false: not, or it can't be known. */
#define AUDIT_TOLD "told"
#define AUDIT_DONE "done"
int audit_folder_mark(const struct audit *audit, const struct audit_run *run, const char *mark);
bool audit_folder_marked(const struct audit *audit, const struct audit_run *run, const char *mark);
/* Moves the part to its place, and lets `latest` lead there. */
int audit_folder_publish(const struct audit *audit, const struct audit_run *run);
/* Writes a file beside its place and moves it there; false: errno says why. */
bool audit_file_write(const char *path, const char *text, size_t size, unsigned mode);
/* Removes the folders of all but the newest runs. */
int audit_folder_prune(const struct audit *audit);

/* Reads the history from the store, which is made when it is not there. */
int audit_history_read(struct audit *audit);
/* Forgets all but the newest runs. */
int audit_history_prune(struct audit *audit);

/* A command of this program, under the audit's deadline: its exit code, 130 when it was told to end. `arguments` has the
   command first, and `output` is as in struct program. */
int audit_run_self(struct audit *audit, const char *const *arguments, const char *output);

/* Scans, or goes on with an unfinished run, until there is a complete one. */
int audit_scan(struct audit *audit);
/* Writes the newest complete run's reports, what changed, and the metrics. */
int audit_publish(struct audit *audit);
/* Calls the user's command when there is a reason to. */
int audit_tell(struct audit *audit);
/* Calls the user's command for an audit that ended with this code. */
void audit_tell_failure(struct audit *audit, int code);
/* EXIT_THRESHOLD when an index of the newest complete run lies below the settings' threshold, else EXIT_DONE. */
int audit_threshold(struct audit *audit);

#endif
