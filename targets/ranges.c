#include "targets/ranges.h"

#include <stdlib.h>
#include <string.h>

void ranges_init(struct ranges *ranges)
{
    *ranges = (struct ranges){NULL, 0, 0};
}

void ranges_deinit(struct ranges *ranges)
{
    free(ranges->items);
    ranges_init(ranges);
}

enum status ranges_add(struct ranges *ranges, struct range range)
{
    if (ranges->count == ranges->capacity) {
        size_t capacity = ranges->capacity ? ranges->capacity * 2 : 8;
        struct range *items = reallocarray(ranges->items, capacity, sizeof *items);
        if (!items)
            return STATUS_NO_MEMORY;
        ranges->items = items;
        ranges->capacity = capacity;
    }
    ranges->items[ranges->count++] = range;
    return STATUS_OK;
}

static int range_compare(const void *a, const void *b)
{
    const struct range *left = a;
    const struct range *right = b;
    int order = address_compare(left->first, right->first);
    return order ? order : address_compare(left->last, right->last);
}

/* The IPv4 block lies amid the IPv6 addresses; neighbours across its border stay apart. */
static bool joins(struct range lower, struct range upper)
{
    if (address_is_ipv4(lower.last) != address_is_ipv4(upper.first))
        return false;
    return address_compare(upper.first, lower.last) <= 0 || address_distance(lower.last, upper.first) == 1;
}

void ranges_normalise(struct ranges *ranges)
{
    if (ranges->count < 2)
        return;
    qsort(ranges->items, ranges->count, sizeof *ranges->items, range_compare);
    size_t kept = 0;
    for (size_t i = 1; i < ranges->count; i++) {
        struct range *current = &ranges->items[kept];
        struct range next = ranges->items[i];
        if (!joins(*current, next))
            ranges->items[++kept] = next;
        else if (address_compare(next.last, current->last) > 0)
            current->last = next.last;
    }
    ranges->count = kept + 1;
}

/* The address before; only for one that is above another, so never for the first of all. */
static struct address address_before(struct address address)
{
    return (struct address){address.high - (address.low == 0), address.low - 1};
}

/* What is left of one range; *from is the first item of `minus` that can still reach it. */
static enum status subtract_from_one(struct ranges *left, struct range range, const struct ranges *minus,
                                     size_t *from)
{
    while (*from < minus->count && address_compare(minus->items[*from].last, range.first) < 0)
        ++*from;
    for (size_t i = *from; i < minus->count && address_compare(minus->items[i].first, range.last) <= 0; i++) {
        struct range hole = minus->items[i];
        if (address_compare(hole.first, range.first) > 0) {
            enum status status = ranges_add(left, (struct range){range.first, address_before(hole.first)});
            if (status != STATUS_OK)
                return status;
        }
        if (address_compare(hole.last, range.last) >= 0)
            return STATUS_OK;
        range.first = address_next(hole.last);
    }
    return ranges_add(left, range);
}

enum status ranges_subtract(struct ranges *ranges, const struct ranges *minus)
{
    struct ranges left;
    ranges_init(&left);
    size_t from = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        enum status status = subtract_from_one(&left, ranges->items[i], minus, &from);
        if (status != STATUS_OK) {
            ranges_deinit(&left);
            return status;
        }
    }
    ranges_deinit(ranges);
    *ranges = left;
    return STATUS_OK;
}

enum status ranges_copy(struct ranges *to, const struct ranges *from)
{
    ranges_init(to);
    if (from->count == 0)
        return STATUS_OK;
    to->items = reallocarray(NULL, from->count, sizeof *to->items);
    if (!to->items)
        return STATUS_NO_MEMORY;
    memcpy(to->items, from->items, from->count * sizeof *to->items);
    to->count = to->capacity = from->count;
    return STATUS_OK;
}

/* The number of items whose first address is at most this one; the last of those is the only one that can
 * hold it. */
