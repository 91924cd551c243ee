#include <stdlib.h>

#include "scanner/clock.h"
#include "scanner/scan_parts.h"

#define SINGLE_RATE    50000.0 /* up to it SYNs leave one by one, above it in small batches */
#define BATCH_NS       1000000 /* what a batch may hold at most, in time */
#define BATCH_MAX      1024
#define SPIN_NS        100000  /* a wait that is not worth a turn of the loop */
#define TURN_NS        2000000 /* of sending, before answers are heard again */
#define UNFINISHED_MAX 16384   /* open ports that wait for their conversation; the sweep waits for them */

static bool moment_allows(struct scan *scan)
{
    int64_t now_ms = clock_epoch_ms();
    enum refusal refusal = scan_moment(scan, now_ms);
    if (refusal == REFUSAL_NONE)
        refusal = authorization_moment(scan->authorization, now_ms / 1000);
    if (refusal != REFUSAL_NONE)
        scan_refused(scan, refusal);
    return refusal == REFUSAL_NONE;
}

/* --- hearing --- */

static bool first_of_host(struct scan *scan, struct address address)
{
    uint64_t number = ranges_index_of(&scan->plan->orders[PLAN_SWEPT].index, address);
    uint8_t bit = (uint8_t)(1u << number % 8);
    bool first = !(scan->hosts_heard[number / 8] & bit);
    scan->hosts_heard[number / 8] |= bit;
    return first;
}

static void answered(void *context, const struct wire_reply *reply, enum endpoint_state state)
{
    struct scan *scan = context;
    struct port port = {reply->port, TRANSPORT_TCP};
    if (state == ENDPOINT_OPEN) {
        scan_add_target(scan, reply->address, port, 0, true, control_forged(reply->window, reply->options));
        return;
    }
    const struct organization *owner = scope_owner(authorization_scope(scan->authorization), reply->address);
    scan->totals.finished++;
    scan->totals.ends[state]++;
    scan_check(scan, scan->listener.swept(scan->listener.context, owner, port, state));
    if (state == ENDPOINT_CLOSED && first_of_host(scan, reply->address))
        scan_check(scan, scan->listener.heard(scan->listener.context, owner, reply->address));
}

void scan_swept(struct scan *scan, const struct wire_reply *reply)
{
    if (!scan->stopping)
        sweep_reply(scan->sweep, reply);
}

static void hear(struct scan *scan)
{
    bool more = true;
    for (int i = 0; i < 16 && more && !scan->stopping; i++)
        scan_check(scan, scan->sweeper->hear(scan->sweeper, &more));
}

static void on_ear(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    hear(poll->data);
}

/* --- sending --- */

static void set_pace(struct scan *scan)
{
    double rate = scan->sweep_rate * scan->loss.factor;
    int64_t next_ns = scan->sweep_pacer.next_ns;
    scan->sweep_batch = rate <= SINGLE_RATE ? 1 : (uint32_t)(rate * BATCH_NS / 1e9 / 8);
    if (scan->sweep_batch > BATCH_MAX)
        scan->sweep_batch = BATCH_MAX;
    pacer_init(&scan->sweep_pacer, rate);
    pacer_batch(&scan->sweep_pacer, scan->sweep_batch);
    scan->sweep_pacer.next_ns = next_ns;
}

