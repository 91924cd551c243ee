#ifndef SCANNER_RESOLVER_CHILD_H
#define SCANNER_RESOLVER_CHILD_H

#include <stddef.h>

/* Gives up every privilege, asks for the names, writes what becomes of them into the pipe (resolver_answers.h), and ends
   the process. */
_Noreturn void resolver_child(const char *const *names, size_t count, int pipe);

#endif
