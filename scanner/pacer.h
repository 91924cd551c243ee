#ifndef SCANNER_PACER_H
#define SCANNER_PACER_H

#include <stdbool.h>
#include <stdint.h>

/* Spaces events by absolute deadlines with a burst of one: after a stall it does not catch up. Being late is made
   good up to one interval, so that a timer's jitter does not lower the rate; so any window w holds at most
   rate·w + 2. */
struct pacer {
    int64_t interval_ns;
    int64_t slack_ns; /* lateness that is made good */
    int64_t next_ns;  /* when the next event is due on the even grid */
};

/* rate > 0, events a second. */
void pacer_init(struct pacer *pacer, double rate);
/* No lateness is made good: two events are never nearer than one interval. */
void pacer_init_strict(struct pacer *pacer, double rate);
/* When the next event may happen, on the clock that pacer_spend is given; in the past when it is overdue. */
int64_t pacer_due(const struct pacer *pacer);
/* May one happen now? */
bool pacer_ready(const struct pacer *pacer, int64_t now_ns);
/* One happens now; only when pacer_ready. */
void pacer_spend(struct pacer *pacer, int64_t now_ns);
/* So many happen at once: the next is as many intervals away. */
void pacer_spend_many(struct pacer *pacer, uint32_t count, int64_t now_ns);
/* Events come in batches of so many at most: being late by one batch is made good. */
void pacer_batch(struct pacer *pacer, uint32_t batch);
/* What was begun lasted until now: the next event is a whole interval away. */
void pacer_rest(struct pacer *pacer, int64_t now_ns);

#endif
