#include "probes/dialogue.h"

#include <string.h>

static void leave_each(struct observation *observation, const struct fact *const *facts, const char *why)
{
    for (; facts && *facts; facts++)
        observation_undetermined(observation, *facts, why);
}

void dialogue_leave_open(struct probe_call *call, const struct dialogue *dialogue, const char *why)
{
    const struct dialogue_state *state = call->state;
    struct observation *observation = call->observation;
    leave_each(observation, dialogue->always, why);
    if (state->always_inside)
        return;
    observation_undetermined(observation, dialogue->offered, why);
    leave_each(observation, dialogue->outside, why);
    if (observation_is_true(observation, dialogue->offered))
        observation_undetermined(observation, dialogue->works, why);
}

bool dialogue_usual_port(const struct probe_call *call, const struct dialogue *dialogue)
{
    for (const uint16_t *port = dialogue->ports; port && *port; port++)
        if (*port == call->context->port)
            return true;
    return false;
}

bool dialogue_confirmed(const struct probe_call *call, const struct dialogue *dialogue)
{
    const struct dialogue_state *state = call->state;
    return state->sure || dialogue_usual_port(call, dialogue);
}

enum probe_answer dialogue_say(struct probe_call *call, unsigned stage, const char *command)
{
    struct dialogue_state *state = call->state;
    state->stage = stage;
    buffer_text(call->out, command);
    return PROBE_WAIT;
}

enum probe_answer dialogue_finish(struct probe_call *call, const struct dialogue *dialogue)
{
    struct dialogue_state *state = call->state;
    state->over = true;
    buffer_text(call->out, dialogue->goodbye);
    return PROBE_DONE;
}

enum probe_answer dialogue_give_up(struct probe_call *call, const struct dialogue *dialogue, const char *why)
{
    dialogue_leave_open(call, dialogue, why);
    return dialogue_finish(call, dialogue);
}

enum probe_answer dialogue_stopped(struct probe_call *call, const struct dialogue *dialogue, const char *why)
{
    const struct dialogue_state *state = call->state;
    if (state->stage == 0 || !dialogue_confirmed(call, dialogue))
        return PROBE_NOT_MINE;
    dialogue_leave_open(call, dialogue, why);
    return PROBE_DONE;
}

enum probe_answer dialogue_step(struct probe_call *call, const struct dialogue *dialogue,
                                enum probe_answer (*heard)(struct probe_call *call),
                                enum probe_answer (*secured)(struct probe_call *call))
{
    struct dialogue_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        state->always_inside = call->inside_tls;
        return PROBE_WAIT;
    case PROBE_HEARD:
        return state->over ? PROBE_DONE : heard(call);
    case PROBE_SECURED:
        observation_bool(call->observation, dialogue->works, true);
        return secured(call);
    case PROBE_UNSECURED:
        return dialogue_stopped(call, dialogue, "the handshake did not end");
    case PROBE_ENDED:
        return dialogue_stopped(call, dialogue, "the server closed before it answered");
    case PROBE_QUIET:
        break;
    }
    return dialogue_stopped(call, dialogue, "the server did not answer in time");
}

bool dialogue_readable_login(struct span mechanisms)
{
    while (mechanisms.size) {
        struct span mechanism = span_cut(&mechanisms, " ");
        if (span_equals_nocase(mechanism, "PLAIN") || span_equals_nocase(mechanism, "LOGIN"))
            return true;
    }
    return false;
}

void dialogue_add_name(struct buffer *names, const char *separator, struct span name)
{
    if (name.size == 0 || names->capacity - names->size < name.size + strlen(separator))
        return;
    buffer_text(names, names->size ? separator : "");
    buffer_bytes(names, name.bytes, name.size);
}
