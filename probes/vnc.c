#include <stdio.h>
#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"

/* The Remote Framebuffer protocol up to its list of security types (RFC 6143 §7.1), and VeNCrypt's own list,
   which the server gives before any authentication (rfbproto, "VeNCrypt"). Nothing is authenticated, and no
   type is chosen but VeNCrypt, whose choice only opens that list. */

enum {
    PROTOCOL,
    SECURITY_TYPES,
    VENCRYPT_TYPES,
    NO_PASSWORD,
    ENCRYPTED,
    REFUSAL,
};

static const struct fact facts[] = {
    [PROTOCOL] = {"vnc.protocol", FACT_TEXT, "the protocol version that the server greets with",
                  "RFB协议版本"},
    [SECURITY_TYPES] = {"vnc.security_types", FACT_TEXT, "the security types offered", "支持的安全类型"},
    [VENCRYPT_TYPES] = {"vnc.vencrypt_types", FACT_TEXT, "the types offered inside VeNCrypt",
                        "VeNCrypt子类型"},
    [NO_PASSWORD] = {"vnc.no_password", FACT_BOOL, "the desktop is given to anybody without a password",
                     "无需口令即可访问桌面"},
    [ENCRYPTED] = {"vnc.encrypted", FACT_BOOL, "a security type that encrypts the session is offered",
                   "提供加密会话的安全类型"},
    [REFUSAL] = {"vnc.refusal", FACT_TEXT, "why the server does not let our address begin",
                 "服务器拒绝的原因"},
    {0},
};

enum {
    TYPE_INVALID = 0,
    TYPE_NONE = 1,
    TYPE_PASSWORD = 2,
    TYPE_TIGHT = 16,
    TYPE_VENCRYPT = 19,
};

/* What a type asks for. One that is not in the table, or that negotiates again inside, leaves it open. */
enum access { ACCESS_OPEN, ACCESS_LOCKED, ACCESS_INSIDE };

static const struct {
    uint32_t type;
    const char *name;
    enum access access;
    bool encrypts;
} types[] = {
    {TYPE_NONE, "None", ACCESS_OPEN, false},
    {TYPE_PASSWORD, "VNC password", ACCESS_LOCKED, false},
    {5, "RA2", ACCESS_LOCKED, true},
    {6, "RA2ne", ACCESS_LOCKED, false},
    {TYPE_TIGHT, "Tight", ACCESS_INSIDE, false},
    {17, "Ultra", ACCESS_INSIDE, false},
    {18, "TLS", ACCESS_INSIDE, true},
    {TYPE_VENCRYPT, "VeNCrypt", ACCESS_INSIDE, false},
    {20, "SASL", ACCESS_LOCKED, false},
    {21, "MD5", ACCESS_LOCKED, false},
    {22, "xvp", ACCESS_INSIDE, false},
    {30, "Apple DH", ACCESS_LOCKED, false},
    {129, "RA2-256", ACCESS_LOCKED, true},
    {130, "RA2ne-256", ACCESS_LOCKED, false},
    {256, "Plain", ACCESS_LOCKED, false},
    {257, "TLSNone", ACCESS_OPEN, true},
    {258, "TLSVnc", ACCESS_LOCKED, true},
    {259, "TLSPlain", ACCESS_LOCKED, true},
    {260, "X509None", ACCESS_OPEN, true},
    {261, "X509Vnc", ACCESS_LOCKED, true},
    {262, "X509Plain", ACCESS_LOCKED, true},
    {263, "TLSSASL", ACCESS_LOCKED, true},
    {264, "X509SASL", ACCESS_LOCKED, true},
};

/* What a list of types comes to. */
struct offer {
    bool open;
    bool inside;
    bool password;
    bool encrypts;
    bool vencrypt;
    bool tight;
};

enum phase { GREETING, TYPES, VENCRYPT_VERSION, VENCRYPT_LIST, OVER };

struct vnc_state {
    enum phase phase;
    bool one_type; /* 3.3: the server decides on one */
    struct offer offer;
};

#define GREETING_SIZE 12
#define REASON_MAX    1024

