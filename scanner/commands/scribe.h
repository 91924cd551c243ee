#ifndef SCANNER_COMMANDS_SCRIBE_H
#define SCANNER_COMMANDS_SCRIBE_H

#include <uv.h>

#include "scanner/commands/keeper.h"
#include "scanner/commands/page.h"

/* Has a keeper write in a thread of its own what a scan tells, so that the scan never waits for a disk: the kernel would
   send SYNs of its own meanwhile. What is told between two calls of `settled` goes to the store in one transaction: at
   once when it cost a conversation, else every 20 ms. A sweep's record goes with all that it told, so beside a sweep it
   is every 20 ms and 200 ns for each byte of the record. */
struct scribe {
    struct keeper *keeper; /* the thread's, and its store too, from scribe_begin to scribe_end */
    struct scan_listener keeper_listener;
    struct page open; /* being told */
    struct scan_totals totals;
    const struct sweep *sweep; /* the scan's; NULL: none */
    uint64_t sweep_settled;    /* as it was handed over */
    uint64_t probes;           /* likewise */
    int64_t handed_ns;
    int64_t rest_ns; /* until the next is handed over */
    bool urgent;
    bool begun;
    _Atomic(enum status) status; /* the thread's last; after one that is not well nothing is handed over */
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t changed; /* `writing` or `ending` */
    /* What follows is the mutex's; the page that is written and all with it are the thread's while `writing`. */
    bool writing, ending;
    struct page written;
    struct scan_totals written_totals;
    uint8_t *written_sweep; /* as sweep_save gave it; NULL: none */
    size_t written_sweep_size;
};

/* keeper: borrowed. */
void scribe_init(struct scribe *scribe, struct keeper *keeper);
/* For the scan. What is told before the thread begins waits for it. An error of the keeper comes back from `settled`,
   later than what caused it. */
struct scan_listener scribe_listener(struct scribe *scribe);
/* Starts the thread, which has the rights that the caller has now. */
MUST_USE enum status scribe_begin(struct scribe *scribe);
/* All that was told since the thread began is kept, and the keeper is the caller's again: its first error, or STATUS_OK.
   To be called before the scan is freed, also when the thread never began. */
MUST_USE enum status scribe_end(struct scribe *scribe);

#endif
