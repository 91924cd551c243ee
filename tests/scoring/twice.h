#ifndef TESTS_TWICE_H
#define TESTS_TWICE_H

#include "rounds.h"

/* Endpoints of rounds, in short. */
#define COUNT(array)     (sizeof(array) / sizeof *(array))
#define ENDPOINTS(array) .endpoints = (array), .count = COUNT(array)
#define MYSQL(host)                                                                                          \
    {                                                                                                        \
        NULL, host, 3306, "mysql", "MySQL", "9.7.0"                                                          \
    }
#define SSH(host)                                                                                            \
    {                                                                                                        \
        NULL, host, 22, "ssh", "OpenSSH", "9.9"                                                              \
    }
#define ANSWERS(host)                                                                                        \
    {                                                                                                        \
        NULL, host, 0, NULL, NULL, NULL                                                                      \
    }

/* Two scans and what changed from one to the other. */
struct twice {
    struct rounds rounds;
    struct store_run before, after;
    struct changes changes;
};

/* Both scans, of a scope with this in it (NULL: nothing more), and what changed; to be done with in the end. */
void twice_compare(struct twice *twice, const char *scope, const struct round *before,
                   const struct round *after);
void twice_done(struct twice *twice);
/* The change of an item at a host; how many there are of a kind; an organization's part. */
void twice_is(const struct twice *twice, const char *item, uint32_t host, enum change_kind kind,
              enum change_reason reason);
void twice_counts(const struct twice *twice, enum change_kind kind, uint64_t count);
const struct organization_change *twice_row(const struct twice *twice, const char *id);

#endif
