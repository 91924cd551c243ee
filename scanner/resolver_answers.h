#ifndef SCANNER_RESOLVER_ANSWERS_H
#define SCANNER_RESOLVER_ANSWERS_H

#include "scanner/resolver.h"

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

/* The names that are asked for, on the side that does not trust the other one: what can't be is passed over, each name
   has NAMES_ADDRESSES_MAX addresses at most, and is told of to its end once. */
struct resolver_answers {
    const struct resolver_listener *listener;
    struct asked *asked; /* one a name */
    size_t count;
    size_t done; /* of them */
};
MUST_USE enum status resolver_answers_init(struct resolver_answers *answers, size_t count,
                                           const struct resolver_listener *listener);
void resolver_answers_deinit(struct resolver_answers *answers);
/* The listener's error comes back. */
MUST_USE enum status resolver_answers_take(struct resolver_answers *answers,
                                           const struct resolver_answer *answer);
/* No more will come, for the reason `why`, static: those that are not told of to their end are missing. */
MUST_USE enum status resolver_answers_end(struct resolver_answers *answers, const char *why);

#endif
