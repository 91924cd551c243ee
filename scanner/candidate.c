#include "probes/tls.h"
#include "scanner/endpoint.h"

#define GREETING_MAX 4096 /* bytes after which a greeting that nobody recognises is nobody's */

static const char four_connections[] = "four connections did not tell what it is";
static const char one_connection[] =
    "its host answers everywhere, and one connection did not tell what it is";

static bool distrusted(const struct endpoint *endpoint)
{
    return endpoint->host->control.state == CONTROL_ANSWERED;
}

const char *candidate_spent(const struct endpoint *endpoint, enum purpose purpose)
{
    if (endpoint->connections >= DISPATCH_CONNECTIONS_MAX)
        return four_connections;
    bool known = purpose == PURPOSE_ROUND || purpose == PURPOSE_LEGACY;
    return distrusted(endpoint) && endpoint->connections && !known ? one_connection : NULL;
}

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
    conversation_clear(endpoint);
    conversation_activate(endpoint, probe);
    conversation_turn(endpoint, probe, PROBE_OPENED, (struct span){0}, &turn);
    if (turn.answer == PROBE_WAIT)
        conversation_turn(endpoint, probe, PROBE_HEARD, bytes, &turn);
    bool waits = turn.answer == PROBE_WAIT && turn.out.size == 0 && turn.in.at == 0;
    if (waits && event != PROBE_HEARD) {
        conversation_turn(endpoint, probe, event, bytes, &turn);
        waits = turn.answer == PROBE_WAIT;
    }
    if (turn.answer == PROBE_NOT_MINE || waits) {
        *undecided = *undecided || waits;
        return false;
    }
    if (!conversation_settle(endpoint, &turn) && turn.answer == PROBE_WAIT)
        turn.answer = PROBE_DONE;
    conversation_act(endpoint, turn.answer);
    return true;
}

static void nobody(struct endpoint *endpoint)
{
    endpoint->probe = NULL;
    conversation_clear(endpoint);
    endpoint_finish(endpoint, "it greets in a protocol that no probe knows");
}

/* Whose greeting is this? The port's own probe is asked first, then all others that let the server greet, and
 * at last the port's own where the client speaks first: some servers turn us away before they are asked
 * (Redis in protected mode). */
void candidate_offer(struct endpoint *endpoint, enum probe_event event)
{
    bool undecided = false;
    const struct probe *own = endpoint->own;
    if (own && may_listen(own) && offer_to(endpoint, own, event, &undecided))
        return;
    for (size_t i = 0; probes[i]; i++)
        if (probes[i] != own && probes[i]->manner == PROBE_SERVER_FIRST &&
            offer_to(endpoint, probes[i], event, &undecided))
            return;
    if (own && own->manner == PROBE_CLIENT_FIRST && !endpoint->own_in_tls &&
        offer_to(endpoint, own, event, &undecided))
        return;
    endpoint->probe = NULL;
    conversation_clear(endpoint);
    if (!undecided || event != PROBE_HEARD || session_in(endpoint->session).size > GREETING_MAX)
        nobody(endpoint);
}

static void start_probe(struct endpoint *endpoint, const struct probe *probe)
{
    conversation_clear(endpoint);
    conversation_activate(endpoint, probe);
    if (probe->alone && endpoint->host->alone_busy && !endpoint->ours_alone) {
        endpoint->stage = STAGE_ALONE;
        endpoint_pause(endpoint);
        return;
    }
    if (probe->alone)
        endpoint->ours_alone = endpoint->host->alone_busy = true;
    endpoint->stage = STAGE_SPEAKING;
    conversation_speak(endpoint, PROBE_OPENED);
}

void candidate_end_alone(struct endpoint *endpoint)
{
    if (!endpoint->ours_alone)
        return;
    endpoint->ours_alone = endpoint->host->alone_busy = false;
    for (struct endpoint *other = endpoint->dispatch->active; other; other = other->next)
        if (other->host == endpoint->host && other->stage == STAGE_ALONE) {
            other->ours_alone = other->host->alone_busy = true;
            endpoint_wait(other, 1); /* from the loop, not from inside this call */
            return;
        }
}

