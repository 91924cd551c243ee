#include "scanner/sweep_parts.h"

struct network *sweep_network(const struct sweep *sweep, uint64_t step)
{
    struct address address;
    struct port port;
    plan_draw(sweep->plan, PLAN_SWEPT, step, &address, &port);
    return networks_find(sweep->options.networks, address);
}

bool sweep_spend(struct sweep *sweep, struct network *network, int64_t now_ns)
{
    if (!sweep->limited)
        return true;
    if (network->head || !pacer_ready(&network->pacer, now_ns))
        return false;
    networks_spend(sweep->options.networks, network, now_ns);
    return true;
}

/* What waits comes out in the order of the plan, where each address of a network comes once a round: so at its
   addresses' own rates together none of them gets more than its own, however much has gathered. */
static void pace_release(struct sweep *sweep, struct network *network)
{
    const struct ranges *swept = &sweep->plan->orders[PLAN_SWEPT].addresses;
    if (network->release.interval_ns > 0 || sweep->options.rate_per_host <= 0)
        return;
    pacer_init_strict(&network->release, (double)networks_hosts(sweep->options.networks, network, swept) *
                                             sweep->options.rate_per_host);
}

enum status sweep_put_aside(struct sweep *sweep, unsigned pass, struct network *network, uint64_t step)
{
    pace_release(sweep, network);
    enum status status = aside_add(&sweep->aside, network, step, pass);
    if (status == STATUS_OK)
        *mark_of(sweep, step) |= MARK_ASIDE;
    return status;
}

/* The steps from the pass's cursor on, up to the first whose network is at its ceiling, that hold `most` SYNs at most;
   *moved_out counts them and those that are put aside: the ones at the cursor itself, while there is room. */
static enum status take_span(struct sweep *sweep, unsigned pass, uint64_t limit, uint32_t most,
                             int64_t now_ns, struct wire_span *span, uint32_t *moved_out)
{
    uint64_t end = least(limit, sweep->cursors[pass] + WIRE_SPAN_MAX);
    while (sweep->cursors[pass] + span->count < end && *moved_out < most) {
        uint64_t step = sweep->cursors[pass] + span->count;
        bool known = *mark_of(sweep, step) != 0;
        struct network *network = known ? NULL : sweep_network(sweep, step);
        if (!known && !network)
            return STATUS_NO_MEMORY;
        if (known || sweep_spend(sweep, network, now_ns))
            span->count++;
        else if (span->count || !aside_has_room(&sweep->aside))
            break;
        else if (sweep_put_aside(sweep, pass, network, step) != STATUS_OK)
            return STATUS_NO_MEMORY;
        else
            sweep->cursors[pass]++;
        *moved_out += !known;
    }
    return STATUS_OK;
}

enum status sweep_send_limited(struct sweep *sweep, unsigned pass, uint64_t limit, uint32_t frames_max,
                               int64_t now_ns, struct wire_sent *sent_out)
{
    struct wire_span span = {.attempt = pass};
    uint32_t moved = 0;
    if (!pacer_ready(&sweep->steps_pacer, now_ns))
        return STATUS_OK;
    pacer_batch(&sweep->steps_pacer, frames_max);
    enum status status = take_span(sweep, pass, limit, frames_max, now_ns, &span, &moved);
    if (moved)
        pacer_spend_many(&sweep->steps_pacer, moved, now_ns);
    span.first = sweep->cursors[pass];
    return status == STATUS_OK && span.count ? sweep->wire->sweep(sweep->wire, span, sent_out) : status;
}

enum status sweep_resolve_limited(struct sweep *sweep, int64_t now_ns, struct wire_sent *sent_out)
{
    struct network *network = sweep_network(sweep, sweep->cursors[0]);
    sweep->held_ns = INT64_MIN;
    if (!network)
        return STATUS_NO_MEMORY;
    if (!pacer_ready(&network->pacer, now_ns)) {
        sweep->held_ns = pacer_due(&network->pacer);
        return STATUS_OK;
    }
    enum status status = sweep->wire->resolve(
        sweep->wire, (struct wire_span){.first = sweep->cursors[0], .count = 1}, sent_out);
    if (sent_out->frames)
        networks_spend(sweep->options.networks, network, now_ns);
    return status;
}

uint64_t sweep_reached(const struct sweep *sweep, unsigned pass)
{
    return least(aside_lowest(&sweep->aside, pass), sweep->cursors[pass]);
}
