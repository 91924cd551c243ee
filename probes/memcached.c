#include "probes/probe.h"
#include "probes/product.h"

/* memcached's text protocol (memcached, doc/protocol.txt). "version" is the one question that touches no item
 * and no statistics. */

enum { OPEN, AUTH_REQUIRED };

static const struct fact facts[] = {
    [OPEN] = {"memcached.open", FACT_BOOL, "commands are executed without authentication",
              "无需认证即可执行命令"},
    [AUTH_REQUIRED] = {"memcached.auth_required", FACT_BOOL, "commands are refused before authentication",
                       "未认证时拒绝执行命令"},
    {0},
};

#define REPLY_MAX 256

static enum probe_answer observed(struct probe_call *call, bool open)
{
    observation_bool(call->observation, &facts[OPEN], open);
    observation_bool(call->observation, &facts[AUTH_REQUIRED], !open);
    buffer_text(call->out, "quit\r\n");
    return PROBE_DONE;
}

static enum probe_answer heard(struct probe_call *call)
{
    struct cursor reader = *call->in;
    int kind = cursor_peek(&reader, 0);
    if (kind >= 0 && kind != 'V' && kind != 'C')
        return PROBE_NOT_MINE;
    struct span line = cursor_line(&reader, REPLY_MAX);
    if (!cursor_good(&reader))
        return cursor_short(&reader) ? PROBE_WAIT : PROBE_NOT_MINE;
    bool version = span_starts(line, "VERSION ");
    struct span told = version ? span_trim(span_from(line, 8)) : (struct span){0};
    bool refused = span_starts(line, "CLIENT_ERROR unauthenticated");
    if (!refused && version_upstream(told).size == 0)
        return PROBE_NOT_MINE;
    cursor_commit(call->in, &reader);
    product_observe(call->observation, "Memcached", told);
    return observed(call, !refused);
}

static enum probe_answer step(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        buffer_text(call->out, "version\r\n");
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard(call);
    case PROBE_ENDED:
    case PROBE_QUIET:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return PROBE_NOT_MINE;
}

const struct probe probe_memcached = {
    .name = "memcached",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){11211, 0},
    .facts = facts,
    .step = step,
};
