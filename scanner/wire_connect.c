#include <stdlib.h>

#include "scanner/clock.h"
#include "scanner/wire.h"

#define MS_NS INT64_C(1000000)

/* One SYN in flight. */
struct attempt {
    struct wire_connect *engine;
    void *token;
    struct session *session; /* NULL: it is not in flight, but answered later */
    int64_t deadline_ns;
    struct attempt *older, *newer;
};

struct wire_connect {
    struct wire wire;
    uv_loop_t *loop;
    unsigned timeout_ms;
    struct wire_listener listener;
    struct attempt *oldest, *newest; /* in flight; all have the same time, so deadlines are in order */
};

static void join(struct attempt *attempt)
{
    struct wire_connect *engine = attempt->engine;
    attempt->older = engine->newest;
    if (engine->newest)
        engine->newest->newer = attempt;
    else
        engine->oldest = attempt;
    engine->newest = attempt;
}

static void part(struct attempt *attempt)
{
    struct wire_connect *engine = attempt->engine;
    if (attempt->older)
        attempt->older->newer = attempt->newer;
    else
        engine->oldest = attempt->newer;
    if (attempt->newer)
        attempt->newer->older = attempt->older;
    else
        engine->newest = attempt->older;
}

static void answer(struct attempt *attempt, enum wire_answer answer, struct session *session)
{
    struct wire_listener listener = attempt->engine->listener;
    void *token = attempt->token;
    if (attempt->session)
        part(attempt);
    free(attempt);
    listener.answered(listener.context, token, answer, session);
}

static void report_repeats(const struct attempt *attempt, const struct session *session)
{
    const struct wire_listener *listener = &attempt->engine->listener;
    unsigned repeats = session_repeats(session);
    if (repeats)
        listener->repeated(listener->context, attempt->token, repeats);
}

static void opened(void *owner, struct session *session)
{
    report_repeats(owner, session);
    answer(owner, WIRE_OPEN, session);
}

static enum wire_answer meaning(int uv_error)
{
    switch (uv_error) {
    case UV_ECONNREFUSED:
        return WIRE_CLOSED;
    case UV_EHOSTUNREACH:
    case UV_EHOSTDOWN:
    case UV_ENETUNREACH:
    case UV_ENONET:
    case UV_ENOPROTOOPT:
    case UV_EACCES:
    case UV_EPERM:
    case UV_EPROTO:
        return WIRE_UNREACHABLE;
    default:
        return WIRE_SILENT;
    }
}

static void failed(void *owner, struct session *session, int uv_error)
{
    report_repeats(owner, session);
    session_close(session);
    answer(owner, meaning(uv_error), NULL);
}

/* The listener adopts an open session at once, so these are never reached. */
static void unexpected(void *owner, struct session *session)
{
    (void)owner;
    session_close(session);
}

static void unexpected_tls(void *owner, struct session *session, bool done)
{
    (void)done;
    unexpected(owner, session);
}

static const struct session_owner calls = {
    .opened = opened,
    .failed = failed,
    .heard = unexpected,
    .secured = unexpected_tls,
    .ended = unexpected,
};

/* libuv reports most immediate errors by its return value; they are answered like the others, but later. */
struct late {
    uv_timer_t timer;
    struct attempt *attempt;
    enum wire_answer answer;
};

static void late_freed(uv_handle_t *handle)
{
    free(handle->data);
}

static void late_answer(uv_timer_t *timer)
{
    struct late *late = timer->data;
    answer(late->attempt, late->answer, NULL);
    uv_close((uv_handle_t *)timer, late_freed);
}

static enum status answer_later(struct attempt *attempt, enum wire_answer what)
{
    struct late *late = calloc(1, sizeof *late);
    if (!late)
        return STATUS_NO_MEMORY;
    late->attempt = attempt;
    late->answer = what;
    uv_timer_init(attempt->engine->loop, &late->timer);
    late->timer.data = late;
    return uv_timer_start(&late->timer, late_answer, 0, 0) == 0 ? STATUS_OK : STATUS_SYSTEM;
}

static enum status ask(struct wire *wire, const struct permit *permit, void *token)
{
    struct wire_connect *engine = (struct wire_connect *)(void *)wire;
    struct attempt *attempt = malloc(sizeof *attempt);
    if (!attempt)
        return STATUS_NO_MEMORY;
    *attempt = (struct attempt){.engine = engine, .token = token};
    enum status status = session_connect(engine->loop, permit, &calls, attempt, &attempt->session);
    if (status == STATUS_OK) {
        attempt->deadline_ns = clock_monotonic_ns() + engine->timeout_ms * MS_NS;
        join(attempt);
    }
    if (status == STATUS_SYSTEM)
        status = answer_later(attempt, session_may_retry(errno) ? WIRE_NOT_SENT : WIRE_UNROUTED);
    if (status != STATUS_OK)
        free(attempt);
    return status;
}

static int64_t give_up(struct wire *wire, int64_t now_ns)
{
    struct wire_connect *engine = (struct wire_connect *)(void *)wire;
    if (engine->oldest && engine->oldest->deadline_ns <= now_ns)
        session_give_up(engine->oldest->session);
    return engine->oldest ? engine->oldest->deadline_ns : INT64_MAX;
}

static void leave(struct wire *wire)
{
    struct wire_connect *engine = (struct wire_connect *)(void *)wire;
    int64_t now_ns = clock_monotonic_ns();
    for (struct attempt *attempt = engine->oldest; attempt; attempt = attempt->newer) {
        int64_t left_ns = attempt->deadline_ns - now_ns;
        session_set_deadline(attempt->session, left_ns > 0 ? (unsigned)(left_ns / MS_NS) : 0);
    }
}

static void wire_free(struct wire **wire)
{
    free(*wire);
    *wire = NULL;
}

enum status wire_connect_new(uv_loop_t *loop, unsigned timeout_ms, struct wire_listener listener,
                             struct wire **wire_out)
{
    struct wire_connect *engine = calloc(1, sizeof *engine);
    *wire_out = engine ? &engine->wire : NULL;
    if (!engine)
        return STATUS_NO_MEMORY;
    engine->wire =
        (struct wire){.name = "connect", .ask = ask, .give_up = give_up, .leave = leave, .free = wire_free};
    engine->loop = loop;
    engine->timeout_ms = timeout_ms;
    engine->listener = listener;
    return STATUS_OK;
}
