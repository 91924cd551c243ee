#include "transcript.h"

#include <assert.h>
#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probes/probe.h"
#include "probes/tls.h"

#define LINES_MAX 400
#define BYTES_MAX 32768

enum verb { SERVER, CLIENT, CLIENT_ANY, TLS, NO_TLS, AGAIN, END, QUIET, ANSWER, EXPECT, PORT, INSIDE };

struct line {
    enum verb verb;
    unsigned number;
    uint8_t *bytes; /* SERVER, CLIENT: in storage of its exact size */
    size_t size;
    char *words; /* ANSWER, EXPECT */
};

struct transcript {
    char path[1024];
    struct line lines[LINES_MAX];
    size_t count;
    uint16_t port;
    bool inside_tls;
};

/* A conversation in progress. */
struct replay {
    const struct transcript *transcript;
    const struct probe *probe;
    void *state;
    unsigned round;
    bool inside_tls;
    enum probe_answer answer;
    bool over;
    uint8_t in[BYTES_MAX];
    size_t in_size;
    uint8_t out[BYTES_MAX];
    size_t out_size;
    struct observation observation;
};

static void fail_at(const struct transcript *transcript, unsigned line, const char *why)
{
    print_error("%s:%u: %s\n", transcript->path, line, why);
    fail();
}

static size_t parse_quoted(const char *text, uint8_t *bytes)
{
    size_t size = 0;
    for (text++; *text && *text != '"'; text++) {
        if (*text != '\\') {
            bytes[size++] = (uint8_t)*text;
            continue;
        }
        text++;
        unsigned value = 0;
        if (*text == 'x' && sscanf(text + 1, "%2x", &value) == 1)
            text += 2;
        else
            value = *text == 'r'   ? '\r'
                    : *text == 'n' ? '\n'
                    : *text == 't' ? '\t'
                    : *text == '0' ? 0
                                   : (unsigned)*text;
        bytes[size++] = (uint8_t)value;
    }
    return size;
}

static size_t parse_hex(const char *text, uint8_t *bytes)
{
    size_t size = 0;
    unsigned value;
    int used;
    while (sscanf(text, " %2x%n", &value, &used) == 1) {
        bytes[size++] = (uint8_t)value;
        text += used;
    }
    return size;
}

static void parse_bytes(struct transcript *transcript, struct line *line, const char *text)
{
    static uint8_t bytes[BYTES_MAX];
    if (*text == '"')
        line->size = parse_quoted(text, bytes);
    else if (strncmp(text, "hex", 3) == 0)
        line->size = parse_hex(text + 3, bytes);
    else
        fail_at(transcript, line->number, "want \"text\" or hex");
    line->bytes = malloc(line->size + 1);
    memcpy(line->bytes, bytes, line->size);
}

static const struct {
    const char *word;
    enum verb verb;
} verbs[] = {
    {"server", SERVER}, {"client", CLIENT}, {"tls", TLS},       {"no-tls", NO_TLS},
    {"again", AGAIN},   {"end", END},       {"quiet", QUIET},   {"answer", ANSWER},
    {"expect", EXPECT}, {"port", PORT},     {"inside", INSIDE},
};

/* What holds for the conversation as a whole. */
static void set_scene(struct transcript *transcript, const struct line *line)
{
    if (line->verb == PORT)
        transcript->port = (uint16_t)strtoul(line->words, NULL, 10);
    if (line->verb == INSIDE)
        transcript->inside_tls = true;
}

