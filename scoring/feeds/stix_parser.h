#ifndef SCORING_FEEDS_STIX_PARSER_H
#define SCORING_FEEDS_STIX_PARSER_H

#include "scoring/feeds/stix_lexer.h"
#include "scoring/feeds/stix_pattern.h"

/* What the parts of the parser of patterns share, private to stix_*.c: the place in the text, where the first
   failure sticks, and the ways in which what was read can be met. */

/* One way to meet an expression: what it asks of one connection. */
struct stix_way {
    enum indicator_kind kind; /* 0: of nothing but port and protocol */
    struct range range;
    size_t text; /* in the pattern's texts, for names and URLs */
    uint16_t port;
    int transport;
    bool never; /* asks for what no event of ours shows */
};

/* All ways to meet an expression. */
struct stix_ways {
    struct stix_way *items;
    size_t count, capacity;
};

struct stix_parser {
    const char *start, *at;
    struct stix_token token;
    unsigned depth;
    struct stix_pattern *pattern;
    size_t texts_size, texts_capacity;
    enum status status;
    const char *why;
    size_t why_at;
};

/* Each returns false once reading has failed. */
bool stix_parser_fail(struct stix_parser *parser, const char *why);
bool stix_parser_out_of_memory(struct stix_parser *parser);
/* To the next token. */
void stix_parser_next(struct stix_parser *parser);
/* Passes a word or sign if it is there. */
bool stix_parser_take(struct stix_parser *parser, const char *text);
/* The same, but it must be there; `why` says so. */
bool stix_parser_expect(struct stix_parser *parser, const char *text, const char *why);
/* Does a value stand here? */
bool stix_parser_at_literal(const struct stix_parser *parser);

void stix_ways_deinit(struct stix_ways *ways);
bool stix_ways_add(struct stix_parser *parser, struct stix_ways *ways, struct stix_way way);
bool stix_ways_add_all(struct stix_parser *parser, struct stix_ways *ways, const struct stix_ways *more);
/* One that no event meets, and why the pattern is not of use in it. */
bool stix_ways_add_never(struct stix_parser *parser, struct stix_ways *ways, const char *why);
/* Each way of one with each of the other. */
bool stix_ways_join(struct stix_parser *parser, struct stix_ways *ways, const struct stix_ways *more);

/* Why what asks for several things of one event is of no use. */
extern const char stix_several_values[];

/* One comparison, as ipv4-addr:value = '192.0.2.1'; adds the ways in which it is met. */
bool stix_comparison_read(struct stix_parser *parser, struct stix_ways *ways);

#endif
