#ifndef TARGETS_ZONE_H
#define TARGETS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "targets/status.h"

/* From a moment on (seconds since the epoch), local time is this far ahead of UTC. */
struct zone_span {
    int64_t from_s;
    int32_t offset_s;
};

/* A time zone's offsets over some years, worked out once: looking one up touches neither TZ nor the C
   library's zone, so that it is cheap, and safe from other threads. Owns its spans. */
struct zone {
    struct zone_span *spans;
    size_t count;
};

/* Is it the name of an IANA zone that this machine has? UTC always is. */
bool zone_is_known(const char *name);
/* The folder where zones are looked for. */
const char *zone_folder(void);
/* Offsets for all moments in [from_s, until_s]; NULL is the machine's own zone. Sets TZ for the time of the
   call when a zone is named, which is why it belongs to a program's start. */
MUST_USE enum status zone_init(struct zone *zone, const char *name, int64_t from_s, int64_t until_s);
void zone_deinit(struct zone *zone);
/* Seconds that local time is ahead of UTC at a moment; beyond the ends, what holds at the end. */
int32_t zone_offset(const struct zone *zone, int64_t now_s);
/* The next moment behind now_s at which the offset changes; INT64_MAX when there is none. */
int64_t zone_next_change(const struct zone *zone, int64_t now_s);

#endif
