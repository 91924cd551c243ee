#ifndef SCANNER_COMMANDS_SUBJECT_H
#define SCANNER_COMMANDS_SUBJECT_H

#include "scanner/commands/option.h"
#include "scoring/census.h"

/* Whom compare and baseline build are about: organizations of a store, and the catalogue that their indices are
   read by. */
struct subject {
    struct census_options options;
    const char *catalogues[OPTION_SOURCES_MAX];
    size_t catalogues_count;
    enum language language;
};

enum { SUBJECT_ORGANIZATION = 512, SUBJECT_GROUP, SUBJECT_VANTAGE, SUBJECT_CATALOGUE, SUBJECT_LANGUAGE };

/* Their long options, for a command's table. */
#define SUBJECT_OPTIONS                                                                                      \
    {"org", required_argument, NULL, SUBJECT_ORGANIZATION},                                                  \
        {"group", required_argument, NULL, SUBJECT_GROUP},                                                   \
        {"vantage", required_argument, NULL, SUBJECT_VANTAGE},                                               \
        {"catalogue", required_argument, NULL, SUBJECT_CATALOGUE},                                           \
    {                                                                                                        \
        "lang", required_argument, NULL, SUBJECT_LANGUAGE                                                    \
    }

#define SUBJECT_HELP                                                                                         \
    "      --org ID             only this organization\n"                                                    \
    "      --group KEY=VALUE    only organizations whose tag has this value, as province=Guangdong\n"        \
    "      --vantage WHERE      only runs that looked from there: internet, partner or internal\n"           \
    "      --catalogue FILE     the catalogue, whose g the indices are read by; repeatable\n"

/* Takes one of them. `value` is kept and changed. False: it was wrong, and that was said. */
bool subject_take(struct subject *subject, int option, char *value);
/* Opens the store and counts; -1, or an exit code after saying what is wrong. The store is closed again. */
int subject_count(const struct subject *subject, const char *path, const struct exposures *exposures,
                  struct census *census_out);

#endif
