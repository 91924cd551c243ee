#include "probes/reply.h"

#include <string.h>

#include "probes/probe.h"

/* The code that a line starts with, or 0. */
static unsigned line_code(struct span line)
{
    uint64_t code;
    if (line.size < 3 || !span_number(span_first(line, 3), 599, &code) || code < 100)
        return 0;
    return line.size == 3 || line.bytes[3] == ' ' || line.bytes[3] == '-' ? (unsigned)code : 0;
}

/* The reply's code without a hyphen: what stands between may begin with anything (RFC 959 §4.2). */
static bool last_line(struct span line, unsigned code)
{
    return line_code(line) == code && (line.size == 3 || line.bytes[3] == ' ');
}

static bool any_line(struct span line, unsigned key)
{
    (void)line, (void)key;
    return true;
}

/* Can what is there still become the start of a reply? */
static bool plausible(const struct cursor *in)
{
    for (size_t i = 0; i < 4; i++) {
        int c = cursor_peek(in, i);
        bool fits = i < 3 ? c >= '0' && c <= '9' : c == ' ' || c == '-' || c == '\r' || c == '\n';
        if (c >= 0 && !fits)
            return false;
    }
    return true;
}

enum reply_state reply_read(struct cursor *in, struct reply *reply_out)
{
    struct cursor reader = *in;
    struct span first;
    if (!plausible(in))
        return REPLY_NONE;
    enum lines_state state = lines_read(&reader, any_line, 0, &first);
    unsigned code = state == LINES_WHOLE ? line_code(lines_next(&first)) : 0;
    if (state == LINES_WAIT)
        return REPLY_WAIT;
    if (code == 0)
        return REPLY_NONE;
    reply_out->code = code;
    state = lines_read(in, last_line, code, &reply_out->lines);
    return state == LINES_WHOLE ? REPLY_WHOLE : state == LINES_WAIT ? REPLY_WAIT : REPLY_NONE;
}

struct span reply_line(struct span *rest)
{
    struct span line = lines_next(rest);
    return line_code(line) ? span_from(line, 4) : line;
}

static bool holds_one_of(struct span text, const char *const *words)
{
    for (; *words; words++)
        if (span_find_nocase(text, *words) != SIZE_MAX)
            return true;
    return false;
}

/* RFC 3463: "5.7.1 …". */
static bool enhanced_code(struct span text)
{
    return text.size > 5 && text.bytes[1] == '.' && text.bytes[3] == '.' &&
           (text.bytes[0] == '4' || text.bytes[0] == '5');
}

static enum reply_speaker speaker_of(struct span text)
{
    static const char *const smtp[] = {"smtp", NULL};
    static const char *const ftp[] = {"ftp", "filezilla", "serv-u", "file transfer", NULL};
    static const char *const mail[] = {"mail", "postfix", "exim", "haraka", " mta", NULL};
    bool says_smtp = holds_one_of(text, smtp) || enhanced_code(text);
    bool says_ftp = holds_one_of(text, ftp);
    if (says_smtp != says_ftp)
        return says_smtp ? REPLY_OF_SMTP : REPLY_OF_FTP;
    return !says_ftp && holds_one_of(text, mail) ? REPLY_OF_SMTP : REPLY_OF_NOBODY;
}

static bool letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A name with a dot, an address or an address literal; "5.7.1" is none. */
static bool domain(struct span word)
{
    size_t dots = 0, letters = 0;
    if (word.size > 3 && word.bytes[0] == '[' && word.bytes[word.size - 1] == ']')
        return true;
    for (size_t i = 0; i < word.size; i++) {
        uint8_t c = word.bytes[i];
        dots += c == '.' && i > 0 && i + 1 < word.size;
        letters += letter(c);
        if (!letter(c) && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_')
            return false;
    }
    return dots == 3 || (dots && letters);
}

struct span reply_domain(const struct reply *greeting, struct span *rest_out)
{
    struct span lines = greeting->lines;
    struct span line = reply_line(&lines), rest = line;
    struct span word = span_cut(&rest, " ");
    *rest_out = domain(word) ? rest : line;
    return domain(word) ? word : (struct span){0};
}

/* The first line before the others, which are often advice to the user, and the server's own name last. */
enum reply_speaker reply_speaker(const struct reply *greeting)
{
    struct span text, lines = greeting->lines;
    struct span name = reply_domain(greeting, &text);
    enum reply_speaker speaker = speaker_of(text);
    (void)reply_line(&lines);
    if (speaker == REPLY_OF_NOBODY)
        speaker = speaker_of(lines);
    if (speaker == REPLY_OF_NOBODY && span_starts_nocase(name, "ftp."))
        speaker = REPLY_OF_FTP;
    if (speaker == REPLY_OF_NOBODY &&
        (span_starts_nocase(name, "mail.") || span_starts_nocase(name, "smtp.")))
        speaker = REPLY_OF_SMTP;
    return speaker;
}

enum reply_speaker reply_speaker_guess(const struct reply *greeting, uint16_t port)
{
    bool inside_tls;
    struct span rest;
    const struct probe *usual = probe_for_port(port, &inside_tls);
    if (usual && strcmp(usual->name, "smtp") == 0)
        return REPLY_OF_SMTP;
    if (usual && strcmp(usual->name, "ftp") == 0)
        return REPLY_OF_FTP;
    if (greeting->code != 220)
        return REPLY_OF_NOBODY;
    return reply_domain(greeting, &rest).size ? REPLY_OF_SMTP : REPLY_OF_FTP;
}
