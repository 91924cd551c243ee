#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "probes/endpoint.h"
#include "probes/tls.h"
#include "scanner/clock.h"
#include "scanner/dispatch.h"

/* What the endpoint is doing. */
enum stage {
    STAGE_LISTENING, /* the connection stands, nothing was sent on it; whoever greets is recognised */
    STAGE_ALONE,     /* waits until no other probe that must be alone is at work on the host */
    STAGE_SPEAKING,  /* a probe has the connection */
    STAGE_SECURING,  /* a TLS handshake, for a probe (STARTTLS) or for what is inside */
    STAGE_GAP,       /* the pause before a probe's next connection */
    STAGE_ASKING,    /* another connection is scheduled or opening */
    STAGE_OVER,
};

/* What a connection is for. */
enum purpose { PURPOSE_GREETING, PURPOSE_OWN, PURPOSE_ROUND, PURPOSE_TLS, PURPOSE_HTTP, PURPOSE_LEGACY };

#define GREETING_MAX  4096 /* bytes after which a greeting that nobody recognises is nobody's */
#define HANDSHAKE_MS  3000
#define INNER_WAIT_MS 1000 /* for a greeting inside TLS on a port of unknown use */

struct endpoint {
    struct ask ask; /* first: endpoint_of */
    struct dispatch *dispatch;
    struct endpoint *next, **link;
    struct host *host;
    void *token;
    const struct permit *permit;
    struct session *session;
    uv_timer_t wait;
    struct observation observation;
    struct probe_context context;
    char host_text[ADDRESS_TEXT_MAX];
    const struct probe *own; /* of the port number; may be NULL */
    const struct probe *probe;
    bool own_in_tls;
    bool own_tried, tls_tried, http_tried, legacy_tried;
    bool ours_alone; /* holds the host's alone_busy */
    bool wrote;      /* on this connection */
    bool inside_tls; /* what is spoken to is inside a TLS that it began with */
    bool secured;    /* the bytes of this connection travel inside TLS, from its start or since an upgrade */
    bool spoke;      /* the peer said something, ever */
    bool counted_slow;
    bool tls_refused; /* the peer speaks TLS and broke the handshake off */
    enum stage stage;
    enum purpose purpose;
    unsigned round, connections;
    size_t sent, consumed;
    int64_t begun_ns;
    alignas(max_align_t) uint8_t state[PROBE_STATE_MAX];
};

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

static void let_others_be_alone(struct endpoint *endpoint);

static void drop_session(struct endpoint *endpoint)
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
    drop_session(endpoint);
    let_others_be_alone(endpoint);
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

static void finish(struct endpoint *endpoint, const char *why_unknown)
{
    const struct dispatch_listener *listener = &endpoint->dispatch->listener;
    struct observation *observation = &endpoint->observation;
    endpoint->host->talked += endpoint->spoke;
    endpoint_observe(observation, endpoint->connections, !endpoint->spoke);
    if (why_unknown) {
        observation->service = "unknown";
        endpoint_observe_unidentified(observation, why_unknown);
    }
    observation->time_ms = clock_epoch_ms();
    void *token = endpoint->token;
    leave(endpoint);
    listener->done(listener->context, token, observation);
}

/* --- the next step --- */

static void speak(struct endpoint *endpoint, enum probe_event event);
static void next_candidate(struct endpoint *endpoint);
static void start(struct endpoint *endpoint, enum purpose purpose);

static void wait_for(struct endpoint *endpoint, unsigned ms);
static void await_greeting(struct endpoint *endpoint);

/* Forgets what a rejected probe said, but not the TLS that it was said in. */
static void clear(struct endpoint *endpoint)
{
    uint8_t evidence[OBSERVATION_EVIDENCE_MAX];
    size_t size = endpoint->observation.evidence_size;
    memcpy(evidence, endpoint->observation.evidence, size);
    observation_clear(&endpoint->observation);
    memcpy(endpoint->observation.evidence, evidence, size);
    endpoint->observation.evidence_size = size;
    if (endpoint->inside_tls && endpoint->session) {
        endpoint->observation.tls = true;
        session_observe_tls(endpoint->session, &endpoint->observation);
    }
}

