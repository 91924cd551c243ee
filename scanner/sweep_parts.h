#ifndef SCANNER_SWEEP_PARTS_H
#define SCANNER_SWEEP_PARTS_H

#include "scanner/sweep.h"

/* What the files of sweep share. */

/* A step's mark. 0: silent so far. */
enum mark {
    MARK_CLOSED = 1,
    MARK_UNREACHABLE = 2,
    MARK_OPEN = 3,
    MARK_STATE = 3,
    MARK_ASKED_AGAIN = 4,
    MARK_ANSWERED_AGAIN = 8,
    MARK_ASIDE = 16, /* a silent one whose SYN has to wait */
};

static inline uint8_t *mark_of(const struct sweep *sweep, uint64_t step)
{
    return &sweep->wire->marks[step & (sweep->wire->marks_size - 1)];
}

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* --- sweep_ceiling.c: ceilings of networks --- */

/* The network that a step's address is in; NULL when memory is out. */
struct network *sweep_network(const struct sweep *sweep, uint64_t step);
/* Spends the network's pace where it may be asked now and nothing of it waits. */
bool sweep_spend(struct sweep *sweep, struct network *network, int64_t now_ns);
/* Puts a step aside that is at its network's ceiling; there is room. */
MUST_USE enum status sweep_put_aside(struct sweep *sweep, unsigned pass, struct network *network,
                                     uint64_t step);
/* Sends of a pass what ceilings allow and puts aside what they do not. What the device does not take has spent its
   network's pace, and is put aside when it is met again. */
MUST_USE enum status sweep_send_limited(struct sweep *sweep, unsigned pass, uint64_t limit,
                                        uint32_t frames_max, int64_t now_ns, struct wire_sent *sent_out);
/* Questions to a link go one by one, and nobody overtakes: who is asked by them is few networks. */
MUST_USE enum status sweep_resolve_limited(struct sweep *sweep, int64_t now_ns, struct wire_sent *sent_out);
/* Up to where every step of a pass has had its SYN. */
uint64_t sweep_reached(const struct sweep *sweep, unsigned pass);

#endif
