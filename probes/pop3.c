#include "probes/banner.h"
#include "probes/lines.h"
#include "probes/probe.h"

/* POP3 (RFC 1939): greeting, CAPA (RFC 2449), STLS (RFC 2595), QUIT. No USER is ever sent: whether it would
   be taken is what CAPA says. */

enum {
    BANNER,
    REFUSES_US,
    APOP,
    CAPABILITIES,
    STLS,
    STLS_WORKS,
    LOGIN_BEFORE_TLS,
};

static const struct fact facts[] = {
    [BANNER] = {"pop3.banner", FACT_TEXT, "the greeting, without the APOP timestamp",
                "问候语(不含APOP时间戳)"},
    [REFUSES_US] = {"pop3.refuses_us", FACT_BOOL, "the server greets with -ERR", "服务器以-ERR代替问候"},
    [APOP] = {"pop3.apop", FACT_BOOL, "APOP, an MD5 login that shows no password, is offered",
              "提供APOP(MD5摘要登录)"},
    [CAPABILITIES] = {"pop3.capabilities", FACT_TEXT, "capabilities that CAPA lists before STLS",
                      "STLS之前CAPA列出的能力"},
    [STLS] = {"pop3.stls", FACT_BOOL, "STLS is offered", "提供STLS"},
    [STLS_WORKS] = {"pop3.stls_works", FACT_BOOL, "the offered STLS came to a finished handshake",
                    "STLS握手成功完成"},
    [LOGIN_BEFORE_TLS] =
        {"pop3.login_before_tls", FACT_BOOL,
         "a login that sends the password readably (USER, PLAIN, LOGIN) is offered without TLS",
         "未加密时即提供明文口令登录(USER、PLAIN、LOGIN)"},
    {0},
};

static const struct banner_product products[] = {
    {"Dovecot", "Dovecot"},
    {"Cyrus POP3", "Cyrus IMAP"},
    {"Cyrus", "Cyrus IMAP"},
    {"Courier", "Courier"},
    {"Coremail", "Coremail"},
    {"Magic Winmail", "Winmail"},
    {"TurboMail", "TurboMail"},
    {"XMail POP3 Server", "QQ Mail"},
    {"The Microsoft Exchange POP3 service", "Microsoft Exchange"},
    {"Microsoft Exchange", "Microsoft Exchange"},
    {"Microsoft Windows POP3 Service", "Microsoft POP3 Service"},
    {"Lotus Notes POP3", "HCL Domino"},
    {"IBM Notes POP3", "HCL Domino"},
    {"HCL Notes POP3", "HCL Domino"},
    {"Zimbra", "Zimbra"},
    {"MDaemon", "MDaemon"},
    {"MailEnable", "MailEnable"},
    {"hMailServer", "hMailServer"},
    {"CommuniGate Pro", "CommuniGate Pro"},
    {"Kerio Connect", "Kerio Connect"},
    {"IceWarp", "IceWarp"},
    {"Qpopper", "Qpopper"},
    {"JAMES", "Apache James"},
    {"Stalwart", "Stalwart"},
    {0},
};

enum stage { GREETING, LIST, SWITCH, OVER };

struct pop3_state {
    enum stage stage;
    bool sure;          /* CAPA or STLS was answered in POP3 */
    bool always_inside; /* TLS from the start, where STLS has no place */
};

struct capabilities {
    bool stls, readable_login;
    struct span implementation;
    uint8_t storage[OBSERVATION_TEXT_MAX];
    struct buffer names;
};

static void leave_open(struct probe_call *call, const char *why)
{
    const struct pop3_state *state = call->state;
    if (state->always_inside)
        return;
    observation_undetermined(call->observation, &facts[STLS], why);
    observation_undetermined(call->observation, &facts[LOGIN_BEFORE_TLS], why);
    if (observation_is_true(call->observation, &facts[STLS]))
        observation_undetermined(call->observation, &facts[STLS_WORKS], why);
}

