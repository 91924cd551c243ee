#include "scanner/loss.h"

#define TOLERATED 0.01                /* what no rate is lowered for */
#define ENOUGH    20                  /* answers, before a look believes what it sees */
#define CLEAN_NS  INT64_C(2000000000) /* without loss, before the rate comes back */
#define FALL      0.5
#define RISE      1.25

void loss_init(struct loss *loss, int64_t now_ns)
{
    *loss = (struct loss){.factor = 1, .looked_ns = now_ns, .clean_ns = now_ns};
}

bool loss_due(const struct loss *loss, int64_t now_ns)
{
    return now_ns - loss->looked_ns >= LOSS_LOOK_NS;
}

static double part(uint64_t some, uint64_t others)
{
    return some + others >= ENOUGH ? (double)some / (double)(some + others) : 0;
}

/* Of what there was to hear and to send since the last look. */
static double lost_since(const struct loss *loss, const struct wire_counters *now)
{
    const struct wire_counters *then = &loss->counters;
    double in = part(now->lost_in - then->lost_in, now->heard - then->heard);
    double out = part(now->lost_out - then->lost_out, now->sent - then->sent);
    return in > out ? in : out;
}

/* A target that answers only its retry lost one of the first. */
static double missed_since(const struct loss *loss, const struct sweep_totals *totals)
{
    return part(totals->later - loss->later, totals->first - loss->first);
}

void loss_look(struct loss *loss, const struct wire_counters *counters, const struct sweep_totals *totals,
               int64_t now_ns)
{
    double lost = lost_since(loss, counters), missed = missed_since(loss, totals);
    loss->seen = loss->seen || lost > 0 || missed > TOLERATED;
    if (lost > TOLERATED || missed > TOLERATED) {
        loss->factor = loss->factor * FALL > LOSS_FACTOR_MIN ? loss->factor * FALL : LOSS_FACTOR_MIN;
        loss->clean_ns = now_ns;
    } else if (now_ns - loss->clean_ns > CLEAN_NS) {
        loss->factor = loss->factor * RISE < 1 ? loss->factor * RISE : 1;
        loss->clean_ns = now_ns;
    }
    loss->counters = *counters;
    loss->first = totals->first;
    loss->later = totals->later;
    loss->looked_ns = now_ns;
}

double loss_counted(const struct wire_counters *counters)
{
    uint64_t in = counters->lost_in + counters->heard, out = counters->lost_out + counters->sent;
    double heard = in ? (double)counters->heard / (double)in : 1;
    double sent = out ? (double)counters->sent / (double)out : 1;
    return 1 - heard * sent;
}
