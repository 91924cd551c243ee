#include "probes/probe.h"
#include "probes/product.h"
#include "probes/smb_message.h"

/* SMB's dialect negotiation and nothing after it: a session setup would be a log-in. One connection offers
   SMB 2 and 3, another nothing but version 1, because a server that speaks both never shows version 1 to who
   offers more (probes.md §2.3). */

enum {
    V1_ACCEPTED,
    DIALECT,
    SIGNING_ENABLED,
    SIGNING_REQUIRED,
    ENCRYPTION,
    SERVER_GUID,
    SYSTEM_TIME,
    BOOT_TIME,
    SHARE_LEVEL,
    PLAINTEXT,
};

static const struct fact facts[] = {
    [V1_ACCEPTED] = {"smb.v1_accepted", FACT_BOOL, "SMB version 1 is accepted when nothing else is offered",
                     "接受SMBv1"},
    [DIALECT] = {"smb.dialect", FACT_TEXT, "the highest dialect that the server agreed to",
                 "协商的最高SMB版本"},
    [SIGNING_ENABLED] = {"smb.signing_enabled", FACT_BOOL, "the server can sign its messages",
                         "支持SMB消息签名"},
    [SIGNING_REQUIRED] = {"smb.signing_required", FACT_BOOL, "unsigned sessions are refused in that dialect",
                          "强制SMB消息签名"},
    [ENCRYPTION] = {"smb.encryption_offered", FACT_BOOL, "SMB 3 encryption is offered", "支持SMB3加密"},
    [SERVER_GUID] = {"smb.server_guid", FACT_TEXT, "the server's own identifier", "服务器GUID"},
    [SYSTEM_TIME] = {"smb.system_time", FACT_TIME, "the server's clock", "服务器系统时间"},
    [BOOT_TIME] = {"smb.boot_time", FACT_TIME, "when the server started", "服务器启动时间"},
    [SHARE_LEVEL] = {"smb.share_level", FACT_BOOL, "access is granted by share, without user accounts",
                     "共享级安全，无用户账户"},
    [PLAINTEXT] = {"smb.plaintext_passwords", FACT_BOOL, "passwords are taken in clear text", "接受明文口令"},
    {0},
};

#define NETBIOS_PORT 139

enum outcome { UNANSWERED, CLOSED, SILENT, STRANGE, REFUSED, ACCEPTED };

enum { ROUND_2_AND_3, ROUND_1_ONLY, ROUNDS };

struct smb_state {
    bool in_session[ROUNDS]; /* NetBIOS agreed, or is not between us */
    enum outcome outcomes[ROUNDS];
};

#define FILETIME_EPOCH 11644473600 /* seconds from 1601 to 1970 */

static void observe_time(struct observation *observation, const struct fact *fact, uint64_t filetime)
{
    uint64_t seconds = filetime / 10000000;
    if (filetime == 0)
        observation_undetermined(observation, fact, "the server does not tell");
    else if (seconds < FILETIME_EPOCH || filetime > INT64_MAX)
        observation_undetermined(observation, fact, "the server tells a time that cannot be");
    else
        observation_time(observation, fact, (int64_t)(seconds - FILETIME_EPOCH));
}

/* The first three fields are little-endian (MS-DTYP 2.3.4). */
static void observe_guid(struct observation *observation, struct span guid)
{
    static const uint8_t order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    static const char digits[] = "0123456789abcdef";
    char text[2 * sizeof order + 4 + 1];
    size_t at = 0;
    if (guid.size != sizeof order)
        return;
    for (size_t i = 0; i < sizeof order; i++) {
        uint8_t byte = span_from(guid, order[i]).bytes[0];
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = digits[byte >> 4];
        text[at++] = digits[byte & 15];
    }
    text[at] = 0;
    observation_words(observation, &facts[SERVER_GUID], text);
}

/* Samba's identifier is its NetBIOS name in lower case, filled up with zeros (seen in 4.17.12); elsewhere it
 * is random. */