static void activate(struct endpoint *endpoint, const struct probe *probe)
{
    assert(probe->state_size <= PROBE_STATE_MAX);
    endpoint->probe = probe;
    endpoint->round = 0;
    memset(endpoint->state, 0, sizeof endpoint->state);
}

/* Asks for another connection, or ends when the port has had its four. */
static void ask(struct endpoint *endpoint, enum purpose purpose)
{
    const struct dispatch_listener *listener = &endpoint->dispatch->listener;
    drop_session(endpoint);
    endpoint->purpose = purpose;
    endpoint->stage = STAGE_ASKING;
    uv_timer_stop(&endpoint->wait);
    if (listener->wants(listener->context, endpoint, &endpoint->ask) != STATUS_OK)
        finish(endpoint, "out of memory");
}

static void identified(struct endpoint *endpoint)
{
    let_others_be_alone(endpoint);
    if (endpoint->purpose != PURPOSE_LEGACY)
        endpoint->observation.service = endpoint->probe->name;
    bool implicit_tls = endpoint->observation.tls;
    if (implicit_tls && !endpoint->legacy_tried && endpoint->connections < DISPATCH_CONNECTIONS_MAX) {
        endpoint->legacy_tried = true;
        start(endpoint, PURPOSE_LEGACY);
        return;
    }
    finish(endpoint, NULL);
}

static void rejected(struct endpoint *endpoint)
{
    let_others_be_alone(endpoint);
    if (endpoint->purpose == PURPOSE_LEGACY) {
        finish(endpoint, NULL);
        return;
    }
    bool stop = endpoint->probe == endpoint->own &&
                (endpoint->own->no_fallback || endpoint->own->manner == PROBE_PASSIVE);
    endpoint->probe = NULL;
    clear(endpoint);
    if (stop)
        finish(endpoint, "the port did not speak the only protocol that may be tried on it");
    else
        next_candidate(endpoint);
}

static void again(struct endpoint *endpoint)
{
    unsigned rounds = endpoint->probe->rounds ? endpoint->probe->rounds : 1;
    if (endpoint->round + 1 >= rounds || endpoint->connections >= DISPATCH_CONNECTIONS_MAX) {
        identified(endpoint);
        return;
    }
    bool legacy = endpoint->purpose == PURPOSE_LEGACY;
    drop_session(endpoint);
    endpoint->round++;
    endpoint->purpose = legacy ? PURPOSE_LEGACY : PURPOSE_ROUND;
    endpoint->stage = STAGE_GAP;
    wait_for(endpoint, endpoint->probe->gap_ms ? endpoint->probe->gap_ms : 1);
}

static void secure(struct endpoint *endpoint)
{
    endpoint->stage = STAGE_SECURING;
    endpoint->wrote = true;
    wait_for(endpoint, HANDSHAKE_MS);
    if (!session_secure(endpoint->session, endpoint->dispatch->tls, endpoint->host_text)) {
        if (endpoint->probe)
            speak(endpoint, PROBE_UNSECURED);
        else
            next_candidate(endpoint);
    }
}

static void act_on(struct endpoint *endpoint, enum probe_answer answer)
{
    switch (answer) {
    case PROBE_WAIT:
        endpoint->stage = STAGE_SPEAKING;
        wait_for(endpoint, endpoint->probe->answer_ms ? endpoint->probe->answer_ms : PROBE_ANSWER_MS);
        break;
    case PROBE_DONE:
        identified(endpoint);
        break;
    case PROBE_NOT_MINE:
        rejected(endpoint);
        break;
    case PROBE_TLS:
        if (endpoint->session && !endpoint->secured)
            secure(endpoint);
        else
            speak(endpoint, PROBE_UNSECURED);
        break;
    case PROBE_AGAIN:
        again(endpoint);
        break;
    }
}

/* One call of a probe's step on the bytes that are there. */
struct turn {
    enum probe_answer answer;
    uint8_t storage[PROBE_OUT_MAX];
    struct buffer out;
    struct cursor in;
};

static void take_turn(struct endpoint *endpoint, const struct probe *probe, enum probe_event event,
                      struct span bytes, struct turn *turn)
{
    turn->out = buffer_over(turn->storage, PROBE_OUT_MAX - endpoint->sent);
    turn->in = cursor_over(bytes.bytes, bytes.size);
    struct probe_call call = {
        .event = event,
        .round = endpoint->round,
        .inside_tls = endpoint->secured,
        .state = endpoint->state,
        .in = &turn->in,
        .out = &turn->out,
        .observation = &endpoint->observation,
        .context = &endpoint->context,
    };
    turn->answer = probe->step(&call);
}

