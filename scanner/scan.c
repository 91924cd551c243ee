#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "scanner/clock.h"
#include "scanner/scan_parts.h"

#define WAITING_MAX 4096               /* asks drawn ahead of their turn */
#define SPIN_NS     150000             /* a turn nearer than this is not worth a sleep */
#define MOMENT_NS   INT64_C(100000000) /* between two looks at dates and hours */
#define BATCH_MAX   32                 /* asks of one turn, before answers are heard again */

void scan_stop(struct scan *scan, enum status status)
{
    if (scan->status == STATUS_OK) {
        scan->status = status;
        scan->error = errno;
    }
    scan->stopping = true;
}

void scan_check(struct scan *scan, enum status status)
{
    if (status != STATUS_OK)
        scan_stop(scan, status);
}

void scan_refused(struct scan *scan, enum refusal refusal)
{
    scan->refusal = refusal;
    scan_stop(scan, refusal == REFUSAL_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_INTERRUPTED);
}

void scan_spend(struct scan *scan, uint32_t count, int64_t now_ns)
{
    pacer_spend_many(&scan->pacer, count, now_ns);
    tempo_note(&scan->tempo, count, now_ns);
}

/* --- the phases of a turn of the loop --- */

static void draw(struct scan *scan)
{
    while (!scan->stopping && watch_ready(&scan->watch) && scan->position < scan->size &&
           scan->schedule.waiting < WAITING_MAX && scan->in_flight < scan->sockets.in_flight) {
        struct address address;
        struct port port;
        plan_draw(scan->plan, PLAN_ASKED, scan->position, &address, &port);
        scan_add_target(scan, address, port, 0, false, false);
        if (!scan->stopping)
            scan->position++;
    }
    scan->totals.drawn = scan->position;
}

/* Conversations that are begun go on when there is no room for another one: they are what makes room. Nothing begins
   before every canary was asked. */
static bool only_rounds(const struct scan *scan)
{
    return !watch_ready(&scan->watch) || scan->in_flight >= scan->sockets.in_flight ||
           scan->dispatch.active_count >= scan->sockets.talking;
}

