#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "scanner/clock.h"
#include "scanner/wire.h"

/* Drives an engine that sweeps over all of a scope, once for each attempt, as fast as it goes or at a rate, and
   says what was sent and heard. Nothing is retried, paced by host or remembered: that is the scanner's. */

#define SPAN_COUNT WIRE_SPAN_MAX
#define BURST      16
#define USAGE                                                                                                \
    "usage: bench_sweep [-e packet|xdp|replay] [-p PORTS] [-a ATTEMPTS] [-r RATE] [-w WAIT_MS] [-s SEED] "   \
    "[-l] [--pcap FILE] [-g GATE] SCOPE\n  -l: a line for each answer; replay: FILE is read; -g: the plan "  \
    "is that of SCOPE, and the authorization another scope's\n"

struct options {
    const char *engine, *ports, *pcap, *scope, *gate;
    uint32_t attempts;
    double rate; /* 0: none */
    int wait_ms;
    uint64_t seed;
    bool lines;
};

struct heard {
    uint64_t answers[WIRE_UNROUTED + 1];
    bool lines;
};

static void replied(void *context, const struct wire_reply *reply)
{
    static const char *const names[] = {"open", "closed", "unreachable", "silent", "not-sent", "unrouted"};
    struct heard *heard = context;
    char text[ADDRESS_TEXT_MAX];
    heard->answers[reply->answer]++;
    if (!heard->lines)
        return;
    address_format(reply->address, text);
    printf("%s %u %s attempt %u window %u options %d\n", text, reply->port, names[reply->answer],
           reply->attempt, reply->window, reply->options);
}

