#include "scanner/sweep.h"

#include <string.h>

#define RETRY_AFTER_NS   INT64_C(1000000000) /* between two SYNs to one target */
#define RESOLVE_AFTER_NS INT64_C(1000000000) /* what a neighbour has for its answer */
#define LEAP_MAX         65536               /* steps that one call passes without sending */
#define SAMPLE           16                  /* of the known answers one in so many is asked again */

/* A step's mark. 0: silent so far. */
enum mark {
    MARK_CLOSED = 1,
    MARK_UNREACHABLE = 2,
    MARK_OPEN = 3,
    MARK_STATE = 3,
    MARK_ASKED_AGAIN = 4,
    MARK_ANSWERED_AGAIN = 8,
};

static uint8_t *mark_of(const struct sweep *sweep, uint64_t step)
{
    return &sweep->wire->marks[step & (sweep->wire->marks_size - 1)];
}

void sweep_init(struct sweep *sweep, const struct plan *plan, struct wire *wire,
                const struct sweep_options *options, const struct sweep_listener *listener)
{
    memset(sweep, 0, sizeof *sweep);
    sweep->plan = plan;
    sweep->wire = wire;
    sweep->options = *options;
    sweep->listener = *listener;
    sweep->size = plan_size(plan, PLAN_SWEPT);
    for (int pass = 0; pass < SWEEP_PASSES; pass++)
        trail_init(&sweep->trails[pass], RETRY_AFTER_NS);
}

/* --- how far each pass may go --- */

/* Steps in which every address of this shard comes at least once: a shard of n meets an address that is its in the
   first n rounds. */
static uint64_t to_resolve(const struct sweep *sweep)
{
    uint64_t steps = sweep->plan->orders[PLAN_SWEPT].index.total;
    if (!sweep->wire->resolve)
        return 0;
    return steps < sweep->size ? steps : sweep->size;
}

