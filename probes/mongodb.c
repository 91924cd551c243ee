#include "probes/bson.h"
#include "probes/probe.h"
#include "probes/product.h"

/* MongoDB's wire protocol (mongodb.com/docs/manual/reference/mongodb-wire-protocol). hello and buildInfo are
   answered before any login, with or without access control: they prove that the server is reachable and say
   nothing about whether its data need a login. Nothing else is asked. */

enum {
    ANSWERS,
    AUTH_REQUIRED,
    MAX_WIRE_VERSION,
    MIN_WIRE_VERSION,
    REPLICA_SET,
    ROUTER,
};

static const struct fact facts[] = {
    [ANSWERS] = {"mongodb.answers", FACT_BOOL,
                 "the server answers hello; whether its data need a login is not looked at",
                 "服务器应答hello(未检查数据访问是否需要认证)"},
    [AUTH_REQUIRED] = {"mongodb.auth_required", FACT_BOOL,
                       "its data need a login; never determined, since that would mean to ask for data",
                       "数据访问需要认证(须请求数据才能判断,故从不判断)"},
    [MAX_WIRE_VERSION] = {"mongodb.max_wire_version", FACT_INTEGER, "newest wire protocol version",
                          "最高协议版本"},
    [MIN_WIRE_VERSION] = {"mongodb.min_wire_version", FACT_INTEGER, "oldest wire protocol version",
                          "最低协议版本"},
    [REPLICA_SET] = {"mongodb.replica_set", FACT_TEXT, "name of the replica set that the server is in",
                     "所属副本集名称"},
    [ROUTER] = {"mongodb.router", FACT_BOOL, "the server is the router of a sharded cluster (mongos)",
                "服务器为分片集群路由(mongos)"},
    {0},
};

enum {
    OP_REPLY = 1,
    OP_QUERY = 2004,
    OP_MSG = 2013,
    HEADER_SIZE = 16,
    SECONDARY_OK = 4,
};

#define MESSAGE_MAX 16384 /* a buildInfo answer has 2 to 4 KiB */

/* hello is asked by OP_MSG (3.6 and newer); servers that do not know it under that name get isMaster; those
 * that hang up at OP_MSG get isMaster by OP_QUERY on a second connection. */
enum stage { HELLO, IS_MASTER, BUILD_INFO };

struct mongodb_state {
    enum stage stage;
    bool answered;
    uint32_t request; /* id of the last one, which the answer must repeat */
};

static void write_document(struct buffer *out, const char *command, bool named)
{
    size_t length = buffer_reserve(out, 4);
    buffer_u8(out, 0x10); /* int32 */
    buffer_text(out, command);
    buffer_u8(out, 0);
    buffer_u32le(out, 1);
    if (named) {
        buffer_u8(out, 2); /* string */
        buffer_text(out, "$db");
        buffer_u8(out, 0);
        buffer_u32le(out, sizeof "admin");
        buffer_bytes(out, "admin", sizeof "admin");
    }
    buffer_u8(out, 0);
    buffer_length_le(out, length, 4, 4);
}

static enum probe_answer ask(struct probe_call *call, enum stage stage, const char *command)
{
    struct mongodb_state *state = call->state;
    bool old = call->round > 0;
    state->stage = stage;
    state->request = ((uint32_t)call->context->nonce & 0x7fffff00) + call->round * 16 + stage + 1;
    size_t length = buffer_reserve(call->out, 4);
    buffer_u32le(call->out, state->request);
    buffer_u32le(call->out, 0); /* responseTo */
    buffer_u32le(call->out, old ? OP_QUERY : OP_MSG);
    buffer_u32le(call->out, old ? SECONDARY_OK : 0);
    if (old) {
        buffer_bytes(call->out, "admin.$cmd", sizeof "admin.$cmd");
        buffer_u32le(call->out, 0);          /* to skip */
        buffer_u32le(call->out, 0xffffffff); /* to return: -1, one and no cursor */
    } else {
        buffer_u8(call->out, 0); /* section: body */
    }
    write_document(call->out, command, !old);
    buffer_length_le(call->out, length, 4, 4);
    return PROBE_WAIT;
}

/* What an answer's document says that concerns us. */
struct answer {
    bool ok, router, has_max, has_min;
    int64_t max_wire, min_wire;
    struct span replica_set, version;
    const char *product;
};

static void read_element(struct answer *answer, const struct bson_element *element)
{
    int64_t number = 0;
    bool is_number = bson_integer(element, &number);
    if (span_equals(element->name, "ok")) {
        answer->ok = is_number && number == 1;
    } else if (span_equals(element->name, "maxWireVersion")) {
        answer->has_max = is_number;
        answer->max_wire = number;
    } else if (span_equals(element->name, "minWireVersion")) {
        answer->has_min = is_number;
        answer->min_wire = number;
    } else if (span_equals(element->name, "setName")) {
        answer->replica_set = bson_text(element);
    } else if (span_equals(element->name, "msg")) {
        answer->router = span_equals(bson_text(element), "isdbgrid");
    } else if (span_equals(element->name, "version")) {
        answer->version = bson_text(element);
    } else if (span_equals(element->name, "psmdbVersion")) {
        answer->product = "Percona Server for MongoDB";
    } else if (span_starts(element->name, "ferretdb")) {
        answer->product = "FerretDB";
    }
}