/* What a turn has read and written takes effect. */
static bool settle(struct endpoint *endpoint, const struct turn *turn)
{
    if (!endpoint->session)
        return true;
    session_consume(endpoint->session, turn->in.at);
    endpoint->consumed += turn->in.at;
    if (turn->out.overflow)
        return false;
    endpoint->sent += turn->out.size;
    endpoint->wrote = endpoint->wrote || turn->out.size;
    return session_write(endpoint->session, turn->out.bytes, turn->out.size);
}

/* A probe that waits after the end of its connection has had its chance. */
static bool final(enum probe_event event)
{
    return event == PROBE_ENDED || event == PROBE_QUIET;
}

static void speak(struct endpoint *endpoint, enum probe_event event)
{
    struct turn turn;
    struct span bytes = endpoint->session ? session_in(endpoint->session) : (struct span){0};
    take_turn(endpoint, endpoint->probe, event, bytes, &turn);
    bool sent = settle(endpoint, &turn);
    if (turn.answer == PROBE_WAIT && event == PROBE_UNSECURED)
        turn.answer = PROBE_DONE;
    if (turn.answer == PROBE_WAIT && (!sent || final(event))) {
        if (event != PROBE_ENDED)
            speak(endpoint, PROBE_ENDED);
        else if (endpoint->consumed || endpoint->round)
            identified(endpoint);
        else
            rejected(endpoint);
        return;
    }
    act_on(endpoint, turn.answer);
}

/* --- candidates --- */

static bool may_listen(const struct probe *probe)
{
    return probe->manner != PROBE_CLIENT_FIRST;
}

/* Offers all that was heard to one probe from its beginning; true when it takes the connection. */
static bool offer_to(struct endpoint *endpoint, const struct probe *probe, enum probe_event event,
                     bool *undecided)
{
    struct turn turn;
    struct span bytes = session_in(endpoint->session);
    clear(endpoint);
    activate(endpoint, probe);
    take_turn(endpoint, probe, PROBE_OPENED, (struct span){0}, &turn);
    if (turn.answer == PROBE_WAIT)
        take_turn(endpoint, probe, PROBE_HEARD, bytes, &turn);
    bool waits = turn.answer == PROBE_WAIT && turn.out.size == 0 && turn.in.at == 0;
    if (waits && event != PROBE_HEARD) {
        take_turn(endpoint, probe, event, bytes, &turn);
        waits = turn.answer == PROBE_WAIT;
    }
    if (turn.answer == PROBE_NOT_MINE || waits) {
        *undecided = *undecided || waits;
        return false;
    }
    if (!settle(endpoint, &turn) && turn.answer == PROBE_WAIT)
        turn.answer = PROBE_DONE;
    act_on(endpoint, turn.answer);
    return true;
}

static void nobody(struct endpoint *endpoint)
{
    endpoint->probe = NULL;
    clear(endpoint);
    finish(endpoint, "it greets in a protocol that no probe knows");
}

/* Whose greeting is this? The port's own probe is asked first, then all others that let the server greet. */
static void offer(struct endpoint *endpoint, enum probe_event event)
{
    bool undecided = false;
    const struct probe *own = endpoint->own;
    if (own && may_listen(own) && offer_to(endpoint, own, event, &undecided))
        return;
    for (size_t i = 0; probes[i]; i++)
        if (probes[i] != own && probes[i]->manner == PROBE_SERVER_FIRST &&
            offer_to(endpoint, probes[i], event, &undecided))
            return;
    endpoint->probe = NULL;
    clear(endpoint);
    if (!undecided || event != PROBE_HEARD || session_in(endpoint->session).size > GREETING_MAX)
        nobody(endpoint);
}

static void start_probe(struct endpoint *endpoint, const struct probe *probe)
{
    clear(endpoint);
    activate(endpoint, probe);
    if (probe->alone && endpoint->host->alone_busy) {
        endpoint->stage = STAGE_ALONE;
        uv_timer_stop(&endpoint->wait);
        return;
    }
    if (probe->alone)
        endpoint->ours_alone = endpoint->host->alone_busy = true;
    endpoint->stage = STAGE_SPEAKING;
    speak(endpoint, PROBE_OPENED);
}

