#ifndef SCORING_FEEDS_STIX_LEXER_H
#define SCORING_FEEDS_STIX_LEXER_H

#include <stdbool.h>
#include <stddef.h>

/* Tokens of STIX patterns (STIX 2.1 §9.3). */
enum stix_token_kind {
    STIX_END,
    STIX_WRONG,   /* no token begins here */
    STIX_WORD,    /* a keyword or a part of a path; keywords in any case */
    STIX_STRING,  /* '…' */
    STIX_LITERAL, /* a number, or h'…', b'…', t'…' */
    STIX_SIGN     /* [ ] ( ) : . , * and the comparisons */
};

struct stix_token {
    enum stix_token_kind kind;
    const char *text; /* as it is written, with quotes */
    size_t size;
};

/* The token at or behind *at, which moves behind it. White space and comments are passed over. */
struct stix_token stix_token_next(const char **at);
/* A word in any case, or a sign. */
bool stix_token_is(struct stix_token token, const char *text);
/* The text of a string, or of a word in double quotes, with its escapes read; false when it does not fit. */
bool stix_token_text(struct stix_token token, char *text, size_t capacity);

#endif
