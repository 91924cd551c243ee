#include <stdio.h>
#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"

/* Oracle's TNS, of which there is no public specification; the layout is that which free dissectors and
   drivers agree on. We send the CONNECT that asks a listener for its version: no service, no instance and no
   user is named. Listeners since 10g refuse it (TNS-01189) and give VSNNUM with the refusal; COMMAND=ping
   would be no quieter, and newer listeners answer it with VSNNUM=0. */

enum {
    REFUSED,
    ERROR_CODE,
    VSNNUM,
};

static const struct fact facts[] = {
    [REFUSED] = {"oracle.refused", FACT_BOOL,
                 "the listener answers our question with a refusal, as it should",
                 "监听器拒绝版本查询(正常配置)"},
    [ERROR_CODE] = {"oracle.error_code", FACT_INTEGER,
                    "TNS error of the answer; 1189: the question is not for strangers", "应答中的TNS错误码"},
    [VSNNUM] = {"oracle.vsnnum", FACT_INTEGER, "the version number as the listener sends it",
                "监听器返回的原始版本号"},
    {0},
};

enum {
    PACKET_CONNECT = 1,
    PACKET_ACCEPT = 2,
    PACKET_REFUSE = 4,
    PACKET_REDIRECT = 5,
    PACKET_RESEND = 11,
};

enum {
    HEADER_SIZE = 8,
    CONNECT_SIZE = 58, /* header and fixed part, behind which the connect data stand */
    VERSION_SENT = 314,
    VERSION_OLDEST = 300,
    VERSION_LAST = 400, /* 319 in 23ai */
    SDU_SIZE = 8192,
    TDU_SIZE = 32767,
};

#define PACKET_MAX 4096 /* answers to this have under 300 bytes */

struct oracle_state {
    bool resent;
};

static void write_connect(struct buffer *out)
{
    static const char data[] = "(CONNECT_DATA=(COMMAND=version))";
    size_t size = sizeof data - 1;
    buffer_u16be(out, (uint16_t)(CONNECT_SIZE + size));
    buffer_u16be(out, 0); /* checksum */
    buffer_u8(out, PACKET_CONNECT);
    buffer_zeros(out, 3); /* flags, checksum of the header */
    buffer_u16be(out, VERSION_SENT);
    buffer_u16be(out, VERSION_OLDEST);
    buffer_u16be(out, 0); /* service options */
    buffer_u16be(out, SDU_SIZE);
    buffer_u16be(out, TDU_SIZE);
    buffer_u16be(out, 0x7f08); /* protocol characteristics of a plain TCP client */
    buffer_u16be(out, 0);      /* line turnaround */
    buffer_u16be(out, 1);      /* one, in our byte order */
    buffer_u16be(out, (uint16_t)size);
    buffer_u16be(out, CONNECT_SIZE);
    buffer_zeros(out, 4 + 2);     /* connect data that we could take, connect flags */
    buffer_zeros(out, 4 + 4 + 8); /* cross facility items, connection id */
    buffer_zeros(out, 8);
    buffer_bytes(out, data, size);
}

/* The digits behind `key` in "(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=1189)…)". */
static bool find_number(struct span text, const char *key, uint64_t *number_out)
{
    size_t at = span_find_nocase(text, key);
    if (at == SIZE_MAX)
        return false;
    struct span rest = span_from(text, at + strlen(key));
    struct span digits = span_cut(&rest, ")");
    return span_number(span_trim(digits), UINT32_MAX, number_out);
}

/* 8, 4, 8, 4 and 8 bits up to 12.2; since 18 they are 8, 8, 4, 8 and 4, of which listeners fill in the first
 * only: that is the release, and says nothing of its patches. */
static void name_product(struct observation *observation, uint32_t number)
{
    char text[32];
    unsigned major = number >> 24;
    int size;
    if (major >= 18 && (number & 0xffffff) == 0)
        size = snprintf(text, sizeof text, "%u", major);
    else if (major >= 18)
        size = snprintf(text, sizeof text, "%u.%u.%u.%u.%u", major, number >> 16 & 0xff, number >> 12 & 0xf,
                        number >> 4 & 0xff, number & 0xf);
    else
        size = snprintf(text, sizeof text, "%u.%u.%u.%u.%u", major, number >> 20 & 0xf, number >> 12 & 0xff,
                        number >> 8 & 0xf, number & 0xff);
    product_observe(observation, "Oracle Database",
                    (struct span){(const uint8_t *)text, major ? (size_t)size : 0});
}