static enum probe_answer say(struct probe_call *call, enum stage stage, const char *command)
{
    struct pop3_state *state = call->state;
    state->stage = stage;
    buffer_text(call->out, command);
    return stage == OVER ? PROBE_DONE : PROBE_WAIT;
}

static bool usual_port(const struct probe_call *call)
{
    return call->context->port == 110 || call->context->port == 995;
}

/* RFC 1939 §7: the timestamp is a message id, "<1896.697170952@dbc.mtview.ca.us>". */
static bool cut_timestamp(struct span *greeting)
{
    size_t start = span_find(*greeting, "<");
    struct span stamp = span_from(*greeting, start);
    size_t at = span_find(stamp, "@"), end = span_find(stamp, ">");
    if (start == SIZE_MAX || at == SIZE_MAX || end == SIZE_MAX || at > end)
        return false;
    *greeting = span_trim(span_first(*greeting, start));
    return true;
}

static enum probe_answer greeted(struct probe_call *call, struct span line)
{
    struct span text = span_trim(span_from(line, span_starts(line, "+OK") ? 3 : 4));
    bool refused = span_starts(line, "-ERR"), apop = cut_timestamp(&text);
    if (refused && !usual_port(call))
        return PROBE_NOT_MINE; /* Redis says -ERR too when it is full */
    observation_text(call->observation, &facts[BANNER], banner_without_date(text));
    observation_bool(call->observation, &facts[REFUSES_US], refused);
    (void)banner_observe(call->observation, products, text);
    if (refused) {
        leave_open(call, "the server refused us in its greeting");
        return say(call, OVER, "QUIT\r\n");
    }
    observation_bool(call->observation, &facts[APOP], apop);
    return say(call, LIST, "CAPA\r\n");
}

static bool readable_login(struct span mechanisms)
{
    while (mechanisms.size) {
        struct span mechanism = span_cut(&mechanisms, " ");
        if (span_equals_nocase(mechanism, "PLAIN") || span_equals_nocase(mechanism, "LOGIN"))
            return true;
    }
    return false;
}

static void read_capability(struct capabilities *capabilities, struct span line)
{
    struct span arguments = line;
    struct span name = span_cut(&arguments, " ");
    capabilities->stls |= span_equals_nocase(name, "STLS");
    capabilities->readable_login |= span_equals_nocase(name, "USER");
    capabilities->readable_login |= span_equals_nocase(name, "SASL") && readable_login(arguments);
    if (span_equals_nocase(name, "IMPLEMENTATION"))
        capabilities->implementation = arguments;
    struct buffer *names = &capabilities->names;
    if (line.size == 0 || names->capacity - names->size <= line.size + 1)
        return;
    buffer_text(names, names->size ? ", " : "");
    buffer_bytes(names, line.bytes, line.size);
}

static void read_capabilities(struct capabilities *capabilities, struct span lines)
{
    *capabilities = (struct capabilities){0};
    capabilities->names = buffer_over(capabilities->storage, sizeof capabilities->storage);
    (void)lines_next(&lines); /* +OK */
    for (struct span line = lines_next(&lines); lines.size; line = lines_next(&lines))
        read_capability(capabilities, line);
}

static enum probe_answer listed(struct probe_call *call, struct span lines)
{
    const struct pop3_state *state = call->state;
    struct observation *observation = call->observation;
    struct capabilities capabilities;
    read_capabilities(&capabilities, lines);
    struct span names = {capabilities.names.bytes, capabilities.names.size};
    observation_text(observation, &facts[CAPABILITIES], names);
    if (observation->product[0] == 0)
        (void)banner_observe(observation, products, capabilities.implementation);
    if (state->always_inside)
        return say(call, OVER, "QUIT\r\n");
    observation_bool(observation, &facts[LOGIN_BEFORE_TLS], capabilities.readable_login);
    observation_bool(observation, &facts[STLS], capabilities.stls);
    return capabilities.stls ? say(call, SWITCH, "STLS\r\n") : say(call, OVER, "QUIT\r\n");
}

