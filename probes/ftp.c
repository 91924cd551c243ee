#include "probes/banner.h"
#include "probes/dialogue.h"
#include "probes/reply.h"

/* FTP (RFC 959): greeting, FEAT (RFC 2389), AUTH TLS (RFC 4217), QUIT. No USER is ever sent, so whether
   anonymous may log in is not looked at. */

enum {
    BANNER,
    REFUSES_US,
    FEATURES,
    AUTH_TLS,
    AUTH_TLS_WORKS,
};

static const struct fact facts[] = {
    [BANNER] = {"ftp.banner", FACT_TEXT, "the greeting's first line, without the time of day",
                "问候语首行(不含时间)"},
    [REFUSES_US] = {"ftp.refuses_us", FACT_BOOL, "the server greets with a refusal",
                    "服务器以拒绝应答代替问候"},
    [FEATURES] = {"ftp.features", FACT_TEXT, "extensions that FEAT lists before login, true or not",
                  "登录前FEAT列出的扩展"},
    [AUTH_TLS] = {"ftp.auth_tls", FACT_BOOL, "AUTH TLS is accepted before login", "登录前接受AUTH TLS"},
    [AUTH_TLS_WORKS] = {"ftp.auth_tls_works", FACT_BOOL, "the accepted AUTH TLS came to a finished handshake",
                        "AUTH TLS握手成功完成"},
    {0},
};

static const struct banner_product products[] = {
    {"vsFTPd", "vsftpd"},
    {"ProFTPD", "ProFTPD"},
    {"Pure-FTPd", "Pure-FTPd"},
    {"FileZilla Server", "FileZilla Server"},
    {"Microsoft FTP Service", "Microsoft FTP Service"},
    {"Serv-U", "Serv-U"},
    {"Version wu-", "wu-ftpd"},
    {"Xlight", "Xlight FTP Server"},
    {"Gene6 FTP Server", "Gene6 FTP Server"},
    {"WS_FTP Server", "WS_FTP Server"},
    {"CrushFTP", "CrushFTP"},
    {"Titan FTP Server", "Titan FTP Server"},
    {"Cerberus FTP Server", "Cerberus FTP Server"},
    {"Wing FTP Server", "Wing FTP Server"},
    {"WarFTPd", "WarFTPd"},
    {"GNU inetutils", "GNU inetutils"},
    {"bftpd", "bftpd"},
    {"glFTPd", "glFTPd"},
    {"vxWorks", "VxWorks FTP"},
    {"MikroTik FTP server (MikroTik", "MikroTik RouterOS"},
    {"MikroTik", "MikroTik RouterOS"},
    {"3Com 3CDaemon", "3CDaemon"},
    {"FreeFloat", "FreeFloat"},
    {"Golden FTP Server", "Golden FTP Server"},
    {"TYPSoft FTP Server", "TYPSoft FTP Server"},
    {"Slyar FTP", "Slyar FTP Server"},
    {"Quick 'n Easy FTP Server", "Quick 'n Easy FTP Server"},
    {"SFTPPlus", "SFTPPlus"},
    {"pyftpdlib", "pyftpdlib"},
    {"Apache FtpServer", "Apache FtpServer"},
    {0},
};

enum stage { GREETING, LIST, SWITCH };

static const struct dialogue dialogue = {
    .offered = &facts[AUTH_TLS],
    .works = &facts[AUTH_TLS_WORKS],
    .ports = (const uint16_t[]){21, 2121, 990, 0},
    .goodbye = "QUIT\r\n",
};

static enum probe_answer finish(struct probe_call *call)
{
    return dialogue_finish(call, &dialogue);
}

/* Marks are looked for in the first line before the others, which are often advice to the user. */
static void observe_greeting(struct observation *observation, const struct reply *greeting)
{
    struct span lines = greeting->lines;
    struct span first = reply_line(&lines);
    observation_text(observation, &facts[BANNER], banner_without_date(first));
    observation_bool(observation, &facts[REFUSES_US], greeting->code != 220);
    if (!banner_observe(observation, products, first))
        (void)banner_observe(observation, products, lines);
}

