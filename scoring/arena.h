#ifndef SCORING_ARENA_H
#define SCORING_ARENA_H

#include <stddef.h>

/* Memory that is given out piece by piece and taken back all at once, to be used again. Zeroed is empty. */
struct arena {
    struct arena_chunk *first;
    struct arena_chunk *current;
    size_t used; /* of the current chunk */
};

void arena_deinit(struct arena *arena);
/* Not zeroed, aligned for any type; NULL when memory is out. Stays until the arena is reset. */
void *arena_take(struct arena *arena, size_t size);
/* All pieces are gone; the memory is kept. */
void arena_reset(struct arena *arena);

#endif
