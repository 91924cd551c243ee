#ifndef SCANNER_COMMANDS_JOURNAL_CHECK_H
#define SCANNER_COMMANDS_JOURNAL_CHECK_H

#include "scanner/commands/journal.h"

/* Is a log what was written, and if not, where does it first differ? */

enum journal_fault {
    JOURNAL_WHOLE,
    JOURNAL_ALTERED,
    JOURNAL_REMOVED,
    JOURNAL_INSERTED,
    JOURNAL_REORDERED,
    JOURNAL_TORN, /* half a record, although the head says that it was whole */
};

struct journal_verdict {
    enum journal_fault fault; /* the first; the rest of the chain is not looked at then */
    uint64_t line;            /* from 1; where the fault shows */
    uint64_t seq;             /* of the record that it concerns */
    uint64_t other_line;      /* of reordered ones: where that record is; 0: none */
    struct journal_head last; /* of those that are right */
    uint64_t torn;            /* places where a crash left half a record, each marked by the next */
    bool torn_end;            /* and at the end, not marked yet */
    bool ahead_of_head;       /* by one record: a crash between the two */
    bool without_head;        /* what was taken from the end can't be told */
};

/* What the text must lead to. */
struct journal_expectation {
    const struct journal_head *head; /* NULL: FILE.head is not there */
    const char *hash; /* that some record must have: it was written down elsewhere; NULL: none */
};

/* Bytes of a log; what they are is the callee's to find out. Each record that is right goes to `each`, in order,
   where one is given. */
struct journal_verdict journal_check(const char *text, size_t size,
                                     const struct journal_expectation *expectation,
                                     void (*each)(void *context, const char *line, size_t size),
                                     void *context);
/* "altered"; static. */
const char *journal_fault_name(enum journal_fault fault);

#endif
