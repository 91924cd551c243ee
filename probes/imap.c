#include "probes/banner.h"
#include "probes/lines.h"
#include "probes/probe.h"

/* IMAP4rev1 (RFC 3501) and rev2 (RFC 9051): greeting, CAPABILITY, STARTTLS, LOGOUT. No LOGIN is ever sent:
   whether it would be taken is what LOGINDISABLED says. */

enum {
    BANNER,
    REFUSES_US,
    PREAUTH,
    CAPABILITIES,
    STARTTLS,
    STARTTLS_WORKS,
    LOGIN_DISABLED,
    LOGIN_BEFORE_TLS,
};

static const struct fact facts[] = {
    [BANNER] = {"imap.banner", FACT_TEXT, "the greeting's text", "问候语"},
    [REFUSES_US] = {"imap.refuses_us", FACT_BOOL, "the server greets with BYE", "服务器以BYE代替问候"},
    [PREAUTH] = {"imap.preauth", FACT_BOOL,
                 "the connection is logged in from the start, without any password",
                 "连接无需口令即处于已登录状态"},
    [CAPABILITIES] = {"imap.capabilities", FACT_TEXT, "capabilities shown outside STARTTLS",
                      "STARTTLS之外公布的能力"},
    [STARTTLS] = {"imap.starttls", FACT_BOOL, "STARTTLS is offered", "提供STARTTLS"},
    [STARTTLS_WORKS] = {"imap.starttls_works", FACT_BOOL, "the offered STARTTLS came to a finished handshake",
                        "STARTTLS握手成功完成"},
    [LOGIN_DISABLED] = {"imap.login_disabled", FACT_BOOL, "LOGINDISABLED is shown without TLS",
                        "未加密时公布LOGINDISABLED"},
    [LOGIN_BEFORE_TLS] = {"imap.login_before_tls", FACT_BOOL,
                          "a login that sends the password readably (LOGIN, AUTH=PLAIN) is taken without TLS",
                          "未加密时即接受明文口令登录(LOGIN、AUTH=PLAIN)"},
    {0},
};

static const struct banner_product products[] = {
    {"Dovecot", "Dovecot"},
    {"Cyrus IMAP", "Cyrus IMAP"},
    {"Courier-IMAP", "Courier"},
    {"Coremail", "Coremail"},
    {"Magic Winmail", "Winmail"},
    {"TurboMail", "TurboMail"},
    {"QQMail", "QQ Mail"},
    {"The Microsoft Exchange IMAP4 service", "Microsoft Exchange"},
    {"Microsoft Exchange", "Microsoft Exchange"},
    {"Domino IMAP4", "HCL Domino"},
    {"Zimbra", "Zimbra"},
    {"MDaemon", "MDaemon"},
    {"MailEnable", "MailEnable"},
    {"hMailServer", "hMailServer"},
    {"CommuniGate Pro", "CommuniGate Pro"},
    {"Kerio Connect", "Kerio Connect"},
    {"IceWarp", "IceWarp"},
    {"Panda IMAP", "Panda IMAP"},
    {"JAMES", "Apache James"},
    {"Stalwart", "Stalwart"},
    {0},
};

/* The command that is under way; its tag is "a" and this number. */
enum stage { GREETING, LIST, SWITCH, LOGOUT };

struct imap_state {
    enum stage stage;
    bool sure;          /* a command of ours came back with its tag */
    bool always_inside; /* TLS from the start, where STARTTLS has no place */
};

struct capabilities {
    bool starttls, login_disabled, readable_login;
};

static void leave_open(struct probe_call *call, const char *why)
{
    const struct imap_state *state = call->state;
    if (state->always_inside)
        return;
    observation_undetermined(call->observation, &facts[STARTTLS], why);
    observation_undetermined(call->observation, &facts[LOGIN_DISABLED], why);
    observation_undetermined(call->observation, &facts[LOGIN_BEFORE_TLS], why);
    if (observation_is_true(call->observation, &facts[STARTTLS]))
        observation_undetermined(call->observation, &facts[STARTTLS_WORKS], why);
}

static enum probe_answer say(struct probe_call *call, enum stage stage, const char *command)
{
    struct imap_state *state = call->state;
    state->stage = stage;
    buffer_u8(call->out, 'a');
    buffer_u8(call->out, (uint8_t)('0' + stage));
    buffer_text(call->out, command);
    return stage == LOGOUT ? PROBE_DONE : PROBE_WAIT;
}

/* What follows a response code like "[CAPABILITY …]", or all of it. */
static struct span without_code(struct span text)
{
    size_t end = span_starts(text, "[") ? span_find(text, "]") : SIZE_MAX;
    return end == SIZE_MAX ? text : span_trim(span_from(text, end + 1));
}