static int64_t lag_ns(const struct sweep *sweep, unsigned pass)
{
    if (pass == 0)
        return RESOLVE_AFTER_NS;
    return pass == sweep->options.attempts ? INT64_C(1000000) * sweep->options.wait_ms : RETRY_AFTER_NS;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t limit_of(const struct sweep *sweep, unsigned pass)
{
    uint64_t resolve = to_resolve(sweep);
    if (pass == 0)
        return resolve;
    uint64_t resolved = sweep->ripe[0] < resolve ? sweep->ripe[0] : sweep->size;
    if (pass > 1)
        return least(sweep->ripe[pass - 1], resolved);
    return least(least(sweep->size, sweep->settled + sweep->wire->marks_size), resolved);
}

static void ripen(struct sweep *sweep, int64_t now_ns)
{
    for (unsigned pass = 0; pass <= sweep->options.attempts; pass++)
        sweep->ripe[pass] = trail_at(&sweep->trails[pass], now_ns - lag_ns(sweep, pass), sweep->ripe[pass]);
}

static void settle(struct sweep *sweep)
{
    uint64_t mask = sweep->wire->marks_size - 1, end = sweep->ripe[sweep->options.attempts];
    while (sweep->settled < end) {
        uint64_t place = sweep->settled & mask, count = least(end - sweep->settled, mask + 1 - place);
        memset(&sweep->wire->marks[place], 0, count);
        sweep->settled += count;
    }
    sweep->totals.settled = sweep->settled;
}

/* --- sending --- */

/* A known answer that is asked once more, as a silent target would be: what comes back tells what gets lost now. */
static bool is_sample(const struct sweep *sweep, uint64_t step)
{
    uint8_t mark = *mark_of(sweep, step);
    return sweep->suspicious && (mark == MARK_CLOSED || mark == MARK_OPEN) &&
           permutation_mix(step) % SAMPLE == 0;
}

static bool to_send(const struct sweep *sweep, unsigned pass, uint64_t step)
{
    return pass == 1 || *mark_of(sweep, step) == 0 || is_sample(sweep, step);
}

/* The steps from the pass's cursor on that hold frames_max SYNs at most. */
static struct wire_span span_of_pass(const struct sweep *sweep, unsigned pass, uint64_t limit,
                                     uint32_t frames_max)
{
    struct wire_span span = {.first = sweep->cursors[pass], .attempt = pass};
    uint64_t most = least(limit - span.first, WIRE_SPAN_MAX);
    if (pass <= 1) {
        span.count = (uint32_t)least(most, frames_max);
        return span;
    }
    for (uint32_t frames = 0; span.count < most && frames < frames_max; span.count++) {
        if (is_sample(sweep, span.first + span.count))
            break;
        frames += *mark_of(sweep, span.first + span.count) == 0;
    }
    return span;
}

static enum status send_sample(struct sweep *sweep, unsigned pass, struct wire_sent *sent_out)
{
    uint8_t *mark = mark_of(sweep, sweep->cursors[pass]);
    uint8_t kept = *mark;
    *mark = 0;
    enum status status =
        sweep->wire->sweep(sweep->wire, (struct wire_span){sweep->cursors[pass], 1, pass}, sent_out);
    *mark = kept;
    if (status == STATUS_OK && sent_out->frames) {
        *mark |= MARK_ASKED_AGAIN;
        sweep->totals.asked_again++;
    }
    return status;
}

static enum status send_pass(struct sweep *sweep, unsigned pass, uint64_t limit, uint32_t frames_max,
                             struct wire_sent *sent_out)
{
    struct wire *wire = sweep->wire;
    if (pass == 0)
        return wire->resolve(wire, span_of_pass(sweep, 0, limit, frames_max), sent_out);
    if (pass > 1 && is_sample(sweep, sweep->cursors[pass]))
        return send_sample(sweep, pass, sent_out);
    return wire->sweep(wire, span_of_pass(sweep, pass, limit, frames_max), sent_out);
}

/* Passes over what needs no SYN, and returns whether it came to something that does. */
static bool leap(struct sweep *sweep, unsigned pass, uint64_t limit)
{
    uint64_t end = least(limit, sweep->cursors[pass] + LEAP_MAX);
    while (sweep->cursors[pass] < end && !to_send(sweep, pass, sweep->cursors[pass]))
        sweep->cursors[pass]++;
    return sweep->cursors[pass] < end;
}

static enum status move(struct sweep *sweep, unsigned pass, uint32_t frames_max, int64_t now_ns,
                        uint32_t *frames_out)
{
    uint64_t limit = limit_of(sweep, pass);
    struct wire_sent sent = {0};
    enum status status = STATUS_OK;
    if (sweep->cursors[pass] >= limit)
        return STATUS_OK;
    if (pass == 0 || leap(sweep, pass, limit))
        status = send_pass(sweep, pass, limit, frames_max, &sent);
    sweep->cursors[pass] += sent.steps;
    sweep->totals.frames += pass ? sent.frames : 0;
    *frames_out += sent.frames;
    trail_note(&sweep->trails[pass], sweep->cursors[pass], now_ns);
    return status;
}

enum status sweep_send(struct sweep *sweep, uint32_t frames_max, int64_t now_ns, uint32_t *frames_out)
{
    enum status status = STATUS_OK;
    *frames_out = 0;
    ripen(sweep, now_ns);
    settle(sweep);
    /* The oldest first, so that what is under way comes to its end. */
    for (unsigned pass = sweep->options.attempts; status == STATUS_OK && *frames_out == 0; pass--) {
        status = move(sweep, pass, frames_max, now_ns, frames_out);
        if (pass == 0)
            break;
    }
    return status;
}

/* When what follows a pass may move on from a place. */
static int64_t follow_ns(const struct sweep *sweep, unsigned pass, uint64_t place)
{
    if (sweep->ripe[pass] > place)
        return INT64_MIN;
    int64_t passed_ns = trail_passed(&sweep->trails[pass], place);
    return passed_ns == INT64_MAX ? INT64_MAX : passed_ns + lag_ns(sweep, pass);
}

int64_t sweep_wake(const struct sweep *sweep)
{
    unsigned last = sweep->options.attempts;
    int64_t wake_ns = INT64_MAX;
    if (sweep_over(sweep))
        return INT64_MAX;
    for (unsigned pass = 0; pass <= last; pass++) {
        if (sweep->cursors[pass] < limit_of(sweep, pass))
            return INT64_MIN;
        uint64_t follower = pass == last ? sweep->settled : sweep->cursors[pass + 1];
        int64_t follow = follow_ns(sweep, pass, follower);
        /* A pass that waits for the resolver, or for room, is woken by those. */
        wake_ns = follow != INT64_MIN && follow < wake_ns ? follow : wake_ns;
    }
    return wake_ns;
}

bool sweep_over(const struct sweep *sweep)
{
    return sweep->settled == sweep->size;
}

/* --- hearing --- */

static uint8_t mark_for(enum wire_answer answer)
{
    return answer == WIRE_OPEN ? MARK_OPEN : answer == WIRE_CLOSED ? MARK_CLOSED : MARK_UNREACHABLE;
}

static enum endpoint_state state_of(uint8_t mark)
{
    return mark == MARK_OPEN ? ENDPOINT_OPEN : mark == MARK_CLOSED ? ENDPOINT_CLOSED : ENDPOINT_UNREACHABLE;
}

static void repeated(struct sweep *sweep, uint8_t *mark, const struct wire_reply *reply)
{
    bool again = (*mark & MARK_ASKED_AGAIN) && !(*mark & MARK_ANSWERED_AGAIN) && reply->attempt > 1;
    if (again) {
        *mark |= MARK_ANSWERED_AGAIN;
        sweep->totals.answered_again++;
    } else {
        sweep->totals.repeats++;
    }
}

void sweep_reply(struct sweep *sweep, const struct wire_reply *reply)
{
    uint64_t step = plan_step(sweep->plan, reply->address, reply->port);
    /* What can't be sent is told while its pass is still on the way. */
    bool told_early = reply->answer == WIRE_UNROUTED || reply->answer == WIRE_UNREACHABLE;
    uint64_t end = told_early ? sweep->settled + sweep->wire->marks_size : sweep->cursors[1];
    if (step == UINT64_MAX || step < sweep->settled || step >= end) {
        sweep->totals.late++;
        return;
    }
    uint8_t *mark = mark_of(sweep, step);
    if (*mark) {
        repeated(sweep, mark, reply);
        return;
    }
    *mark = mark_for(reply->answer);
    if (*mark != MARK_UNREACHABLE && reply->attempt > 1)
        sweep->totals.later++;
    else if (*mark != MARK_UNREACHABLE)
        sweep->totals.first++;
    sweep->listener.answered(sweep->listener.context, reply, state_of(*mark));
}

/* --- loss --- */

void sweep_suspect(struct sweep *sweep)
{
    sweep->suspicious = true;
}

#define SAMPLE_ENOUGH 30

/* The chance that a retry, its answer included, gets lost. */
static double retry_loss(const struct sweep_totals *totals)
{
    if (totals->asked_again >= SAMPLE_ENOUGH)
        return 1 - (double)totals->answered_again / (double)totals->asked_again;
    return (double)totals->later / (double)(totals->first + totals->later);
}

double sweep_recall(const struct sweep *sweep, double lost)
{
    const struct sweep_totals *totals = &sweep->totals;
    if (sweep->options.attempts == 1)
        return 1 - lost;
    if (totals->later == 0)
        return 1;
    /* Of those whose first attempt got lost, each later one finds a part: what all of them missed follows. */
    double missed = 1, loss = retry_loss(totals);
    for (unsigned attempt = 2; attempt <= sweep->options.attempts; attempt++)
        missed *= loss;
    double heard = (double)(totals->first + totals->later);
    double unheard = (double)totals->later * missed / (1 - missed + 1e-12);
    return heard / (heard + unheard);
}
