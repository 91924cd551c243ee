#ifndef SCANNER_COMMANDS_SUBJECT_H
#define SCANNER_COMMANDS_SUBJECT_H

#include "scanner/commands/options.h"
#include "scoring/census.h"

/* Whom compare and baseline build are about: organizations of a store, as SHARED_SUBJECT names them. */

#define SUBJECT_HELP                                                                                         \
    HELP_ORGANIZATION                                                                                        \
    "      --group KEY=VALUE    only organizations whose tag has this value, as "                            \
    "province=Guangdong\n" HELP_VANTAGE                                                                      \
    "      --catalogue FILE     the catalogue, whose g the indices are read by; repeatable\n"

struct census_options subject_options(const struct shared *shared);
/* Opens the store and counts; -1, or an exit code after saying what is wrong. The store is closed again. */
int subject_count(const struct census_options *options, const char *path, const struct exposures *exposures,
                  struct census *census_out);

#endif
