#include "scanner/dispatch.h"

#include "scanner/clock.h"

static void on_tick(uv_timer_t *timer)
{
    struct dispatch *dispatch = timer->data;
    int64_t now_ns = clock_monotonic_ns();
    for (struct endpoint *endpoint = dispatch->active, *next; endpoint; endpoint = next) {
        next = endpoint_next(endpoint);
        endpoint_check(endpoint, now_ns);
    }
    if (!dispatch->active)
        uv_timer_stop(timer);
}

enum status dispatch_init(struct dispatch *dispatch, uv_loop_t *loop, const struct dispatch_options *options,
                          const struct dispatch_listener *listener)
{
    *dispatch = (struct dispatch){.loop = loop, .options = *options, .listener = *listener};
    uv_timer_init(loop, &dispatch->tick);
    dispatch->tick.data = dispatch;
    uv_timer_start(&dispatch->tick, on_tick, DISPATCH_TICK_MS, DISPATCH_TICK_MS);
    uv_timer_stop(&dispatch->tick);
    return tls_client_new(&dispatch->tls);
}

void dispatch_stop(struct dispatch *dispatch)
{
    while (dispatch->active)
        endpoint_abandon(dispatch->active);
    uv_timer_stop(&dispatch->tick);
    if (!uv_is_closing((uv_handle_t *)&dispatch->tick))
        uv_close((uv_handle_t *)&dispatch->tick, NULL);
}

void dispatch_deinit(struct dispatch *dispatch)
{
    tls_client_free(&dispatch->tls);
}