static enum probe_answer greeted(struct probe_call *call, const struct reply *greeting)
{
    struct dialogue_state *state = call->state;
    enum reply_speaker speaker = reply_speaker(greeting);
    state->sure = speaker == REPLY_OF_FTP;
    if (speaker == REPLY_OF_NOBODY)
        speaker = reply_speaker_guess(greeting, call->context->port);
    bool refusal = greeting->code >= 400 || greeting->code == 120; /* "ready in nnn minutes" */
    if (speaker != REPLY_OF_FTP || (greeting->code != 220 && !refusal))
        return PROBE_NOT_MINE;
    observe_greeting(call->observation, greeting);
    if (refusal)
        return dialogue_give_up(call, &dialogue, "the server refused us in its greeting");
    return dialogue_say(call, LIST, "FEAT\r\n");
}

/* A feature line starts with a blank (RFC 2389 §3.2), with older servers with the code. */
static struct span feature(struct span line)
{
    if (span_starts(line, "211-"))
        return span_trim(span_from(line, 4));
    return span_starts(line, " ") ? span_trim(line) : (struct span){0};
}

static void read_features(struct buffer *names, const struct reply *reply)
{
    struct span lines = reply->lines;
    (void)lines_next(&lines);
    while (lines.size)
        dialogue_add_name(names, ", ", feature(lines_next(&lines)));
}

/* FEAT's word on AUTH is not taken: Pure-FTPd lists it with TLS switched off, others hide it before login. So
 * it is tried. */
static enum probe_answer listed(struct probe_call *call, const struct reply *reply)
{
    struct dialogue_state *state = call->state;
    uint8_t storage[OBSERVATION_TEXT_MAX];
    struct buffer names = buffer_over(storage, sizeof storage);
    if (reply->code == 211) {
        state->sure = true;
        read_features(&names, reply);
        observation_text(call->observation, &facts[FEATURES], (struct span){names.bytes, names.size});
    }
    if (state->always_inside)
        return dialogue_confirmed(call, &dialogue) ? finish(call) : PROBE_NOT_MINE;
    return dialogue_say(call, SWITCH, "AUTH TLS\r\n");
}

static enum probe_answer switched(struct probe_call *call, const struct reply *reply)
{
    struct dialogue_state *state = call->state;
    struct observation *observation = call->observation;
    if (reply->code == 234) {
        state->sure = true;
        observation_bool(observation, &facts[AUTH_TLS], true);
        return PROBE_TLS;
    }
    if (!dialogue_confirmed(call, &dialogue))
        return PROBE_NOT_MINE;
    if (reply->code >= 500)
        observation_bool(observation, &facts[AUTH_TLS], false);
    return dialogue_give_up(call, &dialogue, "AUTH TLS was refused for now");
}

static enum probe_answer answered(struct probe_call *call, const struct reply *reply)
{
    const struct dialogue_state *state = call->state;
    if (state->stage == GREETING)
        return greeted(call, reply);
    if (reply->code == 421)
        return dialogue_stopped(call, &dialogue, "the server ended the conversation");
    return state->stage == LIST ? listed(call, reply) : switched(call, reply);
}

static enum probe_answer heard(struct probe_call *call)
{
    struct reply reply;
    enum reply_state reading = reply_read(call->in, &reply);
    if (reading == REPLY_NONE)
        return dialogue_stopped(call, &dialogue, "the server did not answer in FTP");
    return reading == REPLY_WAIT ? PROBE_WAIT : answered(call, &reply);
}

static enum probe_answer step(struct probe_call *call)
{
    return dialogue_step(call, &dialogue, heard, finish);
}

const struct probe probe_ftp = {
    .name = "ftp",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){21, 2121, 0},
    .tls_ports = (const uint16_t[]){990, 0},
    .greeting_ms = 6000,
    .answer_ms = 5000,
    .state_size = sizeof(struct dialogue_state),
    .facts = facts,
    .step = step,
};
