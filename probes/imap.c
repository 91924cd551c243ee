#include "probes/banner.h"
#include "probes/dialogue.h"
#include "probes/lines.h"

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

/* The command that is under way; its tag is "a" and this number, that of LOGOUT the next one. */
enum stage { GREETING, LIST, SWITCH };

static const struct dialogue dialogue = {
    .offered = &facts[STARTTLS],
    .works = &facts[STARTTLS_WORKS],
    .outside = (const struct fact *const[]){&facts[LOGIN_DISABLED], &facts[LOGIN_BEFORE_TLS], NULL},
    .ports = (const uint16_t[]){143, 993, 0},
    .goodbye = "a3 LOGOUT\r\n",
};

struct capabilities {
    bool starttls, login_disabled, readable_login;
};

static enum probe_answer finish(struct probe_call *call)
{
    return dialogue_finish(call, &dialogue);
}

static enum probe_answer say(struct probe_call *call, enum stage stage, const char *command)
{
    buffer_u8(call->out, 'a');
    buffer_u8(call->out, (uint8_t)('0' + stage));
    return dialogue_say(call, stage, command);
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
        dialogue_leave_open(call, &dialogue, "the server refused us in its greeting");
        return PROBE_DONE;
    }
    observation_bool(observation, &facts[PREAUTH], preauth);
    if (preauth)
        return dialogue_give_up(call, &dialogue, "the connection is logged in already");
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
    const struct dialogue_state *state = call->state;
    struct observation *observation = call->observation;
    struct capabilities capabilities = {0};
    read_capabilities(&capabilities, names);
    observation_text(observation, &facts[CAPABILITIES], names);
    if (state->always_inside)
        return finish(call);
    bool readable_login = !capabilities.login_disabled || capabilities.readable_login;
    observation_bool(observation, &facts[STARTTLS], capabilities.starttls);
    observation_bool(observation, &facts[LOGIN_DISABLED], capabilities.login_disabled);
    observation_bool(observation, &facts[LOGIN_BEFORE_TLS], readable_login);
    return capabilities.starttls ? say(call, SWITCH, " STARTTLS\r\n") : finish(call);
}

static enum probe_answer list_answered(struct probe_call *call, struct span lines)
{
    static const char mark[] = "* CAPABILITY ";
    while (lines.size) {
        struct span line = lines_next(&lines);
        if (span_starts_nocase(line, mark))
            return listed(call, span_trim(span_from(line, sizeof mark - 1)));
    }
    return dialogue_give_up(call, &dialogue, "the server did not list its capabilities");
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
    return finish(call);
}

static bool tagged(struct span line, unsigned stage)
{
    return stage == GREETING ||
           (line.size > 2 && line.bytes[0] == 'a' && line.bytes[1] == '0' + stage && line.bytes[2] == ' ');
}

static enum probe_answer heard(struct probe_call *call)
{
    struct dialogue_state *state = call->state;
    struct cursor start = *call->in;
    struct span lines;
    if (state->stage == GREETING && !cursor_match(&start, "* ", 2) && !cursor_short(&start))
        return PROBE_NOT_MINE;
    enum lines_state reading = lines_read(call->in, tagged, state->stage, &lines);
    if (reading == LINES_ENDLESS)
        return dialogue_stopped(call, &dialogue, "the server's answer has no end");
    if (reading == LINES_WAIT)
        return PROBE_WAIT;
    if (state->stage == GREETING)
        return greeted(call, lines_next(&lines));
    state->sure = true;
    return state->stage == LIST ? list_answered(call, lines) : switched(call, lines);
}

static enum probe_answer step(struct probe_call *call)
{
    return dialogue_step(call, &dialogue, heard, finish);
}

const struct probe probe_imap = {
    .name = "imap",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){143, 0},
    .tls_ports = (const uint16_t[]){993, 0},
    .greeting_ms = 6000,
    .answer_ms = 5000,
    .state_size = sizeof(struct dialogue_state),
    .facts = facts,
    .step = step,
};