static void let_others_be_alone(struct endpoint *endpoint)
{
    if (!endpoint->ours_alone)
        return;
    endpoint->ours_alone = endpoint->host->alone_busy = false;
    for (struct endpoint *other = endpoint->dispatch->active; other; other = other->next)
        if (other->host == endpoint->host && other->stage == STAGE_ALONE) {
            other->ours_alone = other->host->alone_busy = true;
            other->stage = STAGE_GAP; /* from the loop, not from inside this call */
            wait_for(other, 1);
            return;
        }
}

static const struct probe *http_probe(void)
{
    return probe_named("http");
}

static void begin_purpose(struct endpoint *endpoint, enum purpose purpose)
{
    endpoint->purpose = purpose;
    switch (purpose) {
    case PURPOSE_GREETING:
        await_greeting(endpoint);
        break;
    case PURPOSE_OWN:
        start_probe(endpoint, endpoint->own);
        break;
    case PURPOSE_ROUND:
        speak(endpoint, PROBE_OPENED);
        break;
    case PURPOSE_TLS:
        endpoint->probe = NULL;
        secure(endpoint);
        break;
    case PURPOSE_HTTP:
        start_probe(endpoint, http_probe());
        break;
    case PURPOSE_LEGACY:
        activate(endpoint, &tls_legacy_check);
        endpoint->stage = STAGE_SPEAKING;
        speak(endpoint, PROBE_OPENED);
        break;
    }
}

/* On this connection while nothing was said on it, else on another one. */
static void start(struct endpoint *endpoint, enum purpose purpose)
{
    if (endpoint->session && !endpoint->wrote && purpose != PURPOSE_LEGACY)
        begin_purpose(endpoint, purpose);
    else if (endpoint->connections < DISPATCH_CONNECTIONS_MAX)
        ask(endpoint, purpose);
    else
        finish(endpoint, "four connections did not tell what it is");
}

/* Inside a TLS of unknown content: what the port is known for, else HTTP, else nothing. */
static void next_inside(struct endpoint *endpoint)
{
    const struct probe *own = endpoint->own_in_tls ? endpoint->own : NULL;
    bool reusable = endpoint->session && !endpoint->wrote;
    if (own && own->manner == PROBE_CLIENT_FIRST && !endpoint->own_tried && reusable) {
        endpoint->own_tried = true;
        begin_purpose(endpoint, PURPOSE_OWN);
    } else if (http_probe() && !endpoint->http_tried && own != http_probe()) {
        if (reusable) {
            endpoint->http_tried = true;
            begin_purpose(endpoint, PURPOSE_HTTP);
        } else {
            start(endpoint, PURPOSE_TLS);
        }
    } else {
        finish(endpoint, "it speaks TLS, and inside it nothing that a probe knows");
    }
}

static void next_candidate(struct endpoint *endpoint)
{
    const struct probe *own = endpoint->own;
    endpoint->probe = NULL;
    if (endpoint->observation.tls) {
        next_inside(endpoint);
    } else if (own && own->manner == PROBE_CLIENT_FIRST && !endpoint->own_in_tls && !endpoint->own_tried) {
        endpoint->own_tried = true;
        endpoint->http_tried = own == http_probe();
        start(endpoint, PURPOSE_OWN);
    } else if (!endpoint->tls_tried) {
        endpoint->tls_tried = true;
        start(endpoint, PURPOSE_TLS);
    } else if (!endpoint->http_tried && http_probe() && !endpoint->tls_refused) {
        endpoint->http_tried = true;
        start(endpoint, PURPOSE_HTTP);
    } else {
        finish(endpoint, endpoint->tls_refused ? "it speaks TLS and broke the handshake off"
                         : endpoint->spoke     ? "it answers in no protocol that a probe knows"
                                               : "it accepts connections and says nothing");
    }
}

/* --- what the connection and the clock say --- */

