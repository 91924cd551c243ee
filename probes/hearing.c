#include "probes/hearing.h"

#include <stdlib.h>

static enum probe_answer step(const struct probe *probe, enum probe_event event, void *state,
                              struct cursor *in, struct observation *observation)
{
    static const struct probe_context context = {.client_name = "auscult.invalid",
                                                 .client_title = "AUSCULT",
                                                 .user_agent = "auscult/" AUSCULT_VERSION,
                                                 .host = "192.0.2.1"};
    uint8_t storage[PROBE_OUT_MAX];
    struct buffer out = buffer_over(storage, sizeof storage);
    struct probe_call call = {.event = event,
                              .state = state,
                              .in = in,
                              .out = &out,
                              .observation = observation,
                              .context = &context};
    return probe->step(&call);
}

bool hearing_read(const struct probe *probe, struct span bytes, struct observation *observation)
{
    void *state = calloc(1, probe->state_size + 1);
    struct cursor in = cursor_over(bytes.bytes, 0);
    if (!state)
        return false;
    enum probe_answer answer = step(probe, PROBE_OPENED, state, &in, observation);
    in = cursor_over(bytes.bytes, bytes.size);
    for (int i = 0; i < 64 && answer == PROBE_WAIT && cursor_left(&in); i++) {
        size_t before = in.at;
        answer = step(probe, PROBE_HEARD, state, &in, observation);
        if (in.at == before)
            break;
    }
    if (answer == PROBE_TLS)
        answer = step(probe, PROBE_UNSECURED, state, &in, observation);
    if (answer == PROBE_WAIT)
        answer = step(probe, PROBE_ENDED, state, &in, observation);
    free(state);
    return answer != PROBE_NOT_MINE && (answer != PROBE_WAIT || observation->facts_count);
}
