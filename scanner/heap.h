#ifndef SCANNER_HEAP_H
#define SCANNER_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "targets/status.h"

/* Things by the moment from which they may be used, the earliest on top. An item is embedded in what it stands for. */
struct heap_item {
    int64_t due_ns;
    size_t place; /* HEAP_NOWHERE: in none */
};

#define HEAP_NOWHERE SIZE_MAX

struct heap {
    struct heap_item **items;
    size_t count, capacity;
};

void heap_deinit(struct heap *heap);
/* Room for so many, so that heap_set needs none. */
MUST_USE enum status heap_reserve(struct heap *heap, size_t count);
/* Puts an item in, or moves it to another moment. */
void heap_set(struct heap *heap, struct heap_item *item, int64_t due_ns);
/* An item that is not in it may be taken out of it. */
void heap_remove(struct heap *heap, struct heap_item *item);

/* NULL when it is empty. */
static inline struct heap_item *heap_top(const struct heap *heap)
{
    return heap->count ? heap->items[0] : NULL;
}

/* When its first may be used; INT64_MAX when it is empty. */
static inline int64_t heap_due(const struct heap *heap)
{
    return heap->count ? heap->items[0]->due_ns : INT64_MAX;
}

#endif
