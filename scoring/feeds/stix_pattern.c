#include "scoring/feeds/stix_pattern.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scoring/feeds/stix_lexer.h"
#include "scoring/feeds/url.h"

#define DEPTH_MAX 32

static const char other_objects[] = "patterns on files, processes and what else no network event shows";
static const char other_comparisons[] =
    "patterns that compare otherwise than by =, IN, ISSUBSET or LIKE '%.name'";
static const char several_values[] = "patterns that want several things at once";
static const char several_observations[] =
    "patterns that want several observations, or a time or number of them";
static const char no_such_value[] = "patterns with a value that is no address, name or URL of http";

/* One way to meet an expression: what it asks of one connection. */
struct way {
    enum indicator_kind kind; /* 0: of nothing but port and protocol */
    struct range range;
    size_t text; /* in the pattern's texts, for names and URLs */
    uint16_t port;
    int transport;
    bool never; /* asks for what no event of ours shows */
};

/* All ways to meet an expression. */
struct ways {
    struct way *items;
    size_t count, capacity;
};

struct parser {
    const char *start, *at;
    struct stix_token token;
    unsigned depth;
    struct stix_pattern *pattern;
    size_t texts_size, texts_capacity;
    enum status status;
    const char *why;
    size_t why_at;
};

static bool fail(struct parser *parser, const char *why)
{
    if (parser->status == STATUS_OK) {
        parser->status = STATUS_MISMATCH;
        parser->why = why;
        parser->why_at = (size_t)(parser->token.text - parser->start);
    }
    return false;
}

static bool out_of_memory(struct parser *parser)
{
    parser->status = STATUS_NO_MEMORY;
    return false;
}

static void next(struct parser *parser)
{
    parser->token = stix_token_next(&parser->at);
    if (parser->token.kind == STIX_WRONG)
        fail(parser, "no token of a STIX pattern");
}

static bool take(struct parser *parser, const char *text)
{
    if (!stix_token_is(parser->token, text))
        return false;
    next(parser);
    return true;
}

static bool expect(struct parser *parser, const char *text, const char *why)
{
    return take(parser, text) || fail(parser, why);
}

static void ways_deinit(struct ways *ways)
{
    free(ways->items);
    *ways = (struct ways){0};
}

static bool ways_add(struct parser *parser, struct ways *ways, struct way way)
{
    if (ways->count == STIX_PATTERN_TERMS_MAX)
        return fail(parser, "more than 4096 ways to meet one pattern");
    if (ways->count == ways->capacity) {
        size_t capacity = ways->capacity ? ways->capacity * 2 : 4;
        struct way *items = reallocarray(ways->items, capacity, sizeof *items);
        if (!items)
            return out_of_memory(parser);
        ways->items = items;
        ways->capacity = capacity;
    }
    ways->items[ways->count++] = way;
    return true;
}

static bool ways_add_all(struct parser *parser, struct ways *ways, const struct ways *more)
{
    for (size_t i = 0; i < more->count; i++)
        if (!ways_add(parser, ways, more->items[i]))
            return false;
    return true;
}

static bool add_never(struct parser *parser, struct ways *ways, const char *why)
{
    parser->pattern->why = why;
    return ways_add(parser, ways, (struct way){.never = true, .transport = -1});
}

/* Both at once. Two values would have to be those of one connection; that is left to other tools. */
static struct way both(struct parser *parser, struct way a, struct way b)
{
    struct way way = a.kind ? a : b;
    const struct way *other = a.kind ? &b : &a;
    bool clash = (a.kind && b.kind) || (a.port && b.port && a.port != b.port) ||
                 (a.transport >= 0 && b.transport >= 0 && a.transport != b.transport);
    if (clash)
        parser->pattern->why = several_values;
    way.port = way.port ? way.port : other->port;
    way.transport = way.transport >= 0 ? way.transport : other->transport;
    way.never = a.never || b.never || clash;
    return way;
}

static bool ways_join(struct parser *parser, struct ways *ways, const struct ways *more)
{
    struct ways joined = {0};
    bool good = true;
    for (size_t i = 0; i < ways->count && good; i++)
        for (size_t j = 0; j < more->count && good; j++)
            good = ways_add(parser, &joined, both(parser, ways->items[i], more->items[j]));
    ways_deinit(ways);
    *ways = joined;
    return good;
}

