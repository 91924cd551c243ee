#include "scanner/heap.h"

#include <stdlib.h>
#include <string.h>

void heap_deinit(struct heap *heap)
{
    free(heap->items);
    memset(heap, 0, sizeof *heap);
}

enum status heap_reserve(struct heap *heap, size_t count)
{
    if (count <= heap->capacity)
        return STATUS_OK;
    size_t capacity = heap->capacity ? heap->capacity * 2 : 16;
    capacity = capacity < count ? count : capacity;
    struct heap_item **grown = reallocarray(heap->items, capacity, sizeof *grown);
    if (!grown)
        return STATUS_NO_MEMORY;
    heap->items = grown;
    heap->capacity = capacity;
    return STATUS_OK;
}

static void put(struct heap *heap, size_t place, struct heap_item *item)
{
    heap->items[place] = item;
    item->place = place;
}

static void sift(struct heap *heap, size_t place)
{
    struct heap_item *item = heap->items[place];
    for (; place > 0 && item->due_ns < heap->items[(place - 1) / 2]->due_ns; place = (place - 1) / 2)
        put(heap, place, heap->items[(place - 1) / 2]);
    for (size_t child; (child = place * 2 + 1) < heap->count; place = child) {
        if (child + 1 < heap->count && heap->items[child + 1]->due_ns < heap->items[child]->due_ns)
            child++;
        if (heap->items[child]->due_ns >= item->due_ns)
            break;
        put(heap, place, heap->items[child]);
    }
    put(heap, place, item);
}

void heap_set(struct heap *heap, struct heap_item *item, int64_t due_ns)
{
    if (item->place == HEAP_NOWHERE)
        put(heap, heap->count++, item);
    item->due_ns = due_ns;
    sift(heap, item->place);
}

void heap_remove(struct heap *heap, struct heap_item *item)
{
    size_t place = item->place;
    if (place == HEAP_NOWHERE)
        return;
    item->place = HEAP_NOWHERE;
    struct heap_item *last = heap->items[--heap->count];
    if (last == item)
        return;
    put(heap, place, last);
    sift(heap, place);
}