/* What has had its time makes room: two for each that is sent, in small pieces, so that nothing due waits for them. */
static int64_t give_up(struct scan *scan, int64_t now_ns)
{
    (void)scan->wire->give_up(scan->wire, now_ns);
    return scan->wire->give_up(scan->wire, now_ns);
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
        scan_spend(scan, 1, now_ns);
        scan_send_ask(scan, ask);
        (void)give_up(scan, now_ns);
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
        refusal = scan_moment(scan, now_ms);
    if (refusal != REFUSAL_NONE)
        scan_refused(scan, refusal);
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

static void tell_settled(struct scan *scan)
{
    scan->totals.rate = tempo_rate(&scan->tempo);
    scan->totals.burst = scan->tempo.burst;
    scan_check(scan, scan->listener.settled(scan->listener.context, &scan->totals, scan->sweep));
}

/* What a canary answers matters no more when all else is finished. */
static bool is_over(const struct scan *scan)
{
    return scan_sweep_over(scan) && watch_ready(&scan->watch) &&
           scan->unfinished == watch_asked(&scan->watch) && scan->position == scan->size;
}

static void turn(struct scan *scan)
{
    int64_t now_ns = clock_monotonic_ns();
    watch_moment(scan, now_ns);
    scan_canary_ask(scan, now_ns);
    scan_take_back_retries(scan, now_ns);
    draw(scan);
    int64_t wake_ns = send_due(scan);
    int64_t sweep_ns = scan_sweep_send(scan);
    wake_ns = sweep_ns < wake_ns ? sweep_ns : wake_ns;
    int64_t silent_ns = give_up(scan, now_ns);
    wake_ns = silent_ns < wake_ns ? silent_ns : wake_ns;
    tell_settled(scan);
    if (scan->options.progress)
        progress_show(&scan->progress, &scan->totals, scan->size + plan_size(scan->plan, PLAN_SWEPT),
                      scan->dispatch.active_count, now_ns);
    if (scan->stopping || is_over(scan))
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
    scan_stop(signal->data, STATUS_INTERRUPTED);
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
    scan_sweep_end(scan);
    if (scan->wire)
        scan->wire->leave(scan->wire);
    dispatch_stop(&scan->dispatch);
    close_handle((uv_handle_t *)&scan->alarm);
    close_handle((uv_handle_t *)&scan->spin);
    close_handle((uv_handle_t *)&scan->prepare);
    close_handle((uv_handle_t *)&scan->interrupts[0]);
    close_handle((uv_handle_t *)&scan->interrupts[1]);
}

static enum status init_loop(struct scan *scan)
{
    scan->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (scan->alarm_fd < 0 || uv_loop_init(&scan->loop) != 0)
        return STATUS_SYSTEM;
    sockets_reserve(&scan->sockets, scan->alarm_fd);
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

/* Sweep and conversations do not know of each other's SYNs, so each has half of what a host may get. */
static double host_rate(const struct scan *scan)
{
    return scan->sweeper ? scan->options.rate_per_host / 2 : scan->options.rate_per_host;
}

static enum status init_parts(struct scan *scan)
{
    const struct dispatch_options dispatch_options = {
        .connect_ms = scan->options.connect_ms,
        .port_ms = scan->options.port_ms,
        .host_ms = scan->options.host_ms,
        .seed = scan->options.seed,
        .names = scan->options.names,
        .client_name = "auscult.invalid",
        .client_title = "AUSCULT",
        .user_agent = "auscult/" AUSCULT_VERSION,
    };
    struct dispatch_listener dispatch_listener = scan_dispatch_listener;
    dispatch_listener.context = scan;
    enum status status = scan_control_init(scan);
    if (status == STATUS_OK)
        status = networks_init(&scan->networks, scan->options.rate_per_network);
    if (status == STATUS_OK)
        status = schedule_init(&scan->schedule, host_rate(scan), &scan->networks);
    if (status == STATUS_OK)
        scan_canary_init(scan);
    if (status == STATUS_OK)
        status = dispatch_init(&scan->dispatch, &scan->loop, &dispatch_options, &dispatch_listener);
    if (status == STATUS_OK)
        status = wire_connect_new(
            &scan->loop, scan->options.connect_ms,
            (struct wire_listener){.answered = scan_answered, .repeated = scan_repeated, .context = scan},
            &scan->wire);
    return status == STATUS_OK && scan->sweeper ? scan_sweep_init(scan) : status;
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
    scan->sweeper = options->sweeper;
    scan->totals.recall = 1;
    scan->size = plan_size(plan, PLAN_ASKED);
    tempo_init(&scan->tempo);
    scan->position = options->position;
    scan->sockets = sockets_share();
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
    bool answers = plan_step(scan->plan, address, port.number) != UINT64_MAX;
    scan_add_target(scan, address, port,
                    attempts < scan->options.attempts ? attempts : scan->options.attempts - 1, answers,
                    false);
    return scan->status;
}

enum status scan_run(struct scan *scan, enum refusal *refusal_out)
{
    uv_run(&scan->loop, UV_RUN_DEFAULT);
    progress_end(&scan->progress);
    tell_settled(scan); /* what came in while it ended */
    *refusal_out = scan->refusal;
    errno = scan->error;
    return scan->status;
}

const struct watched *scan_fallen(const struct scan *scan)
{
    return watch_fallen(&scan->watch);
}

const struct scan_totals *scan_totals(const struct scan *scan)
{
    return &scan->totals;
}

const char *scan_engine(const struct scan *scan)
{
    return scan->sweeper ? scan->sweeper->name : scan->wire->name;
}

void scan_free(struct scan **scan)
{
    if (!*scan)
        return;
    if (!(*scan)->stopping && (*scan)->dispatch.loop) { /* it never ran */
        end_loop(*scan);
        uv_run(&(*scan)->loop, UV_RUN_DEFAULT);
    }
    scan_forget_targets(*scan);
    scan_sweep_deinit(*scan);
    scan_control_deinit(*scan);
    if ((*scan)->wire)
        (*scan)->wire->free(&(*scan)->wire);
    dispatch_deinit(&(*scan)->dispatch);
    schedule_deinit(&(*scan)->schedule);
    networks_deinit(&(*scan)->networks);
    uv_loop_close(&(*scan)->loop);
    if ((*scan)->alarm_fd >= 0)
        close((*scan)->alarm_fd);
    free(*scan);
    *scan = NULL;
}
