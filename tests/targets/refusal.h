#ifndef TESTS_TARGETS_REFUSAL_H
#define TESTS_TARGETS_REFUSAL_H

#include "targets/scope.h"

/* A right scope file of two organizations; the tests change a word of it at a time. */
extern const char right_scope[];

/* `from` in the right scope becomes `to`, where an @ marks the place that the one complaint must name (none
   for the file as a whole), and the complaint must say `says`. */
struct refusal {
    const char *from, *to, *says;
};

void assert_refused(const struct refusal *refusals, size_t count);
/* The right scope, changed so, is read; the caller deinits it. */
void assert_read(struct scope *scope, const char *from, const char *to);

#endif
