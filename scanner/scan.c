#include "scanner/scan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

#include "scanner/clock.h"
#include "scanner/dispatch.h"
#include "scanner/progress.h"
#include "scanner/wire.h"

#define WAITING_MAX    4096               /* asks drawn ahead of their turn */
#define IN_FLIGHT_MAX  8192               /* SYNs without an answer */
#define TALKING_MAX    512                /* ports in conversation */
#define RETRY_AFTER_NS 1000000000         /* a silent target rests this long before it is asked again */
#define LOCAL_REST_MS  50                 /* after running out of sockets */
#define SPIN_NS        150000             /* a turn nearer than this is not worth a sleep */
#define MOMENT_NS      INT64_C(100000000) /* between two looks at dates and hours */
#define END_EARLY_MS   200                /* before the end of the hours */
#define BATCH_MAX      32                 /* asks of one turn, before answers are heard again */
#define REFUSALS_MAX   1200 /* times that the kernel may refuse to send a target's SYN: a minute */

/* A target that was drawn and is not finished. */
struct target {
    struct ask ask; /* first: target_of */
    uint64_t number;
    struct address address;
    struct port port;
    const struct organization *organization;
    const struct permit *permit; /* while a SYN is in flight */
    unsigned attempts;
    unsigned refusals;
    bool fragile;
    int64_t retry_ns;
    struct target *next_retry;
    struct target *next, **link; /* in scan->targets */
};

struct scan {
    uv_loop_t loop;
    struct authorization *authorization;
    const struct plan *plan;
    struct scan_options options;
    struct scan_listener listener;
    struct schedule schedule;
    struct dispatch dispatch;
    struct wire *wire;
    struct pacer pacer;
    struct progress progress;
    struct scan_totals totals;
    struct target *targets; /* all that are unfinished */
    struct target *retry_head, *retry_tail;
    uint64_t position, size;
    size_t in_flight, in_flight_max, talking_max, unfinished;
    int alarm_fd;
    uv_poll_t alarm;
    uv_idle_t spin;
    uv_prepare_t prepare;
    uv_signal_t interrupts[2];
    int64_t rest_until_ns;
    int64_t moment_ns;
    enum refusal refusal;
    enum status status; /* why it stops */
    bool stopping;
};

static struct target *target_of(struct ask *ask)
{
    return (struct target *)(void *)ask;
}

static void stop(struct scan *scan, enum status status)
{
    if (scan->status == STATUS_OK)
        scan->status = status;
    scan->stopping = true;
}

static void check(struct scan *scan, enum status status)
{
    if (status != STATUS_OK)
        stop(scan, status);
}

/* --- targets --- */

static void refused(struct scan *scan, enum refusal refusal)
{
    scan->refusal = refusal;
    stop(scan, refusal == REFUSAL_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_INTERRUPTED);
}

/* Between the look at the clock and the packet a busy machine may let time pass: the end comes early by that.
 */
static enum refusal moment_soon(const struct scan *scan, int64_t now_ms)
{
    int64_t soon_s = (now_ms + END_EARLY_MS) / 1000;
    return soon_s == now_ms / 1000 ? REFUSAL_NONE : authorization_moment(scan->authorization, soon_s);
}

static const struct permit *permit_now(struct scan *scan, struct address address, struct port port)
{
    const struct permit *permit = NULL;
    int64_t now_ms = clock_epoch_ms();
    enum refusal refusal = moment_soon(scan, now_ms);
    if (refusal == REFUSAL_NONE)
        refusal = authorization_permit(scan->authorization, address, port, now_ms / 1000, &permit);
    if (refusal != REFUSAL_NONE)
        refused(scan, refusal);
    return permit;
}

static void enlist(struct scan *scan, struct target *target)
{
    target->next = scan->targets;
    target->link = &scan->targets;
    if (scan->targets)
        scan->targets->link = &target->next;
    scan->targets = target;
    scan->unfinished++;
}

static void forget(struct scan *scan, struct target *target)
{
    *target->link = target->next;
    if (target->next)
        target->next->link = target->link;
    scan->unfinished--;
    free(target);
}