static void parse_line(struct transcript *transcript, char *text, unsigned number)
{
    char *rest = text + strcspn(text, " \t");
    if (*rest)
        *rest++ = 0;
    rest += strspn(rest, " \t");
    size_t i = 0;
    while (i < sizeof verbs / sizeof verbs[0] && strcmp(verbs[i].word, text) != 0)
        i++;
    if (i == sizeof verbs / sizeof verbs[0])
        fail_at(transcript, number, "unknown word");
    assert_true(transcript->count < LINES_MAX);
    struct line *line = &transcript->lines[transcript->count++];
    *line = (struct line){.verb = verbs[i].verb, .number = number};
    if (line->verb == CLIENT && strcmp(rest, "any") == 0)
        line->verb = CLIENT_ANY;
    else if (line->verb == SERVER || line->verb == CLIENT)
        parse_bytes(transcript, line, rest);
    else
        line->words = strdup(rest);
    set_scene(transcript, line);
}

static void transcript_read(struct transcript *transcript, const char *path)
{
    transcript->count = 0;
    transcript->port = 1;
    transcript->inside_tls = false;
    snprintf(transcript->path, sizeof transcript->path, "%s", path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = NULL;
    size_t capacity = 0;
    for (unsigned number = 1; getline(&text, &capacity, file) >= 0; number++) {
        text[strcspn(text, "\n")] = 0;
        if (*text && *text != '#')
            parse_line(transcript, text, number);
    }
    free(text);
    fclose(file);
}

static void transcript_free(struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++) {
        free(transcript->lines[i].bytes);
        free(transcript->lines[i].words);
    }
}

static void call_step(struct replay *replay, enum probe_event event)
{
    const struct probe_context context = {
        .client_name = "auscult.invalid",
        .client_title = "AUSCULT",
        .user_agent = "auscult",
        .host = "192.0.2.1",
        .port = replay->transcript->port,
        .nonce = 0x0123456789abcdef,
    };
    /* In storage of its exact size, so that the sanitizer sees a read past the end. */
    uint8_t *exact = malloc(replay->in_size + 1);
    assert_non_null(exact);
    memcpy(exact, replay->in, replay->in_size);
    uint8_t storage[PROBE_OUT_MAX];
    struct buffer out = buffer_over(storage, sizeof storage);
    struct cursor in = cursor_over(exact, replay->in_size);
    struct probe_call call = {
        .event = event,
        .round = replay->round,
        .inside_tls = replay->inside_tls,
        .state = replay->state,
        .in = &in,
        .out = &out,
        .observation = &replay->observation,
        .context = &context,
    };
    replay->answer = replay->probe->step(&call);
    assert_false(out.overflow);
    assert_true(replay->out_size + out.size <= sizeof replay->out);
    memcpy(replay->out + replay->out_size, storage, out.size);
    replay->out_size += out.size;
    replay->in_size -= in.at;
    memmove(replay->in, exact + in.at, replay->in_size);
    free(exact);
    replay->over = replay->answer == PROBE_DONE || replay->answer == PROBE_NOT_MINE;
}

static void hear(struct replay *replay, const uint8_t *bytes, size_t size)
{
    assert_true(replay->in_size + size <= sizeof replay->in);
    memcpy(replay->in + replay->in_size, bytes, size);
    replay->in_size += size;
    call_step(replay, PROBE_HEARD);
}

static void check_answer(const struct replay *replay, const struct line *line)
{
    static const char *const names[] = {"wait", "done", "not_mine", "tls", "again"};
    if (strcmp(names[replay->answer], line->words) != 0) {
        print_error("%s:%u: the probe answered %s\n", replay->transcript->path, line->number,
                    names[replay->answer]);
        fail();
    }
}

static void value_text(const struct fact_value *value, char *text, size_t size)
{
    if (!value)
        snprintf(text, size, "(nothing)");
    else if (value->undetermined)
        snprintf(text, size, "(undetermined: %s)", value->undetermined);
    else if (value->fact->type == FACT_TEXT)
        snprintf(text, size, "%s", value->text);
    else if (value->fact->type == FACT_BOOL)
        snprintf(text, size, "%s", value->number ? "true" : "false");
    else
        snprintf(text, size, "%" PRId64, value->number);
}

