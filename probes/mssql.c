#include <stdio.h>

#include "probes/probe.h"
#include "probes/product.h"

/* Microsoft SQL Server's PRELOGIN (MS-TDS 2.2.6.5, packet header 2.2.3.1), which comes before any login and
   tells the exact build and what the server makes of encryption. TLS itself travels inside PRELOGIN packets
   here, which our sessions do not wrap: the certificate is not looked at. */

enum {
    ENCRYPTION,
    TLS_OFFERED,
    ENCRYPTION_REQUIRED,
    RELEASE,
};

static const struct fact facts[] = {
    [ENCRYPTION] = {"mssql.encryption", FACT_TEXT,
                    "the server's answer to a client that asks for an encrypted login only: off (just that), "
                    "on, required, not_supported",
                    "服务器的加密协商结果:off(仅加密登录)、on、required、not_supported"},
    [TLS_OFFERED] = {"mssql.tls_offered", FACT_BOOL, "the server can encrypt", "服务器支持加密"},
    [ENCRYPTION_REQUIRED] = {"mssql.encryption_required", FACT_BOOL,
                             "the server takes no connection that is not encrypted throughout",
                             "服务器强制全程加密"},
    [RELEASE] = {"mssql.release", FACT_TEXT, "the release by which the build is known: 2019",
                 "产品发行年份版本"},
    {0},
};

enum {
    PACKET_TABULAR = 4,
    PACKET_PRELOGIN = 0x12,
    STATUS_LAST = 1,
    HEADER_SIZE = 8,
};

enum {
    OPTION_VERSION = 0,
    OPTION_ENCRYPTION = 1,
    OPTION_INSTANCE = 2,
    OPTION_THREAD = 3,
    OPTION_MARS = 4,
    OPTION_END = 0xff,
};

enum {
    ENCRYPT_OFF = 0,
    ENCRYPT_ON = 1,
    ENCRYPT_NOT_SUPPORTED = 2,
    ENCRYPT_REQUIRED = 3,
};

#define PACKET_MAX   2048 /* a PRELOGIN answer has under 100 bytes */
#define OPTIONS_MAX  16
#define OPTION_SIZE  5
#define VERSION_SIZE 6

/* What we send of each option, in order; the version is a client's of 2019 and of no consequence. */
static const struct {
    uint8_t token, size;
    uint8_t data[VERSION_SIZE];
} options[] = {
    {OPTION_VERSION, VERSION_SIZE, {15, 0, 0, 0, 0, 0}},
    {OPTION_ENCRYPTION, 1, {ENCRYPT_OFF}},
    {OPTION_INSTANCE, 1, {0}},
    {OPTION_THREAD, 4, {0}},
    {OPTION_MARS, 1, {0}},
};

#define OPTIONS (sizeof options / sizeof options[0])

/* ENCRYPT_OFF and not ENCRYPT_NOT_SUP is offered, since to the latter a server that could encrypt and one
 * that can't both answer NOT_SUP (table in 2.2.6.5); OFF tells off, required and not supported apart. */
static void write_prelogin(struct buffer *out)
{
    buffer_u8(out, PACKET_PRELOGIN);
    buffer_u8(out, STATUS_LAST);
    size_t length = buffer_reserve(out, 2);
    buffer_zeros(out, 2); /* process */
    buffer_u8(out, 1);    /* packet */
    buffer_u8(out, 0);    /* window */
    size_t offset = OPTIONS * OPTION_SIZE + 1;
    for (size_t i = 0; i < OPTIONS; i++) {
        buffer_u8(out, options[i].token);
        buffer_u16be(out, (uint16_t)offset);
        buffer_u16be(out, options[i].size);
        offset += options[i].size;
    }
    buffer_u8(out, OPTION_END);
    for (size_t i = 0; i < OPTIONS; i++)
        buffer_bytes(out, options[i].data, options[i].size);
    buffer_length_be(out, length, 2, 4); /* the header's first four bytes count */
}

struct prelogin {
    struct span version, encryption;
};

/* The options' data, found by their offsets from the start of the body. */
static struct span option_data(struct cursor body, uint16_t offset, uint16_t size)
{
    cursor_skip(&body, offset);
    return cursor_span(&body, size);
}

