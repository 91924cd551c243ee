#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"

/* SSH transport (RFC 4253). The server says who it is, we say who we are, it sends the algorithms that it
 * offers; nothing of a key exchange follows, and no login is begun. */

enum {
    PROTOCOL,
    SOFTWARE,
    COMMENT,
    V1_ACCEPTED,
    KEX,
    HOST_KEYS,
    CIPHERS,
    MACS,
    WEAK_KEX,
    WEAK_CIPHERS,
    WEAK_MACS,
    STRICT_KEX,
    FACTS,
};

static const struct fact facts[] = {
    [PROTOCOL] = {"ssh.protocol", FACT_TEXT, "protocol version of the identification line", "协议版本"},
    [SOFTWARE] = {"ssh.software", FACT_TEXT, "software as the identification line names it", "软件标识"},
    [COMMENT] = {"ssh.comment", FACT_TEXT, "what the identification line adds to it", "标识行附注"},
    [V1_ACCEPTED] = {"ssh.v1_accepted", FACT_BOOL, "the server accepts SSH protocol 1", "服务器接受SSH协议1"},
    [KEX] = {"ssh.kex", FACT_TEXT, "key exchange methods that are offered", "提供的密钥交换算法"},
    [HOST_KEYS] = {"ssh.host_keys", FACT_TEXT, "host key algorithms that are offered", "提供的主机密钥算法"},
    [CIPHERS] = {"ssh.ciphers", FACT_TEXT, "ciphers that are offered", "提供的加密算法"},
    [MACS] = {"ssh.macs", FACT_TEXT, "message authentication codes that are offered", "提供的消息认证码"},
    [WEAK_KEX] = {"ssh.weak_kex", FACT_BOOL, "a key exchange that should not be used is offered",
                  "提供不应使用的密钥交换算法"},
    [WEAK_CIPHERS] = {"ssh.weak_ciphers", FACT_BOOL, "RC4, a cipher of 64-bit blocks or CBC mode is offered",
                      "提供RC4、64位分组或CBC模式的加密算法"},
    [WEAK_MACS] = {"ssh.weak_macs", FACT_BOOL, "MD5, RIPEMD or a tag cut to 96 bits is offered",
                   "提供MD5、RIPEMD或96位截断的消息认证码"},
    [STRICT_KEX] = {"ssh.strict_kex", FACT_BOOL,
                    "strict key exchange is offered, which closes CVE-2023-48795",
                    "支持严格密钥交换（防御CVE-2023-48795）"},
    {0},
};

#define IDENTIFICATION_MAX 512   /* RFC 4253 §4.2 allows 255 */
#define LEADING_LINES      16    /* before the identification line */
#define LEADING_MAX        1024  /* bytes of such a line */
#define PACKET_MAX         35000 /* RFC 4253 §6.1 */
#define PACKETS_MAX        8     /* until the KEXINIT */
#define SOFTWARE_MAX       64    /* bytes of ours */
#define KEXINIT_LISTS      6     /* the ones that are read */

enum { MSG_DISCONNECT = 1, MSG_IGNORE = 2, MSG_UNIMPLEMENTED = 3, MSG_DEBUG = 4, MSG_KEXINIT = 20 };

struct ssh_state {
    bool identified;
    uint8_t packets;
};

/* RFC 9142 §4, what it says SHOULD NOT and MUST NOT be used. A star stands for any ending or beginning. */
static const char *const weak_kex[] = {
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group-exchange-sha1",
    "gss-group1-sha1-*",
    "gss-gex-sha1-*",
    "rsa1024-sha1",
    NULL,
};

/* RFC 8758 for arcfour; plaintext recovery from CBC is CVE-2008-5161; short blocks are CVE-2016-2183. */
static const char *const weak_ciphers[] = {"none",   "arcfour*",   "*-cbc",     "*-cbc@*",
                                           "3des-*", "blowfish-*", "cast128-*", "idea-*",
                                           "des",    "des-*",      NULL};

