#include "scoring/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define CHUNK_LEAST ((size_t)64 << 10)
#define CHUNK_MOST  ((size_t)1 << 20)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_deinit(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->first, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *arena = (struct arena){NULL, NULL, 0};
}

void arena_reset(struct arena *arena)
{
    arena->current = arena->first;
    arena->used = 0;
}

/* Chunks double up to a size; a piece that is larger gets one of its own. */
static struct arena_chunk *chunk_new(const struct arena_chunk *before, size_t least)
{
    size_t size = before ? before->size * 2 : CHUNK_LEAST;
    size = size > CHUNK_MOST ? CHUNK_MOST : size;
    size = size < least ? least : size;
    struct arena_chunk *chunk = size < SIZE_MAX - sizeof *chunk ? malloc(sizeof *chunk + size) : NULL;
    if (chunk) {
        chunk->next = NULL;
        chunk->size = size;
    }
    return chunk;
}

/* Goes to the next chunk that holds so much; what is left in those before it stays unused until the reset. */
static bool go_on(struct arena *arena, size_t least)
{
    struct arena_chunk **next = arena->current ? &arena->current->next : &arena->first;
    while (*next && (*next)->size < least)
        next = &(*next)->next;
    if (!*next)
        *next = chunk_new(arena->current, least);
    if (*next) {
        arena->current = *next;
        arena->used = 0;
    }
    return *next != NULL;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t whole = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (whole < size)
        return NULL;
    if ((!arena->current || arena->current->size - arena->used < whole) && !go_on(arena, whole))
        return NULL;
    void *piece = arena->current->bytes + arena->used;
    arena->used += whole;
    return piece;
}
