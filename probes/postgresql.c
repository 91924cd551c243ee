#include "probes/probe.h"
#include "probes/product.h"

/* PostgreSQL's frontend/backend protocol ("Message Formats" and "SSL Session Encryption" of its manual),
   which KingbaseES, openGauss and GaussDB speak too. We send an SSLRequest and then a startup of a protocol
   version that no server has: it is refused before any user or database is named, and the refusal's form and
   fields (where in the source it was raised) are the proof that this is PostgreSQL. One connection, a second
   one only after a handshake that failed. */

enum {
    TLS_OFFERED,
    TLS_WORKS,
    ERROR_CODE,
    ERROR_MESSAGE,
    ERROR_FILE,
    ERROR_LINE,
    ERROR_ROUTINE,
};

static const struct fact facts[] = {
    [TLS_OFFERED] = {"postgresql.tls_offered", FACT_BOOL, "the server agrees to TLS before login",
                     "登录前同意使用TLS"},
    [TLS_WORKS] = {"postgresql.tls_works", FACT_BOOL, "the offered TLS handshake came to its end",
                   "TLS握手成功完成"},
    [ERROR_CODE] = {"postgresql.error_code", FACT_TEXT, "SQLSTATE with which our protocol version is refused",
                    "拒绝协议版本时的SQLSTATE"},
    [ERROR_MESSAGE] = {"postgresql.error_message", FACT_TEXT,
                       "the refusal's text, in the server's language; names the protocol versions it has",
                       "拒绝协议版本的消息(含支持的协议版本)"},
    [ERROR_FILE] = {"postgresql.error_file", FACT_TEXT, "source file that the refusal names",
                    "拒绝消息指明的源文件"},
    [ERROR_LINE] = {"postgresql.error_line", FACT_INTEGER,
                    "source line that the refusal names; narrows the version down to a range",
                    "拒绝消息指明的源代码行(可推断版本范围)"},
    [ERROR_ROUTINE] = {"postgresql.error_routine", FACT_TEXT, "source function that the refusal names",
                       "拒绝消息指明的函数"},
    {0},
};

enum {
    SSL_REQUEST = 80877103,
    NO_SUCH_PROTOCOL = 0x00ff00ff, /* 255.255 */
};

#define ERROR_MAX  4096 /* an ErrorResponse to this has under 200 bytes */
#define FIELD_MAX  1024
#define FIELDS_MAX 32

enum stage { ASKED_TLS, ASKED_STARTUP, OVER };

struct postgresql_state {
    enum stage stage;
    uint8_t
        tls_answer; /* 'S' or 'N'; a single byte proves nothing until the refusal or a handshake follows */
    bool secured;
};

/* Fields of an ErrorResponse that concern us. */
struct error {
    struct span severity, code, message, file, line, routine;
};

static enum probe_answer ask_tls(struct probe_call *call)
{
    buffer_u32be(call->out, 8);
    buffer_u32be(call->out, SSL_REQUEST);
    return PROBE_WAIT;
}

static enum probe_answer ask_startup(struct probe_call *call)
{
    struct postgresql_state *state = call->state;
    state->stage = ASKED_STARTUP;
    buffer_u32be(call->out, 8);
    buffer_u32be(call->out, NO_SUCH_PROTOCOL);
    return PROBE_WAIT;
}

static struct span *field_of(struct error *error, uint8_t type)
{
    switch (type) {
    case 'S':
        return &error->severity;
    case 'C':
        return &error->code;
    case 'M':
        return &error->message;
    case 'F':
        return &error->file;
    case 'L':
        return &error->line;
    case 'R':
        return &error->routine;
    default:
        return NULL;
    }
}

static bool sqlstate(struct span code)
{
    for (size_t i = 0; i < code.size; i++)
        if ((code.bytes[i] < '0' || code.bytes[i] > '9') && (code.bytes[i] < 'A' || code.bytes[i] > 'Z'))
            return false;
    return code.size == 5;
}

/* Severity, SQLSTATE and message are always there ("Error and Notice Message Fields"). */
static bool read_error(struct cursor *body, struct error *error)
{
    for (int i = 0; i < FIELDS_MAX; i++) {
        uint8_t type = cursor_u8(body);
        if (type == 0)
            return cursor_good(body) && cursor_left(body) == 0 && error->severity.size &&
                   error->message.size && sqlstate(error->code);
        struct span text = cursor_until(body, 0, FIELD_MAX);
        struct span *field = field_of(error, type);
        if (field)
            *field = text;
    }
    return false;
}

static void note(struct observation *observation, const struct fact *fact, struct span text)
{
    if (text.size)
        observation_text(observation, fact, text);
}

/* Pools in front of the server answer in the same form, but not out of its source. */
static void name_product(struct observation *observation, const struct error *error)
{
    static const struct {
        const char *mark, *product;
    } kin[] = {{"kingbase", "KingbaseES"}, {"opengauss", "openGauss"}, {"gaussdb", "GaussDB"}};
    for (size_t i = 0; i < sizeof kin / sizeof kin[0]; i++) {
        if (span_find_nocase(error->message, kin[i].mark) == SIZE_MAX)
            continue;
        observation_product(observation, kin[i].product);
        return;
    }
    if (span_equals(error->routine, "ProcessStartupPacket"))
        observation_product(observation, "PostgreSQL");
}