static void check_expectation(const struct replay *replay, const struct line *line)
{
    char name[128] = "", found[OBSERVATION_TEXT_MAX + 64];
    int used = 0;
    (void)sscanf(line->words, "%127s %n", name, &used);
    const char *wanted = line->words + used;
    const struct observation *observation = &replay->observation;
    bool good;
    if (strcmp(name, "undetermined") == 0 || strcmp(name, "nothing") == 0) {
        const struct fact_value *value = observation_find(observation, wanted);
        good = strcmp(name, "nothing") == 0 ? !value : value && value->undetermined;
        value_text(value, found, sizeof found);
    } else {
        if (strcmp(name, "product") == 0)
            snprintf(found, sizeof found, "%s", observation->product);
        else if (strcmp(name, "version") == 0)
            snprintf(found, sizeof found, "%s", observation->version);
        else
            value_text(observation_find(observation, name), found, sizeof found);
        good = strcmp(found, wanted) == 0;
    }
    if (!good) {
        print_error("%s:%u: expected %s, found %s\n", replay->transcript->path, line->number, line->words,
                    found);
        fail();
    }
}

static void check_client(struct replay *replay, const struct line *line)
{
    bool same = line->verb == CLIENT_ANY
                    ? replay->out_size > 0
                    : replay->out_size == line->size && memcmp(replay->out, line->bytes, line->size) == 0;
    if (!same) {
        for (size_t i = 0; i < replay->out_size; i++)
            print_error("%02x ", replay->out[i]);
        fail_at(replay->transcript, line->number, "the probe wrote these bytes instead");
    }
    replay->out_size = 0;
}

static void advance(struct replay *replay, const struct line *line)
{
    if (line->verb == AGAIN) {
        if (replay->answer != PROBE_AGAIN)
            fail_at(replay->transcript, line->number, "the probe did not ask for another connection");
        replay->round++;
        replay->inside_tls = replay->transcript->inside_tls;
        replay->in_size = 0;
        call_step(replay, PROBE_OPENED);
    } else if (line->verb == TLS || line->verb == NO_TLS) {
        if (replay->answer != PROBE_TLS)
            fail_at(replay->transcript, line->number, "the probe did not ask for TLS");
        replay->inside_tls = line->verb == TLS;
        replay->in_size = 0;
        call_step(replay, line->verb == TLS ? PROBE_SECURED : PROBE_UNSECURED);
    } else if ((line->verb == END || line->verb == QUIET) && !replay->over) {
        call_step(replay, line->verb == END ? PROBE_ENDED : PROBE_QUIET);
    }
}

enum manner { WHOLE, BYTEWISE };

static void hear_line(struct replay *replay, const struct line *line, size_t size, enum manner manner)
{
    if (manner == WHOLE && size && !replay->over)
        hear(replay, line->bytes, size);
    for (size_t i = 0; manner == BYTEWISE && i < size && !replay->over && replay->answer == PROBE_WAIT; i++)
        hear(replay, line->bytes + i, 1);
}

/* To close in place of an answer is itself the answer "no" to what a later connection offers, so that a cut
   right before an answer there is silence, which proves nothing. */
static enum probe_event cut_event(const struct replay *replay, size_t heard)
{
    return replay->round > 0 && heard == 0 ? PROBE_QUIET : PROBE_ENDED;
}

/* Plays at most `budget` bytes of the server, after which the peer closes. */
static void play(struct replay *replay, enum manner manner, size_t budget, bool check)
{
    call_step(replay, PROBE_OPENED);
    for (size_t i = 0; i < replay->transcript->count; i++) {
        const struct line *line = &replay->transcript->lines[i];
        if (line->verb == SERVER) {
            size_t size = line->size < budget ? line->size : budget;
            hear_line(replay, line, size, manner);
            budget -= size;
            if (size < line->size) {
                if (!replay->over && replay->answer == PROBE_WAIT)
                    call_step(replay, cut_event(replay, size));
                return;
            }
        } else if (line->verb == CLIENT || line->verb == CLIENT_ANY) {
            if (check)
                check_client(replay, line);
        } else if (line->verb == ANSWER) {
            if (check)
                check_answer(replay, line);
        } else if (line->verb == EXPECT) {
            if (check)
                check_expectation(replay, line);
        } else {
            advance(replay, line);
        }
    }
}

