#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/endpoint.h"
#include "scanner/clock.h"
#include "trial.h"

/* The one that runs now, for the C library's function below. */
static struct trial *running;

static void keep_connect(struct trial *trial, struct address address, uint16_t port)
{
    if ((trial->connects_count & (trial->connects_count - 1)) == 0) {
        size_t capacity = trial->connects_count ? trial->connects_count * 2 : 1;
        trial->connects = realloc(trial->connects, capacity * sizeof *trial->connects);
        assert_non_null(trial->connects);
    }
    trial->connects[trial->connects_count++] = (struct trial_connect){address, port, clock_monotonic_ns()};
}

/* Stands before the C library's, so that no SYN is asked for without our seeing it. */
int connect(int fd, __CONST_SOCKADDR_ARG peer, socklen_t size)
{
    struct address address;
    uint16_t port;
    if (running && address_from_sockaddr(peer.__sockaddr__, &address, &port))
        keep_connect(running, address, port);
    return (int)syscall(SYS_connect, fd, peer.__sockaddr__, size);
}

/* --- what the scan tells --- */

static void print_fact(FILE *out, const struct fact_value *value)
{
    if (value->undetermined)
        fprintf(out, " %s?%s", value->fact->name, value->undetermined);
    else if (value->fact->type == FACT_TEXT)
        fprintf(out, " %s='%s'", value->fact->name, value->text);
    else
        fprintf(out, " %s=%" PRId64, value->fact->name, value->number);
}

static char *describe(const struct observation *observation)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    if (observation)
        fprintf(out, "%s %s %s tls=%d", observation->service, observation->product, observation->version,
                observation->tls);
    for (size_t i = 0; observation && i < observation->facts_count; i++)
        print_fact(out, &observation->facts[i]);
    fclose(out);
    return text;
}

static enum status pending(void *context, uint64_t number, unsigned attempts)
{
    struct trial *trial = context;
    (void)number;
    assert_true(attempts <= trial->options.attempts);
    return STATUS_OK;
}

static enum status finished(void *context, uint64_t number, const struct organization *organization,
                            struct address address, struct port port, enum endpoint_state state,
                            const struct observation *observation)
{
    struct trial *trial = context;
    (void)number;
    assert_non_null(organization);
    assert_true((state == ENDPOINT_OPEN) == (observation != NULL));
    trial->lines = realloc(trial->lines, (trial->lines_count + 1) * sizeof *trial->lines);
    assert_non_null(trial->lines);
    trial->lines[trial->lines_count++] = (struct trial_line){
        address, port, state, observation && endpoint_proven(observation), describe(observation)};
    if (trial->lines_count == trial->stop_after)
        kill(getpid(), SIGINT);
    return STATUS_OK;
}

/* As the store does: what is not proven is taken back. */
static enum status judged(void *context, const struct organization *organization, struct address address,
                          enum host_control control)
{
    struct trial *trial = context;
    assert_non_null(organization);
    trial->controls[control]++;
    for (size_t i = 0; i < trial->lines_count && control == CONTROL_ANSWERED; i++) {
        struct trial_line *line = &trial->lines[i];
        if (address_compare(line->address, address) == 0 && line->state == ENDPOINT_OPEN && !line->proven) {
            line->state = ENDPOINT_SYNTHETIC;
            line->text[0] = 0;
        }
    }
    return STATUS_OK;
}

static enum status settled(void *context, const struct scan_totals *totals, const struct sweep *sweep)
{
    (void)context;
    (void)sweep;
    assert_true(totals->finished <= totals->drawn);
    return STATUS_OK;
}

static int compare(const void *a, const void *b)
{
    const struct trial_line *left = a, *right = b;
    int order = address_compare(left->address, right->address);
    return order ? order : left->port.number - right->port.number;
}

/* --- memory --- */

static void forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "we");
    if (file) {
        fputs("5", file);
        fclose(file);
    }
}

static long peak_kib(void)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib;
}

/* --- */

void trial_init(struct trial *trial, const char *list)
{
    *trial = (struct trial){.list = list};
    trial->options = (struct scan_options){.rate = 20000,
                                           .rate_per_host = 1000,
                                           .attempts = 2,
                                           .connect_ms = 900,
                                           .port_ms = 8000,
                                           .host_ms = 12000,
                                           .seed = 7};
}

static struct address parse(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

void trial_run(struct trial *trial, const struct scene *scene)
{
    struct ports ports;
    struct plan plan;
    struct scan *scan;
    const char *why = "";
    size_t at = 0;
    ports_init(&ports);
    assert_int_equal(ports_parse(&ports, trial->list, &why, &at), STATUS_OK);
    assert_int_equal(plan_init(&plan, scene->authorization, &ports, trial->options.seed, 1, 1, false),
                     STATUS_OK);
    const struct scan_listener listener = {
        .context = trial, .pending = pending, .finished = finished, .judged = judged, .settled = settled};
    signal(SIGPIPE, SIG_IGN); /* as main does */
    running = trial;
    forget_peak();
    int64_t begun_ns = clock_monotonic_ns();
    assert_int_equal(scan_new(scene->authorization, &plan, &trial->options, &listener, &scan), STATUS_OK);
    for (int i = 0; i < 8 && trial->unproven; i++)
        assert_int_equal(scan_resume_unproven(scan, parse(trial->unproven)), STATUS_OK);
    trial->status = scan_run(scan, &trial->refusal);
    trial->seconds = (double)(clock_monotonic_ns() - begun_ns) / 1e9;
    trial->most_kib = peak_kib();
    trial->totals = *scan_totals(scan);
    running = NULL;
    if (trial->status == STATUS_OK)
        assert_int_equal(trial->lines_count, plan_size(&plan, PLAN_ASKED));
    scan_free(&scan);
    plan_deinit(&plan);
    ports_deinit(&ports);
    qsort(trial->lines, trial->lines_count, sizeof *trial->lines, compare);
}

void trial_deinit(struct trial *trial)
{
    for (size_t i = 0; i < trial->lines_count; i++)
        free(trial->lines[i].text);
    free(trial->lines);
    free(trial->connects);
}

const struct trial_line *trial_find(const struct trial *trial, const char *address, uint16_t port)
{
    const struct trial_line wanted = {.address = parse(address), .port = {port, TRANSPORT_TCP}};
    return bsearch(&wanted, trial->lines, trial->lines_count, sizeof *trial->lines, compare);
}

size_t trial_connects_to(const struct trial *trial, const char *address, uint16_t port)
{
    struct address wanted = parse(address);
    size_t count = 0;
    for (size_t i = 0; i < trial->connects_count; i++)
        count += trial->connects[i].port == port && address_compare(trial->connects[i].address, wanted) == 0;
    return count;
}
