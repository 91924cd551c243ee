#ifndef SCANNER_COMMANDS_STORE_LOCK_H
#define SCANNER_COMMANDS_STORE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "targets/status.h"

/* Who scans into a store: a POSIX record lock (fcntl(2)) on the file "STORE.lock" beside it. The kernel knows its
   holder and takes it back when that process ends, however it does: a file that was left behind means nothing. */
struct store_lock {
    char *path; /* NULL: not held */
    int file;
};

/* holder_out where it is not known: in another PID namespace, or on another machine. */
#define STORE_LOCK_ELSEWHERE 0

/* Takes it for this process, not for its children. -1: it is ours; otherwise the exit code, and why not was said. */
int store_lock_take(struct store_lock *lock, const char *store);
/* Lets go and takes the file away; nothing when it is not held. */
void store_lock_release(struct store_lock *lock);
/* Who has it: *held_out and, then, *holder_out. The store need not exist. STATUS_SYSTEM: errno, as when the file is
   another user's. */
MUST_USE enum status store_lock_holder(const char *store, bool *held_out, pid_t *holder_out);

#endif
