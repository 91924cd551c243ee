#include "scanner/sweep.h"

void sweep_suspect(struct sweep *sweep)
{
    sweep->suspicious = true;
}

void sweep_forget(struct sweep *sweep)
{
    sweep->fresh = (struct sweep_fresh){0};
    sweep->fresh.since = sweep->cursors[1];
}

void sweep_fade(struct sweep *sweep)
{
    sweep->fresh.known /= 2;
    sweep->fresh.later /= 2;
    sweep->fresh.asked_again /= 2;
    sweep->fresh.answered_again /= 2;
}

#define ANSWERING_ENOUGH 256

double sweep_answering(const struct sweep *sweep)
{
    const struct sweep_fresh *fresh = &sweep->fresh;
    double asked = (double)sweep->cursors[1];
    double part = asked > 0 ? (double)(sweep->totals.first + sweep->totals.later) / asked : 0;
    /* What the first retry has passed lately has lost the least. */
    double passed = sweep->cursors[2] > fresh->since ? (double)(sweep->cursors[2] - fresh->since) : 0;
    double lately = passed >= ANSWERING_ENOUGH ? (double)(fresh->known + fresh->later) / passed : 0;
    part = lately > part ? lately : part;
    return part < 1 ? part : 1;
}

#define SAMPLE_ENOUGH 30

/* The chance that a retry, its answer included, gets lost. */
static double retry_loss(const struct sweep_totals *totals)
{
    if (totals->asked_again >= SAMPLE_ENOUGH)
        return 1 - (double)totals->answered_again / (double)totals->asked_again;
    return (double)totals->later / (double)(totals->first + totals->later);
}

/* Of those whose first attempt got lost each later one finds a part; what all of them missed follows. */
static double unheard_seen(const struct sweep *sweep, double loss)
{
    double missed = 1;
    for (unsigned attempt = 2; attempt <= sweep->options.attempts; attempt++)
        missed *= loss;
    return (double)(sweep->totals.later - sweep->totals.blind_later) * missed / (1 - missed + 1e-12);
}

/* Of the retries that nobody sampled as many will have gone to targets that answer as of the others. */
static double unheard_blind(const struct sweep_totals *totals, double loss)
{
    double seen = (double)(totals->retries - totals->blind);
    double answering =
        seen > 0 ? (double)(totals->later - totals->blind_later) / (1 - loss + 1e-12) / seen : 0;
    double unheard = (double)totals->blind * answering - (double)totals->blind_later;
    return unheard > 0 ? unheard : 0;
}

double sweep_recall(const struct sweep *sweep, double lost)
{
    const struct sweep_totals *totals = &sweep->totals;
    if (sweep->options.attempts == 1)
        return 1 - lost;
    if (totals->later == 0)
        return 1;
    double loss = retry_loss(totals), heard = (double)(totals->first + totals->later);
    /* Where nobody sampled at all, the retries are taken to fare as the first attempts did. */
    if (totals->blind == totals->retries)
        return heard / (heard + (double)totals->later * loss / (1 - loss + 1e-12));
    return heard / (heard + unheard_seen(sweep, loss) + unheard_blind(totals, loss));
}
