#include <assert.h>
#include <string.h>

#include "probes/tls.h"
#include "scanner/endpoint.h"

#define HANDSHAKE_MS 3000

/* Forgets what a rejected probe said, but not the TLS that it was said in. */
void conversation_clear(struct endpoint *endpoint)
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

void conversation_activate(struct endpoint *endpoint, const struct probe *probe)
{
    assert(probe->state_size <= PROBE_STATE_MAX);
    endpoint->probe = probe;
    endpoint->round = 0;
    memset(endpoint->state, 0, sizeof endpoint->state);
}

static void identified(struct endpoint *endpoint)
{
    candidate_end_alone(endpoint);
    if (endpoint->purpose != PURPOSE_LEGACY)
        endpoint->observation.service = endpoint->probe->name;
    bool implicit_tls = endpoint->observation.tls;
    if (implicit_tls && !endpoint->legacy_tried && endpoint->connections < DISPATCH_CONNECTIONS_MAX) {
        endpoint->legacy_tried = true;
        candidate_start(endpoint, PURPOSE_LEGACY);
        return;
    }
    endpoint_finish(endpoint, NULL);
}

static void rejected(struct endpoint *endpoint)
{
    candidate_end_alone(endpoint);
    if (endpoint->purpose == PURPOSE_LEGACY) {
        endpoint_finish(endpoint, NULL);
        return;
    }
    bool stop = endpoint->probe == endpoint->own &&
                (endpoint->own->no_fallback || endpoint->own->manner == PROBE_PASSIVE);
    endpoint->probe = NULL;
    conversation_clear(endpoint);
    if (stop)
        endpoint_finish(endpoint, "the port did not speak the only protocol that may be tried on it");
    else
        candidate_next(endpoint);
}

static void again(struct endpoint *endpoint)
{
    unsigned rounds = endpoint->probe->rounds ? endpoint->probe->rounds : 1;
    if (endpoint->round + 1 >= rounds || endpoint->connections >= DISPATCH_CONNECTIONS_MAX) {
        identified(endpoint);
        return;
    }
    bool legacy = endpoint->purpose == PURPOSE_LEGACY;
    endpoint_drop_session(endpoint);
    endpoint->round++;
    endpoint->purpose = legacy ? PURPOSE_LEGACY : PURPOSE_ROUND;
    endpoint->stage = STAGE_GAP;
    endpoint_wait(endpoint, endpoint->probe->gap_ms ? endpoint->probe->gap_ms : 1);
}

void conversation_secure(struct endpoint *endpoint)
{
    endpoint->stage = STAGE_SECURING;
    endpoint->wrote = true;
    endpoint_wait(endpoint, HANDSHAKE_MS);
    if (!session_secure(endpoint->session, endpoint->dispatch->tls, endpoint->context.host))
        conversation_unsecured(endpoint);
}

/* A probe's further connection to what was found inside TLS; otherwise it is the probe that asked for TLS. */
static bool is_round_inside(const struct endpoint *endpoint)
{
    return endpoint->probe && endpoint->observation.tls;
}

void conversation_secured(struct endpoint *endpoint)
{
    bool round = is_round_inside(endpoint);
    endpoint->secured = true;
    session_observe_tls(endpoint->session, &endpoint->observation);
    if (endpoint->probe && !round) {
        conversation_speak(endpoint, PROBE_SECURED);
        return;
    }
    endpoint->inside_tls = endpoint->observation.tls = true;
    endpoint->wrote = false;
    endpoint->consumed = 0;
    if (round)
        conversation_speak(endpoint, PROBE_OPENED);
    else
        candidate_begin_inside(endpoint);
}

void conversation_unsecured(struct endpoint *endpoint)
{
    if (is_round_inside(endpoint)) {
        conversation_speak(endpoint, PROBE_ENDED);
        return;
    }
    session_observe_tls(endpoint->session, &endpoint->observation);
    if (endpoint->probe) {
        conversation_speak(endpoint, PROBE_UNSECURED);
    } else {
        endpoint->tls_refused = tls_observed_refusal(&endpoint->observation);
        candidate_next(endpoint);
    }
}

void conversation_act(struct endpoint *endpoint, enum probe_answer answer)
{
    switch (answer) {
    case PROBE_WAIT:
        endpoint->stage = STAGE_SPEAKING;
        endpoint_wait(endpoint, endpoint->probe->answer_ms ? endpoint->probe->answer_ms : PROBE_ANSWER_MS);
        break;
    case PROBE_DONE:
        identified(endpoint);
        break;
    case PROBE_NOT_MINE:
        rejected(endpoint);
        break;
    case PROBE_TLS:
        if (endpoint->session && !endpoint->secured)
            conversation_secure(endpoint);
        else
            conversation_speak(endpoint, PROBE_UNSECURED);
        break;
    case PROBE_AGAIN:
        again(endpoint);
        break;
    }
}

void conversation_turn(struct endpoint *endpoint, const struct probe *probe, enum probe_event event,
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
bool conversation_settle(struct endpoint *endpoint, const struct turn *turn)
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

void conversation_speak(struct endpoint *endpoint, enum probe_event event)
{
    struct turn turn;
    struct span bytes = endpoint->session ? session_in(endpoint->session) : (struct span){0};
    conversation_turn(endpoint, endpoint->probe, event, bytes, &turn);
    bool sent = conversation_settle(endpoint, &turn);
    if (event == PROBE_UNSECURED && (turn.answer == PROBE_WAIT || turn.answer == PROBE_TLS))
        turn.answer = PROBE_DONE; /* there is nothing left to wait for */
    if (turn.answer == PROBE_WAIT && (!sent || final(event))) {
        if (event != PROBE_ENDED)
            conversation_speak(endpoint, PROBE_ENDED);
        else if (endpoint->consumed || endpoint->round)
            identified(endpoint);
        else
            rejected(endpoint);
        return;
    }
    conversation_act(endpoint, turn.answer);
}
