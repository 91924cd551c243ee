#include <stdio.h>
#include <string.h>

#include "probes/probe.h"
#include "probes/product.h"

/* MySQL client/server protocol, "Connection Phase" (dev.mysql.com/doc/dev/mysql-server, MariaDB KB
   "Connection"). The server greets; we answer with an SSLRequest at most. One connection, since each one that
   ends before login counts against our address (max_connect_errors, probes.md §2.1). */

enum {
    PROTOCOL,
    SERVER_VERSION,
    TLS_OFFERED,
    TLS_WORKS,
    AUTH_PLUGIN,
    OLD_AUTH_PLUGIN,
    HOST_REFUSED,
    ERROR_CODE,
};

static const struct fact facts[] = {
    [PROTOCOL] = {"mysql.protocol", FACT_INTEGER, "version of the greeting's format", "握手协议版本"},
    [SERVER_VERSION] = {"mysql.server_version", FACT_TEXT, "the version text as the server sends it",
                        "服务器原始版本字符串"},
    [TLS_OFFERED] = {"mysql.tls_offered", FACT_BOOL, "the server offers TLS before login", "登录前提供TLS"},
    [TLS_WORKS] = {"mysql.tls_works", FACT_BOOL, "the offered TLS handshake came to its end",
                   "TLS握手成功完成"},
    [AUTH_PLUGIN] = {"mysql.auth_plugin", FACT_TEXT, "authentication plugin that the server proposes",
                     "默认认证插件"},
    [OLD_AUTH_PLUGIN] = {"mysql.old_auth_plugin", FACT_BOOL, "that plugin rests on SHA-1 or older hashes",
                         "默认认证插件基于SHA-1或更旧的散列"},
    [HOST_REFUSED] = {"mysql.host_refused", FACT_BOOL,
                      "the server talks but refuses our address before login", "服务器在登录前拒绝扫描地址"},
    [ERROR_CODE] = {"mysql.error_code", FACT_INTEGER, "error that came in place of a greeting",
                    "代替问候返回的错误码"},
    {0},
};

enum {
    CLIENT_LONG_PASSWORD = 0x1,
    CLIENT_PROTOCOL_41 = 0x200,
    CLIENT_SSL = 0x800,
    CLIENT_SECURE_CONNECTION = 0x8000,
};

#define PACKET_MAX     4096 /* a greeting has under 200 bytes */
#define VERSION_MAX    128
#define ERROR_TOO_MANY 1040
#define ERROR_BLOCKED  1129
#define ERROR_REFUSED  1130

struct mysql_state {
    bool greeted;
};

struct greeting {
    struct span version;
    uint32_t capabilities;
    struct span plugin;
};

/* Payload of a protocol 10 greeting after its first byte. */
static bool read_greeting(struct cursor *payload, struct greeting *greeting)
{
    greeting->version = cursor_until(payload, 0, VERSION_MAX);
    cursor_skip(payload, 4 + 8); /* connection id, first part of the challenge */
    if (cursor_u8(payload) != 0)
        cursor_fail(payload);
    greeting->capabilities = cursor_u16le(payload);
    if (cursor_left(payload) == 0)
        return cursor_good(payload);
    cursor_skip(payload, 1 + 2); /* character set, status */
    greeting->capabilities |= (uint32_t)cursor_u16le(payload) << 16;
    uint8_t challenge = cursor_u8(payload);
    cursor_skip(payload, 10);
    cursor_skip(payload, challenge > 8 + 13 ? challenge - 8u : 13);
    if (cursor_left(payload))
        greeting->plugin = cursor_until(payload, 0, VERSION_MAX);
    return cursor_good(payload);
}

/* Servers that speak MySQL's protocol put their own name behind or before a compatibility number (probes.md
 * §2.1). */
static const struct {
    const char *mark;
    const char *product;
    const char
        *before_version; /* what stands right before the real version; NULL: it is the leading number */
} families[] = {
    {"-MariaDB", "MariaDB", NULL},
    {"-TiDB-", "TiDB", "-TiDB-v"},
    {"-OceanBase", "OceanBase", "-OceanBase"},
    {"-X-Cluster-", "PolarDB-X", "-X-Cluster-"},
    {"-Percona", "Percona Server", NULL},
    {"Sphinx", "Sphinx", NULL},
    {"Manticore", "Manticore Search", NULL},
    {"mysql_aurora", "Amazon Aurora MySQL", NULL},
    {"ProxySQL", "ProxySQL", NULL},
    {"maxscale", "MaxScale", NULL},
};