static void add_target(struct scan *scan, struct address address, struct port port, unsigned attempts)
{
    struct target *target = calloc(1, sizeof *target);
    if (!target) {
        stop(scan, STATUS_NO_MEMORY);
        return;
    }
    target->number = plan_number(scan->plan, address, port);
    target->address = address;
    target->port = port;
    target->attempts = attempts;
    const struct permit *permit = permit_now(scan, target->address, target->port);
    if (!permit) {
        free(target);
        return;
    }
    target->organization = permit_organization(permit);
    target->fragile = permit_manner(permit) == MANNER_FRAGILE;
    authorization_release(scan->authorization, permit);
    enlist(scan, target);
    check(scan, schedule_add(&scan->schedule, &target->ask, target->address, target->fragile));
    check(scan, scan->listener.pending(scan->listener.context, target->number, attempts));
}

static void finish_target(struct scan *scan, struct target *target, enum endpoint_state state,
                          const struct observation *observation)
{
    scan->totals.finished++;
    scan->totals.ends[state]++;
    check(scan, scan->listener.finished(scan->listener.context, target->number, target->organization,
                                        target->address, target->port, state, observation));
    schedule_drop(&target->ask);
    forget(scan, target);
}

static void retry_later(struct scan *scan, struct target *target)
{
    target->retry_ns = clock_monotonic_ns() + RETRY_AFTER_NS;
    target->next_retry = NULL;
    if (scan->retry_tail)
        scan->retry_tail->next_retry = target;
    else
        scan->retry_head = target;
    scan->retry_tail = target;
}

/* --- answers --- */

static void silent(struct scan *scan, struct target *target)
{
    if (target->attempts < scan->options.attempts)
        retry_later(scan, target);
    else
        finish_target(scan, target, ENDPOINT_SILENT, NULL);
}

static void rest(struct scan *scan)
{
    scan->rest_until_ns = clock_monotonic_ns() + INT64_C(1000000) * LOCAL_REST_MS;
}

/* Nothing went out: the target keeps its budget and its turn, after a rest. */
static void not_sent(struct scan *scan, struct target *target)
{
    scan->totals.probes--;
    target->attempts--;
    if (++target->refusals > REFUSALS_MAX) {
        finish_target(scan, target, ENDPOINT_UNREACHABLE, NULL);
        return;
    }
    rest(scan);
    check(scan, schedule_add(&scan->schedule, &target->ask, target->address, target->fragile));
}

static void unrouted(struct scan *scan, struct target *target)
{
    scan->totals.probes--;
    finish_target(scan, target, ENDPOINT_UNREACHABLE, NULL);
}

static void open_port(struct scan *scan, struct target *target, struct session *session,
                      const struct permit *permit)
{
    check(scan, dispatch_open(&scan->dispatch, target->ask.host, target->address, target->port,
                              target->fragile, session, permit, target));
}

static void answered(void *context, void *token, enum wire_answer answer, struct session *session)
{
    struct scan *scan = context;
    struct target *target = token;
    const struct permit *permit = target->permit;
    target->permit = NULL;
    scan->in_flight--;
    if (answer == WIRE_OPEN && !scan->stopping) {
        open_port(scan, target, session, permit);
        return;
    }
    if (session)
        session_close(session);
    authorization_release(scan->authorization, permit);
    target->ask.host->sockets--;
    schedule_update(&scan->schedule, target->ask.host);
    if (answer == WIRE_SILENT)
        silent(scan, target);
    else if (answer == WIRE_NOT_SENT)
        not_sent(scan, target);
    else if (answer == WIRE_UNROUTED)
        unrouted(scan, target);
    else if (answer != WIRE_OPEN)
        finish_target(scan, target, answer == WIRE_CLOSED ? ENDPOINT_CLOSED : ENDPOINT_UNREACHABLE, NULL);
}

static void repeated(void *context, unsigned count)
{
    struct scan *scan = context;
    scan->totals.probes += count;
}

/* --- what the dispatcher asks for --- */

static enum status endpoint_wants(void *context, struct endpoint *endpoint, struct ask *ask)
{
    struct scan *scan = context;
    (void)endpoint;
    return schedule_add(&scan->schedule, ask, ask->host->address, false);
}

