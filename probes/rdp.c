#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"

/* RDP's security negotiation (MS-RDPBCGR 2.2.1.1, 2.2.1.2) inside X.224 class 0 over TPKT (RFC 1006). What a
   server accepts is seen only by asking for it, so there are three short connections, one for each request.
   Nothing goes beyond the negotiation but a TLS handshake: no CredSSP, no MCS. */

enum {
    NEGOTIATES,
    TLS_ACCEPTED,
    OLD_SECURITY,
    NLA_SUPPORTED,
    NLA_REQUIRED,
    FAILURE_CODE,
};

static const struct fact facts[] = {
    [NEGOTIATES] = {"rdp.negotiates", FACT_BOOL, "the server negotiates its security protocol",
                    "服务器支持安全协议协商"},
    [TLS_ACCEPTED] = {"rdp.tls_accepted", FACT_BOOL, "TLS without network-level authentication is accepted",
                      "接受不带网络级身份验证的TLS连接"},
    [OLD_SECURITY] = {"rdp.old_security_accepted", FACT_BOOL,
                      "standard RDP security, RC4 without server authentication, is accepted",
                      "接受旧的标准RDP安全层"},
    [NLA_SUPPORTED] = {"rdp.nla_supported", FACT_BOOL, "network-level authentication is supported",
                       "支持网络级身份验证"},
    [NLA_REQUIRED] = {"rdp.nla_required", FACT_BOOL,
                      "nobody gets further without network-level authentication", "强制网络级身份验证"},
    [FAILURE_CODE] = {"rdp.failure_code", FACT_INTEGER,
                      "the first code with which a negotiation was refused (MS-RDPBCGR 2.2.1.2.2)",
                      "首个协商失败代码"},
    {0},
};

enum {
    PROTOCOL_STANDARD = 0,
    PROTOCOL_SSL = 1,
    PROTOCOL_HYBRID = 2,
    PROTOCOL_HYBRID_EX = 8,
};

enum {
    SSL_REQUIRED = 1,
    SSL_NOT_ALLOWED = 2,
    SSL_CERT_MISSING = 3,
    INCONSISTENT_FLAGS = 4,
    HYBRID_REQUIRED = 5,
    USER_CERT_REQUIRED = 6,
};

enum {
    TPKT_VERSION = 3,
    TPKT_HEADER = 4,
    CONNECTION_REQUEST = 0xe0,
    CONNECTION_CONFIRM = 0xd0,
    NEGOTIATION_REQUEST = 1,
    NEGOTIATION_RESPONSE = 2,
    NEGOTIATION_FAILURE = 3,
    NEGOTIATION_SIZE = 8,
};

#define CONFIRM_MAX 512 /* a confirm has 11 or 19 bytes */

/* What became of one request. */
enum outcome {
    NOT_ASKED,
    SILENT,
    CLOSED,
    STRANGE,
    PLAIN, /* confirmed without a negotiation block: the server is older than the negotiation */
    SELECTED,
    REFUSED,
};

struct confirm {
    enum outcome outcome;
    uint32_t value; /* the protocol selected, or the failure code */
    uint16_t source;
    uint8_t flags;
};

enum { ASK_SSL, ASK_STANDARD, ASK_HYBRID, ROUNDS };

static const uint32_t requests[ROUNDS] = {
    [ASK_SSL] = PROTOCOL_SSL,
    [ASK_STANDARD] = PROTOCOL_STANDARD,
    [ASK_HYBRID] = PROTOCOL_SSL | PROTOCOL_HYBRID,
};

struct rdp_state {
    struct confirm confirms[ROUNDS];
};

static void write_request(struct buffer *out, uint32_t protocols)
{
    buffer_u8(out, TPKT_VERSION);
    buffer_u8(out, 0);
    size_t length = buffer_reserve(out, 2);
    size_t indicator = buffer_reserve(out, 1);
    buffer_u8(out, CONNECTION_REQUEST);
    buffer_u16be(out, 0); /* destination reference */
    buffer_u16be(out, 0); /* source reference */
    buffer_u8(out, 0);    /* class 0 */
    buffer_u8(out, NEGOTIATION_REQUEST);
    buffer_u8(out, 0); /* flags */
    buffer_u16le(out, NEGOTIATION_SIZE);
    buffer_u32le(out, protocols);
    buffer_length_be(out, indicator, 1, 0);
    buffer_length_be(out, length, 2, TPKT_HEADER);
}

