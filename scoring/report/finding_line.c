#include "scoring/report/finding_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probes/text.h"
#include "scoring/timestamp.h"
#include "targets/utf8.h"

#define DIGITS_MAX 15 /* every whole number of so many is a double */

/* One line on its way in; texts are copied to `out`, each with its NUL. After the first failure `at` stays at
   the end. */
struct scan {
    const char *at, *end;
    char *out;
    bool failed;
};

struct text {
    char *start; /* NULL: none */
    size_t size;
};

static void fail(struct scan *scan)
{
    scan->failed = true;
    scan->at = scan->end;
}

static void skip_space(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t'))
        scan->at++;
}

/* The next character that is no space; 0 at the end. */
static char peek(struct scan *scan)
{
    skip_space(scan);
    return scan->at < scan->end ? *scan->at : 0;
}

static void expect(struct scan *scan, char character)
{
    if (peek(scan) == character && character)
        scan->at++;
    else
        fail(scan);
}

/* A comma, and true; or what closes the list, and false. */
static bool more(struct scan *scan, char close)
{
    char next = peek(scan);
    if (next == ',' || next == close)
        scan->at++;
    else
        fail(scan);
    return next == ',';
}

static bool word(struct scan *scan, const char *literal)
{
    size_t size = strlen(literal);
    if (peek(scan) != literal[0] || (size_t)(scan->end - scan->at) < size ||
        memcmp(scan->at, literal, size) != 0)
        return false;
    scan->at += size;
    return true;
}

/* One character beyond ASCII, which must be safe as it stands. */
static void copy_character(struct scan *scan)
{
    uint32_t code = 0;
    size_t size = utf8_decode(scan->at, (size_t)(scan->end - scan->at), &code);
    if (size == 0 || text_unsafe(code)) {
        fail(scan);
        return;
    }
    memcpy(scan->out, scan->at, size);
    scan->out += size;
    scan->at += size;
}

/* What stands between two quotation marks. */
static struct text copy_text(struct scan *scan)
{
    struct text text = {scan->out, 0};
    expect(scan, '"');
    while (scan->at < scan->end && *scan->at != '"') {
        unsigned char byte = (unsigned char)*scan->at;
        if (byte >= 0x80) {
            copy_character(scan);
        } else if (byte < 0x20 || byte == 0x7f || byte == '\\') {
            fail(scan);
        } else {
            *scan->out++ = (char)byte;
            scan->at++;
        }
    }
    expect(scan, '"');
    text.size = (size_t)(scan->out - text.start);
    return text;
}

static struct text read_text(struct scan *scan)
{
    struct text text = copy_text(scan);
    *scan->out++ = 0;
    if (text.size == 0)
        fail(scan);
    return text;
}

/* Digits without a zero before others. */
static uint64_t read_whole(struct scan *scan, uint64_t least, uint64_t most)
{
    uint64_t value = 0;
    size_t digits = 0;
    char first = peek(scan);
    for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' && digits <= DIGITS_MAX; digits++)
        value = value * 10 + (uint64_t)(*scan->at++ - '0');
    if (digits == 0 || digits > DIGITS_MAX || (first == '0' && digits > 1) || value < least || value > most)
        fail(scan);
    return value;
}

/* From 0 to 1 in as many digits as a quotient of two doubles rounds rightly. */
static double read_share(struct scan *scan)
{
    double value = (double)read_whole(scan, 0, 1), scale = 1;
    if (scan->at == scan->end || *scan->at != '.')
        return value;
    scan->at++;
    size_t digits = 0;
    for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9' && digits < DIGITS_MAX; digits++) {
        value = value * 10 + (*scan->at++ - '0');
        scale *= 10;
    }
    if (digits == 0 || digits == DIGITS_MAX || value > scale)
        fail(scan);
    return value / scale;
}

/* A value of the facts, as cJSON would write it again. */
static void copy_fact(struct scan *scan)
{
    static const char *const words[] = {"true", "false", "null"};
    char next = peek(scan);
    const char *from = scan->at;
    if (next == '"') {
        *scan->out++ = '"';
        (void)copy_text(scan);
        *scan->out++ = '"';
        return;
    }
    bool known = false;
    for (size_t i = 0; i < 3 && !known; i++)
        known = word(scan, words[i]);
    if (!known)
        (void)read_whole(scan, 0, UINT64_MAX);
    if (scan->failed)
        return;
    memcpy(scan->out, from, (size_t)(scan->at - from));
    scan->out += scan->at - from;
}

static char *read_facts(struct scan *scan)
{
    char *start = scan->out;
    expect(scan, '{');
    *scan->out++ = '{';
    for (bool on = peek(scan) != '}' || more(scan, '}'); on;) {
        *scan->out++ = '"';
        (void)copy_text(scan);
        *scan->out++ = '"';
        expect(scan, ':');
        *scan->out++ = ':';
        copy_fact(scan);
        on = more(scan, '}');
        if (on)
            *scan->out++ = ',';
    }
    *scan->out++ = '}';
    *scan->out++ = 0;
    return start;
}