static const struct permit *endpoint_permit(void *context, struct address address, struct port port)
{
    return permit_now(context, address, port);
}

static void endpoint_release(void *context, const struct permit *permit)
{
    struct scan *scan = context;
    authorization_release(scan->authorization, permit);
}

static void endpoint_sent(void *context, unsigned count)
{
    repeated(context, count);
}

static void endpoint_done(void *context, void *token, const struct observation *observation)
{
    struct scan *scan = context;
    struct target *target = token;
    struct host *host = target->ask.host;
    schedule_hold(host);
    /* Our side of a closed connection may linger: the pause that a fragile host gets begins now. */
    if (target->fragile)
        schedule_rest(&scan->schedule, host, clock_monotonic_ns());
    finish_target(scan, target, ENDPOINT_OPEN, observation);
    schedule_update(&scan->schedule, host);
    schedule_release(host);
}

/* --- the phases of a turn of the loop --- */

static void ask_target(struct scan *scan, struct target *target)
{
    target->permit = permit_now(scan, target->address, target->port);
    if (!target->permit)
        return;
    scan->in_flight++;
    scan->totals.probes++;
    target->attempts++;
    target->ask.host->sockets++;
    schedule_update(&scan->schedule, target->ask.host);
    check(scan, scan->listener.pending(scan->listener.context, target->number, target->attempts));
    check(scan, scan->wire->ask(scan->wire, target->permit, target));
    /* The SYN has left between two looks at the clock; the later one counts. */
    if (target->fragile)
        schedule_rest(&scan->schedule, target->ask.host, clock_monotonic_ns());
}

static void ask_round(struct scan *scan, struct ask *ask)
{
    enum status status = endpoint_connect(endpoint_of(ask));
    if (status == STATUS_SYSTEM) {
        rest(scan);
        status = schedule_add(&scan->schedule, ask, ask->host->address, false);
    }
    check(scan, status);
}

static void take_back_retries(struct scan *scan, int64_t now_ns)
{
    while (scan->retry_head && scan->retry_head->retry_ns <= now_ns && !scan->stopping) {
        struct target *target = scan->retry_head;
        scan->retry_head = target->next_retry;
        if (!scan->retry_head)
            scan->retry_tail = NULL;
        check(scan, schedule_add(&scan->schedule, &target->ask, target->address, target->fragile));
    }
}

static void draw(struct scan *scan)
{
    while (!scan->stopping && scan->position < scan->size && scan->schedule.waiting < WAITING_MAX &&
           scan->in_flight < scan->in_flight_max) {
        struct address address;
        struct port port;
        plan_draw(scan->plan, PLAN_ASKED, scan->position, &address, &port);
        add_target(scan, address, port, 0);
        if (!scan->stopping)
            scan->position++;
    }
    scan->totals.drawn = scan->position;
}

/* Conversations that are begun go on when there is no room for another one: they are what makes room. */
static bool only_rounds(const struct scan *scan)
{
    return scan->in_flight >= scan->in_flight_max || scan->dispatch.active_count >= scan->talking_max;
}

static void send_ask(struct scan *scan, struct ask *ask)
{
    if (ask->round)
        ask_round(scan, ask);
    else
        ask_target(scan, target_of(ask));
}

/* Sends what is due now; returns when there may be more to send. */
static int64_t send_due(struct scan *scan)
{
    int64_t now_ns = clock_monotonic_ns();
    for (int i = 0; i < BATCH_MAX; i++, now_ns = clock_monotonic_ns()) {
        bool rounds_only = only_rounds(scan);
        if (scan->stopping)
            return INT64_MAX;
        if (now_ns < scan->rest_until_ns)
            return scan->rest_until_ns;
        if (!pacer_ready(&scan->pacer, now_ns))
            return scan->schedule.waiting ? pacer_due(&scan->pacer) : INT64_MAX;
        struct ask *ask = schedule_take(&scan->schedule, rounds_only, now_ns);
        if (!ask)
            return schedule_wake(&scan->schedule, rounds_only);
        pacer_spend(&scan->pacer, now_ns);
        send_ask(scan, ask);
    }
    return now_ns;
}

