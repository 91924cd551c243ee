#include <string.h>

#include "probes/probe.h"

/* Telnet (RFC 854, RFC 1143): every option is refused, once each, since many servers ask for a login only
   when their options are settled; the text up to that prompt is read, and the prompt is never answered. */

enum {
    NEGOTIATES,
    BANNER,
    LOGIN_PROMPT,
    ENCRYPTION_OFFERED,
};

static const struct fact facts[] = {
    [NEGOTIATES] = {"telnet.negotiates", FACT_BOOL, "the server negotiates Telnet options",
                    "服务器协商Telnet选项"},
    [BANNER] = {"telnet.banner", FACT_TEXT, "the text before the login prompt", "登录提示之前的文本"},
    [LOGIN_PROMPT] = {"telnet.login_prompt", FACT_BOOL, "a user name or password is asked for",
                      "出现用户名或口令提示"},
    [ENCRYPTION_OFFERED] = {"telnet.encryption_offered", FACT_BOOL,
                            "the server offers to encrypt (options ENCRYPT, START_TLS)",
                            "服务器提供加密选项(ENCRYPT、START_TLS)"},
    {0},
};

enum {
    SE = 240,
    SB = 250,
    WILL = 251,
    WONT = 252,
    DO = 253,
    DONT = 254,
    IAC = 255,
};

enum {
    OPTION_AUTHENTICATION = 37, /* RFC 2941 */
    OPTION_ENCRYPT = 38,        /* RFC 2946 */
    OPTION_START_TLS = 46,      /* draft-altman-telnet-starttls */
    OPTION_LAST = 49,           /* of those that have been assigned, but for EXOPL (255) */
};

#define BANNER_MAX  384
#define LINE_MAX    96   /* of the line in which a prompt is looked for */
#define TEXT_MAX    4096 /* before anything is negotiated or asked */
#define REFUSED_MAX 64   /* options answered on one connection */

enum phase {
    DATA,
    COMMAND, /* after IAC */
    OPTION,  /* after WILL, WONT, DO, DONT */
    SUBNEGOTIATION,
    SUBNEGOTIATION_IAC,
};

struct telnet_state {
    enum phase phase;
    uint8_t verb;
    bool negotiates, authentication, encryption, prompt;
    bool after_return; /* the last byte was a CR, which a NUL may follow (RFC 854) */
    bool line_full;
    uint8_t refused_will[32], refused_do[32]; /* a bit for each option */
    unsigned refused_count;
    size_t banner_size, line_size;
    uint8_t banner[BANNER_MAX], line[LINE_MAX];
};

/* Each option is refused once, so that two who insist do not talk for ever (RFC 1143 §2). */
static void refuse(struct probe_call *call, uint8_t verb, uint8_t option)
{
    struct telnet_state *state = call->state;
    uint8_t *refused = verb == WILL ? state->refused_will : state->refused_do;
    uint8_t bit = (uint8_t)(1u << option % 8);
    if (refused[option / 8] & bit || state->refused_count == REFUSED_MAX)
        return;
    refused[option / 8] |= bit;
    state->refused_count++;
    buffer_u8(call->out, IAC);
    buffer_u8(call->out, verb == WILL ? DONT : WONT);
    buffer_u8(call->out, option);
}

static void negotiated(struct probe_call *call, uint8_t option)
{
    struct telnet_state *state = call->state;
    state->negotiates |= option <= OPTION_LAST || option == IAC;
    if (!state->negotiates || (state->verb != WILL && state->verb != DO))
        return;
    state->encryption |= option == OPTION_ENCRYPT || option == OPTION_START_TLS;
    state->authentication |= option == OPTION_AUTHENTICATION;
    refuse(call, state->verb, option);
}

static struct span line_of(const struct telnet_state *state)
{
    return span_trim((struct span){state->line, state->line_size});
}

/* A finished line goes to the banner; empty ones do not. */
static void end_line(struct telnet_state *state)
{
    struct span line = line_of(state);
    size_t room = BANNER_MAX - state->banner_size;
    if (line.size && line.size + 3 < room) {
        struct buffer banner = buffer_over(state->banner, BANNER_MAX);
        banner.size = state->banner_size;
        buffer_text(&banner, banner.size ? " | " : "");
        buffer_bytes(&banner, line.bytes, line.size);
        state->banner_size = banner.size;
    }
    state->line_size = 0;
}