/* VERSION comes first and every other one once (2.2.6.5); data stands behind the table. */
static bool read_prelogin(struct cursor body, struct prelogin *prelogin)
{
    struct cursor table = body;
    for (int i = 0; i < OPTIONS_MAX; i++) {
        uint8_t token = cursor_u8(&table);
        if (token == OPTION_END)
            return cursor_good(&table) && prelogin->version.size == VERSION_SIZE;
        uint16_t offset = cursor_u16be(&table), size = cursor_u16be(&table);
        struct span data = option_data(body, offset, size);
        if (!cursor_good(&table) || data.size != size || (token == OPTION_VERSION) != (i == 0))
            return false;
        if (token == OPTION_VERSION)
            prelogin->version = data;
        if (token == OPTION_ENCRYPTION)
            prelogin->encryption = data;
    }
    return false;
}

static const struct {
    uint8_t major, minor;
    const char *release;
} releases[] = {
    {8, 0, "2000"},  {9, 0, "2005"},  {10, 0, "2008"}, {10, 50, "2008 R2"}, {11, 0, "2012"}, {12, 0, "2014"},
    {13, 0, "2016"}, {14, 0, "2017"}, {15, 0, "2019"}, {16, 0, "2022"},     {17, 0, "2025"},
};

/* The build is exact: what is installed, service packs and updates included. */
static void observe_version(struct observation *observation, struct span version)
{
    struct cursor reader = cursor_over_block(version.bytes, version.size);
    uint8_t major = cursor_u8(&reader), minor = cursor_u8(&reader);
    uint16_t build = cursor_u16be(&reader);
    char text[32];
    int size = snprintf(text, sizeof text, "%u.%u.%u", major, minor, build);
    product_observe(observation, "Microsoft SQL Server",
                    (struct span){(const uint8_t *)text, major ? (size_t)size : 0});
    for (size_t i = 0; i < sizeof releases / sizeof releases[0]; i++)
        if (releases[i].major == major && releases[i].minor == minor)
            observation_words(observation, &facts[RELEASE], releases[i].release);
}

static void observe_encryption(struct observation *observation, struct span encryption)
{
    static const char *const words[] = {"off", "on", "not_supported", "required"};
    struct cursor reader = cursor_over_block(encryption.bytes, encryption.size);
    uint8_t value = cursor_u8(&reader);
    if (!cursor_good(&reader) || value > ENCRYPT_REQUIRED) {
        static const char why[] = "the server did not say what it makes of encryption";
        observation_undetermined(observation, &facts[ENCRYPTION], why);
        observation_undetermined(observation, &facts[TLS_OFFERED], why);
        observation_undetermined(observation, &facts[ENCRYPTION_REQUIRED], why);
        return;
    }
    observation_words(observation, &facts[ENCRYPTION], words[value]);
    observation_bool(observation, &facts[TLS_OFFERED], value != ENCRYPT_NOT_SUPPORTED);
    observation_bool(observation, &facts[ENCRYPTION_REQUIRED],
                     value == ENCRYPT_ON || value == ENCRYPT_REQUIRED);
}

static enum probe_answer heard(struct probe_call *call)
{
    struct cursor reader = *call->in;
    struct prelogin prelogin = {0};
    uint8_t type = cursor_u8(&reader), status = cursor_u8(&reader);
    uint16_t length = cursor_u16be(&reader);
    cursor_skip(&reader, 3); /* process, packet */
    uint8_t window = cursor_u8(&reader);
    int first = cursor_peek(call->in, 0);
    if (first >= 0 && first != PACKET_TABULAR)
        return PROBE_NOT_MINE;
    if (cursor_good(&reader) && (type != PACKET_TABULAR || status != STATUS_LAST || window != 0 ||
                                 length <= HEADER_SIZE || length > PACKET_MAX))
        return PROBE_NOT_MINE;
    struct cursor body = cursor_block(&reader, cursor_good(&reader) ? length - (size_t)HEADER_SIZE : 0);
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    if (!read_prelogin(body, &prelogin))
        return PROBE_NOT_MINE;
    observe_version(call->observation, prelogin.version);
    observe_encryption(call->observation, prelogin.encryption);
    return PROBE_DONE;
}

static enum probe_answer step(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        write_prelogin(call->out);
        return PROBE_WAIT;
    case PROBE_HEARD:
        return heard(call);
    case PROBE_SECURED:
    case PROBE_UNSECURED:
    case PROBE_ENDED:
    case PROBE_QUIET:
        break;
    }
    return PROBE_NOT_MINE;
}

const struct probe probe_mssql = {
    .name = "mssql",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){1433, 0},
    .facts = facts,
    .step = step,
};
