#include "scanner/commands/page.h"

#include <stdlib.h>

enum told {
    TOLD_PENDING,
    TOLD_FINISHED,
    TOLD_JUDGED,
    TOLD_SWEPT,
    TOLD_HEARD,
};

struct entry {
    enum told told;
    enum endpoint_state state;
    enum host_control control;
    unsigned attempts;
    uint64_t number;
    const struct organization *organization;
    struct observation *observation; /* owned */
    struct address address;
    struct port port;
};

void page_clear(struct page *page)
{
    for (size_t i = 0; i < page->count; i++)
        if (page->entries[i].observation) {
            observation_deinit(page->entries[i].observation);
            free(page->entries[i].observation);
        }
    page->count = 0;
}

void page_deinit(struct page *page)
{
    page_clear(page);
    free(page->entries);
    *page = (struct page){0};
}

static enum status add(struct page *page, const struct entry *entry)
{
    if (page->count == page->capacity) {
        size_t capacity = page->capacity ? page->capacity * 2 : 256;
        struct entry *grown = realloc(page->entries, capacity * sizeof *grown);
        if (!grown)
            return STATUS_NO_MEMORY;
        page->entries = grown;
        page->capacity = capacity;
    }
    page->entries[page->count++] = *entry;
    return STATUS_OK;
}

enum status page_pending(struct page *page, uint64_t number, unsigned attempts)
{
    return add(page, &(struct entry){.told = TOLD_PENDING, .number = number, .attempts = attempts});
}

enum status page_finished(struct page *page, uint64_t number, const struct organization *organization,
                          struct address address, struct port port, enum endpoint_state state,
                          const struct observation *observation)
{
    struct entry entry = {.told = TOLD_FINISHED,
                          .number = number,
                          .organization = organization,
                          .address = address,
                          .port = port,
                          .state = state};
    if (observation) {
        entry.observation = malloc(sizeof *entry.observation);
        if (!entry.observation)
            return STATUS_NO_MEMORY;
        observation_copy(entry.observation, observation);
    }
    enum status status = add(page, &entry);
    if (status != STATUS_OK && entry.observation) {
        observation_deinit(entry.observation);
        free(entry.observation);
    }
    return status;
}

enum status page_judged(struct page *page, const struct organization *organization, struct address address,
                        enum host_control control)
{
    return add(
        page, &(struct entry){
                  .told = TOLD_JUDGED, .organization = organization, .address = address, .control = control});
}

enum status page_swept(struct page *page, const struct organization *organization, struct port port,
                       enum endpoint_state state)
{
    return add(page, &(struct entry){
                         .told = TOLD_SWEPT, .organization = organization, .port = port, .state = state});
}

enum status page_heard(struct page *page, const struct organization *organization, struct address address)
{
    return add(page, &(struct entry){.told = TOLD_HEARD, .organization = organization, .address = address});
}

static enum status tell(const struct entry *entry, const struct scan_listener *listener)
{
    void *context = listener->context;
    switch (entry->told) {
    case TOLD_PENDING:
        return listener->pending(context, entry->number, entry->attempts);
    case TOLD_FINISHED:
        return listener->finished(context, entry->number, entry->organization, entry->address, entry->port,
                                  entry->state, entry->observation);
    case TOLD_JUDGED:
        return listener->judged(context, entry->organization, entry->address, entry->control);
    case TOLD_SWEPT:
        return listener->swept(context, entry->organization, entry->port, entry->state);
    case TOLD_HEARD:
        return listener->heard(context, entry->organization, entry->address);
    }
    return STATUS_OK;
}

enum status page_tell(const struct page *page, const struct scan_listener *listener)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < page->count && status == STATUS_OK; i++)
        status = tell(&page->entries[i], listener);
    return status;
}