/* Colons as prompts write them: ASCII, full width in UTF-8 and in GBK. */
static bool cut_colon(struct span *line)
{
    static const char *const colons[] = {":", "\xef\xbc\x9a", "\xa3\xba"};
    for (size_t i = 0; i < sizeof colons / sizeof colons[0]; i++) {
        size_t size = strlen(colons[i]);
        if (line->size < size || !span_equals(span_from(*line, line->size - size), colons[i]))
            continue;
        *line = span_trim(span_first(*line, line->size - size));
        return true;
    }
    return false;
}

/* Words that a prompt ends in: login, user name, account, password; the Chinese ones in UTF-8 and in GBK. */
static const char *const prompts[] = {
    "login",
    "username",
    "user name",
    "userid",
    "user id",
    "password",
    "passcode",
    "\xe7\x94\xa8\xe6\x88\xb7\xe5\x90\x8d",
    "\xd3\xc3\xbb\xa7\xc3\xfb",
    "\xe8\xb4\xa6\xe5\x8f\xb7",
    "\xd5\xcb\xba\xc5",
    "\xe5\xaf\x86\xe7\xa0\x81",
    "\xc3\xdc\xc2\xeb",
    "\xe5\x8f\xa3\xe4\xbb\xa4",
    "\xbf\xda\xc1\xee",
    NULL,
};

/* "/usr/lib/telnetlogin: No such file" is a message; a Chinese word needs no gap before it. */
static bool ends_in(struct span line, const char *word)
{
    size_t size = strlen(word);
    if (line.size < size || !span_starts_nocase(span_from(line, line.size - size), word))
        return false;
    int before = line.size > size ? line.bytes[line.size - size - 1] : ' ';
    bool joined = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') || before == '/';
    return !joined || (uint8_t)word[0] >= 0x80;
}

/* Decided when the colon comes and not when the text stops, which nobody can see in a stream. "Last login:"
 * is what a shell says. */
static bool asks(const struct telnet_state *state)
{
    struct span line = line_of(state);
    if (state->line_full || !cut_colon(&line) || span_starts_nocase(line, "last "))
        return false;
    if (span_equals_nocase(line, "user") || span_equals_nocase(line, "account"))
        return true;
    for (size_t i = 0; prompts[i]; i++)
        if (ends_in(line, prompts[i]))
            return true;
    return false;
}

static void read_text(struct telnet_state *state, uint8_t byte)
{
    if (byte == '\n' || byte == '\r') {
        end_line(state);
        state->line_full = false;
    } else if (state->line_size == LINE_MAX) {
        state->line_full = true;
    } else if (byte >= ' ' || byte == '\t') {
        state->line[state->line_size++] = byte;
        state->prompt = asks(state);
    }
}

/* Text of a terminal has these controls; any other says that this is another protocol. */
static bool text_byte(const struct telnet_state *state, uint8_t byte)
{
    return byte >= ' ' || (byte >= 7 && byte <= 15) || byte == 27 || (byte == 0 && state->after_return);
}

/* false: this byte is none of Telnet's. */
static bool read_data(struct telnet_state *state, uint8_t byte)
{
    state->phase = DATA;
    if (!state->negotiates && !text_byte(state, byte))
        return false;
    read_text(state, byte);
    state->after_return = byte == '\r';
    return true;
}

static bool read_byte(struct probe_call *call, uint8_t byte)
{
    struct telnet_state *state = call->state;
    switch (state->phase) {
    case DATA:
        if (byte != IAC)
            return read_data(state, byte);
        state->phase = COMMAND;
        break;
    case COMMAND:
        if (byte == IAC)
            return read_data(state, byte);
        state->verb = byte;
        state->phase = byte >= WILL ? OPTION : byte == SB ? SUBNEGOTIATION : DATA;
        break;
    case OPTION:
        state->phase = DATA;
        negotiated(call, byte);
        break;
    case SUBNEGOTIATION: /* nothing in it concerns us, since no option was agreed to */
        state->phase = byte == IAC ? SUBNEGOTIATION_IAC : SUBNEGOTIATION;
        break;
    case SUBNEGOTIATION_IAC:
        state->phase = byte == SE ? DATA : SUBNEGOTIATION;
        break;
    }
    return true;
}

/* Greetings of other protocols are text as well: NOT_MINE when the first bytes are one of them, WAIT while
 * they can still become one, else DONE. */
