#ifndef SCANNER_COMMANDS_DRAFT_H
#define SCANNER_COMMANDS_DRAFT_H

#include <stdio.h>

#include "scanner/commands/options.h"
#include "targets/complaint.h"

/* A scope file in the making: one value a line, and for each line where it came from, so that what the reader of scope
   files (targets/scope.h) finds wrong with it is said about the place where a person wrote it. */

struct place {
    unsigned line, column; /* of the list; 0: it came from an option */
    const char *option;    /* "--until" */
};

struct draft_value {
    const char *text; /* NULL: there is none */
    struct place place;
};

struct draft_list {
    struct draft_value *items;
    size_t count, capacity;
};
/* False when memory is out; the text is borrowed. */
bool draft_list_add(struct draft_list *list, struct draft_value value);

struct draft_organization {
    struct place place;
    struct draft_value id, name, province, level, informatization;
    struct draft_list ranges, fragile, domains;
};
/* Its lists; the texts are whoever's they are. */
void draft_organization_deinit(struct draft_organization *organization);

/* What the authorization says, in the order of the file; the options of `scope init` and `scope from` have these names. */
enum draft_part {
    DRAFT_REFERENCE,
    DRAFT_BY,
    DRAFT_CONTACT,
    DRAFT_FROM,
    DRAFT_UNTIL,
    DRAFT_REQUIRED, /* the first that may be left out */
    DRAFT_HOURS = DRAFT_REQUIRED,
    DRAFT_TIMEZONE,
    DRAFT_MAX_RATE,
    DRAFT_MAX_RATE_PER_HOST,
    DRAFT_MAX_RATE_PER_NETWORK,
    DRAFT_PORTS,
    DRAFT_EXCLUDE_PORTS,
    DRAFT_VANTAGE,
    DRAFT_EXCLUDE,
    DRAFT_PARTS
};
struct draft_authorization {
    const char *values[DRAFT_PARTS][OPTION_SOURCES_MAX]; /* borrowed */
    size_t counts[DRAFT_PARTS];
};
/* "--until"; static. */
const char *draft_option(enum draft_part part);
/* For a command's table; `place` is that of its struct draft_authorization. */
#define DRAFT_ROWS(place)                                                                                    \
    {"--reference", 0, draft_take, place}, {"--by", 0, draft_take, place},                                   \
        {"--contact", 0, draft_take, place}, {"--from", 0, draft_take, place},                               \
        {"--until", 0, draft_take, place}, {"--hours", 0, draft_take, place},                                \
        {"--timezone", 0, draft_take, place}, {"--max-rate", 0, draft_take, place},                          \
        {"--max-rate-per-host", 0, draft_take, place}, {"--max-rate-per-network", 0, draft_take, place},     \
        {"--ports", 0, draft_take, place}, {"--exclude-ports", 0, draft_take, place},                        \
        {"--vantage", 0, draft_take, place},                                                                 \
    {                                                                                                        \
        "--exclude", 0, draft_take, place                                                                    \
    }
/* The part of --help that explains them. */
#define DRAFT_HELP                                                                                           \
    "      --reference TEXT   what authorizes the scan: a contract, a letter, a decree\n"                    \
    "      --by TEXT          who signed it\n"                                                               \
    "      --contact TEXT     whom to call while a scan runs\n"                                              \
    "      --from DAY         the first day, like 2026-01-01\n"                                              \
    "      --until DAY        the last day\n"                                                                \
    "      --hours SPAN       when it may be scanned, like 22:00-06:00; repeatable; all hours otherwise\n"   \
    "      --timezone ZONE    of the hours, like Asia/Shanghai; this machine's otherwise\n"                  \
    "      --max-rate N       probes a second in total\n"                                                    \
    "      --max-rate-per-host N\n"                                                                          \
    "      --max-rate-per-network N   to one IPv4 /24 or IPv6 /64\n"                                         \
    "      --ports LIST       only these ports, like 22,8000-8100\n"                                         \
    "      --exclude-ports LIST   never these; printers' otherwise\n"                                        \
    "      --vantage WHERE    internet, partner or internal: from where it is scanned\n"                     \
    "      --exclude RANGE    never these addresses; repeatable\n"
/* Takes such an option into a struct draft_authorization; false and a message for a value too many. */
bool draft_take(const char *option, char *value, void *place);
/* False, and a message that names them, when a required one is missing. */
bool draft_is_complete(const struct draft_authorization *authorization, const char *command);

struct draft {
    FILE *out;
    char *text; /* good after draft_write */
    size_t size;
    struct place *places; /* of each line */
    size_t lines, capacity;
    unsigned depth;
    bool begun; /* something stands before in the object or array that is open */
    bool failed;
};
/* The whole file. STATUS_NO_MEMORY; the draft is to be deinited in any case. */
MUST_USE enum status draft_write(struct draft *draft, const struct draft_authorization *authorization,
                                 struct draft_organization *const *organizations, size_t count);
void draft_deinit(struct draft *draft);
/* STATUS_WRONG_FILE: it is no scope; the complaints say where the list or the options are wrong. */
MUST_USE enum status draft_check(const struct draft *draft, struct complaints *complaints);
/* Writes it to a file that must not be there yet, or to standard output (NULL). */
MUST_USE enum status draft_save(const struct draft *draft, const char *path);

#endif