/* --- one comparison --- */

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
static bool append(struct parser *parser, char *text, size_t capacity, const char *more)
{
    char part[256] = "";
    if (more)
        strcpy(part, more);
    else if (!stix_token_text(parser->token, part, sizeof part))
        return fail(parser, "a part of the path is too long");
    if (strlen(text) + strlen(part) + 1 > capacity)
        return fail(parser, "the path is too long");
    strcat(text, part);
    next(parser);
    return true;
}

static bool read_index(struct parser *parser, char *text, size_t capacity)
{
    if (!append(parser, text, capacity, "["))
        return false;
    if (!stix_token_is(parser->token, "*") && parser->token.kind != STIX_LITERAL)
        return fail(parser, "an index is a whole number or *");
    return append(parser, text, capacity, NULL) &&
           (stix_token_is(parser->token, "]") || fail(parser, "a \"]\" is expected behind an index")) &&
           append(parser, text, capacity, "]");
}

/* object-type:property.property[index] */
static bool read_path(struct parser *parser, enum path *path_out)
{
    char text[512] = "";
    *path_out = PATH_OTHER;
    if (parser->token.kind != STIX_WORD)
        return fail(parser, "a path such as ipv4-addr:value is expected here");
    if (!append(parser, text, sizeof text, NULL))
        return false;
    if (!stix_token_is(parser->token, ":"))
        return fail(parser, "a \":\" is expected behind the type of an object");
    do {
        const char *sign = text[0] && strchr(text, ':') ? "." : ":";
        if (!append(parser, text, sizeof text, sign))
            return false;
        if (parser->token.kind != STIX_WORD && parser->token.kind != STIX_STRING)
            return fail(parser, "the name of a property is expected here");
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

static bool keep_text(struct parser *parser, const char *text, size_t *at_out)
{
    size_t size = strlen(text) + 1;
    if (parser->texts_size + size > parser->texts_capacity) {
        size_t capacity = (parser->texts_size + size) * 2;
        char *texts = realloc(parser->pattern->texts, capacity);
        if (!texts)
            return out_of_memory(parser);
        parser->pattern->texts = texts;
        parser->texts_capacity = capacity;
    }
    *at_out = parser->texts_size;
    memcpy(parser->pattern->texts + parser->texts_size, text, size);
    parser->texts_size += size;
    return true;
}

static bool add_address(struct parser *parser, struct ways *ways, const char *value)
{
    const char *why = NULL;
    struct way way = {.kind = INDICATOR_ADDRESS, .transport = -1};
    if (strchr(value, '-') || !range_parse(value, &way.range, &why))
        return add_never(parser, ways, no_such_value);
    return ways_add(parser, ways, way);
}

static bool add_name(struct parser *parser, struct ways *ways, enum indicator_kind kind, const char *value)
{
    char name[DOMAIN_TEXT_MAX];
    struct way way = {.kind = kind, .transport = -1};
    if (domain_parse(value, name))
        return add_never(parser, ways, no_such_value);
    return keep_text(parser, name, &way.text) && ways_add(parser, ways, way);
}

static bool add_url(struct parser *parser, struct ways *ways, const char *value)
{
    char url[URL_TEXT_MAX], host[DOMAIN_TEXT_MAX];
    struct way way = {.kind = INDICATOR_URL, .transport = -1};
    if (!url_fold(value, url, sizeof url, host))
        return add_never(parser, ways, no_such_value);
    return keep_text(parser, url, &way.text) && ways_add(parser, ways, way);
}

/* The ways in which a value of a path is met; what is neutral, as that IPv4 is spoken, asks for nothing. */
static bool add_value(struct parser *parser, struct ways *ways, enum path path, const char *value)
{
    struct way way = {.transport = -1};
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
            return add_never(parser, ways, several_values);
        return ways_add(parser, ways, way);
    case PATH_TYPE:
        return ways_add(parser, ways, way);
    case PATH_PORT:
    case PATH_OTHER:
        break;
    }
    return add_never(parser, ways, other_objects);
}

static bool add_port(struct parser *parser, struct ways *ways)
{
    char text[8], *end = text;
    long number = 0;
    if (stix_token_text(parser->token, text, sizeof text))
        number = strtol(text, &end, 10);
    if (*end || number < 1 || number > UINT16_MAX)
        return add_never(parser, ways, no_such_value);
    return ways_add(parser, ways, (struct way){.port = (uint16_t)number, .transport = -1});
}

static bool is_literal(const struct parser *parser)
{
    return parser->token.kind == STIX_STRING || parser->token.kind == STIX_LITERAL ||
           stix_token_is(parser->token, "true") || stix_token_is(parser->token, "false");
}

static bool add_equal(struct parser *parser, struct ways *ways, enum path path)
{
    char value[URL_TEXT_MAX];
    bool good = true;
    if (!is_literal(parser))
        return fail(parser, "a value is expected here, as '192.0.2.1'");
    if (path == PATH_PORT)
        good = add_port(parser, ways);
    else if (parser->token.kind != STIX_STRING || !stix_token_text(parser->token, value, sizeof value))
        good = add_never(parser, ways, path == PATH_OTHER ? other_objects : no_such_value);
    else
        good = add_value(parser, ways, path, value);
    next(parser);
    return good && parser->status == STATUS_OK;
}

static bool add_set(struct parser *parser, struct ways *ways, enum path path)
{
    if (!expect(parser, "(", "a \"(\" is expected behind IN"))
        return false;
    if (take(parser, ")"))
        return add_never(parser, ways, other_comparisons);
    do
        if (!add_equal(parser, ways, path))
            return false;
    while (take(parser, ","));
    return expect(parser, ")", "a \",\" or \")\" is expected in a set");
}

/* Of LIKE only '%.name' is of use: every name below. */
static bool add_like(struct parser *parser, struct ways *ways, enum path path)
{
    char value[URL_TEXT_MAX];
    if (parser->token.kind != STIX_STRING)
        return fail(parser, "a text in single quotes is expected behind LIKE");
    bool below = path == PATH_NAME && stix_token_text(parser->token, value, sizeof value) &&
                 strncmp(value, "%.", 2) == 0 && !strpbrk(value + 2, "%_");
    bool good = below ? add_name(parser, ways, INDICATOR_NAME_BELOW, value + 2)
                      : add_never(parser, ways, path == PATH_OTHER ? other_objects : other_comparisons);
    next(parser);
    return good;
}

/* What is read by the grammar, and is of no use. */
static bool add_other(struct parser *parser, struct ways *ways, enum path path, bool set)
{
    struct ways ignored = {0};
    bool good = set ? add_set(parser, &ignored, PATH_OTHER) : add_equal(parser, &ignored, PATH_OTHER);
    ways_deinit(&ignored);
    return good && add_never(parser, ways, path == PATH_OTHER ? other_objects : other_comparisons);
}

static bool parse_test(struct parser *parser, struct ways *ways)
{
    static const char *const others[] = {"=", "==", "!=", "<>",      "<",
                                         ">", "<=", ">=", "MATCHES", "ISSUPERSET"};
    enum path path;
    if (take(parser, "EXISTS"))
        return read_path(parser, &path) && add_never(parser, ways, other_comparisons);
    if (!read_path(parser, &path))
        return false;
    bool negated = take(parser, "NOT");
    if (!negated && (take(parser, "=") || take(parser, "==")))
        return add_equal(parser, ways, path);
    if (take(parser, "IN"))
        return negated ? add_other(parser, ways, path, true) : add_set(parser, ways, path);
    if (take(parser, "ISSUBSET"))
        return negated || path != PATH_ADDRESS ? add_other(parser, ways, path, false)
                                               : add_equal(parser, ways, path);
    if (take(parser, "LIKE"))
        return negated ? add_other(parser, ways, path, false) : add_like(parser, ways, path);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (take(parser, others[i]))
            return add_other(parser, ways, path, false);
    return fail(parser, "a comparison such as = is expected here");
}

/* --- comparisons joined --- */

static bool parse_or(struct parser *parser, struct ways *ways);

static bool parse_operand(struct parser *parser, struct ways *ways)
{
    if (!stix_token_is(parser->token, "("))
        return parse_test(parser, ways);
    if (parser->depth == DEPTH_MAX)
        return fail(parser, "nested too deeply");
    parser->depth++;
    next(parser);
    bool good = parse_or(parser, ways) && expect(parser, ")", "a \")\" is expected here");
    parser->depth--;
    return good;
}

static bool parse_and(struct parser *parser, struct ways *ways)
{
    bool good = parse_operand(parser, ways);
    while (good && take(parser, "AND")) {
        struct ways more = {0};
        good = parse_operand(parser, &more) && ways_join(parser, ways, &more);
        ways_deinit(&more);
    }
    return good;
}

static bool parse_or(struct parser *parser, struct ways *ways)
{
    bool good = parse_and(parser, ways);
    while (good && take(parser, "OR")) {
        struct ways more = {0};
        good = parse_and(parser, &more) && ways_add_all(parser, ways, &more);
        ways_deinit(&more);
    }
    return good;
}

/* --- observations --- */

/* START t'…' STOP t'…', WITHIN n SECONDS, REPEATS n TIMES; true in *qualified_out when there was one. */
static bool parse_qualifiers(struct parser *parser, bool *qualified_out)
{
    static const char *const words[][2] = {{"START", "STOP"}, {"WITHIN", "SECONDS"}, {"REPEATS", "TIMES"}};
    for (size_t i = 0; i < 3; i++) {
        if (!take(parser, words[i][0]))
            continue;
        *qualified_out = true;
        if (!is_literal(parser))
            return fail(parser, "a number or time is expected here");
        next(parser);
        if (!expect(parser, words[i][1], "STOP, SECONDS or TIMES is expected here"))
            return false;
        if (i == 0 && !is_literal(parser))
            return fail(parser, "a time is expected here");
        if (i == 0)
            next(parser);
        return parse_qualifiers(parser, qualified_out);
    }
    return true;
}

static bool parse_observations(struct parser *parser, struct ways *ways);

static bool parse_observation(struct parser *parser, struct ways *ways)
{
    bool qualified = false, good = false;
    size_t before = ways->count;
    if (parser->depth == DEPTH_MAX)
        return fail(parser, "nested too deeply");
    parser->depth++;
    if (take(parser, "("))
        good = parse_observations(parser, ways) && expect(parser, ")", "a \")\" is expected here");
    else
        good = expect(parser, "[", "an observation in [ ] is expected here") && parse_or(parser, ways) &&
               expect(parser, "]", "a \"]\" is expected here");
    parser->depth--;
    if (!good || !parse_qualifiers(parser, &qualified))
        return false;
    if (!qualified)
        return true;
    ways->count = before;
    return add_never(parser, ways, several_observations);
}

/* [a] OR [b] is met by one of them; what AND or FOLLOWEDBY joins is not met by one event. Which binds closer does
   not matter then: as soon as one of the two stands at a level, nothing of that level is used. */
static bool parse_observations(struct parser *parser, struct ways *ways)
{
    bool several = false, more = true;
    size_t before = ways->count;
    while (more) {
        if (!parse_observation(parser, ways))
            return false;
        bool joined = take(parser, "AND") || take(parser, "FOLLOWEDBY");
        several |= joined;
        more = joined || take(parser, "OR");
    }
    if (!several)
        return true;
    ways->count = before;
    return add_never(parser, ways, several_observations);
}

/* --- the pattern --- */

static enum status take_terms(struct parser *parser, const struct ways *ways)
{
    struct stix_pattern *pattern = parser->pattern;
    pattern->terms = calloc(ways->count + 1, sizeof *pattern->terms);
    if (!pattern->terms)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < ways->count; i++) {
        const struct way *way = &ways->items[i];
        if (!way->never && way->kind == 0)
            pattern->why = several_values;
        if (way->never || way->kind == 0)
            continue;
        pattern->terms[pattern->count++] = (struct indicator_term){
            .kind = way->kind,
            .range = way->range,
            .port = way->port,
            .transport = way->transport,
            .text = way->kind == INDICATOR_ADDRESS ? NULL : pattern->texts + way->text};
    }
    return STATUS_OK;
}

enum status stix_pattern_read(const char *text, struct stix_pattern *pattern_out, const char **why_out,
                              size_t *at_out)
{
    struct parser parser = {.start = text, .at = text, .pattern = pattern_out};
    struct ways ways = {0};
    *pattern_out = (struct stix_pattern){0};
    parser.token.text = text;
    if (strlen(text) > STIX_PATTERN_MAX)
        fail(&parser, "longer than 64 KiB");
    if (parser.status == STATUS_OK)
        next(&parser);
    if (parser.status == STATUS_OK && parse_observations(&parser, &ways) && parser.token.kind != STIX_END)
        fail(&parser, "AND, OR, FOLLOWEDBY or the end is expected here");
    if (parser.status == STATUS_OK)
        parser.status = take_terms(&parser, &ways);
    ways_deinit(&ways);
    *why_out = parser.why;
    *at_out = parser.why_at;
    if (parser.status != STATUS_OK)
        stix_pattern_deinit(pattern_out);
    return parser.status;
}

void stix_pattern_deinit(struct stix_pattern *pattern)
{
    free(pattern->terms);
    free(pattern->texts);
    *pattern = (struct stix_pattern){0};
}
