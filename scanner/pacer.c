#include "scanner/pacer.h"

#define STALL_SLACKS 4 /* who is later than that was not hindered, but had nothing to send */

void pacer_init_strict(struct pacer *pacer, double rate)
{
    pacer->interval_ns = (int64_t)(1e9 / rate);
    if ((double)pacer->interval_ns * rate < 1e9)
        pacer->interval_ns++; /* rounded down it would be faster than asked for */
    pacer->slack_ns = 0;
    pacer->next_ns = INT64_MIN / 2;
}

void pacer_init(struct pacer *pacer, double rate)
{
    pacer_init_strict(pacer, rate);
    pacer->slack_ns = pacer->interval_ns;
}

int64_t pacer_due(const struct pacer *pacer)
{
    return pacer->next_ns;
}

bool pacer_ready(const struct pacer *pacer, int64_t now_ns)
{
    return now_ns >= pacer->next_ns;
}

void pacer_spend(struct pacer *pacer, int64_t now_ns)
{
    pacer_spend_many(pacer, 1, now_ns);
}

void pacer_batch(struct pacer *pacer, uint32_t batch)
{
    pacer->slack_ns = pacer->interval_ns * batch;
}

void pacer_spend_many(struct pacer *pacer, uint32_t count, int64_t now_ns)
{
    /* On the grid while late by less than the slack; after a short stall on the one that is the slack behind, so that
       no more than that is made good; otherwise the grid starts anew here. */
    int64_t late_ns = now_ns - pacer->next_ns, from_ns = now_ns;
    if (late_ns < pacer->slack_ns)
        from_ns = pacer->next_ns;
    else if (late_ns < pacer->slack_ns * STALL_SLACKS)
        from_ns = now_ns - pacer->slack_ns;
    pacer->next_ns = from_ns + pacer->interval_ns * count;
}

void pacer_rest(struct pacer *pacer, int64_t now_ns)
{
    if (pacer->next_ns < now_ns + pacer->interval_ns)
        pacer->next_ns = now_ns + pacer->interval_ns;
}