/* A server without CAPA may have STLS all the same, and only trying tells. */
static enum probe_answer not_listed(struct probe_call *call)
{
    const struct pop3_state *state = call->state;
    if (state->always_inside)
        return say(call, OVER, "QUIT\r\n");
    observation_undetermined(call->observation, &facts[LOGIN_BEFORE_TLS], "the server does not know CAPA");
    return say(call, SWITCH, "STLS\r\n");
}

static enum probe_answer switched(struct probe_call *call, bool accepted)
{
    struct observation *observation = call->observation;
    if (accepted) {
        observation_bool(observation, &facts[STLS], true);
        return PROBE_TLS;
    }
    if (observation_is_true(observation, &facts[STLS]))
        observation_bool(observation, &facts[STLS_WORKS], false);
    else
        observation_bool(observation, &facts[STLS], false);
    return say(call, OVER, "QUIT\r\n");
}

static enum probe_answer stopped(struct probe_call *call, const char *why)
{
    const struct pop3_state *state = call->state;
    if (state->stage == GREETING || (!state->sure && !usual_port(call)))
        return PROBE_NOT_MINE;
    leave_open(call, why);
    return PROBE_DONE;
}

static bool status(struct span line, unsigned key)
{
    (void)line, (void)key;
    return true;
}

static bool dot(struct span line, unsigned key)
{
    (void)key;
    return span_equals(line, ".");
}

/* Can what is there still become "+OK" or "-ERR"? */
static bool plausible(const struct cursor *in)
{
    struct cursor accepted = *in, refused = *in;
    bool fits = cursor_match(&accepted, "+OK", 3) || cursor_short(&accepted);
    return fits || cursor_match(&refused, "-ERR", 4) || cursor_short(&refused);
}

static enum probe_answer answered(struct probe_call *call, struct cursor *reader, struct span line)
{
    struct pop3_state *state = call->state;
    bool accepted = span_starts(line, "+OK");
    struct span lines;
    if (state->stage == LIST && accepted) {
        enum lines_state listing = lines_read(call->in, dot, 0, &lines);
        if (listing == LINES_ENDLESS)
            return stopped(call, "the list of capabilities has no end");
        if (listing == LINES_WAIT)
            return PROBE_WAIT;
        state->sure = true;
        return listed(call, lines);
    }
    cursor_commit(call->in, reader);
    if (state->stage == GREETING)
        return greeted(call, line);
    state->sure = true;
    return state->stage == LIST ? not_listed(call) : switched(call, accepted);
}

static enum probe_answer heard(struct probe_call *call)
{
    struct cursor reader = *call->in;
    struct span line;
    if (!plausible(&reader))
        return stopped(call, "the server did not answer in POP3");
    enum lines_state state = lines_read(&reader, status, 0, &line);
    if (state == LINES_ENDLESS)
        return stopped(call, "the server's line has no end");
    if (state == LINES_WAIT)
        return PROBE_WAIT;
    return answered(call, &reader, lines_next(&line));
}

static enum probe_answer step(struct probe_call *call)
{
    struct pop3_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        state->always_inside = call->inside_tls;
        return PROBE_WAIT;
    case PROBE_HEARD:
        return state->stage == OVER ? PROBE_DONE : heard(call);
    case PROBE_SECURED:
        observation_bool(call->observation, &facts[STLS_WORKS], true);
        return say(call, OVER, "QUIT\r\n");
    case PROBE_UNSECURED:
        return stopped(call, "the handshake did not end");
    case PROBE_ENDED:
        return stopped(call, "the server closed before it answered");
    case PROBE_QUIET:
        break;
    }
    return stopped(call, "the server did not answer in time");
}

const struct probe probe_pop3 = {
    .name = "pop3",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){110, 0},
    .tls_ports = (const uint16_t[]){995, 0},
    .greeting_ms = 6000,
    .answer_ms = 5000,
    .state_size = sizeof(struct pop3_state),
    .facts = facts,
    .step = step,
};
