#include <string.h>

#include "probes/http_message.h"
#include "probes/probe.h"
#include "probes/product.h"

/* Elasticsearch and OpenSearch (their "Root API"): GET / tells name and version to whoever may ask anything.
 * No index is named or read. What answers like any other web server is left to http. */

enum { AUTH_REQUIRED, OPEN, CLUSTER };

static const struct fact facts[] = {
    [AUTH_REQUIRED] = {"elasticsearch.auth_required", FACT_BOOL, "the server asks for authentication",
                       "服务器要求认证"},
    [OPEN] = {"elasticsearch.open", FACT_BOOL, "the server answers without authentication",
              "无需认证即可访问"},
    [CLUSTER] = {"elasticsearch.cluster", FACT_TEXT, "name of the cluster", "集群名称"},
    {0},
};

/* The text behind "key": in a JSON object, escapes left as they are; empty when there is none. */
static struct span json_text(struct span json, const char *key)
{
    size_t length = strlen(key);
    for (size_t at; (at = span_find(json, key)) != SIZE_MAX;) {
        bool quoted = at > 0 && json.bytes[at - 1] == '"';
        json = span_from(json, at + length);
        struct cursor reader = cursor_over_block(json.bytes, json.size);
        if (!quoted || !cursor_match(&reader, "\"", 1))
            continue;
        for (int byte = cursor_peek(&reader, 0); byte == ' ' || byte == ':'; byte = cursor_peek(&reader, 0))
            cursor_skip(&reader, 1);
        if (!cursor_match(&reader, "\"", 1))
            continue;
        size_t start = reader.at;
        for (int byte = cursor_u8(&reader); cursor_good(&reader) && byte != '"'; byte = cursor_u8(&reader))
            cursor_skip(&reader, byte == '\\');
        return cursor_good(&reader) ? span_first(span_from(json, start), reader.at - start - 1)
                                    : (struct span){0};
    }
    return (struct span){0};
}

static enum probe_answer open_to_all(struct probe_call *call, struct span body)
{
    struct span tagline = json_text(body, "tagline"), cluster = json_text(body, "cluster_name");
    bool opensearch = span_find(tagline, "OpenSearch Project") != SIZE_MAX;
    bool elasticsearch = span_equals(tagline, "You Know, for Search");
    if ((!opensearch && !elasticsearch) || !cluster.bytes)
        return PROBE_NOT_MINE;
    product_observe(call->observation, opensearch ? "OpenSearch" : "Elasticsearch",
                    json_text(body, "number"));
    observation_text(call->observation, &facts[CLUSTER], cluster);
    observation_bool(call->observation, &facts[OPEN], true);
    observation_bool(call->observation, &facts[AUTH_REQUIRED], false);
    return PROBE_DONE;
}

/* Whose refusal is this? By the realm or header that each one's security module sends, else by the words of
 * the error; NULL: any web server's. */
static const char *refusing_product(const struct http_message *message, struct span body)
{
    struct span challenge = http_header(message, "WWW-Authenticate");
    if (span_find(challenge, "OpenSearch Security") != SIZE_MAX)
        return "OpenSearch";
    bool known = span_equals(http_header(message, "X-elastic-product"), "Elasticsearch") ||
                 span_find(challenge, "realm=\"security\"") != SIZE_MAX ||
                 span_find(challenge, "Open Distro Security") != SIZE_MAX ||
                 span_find(challenge, "Search Guard") != SIZE_MAX ||
                 span_find(body, "\"security_exception\"") != SIZE_MAX;
    return known ? "Elasticsearch" : NULL;
}

static enum probe_answer judge(struct probe_call *call, bool last)
{
    uint8_t storage[HTTP_BODY_MAX];
    struct buffer buffer = buffer_over(storage, sizeof storage);
    struct http_message message;
    enum http_progress progress = http_read(call->in, &message, &buffer);
    struct span body = {buffer.bytes, message.encoded ? 0 : buffer.size};
    if ((progress == HTTP_STARTED || progress == HTTP_HEAD) && !last)
        return PROBE_WAIT;
    if (progress != HTTP_HEAD && progress != HTTP_ENOUGH)
        return PROBE_NOT_MINE;
    if (message.status == 200 || message.status == 503)
        return open_to_all(call, body);
    const char *product = message.status == 401 ? refusing_product(&message, body) : NULL;
    if (!product)
        return PROBE_NOT_MINE;
    product_observe(call->observation, product, (struct span){0});
    observation_bool(call->observation, &facts[AUTH_REQUIRED], true);
    observation_bool(call->observation, &facts[OPEN], false);
    return PROBE_DONE;
}

static enum probe_answer step(struct probe_call *call)
{
    switch (call->event) {
    case PROBE_OPENED:
        http_write_get(call, "/");
        return PROBE_WAIT;
    case PROBE_HEARD:
        return judge(call, false);
    case PROBE_ENDED:
    case PROBE_QUIET:
        return judge(call, true);
    case PROBE_SECURED:
    case PROBE_UNSECURED:
        break;
    }
    return PROBE_NOT_MINE;
}

const struct probe probe_elasticsearch = {
    .name = "elasticsearch",
    .manner = PROBE_CLIENT_FIRST,
    .ports = (const uint16_t[]){9200, 9201, 0},
    .facts = facts,
    .step = step,
};
