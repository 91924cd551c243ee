#include "scanner/loss.h"

#define TOLERATED 0.01                /* what no rate is lowered for */
#define ENOUGH    20                  /* answers, before a look believes what it sees */
#define CLEAN_NS  INT64_C(1000000000) /* without loss, before the rate comes back */
#define FALL      0.5
#define RISE      1.25
#define FADE      0.9 /* a look */

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

/* A target that answers only its retry lost its first attempt, or the answer to it; a known one that does not answer
   when it is asked again lost that. */
static double missed_since(const struct sweep_fresh *fresh)
{
    double first = part(fresh->later, fresh->known);
    double again = part(fresh->asked_again - fresh->answered_again, fresh->answered_again);
    return first > again ? first : again;
}

static double faded(double lately, double now)
{
    return now > lately * FADE ? now : lately * FADE;
}

/* A pause says nothing of the rate before it, so the fastest that was lately counts. */
static void measure(struct loss *loss, const struct wire_counters *counters, uint64_t frames, int64_t now_ns)
{
    double seconds = (double)(now_ns - loss->looked_ns) / 1e9;
    loss->left = faded(loss->left, (double)(frames - loss->frames) / seconds);
    loss->heard = faded(loss->heard, (double)(counters->heard - loss->counters.heard) / seconds);
    loss->frames = frames;
}

/* To half of what got through, and to no more SYNs than so many answers are known to find their way. */
static void fall(struct loss *loss, double rate, double lost)
{
    if (loss->left > 0 && loss->left < rate * loss->factor)
        loss->factor = loss->left / rate;
    loss->factor *= FALL * (1 - lost);
    if (loss->heard > 0 && loss->heard < rate * loss->factor)
        loss->factor = loss->heard / rate;
    if (loss->factor < LOSS_FACTOR_MIN)
        loss->factor = LOSS_FACTOR_MIN;
    loss->left = loss->heard = 0;
}

/* Where answers got lost the rate rises only while samples say that they no longer do; with one attempt there are none,
   and the counters have to do. */
static bool may_rise(const struct loss *loss, const struct sweep *sweep, int64_t now_ns)
{
    bool sampled = sweep->fresh.asked_again >= loss->samples + ENOUGH || sweep->options.attempts == 1;
    return loss->factor < 1 && now_ns - loss->clean_ns > CLEAN_NS && sampled;
}

void loss_look(struct loss *loss, const struct wire_counters *counters, struct sweep *sweep, double rate,
               int64_t now_ns)
{
    double lost = lost_since(loss, counters), missed = missed_since(&sweep->fresh);
    measure(loss, counters, sweep->totals.frames, now_ns);
    loss->seen = loss->seen || lost > 0 || missed > TOLERATED;
    if (lost > TOLERATED || missed > TOLERATED) {
        fall(loss, rate, lost > missed ? lost : missed);
        sweep_forget(sweep);
        loss->samples = 0;
        loss->clean_ns = now_ns;
    } else if (may_rise(loss, sweep, now_ns)) {
        loss->factor = loss->factor * RISE < 1 ? loss->factor * RISE : 1;
        loss->samples = sweep->fresh.asked_again;
        loss->clean_ns = now_ns;
    }
    loss->counters = *counters;
    loss->looked_ns = now_ns;
}

double loss_counted(const struct wire_counters *counters)
{
    uint64_t in = counters->lost_in + counters->heard, out = counters->lost_out + counters->sent;
    double heard = in ? (double)counters->heard / (double)in : 1;
    double sent = out ? (double)counters->sent / (double)out : 1;
    return 1 - heard * sent;
}