static void name_product(struct observation *observation, struct span version)
{
    if (span_starts(version, "5.5.5-") && span_find_nocase(version, "mariadb") != SIZE_MAX)
        version = span_from(version, strlen("5.5.5-"));
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (span_find_nocase(version, families[i].mark) == SIZE_MAX)
            continue;
        const char *before = families[i].before_version;
        size_t at = before ? span_find_nocase(version, before) : SIZE_MAX;
        struct span own = at == SIZE_MAX ? version : span_trim(span_from(version, at + strlen(before)));
        if (own.size && own.bytes[0] == '-')
            own = span_from(own, 1);
        product_observe(observation, families[i].product, own);
        return;
    }
    product_observe(observation, "MySQL", version);
}

static bool old_plugin(struct span plugin)
{
    return span_equals(plugin, "mysql_native_password") || span_equals(plugin, "mysql_old_password");
}

static void write_tls_request(struct buffer *out)
{
    size_t length = buffer_reserve(out, 3);
    buffer_u8(out, 1); /* sequence number */
    buffer_u32le(out, CLIENT_SSL | CLIENT_PROTOCOL_41 | CLIENT_LONG_PASSWORD | CLIENT_SECURE_CONNECTION);
    buffer_u32le(out, 1 << 24); /* largest packet */
    buffer_u8(out, 45);         /* utf8mb4 */
    buffer_zeros(out, 23);
    buffer_length_le(out, length, 3, (size_t)-1); /* the sequence number does not count */
}

static enum probe_answer greeted(struct probe_call *call, const struct greeting *greeting)
{
    struct observation *observation = call->observation;
    bool tls = (greeting->capabilities & CLIENT_SSL) != 0;
    observation_integer(observation, &facts[PROTOCOL], 10);
    observation_text(observation, &facts[SERVER_VERSION], greeting->version);
    observation_bool(observation, &facts[TLS_OFFERED], tls);
    if (greeting->plugin.size) {
        observation_text(observation, &facts[AUTH_PLUGIN], greeting->plugin);
        observation_bool(observation, &facts[OLD_AUTH_PLUGIN], old_plugin(greeting->plugin));
    }
    name_product(observation, greeting->version);
    if (!tls)
        return PROBE_DONE;
    write_tls_request(call->out);
    return PROBE_TLS;
}

/* 1129, 1130 and 1040 say that a server is there and filters hosts: reachable, and its version not to be
 * known. */
static enum probe_answer refused(struct probe_call *call, struct cursor *payload)
{
    uint16_t code = cursor_u16le(payload);
    if (!cursor_good(payload) || code < 1000 || code >= 5000)
        return PROBE_NOT_MINE;
    observation_integer(call->observation, &facts[ERROR_CODE], code);
    observation_bool(call->observation, &facts[HOST_REFUSED], code == ERROR_BLOCKED || code == ERROR_REFUSED);
    observation_undetermined(call->observation, &facts[TLS_OFFERED],
                             "the server refused our address before its greeting");
    if (span_find(cursor_span(payload, cursor_left(payload)), "MariaDB") != SIZE_MAX)
        product_observe(call->observation, "MariaDB", (struct span){0});
    return PROBE_DONE;
}

static enum probe_answer heard(struct probe_call *call)
{
    struct mysql_state *state = call->state;
    struct cursor reader = *call->in;
    uint32_t length = cursor_u24le(&reader);
    uint8_t sequence = cursor_u8(&reader);
    if (cursor_good(&reader) && (length < 3 || length > PACKET_MAX || sequence != 0))
        return PROBE_NOT_MINE;
    struct cursor payload = cursor_block(&reader, length);
    if (!cursor_good(&reader))
        return PROBE_WAIT;
    cursor_commit(call->in, &reader);
    state->greeted = true;
    uint8_t kind = cursor_u8(&payload);
    struct greeting greeting = {0};
    if (kind == 0xff)
        return refused(call, &payload);
    if (kind != 10 || !read_greeting(&payload, &greeting) || greeting.version.size == 0)
        return PROBE_NOT_MINE;
    return greeted(call, &greeting);
}

static enum probe_answer step(struct probe_call *call)
{
    const struct mysql_state *state = call->state;
    switch (call->event) {
    case PROBE_OPENED:
        return PROBE_WAIT;
    case PROBE_HEARD:
        return state->greeted ? PROBE_WAIT : heard(call);
    case PROBE_SECURED:
        observation_bool(call->observation, &facts[TLS_WORKS], true);
        return PROBE_DONE;
    case PROBE_UNSECURED:
        observation_undetermined(call->observation, &facts[TLS_WORKS], "the handshake did not end");
        return PROBE_DONE;
    case PROBE_ENDED:
    case PROBE_QUIET:
        break;
    }
    return state->greeted ? PROBE_DONE : PROBE_NOT_MINE;
}

const struct probe probe_mysql = {
    .name = "mysql",
    .manner = PROBE_SERVER_FIRST,
    .ports = (const uint16_t[]){3306, 0},
    .greeting_ms = 4000,
    .state_size = sizeof(struct mysql_state),
    .facts = facts,
    .step = step,
};
