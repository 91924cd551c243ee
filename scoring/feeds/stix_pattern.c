#include "scoring/feeds/stix_pattern.h"

#include <stdlib.h>
#include <string.h>

#include "scoring/feeds/stix_parser.h"

#define DEPTH_MAX 32

static const char several_observations[] =
    "patterns that want several observations, or a time or number of them";

static bool parse_or(struct stix_parser *parser, struct stix_ways *ways);

static bool parse_operand(struct stix_parser *parser, struct stix_ways *ways)
{
    if (!stix_token_is(parser->token, "("))
        return stix_comparison_read(parser, ways);
    if (parser->depth == DEPTH_MAX)
        return stix_parser_fail(parser, "nested too deeply");
    parser->depth++;
    stix_parser_next(parser);
    bool good = parse_or(parser, ways) && stix_parser_expect(parser, ")", "a \")\" is expected here");
    parser->depth--;
    return good;
}

static bool parse_and(struct stix_parser *parser, struct stix_ways *ways)
{
    bool good = parse_operand(parser, ways);
    while (good && stix_parser_take(parser, "AND")) {
        struct stix_ways more = {0};
        good = parse_operand(parser, &more) && stix_ways_join(parser, ways, &more);
        stix_ways_deinit(&more);
    }
    return good;
}

static bool parse_or(struct stix_parser *parser, struct stix_ways *ways)
{
    bool good = parse_and(parser, ways);
    while (good && stix_parser_take(parser, "OR")) {
        struct stix_ways more = {0};
        good = parse_and(parser, &more) && stix_ways_add_all(parser, ways, &more);
        stix_ways_deinit(&more);
    }
    return good;
}

/* --- observations --- */

static bool parse_value(struct stix_parser *parser)
{
    if (!stix_parser_at_literal(parser))
        return stix_parser_fail(parser, "a number or time is expected here");
    stix_parser_next(parser);
    return true;
}

/* START t'…' STOP t'…', WITHIN n SECONDS, REPEATS n TIMES; *found_out whether there was one. */
static bool parse_qualifier(struct stix_parser *parser, bool *found_out)
{
    static const char *const words[][2] = {{"START", "STOP"}, {"WITHIN", "SECONDS"}, {"REPEATS", "TIMES"}};
    *found_out = false;
    for (size_t i = 0; i < 3; i++) {
        if (!stix_parser_take(parser, words[i][0]))
            continue;
        *found_out = true;
        return parse_value(parser) &&
               stix_parser_expect(parser, words[i][1], "STOP, SECONDS or TIMES is expected here") &&
               (i > 0 || parse_value(parser));
    }
    return true;
}

static bool parse_qualifiers(struct stix_parser *parser, bool *qualified_out)
{
    bool found;
    do {
        if (!parse_qualifier(parser, &found))
            return false;
        *qualified_out |= found;
    } while (found);
    return true;
}

static bool parse_observations(struct stix_parser *parser, struct stix_ways *ways);

static bool parse_observation(struct stix_parser *parser, struct stix_ways *ways)
{
    bool qualified = false, good = false;
    size_t before = ways->count;
    if (parser->depth == DEPTH_MAX)
        return stix_parser_fail(parser, "nested too deeply");
    parser->depth++;
    if (stix_parser_take(parser, "("))
        good =
            parse_observations(parser, ways) && stix_parser_expect(parser, ")", "a \")\" is expected here");
    else
        good = stix_parser_expect(parser, "[", "an observation in [ ] is expected here") &&
               parse_or(parser, ways) && stix_parser_expect(parser, "]", "a \"]\" is expected here");
    parser->depth--;
    if (!good || !parse_qualifiers(parser, &qualified))
        return false;
    if (!qualified)
        return true;
    ways->count = before;
    return stix_ways_add_never(parser, ways, several_observations);
}

/* [a] OR [b] is met by one of them; what AND or FOLLOWEDBY joins is not met by one event. Which binds closer does
   not matter then: as soon as one of the two stands at a level, nothing of that level is used. */
static bool parse_observations(struct stix_parser *parser, struct stix_ways *ways)
{
    bool several = false, more = true;
    size_t before = ways->count;
    while (more) {
        if (!parse_observation(parser, ways))
            return false;
        bool joined = stix_parser_take(parser, "AND") || stix_parser_take(parser, "FOLLOWEDBY");
        several |= joined;
        more = joined || stix_parser_take(parser, "OR");
    }
    if (!several)
        return true;
    ways->count = before;
    return stix_ways_add_never(parser, ways, several_observations);
}

/* --- the pattern --- */

static enum status take_terms(struct stix_parser *parser, const struct stix_ways *ways)
{
    struct stix_pattern *pattern = parser->pattern;
    pattern->terms = calloc(ways->count + 1, sizeof *pattern->terms);
    if (!pattern->terms)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < ways->count; i++) {
        const struct stix_way *way = &ways->items[i];
        if (!way->never && way->kind == 0)
            pattern->why = stix_several_values;
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
    struct stix_parser parser = {.start = text, .at = text, .pattern = pattern_out};
    struct stix_ways ways = {0};
    *pattern_out = (struct stix_pattern){0};
    parser.token.text = text;
    if (strlen(text) > STIX_PATTERN_MAX)
        stix_parser_fail(&parser, "longer than 64 KiB");
    if (parser.status == STATUS_OK)
        stix_parser_next(&parser);
    if (parser.status == STATUS_OK && parse_observations(&parser, &ways) && parser.token.kind != STIX_END)
        stix_parser_fail(&parser, "AND, OR, FOLLOWEDBY or the end is expected here");
    if (parser.status == STATUS_OK)
        parser.status = take_terms(&parser, &ways);
    stix_ways_deinit(&ways);
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
