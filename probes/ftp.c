#include "probes/banner.h"
#include "probes/probe.h"
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

enum stage { GREETING, LIST, SWITCH, OVER };

struct ftp_state {
    enum stage stage;
    bool sure;          /* the greeting's own words, or an answer that only FTP gives */
    bool always_inside; /* TLS from the start, where AUTH has no place */
};

static bool confirmed(const struct probe_call *call)
{
    const struct ftp_state *state = call->state;
    uint16_t port = call->context->port;
    return state->sure || port == 21 || port == 2121 || port == 990;
}

static void leave_open(struct probe_call *call, const char *why)
{
    const struct ftp_state *state = call->state;
    if (state->always_inside)
        return;
    observation_undetermined(call->observation, &facts[AUTH_TLS], why);
    if (observation_is_true(call->observation, &facts[AUTH_TLS]))
        observation_undetermined(call->observation, &facts[AUTH_TLS_WORKS], why);
}

static enum probe_answer say(struct probe_call *call, enum stage stage, const char *command)
{
    struct ftp_state *state = call->state;
    state->stage = stage;
    buffer_text(call->out, command);
    return stage == OVER ? PROBE_DONE : PROBE_WAIT;
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
    struct ftp_state *state = call->state;
    enum reply_speaker speaker = reply_speaker(greeting);
    state->sure = speaker == REPLY_OF_FTP;
    if (speaker == REPLY_OF_NOBODY)
        speaker = reply_speaker_guess(greeting, call->context->port);
    bool refusal = greeting->code >= 400 || greeting->code == 120; /* "ready in nnn minutes" */
    if (speaker != REPLY_OF_FTP || (greeting->code != 220 && !refusal))
        return PROBE_NOT_MINE;
    observe_greeting(call->observation, greeting);
    if (refusal) {
        leave_open(call, "the server refused us in its greeting");
        return say(call, OVER, "QUIT\r\n");
    }
    return say(call, LIST, "FEAT\r\n");
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
    while (lines.size) {
        struct span name = feature(lines_next(&lines));
        if (name.size == 0 || names->capacity - names->size <= name.size + 1)
            continue;
        buffer_text(names, names->size ? ", " : "");
        buffer_bytes(names, name.bytes, name.size);
    }
}

/* FEAT's word on AUTH is not taken: Pure-FTPd lists it with TLS switched off, others hide it before login. So
 * it is tried. */
static enum probe_answer listed(struct probe_call *call, const struct reply *reply)
{
    struct ftp_state *state = call->state;
    uint8_t storage[OBSERVATION_TEXT_MAX];
    struct buffer names = buffer_over(storage, sizeof storage);
    if (reply->code == 211) {
        state->sure = true;
        read_features(&names, reply);
        observation_text(call->observation, &facts[FEATURES], (struct span){names.bytes, names.size});
    }
    if (state->always_inside)
        return confirmed(call) ? say(call, OVER, "QUIT\r\n") : PROBE_NOT_MINE;
    return say(call, SWITCH, "AUTH TLS\r\n");
}

static enum probe_answer switched(struct probe_call *call, const struct reply *reply)
{
    struct ftp_state *state = call->state;
    struct observation *observation = call->observation;
    if (reply->code == 234) {
        state->sure = true;
        observation_bool(observation, &facts[AUTH_TLS], true);
        return PROBE_TLS;
    }
    if (!confirmed(call))
        return PROBE_NOT_MINE;
    if (reply->code >= 500)
        observation_bool(observation, &facts[AUTH_TLS], false);
    leave_open(call, "AUTH TLS was refused for now");
    return say(call, OVER, "QUIT\r\n");
}

static enum probe_answer stopped(struct probe_call *call, const char *why)
{
    const struct ftp_state *state = call->state;
    if (state->stage == GREETING || !confirmed(call))
        return PROBE_NOT_MINE;
    leave_open(call, why);
    return PROBE_DONE;
}

static enum probe_answer answered(struct probe_call *call, const struct reply *reply)
{
    const struct ftp_state *state = call->state;
    if (state->stage == GREETING)
        return greeted(call, reply);
    if (reply->code == 421)
        return stopped(call, "the server ended the conversation");
    return state->stage == LIST ? listed(call, reply) : switched(call, reply);
}

static enum probe_answer heard(struct probe_call *call)
{
    struct reply reply;
    switch (reply_read(call->in, &reply)) {
    case REPLY_WHOLE:
        return answered(call, &reply);
    case REPLY_NONE:
        return stopped(call, "the server did not answer in FTP");
    case REPLY_WAIT:
        break;
    }
    return PROBE_WAIT;
}

static enum probe_answer step(struct probe_call *call)
{
    struct ftp_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        state->always_inside = call->inside_tls;
        return PROBE_WAIT;
    case PROBE_HEARD:
        return state->stage == OVER ? PROBE_DONE : heard(call);
    case PROBE_SECURED:
        observation_bool(call->observation, &facts[AUTH_TLS_WORKS], true);
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

const struct probe probe_ftp = {
    .name = "ftp",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){21, 2121, 0},
    .tls_ports = (const uint16_t[]){990, 0},
    .greeting_ms = 6000,
    .answer_ms = 5000,
    .state_size = sizeof(struct ftp_state),
    .facts = facts,
    .step = step,
};
