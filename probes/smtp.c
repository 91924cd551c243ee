#include "probes/banner.h"
#include "probes/dialogue.h"
#include "probes/reply.h"

/* SMTP (RFC 5321) and submission: greeting, EHLO whatever the greeting says (a server without ESMTP in it may
   still offer STARTTLS, probes.md §2.4), STARTTLS (RFC 3207) and EHLO again inside it, QUIT. */

enum {
    BANNER,
    HOSTNAME,
    REFUSES_US,
    EXTENSIONS,
    STARTTLS,
    STARTTLS_WORKS,
    AUTH,
    AUTH_AFTER_TLS,
    AUTH_BEFORE_TLS,
    VRFY,
    EXPN,
};

static const struct fact facts[] = {
    [BANNER] = {"smtp.banner", FACT_TEXT, "the greeting's first line, without the time of day",
                "问候语首行(不含时间)"},
    [HOSTNAME] = {"smtp.hostname", FACT_TEXT, "the name that the server greets with", "服务器自报主机名"},
    [REFUSES_US] = {"smtp.refuses_us", FACT_BOOL, "the server greets with a refusal (421, 554)",
                    "服务器以拒绝应答代替问候"},
    [EXTENSIONS] = {"smtp.extensions", FACT_TEXT, "extensions that EHLO shows outside STARTTLS",
                    "STARTTLS之外EHLO公布的扩展"},
    [STARTTLS] = {"smtp.starttls", FACT_BOOL, "STARTTLS is offered", "提供STARTTLS"},
    [STARTTLS_WORKS] = {"smtp.starttls_works", FACT_BOOL, "the offered STARTTLS came to a finished handshake",
                        "STARTTLS握手成功完成"},
    [AUTH] = {"smtp.auth", FACT_TEXT, "login mechanisms that EHLO shows outside STARTTLS",
              "STARTTLS之外公布的登录机制"},
    [AUTH_AFTER_TLS] = {"smtp.auth_after_tls", FACT_TEXT, "login mechanisms that EHLO shows after STARTTLS",
                        "STARTTLS之后公布的登录机制"},
    [AUTH_BEFORE_TLS] = {"smtp.auth_before_tls", FACT_BOOL,
                         "a login that sends the password readably (LOGIN, PLAIN) is offered without TLS",
                         "未加密时即提供明文口令登录(LOGIN、PLAIN)"},
    [VRFY] = {"smtp.vrfy", FACT_BOOL, "EHLO shows VRFY, which tells whether a user exists",
              "EHLO公布VRFY(可探测用户是否存在)"},
    [EXPN] = {"smtp.expn", FACT_BOOL, "EHLO shows EXPN, which tells who is on a list",
              "EHLO公布EXPN(可列出邮件组成员)"},
    {0},
};

static const struct banner_product products[] = {
    {"Postfix", "Postfix"},
    {"Exim", "Exim"},
    {"Sendmail", "Sendmail"},
    {"OpenSMTPD", "OpenSMTPD"},
    {"Haraka", "Haraka"},
    {"Coremail", "Coremail"},
    {"Magic Winmail", "Winmail"},
    {"TurboMail", "TurboMail"},
    {"eYou MTA", "eYou"},
    {"AnyMacro", "AnyMacro"},
    {"QQ Mail", "QQ Mail"},
    {"Microsoft Exchange Internet Mail Service", "Microsoft Exchange"},
    {"Lotus Domino", "HCL Domino"},
    {"IBM Domino", "HCL Domino"},
    {"HCL Domino", "HCL Domino"},
    {"MDaemon", "MDaemon"},
    {"MailEnable", "MailEnable"},
    {"hMailServer", "hMailServer"},
    {"CommuniGate Pro", "CommuniGate Pro"},
    {"Kerio Connect", "Kerio Connect"},
    {"Kerio MailServer", "Kerio MailServer"},
    {"IceWarp", "IceWarp"},
    {"JAMES", "Apache James"},
    {"Stalwart", "Stalwart"},
    {"Zimbra", "Zimbra"},
    {"Courier", "Courier"},
    {"netqmail", "qmail"},
    {"qmail", "qmail"},
    {"ArGoSoft", "ArGoSoft Mail Server"},
    {"SurgeMail", "SurgeMail"},
    {"MERCUR", "MERCUR"},
    {"Mercury", "Mercury Mail"},
    {"Maddy", "Maddy"},
    {0},
};