static enum probe_answer look_at_start(const struct cursor *in)
{
    static const char *const greetings[] = {"SSH-", "HTTP/", "RFB 0", "+OK", "-ERR", "* OK", "220 ", "220-"};
    bool open = false;
    for (size_t i = 0; i < sizeof greetings / sizeof greetings[0]; i++) {
        struct cursor reader = *in;
        if (cursor_match(&reader, greetings[i], strlen(greetings[i])))
            return PROBE_NOT_MINE;
        open |= cursor_short(&reader);
    }
    return open ? PROBE_WAIT : PROBE_DONE;
}

/* Off its ports only a negotiation at the very start is Telnet's. */
static bool ours(const struct probe_call *call)
{
    const struct telnet_state *state = call->state;
    uint16_t port = call->context->port;
    return state->negotiates || port == 23 || port == 2323 || port == 992;
}

/* false is only said of what the server had its time to show, and not where AUTHENTICATION, which can bring
 * encryption with it (SSL in telnetd-ssl, Kerberos), was offered and refused by us. */
static void observe(struct probe_call *call)
{
    const struct telnet_state *state = call->state;
    struct observation *observation = call->observation;
    observation_bool(observation, &facts[NEGOTIATES], state->negotiates);
    if (state->authentication && !state->encryption)
        observation_undetermined(observation, &facts[ENCRYPTION_OFFERED],
                                 "AUTHENTICATION is offered, which may bring encryption");
    else
        observation_bool(observation, &facts[ENCRYPTION_OFFERED], state->encryption);
    if (state->prompt)
        observation_bool(observation, &facts[LOGIN_PROMPT], true);
    else
        observation_undetermined(observation, &facts[LOGIN_PROMPT], "no prompt came within the wait");
    if (state->banner_size)
        observation_text(observation, &facts[BANNER], (struct span){state->banner, state->banner_size});
}

static enum probe_answer read_bytes(struct probe_call *call, struct cursor *reader)
{
    struct telnet_state *state = call->state;
    while (cursor_left(reader) && !state->prompt) {
        if (!read_byte(call, cursor_u8(reader)))
            return PROBE_NOT_MINE;
        if (!ours(call) && state->phase != COMMAND && state->phase != OPTION)
            return PROBE_NOT_MINE;
    }
    return state->prompt ? PROBE_DONE : PROBE_WAIT;
}

/* Until something is negotiated nothing is consumed and all is read again with every new byte, so that other
 * protocols may look at it too. */
static enum probe_answer heard(struct probe_call *call)
{
    struct telnet_state *state = call->state;
    struct cursor reader = *call->in;
    if (!state->negotiates) {
        enum probe_answer start = look_at_start(call->in);
        if (start != PROBE_DONE)
            return start;
        *state = (struct telnet_state){0};
    }
    enum probe_answer answer = read_bytes(call, &reader);
    if (answer == PROBE_DONE)
        observe(call);
    if (state->negotiates)
        cursor_commit(call->in, &reader);
    else if (answer == PROBE_WAIT && cursor_left(call->in) > TEXT_MAX)
        return PROBE_NOT_MINE;
    return answer;
}

static enum probe_answer ended(struct probe_call *call)
{
    const struct telnet_state *state = call->state;
    static const char why[] = "the server closed before it asked for a login";
    if (!state->negotiates)
        return PROBE_NOT_MINE;
    observation_bool(call->observation, &facts[NEGOTIATES], true);
    observation_undetermined(call->observation, &facts[LOGIN_PROMPT], why);
    if (state->encryption)
        observation_bool(call->observation, &facts[ENCRYPTION_OFFERED], true);
    else
        observation_undetermined(call->observation, &facts[ENCRYPTION_OFFERED], why);
    return PROBE_DONE;
}

static enum probe_answer step(struct probe_call *call)
{
    const struct telnet_state *state = call->state;
    switch (call->event) {
    case PROBE_HEARD:
        return heard(call);
    case PROBE_ENDED:
        return ended(call);
    case PROBE_QUIET:
        if (!state->negotiates)
            return PROBE_NOT_MINE;
        observe(call);
        return PROBE_DONE;
    case PROBE_OPENED:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return PROBE_WAIT;
}

const struct probe probe_telnet = {
    .name = "telnet",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){23, 2323, 0},
    .tls_ports = (const uint16_t[]){992, 0},
    .greeting_ms = 4000,
    .answer_ms = 4000,
    .state_size = sizeof(struct telnet_state),
    .facts = facts,
    .step = step,
};
