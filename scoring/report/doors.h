#ifndef SCORING_REPORT_DOORS_H
#define SCORING_REPORT_DOORS_H

#include "scoring/arena.h"
#include "scoring/deadline.h"
#include "scoring/report/answers.h"

/* The findings of one organization as the forms for machines list them: each occurrence once, with what answered
   there, what its absence alone would bring, and what became of it since the earlier run. */

struct change;

struct door {
    size_t item;
    struct finding finding;           /* with what it leaves out filled in (filled.h); texts borrowed */
    double gain;                      /* NAN: it does not count */
    const struct accepted_risk *risk; /* the scope's entry by which it does not count; NULL: it does */
    bool marked;                      /* by that, as a false positive */
    const struct answer *answer;      /* what answered there; NULL: nothing is known of that */
    const struct asset *asset;        /* the narrowest range of the scope; NULL: none */
    const struct change *change;      /* NULL: the report has no changes, or none of it */
    int64_t first_ms;                 /* when it was seen first, as far as is known; 0: unknown */
    struct deadline deadline;
    bool has_deadline;
};

struct doors {
    const struct report *report;
    const struct report_organization *row;
    struct answers answers;
    struct door *items; /* what counts by gain, then what does not, in the order of the findings */
    size_t count, capacity;
    struct arena arena;           /* texts of findings that no scorecard keeps */
    const struct change **places; /* the organization's changes by item and place */
    size_t places_count;
    enum status status;
};

/* Deinit in any case. */
MUST_USE enum status doors_collect(const struct report *report, const struct report_organization *row,
                                   struct doors *doors_out);
void doors_deinit(struct doors *doors);

/* Where two findings of an item stand to each other; 0: they are the same occurrence (contract.md, "unit"). */
int door_place_compare(enum item_unit unit, const struct finding *a, const struct finding *b);

#define DOOR_PLACE_MAX 512
/* "192.0.2.10:3306", "[2001:db8::1]:443/udp", "192.0.2.10" for hosts, or the key; "" where nothing is known. Cut when
   it is long. */
void door_place(enum item_unit unit, const struct finding *finding, char text[DOOR_PLACE_MAX]);

#endif