static bool read_document(struct cursor *body, struct answer *answer)
{
    struct cursor document = bson_document(body);
    struct bson_element element;
    *answer = (struct answer){.product = "MongoDB"};
    while (bson_next(&document, &element))
        read_element(answer, &element);
    return cursor_good(body) && cursor_good(&document);
}

/* Header and what stands before the document (OP_MSG: flags, section kind; OP_REPLY: flags, cursor, first,
 * count). */
static bool read_message(struct cursor body, const struct probe_call *call, struct answer *answer)
{
    const struct mongodb_state *state = call->state;
    cursor_skip(&body, 4); /* the server's own id */
    uint32_t response_to = cursor_u32le(&body), operation = cursor_u32le(&body);
    cursor_skip(&body, 4); /* flags */
    if (operation == OP_MSG && cursor_u8(&body) != 0)
        return false;
    if (operation == OP_REPLY)
        cursor_skip(&body, 8 + 4 + 4);
    return (operation == OP_MSG || operation == OP_REPLY) && response_to == state->request &&
           read_document(&body, answer);
}

static enum probe_answer hello_answered(struct probe_call *call, const struct answer *answer)
{
    struct mongodb_state *state = call->state;
    struct observation *observation = call->observation;
    state->answered = true;
    observation_bool(observation, &facts[ANSWERS], true);
    observation_undetermined(observation, &facts[AUTH_REQUIRED],
                             "hello is answered with and without a login");
    if (!answer->ok && state->stage == HELLO && call->round == 0)
        return ask(call, IS_MASTER, "isMaster");
    if (answer->has_max)
        observation_integer(observation, &facts[MAX_WIRE_VERSION], answer->max_wire);
    if (answer->has_min)
        observation_integer(observation, &facts[MIN_WIRE_VERSION], answer->min_wire);
    observation_undetermined(observation, &facts[MAX_WIRE_VERSION], "the server did not tell");
    observation_undetermined(observation, &facts[MIN_WIRE_VERSION], "the server did not tell");
    if (answer->replica_set.size)
        observation_text(observation, &facts[REPLICA_SET], answer->replica_set);
    if (answer->ok)
        observation_bool(observation, &facts[ROUTER], answer->router);
    return ask(call, BUILD_INFO, "buildInfo");
}

static enum probe_answer build_answered(struct probe_call *call, const struct answer *answer)
{
    if (answer->ok && answer->version.size)
        product_observe(call->observation, answer->product, answer->version);
    return PROBE_DONE;
}

/* No answer: known from the one before, or to be tried in the old way, or not MongoDB. */
static enum probe_answer missed(struct probe_call *call, enum probe_answer otherwise)
{
    const struct mongodb_state *state = call->state;
    if (!state->answered)
        return otherwise;
    observation_undetermined(call->observation, &facts[MAX_WIRE_VERSION], "the server did not tell");
    observation_undetermined(call->observation, &facts[MIN_WIRE_VERSION], "the server did not tell");
    return PROBE_DONE;
}

static enum probe_answer heard(struct probe_call *call)
{
    const struct mongodb_state *state = call->state;
    struct cursor reader = *call->in;
    struct answer answer;
    uint32_t length = cursor_u32le(&reader);
    if (cursor_good(&reader) && (length < HEADER_SIZE + 4 || length > MESSAGE_MAX))
        return missed(call, PROBE_NOT_MINE);
    struct cursor body = cursor_block(&reader, cursor_good(&reader) ? length - 4 : 0);
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    if (!read_message(body, call, &answer))
        return missed(call, PROBE_NOT_MINE);
    return state->stage == BUILD_INFO ? build_answered(call, &answer) : hello_answered(call, &answer);
}

static enum probe_answer step(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        return call->round == 0 ? ask(call, HELLO, "hello") : ask(call, IS_MASTER, "isMaster");
    case PROBE_HEARD:
        return heard(call);
    case PROBE_SECURED:
    case PROBE_UNSECURED:
    case PROBE_ENDED:
    case PROBE_QUIET:
        break;
    }
    return missed(call, call->round == 0 ? PROBE_AGAIN : PROBE_NOT_MINE);
}

const struct probe probe_mongodb = {
    .name = "mongodb",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){27017, 27018, 27019, 0},
    .rounds = 2,
    .gap_ms = 100,
    .state_size = sizeof(struct mongodb_state),
    .facts = facts,
    .step = step,
};