static size_t items_up_to(const struct ranges *ranges, struct address address)
{
    size_t low = 0;
    size_t high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (address_compare(ranges->items[middle].first, address) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool ranges_contain(const struct ranges *ranges, struct address address)
{
    size_t n = items_up_to(ranges, address);
    return n > 0 && address_compare(ranges->items[n - 1].last, address) >= 0;
}

bool ranges_overlap(const struct ranges *ranges, struct range range)
{
    size_t n = items_up_to(ranges, range.last);
    return n > 0 && address_compare(ranges->items[n - 1].last, range.first) >= 0;
}

bool ranges_hold(const struct ranges *ranges, struct range range)
{
    size_t n = items_up_to(ranges, range.first);
    return n > 0 && address_compare(ranges->items[n - 1].last, range.last) >= 0;
}

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

uint64_t range_size(struct range range)
{
    return add_saturated(address_distance(range.first, range.last), 1);
}

uint64_t ranges_size(const struct ranges *ranges)
{
    uint64_t size = 0;
    for (size_t i = 0; i < ranges->count; i++)
        size = add_saturated(size, range_size(ranges->items[i]));
    return size;
}

uint64_t ranges_size_within(const struct ranges *ranges, struct range range)
{
    uint64_t size = 0;
    for (size_t n = items_up_to(ranges, range.last); n > 0; n--) {
        struct range part = ranges->items[n - 1];
        if (address_compare(part.last, range.first) < 0)
            break;
        if (address_compare(part.first, range.first) < 0)
            part.first = range.first;
        if (address_compare(part.last, range.last) > 0)
            part.last = range.last;
        size = add_saturated(size, range_size(part));
    }
    return size;
}

/* A prefix length, in the bits of the family that the address was written in. */
static bool prefix_parse(const char *text, unsigned bits, unsigned *length_out)
{
    unsigned length = 0;
    if (text[0] == '0' && text[1] != 0)
        return false;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 3 || text[digits] != 0)
        return false;
    for (size_t i = 0; i < digits; i++)
        length = length * 10 + (unsigned)(text[i] - '0');
    *length_out = length;
    return length <= bits;
}

/* The addresses that share the first `length` of 128 bits with this one, the host bits of which must be zero.
 */
static bool prefix_range(struct address address, unsigned length, struct range *range_out)
{
    uint64_t high_hosts = length >= 64 ? 0 : UINT64_MAX >> length;
    uint64_t low_hosts = length <= 64 ? UINT64_MAX : length == 128 ? 0 : UINT64_MAX >> (length - 64);
    range_out->first = address;
    range_out->last = (struct address){address.high | high_hosts, address.low | low_hosts};
    return (address.high & high_hosts) == 0 && (address.low & low_hosts) == 0;
}

static bool cidr_parse(const char *text, const char *slash, struct range *range_out, const char **why_out)
{
    struct address address;
    unsigned length;
    if (!address_parse(text, (size_t)(slash - text), &address)) {
        *why_out =
            "what stands before the \"/\" is not an address; write it as 192.0.2.0/24 or 2001:db8::/120";
        return false;
    }
    bool dotted = !memchr(text, ':', (size_t)(slash - text));
    if (!prefix_parse(slash + 1, dotted ? 32 : 128, &length)) {
        *why_out = dotted ? "a prefix length of IPv4 is 0 to 32" : "a prefix length of IPv6 is 0 to 128";
        return false;
    }
    if (!prefix_range(address, dotted ? length + 96 : length, range_out)) {
        *why_out =
            "bits are set behind the prefix; write the network's first address, or leave the prefix out for "
            "one address";
        return false;
    }
    return true;
}

static bool span_parse(const char *text, const char *dash, struct range *range_out, const char **why_out)
{
    if (!address_parse(text, (size_t)(dash - text), &range_out->first) ||
        !address_parse(dash + 1, strlen(dash + 1), &range_out->last)) {
        *why_out = "write two whole addresses, as in 192.0.2.10-192.0.2.20";
        return false;
    }
    if (address_is_ipv4(range_out->first) != address_is_ipv4(range_out->last)) {
        *why_out = "one end is IPv4 and the other IPv6; write a range for each";
        return false;
    }
    if (address_compare(range_out->first, range_out->last) > 0) {
        *why_out = "it ends before it begins; write the lower address first";
        return false;
    }
    return true;
}

static bool single_parse(const char *text, struct range *range_out, const char **why_out)
{
    if (!address_parse(text, strlen(text), &range_out->first)) {
        *why_out = "write an address (192.0.2.1, 2001:db8::1), a prefix (192.0.2.0/24) or two addresses "
                   "(192.0.2.10-192.0.2.20)";
        return false;
    }
    range_out->last = range_out->first;
    return true;
}

/* An IPv6 range around the mapped block would hold all of IPv4 unseen. */
static bool of_one_family(struct range range)
{
    struct address ipv4 = address_from_ipv4(0);
    return address_is_ipv4(range.first) || address_compare(range.first, ipv4) > 0 ||
           address_compare(range.last, ipv4) < 0;
}

bool range_parse(const char *text, struct range *range_out, const char **why_out)
{
    const char *slash = strchr(text, '/');
    const char *dash = strchr(text, '-');
    bool parsed = slash  ? cidr_parse(text, slash, range_out, why_out)
                  : dash ? span_parse(text, dash, range_out, why_out)
                         : single_parse(text, range_out, why_out);
    if (parsed && !of_one_family(*range_out)) {
        *why_out = "it holds the IPv4 addresses (::ffff:0:0/96) among IPv6 ones; write a range for each";
        return false;
    }
    return parsed;
}

struct address prefix_last(struct prefix prefix)
{
    uint64_t high = prefix.length >= 64 ? 0 : UINT64_MAX >> prefix.length;
    uint64_t low = prefix.length >= 128  ? 0
                   : prefix.length <= 64 ? UINT64_MAX
                                         : UINT64_MAX >> (prefix.length - 64);
    return (struct address){prefix.address.high | high, prefix.address.low | low};
}

bool prefix_holds(struct prefix prefix, struct address address)
{
    return address_compare(prefix.address, address) <= 0 &&
           address_compare(address, prefix_last(prefix)) <= 0;
}

struct prefix range_prefix(struct range range)
{
    unsigned zeros = range.first.low    ? (unsigned)__builtin_ctzll(range.first.low)
                     : range.first.high ? 64 + (unsigned)__builtin_ctzll(range.first.high)
                                        : 128;
    struct prefix prefix = {range.first, 128 - zeros};
    while (address_compare(prefix_last(prefix), range.last) > 0)
        prefix.length++;
    return prefix;
}

enum status ranges_index_init(struct ranges_index *index, const struct ranges *ranges)
{
    *index = (struct ranges_index){ranges, NULL, 0};
    index->total = ranges_size(ranges);
    if (index->total == UINT64_MAX)
        return STATUS_LIMIT;
    index->before = reallocarray(NULL, ranges->count + 1, sizeof *index->before);
    if (!index->before)
        return STATUS_NO_MEMORY;
    uint64_t before = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        index->before[i] = before;
        before += range_size(ranges->items[i]);
    }
    index->before[ranges->count] = before;
    return STATUS_OK;
}

void ranges_index_deinit(struct ranges_index *index)
{
    free(index->before);
    *index = (struct ranges_index){NULL, NULL, 0};
}

struct address ranges_index_at(const struct ranges_index *index, uint64_t number)
{
    size_t low = 0;
    size_t high = index->ranges->count;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (index->before[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    return address_add(index->ranges->items[low].first, number - index->before[low]);
}

uint64_t ranges_index_of(const struct ranges_index *index, struct address address)
{
    size_t n = items_up_to(index->ranges, address);
    if (n == 0 || address_compare(index->ranges->items[n - 1].last, address) < 0)
        return UINT64_MAX;
    return index->before[n - 1] + address_distance(index->ranges->items[n - 1].first, address);
}