static void observe_tls(struct probe_call *call)
{
    const struct postgresql_state *state = call->state;
    struct observation *observation = call->observation;
    if (state->tls_answer)
        observation_bool(observation, &facts[TLS_OFFERED], state->tls_answer == 'S');
    else if (!call->inside_tls)
        observation_undetermined(observation, &facts[TLS_OFFERED],
                                 "the server refused before it answered that");
    if (state->secured)
        observation_bool(observation, &facts[TLS_WORKS], true);
    else if (state->tls_answer == 'S')
        observation_undetermined(observation, &facts[TLS_WORKS], "the handshake did not end");
}

static enum probe_answer refused(struct probe_call *call, const struct error *error)
{
    struct postgresql_state *state = call->state;
    struct observation *observation = call->observation;
    uint64_t line;
    state->stage = OVER;
    observe_tls(call);
    observation_text(observation, &facts[ERROR_CODE], error->code);
    observation_text(observation, &facts[ERROR_MESSAGE], error->message);
    note(observation, &facts[ERROR_FILE], error->file);
    note(observation, &facts[ERROR_ROUTINE], error->routine);
    if (span_number(error->line, UINT32_MAX, &line))
        observation_integer(observation, &facts[ERROR_LINE], (int64_t)line);
    name_product(observation, error);
    return PROBE_DONE;
}

/* The form of protocol 2: 'E' and a text. Servers before 7.4 refuse so, and a postmaster of any age that
 * cannot start a process for us. */
static enum probe_answer hear_old_error(struct probe_call *call)
{
    static const char unsupported[] = "unsupported frontend protocol";
    struct cursor reader = *call->in;
    cursor_skip(&reader, 1);
    struct span text = cursor_until(&reader, 0, FIELD_MAX);
    if (cursor_short(&reader))
        return PROBE_WAIT;
    bool old = span_find(text, unsupported) != SIZE_MAX;
    if (!cursor_good(&reader) || (!old && span_find(text, "could not fork") == SIZE_MAX))
        return PROBE_NOT_MINE;
    observe_tls(call);
    observation_text(call->observation, &facts[ERROR_MESSAGE], span_first(text, span_find(text, "\n")));
    observation_product(call->observation, "PostgreSQL");
    return PROBE_DONE;
}

/* 'E', length, fields. */
static enum probe_answer hear_error(struct probe_call *call)
{
    struct cursor reader = *call->in;
    struct error error = {0};
    cursor_skip(&reader, 1);
    uint32_t length = cursor_u32be(&reader);
    if (cursor_good(&reader) && (length < 5 || length > ERROR_MAX))
        return PROBE_NOT_MINE;
    struct cursor body = cursor_block(&reader, cursor_good(&reader) ? length - 4 : 0);
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    return read_error(&body, &error) ? refused(call, &error) : PROBE_NOT_MINE;
}

static enum probe_answer heard(struct probe_call *call)
{
    struct postgresql_state *state = call->state;
    int kind = cursor_peek(call->in, 0);
    if (state->stage == ASKED_TLS && (kind == 'S' || kind == 'N')) {
        state->tls_answer = cursor_u8(call->in);
        if (kind == 'S')
            return PROBE_TLS;
        (void)ask_startup(call);
        kind = cursor_peek(call->in, 0);
    }
    int next = cursor_peek(call->in, 1);
    if (kind >= 0 && kind != 'E')
        return PROBE_NOT_MINE;
    if (next < 0)
        return PROBE_WAIT;
    return next == 0 ? hear_error(call) : hear_old_error(call);
}

/* The 'S' and a finished handshake are proof enough, whatever comes after. */
static enum probe_answer settled(struct probe_call *call, enum probe_answer answer)
{
    const struct postgresql_state *state = call->state;
    if (answer != PROBE_NOT_MINE || !state->secured)
        return answer;
    observe_tls(call);
    return PROBE_DONE;
}

static enum probe_answer step(struct probe_call *call)
{
    struct postgresql_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        return call->inside_tls || call->round > 0 ? ask_startup(call) : ask_tls(call);
    case PROBE_HEARD:
        return settled(call, heard(call));
    case PROBE_SECURED:
        state->secured = true;
        return ask_startup(call);
    case PROBE_UNSECURED:
        return PROBE_AGAIN;
    case PROBE_ENDED:
    case PROBE_QUIET:
        break;
    }
    return state->stage == OVER ? PROBE_DONE : settled(call, PROBE_NOT_MINE);
}

const struct probe probe_postgresql = {
    .name = "postgresql",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){5432, 5433, 54321, 0},
    .rounds = 2,
    .gap_ms = 100,
    .state_size = sizeof(struct postgresql_state),
    .facts = facts,
    .step = step,
};