enum stage {
    GREETING,
    HELLO,       /* EHLO is sent */
    PLAIN_HELLO, /* HELO is sent */
    SWITCH,      /* STARTTLS is sent */
    SAFE_HELLO,  /* EHLO is sent inside it */
};

/* No port is believed: a greeting's own words, or an EHLO reply, must say SMTP. */
static const struct dialogue dialogue = {
    .offered = &facts[STARTTLS],
    .works = &facts[STARTTLS_WORKS],
    .outside = (const struct fact *const[]){&facts[AUTH_BEFORE_TLS], NULL},
    .always = (const struct fact *const[]){&facts[VRFY], &facts[EXPN], NULL},
    .goodbye = "QUIT\r\n",
};

/* What an EHLO reply shows. */
struct extensions {
    struct span auth;
    bool starttls, vrfy, expn;
    uint8_t storage[OBSERVATION_TEXT_MAX];
    struct buffer names;
};

static enum probe_answer finish(struct probe_call *call)
{
    return dialogue_finish(call, &dialogue);
}

static enum probe_answer hello(struct probe_call *call, enum stage stage, const char *verb)
{
    buffer_text(call->out, verb);
    buffer_text(call->out, call->context->client_name);
    return dialogue_say(call, stage, "\r\n");
}

static enum probe_answer secured(struct probe_call *call)
{
    return hello(call, SAFE_HELLO, "EHLO ");
}

/* Microsoft's service names its version only where it is the one of IIS; Exchange since 2007 hides it. */
static void name_product(struct observation *observation, struct span text)
{
    static const char microsoft[] = "Microsoft ESMTP MAIL Service";
    static const struct banner_product iis[] = {{microsoft, "Microsoft IIS SMTP"}, {0}};
    if (banner_observe(observation, products, text) || span_find_nocase(text, microsoft) == SIZE_MAX)
        return;
    if (span_find_nocase(text, "Version:") != SIZE_MAX)
        (void)banner_observe(observation, iis, text);
    else
        observation_product(observation, "Microsoft Exchange");
}

static void observe_greeting(struct observation *observation, const struct reply *greeting)
{
    struct span lines = greeting->lines, text;
    struct span name = reply_domain(greeting, &text);
    observation_text(observation, &facts[BANNER], banner_without_date(reply_line(&lines)));
    observation_bool(observation, &facts[REFUSES_US], greeting->code != 220);
    if (name.size)
        observation_text(observation, &facts[HOSTNAME], name);
    name_product(observation, text);
}

static enum probe_answer greeted(struct probe_call *call, const struct reply *greeting)
{
    struct dialogue_state *state = call->state;
    enum reply_speaker speaker = reply_speaker(greeting);
    state->sure = speaker == REPLY_OF_SMTP;
    if (speaker == REPLY_OF_NOBODY)
        speaker = reply_speaker_guess(greeting, call->context->port);
    bool refusal = greeting->code >= 400;
    if (speaker != REPLY_OF_SMTP || (greeting->code != 220 && !refusal))
        return PROBE_NOT_MINE;
    observe_greeting(call->observation, greeting);
    if (refusal)
        return dialogue_give_up(call, &dialogue, "the server refused us in its greeting");
    return hello(call, HELLO, "EHLO ");
}

/* "AUTH LOGIN PLAIN", and the older "AUTH=LOGIN PLAIN" that some send beside it. */
static void read_extension(struct extensions *extensions, struct span line)
{
    struct span arguments = line;
    struct span name = span_cut(&arguments, " =");
    extensions->starttls |= span_equals_nocase(name, "STARTTLS");
    extensions->vrfy |= span_equals_nocase(name, "VRFY");
    extensions->expn |= span_equals_nocase(name, "EXPN");
    if (span_equals_nocase(name, "AUTH") && extensions->auth.size == 0)
        extensions->auth = span_trim(arguments);
    dialogue_add_name(&extensions->names, " ", name);
}

