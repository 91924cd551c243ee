#include "probes/tls.h"

#include <string.h>

enum { VERSION, CIPHER, HANDSHAKE_FAILED, WEAK_CIPHER, LEGACY_ACCEPTED, LEGACY_VERSION };

const struct fact tls_facts[] = {
    [VERSION] = {"tls.version", FACT_TEXT, "TLS version that was agreed with us", "协商的TLS版本"},
    [CIPHER] = {"tls.cipher", FACT_TEXT, "cipher suite that was agreed with us", "协商的密码套件"},
    [HANDSHAKE_FAILED] = {"tls.handshake_failed", FACT_TEXT, "why a TLS handshake was not finished",
                          "TLS握手未完成的原因"},
    [WEAK_CIPHER] = {"tls.weak_cipher", FACT_BOOL,
                     "a suite without encryption or authentication, with RC4 or with a cipher of 64-bit "
                     "blocks was agreed",
                     "协商到无加密、匿名、RC4或64位分组的弱密码套件"},
    [LEGACY_ACCEPTED] = {"tls.legacy_accepted", FACT_BOOL,
                         "the server agrees to TLS 1.1 or older when nothing newer is offered",
                         "仅提供旧版本时服务器接受TLS 1.1或更低版本"},
    [LEGACY_VERSION] = {"tls.legacy_version", FACT_TEXT, "the newest version up to TLS 1.1 that it agrees to",
                        "服务器接受的旧版本（不高于TLS 1.1）"},
    {0},
};

/* OpenSSL's names of suites that protect nothing or little; the part stands between dashes. */
static bool weak_name(const char *cipher)
{
    static const char *const parts[] = {"NULL", "EXP",   "RC4",  "RC2",  "DES",    "3DES", "IDEA",
                                        "ADH",  "AECDH", "CBC3", "anon", "EXPORT", NULL};
    struct span rest = {(const uint8_t *)cipher, strlen(cipher)};
    while (rest.size) {
        struct span word = span_cut(&rest, "-_");
        for (size_t i = 0; parts[i]; i++)
            if (span_equals(word, parts[i]))
                return true;
    }
    return false;
}

void tls_observe(struct observation *observation, const char *version, const char *cipher)
{
    observation_words(observation, &tls_facts[VERSION], version);
    observation_words(observation, &tls_facts[CIPHER], cipher);
    observation_bool(observation, &tls_facts[WEAK_CIPHER], weak_name(cipher));
}

void tls_observe_failure(struct observation *observation, const char *why)
{
    observation_words(observation, &tls_facts[HANDSHAKE_FAILED], why);
}

/* OpenSSL calls it an alert. */
bool tls_observed_refusal(const struct observation *observation)
{
    const struct fact_value *value = observation_find(observation, tls_facts[HANDSHAKE_FAILED].name);
    return value && value->text && strstr(value->text, "alert");
}

/* Runs of suites of the IANA registry "TLS Cipher Suites", strong ones first, so that a server that takes the
 * client's order and still answers with a weak one has nothing better. Static DH and ECDH certificates,
 * Kerberos, PSK and SRP are left out: no server on the open net is known to have only those. */
struct suites {
    uint16_t first, last;
};

static const struct suites suites_of_1_2[] = {
    {0xc02b, 0xc02c}, /* ECDHE-ECDSA AES GCM */
    {0xc02f, 0xc030}, /* ECDHE-RSA AES GCM */
    {0xcca8, 0xccaa}, /* ChaCha20-Poly1305 */
    {0x009c, 0x009f}, /* RSA and DHE-RSA AES GCM */
    {0xc023, 0xc024}, /* ECDHE-ECDSA AES CBC SHA-2 */
    {0xc027, 0xc028}, /* ECDHE-RSA AES CBC SHA-2 */
    {0x003b, 0x003d}, /* RSA NULL and AES CBC SHA-256 */
    {0x0067, 0x0067}, /* DHE-RSA AES CBC SHA-256 */
    {0x006b, 0x006d}, /* DHE-RSA, DH-anon AES CBC SHA-256 */
    {0x00a2, 0x00a3}, /* DHE-DSS AES GCM */
    {0x00a6, 0x00a7}, /* DH-anon AES GCM */
    {0xc09c, 0xc09f}, /* RSA and DHE-RSA AES CCM */
    {0xc0ac, 0xc0ad}, /* ECDHE-ECDSA AES CCM */
    {0, 0},
};

