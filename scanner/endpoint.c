#include "scanner/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "probes/endpoint.h"
#include "scanner/clock.h"

#define INNER_WAIT_MS 1000 /* for a greeting inside TLS on a port of unknown use */

static const char out_of_time[] = "its host had its time (host deadline)";

struct endpoint *endpoint_of(struct ask *ask)
{
    return (struct endpoint *)(void *)ask;
}

struct endpoint *endpoint_next(struct endpoint *endpoint)
{
    return endpoint->next;
}

/* --- ends --- */

static void freed(uv_handle_t *handle)
{
    struct endpoint *endpoint = handle->data;
    observation_deinit(&endpoint->observation);
    free(endpoint);
}

void endpoint_drop_session(struct endpoint *endpoint)
{
    const struct dispatch_listener *listener = &endpoint->dispatch->listener;
    if (endpoint->session) {
        session_close(endpoint->session);
        endpoint->host->sockets--;
    }
    if (endpoint->permit)
        listener->release(listener->context, endpoint->permit);
    endpoint->session = NULL;
    endpoint->permit = NULL;
    endpoint->inside_tls = endpoint->secured = false;
}

static void count_not_slow(struct endpoint *endpoint, int64_t now_ns)
{
    struct host *host = endpoint->host;
    if (!endpoint->counted_slow)
        return;
    endpoint->counted_slow = false;
    if (--host->slow == 0)
        host->slow_ns += now_ns - host->slow_from_ns;
}

/* Out of every list; the memory goes when libuv has let go of the timer. An ask that is still queued must not
 * be. */
static void leave(struct endpoint *endpoint)
{
    endpoint->stage = STAGE_OVER;
    endpoint_drop_session(endpoint);
    candidate_end_alone(endpoint);
    count_not_slow(endpoint, clock_monotonic_ns());
    *endpoint->link = endpoint->next;
    if (endpoint->next)
        endpoint->next->link = endpoint->link;
    endpoint->dispatch->active_count--;
    endpoint->host->endpoints--;
    schedule_drop(&endpoint->ask);
    uv_close((uv_handle_t *)&endpoint->wait, freed);
}

void endpoint_abandon(struct endpoint *endpoint)
{
    leave(endpoint);
}

void endpoint_finish(struct endpoint *endpoint, const char *why_unknown)
{
    const struct dispatch_listener *listener = &endpoint->dispatch->listener;
    struct observation *observation = &endpoint->observation;
    endpoint->host->talked += endpoint->spoke;
    endpoint_observe(observation, endpoint->connections, !endpoint->spoke);
    if (endpoint->context.host != endpoint->host_text)
        endpoint_observe_name(observation, endpoint->context.host);
    if (why_unknown) {
        observation->service = "unknown";
        endpoint_observe_unidentified(observation, why_unknown);
    }
    observation->time_ms = clock_epoch_ms();
    void *token = endpoint->token;
    leave(endpoint);
    listener->done(listener->context, token, observation);
}

void endpoint_pause(struct endpoint *endpoint)
{
    int64_t now_ns = clock_monotonic_ns();
    uv_timer_stop(&endpoint->wait);
    count_not_slow(endpoint, now_ns);
    endpoint->paused_ns = now_ns;
}

void endpoint_continue(struct endpoint *endpoint)
{
    if (endpoint->paused_ns)
        endpoint->begun_ns += clock_monotonic_ns() - endpoint->paused_ns;
    endpoint->paused_ns = 0;
}

void endpoint_ask(struct endpoint *endpoint, enum purpose purpose)
{
    const struct dispatch_listener *listener = &endpoint->dispatch->listener;
    endpoint_drop_session(endpoint);
    endpoint->purpose = purpose;
    endpoint->stage = STAGE_ASKING;
    endpoint_pause(endpoint);
    if (listener->wants(listener->context, endpoint, &endpoint->ask) != STATUS_OK)
        endpoint_finish(endpoint, "out of memory");
}