/* The negotiation block that follows the confirm's fixed part. */
static void read_negotiation(struct cursor *block, struct confirm *confirm)
{
    uint8_t type = cursor_u8(block);
    confirm->flags = cursor_u8(block);
    uint16_t size = cursor_u16le(block);
    confirm->value = cursor_u32le(block);
    if (!cursor_good(block) || size != NEGOTIATION_SIZE)
        return;
    if (type == NEGOTIATION_RESPONSE)
        confirm->outcome = SELECTED;
    else if (type == NEGOTIATION_FAILURE)
        confirm->outcome = REFUSED;
}

/* An X.224 Connection Confirm inside its TPKT; false when the bytes are none. */
static bool read_confirm(struct cursor *packet, struct confirm *confirm)
{
    uint8_t indicator = cursor_u8(packet);
    struct cursor tpdu = cursor_block(packet, indicator);
    uint8_t code = cursor_u8(&tpdu);
    cursor_skip(&tpdu, 2); /* destination reference: RDP servers leave it zero */
    confirm->source = cursor_u16be(&tpdu);
    uint8_t options = cursor_u8(&tpdu);
    if (!cursor_good(&tpdu) || code != CONNECTION_CONFIRM || options != 0 || cursor_left(packet) != 0)
        return false;
    confirm->outcome = PLAIN;
    if (cursor_left(&tpdu) == 0)
        return true;
    confirm->outcome = STRANGE;
    read_negotiation(&tpdu, confirm);
    return true;
}

static bool selected(const struct confirm *confirm, uint32_t protocol)
{
    return confirm->outcome == SELECTED && confirm->value == protocol;
}

static bool refused(const struct confirm *confirm, uint32_t code)
{
    return confirm->outcome == REFUSED && confirm->value == code;
}

/* Standard security is what this confirm stands for. */
static bool standard(const struct confirm *confirm)
{
    return confirm->outcome == PLAIN || selected(confirm, PROTOCOL_STANDARD);
}

static bool refused_old(const struct confirm *confirm)
{
    return refused(confirm, SSL_REQUIRED) || refused(confirm, HYBRID_REQUIRED) ||
           refused(confirm, USER_CERT_REQUIRED);
}

static const char *why_unknown(const struct confirm *confirm)
{
    static const char *const reasons[] = {
        [NOT_ASKED] = "the negotiation for it was not made",
        [SILENT] = "the server did not answer the negotiation for it",
        [CLOSED] = "the server closed the negotiation for it without an answer",
        [STRANGE] = "the server's answer to the negotiation for it makes no sense",
        [PLAIN] = "the server does not negotiate",
        [SELECTED] = "the server selected a protocol that was not asked for",
        [REFUSED] = "the server refused for another reason",
    };
    return reasons[confirm->outcome];
}

enum verdict { NO, YES, UNKNOWN };

static void conclude(struct observation *observation, const struct fact *fact, enum verdict verdict,
                     const struct confirm *decisive)
{
    if (verdict == UNKNOWN)
        observation_undetermined(observation, fact, why_unknown(decisive));
    else
        observation_bool(observation, fact, verdict == YES);
}

static enum verdict tls_accepted(const struct confirm *confirms)
{
    const struct confirm *ssl = &confirms[ASK_SSL];
    if (selected(ssl, PROTOCOL_SSL))
        return YES;
    bool no = standard(ssl) || refused(ssl, SSL_NOT_ALLOWED) || refused(ssl, SSL_CERT_MISSING) ||
              refused(ssl, HYBRID_REQUIRED) || refused(ssl, USER_CERT_REQUIRED);
    return no ? NO : UNKNOWN;
}