static bool read_options(int argc, char **argv, struct options *options_out)
{
    static const struct option words[] = {{"pcap", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
    *options_out = (struct options){.engine = "packet", .ports = "22", .attempts = 1, .wait_ms = 500};
    for (int option; (option = getopt_long(argc, argv, "e:p:a:r:w:s:g:l", words, NULL)) != -1;) {
        switch (option) {
        case 'e':
            options_out->engine = optarg;
            break;
        case 'p':
            options_out->ports = optarg;
            break;
        case 'a':
            options_out->attempts = (uint32_t)strtoul(optarg, NULL, 10);
            break;
        case 'r':
            options_out->rate = strtod(optarg, NULL);
            break;
        case 'w':
            options_out->wait_ms = atoi(optarg);
            break;
        case 's':
            options_out->seed = strtoull(optarg, NULL, 10);
            break;
        case 'g':
            options_out->gate = optarg;
            break;
        case 'l':
            options_out->lines = true;
            break;
        case 'c':
            options_out->pcap = optarg;
            break;
        default:
            return false;
        }
    }
    options_out->scope = optind + 1 == argc ? argv[optind] : NULL;
    return options_out->scope && options_out->attempts >= 1 && options_out->attempts <= WIRE_ATTEMPTS_MAX;
}

static enum status hear_all(struct wire *wire)
{
    enum status status = STATUS_OK;
    for (bool more = true; more && status == STATUS_OK;)
        status = wire->hear(wire, &more);
    return status;
}

static enum status wait_and_hear(struct wire *wire, int wait_ms)
{
    int64_t until_ns = clock_monotonic_ns() + wait_ms * INT64_C(1000000);
    enum status status = hear_all(wire);
    for (int64_t left_ns; status == STATUS_OK && (left_ns = until_ns - clock_monotonic_ns()) > 0;) {
        struct pollfd ready = {.fd = wire->descriptor, .events = POLLIN};
        (void)poll(&ready, 1, (int)(left_ns / 1000000) + 1);
        status = hear_all(wire);
    }
    return status;
}

typedef enum status turn(struct wire *wire, struct wire_span span, struct wire_sent *sent_out);

/* When the next step is due at a rate; what was missed is not made up for, so that no burst fills a queue. */
struct pace {
    double rate; /* 0: none */
    int64_t next_ns;
};

static uint32_t pace_due(struct pace *pace)
{
    if (pace->rate <= 0)
        return SPAN_COUNT;
    int64_t now_ns = clock_monotonic_ns(), gap_ns = (int64_t)(1e9 / pace->rate);
    if (now_ns < pace->next_ns)
        return 0;
    if (now_ns - pace->next_ns > BURST * gap_ns)
        pace->next_ns = now_ns - BURST * gap_ns;
    return (uint32_t)((now_ns - pace->next_ns) / (gap_ns + !gap_ns)) + 1;
}

/* All steps, by `go`; *frames is added to. */
static enum status go_through(struct wire *wire, turn *go, uint64_t steps, uint32_t attempt, double rate,
                              uint64_t *frames)
{
    enum status status = STATUS_OK;
    struct pace pace = {rate, clock_monotonic_ns()};
    for (uint64_t step = 0; step < steps && status == STATUS_OK;) {
        uint32_t due = pace_due(&pace);
        struct wire_span span = {step, steps - step < due ? (uint32_t)(steps - step) : due, attempt};
        struct wire_sent sent = {0, 0};
        if (span.count)
            status = go(wire, span, &sent);
        step += sent.steps;
        pace.next_ns += rate > 0 ? (int64_t)(sent.steps * 1e9 / rate) : 0;
        *frames += sent.frames;
        if (status == STATUS_OK)
            status = hear_all(wire);
    }
    return status;
}

static double cpu_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static enum status measure(struct wire *wire, const struct plan *plan, const struct options *options)
{
    uint64_t steps = plan_size(plan, PLAN_SWEPT), questions = 0, frames = 0;
    uint64_t round = plan->orders[PLAN_SWEPT].index.total;
    enum status status = STATUS_OK;
    if (wire->resolve) {
        status = go_through(wire, wire->resolve, round < steps ? round : steps, 1, options->rate, &questions);
        if (status == STATUS_OK)
            status = wait_and_hear(wire, options->wait_ms);
    }
    double cpu_s = cpu_seconds();
    int64_t begun_ns = clock_monotonic_ns();
    for (uint32_t attempt = 1; attempt <= options->attempts && status == STATUS_OK; attempt++)
        status = go_through(wire, wire->sweep, steps, attempt, options->rate, &frames);
    double seconds = (double)(clock_monotonic_ns() - begun_ns) / 1e9;
    cpu_s = cpu_seconds() - cpu_s;
    if (status == STATUS_OK)
        status = wait_and_hear(wire, options->wait_ms);
    printf("probes %" PRIu64 " seconds %.6f cpu %.6f questions %" PRIu64 "\n", frames, seconds, cpu_s,
           questions);
    return status;
}

static enum status open_engine(const struct wire_settings *settings, const struct options *options,
                               struct wire **wire_out, char *why_out)
{
    if (strcmp(options->engine, "packet") == 0)
        return wire_packet_new(settings, wire_out, why_out);
    if (strcmp(options->engine, "xdp") == 0)
        return wire_xdp_new(settings, wire_out, why_out);
    if (strcmp(options->engine, "replay") == 0 && options->pcap)
        return wire_replay_new(settings, options->pcap, wire_out, why_out);
    snprintf(why_out, WIRE_WHY_MAX, "there is no engine %s", options->engine);
    return STATUS_LIMIT;
}

static int run(const struct plan *plan, struct authorization *authorization, const struct options *options)
{
    struct heard heard = {.lines = options->lines};
    struct wire_settings settings = {.plan = plan,
                                     .authorization = authorization,
                                     .marks_size = 1 << 20,
                                     .pcap = options->pcap,
                                     .listener = {.replied = replied, .context = &heard}};
    struct wire *wire;
    struct wire_counters counted;
    char why[WIRE_WHY_MAX] = "";
    memcpy(settings.key, "a key, not secret", sizeof settings.key);
    enum status status = open_engine(&settings, options, &wire, why);
    if (status != STATUS_OK) {
        fprintf(stderr, "bench_sweep: %s\n", why);
        return 2;
    }
    status = measure(wire, plan, options);
    int error = errno;
    wire->count(wire, &counted);
    printf("sent %" PRIu64 " lost_out %" PRIu64 " heard %" PRIu64 " foreign %" PRIu64 " lost_in %" PRIu64
           "\n",
           counted.sent, counted.lost_out, counted.heard, counted.foreign, counted.lost_in);
    printf("open %" PRIu64 " closed %" PRIu64 " unreachable %" PRIu64 " unrouted %" PRIu64 "\n",
           heard.answers[WIRE_OPEN], heard.answers[WIRE_CLOSED], heard.answers[WIRE_UNREACHABLE],
           heard.answers[WIRE_UNROUTED]);
    wire->free(&wire);
    if (status != STATUS_OK)
        fprintf(stderr, "bench_sweep: status %d, %s\n", (int)status, strerror(error));
    return status == STATUS_OK ? 0 : 1;
}

/* A scope and what it allows; both for the life of the program. */
static struct authorization *authorize(const char *path, struct scope *scope)
{
    struct complaints complaints;
    struct authorization *authorization = NULL;
    complaints_init(&complaints, path);
    if (scope_read(scope, path, &complaints) == STATUS_OK &&
        authorization_new(scope, &authorization) != STATUS_OK)
        authorization = NULL;
    complaints_deinit(&complaints);
    return authorization;
}

int main(int argc, char **argv)
{
    struct options options;
    struct scope scope = {0}, gate_scope = {0};
    struct ports ports;
    struct plan plan;
    const char *why;
    size_t at;
    if (!read_options(argc, argv, &options)) {
        fputs(USAGE, stderr);
        return 2;
    }
    ports_init(&ports);
    struct authorization *authorization = authorize(options.scope, &scope), *gate = NULL;
    if (options.gate)
        gate = authorize(options.gate, &gate_scope);
    if (!authorization || (options.gate && !gate) ||
        ports_parse(&ports, options.ports, &why, &at) != STATUS_OK ||
        plan_init(&plan, authorization, &ports, options.seed, 1, 1, true) != STATUS_OK) {
        fputs("bench_sweep: the scope or the ports are wrong\n", stderr);
        return 2;
    }
    int code = run(&plan, gate ? gate : authorization, &options);
    plan_deinit(&plan);
    authorization_free(&authorization);
    authorization_free(&gate);
    ports_deinit(&ports);
    scope_deinit(&scope);
    scope_deinit(&gate_scope);
    return code;
}