static bool is(struct text text, const char *literal)
{
    return strcmp(text.start, literal) == 0;
}

static void read_type(struct scan *scan, struct finding *finding)
{
    (void)finding;
    if (!is(read_text(scan), "finding"))
        fail(scan);
}

static void read_organization(struct scan *scan, struct finding *finding)
{
    finding->organization = read_text(scan).start;
}

static void read_item(struct scan *scan, struct finding *finding)
{
    finding->item = read_text(scan).start;
}

static void read_address(struct scan *scan, struct finding *finding)
{
    struct text text = read_text(scan);
    finding->has_address = address_parse(text.start, text.size, &finding->address);
    if (!finding->has_address)
        fail(scan);
}

static void read_port(struct scan *scan, struct finding *finding)
{
    finding->port.number = (uint16_t)read_whole(scan, 1, UINT16_MAX);
}

static void read_transport(struct scan *scan, struct finding *finding)
{
    struct text text = read_text(scan);
    if (is(text, transport_name(TRANSPORT_UDP)))
        finding->port.transport = TRANSPORT_UDP;
    else if (!is(text, transport_name(TRANSPORT_TCP)))
        fail(scan);
}

static void read_key(struct scan *scan, struct finding *finding)
{
    finding->key = read_text(scan).start;
}

static void read_count(struct scan *scan, struct finding *finding)
{
    finding->count = read_whole(scan, 1, UINT64_MAX);
}

static void read_confidence(struct scan *scan, struct finding *finding)
{
    finding->confidence = (int)read_whole(scan, 1, 5);
}

static void read_asset(struct scan *scan, struct finding *finding)
{
    finding->asset = (int)read_whole(scan, 1, 5);
}

static void read_exposure(struct scan *scan, struct finding *finding)
{
    finding->exposure = read_share(scan);
}

static void read_why(struct scan *scan, struct finding *finding)
{
    finding->why = read_text(scan).start;
}

static void read_finding_facts(struct scan *scan, struct finding *finding)
{
    finding->facts = read_facts(scan);
}

static void read_time(struct scan *scan, struct finding *finding)
{
    if (!timestamp_parse(read_text(scan).start, &finding->time_ms))
        fail(scan);
}

static const struct member {
    const char *name;
    void (*read)(struct scan *scan, struct finding *finding);
} members[] = {
    {"type", read_type},   {"org", read_organization},      {"item", read_item}, {"ip", read_address},
    {"port", read_port},   {"transport", read_transport},   {"key", read_key},   {"count", read_count},
    {"asset", read_asset}, {"confidence", read_confidence}, {"why", read_why},   {"exposure", read_exposure},
    {"time", read_time},   {"facts", read_finding_facts},
};
#define MEMBERS (sizeof members / sizeof *members)

/* Its place in the table, or MEMBERS. */
static size_t member_of(struct text name)
{
    size_t i = 0;
    while (i < MEMBERS && (members[i].name[0] != name.start[0] || !is(name, members[i].name)))
        i++;
    return i;
}

/* The flags of the members that were read. */
static unsigned read_members(struct scan *scan, struct finding *finding)
{
    unsigned seen = 0;
    bool on = true;
    expect(scan, '{');
    while (on && !scan->failed) {
        size_t member = member_of(read_text(scan));
        expect(scan, ':');
        if (scan->failed || member == MEMBERS || seen & 1u << member) {
            fail(scan);
            break;
        }
        seen |= 1u << member;
        if (member < 3 || !word(scan, "null")) /* the first three are required */
            members[member].read(scan, finding);
        on = more(scan, '}');
    }
    skip_space(scan);
    if (scan->at < scan->end)
        fail(scan);
    return seen;
}

static bool fits_together(const struct finding *finding)
{
    if (finding->port.number && !finding->has_address)
        return false;
    return finding->count == 1 || (!finding->has_address && !finding->key);
}

/* Every text gets a NUL where it had quotation marks, so that twice the line has room for all. */
bool finding_line_reserve(struct finding_line *line, size_t size)
{
    if (line->capacity >= size)
        return true;
    char *texts = realloc(line->texts, size * 2);
    if (texts) {
        line->texts = texts;
        line->capacity = size * 2;
    }
    return texts != NULL;
}

void finding_line_deinit(struct finding_line *line)
{
    free(line->texts);
    *line = (struct finding_line){0};
}

bool finding_line_read(struct finding_line *line, const char *text, size_t size, struct finding *finding_out)
{
    *finding_out = (struct finding){.exposure = (double)NAN, .count = 1};
    if (!finding_line_reserve(line, 2 * size + 64))
        return false;
    struct scan scan = {text, text + size, line->texts, false};
    unsigned seen = read_members(&scan, finding_out);
    return !scan.failed && (seen & 7) == 7 && fits_together(finding_out);
}
