#ifndef SCANNER_COMMANDS_PAGE_H
#define SCANNER_COMMANDS_PAGE_H

#include "scanner/scan.h"

/* What a scan tells its listener, written down to be told again later, in the same order. */

struct entry;

struct page {
    struct entry *entries;
    size_t count, capacity;
};

/* A page without entries is all zero. */
void page_deinit(struct page *page);
/* Forgets the entries and keeps their room. */
void page_clear(struct page *page);
/* As scan_listener has them; organizations are borrowed, an observation is copied. STATUS_NO_MEMORY: not written. */
MUST_USE enum status page_pending(struct page *page, uint64_t number, unsigned attempts);
MUST_USE enum status page_finished(struct page *page, uint64_t number,
                                   const struct organization *organization, struct address address,
                                   struct port port, enum endpoint_state state,
                                   const struct observation *observation);
MUST_USE enum status page_judged(struct page *page, const struct organization *organization,
                                 struct address address, enum host_control control);
MUST_USE enum status page_swept(struct page *page, const struct organization *organization, struct port port,
                                enum endpoint_state state);
MUST_USE enum status page_heard(struct page *page, const struct organization *organization,
                                struct address address);
/* Until the listener's first error, which is given back. */
MUST_USE enum status page_tell(const struct page *page, const struct scan_listener *listener);

#endif
