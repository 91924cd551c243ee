#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"

/* Redis serialization protocol (redis.io, "Redis serialization protocol specification"). PING shows whether a
 * password is wanted; only where none is, INFO server tells the version. No key is touched. */

enum { AUTH_REQUIRED, PROTECTED_MODE, OPEN, MODE };

static const struct fact facts[] = {
    [AUTH_REQUIRED] = {"redis.auth_required", FACT_BOOL, "commands are refused without a password",
                       "未提供密码时拒绝执行命令"},
    [PROTECTED_MODE] = {"redis.protected_mode", FACT_BOOL, "protected mode refuses other hosts than its own",
                        "保护模式拒绝其他主机"},
    [OPEN] = {"redis.open", FACT_BOOL, "commands are executed without a password", "无需密码即可执行命令"},
    [MODE] = {"redis.mode", FACT_TEXT, "standalone, cluster or sentinel", "运行模式"},
    {0},
};

#define PING "*1\r\n$4\r\nPING\r\n"
#define INFO "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n"
#define QUIT "*1\r\n$4\r\nQUIT\r\n"

#define REPLY_MAX 4096  /* that of protected mode has over 1 KiB */
#define INFO_MAX  16384 /* INFO server has under 1 KiB */

struct redis_state {
    bool asked; /* INFO is on its way */
};

enum verdict {
    WANTS_PASSWORD,
    PROTECTS_ITSELF,
    CANNOT_TELL,
};

/* What errors in answer to PING mean (redis.conf; src/server.c calls them by these words). */
static const struct refusal {
    const char *start;
    enum verdict verdict;
    const char *product; /* that the words name; NULL: none */
    const char *why;     /* nothing can be told */
} refusals[] = {
    {"-NOAUTH ", WANTS_PASSWORD, "Redis", NULL},
    {"-ERR operation not permitted", WANTS_PASSWORD, "Redis", NULL}, /* before version 2.8 */
    {"-DENIED Valkey ", PROTECTS_ITSELF, "Valkey", NULL},
    {"-DENIED Redis ", PROTECTS_ITSELF, "Redis", NULL},
    {"-DENIED ", PROTECTS_ITSELF, NULL, NULL},
    {"-ERR unknown command 'PING'", CANNOT_TELL, "Redis", "PING is renamed"},
    {"-ERR unknown command `PING`", CANNOT_TELL, "Redis", "PING is renamed"},
    {"-ERR max number of clients", CANNOT_TELL, "Redis", "the server has too many clients"},
    {"-NOPERM ", CANNOT_TELL, "Redis", "the unnamed user may not PING"},
    {"-LOADING ", CANNOT_TELL, "Redis", "the server is still loading its data"},
    {"-BUSY ", CANNOT_TELL, "Redis", "the server is busy with a script"},
    {"-MISCONF ", CANNOT_TELL, "Redis", "the server cannot write to its disk"},
    {"-MASTERDOWN ", CANNOT_TELL, "Redis", "the replica has lost its master"},
};

static enum probe_answer leave(struct probe_call *call)
{
    buffer_text(call->out, QUIT);
    return PROBE_DONE;
}

static enum probe_answer refused(struct probe_call *call, const struct refusal *refusal)
{
    struct observation *observation = call->observation;
    if (refusal->product)
        product_observe(observation, refusal->product, (struct span){0});
    if (refusal->verdict == CANNOT_TELL) {
        observation_undetermined(observation, &facts[AUTH_REQUIRED], refusal->why);
        observation_undetermined(observation, &facts[OPEN], refusal->why);
        return leave(call);
    }
    observation_bool(observation, &facts[OPEN], false);
    observation_bool(observation, &facts[PROTECTED_MODE], refusal->verdict == PROTECTS_ITSELF);
    if (refusal->verdict == WANTS_PASSWORD)
        observation_bool(observation, &facts[AUTH_REQUIRED], true);
    else
        observation_undetermined(observation, &facts[AUTH_REQUIRED],
                                 "protected mode refuses before a password is asked for");
    return leave(call);
}