static void read_extensions(struct extensions *extensions, const struct reply *reply)
{
    struct span lines = reply->lines;
    *extensions = (struct extensions){0};
    extensions->names = buffer_over(extensions->storage, sizeof extensions->storage);
    (void)reply_line(&lines); /* the server's name and a welcome */
    while (lines.size)
        read_extension(extensions, reply_line(&lines));
}

static void observe_extensions(struct probe_call *call, const struct extensions *extensions)
{
    const struct dialogue_state *state = call->state;
    struct observation *observation = call->observation;
    struct span names = {extensions->names.bytes, extensions->names.size};
    observation_text(observation, &facts[EXTENSIONS], names);
    observation_bool(observation, &facts[VRFY], extensions->vrfy);
    observation_bool(observation, &facts[EXPN], extensions->expn);
    if (extensions->auth.size)
        observation_text(observation, &facts[AUTH], extensions->auth);
    if (state->always_inside)
        return;
    observation_bool(observation, &facts[STARTTLS], extensions->starttls);
    observation_bool(observation, &facts[AUTH_BEFORE_TLS], dialogue_readable_login(extensions->auth));
}

/* A server that does not know EHLO has no extensions; one that knows neither hello is none of ours unless its
 * greeting said so. */
static enum probe_answer hello_refused(struct probe_call *call, const struct reply *reply)
{
    const struct dialogue_state *state = call->state;
    bool unknown_command = reply->code >= 500 && reply->code <= 504;
    if (unknown_command && state->stage == HELLO)
        return hello(call, PLAIN_HELLO, "HELO ");
    return state->sure ? dialogue_give_up(call, &dialogue, "EHLO was refused") : PROBE_NOT_MINE;
}

static enum probe_answer hello_answered(struct probe_call *call, const struct reply *reply)
{
    struct dialogue_state *state = call->state;
    struct extensions extensions;
    if (reply->code != 250)
        return hello_refused(call, reply);
    state->sure = true;
    read_extensions(&extensions, reply);
    observe_extensions(call, &extensions);
    if (!extensions.starttls || call->inside_tls)
        return finish(call);
    return dialogue_say(call, SWITCH, "STARTTLS\r\n");
}

static enum probe_answer switch_answered(struct probe_call *call, const struct reply *reply)
{
    if (reply->code == 220)
        return PROBE_TLS;
    if (reply->code >= 500)
        observation_bool(call->observation, &facts[STARTTLS_WORKS], false);
    return dialogue_give_up(call, &dialogue, "STARTTLS was refused for now");
}

static enum probe_answer safe_hello_answered(struct probe_call *call, const struct reply *reply)
{
    struct extensions extensions;
    read_extensions(&extensions, reply);
    if (reply->code == 250 && extensions.auth.size)
        observation_text(call->observation, &facts[AUTH_AFTER_TLS], extensions.auth);
    return finish(call);
}

static enum probe_answer answered(struct probe_call *call, const struct reply *reply)
{
    const struct dialogue_state *state = call->state;
    switch ((enum stage)state->stage) {
    case GREETING:
        return greeted(call, reply);
    case HELLO:
    case PLAIN_HELLO:
        return hello_answered(call, reply);
    case SWITCH:
        return switch_answered(call, reply);
    case SAFE_HELLO:
        return safe_hello_answered(call, reply);
    }
    return PROBE_DONE;
}

static enum probe_answer heard(struct probe_call *call)
{
    struct reply reply;
    enum reply_state reading = reply_read(call->in, &reply);
    if (reading == REPLY_NONE)
        return dialogue_stopped(call, &dialogue, "the server did not answer in SMTP");
    return reading == REPLY_WAIT ? PROBE_WAIT : answered(call, &reply);
}

static enum probe_answer step(struct probe_call *call)
{
    return dialogue_step(call, &dialogue, heard, secured);
}

const struct probe probe_smtp = {
    .name = "smtp",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){25, 587, 2525, 0},
    .tls_ports = (const uint16_t[]){465, 0},
    .greeting_ms = 6000,
    .answer_ms = 5000,
    .state_size = sizeof(struct dialogue_state),
    .facts = facts,
    .step = step,
};
