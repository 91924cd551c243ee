#ifndef SCORING_ASKING_H
#define SCORING_ASKING_H

#include "scoring/store.h"

/* The counts of an import while they come address by address: those of one organization are gathered before
   they are written, so that many addresses cost few writes, and all organizations no more memory than one. */
struct asking {
    struct store *store;
    const struct store_run *run;
    char *organization;
    uint64_t (*ends)[5]; /* by port, UDP behind TCP; NULL before the first */
    uint32_t *touched;   /* which of them are not all zero */
    size_t touched_count;
};

/* Borrows store and run. */
void asking_init(struct asking *asking, struct store *store, const struct store_run *run);
void asking_deinit(struct asking *asking);
MUST_USE enum status asking_add(struct asking *asking, const char *organization, const struct ports *ports,
                                enum endpoint_state state);
/* Writes what is not yet written. */
MUST_USE enum status asking_flush(struct asking *asking);

#endif
