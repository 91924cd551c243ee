#include "probes/banner.h"
#include "probes/dialogue.h"
#include "probes/lines.h"

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

enum stage { GREETING, LIST, SWITCH };

static const struct dialogue dialogue = {
    .offered = &facts[STLS],
    .works = &facts[STLS_WORKS],
    .outside = (const struct fact *const[]){&facts[LOGIN_BEFORE_TLS], NULL},
    .ports = (const uint16_t[]){110, 995, 0},
    .goodbye = "QUIT\r\n",
};

struct capabilities {
    bool stls, readable_login;
    struct span implementation;
    uint8_t storage[OBSERVATION_TEXT_MAX];
    struct buffer names;
};

static enum probe_answer finish(struct probe_call *call)
{
    return dialogue_finish(call, &dialogue);
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
    if (refused && !dialogue_usual_port(call, &dialogue))
        return PROBE_NOT_MINE; /* Redis says -ERR too when it is full */
    observation_text(call->observation, &facts[BANNER], banner_without_date(text));
    observation_bool(call->observation, &facts[REFUSES_US], refused);
    (void)banner_observe(call->observation, products, text);
    if (refused)
        return dialogue_give_up(call, &dialogue, "the server refused us in its greeting");
    observation_bool(call->observation, &facts[APOP], apop);
    return dialogue_say(call, LIST, "CAPA\r\n");
}

static void read_capability(struct capabilities *capabilities, struct span line)
{
    struct span arguments = line;
    struct span name = span_cut(&arguments, " ");
    capabilities->stls |= span_equals_nocase(name, "STLS");
    capabilities->readable_login |= span_equals_nocase(name, "USER");
    capabilities->readable_login |= span_equals_nocase(name, "SASL") && dialogue_readable_login(arguments);
    if (span_equals_nocase(name, "IMPLEMENTATION"))
        capabilities->implementation = arguments;
    dialogue_add_name(&capabilities->names, ", ", line);
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
    const struct dialogue_state *state = call->state;
    struct observation *observation = call->observation;
    struct capabilities capabilities;
    read_capabilities(&capabilities, lines);
    struct span names = {capabilities.names.bytes, capabilities.names.size};
    observation_text(observation, &facts[CAPABILITIES], names);
    if (observation->product[0] == 0)
        (void)banner_observe(observation, products, capabilities.implementation);
    if (state->always_inside)
        return finish(call);
    observation_bool(observation, &facts[LOGIN_BEFORE_TLS], capabilities.readable_login);
    observation_bool(observation, &facts[STLS], capabilities.stls);
    return capabilities.stls ? dialogue_say(call, SWITCH, "STLS\r\n") : finish(call);
}

/* A server without CAPA may have STLS all the same, and only trying tells. */
static enum probe_answer not_listed(struct probe_call *call)
{
    const struct dialogue_state *state = call->state;
    if (state->always_inside)
        return finish(call);
    observation_undetermined(call->observation, &facts[LOGIN_BEFORE_TLS], "the server does not know CAPA");
    return dialogue_say(call, SWITCH, "STLS\r\n");
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
    return finish(call);
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
    struct dialogue_state *state = call->state;
    bool accepted = span_starts(line, "+OK");
    struct span lines;
    if (state->stage == LIST && accepted) {
        enum lines_state listing = lines_read(call->in, dot, 0, &lines);
        if (listing == LINES_ENDLESS)
            return dialogue_stopped(call, &dialogue, "the list of capabilities has no end");
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
        return dialogue_stopped(call, &dialogue, "the server did not answer in POP3");
    enum lines_state state = lines_read(&reader, status, 0, &line);
    if (state == LINES_ENDLESS)
        return dialogue_stopped(call, &dialogue, "the server's line has no end");
    if (state == LINES_WAIT)
        return PROBE_WAIT;
    return answered(call, &reader, lines_next(&line));
}

static enum probe_answer step(struct probe_call *call)
{
    return dialogue_step(call, &dialogue, heard, finish);
}

const struct probe probe_pop3 = {
    .name = "pop3",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){110, 0},
    .tls_ports = (const uint16_t[]){995, 0},
    .greeting_ms = 6000,
    .answer_ms = 5000,
    .state_size = sizeof(struct dialogue_state),
    .facts = facts,
    .step = step,
};
