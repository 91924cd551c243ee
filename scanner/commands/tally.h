#ifndef SCANNER_COMMANDS_TALLY_H
#define SCANNER_COMMANDS_TALLY_H

#include "scoring/store.h"

/* Targets that came to an end, counted per organization and port until they are stored. */
struct tally {
    struct store_count *places; /* a hash; organization NULL: free */
    size_t count, capacity;     /* capacity: a power of two, or 0 */
};

void tally_init(struct tally *tally);
void tally_deinit(struct tally *tally);
/* organization: borrowed for the tally's life, and told apart by its address. */
MUST_USE enum status tally_add(struct tally *tally, const char *organization, struct port port,
                               enum endpoint_state state, uint64_t count);
/* Adds all to the store, and begins anew. */
MUST_USE enum status tally_store(struct tally *tally, struct store *store, const struct store_run *run);

#endif