/* RFC 6151 for HMAC-MD5. */
static const char *const weak_macs[] = {"none", "hmac-md5*", "hmac-sha1-96*", "hmac-ripemd*", NULL};

static bool ends_with(struct span name, const char *end, size_t size)
{
    return name.size >= size && memcmp(name.bytes + name.size - size, end, size) == 0;
}

static bool matches(struct span name, const char *pattern)
{
    size_t size = strlen(pattern);
    bool before = pattern[0] == '*', behind = pattern[size - 1] == '*';
    char part[64];
    size_t length = size - before - behind;
    memcpy(part, pattern + before, length);
    part[length] = 0;
    if (before && behind)
        return span_find(name, part) != SIZE_MAX;
    return before   ? ends_with(name, part, length)
           : behind ? span_starts(name, part)
                    : span_equals(name, part);
}

static bool lists_any(struct span list, const char *const *patterns)
{
    while (list.size) {
        struct span name = span_cut(&list, ",");
        for (size_t i = 0; patterns[i]; i++)
            if (matches(name, patterns[i]))
                return true;
    }
    return false;
}

/* Beginnings of software names; the longer of two that begin alike comes first. */
static const struct {
    const char *start;
    const char *product;
} products[] = {
    {"OpenSSH_for_Windows", "OpenSSH"},
    {"OpenSSH", "OpenSSH"},
    {"dropbear", "Dropbear"},
    {"libssh", "libssh"},
    {"Cisco", "Cisco SSH"},
    {"HUAWEI", "Huawei SSH"},
    {"Comware", "H3C Comware"},
    {"ZTE_SSH", "ZTE SSH"},
    {"ROSSSH", "MikroTik RouterOS"},
    {"RomSShell", "RomSShell"},
    {"Mocana", "Mocana SSH"},
    {"mod_sftp", "ProFTPD mod_sftp"},
    {"APACHE-SSHD", "Apache MINA SSHD"},
    {"SSHD-CORE", "Apache MINA SSHD"},
    {"Sun_SSH", "Sun SSH"},
    {"paramiko", "Paramiko"},
    {"AsyncSSH", "AsyncSSH"},
    {"TwistedConch", "Twisted Conch"},
    {"Twisted", "Twisted Conch"},
    {"CrushFTP", "CrushFTP"},
    {"Serv-U", "Serv-U"},
    {"VShell", "VShell"},
    {"IPSSH", "IPSSH"},
    {"NetScreen", "NetScreen"},
    {"WeOnlyDo", "WeOnlyDo"},
};

/* "OpenSSH_9.2p1 Debian-2": the version reaches to the line's end, since the packager stands there. */
static void name_product(struct observation *observation, struct span line, struct span comment)
{
    if (span_find(comment, "Bitvise SSH Server") != SIZE_MAX) {
        product_observe(observation, "Bitvise SSH Server", line);
        return;
    }
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++) {
        if (!span_starts_nocase(line, products[i].start))
            continue;
        struct span told = span_from(line, strlen(products[i].start));
        if (told.size && memchr("_-/. ", told.bytes[0], 5))
            told = span_from(told, 1);
        bool version = told.size && told.bytes[0] >= '0' && told.bytes[0] <= '9';
        product_observe(observation, products[i].product, version ? told : (struct span){0});
        return;
    }
}

/* Our own identification line; a dash would end the software's name early (RFC 4253 §4.2). */
static void write_identification(struct probe_call *call)
{
    const char *name = call->context->user_agent;
    buffer_text(call->out, "SSH-2.0-");
    for (size_t i = 0; name[i] && i < SOFTWARE_MAX; i++)
        buffer_u8(call->out, name[i] == '-' ? '_' : (uint8_t)name[i]);
    buffer_text(call->out, "\r\n");
}

