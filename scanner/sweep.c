#include "scanner/sweep_parts.h"

#include <string.h>

#define RETRY_AFTER_NS   INT64_C(1000000000) /* between two SYNs to one target */
#define RESOLVE_AFTER_NS INT64_C(1000000000) /* what a neighbour has for its answer */
#define LEAP_MAX         65536               /* steps that one call passes without sending */
#define VANGUARD         1024 /* steps of a retry that go ahead, and tell what gets lost, before the rest */
#define SAMPLE           32   /* for so many retries one known answer is asked again … */
#define SAMPLE_FIRST     16 /* … and one for so many at first, till there are enough for a point of recall, … */
#define SAMPLES_FIRST    2048
#define AHEAD            4096 /* … no further away than so many steps, so that there are some for all retries */
#define STEPS_RATE_MOST  1e9 /* faster than any pass */

enum status sweep_init(struct sweep *sweep, const struct plan *plan, struct wire *wire,
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
    if (!options->networks || !networks_limit(options->networks))
        return STATUS_OK;
    sweep->limited = true;
    double steps_rate = (double)plan->orders[PLAN_SWEPT].index.total * options->rate_per_host;
    pacer_init(&sweep->steps_pacer, steps_rate > 0 ? steps_rate : STEPS_RATE_MOST);
    return aside_init(&sweep->aside);
}