static enum verdict old_accepted(const struct confirm *confirms)
{
    if (standard(&confirms[ASK_SSL]) || standard(&confirms[ASK_STANDARD]))
        return YES;
    return refused_old(&confirms[ASK_STANDARD]) ? NO : UNKNOWN;
}

static enum verdict nla_supported(const struct confirm *confirms)
{
    const struct confirm *hybrid = &confirms[ASK_HYBRID];
    if (selected(hybrid, PROTOCOL_HYBRID) || selected(hybrid, PROTOCOL_HYBRID_EX) ||
        refused(&confirms[ASK_SSL], HYBRID_REQUIRED) || refused(&confirms[ASK_STANDARD], HYBRID_REQUIRED))
        return YES;
    bool no = confirms[ASK_SSL].outcome == PLAIN || standard(hybrid) || selected(hybrid, PROTOCOL_SSL) ||
              refused(hybrid, SSL_NOT_ALLOWED);
    return no ? NO : UNKNOWN;
}

/* Required only when both ways around it were tried and refused; support for it says nothing (probes.md
 * §2.2). */
static enum verdict nla_required(const struct confirm *confirms)
{
    if (tls_accepted(confirms) == YES || old_accepted(confirms) == YES)
        return NO;
    bool yes = refused(&confirms[ASK_SSL], HYBRID_REQUIRED) && old_accepted(confirms) == NO;
    return yes ? YES : UNKNOWN;
}

/* The outcome that left it open whether NLA is required. */
static const struct confirm *open_question(const struct confirm *confirms)
{
    bool first = refused(&confirms[ASK_SSL], HYBRID_REQUIRED) || refused(&confirms[ASK_SSL], SSL_NOT_ALLOWED);
    return &confirms[first ? ASK_STANDARD : ASK_SSL];
}

static void conclude_all(struct observation *observation, const struct confirm *confirms)
{
    conclude(observation, &facts[TLS_ACCEPTED], tls_accepted(confirms), &confirms[ASK_SSL]);
    conclude(observation, &facts[OLD_SECURITY], old_accepted(confirms), &confirms[ASK_STANDARD]);
    conclude(observation, &facts[NLA_SUPPORTED], nla_supported(confirms), &confirms[ASK_HYBRID]);
    conclude(observation, &facts[NLA_REQUIRED], nla_required(confirms), open_question(confirms));
    for (size_t i = ROUNDS; i > 0; i--)
        if (confirms[i - 1].outcome == REFUSED)
            observation_integer(observation, &facts[FAILURE_CODE], confirms[i - 1].value);
    bool negotiates = false;
    for (size_t i = 0; i < ROUNDS; i++)
        negotiates |= confirms[i].outcome == SELECTED || confirms[i].outcome == REFUSED;
    if (negotiates || confirms[ASK_SSL].outcome == PLAIN)
        observation_bool(observation, &facts[NEGOTIATES], negotiates);
}

#define FLAG_CLIENT_DATA 0x01
#define FLAG_GRAPHICS    0x02
#define FLAG_RESERVED    0x04

/* Every confirm carries this source reference, and every response these flags. */
static bool marked(const struct confirm *confirms, uint16_t source, uint8_t flags)
{
    bool told = false;
    for (size_t i = 0; i < ROUNDS; i++) {
        bool confirmed = confirms[i].outcome == SELECTED || confirms[i].outcome == REFUSED;
        if (!confirmed || confirms[i].source != source)
            return false;
        if (confirms[i].outcome == SELECTED && confirms[i].flags != flags)
            return false;
        told |= confirms[i].outcome == SELECTED;
    }
    return told;
}

/* No field names the software, but three families differ in how they fill the others, and it takes all three
   answers to tell them. xrdp (0.9.21 recorded; its source writes these as constants): source reference
   0x1234, flags 1, and never HYBRID, which a Windows that sets this flag selects when it is offered; a
   request for TLS that it does not want it answers with standard security, where Windows and FreeRDP refuse
   with code 2. FreeRDP's server library (2.11 recorded): source reference 0, flags 3. Windows since 8.1, from
   published answers only: source reference 0x1234 and the reserved flag, which nobody else sets. What does
   not fit has no name. */
