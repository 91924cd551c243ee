#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scoring/feeds/stix_parser.h"
#include "scoring/feeds/url.h"

static const char other_comparisons[] =
    "patterns that compare otherwise than by =, IN, ISSUBSET or LIKE '%.name'";
static const char other_objects[] = "patterns on files, processes and what else no network event shows";
static const char no_such_value[] = "patterns with a value that is no address, name or URL of http";

enum path { PATH_OTHER, PATH_ADDRESS, PATH_NAME, PATH_URL, PATH_PORT, PATH_PROTOCOL, PATH_TYPE };

static const struct {
    const char *text;
    enum path path;
} paths[] = {
    {"ipv4-addr:value", PATH_ADDRESS},
    {"ipv6-addr:value", PATH_ADDRESS},
    {"domain-name:value", PATH_NAME},
    {"url:value", PATH_URL},
    {"network-traffic:dst_ref.value", PATH_ADDRESS},
    {"network-traffic:dst_port", PATH_PORT},
    {"network-traffic:protocols[*]", PATH_PROTOCOL},
    {"network-traffic:dst_ref.type", PATH_TYPE},
};

/* Appends the token to the path's text as it is compared: without white space and quotes. */
static bool append(struct stix_parser *parser, char *text, size_t capacity, const char *more)
{
    char part[256] = "";
    if (more)
        strcpy(part, more);
    else if (!stix_token_text(parser->token, part, sizeof part))
        return stix_parser_fail(parser, "a part of the path is too long");
    if (strlen(text) + strlen(part) + 1 > capacity)
        return stix_parser_fail(parser, "the path is too long");
    strcat(text, part);
    stix_parser_next(parser);
    return true;
}

static bool read_index(struct stix_parser *parser, char *text, size_t capacity)
{
    if (!append(parser, text, capacity, "["))
        return false;
    if (!stix_token_is(parser->token, "*") && parser->token.kind != STIX_LITERAL)
        return stix_parser_fail(parser, "an index is a whole number or *");
    return append(parser, text, capacity, NULL) &&
           (stix_token_is(parser->token, "]") ||
            stix_parser_fail(parser, "a \"]\" is expected behind an index")) &&
           append(parser, text, capacity, "]");
}

/* object-type:property.property[index] */
static bool read_path(struct stix_parser *parser, enum path *path_out)
{
    char text[512] = "";
    *path_out = PATH_OTHER;
    if (parser->token.kind != STIX_WORD)
        return stix_parser_fail(parser, "a path such as ipv4-addr:value is expected here");
    if (!append(parser, text, sizeof text, NULL))
        return false;
    if (!stix_token_is(parser->token, ":"))
        return stix_parser_fail(parser, "a \":\" is expected behind the type of an object");
    do {
        const char *sign = text[0] && strchr(text, ':') ? "." : ":";
        if (!append(parser, text, sizeof text, sign))
            return false;
        if (parser->token.kind != STIX_WORD && parser->token.kind != STIX_STRING)
            return stix_parser_fail(parser, "the name of a property is expected here");
        if (!append(parser, text, sizeof text, NULL))
            return false;
        while (stix_token_is(parser->token, "["))
            if (!read_index(parser, text, sizeof text))
                return false;
    } while (stix_token_is(parser->token, "."));
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strcmp(paths[i].text, text) == 0)
            *path_out = paths[i].path;
    return true;
}

static bool keep_text(struct stix_parser *parser, const char *text, size_t *at_out)
{
    size_t size = strlen(text) + 1;
    if (parser->texts_size + size > parser->texts_capacity) {
        size_t capacity = (parser->texts_size + size) * 2;
        char *texts = realloc(parser->pattern->texts, capacity);
        if (!texts)
            return stix_parser_out_of_memory(parser);
        parser->pattern->texts = texts;
        parser->texts_capacity = capacity;
    }
    *at_out = parser->texts_size;
    memcpy(parser->pattern->texts + parser->texts_size, text, size);
    parser->texts_size += size;
    return true;
}

static bool add_address(struct stix_parser *parser, struct stix_ways *ways, const char *value)
{
    const char *why = NULL;
    struct stix_way way = {.kind = INDICATOR_ADDRESS, .transport = -1};
    if (strchr(value, '-') || !range_parse(value, &way.range, &why))
        return stix_ways_add_never(parser, ways, no_such_value);
    return stix_ways_add(parser, ways, way);
}

static bool add_name(struct stix_parser *parser, struct stix_ways *ways, enum indicator_kind kind,
                     const char *value)
{
    char name[DOMAIN_TEXT_MAX];
    struct stix_way way = {.kind = kind, .transport = -1};
    if (domain_parse(value, name))
        return stix_ways_add_never(parser, ways, no_such_value);
    return keep_text(parser, name, &way.text) && stix_ways_add(parser, ways, way);
}

static bool add_url(struct stix_parser *parser, struct stix_ways *ways, const char *value)
{
    char url[URL_TEXT_MAX], host[DOMAIN_TEXT_MAX];
    struct stix_way way = {.kind = INDICATOR_URL, .transport = -1};
    if (!url_fold(value, url, sizeof url, host))
        return stix_ways_add_never(parser, ways, no_such_value);
    return keep_text(parser, url, &way.text) && stix_ways_add(parser, ways, way);
}

