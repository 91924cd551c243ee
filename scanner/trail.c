#include "scanner/trail.h"

void trail_init(struct trail *trail, int64_t span_ns)
{
    trail->first = trail->count = 0;
    trail->grain_ns = span_ns / (TRAIL_MARKS / 2) + 1;
}

static size_t slot(const struct trail *trail, size_t number)
{
    return (trail->first + number) % TRAIL_MARKS;
}

void trail_note(struct trail *trail, uint64_t place, int64_t now_ns)
{
    const struct trail_mark mark = {place, now_ns};
    bool full = trail->count == TRAIL_MARKS;
    bool near =
        trail->count > 1 && now_ns - trail->marks[slot(trail, trail->count - 2)].time_ns < trail->grain_ns;
    /* What a mark is moved on over counts as later than it was, never as earlier. */
    if (full || near)
        trail->marks[slot(trail, trail->count - 1)] = mark;
    else
        trail->marks[slot(trail, trail->count++)] = mark;
}

uint64_t trail_at(struct trail *trail, int64_t time_ns, uint64_t floor)
{
    uint64_t place = floor;
    while (trail->count && trail->marks[trail->first].time_ns <= time_ns) {
        place = trail->marks[trail->first].place;
        trail->first = slot(trail, 1);
        trail->count--;
    }
    return place;
}

int64_t trail_passed(const struct trail *trail, uint64_t place)
{
    for (size_t i = 0; i < trail->count; i++)
        if (trail->marks[slot(trail, i)].place > place)
            return trail->marks[slot(trail, i)].time_ns;
    return INT64_MAX;
}