/* "1.99" and the like. */
static bool is_protocol(struct span text)
{
    uint64_t number;
    struct span major = span_cut(&text, ".");
    return span_number(major, 9, &number) && span_number(text, 99, &number);
}

/* What follows "SSH-". Done when it speaks protocol 1 alone, since ours would only be refused. */
static enum probe_answer identified(struct probe_call *call, struct span line)
{
    struct observation *observation = call->observation;
    struct span protocol = span_cut(&line, "-");
    struct span comment = line, software = span_cut(&comment, " ");
    if (!is_protocol(protocol) || (!line.size && !line.bytes))
        return PROBE_NOT_MINE;
    bool old = protocol.bytes[0] == '1';
    observation_text(observation, &facts[PROTOCOL], protocol);
    observation_text(observation, &facts[SOFTWARE], software);
    if (comment.size)
        observation_text(observation, &facts[COMMENT], comment);
    observation_bool(observation, &facts[V1_ACCEPTED], old);
    name_product(observation, line, comment);
    if (old && !span_equals(protocol, "1.99"))
        return PROBE_DONE;
    write_identification(call);
    return PROBE_WAIT;
}

static bool own_port(const struct probe_call *call)
{
    bool tls;
    const struct probe *probe = probe_for_port(call->context->port, &tls);
    return probe && strcmp(probe->name, "ssh") == 0;
}

/* Can these bytes stand on a line before the identification? Text, and no other protocol's greeting. */
static bool may_lead(struct span line)
{
    static const char *const others[] = {"+OK", "* OK", "RFB ", "HTTP/", "@RSYNCD", NULL};
    uint64_t code;
    for (size_t i = 0; others[i]; i++)
        if (span_starts(line, others[i]))
            return false;
    for (size_t i = 0; i < line.size; i++)
        if ((line.bytes[i] < ' ' && !memchr("\t\r\x1b", line.bytes[i], 3)) || line.bytes[i] == 0xff)
            return false;
    return line.size < 4 || !span_number(span_first(line, 3), 999, &code) || !memchr(" -", line.bytes[3], 2);
}

static bool may_become(struct span line, const char *start)
{
    size_t size = strlen(start);
    return memcmp(line.bytes, start, line.size < size ? line.size : size) == 0;
}

/* The identification line behind "SSH-" and whatever stands before it; *line_out stays empty while it is not
 * whole. */
static enum probe_answer read_identification(struct probe_call *call, struct cursor *reader,
                                             struct span *line_out)
{
    bool lenient = own_port(call);
    for (int i = 0; i <= LEADING_LINES; i++) {
        struct cursor ahead = *reader;
        struct span rest = cursor_span(&ahead, cursor_left(&ahead));
        if (rest.size == 0)
            return PROBE_WAIT;
        bool ours = may_become(rest, "SSH-");
        struct span line = cursor_line(reader, ours ? IDENTIFICATION_MAX : LEADING_MAX);
        bool whole = cursor_good(reader);
        if (ours && whole)
            *line_out = span_from(line, strlen("SSH-"));
        if (ours && (whole || cursor_short(reader)))
            return PROBE_WAIT;
        if (ours || !lenient || !may_lead(whole ? line : rest))
            return PROBE_NOT_MINE;
        if (!whole)
            return cursor_short(reader) ? PROBE_WAIT : PROBE_NOT_MINE;
    }
    return PROBE_NOT_MINE;
}

static enum probe_answer leave(struct probe_call *call, const char *why)
{
    for (int fact = KEX; fact < FACTS; fact++)
        observation_undetermined(call->observation, &facts[fact], why);
    return PROBE_DONE;
}