static bool samba_guid(struct span guid)
{
    size_t letters = 0;
    struct cursor reader = cursor_over_block(guid.bytes, guid.size);
    while (cursor_peek(&reader, letters) > ' ' && cursor_peek(&reader, letters) < 0x7f)
        letters++;
    for (size_t i = letters; i < guid.size; i++)
        if (cursor_peek(&reader, i) != 0)
            return false;
    return letters > 0;
}

/* Object identifier 1.3.6.1.4.1.311.2.2.30, the NEGOEX mechanism of Windows since 7 (MS-NEGOEX 1.9). */
#define NEGOEX "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e"

static void observe_server(struct observation *observation, const struct smb_response *response)
{
    observation_words(observation, &facts[DIALECT], response->dialect);
    observation_bool(observation, &facts[SIGNING_ENABLED], response->signing_enabled);
    observation_bool(observation, &facts[SIGNING_REQUIRED], response->signing_required);
    if (response->encryption_unreadable)
        observation_undetermined(observation, &facts[ENCRYPTION], "the negotiate contexts are malformed");
    else
        observation_bool(observation, &facts[ENCRYPTION], response->encryption);
    observe_guid(observation, response->guid);
    observe_time(observation, &facts[SYSTEM_TIME], response->system_time);
    observe_time(observation, &facts[BOOT_TIME], response->boot_time);
    if (samba_guid(response->guid))
        product_observe(observation, "Samba", (struct span){0});
    else if (span_find(response->token, NEGOEX) != SIZE_MAX)
        product_observe(observation, "Microsoft Windows", (struct span){0});
}

static void version_1_unknown(struct observation *observation, const char *why)
{
    observation_undetermined(observation, &facts[V1_ACCEPTED], why);
    observation_undetermined(observation, &facts[SHARE_LEVEL], why);
    observation_undetermined(observation, &facts[PLAINTEXT], why);
}

static void version_1_known(struct observation *observation, bool accepted,
                            const struct smb_response *response)
{
    observation_bool(observation, &facts[V1_ACCEPTED], accepted);
    observation_bool(observation, &facts[SHARE_LEVEL], response->share_level);
    observation_bool(observation, &facts[PLAINTEXT], response->plaintext);
}

/* Closing in place of an answer is how servers refuse version 1, but proves it only of those that have just
   agreed to another. Share-level security and clear passwords exist in version 1 alone. */
static enum probe_answer conclude(struct probe_call *call)
{
    static const struct smb_response refused = {0};
    const struct smb_state *state = call->state;
    struct observation *observation = call->observation;
    enum outcome first = state->outcomes[ROUND_2_AND_3], second = state->outcomes[ROUND_1_ONLY];
    if (first != ACCEPTED && first != REFUSED && second != REFUSED)
        return PROBE_NOT_MINE;
    if (first != ACCEPTED)
        version_1_unknown(observation, "no offer was accepted, so that a refusal proves nothing");
    else if (second == SILENT)
        version_1_unknown(observation, "the server did not answer the offer of version 1");
    else if (second == STRANGE)
        version_1_unknown(observation, "the answer to the offer of version 1 makes no sense");
    else
        version_1_known(observation, false, &refused);
    return PROBE_DONE;
}

static enum probe_answer settle(struct probe_call *call, enum outcome outcome)
{
    struct smb_state *state = call->state;
    state->outcomes[call->round] = outcome;
    if (call->round == ROUND_1_ONLY)
        return outcome == ACCEPTED ? PROBE_DONE : conclude(call);
    if (outcome == ACCEPTED || outcome == REFUSED)
        version_1_unknown(call->observation, "the connection for it was not made");
    return PROBE_AGAIN;
}

/* In the first round another protocol, later only a strange answer. */
static enum probe_answer strange(struct probe_call *call)
{
    return call->round == ROUND_2_AND_3 ? PROBE_NOT_MINE : settle(call, STRANGE);
}

