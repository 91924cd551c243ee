#ifndef SCANNER_TRAIL_H
#define SCANNER_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When a cursor that only moves forward came where: so that what follows it can keep a distance in time without a
   clock for each step. Places are rounded so that nothing counts as older than it is. */

#define TRAIL_MARKS 1024

struct trail_mark {
    uint64_t place;  /* the cursor stood here … */
    int64_t time_ns; /* … at this time, and nowhere before it later */
};

struct trail {
    struct trail_mark marks[TRAIL_MARKS]; /* a ring, both members rising */
    size_t first, count;
    int64_t grain_ns; /* marks nearer than this are one */
};

/* span_ns: how far back one will ask. */
void trail_init(struct trail *trail, int64_t span_ns);
/* The cursor has come to a place. Places and times never fall. */
void trail_note(struct trail *trail, uint64_t place, int64_t now_ns);
/* Up to which place it had come at a time; marks before that are forgotten. `floor` where nothing is known. */
uint64_t trail_at(struct trail *trail, int64_t time_ns, uint64_t floor);
/* When the cursor passed beyond a place, rounded up; INT64_MAX when it has not. */
int64_t trail_passed(const struct trail *trail, uint64_t place);

#endif