static void watch_moment(struct scan *scan, int64_t now_ns)
{
    if (now_ns - scan->moment_ns < MOMENT_NS)
        return;
    scan->moment_ns = now_ns;
    int64_t now_ms = clock_epoch_ms();
    enum refusal refusal = authorization_moment(scan->authorization, now_ms / 1000);
    if (refusal == REFUSAL_NONE)
        refusal = moment_soon(scan, now_ms);
    if (refusal != REFUSAL_NONE)
        refused(scan, refusal);
}

static void on_spin(uv_idle_t *idle)
{
    (void)idle;
}

static void set_alarm(struct scan *scan, int64_t wake_ns)
{
    int64_t now_ns = clock_monotonic_ns();
    if (scan->retry_head && scan->retry_head->retry_ns < wake_ns)
        wake_ns = scan->retry_head->retry_ns;
    if (now_ns + MOMENT_NS < wake_ns)
        wake_ns = now_ns + MOMENT_NS;
    if (wake_ns - now_ns < SPIN_NS) {
        uv_idle_start(&scan->spin, on_spin); /* the loop comes round at once, hearing what there is */
        return;
    }
    uv_idle_stop(&scan->spin);
    struct itimerspec at = {.it_value = {.tv_sec = wake_ns / 1000000000, .tv_nsec = wake_ns % 1000000000}};
    timerfd_settime(scan->alarm_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void end_loop(struct scan *scan);

static void turn(struct scan *scan)
{
    int64_t now_ns = clock_monotonic_ns();
    watch_moment(scan, now_ns);
    take_back_retries(scan, now_ns);
    draw(scan);
    int64_t wake_ns = send_due(scan);
    check(scan, scan->listener.settled(scan->listener.context, &scan->totals));
    if (scan->options.progress)
        progress_show(&scan->progress, &scan->totals, scan->size, scan->dispatch.active_count, now_ns);
    if (scan->stopping || (scan->unfinished == 0 && scan->position == scan->size))
        end_loop(scan);
    else
        set_alarm(scan, wake_ns);
}

static void on_prepare(uv_prepare_t *prepare)
{
    turn(prepare->data);
}

static void on_alarm(uv_poll_t *poll, int status, int events)
{
    struct scan *scan = poll->data;
    uint64_t times;
    (void)status;
    (void)events;
    (void)!read(scan->alarm_fd, &times, sizeof times);
}

static void on_interrupt(uv_signal_t *signal, int number)
{
    (void)number;
    stop(signal->data, STATUS_INTERRUPTED);
}

/* --- beginning and end --- */

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void end_loop(struct scan *scan)
{
    scan->stopping = true;
    dispatch_stop(&scan->dispatch);
    close_handle((uv_handle_t *)&scan->alarm);
    close_handle((uv_handle_t *)&scan->spin);
    close_handle((uv_handle_t *)&scan->prepare);
    close_handle((uv_handle_t *)&scan->interrupts[0]);
    close_handle((uv_handle_t *)&scan->interrupts[1]);
}

/* A quarter is left for what is being closed and for files. */
static void share_sockets(struct scan *scan)
{
    struct rlimit limit = {256, 256};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    size_t quarter = (size_t)limit.rlim_cur / 4 + 1;
    scan->talking_max = quarter < TALKING_MAX ? quarter : TALKING_MAX;
    scan->in_flight_max = 2 * quarter < IN_FLIGHT_MAX ? 2 * quarter : IN_FLIGHT_MAX;
}

static enum status init_loop(struct scan *scan)
{
    scan->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (scan->alarm_fd < 0 || uv_loop_init(&scan->loop) != 0)
        return STATUS_SYSTEM;
    uv_poll_init(&scan->loop, &scan->alarm, scan->alarm_fd);
    uv_idle_init(&scan->loop, &scan->spin);
    uv_prepare_init(&scan->loop, &scan->prepare);
    uv_signal_init(&scan->loop, &scan->interrupts[0]);
    uv_signal_init(&scan->loop, &scan->interrupts[1]);
    scan->alarm.data = scan->spin.data = scan->prepare.data = scan;
    scan->interrupts[0].data = scan->interrupts[1].data = scan;
    uv_poll_start(&scan->alarm, UV_READABLE, on_alarm);
    uv_prepare_start(&scan->prepare, on_prepare);
    uv_signal_start(&scan->interrupts[0], on_interrupt, SIGINT);
    uv_signal_start(&scan->interrupts[1], on_interrupt, SIGTERM);
    return STATUS_OK;
}

static enum status init_parts(struct scan *scan)
{
    const struct dispatch_options dispatch_options = {
        .connect_ms = scan->options.connect_ms,
        .port_ms = scan->options.port_ms,
        .host_ms = scan->options.host_ms,
        .seed = scan->options.seed,
        .client_name = "auscult.invalid",
        .client_title = "AUSCULT",
        .user_agent = "auscult/" AUSCULT_VERSION,
    };
    const struct dispatch_listener dispatch_listener = {
        .context = scan,
        .wants = endpoint_wants,
        .permit = endpoint_permit,
        .release = endpoint_release,
        .sent = endpoint_sent,
        .done = endpoint_done,
    };
    enum status status = schedule_init(&scan->schedule, scan->options.rate_per_host);
    if (status == STATUS_OK)
        status = dispatch_init(&scan->dispatch, &scan->loop, &dispatch_options, &dispatch_listener);
    if (status == STATUS_OK)
        status = wire_connect_new(
            &scan->loop, scan->options.connect_ms,
            (struct wire_listener){.answered = answered, .repeated = repeated, .context = scan}, &scan->wire);
    return status;
}

enum status scan_new(struct authorization *authorization, const struct plan *plan,
                     const struct scan_options *options, const struct scan_listener *listener,
                     struct scan **scan_out)
{
    struct scan *scan = calloc(1, sizeof *scan);
    *scan_out = scan;
    if (!scan)
        return STATUS_NO_MEMORY;
    scan->authorization = authorization;
    scan->plan = plan;
    scan->options = *options;
    scan->listener = *listener;
    scan->size = plan_size(plan, PLAN_ASKED);
    scan->position = options->position;
    share_sockets(scan);
    pacer_init(&scan->pacer, options->rate);
    progress_init(&scan->progress, options->position, clock_monotonic_ns());
    enum status status = init_loop(scan);
    return status == STATUS_OK ? init_parts(scan) : status;
}

enum status scan_resume_target(struct scan *scan, uint64_t number, unsigned attempts)
{
    if (number >= scan->plan->total)
        return STATUS_MISMATCH;
    scan->progress.first_finished--; /* one of those that were drawn and did not finish */
    /* What was in flight at the end is asked once more, even when its budget was spent. */
    struct address address;
    struct port port;
    plan_target(scan->plan, number, &address, &port);
    add_target(scan, address, port,
               attempts < scan->options.attempts ? attempts : scan->options.attempts - 1);
    return scan->status;
}

enum status scan_run(struct scan *scan, enum refusal *refusal_out)
{
    uv_run(&scan->loop, UV_RUN_DEFAULT);
    progress_end(&scan->progress);
    check(scan,
          scan->listener.settled(scan->listener.context, &scan->totals)); /* what came in while it ended */
    *refusal_out = scan->refusal;
    return scan->status;
}

const struct scan_totals *scan_totals(const struct scan *scan)
{
    return &scan->totals;
}

const char *scan_engine(const struct scan *scan)
{
    return scan->wire->name;
}

void scan_free(struct scan **scan)
{
    if (!*scan)
        return;
    if (!(*scan)->stopping && (*scan)->dispatch.loop) { /* it never ran */
        end_loop(*scan);
        uv_run(&(*scan)->loop, UV_RUN_DEFAULT);
    }
    while ((*scan)->targets)
        forget(*scan, (*scan)->targets);
    if ((*scan)->wire)
        (*scan)->wire->free(&(*scan)->wire);
    dispatch_deinit(&(*scan)->dispatch);
    schedule_deinit(&(*scan)->schedule);
    uv_loop_close(&(*scan)->loop);
    if ((*scan)->alarm_fd >= 0)
        close((*scan)->alarm_fd);
    free(*scan);
    *scan = NULL;
}
