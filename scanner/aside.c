#include "scanner/aside.h"

#include <stdlib.h>
#include <string.h>

enum status aside_init(struct aside *aside)
{
    memset(aside, 0, sizeof *aside);
    aside->entries = calloc(ASIDE_MAX, sizeof *aside->entries);
    if (!aside->entries)
        return STATUS_NO_MEMORY;
    for (size_t i = ASIDE_MAX; i-- > 0;) {
        aside->entries[i].next = aside->free;
        aside->free = &aside->entries[i];
    }
    return STATUS_OK;
}

void aside_deinit(struct aside *aside)
{
    free(aside->entries);
    heap_deinit(&aside->networks);
    memset(aside, 0, sizeof *aside);
}

bool aside_has_room(const struct aside *aside)
{
    return aside->free != NULL;
}

enum status aside_add(struct aside *aside, struct network *network, uint64_t step, unsigned pass)
{
    if (heap_reserve(&aside->networks, aside->networks.count + 1) != STATUS_OK)
        return STATUS_NO_MEMORY;
    struct aside_entry *entry = aside->free;
    aside->free = entry->next;
    *entry = (struct aside_entry){step, pass, network, NULL, aside->newest[pass], NULL};
    if (entry->older)
        entry->older->newer = entry;
    else
        aside->oldest[pass] = entry;
    aside->newest[pass] = entry;
    if (network->tail)
        network->tail->next = entry;
    else
        network->head = entry;
    network->tail = entry;
    aside->counts[pass]++;
    aside->count++;
    heap_set(&aside->networks, &network->aside, network_release_due(network));
    return STATUS_OK;
}

static struct network *network_of(struct heap_item *item)
{
    return (struct network *)(void *)((char *)item - offsetof(struct network, aside));
}

struct aside_entry *aside_ready(struct aside *aside, int64_t now_ns)
{
    while (heap_due(&aside->networks) <= now_ns) {
        struct network *network = network_of(heap_top(&aside->networks));
        if (network_release_due(network) <= now_ns)
            return network->head;
        heap_set(&aside->networks, &network->aside, network_release_due(network)); /* it was spent since */
    }
    return NULL;
}

void aside_remove(struct aside *aside, struct aside_entry *entry)
{
    struct network *network = entry->network;
    network->head = entry->next;
    if (network->head) {
        heap_set(&aside->networks, &network->aside, network_release_due(network));
    } else {
        network->tail = NULL;
        heap_remove(&aside->networks, &network->aside);
    }
    if (entry->older)
        entry->older->newer = entry->newer;
    else
        aside->oldest[entry->pass] = entry->newer;
    if (entry->newer)
        entry->newer->older = entry->older;
    else
        aside->newest[entry->pass] = entry->older;
    aside->counts[entry->pass]--;
    aside->count--;
    entry->next = aside->free;
    aside->free = entry;
}

int64_t aside_due(const struct aside *aside)
{
    return heap_due(&aside->networks);
}

uint64_t aside_lowest(const struct aside *aside, unsigned pass)
{
    return aside->oldest[pass] ? aside->oldest[pass]->step : UINT64_MAX;
}
