#ifndef SCANNER_RESOLVER_CHILD_H
#define SCANNER_RESOLVER_CHILD_H

#include "targets/address.h"

/* Between the two processes of a resolver: what the one that asks writes into the pipe. */

enum answer_kind {
    ANSWER_ADDRESS,
    ANSWER_MORE, /* it has more addresses than are told */
    ANSWER_DONE, /* nothing more of this name; `code` is getaddrinfo's */
};

struct resolver_answer {
    uint32_t name;
    uint32_t kind;
    int32_t code;
    uint32_t unused; /* 0: no byte of the pipe is undefined */
    struct address address;
};

/* Gives up every privilege, asks, and ends the process. */
_Noreturn void resolver_child(const char *const *names, size_t count, int pipe);

#endif
