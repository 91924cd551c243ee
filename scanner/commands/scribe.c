#include "scanner/commands/scribe.h"

#include <signal.h>
#include <stdlib.h>

#include "scanner/clock.h"

#define HAND_EVERY_NS 20000000 /* what is lost within that is only asked again */
#define SWEEP_BYTE_NS 200      /* a sweep's record is written at 5 MB a second at most */
#define SAVE_SHARE    200      /* of a sweep's time one part in so many at most: nothing is sent meanwhile */
#define SAVE_LAST_NS  80000000 /* that it never waits beyond */
#define ENTRIES_MAX   65536 /* that are told while a page is being written; then the scan waits for the disk */

/* --- the thread --- */

static enum status write_page(struct scribe *scribe)
{
    enum status status = page_tell(&scribe->written, &scribe->keeper_listener);
    page_clear(&scribe->written);
    if (status != STATUS_OK)
        return status;
    status = keeper_settle(scribe->keeper, &scribe->written_totals, scribe->written_sweep,
                           scribe->written_sweep_size);
    scribe->written_sweep = NULL;
    return status;
}

static void write_pages(void *context)
{
    struct scribe *scribe = context;
    uv_mutex_lock(&scribe->mutex);
    for (;;) {
        while (!scribe->writing && !scribe->ending)
            uv_cond_wait(&scribe->changed, &scribe->mutex);
        if (!scribe->writing)
            break;
        uv_mutex_unlock(&scribe->mutex);
        scribe->status = write_page(scribe); /* after an error nothing is handed over any more */
        uv_mutex_lock(&scribe->mutex);
        scribe->writing = false;
        uv_cond_signal(&scribe->changed);
    }
    uv_mutex_unlock(&scribe->mutex);
}

/* --- the scan's side --- */

/* false: a page is still being written. */
static bool is_free(struct scribe *scribe, bool wait)
{
    uv_mutex_lock(&scribe->mutex);
    while (wait && scribe->writing)
        uv_cond_wait(&scribe->changed, &scribe->mutex);
    bool writing = scribe->writing;
    uv_mutex_unlock(&scribe->mutex);
    return !writing;
}

static enum status save_sweep(struct scribe *scribe)
{
    int64_t begun_ns = clock_monotonic_ns();
    enum status status = sweep_save(scribe->sweep, &scribe->written_sweep, &scribe->written_sweep_size);
    int64_t most_ns = (clock_monotonic_ns() - begun_ns) * SAVE_SHARE;
    int64_t bytes_ns = HAND_EVERY_NS + (int64_t)scribe->written_sweep_size * SWEEP_BYTE_NS;
    most_ns = most_ns < SAVE_LAST_NS ? most_ns : SAVE_LAST_NS;
    scribe->rest_ns = bytes_ns > most_ns ? bytes_ns : most_ns;
    scribe->sweep_settled = scribe->sweep->totals.settled;
    return status;
}

/* The thread has nothing to do. A sweep is stored with what it told, so that the two always belong together. */
static enum status hand_over(struct scribe *scribe)
{
    enum status status = scribe->sweep ? save_sweep(scribe) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    struct page empty = scribe->written;
    scribe->written = scribe->open;
    scribe->open = empty;
    scribe->written_totals = scribe->totals;
    scribe->probes = scribe->totals.probes;
    scribe->urgent = false;
    scribe->handed_ns = clock_monotonic_ns();
    uv_mutex_lock(&scribe->mutex);
    scribe->writing = true;
    uv_cond_signal(&scribe->changed);
    uv_mutex_unlock(&scribe->mutex);
    return STATUS_OK;
}

static bool has_changed(const struct scribe *scribe)
{
    return scribe->open.count || scribe->totals.probes != scribe->probes ||
           (scribe->sweep && scribe->sweep->totals.settled != scribe->sweep_settled);
}

static bool is_due(const struct scribe *scribe)
{
    if (!has_changed(scribe))
        return false;
    return (scribe->urgent && !scribe->sweep) || scribe->open.count >= ENTRIES_MAX ||
           clock_monotonic_ns() - scribe->handed_ns > scribe->rest_ns;
}

