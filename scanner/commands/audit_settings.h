#ifndef SCANNER_COMMANDS_AUDIT_SETTINGS_H
#define SCANNER_COMMANDS_AUDIT_SETTINGS_H

#include "scanner/commands/engine.h"
#include "scanner/commands/option.h"

/* What an audit is told by its file: JSON, whose paths are relative to the file's own folder. */

/* A command of the user's, executed as it is, without a shell. */
struct audit_command {
    char **words; /* NULL-ended, an absolute path first; NULL: no command */
    int timeout_s;
};

/* When the user's command is called, as bits. */
enum audit_when {
    AUDIT_NEW = 1,
    AUDIT_BACK = 2,
    AUDIT_MENDED = 4,
    AUDIT_GATE = 8,         /* an organization's gate fell */
    AUDIT_INDEX_FALLS = 16, /* an organization's index fell by so much */
    AUDIT_OPENED = 32,      /* a port is open that was not */
};
extern const char *const audit_when_words[]; /* of the bits in their order, ended by NULL */

#define AUDIT_WORDS_MAX 16 /* of each of the lists below */

struct audit_settings {
    char *name;   /* the file's, without folder and ending */
    char *folder; /* the file's */
    char *scope;
    char *state;
    char *metrics; /* a folder; NULL: none */
    char *log;
    int keep;
    double rate;                          /* 0: the scan's default */
    char *ports;                          /* NULL: the catalogue's */
    char *engine, *vantage;               /* NULL: the scan's default, the scope's */
    char *languages[AUDIT_WORDS_MAX + 1]; /* NULL-ended, as those below */
    char *forms[AUDIT_WORDS_MAX + 1];
    char *catalogues[AUDIT_WORDS_MAX + 1];
    char *signatures[AUDIT_WORDS_MAX + 1]; /* keys of which one must have signed the scope */
    struct audit_command on_change, on_failure;
    int when; /* of enum audit_when */
    double falls_by;
    int overlap_waits; /* 0: an audit that finds another at work ends; 1: it waits */
    double fail_below; /* 0: no threshold */
    double deadline_h; /* for the whole; 0: none */
    bool wait;         /* for the scope's hours */
    int resume_days;   /* an unfinished run older than this is left, and a new one begun */
};

/* STATUS_WRONG_FILE: the complaints say what and where. The settings are to be given back in any case. */
MUST_USE enum status audit_settings_read(struct audit_settings *settings, const char *path,
                                         struct complaints *complaints);
/* The same from memory, as though it had been read from this path. */
MUST_USE enum status audit_settings_parse(struct audit_settings *settings, const char *path, const char *text,
                                          size_t size, struct complaints *complaints);
void audit_settings_deinit(struct audit_settings *settings);

#endif