void sweep_deinit(struct sweep *sweep)
{
    aside_deinit(&sweep->aside);
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

static uint64_t limit_of(const struct sweep *sweep, unsigned pass)
{
    uint64_t resolve = to_resolve(sweep);
    if (pass == 0)
        return resolve;
    uint64_t resolved = sweep->ripe[0] < resolve ? sweep->ripe[0] : sweep->size;
    /* The first of a retry have their answers before the rest of it goes, at a rate that is right by then. */
    if (pass > 1 && sweep->ripe[pass] < VANGUARD)
        resolved = least(resolved, VANGUARD);
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

static bool to_send(const struct sweep *sweep, unsigned pass, uint64_t step)
{
    return pass == 1 || *mark_of(sweep, step) == 0;
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
    for (uint32_t frames = 0; span.count < most && frames < frames_max; span.count++)
        frames += *mark_of(sweep, span.first + span.count) == 0;
    return span;
}

static enum status send_pass(struct sweep *sweep, unsigned pass, uint64_t limit, uint32_t frames_max,
                             int64_t now_ns, struct wire_sent *sent_out)
{
    struct wire *wire = sweep->wire;
    struct wire_span span;
    if (sweep->limited && pass == 0)
        return sweep_resolve_limited(sweep, now_ns, sent_out);
    if (sweep->limited)
        return sweep_send_limited(sweep, pass, limit, frames_max, now_ns, sent_out);
    span = span_of_pass(sweep, pass, limit, frames_max);
    return pass ? wire->sweep(wire, span, sent_out) : wire->resolve(wire, span, sent_out);
}

/* --- samples: known answers that are asked once more, among the retries and as they are, so that the same happens to
   them; what comes back tells what gets lost now --- */

static uint32_t sample_price(const struct sweep *sweep)
{
    return sweep->totals.asked_again < SAMPLES_FIRST ? SAMPLE_FIRST : SAMPLE;
}

static bool sample_is_due(const struct sweep *sweep, unsigned pass)
{
    return pass > 1 && sweep->suspicious && sweep->sample_debt >= sample_price(sweep);
}

/* A batch before a sample ends at a place by chance: its last answers may fare worse than its first. */
static uint32_t before_sample(const struct sweep *sweep, unsigned pass, uint32_t frames_max)
{
    if (frames_max == 1 || !sample_is_due(sweep, pass))
        return frames_max;
    return 1 + (uint32_t)(permutation_mix(sweep->cursors[pass]) % (frames_max - 1));
}

/* Of a network at its ceiling nobody is asked for nothing but that. */
static bool may_sample(struct sweep *sweep, uint64_t step, int64_t now_ns)
{
    uint8_t mark = *mark_of(sweep, step);
    if (mark != MARK_CLOSED && mark != MARK_OPEN)
        return false;
    struct network *network = sweep->limited ? sweep_network(sweep, step) : NULL;
    return !sweep->limited || (network && sweep_spend(sweep, network, now_ns));
}

/* The next known answer that the pass has not come to, to be asked now; false where there is none near, so that it is
   awaited. */
static bool find_sample(struct sweep *sweep, unsigned pass, uint64_t limit, int64_t now_ns)
{
    if (sweep->sample_next < sweep->cursors[pass])
        sweep->sample_next = sweep->cursors[pass];
    for (uint64_t end = least(limit, sweep->cursors[pass] + AHEAD); sweep->sample_next < end;
         sweep->sample_next++)
        if (may_sample(sweep, sweep->sample_next, now_ns))
            return true;
    return false;
}

static enum status send_sample(struct sweep *sweep, unsigned pass, uint64_t limit, int64_t now_ns,
                               uint32_t *frames_out)
{
    struct wire_sent sent = {0};
    if (!sample_is_due(sweep, pass))
        return STATUS_OK;
    if (!find_sample(sweep, pass, limit, now_ns)) {
        sweep->sample_debt = sample_price(sweep);
        return STATUS_OK;
    }
    uint8_t *mark = mark_of(sweep, sweep->sample_next), kept = *mark;
    *mark = 0;
    enum status status =
        sweep->wire->sweep(sweep->wire, (struct wire_span){sweep->sample_next, 1, pass}, &sent);
    *mark = kept;
    if (status != STATUS_OK || sent.frames == 0)
        return status;
    *mark |= MARK_ASKED_AGAIN;
    sweep->sample_debt -= sample_price(sweep);
    sweep->sample_next++;
    sweep->totals.asked_again++;
    sweep->fresh.asked_again++;
    sweep->totals.frames++;
    (*frames_out)++;
    return STATUS_OK;
}

/* Passes over what needs no SYN, and returns whether it came to something that does. */
static bool leap(struct sweep *sweep, unsigned pass, uint64_t limit)
{
    uint64_t end = least(limit, sweep->cursors[pass] + LEAP_MAX);
    while (sweep->cursors[pass] < end && !to_send(sweep, pass, sweep->cursors[pass]))
        sweep->cursors[pass]++;
    return sweep->cursors[pass] < end;
}

/* What the first retry did not need to ask. */
static void count_known(struct sweep *sweep, uint64_t from, uint64_t to)
{
    for (uint64_t step = from > sweep->fresh.since ? from : sweep->fresh.since; step < to; step++) {
        uint8_t state = *mark_of(sweep, step) & MARK_STATE;
        sweep->fresh.known += state == MARK_CLOSED || state == MARK_OPEN;
    }
}

static void count_retries(struct sweep *sweep, uint32_t frames)
{
    sweep->totals.retries += frames;
    sweep->sample_debt += frames;
    if (sweep->suspicious)
        return;
    sweep->totals.blind += frames;
    sweep->blind_end = sweep->cursors[2];
}

/* What was put aside and may be asked now. Who has answered an earlier attempt meanwhile needs no other. */
static enum status take_up(struct sweep *sweep, uint32_t frames_max, int64_t now_ns, uint32_t *frames_out)
{
    struct aside_entry *entry;
    while (*frames_out < frames_max && (entry = aside_ready(&sweep->aside, now_ns))) {
        uint64_t step = entry->step;
        unsigned pass = entry->pass;
        struct network *network = entry->network;
        struct wire_sent sent = {0};
        *mark_of(sweep, step) &= (uint8_t)~MARK_ASIDE;
        if (*mark_of(sweep, step) == 0) {
            enum status status = sweep->wire->sweep(sweep->wire, (struct wire_span){step, 1, pass}, &sent);
            if (status != STATUS_OK || sent.steps == 0) {
                *mark_of(sweep, step) |= MARK_ASIDE;
                return status;
            }
        }
        if (sent.frames) {
            networks_spend(sweep->options.networks, network, now_ns);
            pacer_spend(&network->release, now_ns);
        }
        aside_remove(&sweep->aside, entry);
        sweep->totals.frames += sent.frames;
        *frames_out += sent.frames;
        if (pass > 1)
            count_retries(sweep, sent.frames);
        trail_note(&sweep->trails[pass], sweep_reached(sweep, pass), now_ns);
    }
    return STATUS_OK;
}

static enum status move(struct sweep *sweep, unsigned pass, uint32_t frames_max, int64_t now_ns,
                        uint32_t *frames_out)
{
    uint64_t limit = limit_of(sweep, pass);
    uint64_t from = sweep->cursors[pass];
    struct wire_sent sent = {0};
    enum status status = STATUS_OK;
    if (from >= limit)
        return STATUS_OK;
    if (frames_max == 1)
        status = send_sample(sweep, pass, limit, now_ns, frames_out);
    if (status == STATUS_OK && *frames_out < frames_max && (pass == 0 || leap(sweep, pass, limit)))
        status = send_pass(sweep, pass, limit, before_sample(sweep, pass, frames_max), now_ns, &sent);
    sweep->cursors[pass] += sent.steps;
    if (pass == 2)
        count_known(sweep, from, sweep->cursors[pass]);
    sweep->totals.frames += pass ? sent.frames : 0;
    if (pass > 1)
        count_retries(sweep, sent.frames);
    *frames_out += sent.frames;
    while (status == STATUS_OK && *frames_out < frames_max && sample_is_due(sweep, pass)) {
        uint32_t before = *frames_out;
        status = send_sample(sweep, pass, limit, now_ns, frames_out);
        if (*frames_out == before)
            break;
    }
    trail_note(&sweep->trails[pass], sweep_reached(sweep, pass), now_ns);
    return status;
}

enum status sweep_send(struct sweep *sweep, uint32_t frames_max, int64_t now_ns, uint32_t *frames_out)
{
    *frames_out = 0;
    enum status status = take_up(sweep, frames_max, now_ns, frames_out);
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

/* When a pass that has steps before it may go on: at once, but for ceilings. */
static int64_t moves_ns(const struct sweep *sweep, unsigned pass)
{
    if (!sweep->limited)
        return INT64_MIN;
    if (pass == 0)
        return sweep->held_ns;
    int64_t steps_ns = pacer_due(&sweep->steps_pacer), room_ns = aside_due(&sweep->aside);
    return aside_has_room(&sweep->aside) || room_ns < steps_ns ? steps_ns : room_ns;
}

int64_t sweep_wake(const struct sweep *sweep)
{
    unsigned last = sweep->options.attempts;
    int64_t wake_ns = aside_due(&sweep->aside);
    if (sweep_over(sweep))
        return INT64_MAX;
    for (unsigned pass = 0; pass <= last; pass++) {
        if (sweep->cursors[pass] < limit_of(sweep, pass)) {
            int64_t may_ns = moves_ns(sweep, pass);
            wake_ns = may_ns < wake_ns ? may_ns : wake_ns;
            continue;
        }
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

static void count_answer(struct sweep *sweep, uint64_t step, unsigned attempt)
{
    bool later = attempt > 1, fresh = step >= sweep->fresh.since; /* its first attempt was */
    sweep->totals.later += later;
    sweep->totals.blind_later += later && step < sweep->blind_end;
    sweep->totals.first += !later;
    sweep->fresh.later += later && fresh;
}

static void repeated(struct sweep *sweep, uint8_t *mark, const struct wire_reply *reply)
{
    bool again = (*mark & MARK_ASKED_AGAIN) && !(*mark & MARK_ANSWERED_AGAIN) && reply->attempt > 1;
    if (again) {
        *mark |= MARK_ANSWERED_AGAIN;
        sweep->totals.answered_again++;
        /* One that was asked before the rate changed may come in now. */
        sweep->fresh.answered_again += sweep->fresh.answered_again < sweep->fresh.asked_again;
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
    uint8_t *mark = mark_of(sweep, step), state = mark_for(reply->answer);
    if (*mark & MARK_STATE) {
        repeated(sweep, mark, reply);
        return;
    }
    *mark |= state; /* it may be aside for its next attempt */
    if (state != MARK_UNREACHABLE)
        count_answer(sweep, step, reply->attempt);
    sweep->listener.answered(sweep->listener.context, reply, state_of(state));
}