static const struct suites suites_of_1_1[] = {
    {0xc009, 0xc00a},                                                       /* ECDHE-ECDSA AES */
    {0xc013, 0xc014},                                                       /* ECDHE-RSA AES */
    {0x0032, 0x0033}, {0x0038, 0x0039},                                     /* DHE AES */
    {0x002f, 0x002f}, {0x0035, 0x0035},                                     /* RSA AES */
    {0x0044, 0x0045}, {0x0041, 0x0041}, {0x0087, 0x0088}, {0x0084, 0x0084}, /* Camellia */
    {0x0099, 0x009a}, {0x0096, 0x0096},                                     /* SEED */
    {0xc008, 0xc008}, {0xc012, 0xc012}, {0x0013, 0x0013}, {0x0016, 0x0016}, {0x000a, 0x000a}, /* 3DES */
    {0x0007, 0x0007},                                                                         /* IDEA */
    {0xc007, 0xc007}, {0xc011, 0xc011}, {0x0004, 0x0005},                                     /* RC4 */
    {0x0012, 0x0012}, {0x0015, 0x0015}, {0x0009, 0x0009},                                     /* DES */
    {0x0062, 0x0066}, /* 1024-bit export */
    {0x0011, 0x0011}, {0x0014, 0x0014}, {0x0003, 0x0003}, {0x0006, 0x0006}, {0x0008, 0x0008}, /* export */
    {0xc016, 0xc019}, {0x0017, 0x001b}, {0x0034, 0x0034}, {0x003a, 0x003a}, {0x0046, 0x0046},
    {0x0089, 0x0089}, {0x009b, 0x009b},                                     /* anonymous */
    {0xc006, 0xc006}, {0xc010, 0xc010}, {0xc015, 0xc015}, {0x0001, 0x0002}, /* NULL */
    {0x00ff, 0x00ff}, /* TLS_EMPTY_RENEGOTIATION_INFO_SCSV, RFC 5746 §3.3 */
    {0, 0},
};

/* What follows AES, Camellia and SEED in the list above and is not merely of that age. */
static bool weak_suite(uint16_t suite)
{
    static const struct suites weak[] = {
        {0x0001, 0x001b}, {0x0034, 0x0034}, {0x003a, 0x003b}, {0x0046, 0x0046}, {0x0062, 0x0066},
        {0x006c, 0x006d}, {0x0089, 0x0089}, {0x009b, 0x009b}, {0x00a6, 0x00a7}, {0xc001, 0xc003},
        {0xc006, 0xc008}, {0xc00b, 0xc00d}, {0xc010, 0xc012}, {0xc015, 0xc019}, {0, 0},
    };
    for (size_t i = 0; weak[i].last; i++)
        if (suite >= weak[i].first && suite <= weak[i].last)
            return true;
    return false;
}

static void write_suites(struct buffer *out, const struct suites *suites)
{
    for (; suites->last; suites++)
        for (uint16_t suite = suites->first; suite <= suites->last; suite++)
            buffer_u16be(out, suite);
}

/* A name in the sense of RFC 6066 §3: letters, digits, dashes and dots, and no address. */
static bool host_is_name(const char *host)
{
    bool letter = false;
    size_t length = strlen(host);
    for (size_t i = 0; i < length; i++) {
        char c = (char)(host[i] | 0x20);
        bool alphabetic = c >= 'a' && c <= 'z';
        bool other = (host[i] >= '0' && host[i] <= '9') || host[i] == '-' || host[i] == '.';
        if (!alphabetic && !other)
            return false;
        letter = letter || alphabetic;
    }
    return letter && length <= 253;
}

static void write_server_name(struct buffer *out, const char *host)
{
    buffer_u16be(out, 0);
    size_t extension = buffer_reserve(out, 2);
    size_t list = buffer_reserve(out, 2);
    buffer_u8(out, 0); /* host_name */
    size_t name = buffer_reserve(out, 2);
    buffer_text(out, host);
    buffer_length_be(out, name, 2, 0);
    buffer_length_be(out, list, 2, 0);
    buffer_length_be(out, extension, 2, 0);
}