void candidate_alone(struct endpoint *endpoint)
{
    const char *spent = candidate_spent(endpoint, endpoint->purpose);
    endpoint_continue(endpoint);
    if (!endpoint->lost) {
        endpoint->stage = STAGE_SPEAKING;
        conversation_speak(endpoint, PROBE_OPENED);
    } else if (spent) {
        endpoint_finish(endpoint, spent);
    } else if (endpoint->inside_tls) {
        endpoint->own_tried_inside = false;
        endpoint_ask(endpoint, PURPOSE_TLS);
    } else {
        endpoint_ask(endpoint, endpoint->purpose);
    }
}

static const struct probe *http_probe(void)
{
    return probe_named("http");
}

void candidate_begin(struct endpoint *endpoint, enum purpose purpose)
{
    endpoint->purpose = purpose;
    switch (purpose) {
    case PURPOSE_GREETING:
        endpoint_await_greeting(endpoint);
        break;
    case PURPOSE_OWN:
        start_probe(endpoint, endpoint->own);
        break;
    case PURPOSE_ROUND:
        if (endpoint->observation.tls)
            conversation_secure(endpoint);
        else
            conversation_speak(endpoint, PROBE_OPENED);
        break;
    case PURPOSE_TLS:
        endpoint->probe = NULL;
        conversation_secure(endpoint);
        break;
    case PURPOSE_HTTP:
        start_probe(endpoint, http_probe());
        break;
    case PURPOSE_LEGACY:
        conversation_activate(endpoint, &tls_legacy_check);
        endpoint->stage = STAGE_SPEAKING;
        conversation_speak(endpoint, PROBE_OPENED);
        break;
    }
}

/* On this connection while nothing was said on it, else on another one. */
void candidate_start(struct endpoint *endpoint, enum purpose purpose)
{
    const char *spent = candidate_spent(endpoint, purpose);
    if (endpoint->session && !endpoint->wrote && purpose != PURPOSE_LEGACY)
        candidate_begin(endpoint, purpose);
    else if (!spent)
        endpoint_ask(endpoint, purpose);
    else
        endpoint_finish(endpoint, spent);
}

/* Inside a TLS of unknown content: what the port is known for, else HTTP, else nothing. */
static void next_inside(struct endpoint *endpoint)
{
    const struct probe *own = endpoint->own;
    bool reusable = endpoint->session && !endpoint->wrote;
    if (own && own->manner == PROBE_CLIENT_FIRST && !endpoint->own_tried_inside && reusable) {
        endpoint->own_tried_inside = true;
        candidate_begin(endpoint, PURPOSE_OWN);
    } else if (http_probe() && !endpoint->http_tried && own != http_probe()) {
        if (reusable) {
            endpoint->http_tried = true;
            candidate_begin(endpoint, PURPOSE_HTTP);
        } else {
            candidate_start(endpoint, PURPOSE_TLS);
        }
    } else {
        endpoint_finish(endpoint, "it speaks TLS, and inside it nothing that a probe knows");
    }
}

void candidate_begin_inside(struct endpoint *endpoint)
{
    /* A port known for another protocol may wrap it in TLS altogether (a database that takes nothing else).
     */
    bool asks_first = endpoint->own && endpoint->own->manner == PROBE_CLIENT_FIRST;
    if (asks_first || endpoint->http_tried || endpoint->purpose != PURPOSE_TLS)
        next_inside(endpoint);
    else
        endpoint_await_greeting(endpoint);
}

void candidate_next(struct endpoint *endpoint)
{
    const struct probe *own = endpoint->own;
    endpoint->probe = NULL;
    if (endpoint->observation.tls) {
        next_inside(endpoint);
    } else if (own && own->manner == PROBE_CLIENT_FIRST && !endpoint->own_in_tls && !endpoint->own_tried) {
        endpoint->own_tried = true;
        endpoint->http_tried = own == http_probe();
        candidate_start(endpoint, PURPOSE_OWN);
    } else if (!endpoint->tls_tried) {
        endpoint->tls_tried = true;
        candidate_start(endpoint, PURPOSE_TLS);
    } else if (!endpoint->http_tried && http_probe() && !endpoint->tls_refused) {
        endpoint->http_tried = true;
        candidate_start(endpoint, PURPOSE_HTTP);
    } else {
        endpoint_finish(endpoint, endpoint->tls_refused ? "it speaks TLS and broke the handshake off"
                                  : endpoint->spoke     ? "it answers in no protocol that a probe knows"
                                                        : "it accepts connections and says nothing");
    }
}