static void await_greeting(struct endpoint *endpoint)
{
    const struct probe *own = endpoint->own;
    bool use_own = own && (!endpoint->inside_tls || endpoint->own_in_tls);
    unsigned ms = use_own && own->greeting_ms ? own->greeting_ms : PROBE_GREETING_MS;
    endpoint->stage = STAGE_LISTENING;
    wait_for(endpoint, endpoint->inside_tls && !endpoint->own_in_tls ? INNER_WAIT_MS : ms);
}

static void greeting_over(struct endpoint *endpoint, enum probe_event event)
{
    if (session_in(endpoint->session).size) {
        offer(endpoint, event);
    } else if (endpoint->own && endpoint->own->manner == PROBE_PASSIVE && !endpoint->inside_tls) {
        endpoint->purpose = PURPOSE_OWN;
        clear(endpoint);
        activate(endpoint, endpoint->own);
        speak(endpoint, event);
    } else if (event == PROBE_ENDED) {
        finish(endpoint, "it closes the connection before anything was said");
    } else {
        next_candidate(endpoint);
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
        speak(endpoint, PROBE_QUIET);
        break;
    case STAGE_SECURING:
        session_observe_tls(endpoint->session, &endpoint->observation);
        if (endpoint->probe)
            speak(endpoint, PROBE_UNSECURED);
        else
            next_candidate(endpoint);
        break;
    case STAGE_GAP:
        if (endpoint->session)
            begin_purpose(endpoint, PURPOSE_ROUND);
        else
            ask(endpoint, endpoint->purpose);
        break;
    case STAGE_ALONE:
    case STAGE_ASKING:
    case STAGE_OVER:
        break;
    }
}

static void wait_for(struct endpoint *endpoint, unsigned ms)
{
    uv_update_time(endpoint->dispatch->loop);
    uv_timer_start(&endpoint->wait, on_wait, ms, 0);
}

static void keep_evidence(struct endpoint *endpoint)
{
    struct observation *observation = &endpoint->observation;
    struct span bytes = session_in(endpoint->session);
    endpoint->spoke = true;
    if (endpoint->consumed || endpoint->purpose == PURPOSE_LEGACY)
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
        offer(endpoint, PROBE_HEARD);
    else if (endpoint->stage == STAGE_SPEAKING)
        speak(endpoint, PROBE_HEARD);
}

/* OpenSSL calls it an alert when the peer itself said no in TLS. */
static bool said_no(const struct observation *observation)
{
    const struct fact_value *value = observation_find(observation, "tls.handshake_failed");
    return value && value->text && strstr(value->text, "alert");
}

static void secured(void *owner, struct session *session, bool done)
{
    struct endpoint *endpoint = owner;
    endpoint->spoke = true;
    endpoint->secured = done;
    session_observe_tls(session, &endpoint->observation);
    if (endpoint->probe) {
        speak(endpoint, done ? PROBE_SECURED : PROBE_UNSECURED);
    } else if (!done) {
        endpoint->tls_refused = said_no(&endpoint->observation);
        next_candidate(endpoint);
    } else {
        endpoint->inside_tls = endpoint->observation.tls = true;
        endpoint->wrote = false;
        endpoint->consumed = 0;
        if (endpoint->own_in_tls && endpoint->own->manner == PROBE_CLIENT_FIRST)
            next_inside(endpoint);
        else if (endpoint->http_tried || endpoint->purpose != PURPOSE_TLS)
            next_inside(endpoint);
        else
            await_greeting(endpoint);
    }
}

static void ended(void *owner, struct session *session)
{
    struct endpoint *endpoint = owner;
    (void)session;
    if (endpoint->stage == STAGE_LISTENING) {
        greeting_over(endpoint, PROBE_ENDED);
    } else if (endpoint->stage == STAGE_SPEAKING) {
        speak(endpoint, PROBE_ENDED);
    } else if (endpoint->stage == STAGE_SECURING) {
        session_observe_tls(endpoint->session, &endpoint->observation);
        if (endpoint->probe)
            speak(endpoint, PROBE_UNSECURED);
        else
            next_candidate(endpoint);
    }
}

static void opened(void *owner, struct session *session);