void endpoint_await_greeting(struct endpoint *endpoint)
{
    const struct probe *own = endpoint->own;
    bool use_own = own && endpoint->inside_tls == endpoint->own_in_tls;
    unsigned ms = use_own && own->greeting_ms ? own->greeting_ms : PROBE_GREETING_MS;
    endpoint->stage = STAGE_LISTENING;
    endpoint_wait(endpoint, endpoint->inside_tls && !endpoint->own_in_tls ? INNER_WAIT_MS : ms);
}

static void greeting_over(struct endpoint *endpoint, enum probe_event event)
{
    if (session_in(endpoint->session).size) {
        candidate_offer(endpoint, event);
    } else if (endpoint->own && endpoint->own->manner == PROBE_PASSIVE && !endpoint->inside_tls) {
        endpoint->purpose = PURPOSE_OWN;
        conversation_clear(endpoint);
        conversation_activate(endpoint, endpoint->own);
        conversation_speak(endpoint, event);
    } else if (event == PROBE_ENDED) {
        endpoint_finish(endpoint, "it closes the connection before anything was said");
    } else {
        candidate_next(endpoint);
    }
}

static void on_wait(uv_timer_t *timer)
{
    struct endpoint *endpoint = timer->data;
    switch (endpoint->stage) {
    case STAGE_LISTENING:
        greeting_over(endpoint, PROBE_QUIET);
        break;
    case STAGE_SPEAKING:
        conversation_speak(endpoint, PROBE_QUIET);
        break;
    case STAGE_SECURING:
        conversation_unsecured(endpoint);
        break;
    case STAGE_GAP:
        endpoint_ask(endpoint, endpoint->purpose);
        break;
    case STAGE_ALONE:
        candidate_alone(endpoint);
        break;
    case STAGE_ASKING:
    case STAGE_OVER:
        break;
    }
}

void endpoint_wait(struct endpoint *endpoint, unsigned ms)
{
    uv_update_time(endpoint->dispatch->loop);
    uv_timer_start(&endpoint->wait, on_wait, ms, 0);
}

static void keep_evidence(struct endpoint *endpoint)
{
    struct observation *observation = &endpoint->observation;
    struct span bytes = session_in(endpoint->session);
    endpoint->spoke = true;
    bool further = endpoint->purpose == PURPOSE_LEGACY || endpoint->purpose == PURPOSE_ROUND;
    if (endpoint->consumed || (further && observation->evidence_size))
        return;
    observation->evidence_size =
        bytes.size < OBSERVATION_EVIDENCE_MAX ? bytes.size : OBSERVATION_EVIDENCE_MAX;
    memcpy(observation->evidence, bytes.bytes, observation->evidence_size);
}

static void heard(void *owner, struct session *session)
{
    struct endpoint *endpoint = owner;
    (void)session;
    keep_evidence(endpoint);
    if (endpoint->stage == STAGE_LISTENING)
        candidate_offer(endpoint, PROBE_HEARD);
    else if (endpoint->stage == STAGE_SPEAKING)
        conversation_speak(endpoint, PROBE_HEARD);
}

static void secured(void *owner, struct session *session, bool done)
{
    struct endpoint *endpoint = owner;
    (void)session;
    endpoint->spoke = true;
    if (done)
        conversation_secured(endpoint);
    else
        conversation_unsecured(endpoint);
}

static void ended(void *owner, struct session *session)
{
    struct endpoint *endpoint = owner;
    (void)session;
    if (endpoint->stage == STAGE_LISTENING) {
        greeting_over(endpoint, PROBE_ENDED);
    } else if (endpoint->stage == STAGE_SPEAKING) {
        conversation_speak(endpoint, PROBE_ENDED);
    } else if (endpoint->stage == STAGE_SECURING) {
        conversation_unsecured(endpoint);
    } else if (endpoint->stage == STAGE_ALONE) {
        endpoint->lost = true;
    }
}