static enum probe_answer known(struct probe_call *call, bool refused, struct span text)
{
    struct observation *observation = call->observation;
    uint64_t number = 0;
    observation_bool(observation, &facts[REFUSED], refused);
    if (find_number(text, "(ERR=", &number) || find_number(text, "(CODE=", &number))
        observation_integer(observation, &facts[ERROR_CODE], (int64_t)number);
    number = 0;
    if (find_number(text, "(VSNNUM=", &number) && number)
        observation_integer(observation, &facts[VSNNUM], (int64_t)number);
    else
        observation_undetermined(observation, &facts[VSNNUM], "the listener does not tell its version");
    name_product(observation, (uint32_t)number);
    return PROBE_DONE;
}

/* Two reasons, a length, and a text that fills the rest. */
static enum probe_answer read_refuse(struct probe_call *call, struct cursor body)
{
    cursor_skip(&body, 2);
    uint16_t size = cursor_u16be(&body);
    struct span text = cursor_span(&body, size);
    if (!cursor_good(&body) || cursor_left(&body) || (size && !span_starts(text, "(")))
        return PROBE_NOT_MINE;
    return known(call, true, text);
}

static enum probe_answer read_redirect(struct probe_call *call, struct cursor body)
{
    uint16_t size = cursor_u16be(&body);
    struct span text = cursor_span(&body, size);
    if (!cursor_good(&body) || !span_starts(text, "("))
        return PROBE_NOT_MINE;
    return known(call, false, text);
}

/* Version, options, SDU, TDU, one, then length and offset of data that older listeners put their answer in.
 */
static enum probe_answer read_accept(struct probe_call *call, struct cursor body)
{
    struct cursor reader = body;
    uint16_t version = cursor_u16be(&reader);
    cursor_skip(&reader, 2 + 2 + 2);
    uint16_t one = cursor_u16be(&reader), size = cursor_u16be(&reader), offset = cursor_u16be(&reader);
    bool fits = size == 0 || (offset >= HEADER_SIZE && offset + size <= cursor_left(&body) + HEADER_SIZE);
    if (!cursor_good(&reader) || version < VERSION_OLDEST || version > VERSION_LAST || !fits ||
        (one != 1 && one != 0x100))
        return PROBE_NOT_MINE;
    cursor_skip(&body, size ? offset - (size_t)HEADER_SIZE : 0);
    return known(call, false, cursor_span(&body, size));
}

/* The listener wants the same once more. */
static enum probe_answer resend(struct probe_call *call, struct cursor body)
{
    struct oracle_state *state = call->state;
    if (state->resent || cursor_left(&body))
        return PROBE_NOT_MINE;
    state->resent = true;
    write_connect(call->out);
    return PROBE_WAIT;
}

static enum probe_answer read_packet(struct probe_call *call, uint8_t type, struct cursor body)
{
    switch (type) {
    case PACKET_ACCEPT:
        return read_accept(call, body);
    case PACKET_REFUSE:
        return read_refuse(call, body);
    case PACKET_REDIRECT:
        return read_redirect(call, body);
    case PACKET_RESEND:
        return resend(call, body);
    default:
        return PROBE_NOT_MINE;
    }
}

static enum probe_answer heard(struct probe_call *call)
{
    struct cursor reader = *call->in;
    uint16_t length = cursor_u16be(&reader), checksum = cursor_u16be(&reader);
    uint8_t type = cursor_u8(&reader);
    cursor_skip(&reader, 1); /* flags */
    uint16_t header_checksum = cursor_u16be(&reader);
    if (cursor_peek(call->in, 0) >= PACKET_MAX >> 8)
        return PROBE_NOT_MINE;
    if (cursor_good(&reader) &&
        (length < HEADER_SIZE || length > PACKET_MAX || checksum != 0 || header_checksum != 0))
        return PROBE_NOT_MINE;
    struct cursor body = cursor_block(&reader, cursor_good(&reader) ? length - (size_t)HEADER_SIZE : 0);
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    return read_packet(call, type, body);
}

static enum probe_answer step(struct probe_call *call)
{
    const struct oracle_state *state = call->state;
    static const char why[] = "the listener asked for our question twice and did not answer it";
    switch (call->event) {
    case PROBE_OPENED:
        write_connect(call->out);
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard(call);
    case PROBE_SECURED:
    case PROBE_UNSECURED:
    case PROBE_ENDED:
    case PROBE_QUIET:
        break;
    }
    if (!state->resent)
        return PROBE_NOT_MINE;
    observation_undetermined(call->observation, &facts[REFUSED], why);
    observation_undetermined(call->observation, &facts[VSNNUM], why);
    return PROBE_DONE;
}

const struct probe probe_oracle = {
    .name = "oracle",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){1521, 1522, 1526, 2483, 0},
    .tls_ports = (const uint16_t[]){2484, 0},
    .state_size = sizeof(struct oracle_state),
    .facts = facts,
    .step = step,
};