static void write_list(struct buffer *out, uint16_t type, const uint16_t *values, size_t count)
{
    buffer_u16be(out, type);
    buffer_u16be(out, (uint16_t)(2 * count + 2));
    buffer_u16be(out, (uint16_t)(2 * count));
    for (size_t i = 0; i < count; i++)
        buffer_u16be(out, values[i]);
}

/* Some load balancers hang on a hello of 256 to 511 bytes (RFC 7685 §1). */
static void write_padding(struct buffer *out, size_t message)
{
    size_t size = out->size - message;
    if (size < 256 || size > 511)
        return;
    size_t padding = size + 4 < 512 ? 512 - 4 - size : 0;
    buffer_u16be(out, 21);
    buffer_u16be(out, (uint16_t)padding);
    buffer_zeros(out, padding);
}

static void write_extensions(struct buffer *out, uint16_t version, const char *host, size_t message)
{
    static const uint16_t groups[] = {29, 23, 24, 25, 30, 22, 21, 19}; /* RFC 8422 §5.1.1 */
    static const uint16_t signatures[] = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
                                          0x0601, 0x0203, 0x0201, 0x0202, 0x0402, 0x0301, 0x0101};
    size_t extensions = buffer_reserve(out, 2);
    if (host_is_name(host))
        write_server_name(out, host);
    write_list(out, 10, groups, sizeof groups / sizeof groups[0]);
    buffer_bytes(out, "\0\13\0\2\1\0", 6); /* ec_point_formats: uncompressed */
    if (version >= TLS_VERSION_1_2)
        write_list(out, 13, signatures, sizeof signatures / sizeof signatures[0]);
    write_padding(out, message);
    buffer_length_be(out, extensions, 2, 0);
}

static void write_random(struct buffer *out, uint64_t nonce)
{
    for (size_t i = 0; i < 4; i++) {
        nonce = nonce * 6364136223846793005u + 1442695040888963407u;
        buffer_u64le(out, nonce ^ nonce >> 29);
    }
}

void tls_write_hello(struct buffer *out, uint16_t version, uint64_t nonce, const char *host)
{
    buffer_u8(out, 22); /* handshake */
    buffer_u16be(out, TLS_VERSION_1_0);
    size_t record = buffer_reserve(out, 2);
    buffer_u8(out, 1); /* client_hello */
    size_t message = buffer_reserve(out, 3);
    buffer_u16be(out, version);
    write_random(out, nonce);
    buffer_u8(out, 0); /* no session */
    size_t suites = buffer_reserve(out, 2);
    if (version >= TLS_VERSION_1_2)
        write_suites(out, suites_of_1_2);
    write_suites(out, suites_of_1_1);
    buffer_length_be(out, suites, 2, 0);
    buffer_u16be(out, 0x0100); /* no compression */
    write_extensions(out, version, host, message - 1);
    buffer_length_be(out, message, 3, 0);
    buffer_length_be(out, record, 2, 0);
}

#define RECORD_MAX (16384 + 2048) /* RFC 5246 §6.2.3 */

enum { CONTENT_ALERT = 21, CONTENT_HANDSHAKE = 22 };

static enum tls_reply read_hello(struct cursor *record, struct tls_server_hello *reply)
{
    uint8_t kind = cursor_u8(record);
    uint32_t length = cursor_u24be(record);
    reply->version = cursor_u16be(record);
    cursor_skip(record, 32); /* random */
    cursor_skip(record, cursor_u8(record));
    reply->cipher = cursor_u16be(record);
    bool good = cursor_good(record) && kind == 2 && length >= 38 && reply->version >> 8 == 3;
    return good ? TLS_REPLY_HELLO : TLS_REPLY_NOT_TLS;
}

/* Sets *warning_out for an alert that lets the handshake go on, such as unrecognized_name. */
static enum tls_reply read_alert(struct cursor *record, struct tls_server_hello *reply, bool *warning_out)
{
    uint8_t level = cursor_u8(record);
    reply->alert = cursor_u8(record);
    bool good = cursor_good(record) && cursor_left(record) == 0 && (level == 1 || level == 2);
    *warning_out = good && level == 1 && reply->alert != 0;
    return good ? TLS_REPLY_ALERT : TLS_REPLY_NOT_TLS;
}