static void offer_add(struct offer *offer, uint32_t type, char *text, size_t size)
{
    char number[16];
    const char *name = number;
    enum access access = ACCESS_INSIDE;
    snprintf(number, sizeof number, "%u", (unsigned)type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type != type)
            continue;
        name = types[i].name;
        access = types[i].access;
        offer->encrypts |= types[i].encrypts;
    }
    offer->open |= access == ACCESS_OPEN;
    offer->inside |= access == ACCESS_INSIDE && type != TYPE_VENCRYPT && type != TYPE_TIGHT;
    offer->password |= type == TYPE_PASSWORD;
    offer->vencrypt |= type == TYPE_VENCRYPT;
    offer->tight |= type == TYPE_TIGHT;
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%s", length ? ", " : "", name);
}

/* What is open in one list stays open whatever another says. Tight negotiates again inside, but a server that
   offers it beside a password has one and asks for it there too. */
static void observe_offer(struct observation *observation, const struct offer *offer, bool vencrypt_read)
{
    if (offer->open)
        observation_bool(observation, &facts[NO_PASSWORD], true);
    else if (offer->vencrypt && !vencrypt_read)
        observation_undetermined(observation, &facts[NO_PASSWORD], "the types inside VeNCrypt were not read");
    else if (offer->inside || (offer->tight && !offer->password))
        observation_undetermined(observation, &facts[NO_PASSWORD],
                                 "a type is offered that says only later what it asks for");
    else
        observation_bool(observation, &facts[NO_PASSWORD], false);
    if (offer->vencrypt && !vencrypt_read && !offer->encrypts)
        observation_undetermined(observation, &facts[ENCRYPTED], "the types inside VeNCrypt were not read");
    else
        observation_bool(observation, &facts[ENCRYPTED], offer->encrypts);
}

static enum probe_answer refused(struct probe_call *call, struct cursor *reader)
{
    struct vnc_state *state = call->state;
    uint32_t length = cursor_u32be(reader);
    struct span reason = {0};
    if (cursor_good(reader) && length <= REASON_MAX)
        reason = cursor_span(reader, length);
    if (cursor_short(reader))
        return PROBE_WAIT;
    cursor_commit(call->in, reader);
    state->phase = OVER;
    if (reason.size)
        observation_text(call->observation, &facts[REFUSAL], reason);
    return PROBE_DONE;
}

static enum probe_answer offered(struct probe_call *call, struct cursor *list)
{
    struct vnc_state *state = call->state;
    char text[OBSERVATION_TEXT_MAX] = "";
    while (cursor_left(list))
        offer_add(&state->offer, state->one_type ? cursor_u32be(list) : cursor_u8(list), text, sizeof text);
    observation_words(call->observation, &facts[SECURITY_TYPES], text);
    observe_offer(call->observation, &state->offer, false);
    state->phase = state->offer.vencrypt ? VENCRYPT_VERSION : OVER;
    if (state->phase == OVER)
        return PROBE_DONE;
    buffer_u8(call->out, TYPE_VENCRYPT);
    return PROBE_WAIT;
}

static enum probe_answer heard_types(struct probe_call *call)
{
    const struct vnc_state *state = call->state;
    struct cursor reader = *call->in;
    size_t size = state->one_type ? 4 : cursor_u8(&reader);
    struct cursor list = cursor_block(&reader, size), first = list;
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    if (size == 0 || (state->one_type && cursor_u32be(&first) == TYPE_INVALID))
        return refused(call, &reader);
    cursor_commit(call->in, &reader);
    return offered(call, &list);
}

/* Older versions write their list in another form. */
static enum probe_answer heard_vencrypt_version(struct probe_call *call)
{
    struct vnc_state *state = call->state;
    struct cursor reader = *call->in;
    uint8_t major = cursor_u8(&reader);
    uint8_t minor = cursor_u8(&reader);
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    if (major == 0 && minor < 2)
        return PROBE_DONE;
    state->phase = VENCRYPT_LIST;
    buffer_u8(call->out, 0);
    buffer_u8(call->out, 2);
    return PROBE_WAIT;
}