static enum probe_answer greeted(struct probe_call *call, struct span line)
{
    struct observation *observation = call->observation;
    struct span text = span_from(line, 2);
    struct span word = span_cut(&text, " ");
    bool bye = span_equals_nocase(word, "BYE"), preauth = span_equals_nocase(word, "PREAUTH");
    if (!bye && !preauth && !span_equals_nocase(word, "OK"))
        return PROBE_NOT_MINE;
    text = without_code(text);
    observation_text(observation, &facts[BANNER], banner_without_date(text));
    observation_bool(observation, &facts[REFUSES_US], bye);
    (void)banner_observe(observation, products, text);
    if (bye) {
        leave_open(call, "the server refused us in its greeting");
        return PROBE_DONE;
    }
    observation_bool(observation, &facts[PREAUTH], preauth);
    if (preauth) {
        leave_open(call, "the connection is logged in already");
        return say(call, LOGOUT, " LOGOUT\r\n");
    }
    return say(call, LIST, " CAPABILITY\r\n");
}

static void read_capabilities(struct capabilities *capabilities, struct span names)
{
    while (names.size) {
        struct span name = span_cut(&names, " ");
        capabilities->starttls |= span_equals_nocase(name, "STARTTLS");
        capabilities->login_disabled |= span_equals_nocase(name, "LOGINDISABLED");
        capabilities->readable_login |= span_equals_nocase(name, "AUTH=PLAIN");
        capabilities->readable_login |= span_equals_nocase(name, "AUTH=LOGIN");
    }
}

static enum probe_answer listed(struct probe_call *call, struct span names)
{
    const struct imap_state *state = call->state;
    struct observation *observation = call->observation;
    struct capabilities capabilities = {0};
    read_capabilities(&capabilities, names);
    observation_text(observation, &facts[CAPABILITIES], names);
    if (state->always_inside)
        return say(call, LOGOUT, " LOGOUT\r\n");
    bool readable_login = !capabilities.login_disabled || capabilities.readable_login;
    observation_bool(observation, &facts[STARTTLS], capabilities.starttls);
    observation_bool(observation, &facts[LOGIN_DISABLED], capabilities.login_disabled);
    observation_bool(observation, &facts[LOGIN_BEFORE_TLS], readable_login);
    return capabilities.starttls ? say(call, SWITCH, " STARTTLS\r\n") : say(call, LOGOUT, " LOGOUT\r\n");
}

static enum probe_answer list_answered(struct probe_call *call, struct span lines)
{
    static const char mark[] = "* CAPABILITY ";
    while (lines.size) {
        struct span line = lines_next(&lines);
        if (span_starts_nocase(line, mark))
            return listed(call, span_trim(span_from(line, sizeof mark - 1)));
    }
    leave_open(call, "the server did not list its capabilities");
    return say(call, LOGOUT, " LOGOUT\r\n");
}

/* Is the tagged line, the last of the answer, an OK? */
static bool tagged_ok(struct span lines)
{
    struct span line = {0};
    while (lines.size)
        line = lines_next(&lines);
    (void)span_cut(&line, " ");
    return span_equals_nocase(span_cut(&line, " "), "OK");
}

static enum probe_answer switched(struct probe_call *call, struct span lines)
{
    if (tagged_ok(lines))
        return PROBE_TLS;
    observation_bool(call->observation, &facts[STARTTLS_WORKS], false);
    return say(call, LOGOUT, " LOGOUT\r\n");
}

static enum probe_answer stopped(struct probe_call *call, const char *why)
{
    const struct imap_state *state = call->state;
    bool usual = call->context->port == 143 || call->context->port == 993;
    if (state->stage == GREETING || (!state->sure && !usual))
        return PROBE_NOT_MINE;
    leave_open(call, why);
    return PROBE_DONE;
}

static bool tagged(struct span line, unsigned stage)
{
    return stage == GREETING ||
           (line.size > 2 && line.bytes[0] == 'a' && line.bytes[1] == '0' + stage && line.bytes[2] == ' ');
}

static enum probe_answer heard(struct probe_call *call)
{
    struct imap_state *state = call->state;
    struct cursor start = *call->in;
    struct span lines;
    if (state->stage == GREETING && !cursor_match(&start, "* ", 2) && !cursor_short(&start))
        return PROBE_NOT_MINE;
    enum lines_state reading = lines_read(call->in, tagged, state->stage, &lines);
    if (reading == LINES_ENDLESS)
        return stopped(call, "the server's answer has no end");
    if (reading == LINES_WAIT)
        return PROBE_WAIT;
    if (state->stage == GREETING)
        return greeted(call, lines_next(&lines));
    state->sure = true;
    return state->stage == LIST ? list_answered(call, lines) : switched(call, lines);
}

static enum probe_answer step(struct probe_call *call)
{
    struct imap_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        state->always_inside = call->inside_tls;
        return PROBE_WAIT;
    case PROBE_HEARD:
        return state->stage == LOGOUT ? PROBE_DONE : heard(call);
    case PROBE_SECURED:
        observation_bool(call->observation, &facts[STARTTLS_WORKS], true);
        return say(call, LOGOUT, " LOGOUT\r\n");
    case PROBE_UNSECURED:
        return stopped(call, "the handshake did not end");
    case PROBE_ENDED:
        return stopped(call, "the server closed before it answered");
    case PROBE_QUIET:
        break;
    }
    return stopped(call, "the server did not answer in time");
}

const struct probe probe_imap = {
    .name = "imap",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){143, 0},
    .tls_ports = (const uint16_t[]){993, 0},
    .greeting_ms = 6000,
    .answer_ms = 5000,
    .state_size = sizeof(struct imap_state),
    .facts = facts,
    .step = step,
};