static enum probe_answer heard_2(struct probe_call *call, struct cursor message)
{
    struct smb_response response;
    switch (smb_message_read_2(message, &response)) {
    case SMB_REPLY_STRANGE:
        break;
    case SMB_REPLY_REFUSED:
        observation_undetermined(call->observation, &facts[DIALECT], "the server refused SMB 2 and 3");
        return settle(call, REFUSED);
    case SMB_REPLY_ACCEPTED:
        observe_server(call->observation, &response);
        return settle(call, ACCEPTED);
    }
    return strange(call);
}

/* Where SMB 2 or 3 is spoken too, what it said about the server stands. */
static enum probe_answer heard_1(struct probe_call *call, struct cursor message)
{
    const struct smb_state *state = call->state;
    struct smb_response response;
    switch (smb_message_read_1(message, call->context->nonce, &response)) {
    case SMB_REPLY_STRANGE:
        break;
    case SMB_REPLY_REFUSED:
        return settle(call, REFUSED);
    case SMB_REPLY_ACCEPTED:
        version_1_known(call->observation, true, &response);
        if (state->outcomes[ROUND_2_AND_3] != ACCEPTED)
            observe_server(call->observation, &response);
        return settle(call, ACCEPTED);
    }
    return strange(call);
}

static enum probe_answer begin(struct probe_call *call)
{
    struct smb_state *state = call->state;
    state->in_session[call->round] = true;
    if (call->round == ROUND_2_AND_3)
        smb_message_write_negotiate_2(call->out, call->context->nonce);
    else
        smb_message_write_negotiate_1(call->out, call->context->nonce);
    return PROBE_WAIT;
}

/* RFC 1002 §4.3.4: a NetBIOS session service that wants to be called by another name. */
static enum probe_answer session_refused(struct probe_call *call)
{
    if (call->round == ROUND_1_ONLY)
        return settle(call, SILENT);
    version_1_unknown(call->observation, "the NetBIOS session was refused");
    observation_undetermined(call->observation, &facts[DIALECT], "the NetBIOS session was refused");
    return PROBE_DONE;
}

static enum probe_answer heard_frame(struct probe_call *call, enum smb_frame frame, struct cursor payload)
{
    const struct smb_state *state = call->state;
    bool in_session = state->in_session[call->round];
    if (frame == SMB_FRAME_WAIT || frame == SMB_FRAME_KEEP_ALIVE)
        return PROBE_WAIT;
    if (frame == SMB_FRAME_MESSAGE && in_session)
        return call->round == ROUND_2_AND_3 ? heard_2(call, payload) : heard_1(call, payload);
    if (frame == SMB_FRAME_SESSION && !in_session)
        return begin(call);
    if (frame == SMB_FRAME_SESSION_REFUSED && !in_session)
        return session_refused(call);
    return strange(call);
}

static enum probe_answer heard(struct probe_call *call)
{
    enum smb_frame frame = SMB_FRAME_KEEP_ALIVE;
    enum probe_answer answer = PROBE_WAIT;
    while (answer == PROBE_WAIT && frame != SMB_FRAME_WAIT && cursor_left(call->in)) {
        struct cursor payload = {0};
        frame = smb_message_frame(call->in, &payload);
        answer = heard_frame(call, frame, payload);
    }
    return answer;
}

static enum probe_answer opened(struct probe_call *call)
{
    if (call->context->port != NETBIOS_PORT)
        return begin(call);
    smb_message_write_session_request(call->out);
    return PROBE_WAIT;
}

static enum probe_answer step(struct probe_call *call)
{
    const struct smb_state *state = call->state;
    if (call->round >= ROUNDS || state->outcomes[call->round] != UNANSWERED)
        return PROBE_DONE;
    switch (call->event) {
    case PROBE_OPENED:
        return opened(call);
    case PROBE_HEARD:
        return heard(call);
    case PROBE_ENDED:
        return settle(call, cursor_left(call->in) ? STRANGE : CLOSED); /* broken off is not refused */
    case PROBE_QUIET:
        return settle(call, SILENT);
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return PROBE_DONE;
}

const struct probe probe_smb = {
    .name = "smb",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){445, NETBIOS_PORT, 0},
    .rounds = ROUNDS,
    .gap_ms = 200,
    .state_size = sizeof(struct smb_state),
    .facts = facts,
    .step = step,
};
