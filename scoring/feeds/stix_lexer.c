#include "scoring/feeds/stix_lexer.h"

#include <string.h>
#include <strings.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_comment(const char *at)
{
    const char *end = at[1] == '/' ? strpbrk(at, "\r\n") : strstr(at + 2, "*/");
    if (!end)
        return at[1] == '/' ? at + strlen(at) : at;
    return end + (at[1] == '/' ? 0 : 2);
}

/* An open comment is not passed over, so that it is no token. */
static const char *skip_blank(const char *at)
{
    for (;;) {
        const char *start = at;
        at += strspn(at, " \t\r\n\v\f");
        if (at[0] == '/' && (at[1] == '/' || at[1] == '*'))
            at = skip_comment(at);
        if (at == start)
            return at;
    }
}

/* Behind a string in these quotes, NULL where it does not end. Only \' and \\ are escapes. */
static const char *skip_quoted(const char *at, char quote)
{
    for (at++; *at && *at != quote; at++)
        if (*at == '\\' && quote == '\'') {
            if (at[1] != '\'' && at[1] != '\\')
                return NULL;
            at++;
        }
    return *at ? at + 1 : NULL;
}

static const char *skip_word(const char *at)
{
    while (is_letter(*at) || is_digit(*at) || *at == '-')
        at++;
    return at;
}

static const char *skip_number(const char *at)
{
    at += *at == '+' || *at == '-';
    while (is_digit(*at))
        at++;
    if (*at == '.' && is_digit(at[1]))
        for (at++; is_digit(*at);)
            at++;
    return at;
}

static const char *skip_sign(const char *at)
{
    static const char *const longer[] = {"==", "!=", "<>", "<=", ">="};
    for (size_t i = 0; i < sizeof longer / sizeof *longer; i++)
        if (strncmp(at, longer[i], 2) == 0)
            return at + 2;
    return strchr("[]():.,*=<>", *at) ? at + 1 : NULL;
}

struct stix_token stix_token_next(const char **at)
{
    const char *start = skip_blank(*at), *end = NULL;
    struct stix_token token = {STIX_END, start, 0};
    if (!*start) {
        *at = start;
        return token;
    }
    bool signed_number = (*start == '+' || *start == '-') && (is_digit(start[1]) || start[1] == '.');
    bool fraction = *start == '.' && is_digit(start[1]);
    if (*start == '\'' || *start == '"') {
        token.kind = *start == '"' ? STIX_WORD : STIX_STRING;
        end = skip_quoted(start, *start);
    } else if (strchr("hbt", *start) && start[1] == '\'') {
        token.kind = STIX_LITERAL;
        end = skip_quoted(start + 1, '\'');
    } else if (is_letter(*start)) {
        token.kind = STIX_WORD;
        end = skip_word(start);
    } else if (is_digit(*start) || signed_number || fraction) {
        token.kind = STIX_LITERAL;
        end = skip_number(start);
    } else {
        token.kind = STIX_SIGN;
        end = skip_sign(start);
    }
    if (!end)
        token.kind = STIX_WRONG;
    token.size = end ? (size_t)(end - start) : 0;
    *at = start + token.size;
    return token;
}

bool stix_token_is(struct stix_token token, const char *text)
{
    return (token.kind == STIX_WORD || token.kind == STIX_SIGN) && token.size == strlen(text) &&
           strncasecmp(token.text, text, token.size) == 0;
}

bool stix_token_text(struct stix_token token, char *text, size_t capacity)
{
    bool quoted = token.size >= 2 && (*token.text == '\'' || *token.text == '"');
    size_t size = 0;
    for (size_t i = quoted; i < token.size - quoted; i++) {
        i += *token.text == '\'' && token.text[i] == '\\';
        if (size + 1 >= capacity || i >= token.size - quoted)
            return false;
        text[size++] = token.text[i];
    }
    text[size] = 0;
    return true;
}