static enum probe_answer observe_offer(struct probe_call *call, struct cursor *payload)
{
    struct observation *observation = call->observation;
    struct span lists[KEXINIT_LISTS];
    cursor_skip(payload, 16); /* cookie */
    for (size_t i = 0; i < KEXINIT_LISTS; i++)
        lists[i] = cursor_span(payload, cursor_u32be(payload));
    if (!cursor_good(payload))
        return leave(call, "the server's offer is malformed");
    observation_text(observation, &facts[KEX], lists[0]);
    observation_text(observation, &facts[HOST_KEYS], lists[1]);
    observation_text(observation, &facts[CIPHERS], lists[2]);
    observation_text(observation, &facts[MACS], lists[4]);
    observation_bool(observation, &facts[WEAK_KEX], lists_any(lists[0], weak_kex));
    observation_bool(observation, &facts[WEAK_CIPHERS],
                     lists_any(lists[2], weak_ciphers) || lists_any(lists[3], weak_ciphers));
    observation_bool(observation, &facts[WEAK_MACS],
                     lists_any(lists[4], weak_macs) || lists_any(lists[5], weak_macs));
    observation_bool(observation, &facts[STRICT_KEX],
                     lists_any(lists[0], (const char *const[]){"kex-strict-s-v00@openssh.com", NULL}));
    return PROBE_DONE;
}

/* Binary packets up to the KEXINIT (RFC 4253 §6, §7.1). */
static enum probe_answer read_packets(struct probe_call *call)
{
    struct ssh_state *state = call->state;
    while (state->packets++ < PACKETS_MAX) {
        struct cursor reader = *call->in;
        uint32_t length = cursor_u32be(&reader);
        if (cursor_good(&reader) && (length < 2 || length > PACKET_MAX))
            return leave(call, "the server does not send packets");
        struct cursor packet = cursor_block(&reader, length);
        if (!cursor_good(&reader)) {
            state->packets--;
            return PROBE_WAIT;
        }
        cursor_commit(call->in, &reader);
        cursor_skip(&packet, 1); /* length of the padding at the end */
        uint8_t message = cursor_u8(&packet);
        if (message == MSG_KEXINIT)
            return observe_offer(call, &packet);
        if (message != MSG_IGNORE && message != MSG_UNIMPLEMENTED && message != MSG_DEBUG)
            return leave(call, message == MSG_DISCONNECT ? "the server disconnected before its offer"
                                                         : "the server sent something else than its offer");
    }
    return leave(call, "the server did not come to its offer");
}

static enum probe_answer heard(struct probe_call *call)
{
    struct ssh_state *state = call->state;
    if (!state->identified) {
        struct cursor reader = *call->in;
        struct span line = {0};
        enum probe_answer answer = read_identification(call, &reader, &line);
        if (answer != PROBE_WAIT || !line.bytes)
            return answer;
        answer = identified(call, line);
        if (answer != PROBE_NOT_MINE)
            cursor_commit(call->in, &reader);
        if (answer != PROBE_WAIT)
            return answer;
        state->identified = true;
    }
    return read_packets(call);
}

/* What OpenSSH says in place of an identification when it has too many guests. */
static bool turned_away(struct span said)
{
    return span_equals(said, "Exceeded MaxStartups\r\n") || span_equals(said, "Not allowed at this time\r\n");
}

static enum probe_answer ended(struct probe_call *call)
{
    const struct ssh_state *state = call->state;
    struct cursor reader = *call->in;
    struct span said = cursor_span(&reader, cursor_left(&reader));
    if (state->identified)
        return leave(call, "the server did not send its offer");
    bool away = turned_away(said);
    if (!away && !span_starts(said, "SSH-1.") && !span_starts(said, "SSH-2."))
        return PROBE_NOT_MINE;
    if (away)
        product_observe(call->observation, "OpenSSH", (struct span){0});
    observation_undetermined(call->observation, &facts[V1_ACCEPTED], "the server did not identify itself");
    return leave(call, "the server did not identify itself");
}

static enum probe_answer step(struct probe_call *call)
{
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
    return ended(call);
}

const struct probe probe_ssh = {
    .name = "ssh",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){22, 2222, 0},
    .greeting_ms = 3000,
    .state_size = sizeof(struct ssh_state),
    .facts = facts,
    .step = step,
};
