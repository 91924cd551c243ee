#ifndef SCANNER_COMMANDS_OPTIONS_H
#define SCANNER_COMMANDS_OPTIONS_H

#include <getopt.h>
#include <stddef.h>

#include "scanner/commands/option.h"

/* The options of a command, as data. */

/* One option: its name as it is typed, its letter or 0, the reader of its value (option.h; option_flag: it has none),
   and where in the command's settings that puts it. */
struct option_row {
    const char *name; /* "--literal" */
    char letter;
    bool (*take)(const char *option, char *value, void *place);
    size_t place;
};

/* What several commands take, and below, the options that set it. Texts are borrowed from argv. */
struct shared {
    const char *scope_path;
    const char *store_path;  /* auscult.db where none was named */
    const char *run;         /* NULL: the newest */
    const char *only;        /* one organization; NULL: all */
    const char *key, *value; /* only organizations whose tag `key` has the value; NULL: all */
    const char *baseline;
    const char *deadlines;    /* a file; NULL: the built-in ones */
    const char *vantage_name; /* NULL: it was not given */
    enum vantage vantage;     /* where it was */
    struct sources catalogues;
    struct ports ports; /* the caller's to deinit; none: the catalogue's */
    struct outputs outputs;
    struct fail_on fail_on;
    double fail_below; /* 0: no threshold */
    bool without_addresses, force;
    enum language language;
};
enum {
    SHARED_BASELINE = 1 << 0,
    SHARED_CATALOGUE = 1 << 1,
    SHARED_DEADLINES = 1 << 2,
    SHARED_FAIL_BELOW = 1 << 3,
    SHARED_FAIL_ON = 1 << 4,
    SHARED_FORCE = 1 << 5,
    SHARED_GROUP = 1 << 6,
    SHARED_LANGUAGE = 1 << 7,
    SHARED_ORGANIZATION = 1 << 8,
    SHARED_OUTPUT = 1 << 9,
    SHARED_PORTS = 1 << 10,
    SHARED_RUN = 1 << 11,
    SHARED_SCOPE = 1 << 12,
    SHARED_STORE = 1 << 13,
    SHARED_VANTAGE = 1 << 14,
    SHARED_WITHOUT_ADDRESSES = 1 << 15,
    /* Whom compare and baseline build are about. */
    SHARED_SUBJECT = SHARED_ORGANIZATION | SHARED_GROUP | SHARED_VANTAGE | SHARED_CATALOGUE | SHARED_LANGUAGE,
};

/* Lines of --help that several commands have. */
#define HELP_ORGANIZATION "      --org ID             only this organization\n"
#define HELP_CATALOGUE    "      --catalogue FILE     another catalogue, or one that extends it; repeatable\n"
#define HELP_KEPT_SCOPE   "      --scope FILE         in place of the scope file that the store kept\n"
#define HELP_DEADLINES                                                                                       \
    "      --deadlines FILE     by when findings are to be mended, in place of the built-in rules\n"
#define HELP_VANTAGE                                                                                         \
    "      --vantage WHERE      only runs that looked from there: internet, partner or internal\n"
#define HELP_FORMS                                                                                           \
    "  -o, --output FORM[=FILE]   repeatable; - is standard output; the forms are\n"                         \
    "                           {forms}\n"
#define HELP_FEW_FORMS "  -o, --output FORM[=FILE]   table, json or jsonl; repeatable\n"
#define HELP_LANGUAGE  "      --lang zh|en   -h, --help\n"

/* How a command reads its options. */
struct options {
    const char *command;
    const char *help;        /* "{forms}" in it stands for the names of report_forms, wrapped */
    void (*help_more)(void); /* prints what follows the help; NULL: nothing */
    unsigned shared;         /* SHARED_…; when there are any, the settings begin with a struct shared */
    const struct option_row *own;           /* up to a row without name; NULL: none */
    const struct report_form *const *forms; /* of --output; NULL: report_forms */
    const char *wants; /* "want one scope file", where so many arguments were not given */
    int least, most;   /* how many; counted only where there is `wants` */
};
/* Reads argv into the settings, which are zero but for the command's own defaults. -1: go on, optind being the first
   argument that is no option; otherwise the exit code, said on standard error. */
int options_read(const struct options *options, void *settings, int argc, char **argv);
/* Says what the command wants; the exit code. */
int options_refuse(const struct options *options);

#endif
