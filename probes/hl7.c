#include <string.h>

#include "probes/probe.h"
#include "probes/tls.h"

/* HL7 v2 over MLLP (HL7 "Transport Specification: MLLP", release 1). The protocol has no greeting and no
   handshake: whatever is framed is a clinical message that an engine may queue and route. So nothing of it is
   ever sent; we listen on one connection, and a second one gets a TLS ClientHello, which is no frame. */

enum { SILENT, SPEAKS, TLS };

static const struct fact facts[] = {
    [SILENT] = {"hl7.silent", FACT_BOOL, "the port is open and says nothing, as MLLP listeners do",
                "端口开放且静默，符合MLLP监听特征"},
    [SPEAKS] = {"hl7.speaks", FACT_BOOL, "the port sends MLLP frames unasked", "端口主动发送MLLP帧"},
    [TLS] = {"hl7.tls", FACT_BOOL, "the port speaks TLS", "端口使用TLS"},
    {0},
};

enum { ROUND_LISTEN, ROUND_HELLO, ROUNDS };

/* A frame's first byte with what can follow it: a message, a file or a batch of them, the end of an empty
 * one. */
static const char *const frames[] = {"\x0bMSH",
                                     "\x0b"
                                     "FHS",
                                     "\x0b"
                                     "BHS",
                                     "\x0b\x1c\r"};

/* Anything else is another protocol's greeting. */
static enum probe_answer heard_greeting(struct probe_call *call)
{
    bool frame = false, possible = false;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct cursor reader = *call->in;
        frame |= cursor_match(&reader, frames[i], strlen(frames[i]));
        possible |= cursor_short(&reader);
    }
    if (!frame)
        return possible ? PROBE_WAIT : PROBE_NOT_MINE;
    observation_bool(call->observation, &facts[SILENT], false);
    observation_bool(call->observation, &facts[SPEAKS], true);
    observation_bool(call->observation, &facts[TLS], false);
    return PROBE_DONE;
}

static enum probe_answer listened(struct probe_call *call)
{
    if (cursor_left(call->in))
        return PROBE_NOT_MINE;
    observation_bool(call->observation, &facts[SILENT], true);
    observation_bool(call->observation, &facts[SPEAKS], false);
    observation_undetermined(call->observation, &facts[TLS], "the connection for it was not made");
    return PROBE_AGAIN;
}

static enum probe_answer listen_first(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard_greeting(call);
    case PROBE_QUIET:
        return listened(call);
    case PROBE_ENDED:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return PROBE_NOT_MINE;
}

static enum probe_answer conclude(struct probe_call *call, bool tls)
{
    observation_bool(call->observation, &facts[TLS], tls);
    return PROBE_DONE;
}

static enum probe_answer heard_hello(struct probe_call *call)
{
    struct tls_server_hello hello;
    switch (tls_read_reply(call->in, &hello)) {
    case TLS_REPLY_WAIT:
        return PROBE_WAIT;
    case TLS_REPLY_HELLO:
    case TLS_REPLY_ALERT:
        return conclude(call, true);
    case TLS_REPLY_NOT_TLS:
        break;
    }
    return conclude(call, false);
}

/* Listeners without TLS skip what is no frame and stay silent (seen with python3-hl7), but so does a TLS
   server that is slow: only an answer or a refusal decides (probes.md §2.7). */
static enum probe_answer unanswered(struct probe_call *call)
{
    const char *why = cursor_left(call->in) ? "the answer to a ClientHello was broken off"
                                            : "a ClientHello got no answer in time, as from MLLP without TLS";
    observation_undetermined(call->observation, &facts[TLS], why);
    return PROBE_DONE;
}

static enum probe_answer say_hello(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        tls_write_hello(call->out, TLS_VERSION_1_2, call->context->nonce, call->context->host);
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard_hello(call);
    case PROBE_ENDED:
        return cursor_left(call->in) ? unanswered(call) : conclude(call, false);
    case PROBE_QUIET:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return unanswered(call);
}

static enum probe_answer step(struct probe_call *call)
{
    return call->round == ROUND_LISTEN ? listen_first(call) : say_hello(call);
}

const struct probe probe_hl7 = {
    .name = "hl7",
    .manner = PROBE_PASSIVE,
    .ports = (const uint16_t[]){2575, 0},
    .greeting_ms = 2000,
    .answer_ms = 400, /* an engine's connections are few, and each of ours takes one */
    .rounds = ROUNDS,
    .facts = facts,
    .step = step,
};
