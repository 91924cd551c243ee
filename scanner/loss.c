#include "scanner/loss.h"

#include <math.h>

#define TOLERATED        0.01 /* what no rate is lowered for */
#define ENOUGH           20   /* answers, before a look believes what it sees */
#define SURE             3    /* standard errors */
#define TRIAL            60   /* answers, before it says whether a fall was of use, … */
#define TRIAL_LOST       20   /* … and so many lost among them, were it of none */
#define RETRIES_LOST_MAX 0.9
#define CLEAN_NS         INT64_C(1000000000) /* without loss, before the rate comes back */
#define BLIND_NS         INT64_C(5000000000) /* the same where nothing can tell */
#define FALL             0.5
#define RISE             1.25
#define FADE             0.9 /* a look */

/* So many of them got lost. */
struct loss_share {
    double lost, of;
};

void loss_init(struct loss *loss, int64_t now_ns)
{
    *loss = (struct loss){.factor = 1, .looked_ns = now_ns, .clean_ns = now_ns};
}

bool loss_due(const struct loss *loss, int64_t now_ns)
{
    return now_ns - loss->looked_ns >= LOSS_LOOK_NS;
}

static double part(struct loss_share share)
{
    return share.of >= ENOUGH ? share.lost / share.of : 0;
}

static double error_of(struct loss_share share)
{
    double lost = part(share);
    return sqrt(lost * (1 - lost) / (share.of + 1));
}

static double part_surely(struct loss_share share)
{
    return part(share) - SURE * error_of(share);
}

/* Of what there was to hear and to send since the last look. */
static double counted_since(const struct loss *loss, const struct wire_counters *now)
{
    const struct wire_counters *then = &loss->counters;
    uint64_t lost_in = now->lost_in - then->lost_in, lost_out = now->lost_out - then->lost_out;
    double in = part((struct loss_share){(double)lost_in, (double)(lost_in + now->heard - then->heard)});
    double out = part((struct loss_share){(double)lost_out, (double)(lost_out + now->sent - then->sent)});
    return in > out ? in : out;
}

/* Known answers that did not come when they were asked for again. */
static struct loss_share missed_again(const struct sweep_fresh *fresh)
{
    return (struct loss_share){(double)(fresh->asked_again - fresh->answered_again),
                               (double)fresh->asked_again};
}

/* A target that answers only its retry lost its first attempt, or the answer to it. There were more of them, as retries
   get lost, too. */
static struct loss_share missed_first(const struct sweep_fresh *fresh)
{
    double again = part(missed_again(fresh));
    double lost = (double)fresh->later / (1 - (again < RETRIES_LOST_MAX ? again : RETRIES_LOST_MAX));
    return (struct loss_share){lost, (double)fresh->known + lost};
}

/* What says the most for sure. */
static struct loss_share missed_since(const struct sweep_fresh *fresh)
{
    struct loss_share first = missed_first(fresh), again = missed_again(fresh);
    return part_surely(first) > part_surely(again) ? first : again;
}

static struct loss_share missed_in_all(const struct sweep_fresh *fresh)
{
    struct loss_share first = missed_first(fresh), again = missed_again(fresh);
    return (struct loss_share){first.lost + again.lost, first.of + again.of};
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

/* To half of what got through, and to half of the SYNs whose answers are known to find their way. */
static void fall(struct loss *loss, const struct sweep *sweep, double rate, double lost)
{
    double answering = sweep_answering(sweep);
    if (loss->left > 0 && loss->left < rate * loss->factor)
        loss->factor = loss->left / rate;
    loss->factor *= FALL * (1 - lost);
    if (answering > 0 && FALL * loss->heard < rate * loss->factor * answering)
        loss->factor = FALL * loss->heard / rate / answering;
    if (loss->factor < LOSS_FACTOR_MIN)
        loss->factor = LOSS_FACTOR_MIN;
    loss->left = loss->heard = 0;
}

static void begin_anew(struct loss *loss, struct sweep *sweep, int64_t now_ns)
{
    sweep_forget(sweep);
    loss->samples = 0;
    loss->clean_ns = now_ns;
}

/* Of losing more than is usual. */
static double odds(const struct loss *loss, double lost)
{
    return lost > loss->usual ? (lost - loss->usual) / (1 - lost + 1e-9) : 0;
}

static bool trial_is_over(const struct loss *loss, struct loss_share missed)
{
    return missed.of >= TRIAL && missed.of * loss->trial_lost >= TRIAL_LOST;
}

/* Through a narrow place a slower rate loses less. What is lost as before is not the rate's doing: it gets the old one
   back, and from then on falls only for more than that. */
static void judge(struct loss *loss, struct sweep *sweep, struct loss_share missed, int64_t now_ns)
{
    double lost = part(missed);
    if (odds(loss, lost) > odds(loss, loss->trial_lost) / 2) {
        loss->usual = lost > loss->trial_lost ? lost : loss->trial_lost;
        loss->factor = loss->trial_factor;
        begin_anew(loss, sweep, now_ns);
    }
    loss->trial_lost = 0;
}

/* Where answers got lost the rate rises only while samples say that they no longer do; with one attempt there are none,
   and the counters have to do. Where there is nothing to sample it rises as well, only later. */
static bool may_rise(const struct loss *loss, const struct sweep *sweep, int64_t now_ns)
{
    bool sampled = sweep->fresh.asked_again >= loss->samples + ENOUGH || sweep->options.attempts == 1;
    return loss->factor < 1 && now_ns - loss->clean_ns > (sampled ? CLEAN_NS : BLIND_NS);
}

static void rise(struct loss *loss, struct sweep *sweep, int64_t now_ns)
{
    loss->factor = loss->factor * RISE < 1 ? loss->factor * RISE : 1;
    sweep_fade(sweep);
    loss->samples = sweep->fresh.asked_again;
    loss->clean_ns = now_ns;
    if (loss->factor >= loss->trial_factor)
        loss->trial_lost = 0;
}

/* What misses say. */
static void look_at_missed(struct loss *loss, struct loss_share missed, struct sweep *sweep, double rate,
                           int64_t now_ns)
{
    struct loss_share all = missed_in_all(&sweep->fresh);
    bool more = part_surely(missed) > loss->usual + TOLERATED;
    if (loss->trial_lost > 0 && trial_is_over(loss, all)) {
        judge(loss, sweep, all, now_ns);
    } else if (more && loss->trial_lost <= 0) {
        loss->trial_lost = part(missed);
        loss->trial_factor = loss->factor;
        fall(loss, sweep, rate, part(missed));
        begin_anew(loss, sweep, now_ns);
    } else if (!more && may_rise(loss, sweep, now_ns)) {
        rise(loss, sweep, now_ns);
    }
    if (all.of >= TRIAL && part(all) + SURE * error_of(all) < loss->usual)
        loss->usual = part(all) + SURE * error_of(all);
}

void loss_look(struct loss *loss, const struct wire_counters *counters, struct sweep *sweep, double rate,
               int64_t now_ns)
{
    struct loss_share share = missed_since(&sweep->fresh);
    double counted = counted_since(loss, counters), missed = part(share);
    measure(loss, counters, sweep->totals.frames, now_ns);
    loss->seen = loss->seen || counted > 0 || missed > TOLERATED;
    if (counted > TOLERATED) {
        fall(loss, sweep, rate, counted > missed ? counted : missed);
        loss->trial_lost = 0;
        begin_anew(loss, sweep, now_ns);
    } else {
        look_at_missed(loss, share, sweep, rate, now_ns);
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
