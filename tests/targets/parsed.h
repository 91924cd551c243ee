#ifndef TESTS_TARGETS_PARSED_H
#define TESTS_TARGETS_PARSED_H

#include "targets/scope.h"

/* A scope file that must be read without a complaint; the caller deinits the scope. */
void assert_parsed(struct scope *scope, const char *text);

#endif