enum tls_reply tls_read_reply(struct cursor *in, struct tls_server_hello *reply_out)
{
    for (;;) {
        struct cursor reader = *in;
        uint8_t content = cursor_u8(&reader);
        uint8_t major = cursor_u8(&reader);
        cursor_skip(&reader, 1);
        uint16_t length = cursor_u16be(&reader);
        int first = cursor_peek(in, 0), second = cursor_peek(in, 1);
        if ((first >= 0 && first != CONTENT_ALERT && first != CONTENT_HANDSHAKE) ||
            (second >= 0 && second != 3) || (cursor_good(&reader) && (length == 0 || length > RECORD_MAX)))
            return TLS_REPLY_NOT_TLS;
        struct cursor record = cursor_block(&reader, length);
        if (!cursor_good(&reader) || major != 3)
            return TLS_REPLY_WAIT;
        cursor_commit(in, &reader);
        *reply_out = (struct tls_server_hello){0};
        if (content == CONTENT_HANDSHAKE)
            return read_hello(&record, reply_out);
        bool warning = false;
        enum tls_reply reply = read_alert(&record, reply_out, &warning);
        if (!warning)
            return reply;
    }
}

#define ALERT_PROTOCOL_VERSION 70
#define ALERT_INTERNAL_ERROR   80

static const char *version_name(uint16_t version)
{
    static const char *const names[] = {"SSLv3", "TLSv1", "TLSv1.1"};
    return names[version - 0x0300];
}

static enum probe_answer undetermined(struct probe_call *call, const char *why)
{
    observation_undetermined(call->observation, &tls_facts[LEGACY_ACCEPTED], why);
    return PROBE_DONE;
}

static enum probe_answer accepted(struct probe_call *call, const struct tls_server_hello *hello)
{
    const uint8_t close_notify[] = {CONTENT_ALERT, 3, (uint8_t)hello->version, 0, 2, 1, 0};
    if (hello->version > TLS_VERSION_1_1)
        return undetermined(call, "the server answered with a version that was not offered");
    observation_bool(call->observation, &tls_facts[LEGACY_ACCEPTED], true);
    observation_words(call->observation, &tls_facts[LEGACY_VERSION], version_name(hello->version));
    if (weak_suite(hello->cipher))
        observation_bool(call->observation, &tls_facts[WEAK_CIPHER], true);
    buffer_bytes(call->out, close_notify, sizeof close_notify);
    return PROBE_DONE;
}

/* protocol_version speaks of the version. internal_error is how OpenSSL 3 refuses TLS 1.1 and below at its
 * default security level, where it has no signature algorithm left for them: no client gets through. A server
 * that merely likes no suite of ours sends others (RFC 5246 §7.2.2). */
static enum probe_answer alerted(struct probe_call *call, uint8_t alert)
{
    switch (alert) {
    case ALERT_PROTOCOL_VERSION:
    case ALERT_INTERNAL_ERROR:
        observation_bool(call->observation, &tls_facts[LEGACY_ACCEPTED], false);
        return PROBE_DONE;
    case 40:
        return undetermined(call, "the server refused the handshake without naming the version");
    case 47:
        return undetermined(call, "the server calls our offer illegal");
    default:
        return undetermined(call, "the server ended the handshake with another alert");
    }
}

static enum probe_answer heard(struct probe_call *call)
{
    struct tls_server_hello hello = {0};
    switch (tls_read_reply(call->in, &hello)) {
    case TLS_REPLY_WAIT:
        return PROBE_WAIT;
    case TLS_REPLY_HELLO:
        return accepted(call, &hello);
    case TLS_REPLY_ALERT:
        return alerted(call, hello.alert);
    case TLS_REPLY_NOT_TLS:
        break;
    }
    return undetermined(call, "the answer is not TLS");
}

static enum probe_answer step(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        tls_write_hello(call->out, TLS_VERSION_1_1, call->context->nonce, call->context->host);
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard(call);
    case PROBE_ENDED:
        return undetermined(call, "the server closed without an answer");
    case PROBE_QUIET:
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return undetermined(call, "the server did not answer");
}

const struct probe tls_legacy_check = {
    .name = "tls_legacy",
    .manner = PROBE_CLIENT_FIRST,
    .rounds = 1,
    .facts = tls_facts,
    .step = step,
};