static enum probe_answer answered_ping(struct probe_call *call)
{
    struct redis_state *state = call->state;
    struct cursor reader = *call->in;
    int kind = cursor_peek(&reader, 0);
    if (kind >= 0 && kind != '+' && kind != '-')
        return PROBE_NOT_MINE;
    struct span line = cursor_line(&reader, REPLY_MAX);
    if (!cursor_good(&reader))
        return cursor_short(&reader) ? PROBE_WAIT : PROBE_NOT_MINE;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (span_starts_nocase(line, refusals[i].start)) {
            cursor_commit(call->in, &reader);
            return refused(call, &refusals[i]);
        }
    if (!span_equals(line, "+PONG"))
        return PROBE_NOT_MINE;
    cursor_commit(call->in, &reader);
    observation_bool(call->observation, &facts[OPEN], true);
    observation_bool(call->observation, &facts[AUTH_REQUIRED], false);
    observation_bool(call->observation, &facts[PROTECTED_MODE], false);
    buffer_text(call->out, INFO);
    state->asked = true;
    return PROBE_WAIT;
}

/* The value of "key:value" on a line of its own; empty when there is none. */
static struct span field(struct span text, const char *key)
{
    while (text.size) {
        struct span value = span_cut(&text, "\n");
        struct span name = span_cut(&value, ":");
        if (value.size && value.bytes[value.size - 1] == '\r')
            value.size--;
        if (span_equals(name, key))
            return value;
    }
    return (struct span){0};
}

/* Servers of this protocol tell Redis's version for compatibility and their own besides. */
static void name_product(struct observation *observation, struct span text)
{
    static const struct {
        const char *key, *product;
    } versions[] = {
        {"valkey_version", "Valkey"}, {"dragonfly_version", "Dragonfly"}, {"kvrocks_version", "Kvrocks"},
        {"pika_version", "Pika"},     {"redis_version", "Redis"},
    };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct span version = field(text, versions[i].key);
        bool keydb = span_find(field(text, "executable"), "keydb") != SIZE_MAX;
        if (version.size == 0)
            continue;
        if (span_starts(version, "df-v"))
            version = span_from(version, strlen("df-v"));
        product_observe(observation, keydb ? "KeyDB" : versions[i].product, version);
        return;
    }
}

/* A bulk string, or an error where INFO is not allowed. */
static enum probe_answer answered_info(struct probe_call *call)
{
    struct cursor reader = *call->in;
    uint64_t size = 0;
    struct span line = cursor_line(&reader, REPLY_MAX);
    if (cursor_short(&reader))
        return PROBE_WAIT;
    bool bulk = line.size && line.bytes[0] == '$' && span_number(span_from(line, 1), INFO_MAX, &size);
    if (!cursor_good(&reader) || !bulk)
        return leave(call);
    struct span text = cursor_span(&reader, (size_t)size);
    cursor_line(&reader, 1);
    if (!cursor_good(&reader))
        return cursor_short(&reader) ? PROBE_WAIT : leave(call);
    cursor_commit(call->in, &reader);
    name_product(call->observation, text);
    struct span mode = field(text, "redis_mode");
    if (mode.size)
        observation_text(call->observation, &facts[MODE], mode);
    return leave(call);
}

static enum probe_answer step(struct probe_call *call)
{
    const struct redis_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        buffer_text(call->out, PING);
        return PROBE_WAIT;
    case PROBE_HEARD:
        if (!state->asked) {
            enum probe_answer answer = answered_ping(call);
            if (!state->asked)
                return answer;
        }
        return answered_info(call);
    case PROBE_ENDED:
    case PROBE_QUIET:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return state->asked ? PROBE_DONE : PROBE_NOT_MINE;
}

const struct probe probe_redis = {
    .name = "redis",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){6379, 6380, 26379, 0},
    .state_size = sizeof(struct redis_state),
    .facts = facts,
    .step = step,
};
