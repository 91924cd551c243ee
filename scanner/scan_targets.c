#include <errno.h>
#include <stdlib.h>

#include "probes/endpoint.h"
#include "scanner/clock.h"
#include "scanner/scan_parts.h"

#define RETRY_AFTER_NS 1000000000 /* a silent target rests this long before it is asked again */
#define LOCAL_REST_MS  50         /* after running out of sockets */
#define END_EARLY_MS   200        /* before the end of the hours */
#define REFUSALS_MAX   1200       /* times that the kernel may refuse to send a target's SYN: a minute */

static struct target *target_of(struct ask *ask)
{
    return (struct target *)(void *)ask;
}

/* Between the look at the clock and the packet a busy machine may let time pass: the end comes early by that.
 */
enum refusal scan_moment(const struct scan *scan, int64_t now_ms)
{
    int64_t soon_s = (now_ms + END_EARLY_MS) / 1000;
    return soon_s == now_ms / 1000 ? REFUSAL_NONE : authorization_moment(scan->authorization, soon_s);
}

const struct permit *scan_permit(struct scan *scan, struct address address, struct port port)
{
    const struct permit *permit = NULL;
    int64_t now_ms = clock_epoch_ms();
    enum refusal refusal = scan_moment(scan, now_ms);
    if (refusal == REFUSAL_NONE)
        refusal = authorization_permit(scan->authorization, address, port, now_ms / 1000, &permit);
    if (refusal != REFUSAL_NONE)
        scan_refused(scan, refusal);
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

/* NULL when it may not be asked or memory is out: the scan stops. */
static struct target *new_target(struct scan *scan, struct address address, struct port port)
{
    const struct permit *permit = scan_permit(scan, address, port);
    struct target *target = permit ? calloc(1, sizeof *target) : NULL;
    if (permit && !target)
        scan_stop(scan, STATUS_NO_MEMORY);
    if (target) {
        target->number = plan_number(scan->plan, address, port);
        target->address = address;
        target->port = port;
        target->organization = permit_organization(permit);
        target->fragile = permit_manner(permit) == MANNER_FRAGILE;
        enlist(scan, target);
    }
    if (permit)
        authorization_release(scan->authorization, permit);
    return target;
}

/* A control is asked again by the host's own record: it is none of the plan's targets. */
static void tell_pending(struct scan *scan, const struct target *target)
{
    if (!target->ask.control)
        scan_check(scan, scan->listener.pending(scan->listener.context, target->number, target->attempts));
}

static bool synthetic(const struct host *host)
{
    return host->control.state == CONTROL_ANSWERED;
}

static void finish_target(struct scan *scan, struct target *target, enum endpoint_state state,
                          const struct observation *observation)
{
    scan->totals.finished++;
    scan->totals.ends[state]++;
    scan_check(scan, scan->listener.finished(scan->listener.context, target->number, target->organization,
                                             target->address, target->port, state, observation));
    schedule_drop(&target->ask);
    forget(scan, target);
}

void scan_add_target(struct scan *scan, struct address address, struct port port, unsigned attempts,
                     bool answers, bool forged)
{
    struct target *target = new_target(scan, address, port);
    if (!target)
        return;
    target->attempts = attempts;
    target->answers = answers;
    struct host *host = schedule_host(&scan->schedule, address, target->fragile);
    if (!host) {
        scan_stop(scan, STATUS_NO_MEMORY);
        return;
    }
    if (answers && synthetic(host) && host->cut) { /* a connection would tell nothing any more */
        finish_target(scan, target, ENDPOINT_SYNTHETIC, NULL);
        return;
    }
    scan_check(scan, schedule_add(&scan->schedule, &target->ask, address, target->fragile));
    tell_pending(scan, target);
    if (forged)
        scan_forged(scan, host, target->organization);
}

void scan_add_control(struct scan *scan, struct address address, struct port port)
{
    struct target *target = new_target(scan, address, port);
    if (!target)
        return;
    target->ask.control = true;
    scan_check(scan, schedule_add(&scan->schedule, &target->ask, address, target->fragile));
}

void scan_add_canary(struct scan *scan, struct watched *watched)
{
    struct target *target = new_target(scan, watched->canary.address, watched->canary.port);
    if (!target)
        return;
    target->canary = watched;
    target->ask.control = true;
    scan_check(scan, schedule_add(&scan->schedule, &target->ask, target->address, false));
}

static void finish_canary(struct scan *scan, struct target *target, enum wire_answer answer)
{
    scan_canary_answered(scan, target->canary, answer);
    schedule_drop(&target->ask);
    forget(scan, target);
}

static void finish_control(struct scan *scan, struct target *target, bool answered)
{
    scan_control_answered(scan, target->ask.host, target->organization, answered);
    schedule_drop(&target->ask);
    forget(scan, target);
}

/* At a host that answers everywhere only what spoke a protocol is an open port. */
static void finish_open(struct scan *scan, struct target *target, const struct observation *observation)
{
    struct host *host = target->ask.host;
    const struct organization *organization = target->organization;
    bool proven = endpoint_proven(observation);
    if (!proven && synthetic(host)) {
        finish_target(scan, target, ENDPOINT_SYNTHETIC, NULL);
        return;
    }
    schedule_hold(host);
    finish_target(scan, target, ENDPOINT_OPEN, observation);
    if (!proven)
        scan_unproven(scan, host, organization);
    schedule_release(host);
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

/* The end of a target without a conversation. What answered the sweep is open all the same. */
static void finish_mute(struct scan *scan, struct target *target, enum endpoint_state state)
{
    if (target->canary) {
        finish_canary(scan, target, WIRE_NOT_SENT);
        return;
    }
    if (target->ask.control) {
        finish_control(scan, target, false);
        return;
    }
    if (!target->answers) {
        finish_target(scan, target, state, NULL);
        return;
    }
    struct observation observation;
    observation_init(&observation, target->address, target->port);
    observation.service = "unknown";
    observation.time_ms = clock_epoch_ms();
    const char *name = scan->options.names ? namings_at(scan->options.names, target->address) : NULL;
    endpoint_observe(&observation, 0, true);
    if (name)
        endpoint_observe_name(&observation, name);
    endpoint_observe_unidentified(&observation, "it answers a SYN and accepts no connection");
    finish_open(scan, target, &observation);
    observation_deinit(&observation);
}

static void silent(struct scan *scan, struct target *target)
{
    bool known = target->answers && synthetic(target->ask.host);
    if (target->attempts < scan->options.attempts && !known)
        retry_later(scan, target);
    else
        finish_mute(scan, target, ENDPOINT_SILENT);
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
        finish_mute(scan, target, ENDPOINT_UNREACHABLE);
        return;
    }
    rest(scan);
    scan_check(scan, schedule_add(&scan->schedule, &target->ask, target->address, target->fragile));
}

/* Where there was a way a moment ago an interface or a route has gone: that says nothing of the target, which is left to
   a resumed scan. */
static void unrouted(struct scan *scan, struct target *target)
{
    scan->totals.probes--;
    if (target->canary) {
        finish_canary(scan, target, WIRE_UNROUTED);
    } else if (target->ask.host->reached) {
        errno = ENETUNREACH;
        scan_stop(scan, STATUS_SYSTEM);
    } else {
        finish_mute(scan, target, ENDPOINT_UNREACHABLE);
    }
}

static void open_port(struct scan *scan, struct target *target, struct session *session,
                      const struct permit *permit)
{
    scan_check(scan, dispatch_open(&scan->dispatch, target->ask.host, target->address, target->port,
                                   target->fragile, session, permit, target));
}

void scan_answered(void *context, void *token, enum wire_answer answer, struct session *session)
{
    struct scan *scan = context;
    struct target *target = token;
    const struct permit *permit = target->permit;
    target->permit = NULL;
    scan->in_flight--;
    if (answer == WIRE_OPEN && !scan->stopping && !target->ask.control) {
        open_port(scan, target, session, permit);
        return;
    }
    if (session)
        session_close(session);
    authorization_release(scan->authorization, permit);
    target->ask.host->sockets--;
    target->ask.host->reached |= answer != WIRE_NOT_SENT && answer != WIRE_UNROUTED;
    schedule_update(&scan->schedule, target->ask.host);
    if (answer == WIRE_NOT_SENT)
        not_sent(scan, target);
    else if (answer == WIRE_UNROUTED)
        unrouted(scan, target);
    else if (target->canary)
        finish_canary(scan, target, answer);
    else if (answer == WIRE_SILENT)
        silent(scan, target);
    else if (answer == WIRE_OPEN && !scan->stopping)
        finish_control(scan, target, true);
    else if (answer != WIRE_OPEN)
        finish_mute(scan, target, answer == WIRE_CLOSED ? ENDPOINT_CLOSED : ENDPOINT_UNREACHABLE);
}

/* They are of the target's budget. */
void scan_repeated(void *context, void *token, unsigned count)
{
    struct scan *scan = context;
    struct target *target = token;
    scan->totals.probes += count;
    target->attempts += count;
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
    return scan_permit(context, address, port);
}

static void endpoint_release(void *context, const struct permit *permit)
{
    struct scan *scan = context;
    authorization_release(scan->authorization, permit);
}

static void endpoint_sent(void *context, unsigned count)
{
    struct scan *scan = context;
    scan->totals.probes += count;
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
    finish_open(scan, target, observation);
    schedule_update(&scan->schedule, host);
    schedule_release(host);
}

const struct dispatch_listener scan_dispatch_listener = {
    .wants = endpoint_wants,
    .permit = endpoint_permit,
    .release = endpoint_release,
    .sent = endpoint_sent,
    .done = endpoint_done,
};

void scan_forget_targets(struct scan *scan)
{
    while (scan->targets)
        forget(scan, scan->targets);
}

/* --- asking --- */

static void ask_target(struct scan *scan, struct target *target)
{
    target->permit = scan_permit(scan, target->address, target->port);
    if (!target->permit)
        return;
    scan->in_flight++;
    scan->totals.probes++;
    target->attempts++;
    target->ask.host->sockets++;
    schedule_update(&scan->schedule, target->ask.host);
    tell_pending(scan, target);
    scan_check(scan, scan->wire->ask(scan->wire, target->permit, target));
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
    scan_check(scan, status);
}

void scan_take_back_retries(struct scan *scan, int64_t now_ns)
{
    while (scan->retry_head && scan->retry_head->retry_ns <= now_ns && !scan->stopping) {
        struct target *target = scan->retry_head;
        scan->retry_head = target->next_retry;
        if (!scan->retry_head)
            scan->retry_tail = NULL;
        scan_check(scan, schedule_add(&scan->schedule, &target->ask, target->address, target->fragile));
    }
}

void scan_send_ask(struct scan *scan, struct ask *ask)
{
    if (ask->round)
        ask_round(scan, ask);
    else
        ask_target(scan, target_of(ask));
}