static void replay_init(struct replay *replay, const struct transcript *transcript, const struct probe *probe)
{
    memset(replay, 0, sizeof *replay);
    replay->transcript = transcript;
    replay->probe = probe;
    replay->inside_tls = transcript->inside_tls;
    replay->state = calloc(1, probe->state_size ? probe->state_size : 1);
    observation_init(&replay->observation, (struct address){0}, (struct port){1, TRANSPORT_TCP});
}

static void replay_deinit(struct replay *replay)
{
    observation_deinit(&replay->observation);
    free(replay->state);
}

static void check_not_invented(const struct replay *cut, const struct replay *whole, size_t length)
{
    const struct observation *observation = &cut->observation, *truth = &whole->observation;
    bool good = (!observation->product[0] || strcmp(observation->product, truth->product) == 0) &&
                (!observation->version[0] || strcmp(observation->version, truth->version) == 0);
    if (!good)
        print_error("product %s %s\n", observation->product, observation->version);
    for (size_t i = 0; i < observation->facts_count; i++) {
        char seen[OBSERVATION_TEXT_MAX + 64], real[OBSERVATION_TEXT_MAX + 64];
        if (observation->facts[i].undetermined)
            continue;
        value_text(&observation->facts[i], seen, sizeof seen);
        value_text(observation_find(truth, observation->facts[i].fact->name), real, sizeof real);
        if (strcmp(seen, real) != 0) {
            print_error("%s: %s, but %s in the whole\n", observation->facts[i].fact->name, seen, real);
            good = false;
        }
    }
    if (!good) {
        print_error("%s: cut after %zu bytes\n", whole->transcript->path, length);
        fail();
    }
}

static void replay_transcript(const struct transcript *transcript, const struct probe *probe)
{
    static struct replay whole, other;
    size_t total = 0;
    for (size_t i = 0; i < transcript->count; i++)
        total += transcript->lines[i].verb == SERVER ? transcript->lines[i].size : 0;
    replay_init(&whole, transcript, probe);
    play(&whole, WHOLE, SIZE_MAX, true);
    replay_init(&other, transcript, probe);
    play(&other, BYTEWISE, SIZE_MAX, true);
    assert_int_equal(other.answer, whole.answer);
    assert_int_equal(other.observation.facts_count, whole.observation.facts_count);
    check_not_invented(&other, &whole, total);
    replay_deinit(&other);
    for (size_t length = 0; length < total; length++) {
        replay_init(&other, transcript, probe);
        play(&other, WHOLE, length, false);
        check_not_invented(&other, &whole, length);
        replay_deinit(&other);
    }
    replay_deinit(&whole);
}

void transcripts_replay(const char *name)
{
    const struct probe *probe =
        strcmp(name, tls_legacy_check.name) == 0 ? &tls_legacy_check : probe_named(name);
    assert_non_null(probe);
    assert_true(probe->state_size <= PROBE_STATE_MAX);
    static struct transcript transcript;
    char folder[512];
    snprintf(folder, sizeof folder, TEST_FOLDER "/transcripts/%s", name);
    DIR *entries = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry = entries ? readdir(entries) : NULL; entry; entry = readdir(entries)) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.')
            continue;
        transcript_read(&transcript, path);
        replay_transcript(&transcript, probe);
        transcript_free(&transcript);
        count++;
    }
    if (entries)
        closedir(entries);
    print_message("%zu transcripts of %s replayed\n", count, name);
    assert_true(count > 0);
}
