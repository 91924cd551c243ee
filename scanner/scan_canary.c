#include "scanner/clock.h"
#include "scanner/scan_parts.h"

/* The canaries of a scan's scope (canary.h): asked by the connect engine, at the pace of their hosts like all else. */

/* They go before all else, so that half of what a host or a network may get is left to its own targets, all of
   them being one's at worst. */
void scan_canary_init(struct scan *scan)
{
    const struct scope *scope = authorization_scope(scan->authorization);
    double rate = scan->schedule.rate_per_host, per_network = scan->options.rate_per_network;
    if (per_network > 0 && per_network < rate)
        rate = per_network;
    double least_s = 2 * (double)scope->canaries_count / rate;
    watch_init(&scan->watch, scope->canaries, scope->canaries_count,
               scope->canary_every_s > least_s ? scope->canary_every_s : least_s, clock_monotonic_ns());
}

void scan_canary_ask(struct scan *scan, int64_t now_ns)
{
    struct watched *watched;
    while (!scan->stopping && (watched = watch_take(&scan->watch, now_ns)))
        scan_add_canary(scan, watched);
}

static enum canary_answer meaning(enum wire_answer answer)
{
    switch (answer) {
    case WIRE_OPEN:
        return CANARY_ACCEPTS;
    case WIRE_CLOSED:
        return CANARY_REFUSES;
    case WIRE_NOT_SENT:
        return CANARY_UNASKED;
    case WIRE_UNREACHABLE:
    case WIRE_SILENT:
    case WIRE_UNROUTED:
        break;
    }
    return CANARY_SILENT;
}

void scan_canary_answered(struct scan *scan, struct watched *watched, enum wire_answer answer)
{
    if (scan->stopping || !watch_answer(&scan->watch, watched, meaning(answer), clock_monotonic_ns()))
        return;
    if (scan->listener.watched)
        scan->listener.watched(scan->listener.context, watched);
    if (watch_fallen(&scan->watch))
        scan_stop(scan, STATUS_INTERRUPTED);
    else if (watch_mute(&scan->watch))
        scan_stop(scan, STATUS_UNAUTHORIZED);
}
