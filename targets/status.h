#ifndef TARGETS_STATUS_H
#define TARGETS_STATUS_H

#include <errno.h>

/* What a call on system or memory can come to. Network bytes never make one: they become observations.
   Mistakes in a user's file are complaints (complaint.h) and STATUS_WRONG_FILE. */
enum status {
    STATUS_OK = 0,
    STATUS_NO_MEMORY,
    STATUS_SYSTEM,       /* errno says which */
    STATUS_WRONG_FILE,   /* the complaints say what and where; exit 2 */
    STATUS_UNAUTHORIZED, /* exit 3 */
    STATUS_MISMATCH,     /* a checkpoint or record belongs to something else; exit 2 */
    STATUS_INTERRUPTED,  /* exit 130 */
    STATUS_STORE,        /* SQLite; the store keeps its message */
    STATUS_LIMIT,        /* a cap of ours was reached */
};

#define MUST_USE __attribute__((warn_unused_result))

#endif
