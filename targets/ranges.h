#ifndef TARGETS_RANGES_H
#define TARGETS_RANGES_H

#include "targets/address.h"

/* first <= last, both included, of one family. */
struct range {
    struct address first;
    struct address last;
};

/* A set of addresses: sorted, disjoint, not adjacent once ranges_normalise has run. Owns its items. */
struct ranges {
    struct range *items;
    size_t count;
    size_t capacity;
};

void ranges_init(struct ranges *ranges);
void ranges_deinit(struct ranges *ranges);
/* Appends; the set is not normal until ranges_normalise. */
MUST_USE enum status ranges_add(struct ranges *ranges, struct range range);
void ranges_normalise(struct ranges *ranges);
/* Takes every address of `minus` out of `ranges`; both normal before, the result normal. */
MUST_USE enum status ranges_subtract(struct ranges *ranges, const struct ranges *minus);
/* `to` is made anew; what it held before is not freed. */
MUST_USE enum status ranges_copy(struct ranges *to, const struct ranges *from);
/* Binary search; both need a normal set. */
bool ranges_contain(const struct ranges *ranges, struct address address);
/* Is any address of the range in the set? */
bool ranges_overlap(const struct ranges *ranges, struct range range);
/* Are all addresses of the range in the set? */
bool ranges_hold(const struct ranges *ranges, struct range range);
/* How many addresses; UINT64_MAX where it does not fit. */
uint64_t ranges_size(const struct ranges *ranges);
/* How many of them lie in a range; the set is normal. */
uint64_t ranges_size_within(const struct ranges *ranges, struct range range);

/* "192.0.2.1", "192.0.2.0/24", "192.0.2.10-192.0.2.20", the same for IPv6. A prefix with host bits set is
   refused. On failure *why_out is a static sentence part that says what is wrong and what would be right. */
MUST_USE bool range_parse(const char *text, struct range *range_out, const char **why_out);
uint64_t range_size(struct range range);

/* The addresses that share their first `length` bits of the 128 of struct address: 120 for an IPv4 /24. */
struct prefix {
    struct address address; /* the first of them */
    unsigned length;
};
/* The widest prefix with which a range begins; the caller goes on behind it, if that was not all. */
struct prefix range_prefix(struct range range);
struct address prefix_last(struct prefix prefix);
bool prefix_holds(struct prefix prefix, struct address address);

/* A normal set with running sums: address number i in O(log count). Borrows the ranges. STATUS_LIMIT from
   init for 2^64 addresses or more. */
struct ranges_index {
    const struct ranges *ranges;
    uint64_t *before; /* before[i]: addresses in items[0..i) */
    uint64_t total;
};
MUST_USE enum status ranges_index_init(struct ranges_index *index, const struct ranges *ranges);
void ranges_index_deinit(struct ranges_index *index);
struct address ranges_index_at(const struct ranges_index *index, uint64_t number);
/* The number of an address within the set, or UINT64_MAX when it is not in it. */
uint64_t ranges_index_of(const struct ranges_index *index, struct address address);

#endif
