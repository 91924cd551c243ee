#include "scoring/feeds/stix_parser.h"

#include <stdlib.h>

const char stix_several_values[] = "patterns that want several things at once";

bool stix_parser_fail(struct stix_parser *parser, const char *why)
{
    if (parser->status == STATUS_OK) {
        parser->status = STATUS_MISMATCH;
        parser->why = why;
        parser->why_at = (size_t)(parser->token.text - parser->start);
    }
    return false;
}

bool stix_parser_out_of_memory(struct stix_parser *parser)
{
    parser->status = STATUS_NO_MEMORY;
    return false;
}

void stix_parser_next(struct stix_parser *parser)
{
    parser->token = stix_token_next(&parser->at);
    if (parser->token.kind == STIX_WRONG)
        stix_parser_fail(parser, "no token of a STIX pattern");
}

bool stix_parser_take(struct stix_parser *parser, const char *text)
{
    if (!stix_token_is(parser->token, text))
        return false;
    stix_parser_next(parser);
    return true;
}

bool stix_parser_expect(struct stix_parser *parser, const char *text, const char *why)
{
    return stix_parser_take(parser, text) || stix_parser_fail(parser, why);
}

bool stix_parser_at_literal(const struct stix_parser *parser)
{
    return parser->token.kind == STIX_STRING || parser->token.kind == STIX_LITERAL ||
           stix_token_is(parser->token, "true") || stix_token_is(parser->token, "false");
}

void stix_ways_deinit(struct stix_ways *ways)
{
    free(ways->items);
    *ways = (struct stix_ways){0};
}

bool stix_ways_add(struct stix_parser *parser, struct stix_ways *ways, struct stix_way way)
{
    if (ways->count == STIX_PATTERN_TERMS_MAX)
        return stix_parser_fail(parser, "more than 4096 ways to meet one pattern");
    if (ways->count == ways->capacity) {
        size_t capacity = ways->capacity ? ways->capacity * 2 : 4;
        struct stix_way *items = reallocarray(ways->items, capacity, sizeof *items);
        if (!items)
            return stix_parser_out_of_memory(parser);
        ways->items = items;
        ways->capacity = capacity;
    }
    ways->items[ways->count++] = way;
    return true;
}

bool stix_ways_add_all(struct stix_parser *parser, struct stix_ways *ways, const struct stix_ways *more)
{
    for (size_t i = 0; i < more->count; i++)
        if (!stix_ways_add(parser, ways, more->items[i]))
            return false;
    return true;
}

bool stix_ways_add_never(struct stix_parser *parser, struct stix_ways *ways, const char *why)
{
    parser->pattern->why = why;
    return stix_ways_add(parser, ways, (struct stix_way){.never = true, .transport = -1});
}

/* Both at once. Two values would have to be those of one connection; that is left to other tools. */
static struct stix_way both(struct stix_parser *parser, struct stix_way a, struct stix_way b)
{
    struct stix_way way = a.kind ? a : b;
    const struct stix_way *other = a.kind ? &b : &a;
    bool clash = (a.kind && b.kind) || (a.port && b.port && a.port != b.port) ||
                 (a.transport >= 0 && b.transport >= 0 && a.transport != b.transport);
    if (clash)
        parser->pattern->why = stix_several_values;
    way.port = way.port ? way.port : other->port;
    way.transport = way.transport >= 0 ? way.transport : other->transport;
    way.never = a.never || b.never || clash;
    return way;
}

bool stix_ways_join(struct stix_parser *parser, struct stix_ways *ways, const struct stix_ways *more)
{
    struct stix_ways joined = {0};
    bool good = true;
    for (size_t i = 0; i < ways->count && good; i++)
        for (size_t j = 0; j < more->count && good; j++)
            good = stix_ways_add(parser, &joined, both(parser, ways->items[i], more->items[j]));
    stix_ways_deinit(ways);
    *ways = joined;
    return good;
}