static void failed(void *owner, struct session *session, int uv_error)
{
    struct endpoint *endpoint = owner;
    (void)session;
    (void)uv_error;
    drop_session(endpoint);
    if (endpoint->purpose == PURPOSE_LEGACY)
        finish(endpoint, NULL);
    else if (endpoint->purpose == PURPOSE_ROUND)
        speak(endpoint, PROBE_ENDED);
    else
        finish(endpoint, "it accepts no further connection");
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
    endpoint->connections++;
    endpoint->wrote = endpoint->inside_tls = endpoint->secured = false;
    endpoint->consumed = 0;
    session_adopt(endpoint->session, &calls, endpoint);
    session_listen(endpoint->session);
}

static void opened(void *owner, struct session *session)
{
    struct endpoint *endpoint = owner;
    (void)session;
    fresh_connection(endpoint);
    begin_purpose(endpoint, endpoint->purpose);
}

enum status endpoint_connect(struct endpoint *endpoint)
{
    struct dispatch *dispatch = endpoint->dispatch;
    const struct dispatch_listener *listener = &dispatch->listener;
    struct observation *observation = &endpoint->observation;
    endpoint->permit = listener->permit(listener->context, observation->address, observation->port);
    if (!endpoint->permit) {
        finish(endpoint, "the authorization ended while it was being asked");
        return STATUS_OK;
    }
    enum status status = session_connect(dispatch->loop, endpoint->permit, dispatch->options.connect_ms,
                                         &calls, endpoint, &endpoint->session);
    if (status != STATUS_OK) {
        drop_session(endpoint);
        return status;
    }
    endpoint->host->sockets++;
    listener->sent(listener->context);
    return STATUS_OK;
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

/* A deadline has come: the probe at work says what it can, and nothing more is sent. */
static void conclude(struct endpoint *endpoint, const char *why)
{
    if (endpoint->probe && endpoint->purpose != PURPOSE_LEGACY) {
        struct turn turn;
        struct span bytes = endpoint->session ? session_in(endpoint->session) : (struct span){0};
        take_turn(endpoint, endpoint->probe, PROBE_QUIET, bytes, &turn);
        bool known = turn.answer == PROBE_DONE || endpoint->consumed || endpoint->round;
        if (known && turn.answer != PROBE_NOT_MINE) {
            endpoint->observation.service = endpoint->probe->name;
            why = NULL;
        }
    } else if (endpoint->purpose == PURPOSE_LEGACY) {
        why = NULL;
    }
    finish(endpoint, why);
}

void endpoint_check(struct endpoint *endpoint, int64_t now_ns)
{
    const struct dispatch_options *options = &endpoint->dispatch->options;
    struct host *host = endpoint->host;
    if (endpoint->stage == STAGE_ASKING && !endpoint->session)
        return; /* it waits for our own pace, not for the host */
    count_slow(endpoint, now_ns);
    int64_t slow_ns = host->slow_ns + (host->slow ? now_ns - host->slow_from_ns : 0);
    host->cut = host->cut || slow_ns > (int64_t)options->host_ms * 1000000;
    if (host->cut)
        conclude(endpoint, "its host had its time (host deadline)");
    else if (now_ns - endpoint->begun_ns > (int64_t)options->port_ms * 1000000)
        conclude(endpoint, endpoint->spoke ? "it did not come to an end (port deadline)"
                                           : "it accepts connections and says nothing (port deadline)");
}

static void introduce(struct endpoint *endpoint)
{
    const struct dispatch_options *options = &endpoint->dispatch->options;
    struct observation *observation = &endpoint->observation;
    address_format(observation->address, endpoint->host_text);
    uint64_t mixed = options->seed ^ observation->address.low * UINT64_C(0x9e3779b97f4a7c15) ^
                     (uint64_t)observation->port.number * UINT64_C(0xd6e8feb86659fd93);
    endpoint->context = (struct probe_context){
        .client_name = options->client_name,
        .client_title = options->client_title,
        .user_agent = options->user_agent,
        .host = endpoint->host_text,
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
    if (fragile || host->cut) {
        endpoint->connections = 1;
        finish(endpoint, fragile ? "the address is fragile: closed without a byte"
                                 : "its host had its time (host deadline)");
        return STATUS_OK;
    }
    if (!session) {
        ask(endpoint, PURPOSE_GREETING);
        return STATUS_OK;
    }
    fresh_connection(endpoint);
    await_greeting(endpoint);
    return STATUS_OK;
}
