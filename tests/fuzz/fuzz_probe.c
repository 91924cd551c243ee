#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "probes/probe.h"

/* Byte 0 picks the probe, byte 1 seeds how the rest is cut into pieces and which events come between them;
   what the probe asks for (TLS, another connection) it gets. Bounded by the input's length. */

static size_t probe_count(void)
{
    size_t count = 0;
    while (probes[count])
        count++;
    return count;
}

struct conversation {
    const struct probe *probe;
    void *state;
    unsigned round;
    bool inside_tls;
    struct observation observation;
};

static enum probe_answer converse(struct conversation *conversation, enum probe_event event,
                                  struct cursor *in)
{
    uint8_t storage[PROBE_OUT_MAX];
    struct buffer out = buffer_over(storage, sizeof storage);
    const struct probe_context context = {"auscult.invalid", "AUSCULT", "auscult", "192.0.2.1", 1, 42};
    struct probe_call call = {event,
                              conversation->round,
                              conversation->inside_tls,
                              conversation->state,
                              in,
                              &out,
                              &conversation->observation,
                              &context};
    return conversation->probe->step(&call);
}

/* Gives the probe what it asks for until it waits; false when it is done. */
static bool settle(struct conversation *conversation, enum probe_answer answer, struct cursor *in,
                   unsigned chance)
{
    for (int i = 0; i < 8 && (answer == PROBE_TLS || answer == PROBE_AGAIN); i++) {
        if (answer == PROBE_AGAIN)
            conversation->round++;
        conversation->inside_tls = answer == PROBE_TLS && chance % 4 != 0;
        enum probe_event event = answer == PROBE_AGAIN      ? PROBE_OPENED
                                 : conversation->inside_tls ? PROBE_SECURED
                                                            : PROBE_UNSECURED;
        answer = converse(conversation, event, in);
    }
    return answer == PROBE_WAIT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct conversation conversation = {.probe = probes[data[0] % probe_count()]};
    unsigned chance = data[1];
    conversation.state = calloc(1, conversation.probe->state_size + 1);
    observation_init(&conversation.observation, (struct address){0}, (struct port){1, TRANSPORT_TCP});
    struct cursor in = cursor_over(data + 2, 0);
    bool waits = settle(&conversation, converse(&conversation, PROBE_OPENED, &in), &in, chance);
    for (size_t heard = 0; waits && heard < size - 2;) {
        chance = chance * 1103515245 + 12345;
        size_t piece = chance % 3 == 0 ? 1 : (chance >> 8) % 512 + 1;
        heard = heard + piece > size - 2 ? size - 2 : heard + piece;
        in.size = heard;
        in.state = CURSOR_GOOD;
        waits = settle(&conversation, converse(&conversation, PROBE_HEARD, &in), &in, chance >> 4);
    }
    in.state = CURSOR_GOOD;
    if (waits)
        converse(&conversation, chance & 64 ? PROBE_ENDED : PROBE_QUIET, &in);
    observation_deinit(&conversation.observation);
    free(conversation.state);
    return 0;
}