static void opened(void *owner, struct session *session);

static void count_repeats(const struct endpoint *endpoint)
{
    const struct dispatch_listener *listener = &endpoint->dispatch->listener;
    unsigned repeats = session_repeats(endpoint->session);
    if (repeats)
        listener->sent(listener->context, repeats);
}

static void no_connection(struct endpoint *endpoint)
{
    endpoint_drop_session(endpoint);
    if (endpoint->purpose == PURPOSE_LEGACY)
        endpoint_finish(endpoint, NULL);
    else if (endpoint->purpose == PURPOSE_ROUND)
        conversation_speak(endpoint, PROBE_ENDED);
    else
        endpoint_finish(endpoint, "it accepts no further connection");
}

static void failed(void *owner, struct session *session, int uv_error)
{
    (void)session;
    (void)uv_error;
    count_repeats(owner);
    no_connection(owner);
}

static const struct session_owner calls = {
    .opened = opened,
    .failed = failed,
    .heard = heard,
    .secured = secured,
    .ended = ended,
};

static void fresh_connection(struct endpoint *endpoint)
{
    endpoint->wrote = endpoint->lost = endpoint->inside_tls = endpoint->secured = false;
    endpoint->consumed = 0;
    session_adopt(endpoint->session, &calls, endpoint);
    session_listen(endpoint->session);
}

static void opened(void *owner, struct session *session)
{
    struct endpoint *endpoint = owner;
    (void)session;
    count_repeats(endpoint);
    fresh_connection(endpoint);
    candidate_begin(endpoint, endpoint->purpose);
}

/* A deadline has come: the probe at work says what it can, and nothing more is sent. */
static void conclude(struct endpoint *endpoint, const char *why)
{
    if (endpoint->purpose == PURPOSE_LEGACY) {
        why = NULL;
    } else if (endpoint->probe && endpoint->stage != STAGE_ALONE) {
        struct turn turn;
        struct span bytes = endpoint->session ? session_in(endpoint->session) : (struct span){0};
        conversation_turn(endpoint, endpoint->probe, PROBE_QUIET, bytes, &turn);
        bool known = turn.answer == PROBE_DONE || endpoint->consumed || endpoint->round;
        if (known && turn.answer != PROBE_NOT_MINE) {
            endpoint->observation.service = endpoint->probe->name;
            why = NULL;
        }
    }
    endpoint_finish(endpoint, why);
}

#define REFUSALS_MAX 1200 /* times that the kernel may refuse, before it counts as the port's: a minute */

enum status endpoint_connect(struct endpoint *endpoint)
{
    struct dispatch *dispatch = endpoint->dispatch;
    const struct dispatch_listener *listener = &dispatch->listener;
    struct observation *observation = &endpoint->observation;
    const char *over = endpoint->host->cut ? out_of_time : candidate_spent(endpoint, endpoint->purpose);
    if (over) {
        conclude(endpoint, over);
        return STATUS_OK;
    }
    endpoint->permit = listener->permit(listener->context, observation->address, observation->port);
    if (!endpoint->permit)
        return STATUS_OK; /* the scan ends, and what was not brought to its end is asked again */
    enum status status =
        session_connect(dispatch->loop, endpoint->permit, &calls, endpoint, &endpoint->session);
    if (status == STATUS_OK) {
        session_set_deadline(endpoint->session, dispatch->options.connect_ms);
        endpoint_continue(endpoint);
        endpoint->connections++;
        endpoint->host->sockets++;
        listener->sent(listener->context, 1);
        return STATUS_OK;
    }
    bool again = status != STATUS_SYSTEM || (session_may_retry(errno) && ++endpoint->refusals < REFUSALS_MAX);
    if (again)
        endpoint_drop_session(endpoint);
    else
        no_connection(endpoint);
    return again ? status : STATUS_OK;
}