static enum probe_answer heard_vencrypt_list(struct probe_call *call)
{
    struct vnc_state *state = call->state;
    struct cursor reader = *call->in;
    uint8_t refusal = cursor_u8(&reader);
    if (cursor_good(&reader) && refusal)
        return PROBE_DONE;
    struct cursor list = cursor_block(&reader, 4u * cursor_u8(&reader));
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    char text[OBSERVATION_TEXT_MAX] = "";
    while (cursor_left(&list))
        offer_add(&state->offer, cursor_u32be(&list), text, sizeof text);
    if (!text[0])
        return PROBE_DONE;
    observation_words(call->observation, &facts[VENCRYPT_TYPES], text);
    observe_offer(call->observation, &state->offer, true);
    return PROBE_DONE;
}

struct version {
    uint64_t major, minor;
};

/* "RFB 003.008\n": false as soon as a byte is none of it. */
static bool read_version(struct cursor *reader, struct version *version)
{
    static const char form[] = "RFB 000.000\n";
    struct cursor digits = *reader;
    for (size_t i = 0; i < GREETING_SIZE && cursor_peek(reader, i) >= 0; i++) {
        int byte = cursor_peek(reader, i);
        if (form[i] == '0' ? byte < '0' || byte > '9' : byte != form[i])
            return false;
    }
    cursor_skip(reader, GREETING_SIZE);
    cursor_skip(&digits, 4);
    if (!cursor_good(reader))
        return true;
    (void)span_number(cursor_span(&digits, 3), 999, &version->major);
    cursor_skip(&digits, 1);
    (void)span_number(cursor_span(&digits, 3), 999, &version->minor);
    return true;
}

static void observe_version(struct observation *observation, const struct version *version)
{
    char text[16];
    snprintf(text, sizeof text, "%u.%u", (unsigned)version->major, (unsigned)version->minor);
    observation_words(observation, &facts[PROTOCOL], text);
    observation_undetermined(observation, &facts[NO_PASSWORD], "the server did not offer security types");
    observation_undetermined(observation, &facts[ENCRYPTED], "the server did not offer security types");
    if (version->major == 3 && version->minor == 889)
        product_observe(observation, "Apple Remote Desktop", (struct span){0});
    else if (version->major == 4 || version->major == 5)
        product_observe(observation, "RealVNC", (struct span){0});
}

/* We answer with the published version that the server's stands for; numbers that were never published below
   3.7 mean 3.3 (RFC 6143 §7.1.1). */
static enum probe_answer heard_greeting(struct probe_call *call)
{
    struct vnc_state *state = call->state;
    struct cursor reader = *call->in;
    struct version version = {0};
    if (!read_version(&reader, &version))
        return PROBE_NOT_MINE;
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    observe_version(call->observation, &version);
    state->phase = TYPES;
    /* A repeater, which would take our answer for the name of a desktop. */
    if (version.major < 3)
        return PROBE_DONE;
    bool later = version.major > 3;
    state->one_type = !later && version.minor < 7;
    buffer_text(call->out, state->one_type                ? "RFB 003.003\n"
                           : !later && version.minor == 7 ? "RFB 003.007\n"
                                                          : "RFB 003.008\n");
    return PROBE_WAIT;
}

static enum probe_answer heard(struct probe_call *call)
{
    const struct vnc_state *state = call->state;
    enum probe_answer answer = PROBE_WAIT;
    enum phase before;
    do {
        before = state->phase;
        switch (before) {
        case GREETING:
            answer = heard_greeting(call);
            break;
        case TYPES:
            answer = heard_types(call);
            break;
        case VENCRYPT_VERSION:
            answer = heard_vencrypt_version(call);
            break;
        case VENCRYPT_LIST:
            answer = heard_vencrypt_list(call);
            break;
        case OVER:
            return PROBE_DONE;
        }
    } while (answer == PROBE_WAIT && state->phase != before);
    return answer;
}

static enum probe_answer step(struct probe_call *call)
{
    const struct vnc_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard(call);
    case PROBE_ENDED:
    case PROBE_QUIET:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return state->phase == GREETING ? PROBE_NOT_MINE : PROBE_DONE;
}

const struct probe probe_vnc = {
    .name = "vnc",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){5900, 5901, 5902, 5903, 0},
    .greeting_ms = 2000, /* some look up our name first */
    .state_size = sizeof(struct vnc_state),
    .facts = facts,
    .step = step,
};