static enum status settled(void *context, const struct scan_totals *totals, const struct sweep *sweep)
{
    struct scribe *scribe = context;
    scribe->totals = *totals;
    scribe->sweep = sweep;
    bool due = is_due(scribe) && is_free(scribe, scribe->open.count >= ENTRIES_MAX);
    return due && scribe->status == STATUS_OK ? hand_over(scribe) : scribe->status;
}

static enum status pending(void *context, uint64_t number, unsigned attempts)
{
    struct scribe *scribe = context;
    return page_pending(&scribe->open, number, attempts);
}

static enum status finished(void *context, uint64_t number, const struct organization *organization,
                            struct address address, struct port port, enum endpoint_state state,
                            const struct observation *observation)
{
    struct scribe *scribe = context;
    scribe->urgent |= observation != NULL;
    return page_finished(&scribe->open, number, organization, address, port, state, observation);
}

static enum status judged(void *context, const struct organization *organization, struct address address,
                          enum host_control control)
{
    struct scribe *scribe = context;
    scribe->urgent = true;
    return page_judged(&scribe->open, organization, address, control);
}

static enum status swept(void *context, const struct organization *organization, struct port port,
                         enum endpoint_state state)
{
    struct scribe *scribe = context;
    return page_swept(&scribe->open, organization, port, state);
}

static enum status heard(void *context, const struct organization *organization, struct address address)
{
    struct scribe *scribe = context;
    return page_heard(&scribe->open, organization, address);
}

/* That is only said, and at once. */
static void watched(void *context, const struct watched *watched)
{
    const struct scribe *scribe = context;
    scribe->keeper_listener.watched(scribe->keeper_listener.context, watched);
}

struct scan_listener scribe_listener(struct scribe *scribe)
{
    return (struct scan_listener){
        .context = scribe,
        .pending = pending,
        .finished = finished,
        .judged = judged,
        .swept = swept,
        .heard = heard,
        .watched = watched,
        .settled = settled,
    };
}

/* --- beginning and end --- */

/* Signals are the scan's. */
static bool start_thread(struct scribe *scribe)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool started = uv_thread_create(&scribe->thread, write_pages, scribe) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

void scribe_init(struct scribe *scribe, struct keeper *keeper)
{
    *scribe = (struct scribe){.keeper = keeper, .rest_ns = HAND_EVERY_NS};
    scribe->keeper_listener = keeper_listener(keeper);
}

enum status scribe_begin(struct scribe *scribe)
{
    if (uv_mutex_init(&scribe->mutex) != 0)
        return STATUS_SYSTEM;
    if (uv_cond_init(&scribe->changed) == 0) {
        scribe->begun = start_thread(scribe);
        if (scribe->begun)
            return STATUS_OK;
        uv_cond_destroy(&scribe->changed);
    }
    uv_mutex_destroy(&scribe->mutex);
    return STATUS_SYSTEM;
}

/* The last page, and the thread's end. */
static enum status finish(struct scribe *scribe)
{
    (void)is_free(scribe, true);
    enum status status = scribe->status;
    if (status == STATUS_OK) /* whatever has changed: the rate, too */
        status = hand_over(scribe);
    uv_mutex_lock(&scribe->mutex);
    scribe->ending = true;
    uv_cond_signal(&scribe->changed);
    uv_mutex_unlock(&scribe->mutex);
    uv_thread_join(&scribe->thread);
    uv_cond_destroy(&scribe->changed);
    uv_mutex_destroy(&scribe->mutex);
    scribe->begun = false;
    return scribe->status != STATUS_OK ? scribe->status : status;
}

enum status scribe_end(struct scribe *scribe)
{
    enum status status = scribe->begun ? finish(scribe) : STATUS_OK;
    free(scribe->written_sweep);
    scribe->written_sweep = NULL;
    page_deinit(&scribe->written);
    page_deinit(&scribe->open);
    return status;
}