static void name_product(struct observation *observation, const struct confirm *confirms)
{
    const struct confirm *hybrid = &confirms[ASK_HYBRID];
    bool hybrid_selected = selected(hybrid, PROTOCOL_HYBRID);
    if (marked(confirms, 0x1234, FLAG_CLIENT_DATA) &&
        (selected(hybrid, PROTOCOL_SSL) || selected(hybrid, PROTOCOL_STANDARD)))
        product_observe(observation, "xrdp", (struct span){0});
    else if (marked(confirms, 0, FLAG_CLIENT_DATA | FLAG_GRAPHICS))
        product_observe(observation, "FreeRDP", (struct span){0});
    else if (hybrid_selected && hybrid->source == 0x1234 && (hybrid->flags & FLAG_RESERVED) &&
             marked(confirms, 0x1234, hybrid->flags))
        product_observe(observation, "Microsoft Terminal Services", (struct span){0});
}

/* Keeps what became of this round's request and goes on to the next. */
static enum probe_answer settle(struct probe_call *call, struct confirm confirm)
{
    struct rdp_state *state = call->state;
    state->confirms[call->round] = confirm;
    conclude_all(call->observation, state->confirms);
    if (call->round + 1 < ROUNDS)
        return state->confirms[ASK_SSL].outcome == PLAIN ? PROBE_DONE : PROBE_AGAIN;
    name_product(call->observation, state->confirms);
    bool tls = selected(&confirm, PROTOCOL_SSL) || selected(&confirm, PROTOCOL_HYBRID);
    return tls ? PROBE_TLS : PROBE_DONE;
}

/* Bytes that are no confirm: in the first round another protocol, later only a strange answer. */
static enum probe_answer strange(struct probe_call *call)
{
    if (call->round == 0)
        return PROBE_NOT_MINE;
    return settle(call, (struct confirm){.outcome = STRANGE});
}

static enum probe_answer heard(struct probe_call *call)
{
    struct cursor reader = *call->in;
    uint8_t version = cursor_u8(&reader);
    if (cursor_good(&reader) && version != TPKT_VERSION)
        return strange(call);
    uint8_t reserved = cursor_u8(&reader);
    uint16_t length = cursor_u16be(&reader);
    if (cursor_good(&reader) && (reserved != 0 || length <= TPKT_HEADER || length > CONFIRM_MAX))
        return strange(call);
    struct cursor packet = cursor_block(&reader, (size_t)length - TPKT_HEADER);
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    struct confirm confirm = {0};
    if (!read_confirm(&packet, &confirm) || (call->round == 0 && confirm.outcome == STRANGE))
        return strange(call);
    return settle(call, confirm);
}

static enum probe_answer unanswered(struct probe_call *call, enum outcome outcome)
{
    if (call->round == 0)
        return PROBE_NOT_MINE;
    return settle(call, (struct confirm){.outcome = outcome});
}

static enum probe_answer step(struct probe_call *call)
{
    const struct rdp_state *state = call->state;
    if (call->round >= ROUNDS)
        return PROBE_DONE;
    switch (call->event) {
    case PROBE_OPENED:
        write_request(call->out, requests[call->round]);
        return PROBE_WAIT;
    case PROBE_HEARD:
        return state->confirms[call->round].outcome == NOT_ASKED ? heard(call) : PROBE_DONE;
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        return PROBE_DONE;
    case PROBE_ENDED:
        return unanswered(call, CLOSED);
    case PROBE_QUIET:
        return unanswered(call, SILENT);
    }
    return PROBE_DONE;
}

const struct probe probe_rdp = {
    .name = "rdp",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){3389, 3390, 0},
    .rounds = ROUNDS,
    .gap_ms = 200, /* older Windows answers wrongly when asked again at once (probes.md §2.2) */
    .state_size = sizeof(struct rdp_state),
    .facts = facts,
    .step = step,
};