static void count_slow(struct endpoint *endpoint, int64_t now_ns)
{
    struct host *host = endpoint->host;
    if (endpoint->counted_slow || now_ns - endpoint->begun_ns < (int64_t)DISPATCH_SLOW_MS * 1000000)
        return;
    endpoint->counted_slow = true;
    if (host->slow++ == 0)
        host->slow_from_ns = now_ns;
}

void endpoint_check(struct endpoint *endpoint, int64_t now_ns)
{
    const struct dispatch_options *options = &endpoint->dispatch->options;
    struct host *host = endpoint->host;
    if (endpoint->stage == STAGE_ASKING && !endpoint->session)
        return; /* its ask is queued; what there is to say is said when its turn comes */
    if (!endpoint->paused_ns)
        count_slow(endpoint, now_ns);
    int64_t slow_ns = host->slow_ns + (host->slow ? now_ns - host->slow_from_ns : 0);
    host->cut = host->cut || slow_ns > (int64_t)options->host_ms * 1000000;
    if (host->cut)
        conclude(endpoint, out_of_time);
    else if (!endpoint->paused_ns && now_ns - endpoint->begun_ns > (int64_t)options->port_ms * 1000000)
        conclude(endpoint, endpoint->spoke ? "it did not come to an end (port deadline)"
                                           : "it accepts connections and says nothing (port deadline)");
}

static void introduce(struct endpoint *endpoint)
{
    const struct dispatch_options *options = &endpoint->dispatch->options;
    struct observation *observation = &endpoint->observation;
    const char *name = options->names ? namings_at(options->names, observation->address) : NULL;
    address_format(observation->address, endpoint->host_text);
    uint64_t mixed = options->seed ^ observation->address.low * UINT64_C(0x9e3779b97f4a7c15) ^
                     (uint64_t)observation->port.number * UINT64_C(0xd6e8feb86659fd93);
    endpoint->context = (struct probe_context){
        .client_name = options->client_name,
        .client_title = options->client_title,
        .user_agent = options->user_agent,
        .host = name ? name : endpoint->host_text,
        .port = observation->port.number,
        .nonce = mixed ^ mixed >> 32,
    };
}

static void enlist(struct dispatch *dispatch, struct endpoint *endpoint)
{
    endpoint->next = dispatch->active;
    endpoint->link = &dispatch->active;
    if (dispatch->active)
        dispatch->active->link = &endpoint->next;
    dispatch->active = endpoint;
    dispatch->active_count++;
    if (!uv_is_active((uv_handle_t *)&dispatch->tick))
        uv_timer_again(&dispatch->tick);
}

enum status dispatch_open(struct dispatch *dispatch, struct host *host, struct address address,
                          struct port port, bool fragile, struct session *session,
                          const struct permit *permit, void *token)
{
    struct endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (!endpoint)
        return STATUS_NO_MEMORY;
    endpoint->dispatch = dispatch;
    endpoint->host = endpoint->ask.host = host;
    endpoint->ask.round = true;
    schedule_hold(host);
    host->endpoints++;
    host->open++;
    host->remembered = true;
    endpoint->token = token;
    endpoint->permit = permit;
    endpoint->session = session;
    endpoint->begun_ns = clock_monotonic_ns();
    observation_init(&endpoint->observation, address, port);
    introduce(endpoint);
    endpoint->own = probe_for_port(port.number, &endpoint->own_in_tls);
    uv_timer_init(dispatch->loop, &endpoint->wait);
    endpoint->wait.data = endpoint;
    enlist(dispatch, endpoint);
    endpoint->connections = session ? 1 : 0;
    if (fragile || host->cut) {
        endpoint_finish(endpoint, fragile ? "the address is fragile: closed without a byte" : out_of_time);
        return STATUS_OK;
    }
    if (!session) {
        endpoint_ask(endpoint, PURPOSE_GREETING);
        return STATUS_OK;
    }
    fresh_connection(endpoint);
    endpoint_await_greeting(endpoint);
    return STATUS_OK;
}