/* The ways in which a value of a path is met; what is neutral, as that IPv4 is spoken, asks for nothing. */
static bool add_value(struct stix_parser *parser, struct stix_ways *ways, enum path path, const char *value)
{
    struct stix_way way = {.transport = -1};
    switch (path) {
    case PATH_ADDRESS:
        return add_address(parser, ways, value);
    case PATH_NAME:
        return add_name(parser, ways, INDICATOR_NAME, value);
    case PATH_URL:
        return add_url(parser, ways, value);
    case PATH_PROTOCOL:
        if (strcasecmp(value, "tcp") == 0 || strcasecmp(value, "udp") == 0)
            way.transport = strcasecmp(value, "udp") == 0 ? TRANSPORT_UDP : TRANSPORT_TCP;
        else if (strcasecmp(value, "ipv4") != 0 && strcasecmp(value, "ipv6") != 0)
            return stix_ways_add_never(parser, ways, stix_several_values);
        return stix_ways_add(parser, ways, way);
    case PATH_TYPE:
        return stix_ways_add(parser, ways, way);
    case PATH_PORT:
    case PATH_OTHER:
        break;
    }
    return stix_ways_add_never(parser, ways, other_objects);
}

static bool add_port(struct stix_parser *parser, struct stix_ways *ways)
{
    char text[8], *end = text;
    long number = 0;
    if (stix_token_text(parser->token, text, sizeof text))
        number = strtol(text, &end, 10);
    if (*end || number < 1 || number > UINT16_MAX)
        return stix_ways_add_never(parser, ways, no_such_value);
    return stix_ways_add(parser, ways, (struct stix_way){.port = (uint16_t)number, .transport = -1});
}

static bool add_equal(struct stix_parser *parser, struct stix_ways *ways, enum path path)
{
    char value[URL_TEXT_MAX];
    bool good = true;
    if (!stix_parser_at_literal(parser))
        return stix_parser_fail(parser, "a value is expected here, as '192.0.2.1'");
    if (path == PATH_PORT)
        good = add_port(parser, ways);
    else if (parser->token.kind != STIX_STRING || !stix_token_text(parser->token, value, sizeof value))
        good = stix_ways_add_never(parser, ways, path == PATH_OTHER ? other_objects : no_such_value);
    else
        good = add_value(parser, ways, path, value);
    stix_parser_next(parser);
    return good && parser->status == STATUS_OK;
}

static bool add_set(struct stix_parser *parser, struct stix_ways *ways, enum path path)
{
    if (!stix_parser_expect(parser, "(", "a \"(\" is expected behind IN"))
        return false;
    if (stix_parser_take(parser, ")"))
        return stix_ways_add_never(parser, ways, other_comparisons);
    do
        if (!add_equal(parser, ways, path))
            return false;
    while (stix_parser_take(parser, ","));
    return stix_parser_expect(parser, ")", "a \",\" or \")\" is expected in a set");
}

/* Of LIKE only '%.name' is of use: every name below. */
static bool add_like(struct stix_parser *parser, struct stix_ways *ways, enum path path)
{
    char value[URL_TEXT_MAX];
    if (parser->token.kind != STIX_STRING)
        return stix_parser_fail(parser, "a text in single quotes is expected behind LIKE");
    bool below = path == PATH_NAME && stix_token_text(parser->token, value, sizeof value) &&
                 strncmp(value, "%.", 2) == 0 && !strpbrk(value + 2, "%_");
    bool good =
        below ? add_name(parser, ways, INDICATOR_NAME_BELOW, value + 2)
              : stix_ways_add_never(parser, ways, path == PATH_OTHER ? other_objects : other_comparisons);
    stix_parser_next(parser);
    return good;
}

/* What is read by the grammar, and is of no use. */
static bool add_other(struct stix_parser *parser, struct stix_ways *ways, enum path path, bool set)
{
    struct stix_ways ignored = {0};
    bool good = set ? add_set(parser, &ignored, PATH_OTHER) : add_equal(parser, &ignored, PATH_OTHER);
    stix_ways_deinit(&ignored);
    return good && stix_ways_add_never(parser, ways, path == PATH_OTHER ? other_objects : other_comparisons);
}

bool stix_comparison_read(struct stix_parser *parser, struct stix_ways *ways)
{
    static const char *const others[] = {"=", "==", "!=", "<>",      "<",
                                         ">", "<=", ">=", "MATCHES", "ISSUPERSET"};
    enum path path;
    if (stix_parser_take(parser, "EXISTS"))
        return read_path(parser, &path) && stix_ways_add_never(parser, ways, other_comparisons);
    if (!read_path(parser, &path))
        return false;
    bool negated = stix_parser_take(parser, "NOT");
    if (!negated && (stix_parser_take(parser, "=") || stix_parser_take(parser, "==")))
        return add_equal(parser, ways, path);
    if (stix_parser_take(parser, "IN"))
        return negated ? add_other(parser, ways, path, true) : add_set(parser, ways, path);
    if (stix_parser_take(parser, "ISSUBSET"))
        return negated || path != PATH_ADDRESS ? add_other(parser, ways, path, false)
                                               : add_equal(parser, ways, path);
    if (stix_parser_take(parser, "LIKE"))
        return negated ? add_other(parser, ways, path, false) : add_like(parser, ways, path);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (stix_parser_take(parser, others[i]))
            return add_other(parser, ways, path, false);
    return stix_parser_fail(parser, "a comparison such as = is expected here");
}