static void look_for_loss(struct scan *scan, int64_t now_ns)
{
    struct wire_counters counters;
    if (!loss_due(&scan->loss, now_ns))
        return;
    double before = scan->loss.factor;
    scan->sweeper->count(scan->sweeper, &counters);
    loss_look(&scan->loss, &counters, scan->sweep, scan->sweep_rate, now_ns);
    if (scan->loss.seen)
        sweep_suspect(scan->sweep);
    if (scan->loss.factor < before || scan->loss.factor > before)
        set_pace(scan);
    scan->totals.lost = counters.lost_in + counters.lost_out;
    scan->totals.recall = sweep_recall(scan->sweep, loss_counted(&counters));
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When the paces allow the next SYN; both the scan's and the sweep's own. */
static int64_t pace_due(const struct scan *scan)
{
    return later(pacer_due(&scan->pacer), pacer_due(&scan->sweep_pacer));
}

static uint32_t send_batch(struct scan *scan, int64_t now_ns)
{
    uint32_t frames = 0;
    enum status status = sweep_send(scan->sweep, scan->sweep_batch, now_ns, &frames);
    if (status == STATUS_UNAUTHORIZED && moment_allows(scan))
        scan_refused(scan, REFUSAL_NOT_IN_SCOPE);
    else if (status != STATUS_UNAUTHORIZED)
        scan_check(scan, status);
    if (frames) {
        scan->totals.probes += frames;
        scan_spend(scan, frames, now_ns);
        pacer_spend_many(&scan->sweep_pacer, frames, now_ns);
    }
    return frames;
}

int64_t scan_sweep_send(struct scan *scan)
{
    if (!scan->sweeper || scan->stopping || !watch_ready(&scan->watch))
        return INT64_MAX;
    int64_t now_ns = clock_monotonic_ns(), until_ns = now_ns + TURN_NS;
    hear(scan);
    look_for_loss(scan, now_ns);
    if (!moment_allows(scan))
        return INT64_MAX;
    for (; !scan->stopping && now_ns < until_ns; now_ns = clock_monotonic_ns()) {
        if (sweep_over(scan->sweep))
            return INT64_MAX;
        if (scan->unfinished >= UNFINISHED_MAX)
            return now_ns + TURN_NS;
        int64_t due_ns = pace_due(scan);
        if (due_ns - now_ns > SPIN_NS)
            return due_ns;
        if (now_ns < due_ns)
            continue; /* a turn of the loop would take longer */
        if (send_batch(scan, now_ns) == 0 && sweep_wake(scan->sweep) > now_ns)
            return sweep_wake(scan->sweep);
    }
    return now_ns;
}

bool scan_sweep_over(const struct scan *scan)
{
    return !scan->sweeper || sweep_over(scan->sweep);
}

/* --- beginning and end --- */

/* Half of what a host may get is left to conversations. */
static double host_share(const struct scan *scan)
{
    return scan->options.rate_per_host / 2;
}

/* Each address is asked once a round, so that the rate to one host is the total's share of it. Networks at their ceiling
   are left out until they may be asked, so that only all of them together slow it down. */
static double ceiling(const struct scan *scan)
{
    const struct order *order = &scan->plan->orders[PLAN_SWEPT];
    double rate = scan->options.rate, all = (double)order->index.total * host_share(scan);
    if (networks_limit(&scan->networks))
        all = networks_total(&order->addresses, scan->options.rate_per_network, host_share(scan));
    return all > 0 && all < rate ? all : rate;
}

enum status scan_sweep_init(struct scan *scan)
{
    const struct sweep_options options = {scan->options.attempts, scan->options.connect_ms, &scan->networks,
                                          host_share(scan)};
    const struct sweep_listener listener = {scan, answered};
    scan->sweep = calloc(1, sizeof *scan->sweep);
    scan->hosts_heard = calloc(scan->plan->orders[PLAN_SWEPT].index.total / 8 + 1, 1);
    if (!scan->sweep || !scan->hosts_heard)
        return STATUS_NO_MEMORY;
    if (sweep_init(scan->sweep, scan->plan, scan->sweeper, &options, &listener) != STATUS_OK)
        return STATUS_NO_MEMORY;
    loss_init(&scan->loss, clock_monotonic_ns());
    scan->sweep_rate = ceiling(scan);
    pacer_init(&scan->sweep_pacer, scan->sweep_rate);
    set_pace(scan);
    pacer_batch(&scan->pacer, scan->sweep_batch);
    if (uv_poll_init(&scan->loop, &scan->ear, scan->sweeper->descriptor) != 0)
        return STATUS_SYSTEM;
    scan->ear.data = scan;
    uv_poll_start(&scan->ear, UV_READABLE, on_ear);
    return STATUS_OK;
}

enum status scan_resume_sweep(struct scan *scan, const uint8_t *bytes, size_t size)
{
    return scan->sweep ? sweep_load(scan->sweep, bytes, size, clock_monotonic_ns()) : STATUS_MISMATCH;
}

void scan_sweep_end(struct scan *scan)
{
    if (!scan->sweeper)
        return;
    struct wire_counters counters;
    scan->sweeper->count(scan->sweeper, &counters);
    scan->totals.lost = counters.lost_in + counters.lost_out;
    scan->totals.recall = sweep_recall(scan->sweep, loss_counted(&counters));
    if (scan->ear.data && !uv_is_closing((uv_handle_t *)&scan->ear))
        uv_close((uv_handle_t *)&scan->ear, NULL);
}

void scan_sweep_deinit(struct scan *scan)
{
    if (scan->sweep)
        sweep_deinit(scan->sweep);
    free(scan->sweep);
    free(scan->hosts_heard);
}
