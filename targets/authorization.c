#include "targets/authorization.h"

#include <stdlib.h>

#include "targets/calendar.h"
#include "targets/zone.h"

#define DAY_S       INT64_C(86400)
#define BLOCK_COUNT 64

struct permit {
    struct address address;
    struct port port;
    enum manner manner;
    const struct organization *organization;
    struct permit *next_free;
    bool in_use;
};

struct permits {
    size_t count;
    struct permits_request granted[PERMITS_MAX];
};

/* Permits are made a block at a time and kept for the next asker, so that a probe costs no allocation. */
struct block {
    struct permit permits[BLOCK_COUNT];
    struct block *next;
};

struct authorization {
    const struct scope *scope;
    struct zone zone;
    int64_t first_day; /* since 1970, local; both included */
    int64_t last_day;
    int64_t begin_s; /* no zone on earth has its first day before, or its last after these */
    int64_t end_s;
    struct block *blocks;
    struct permit *free;
    struct permits permits;
    int64_t decided_from_s; /* the decision of the moment holds in [from, until) */
    int64_t decided_until_s;
    enum refusal decided;
};

enum status authorization_new(const struct scope *scope, struct authorization **authorization_out)
{
    struct authorization *authorization = calloc(1, sizeof *authorization);
    *authorization_out = authorization;
    if (!authorization)
        return STATUS_NO_MEMORY;
    authorization->scope = scope;
    authorization->first_day = calendar_number(scope->valid_from_day);
    authorization->last_day = calendar_number(scope->valid_until_day);
    authorization->begin_s = (authorization->first_day - 2) * DAY_S;
    authorization->end_s = (authorization->last_day + 3) * DAY_S;
    enum status status =
        zone_init(&authorization->zone, scope->timezone, authorization->begin_s, authorization->end_s);
    if (status != STATUS_OK)
        authorization_free(authorization_out);
    return status;
}

const struct scope *authorization_scope(const struct authorization *authorization)
{
    return authorization->scope;
}

void authorization_free(struct authorization **authorization)
{
    if (!*authorization)
        return;
    while ((*authorization)->blocks) {
        struct block *block = (*authorization)->blocks;
        (*authorization)->blocks = block->next;
        free(block);
    }
    zone_deinit(&(*authorization)->zone);
    free(*authorization);
    *authorization = NULL;
}

/* A moment as the clock on the scope's wall shows it. */
struct local {
    int64_t day; /* since 1970 */
    int64_t second;
};

static struct local local_time(const struct authorization *authorization, int64_t now_s)
{
    int64_t shown = now_s + zone_offset(&authorization->zone, now_s);
    int64_t day = shown / DAY_S - (shown % DAY_S < 0);
    return (struct local){day, shown - day * DAY_S};
}

static bool is_within(const struct hours *hours, int64_t second)
{
    bool begun = second >= hours->from_minute * 60;
    bool ended = second >= hours->to_minute * 60;
    return hours->from_minute < hours->to_minute ? begun && !ended : begun || !ended;
}

static bool hours_allow(const struct scope *scope, int64_t second)
{
    if (scope->hours_count == 0)
        return true;
    for (size_t i = 0; i < scope->hours_count; i++)
        if (is_within(&scope->hours[i], second))
            return true;
    return false;
}

enum refusal authorization_moment(const struct authorization *authorization, int64_t now_s)
{
    if (now_s < authorization->begin_s)
        return REFUSAL_NOT_YET;
    if (now_s > authorization->end_s)
        return REFUSAL_EXPIRED;
    struct local local = local_time(authorization, now_s);
    if (local.day < authorization->first_day)
        return REFUSAL_NOT_YET;
    if (local.day > authorization->last_day)
        return REFUSAL_EXPIRED;
    return hours_allow(authorization->scope, local.second) ? REFUSAL_NONE : REFUSAL_HOURS;
}

static int64_t nearer_edge(int64_t best, int64_t edge_second, int64_t second)
{
    return edge_second > second && edge_second < best ? edge_second : best;
}

/* The next moment at which the decision may turn: midnight, an edge of the hours, or a change of the zone's
 * offset. */
static int64_t next_edge(const struct authorization *authorization, int64_t now_s)
{
    struct local local = local_time(authorization, now_s);
    int64_t edge = DAY_S;
    for (size_t i = 0; i < authorization->scope->hours_count; i++) {
        edge = nearer_edge(edge, authorization->scope->hours[i].from_minute * 60, local.second);
        edge = nearer_edge(edge, authorization->scope->hours[i].to_minute * 60, local.second);
    }
    int64_t edge_s = now_s + edge - local.second;
    int64_t change_s = zone_next_change(&authorization->zone, now_s);
    return change_s < edge_s ? change_s : edge_s;
}

int64_t authorization_next_moment(const struct authorization *authorization, int64_t now_s)
{
    if (now_s < authorization->begin_s)
        now_s = authorization->begin_s;
    for (; now_s <= authorization->end_s; now_s = next_edge(authorization, now_s))
        if (authorization_moment(authorization, now_s) == REFUSAL_NONE)
            return now_s;
    return -1;
}

/* The moment's decision, kept until the next edge; a clock that was set back is asked anew. */
static enum refusal decide(struct authorization *authorization, int64_t now_s)
{
    if (now_s >= authorization->decided_from_s && now_s < authorization->decided_until_s)
        return authorization->decided;
    authorization->decided = authorization_moment(authorization, now_s);
    bool within = now_s >= authorization->begin_s && now_s <= authorization->end_s;
    authorization->decided_from_s = now_s;
    authorization->decided_until_s = within ? next_edge(authorization, now_s) : now_s;
    return authorization->decided;
}

static bool port_is_allowed(const struct scope *scope, struct port port)
{
    if (port.number == 0 || port.transport > TRANSPORT_UDP)
        return false;
    if (ports_contain(&scope->exclude_ports, port.number, port.transport))
        return false;
    return scope->ports.count == 0 || ports_contain(&scope->ports, port.number, port.transport);
}

static bool grow(struct authorization *authorization)
{
    struct block *block = calloc(1, sizeof *block);
    if (!block)
        return false;
    block->next = authorization->blocks;
    authorization->blocks = block;
    for (size_t i = 0; i < BLOCK_COUNT; i++) {
        block->permits[i].next_free = authorization->free;
        authorization->free = &block->permits[i];
    }
    return true;
}

static const struct permit *grant(struct authorization *authorization, struct address address,
                                  struct port port, const struct organization *owner)
{
    if (!authorization->free && !grow(authorization))
        return NULL;
    struct permit *permit = authorization->free;
    authorization->free = permit->next_free;
    enum manner manner = ranges_contain(&owner->fragile, address) ? MANNER_FRAGILE : MANNER_NORMAL;
    *permit = (struct permit){address, port, manner, owner, NULL, true};
    return permit;
}

/* Everything but the owner and the moment, in the order in which a person would want to hear it. */
static enum refusal refuse(const struct authorization *authorization, struct address address,
                           struct port port, const struct organization *owner)
{
    if (ranges_contain(&authorization->scope->exclude, address))
        return REFUSAL_EXCLUDED;
    if (!owner)
        return REFUSAL_NOT_IN_SCOPE;
    if (!port_is_allowed(authorization->scope, port))
        return REFUSAL_PORT;
    return REFUSAL_NONE;
}

enum refusal authorization_permit(struct authorization *authorization, struct address address,
                                  struct port port, int64_t now_s, const struct permit **permit_out)
{
    *permit_out = NULL;
    const struct organization *owner = scope_owner(authorization->scope, address);
    enum refusal refusal = refuse(authorization, address, port, owner);
    if (refusal == REFUSAL_NONE)
        refusal = decide(authorization, now_s);
    if (refusal != REFUSAL_NONE)
        return refusal;
    *permit_out = grant(authorization, address, port, owner);
    return *permit_out ? REFUSAL_NONE : REFUSAL_NO_MEMORY;
}

void authorization_release(struct authorization *authorization, const struct permit *permit)
{
    /* Its holder may only read it; the authorization that made it may write. */
    struct permit *own = (struct permit *)(uintptr_t)permit;
    if (!own || !own->in_use)
        return;
    own->in_use = false;
    own->next_free = authorization->free;
    authorization->free = own;
}

static enum refusal refuse_swept(const struct authorization *authorization,
                                 const struct permits_request *request)
{
    const struct organization *owner = scope_owner(authorization->scope, request->address);
    enum refusal refusal = refuse(authorization, request->address, request->port, owner);
    if (refusal == REFUSAL_NONE && ranges_contain(&owner->fragile, request->address))
        return REFUSAL_FRAGILE;
    return refusal;
}

enum refusal authorization_permits(struct authorization *authorization,
                                   const struct permits_request *requests, size_t count, int64_t now_s,
                                   const struct permits **permits_out, size_t *refused_out)
{
    struct permits *permits = &authorization->permits;
    *permits_out = NULL;
    *refused_out = 0;
    permits->count = 0;
    enum refusal refusal = count <= PERMITS_MAX ? decide(authorization, now_s) : REFUSAL_NO_MEMORY;
    for (size_t i = 0; i < count && refusal == REFUSAL_NONE; i++) {
        permits->granted[i] = requests[i];
        refusal = refuse_swept(authorization, &permits->granted[i]);
        *refused_out = i;
    }
    if (refusal != REFUSAL_NONE)
        return refusal;
    permits->count = count;
    *permits_out = permits;
    return REFUSAL_NONE;
}

const char *refusal_text(enum refusal refusal)
{
    switch (refusal) {
    case REFUSAL_NONE:
        return "allowed";
    case REFUSAL_NOT_IN_SCOPE:
        return "the scope does not hold the address";
    case REFUSAL_EXCLUDED:
        return "the scope excludes the address";
    case REFUSAL_PORT:
        return "the authorization does not allow the port";
    case REFUSAL_NOT_YET:
        return "the authorization is not valid yet";
    case REFUSAL_EXPIRED:
        return "the authorization has expired";
    case REFUSAL_HOURS:
        return "outside the authorized hours";
    case REFUSAL_NO_MEMORY:
        return "out of memory";
    case REFUSAL_FRAGILE:
        return "the address is fragile and left to the connect engine";
    }
    return "refused";
}

struct address permit_address(const struct permit *permit)
{
    return permit->address;
}

struct port permit_port(const struct permit *permit)
{
    return permit->port;
}

enum manner permit_manner(const struct permit *permit)
{
    return permit->manner;
}

const struct organization *permit_organization(const struct permit *permit)
{
    return permit->organization;
}

size_t permits_count(const struct permits *permits)
{
    return permits->count;
}

struct address permits_address(const struct permits *permits, size_t place)
{
    return permits->granted[place].address;
}

struct port permits_port(const struct permits *permits, size_t place)
{
    return permits->granted[place].port;
}

/* What is collected is put in order, and the exclusions are taken out of it; after a failure it is empty. */
static enum status less_exclusions(const struct scope *scope, enum status status, struct ranges *ranges)
{
    ranges_normalise(ranges);
    if (status == STATUS_OK)
        status = ranges_subtract(ranges, &scope->exclude);
    if (status != STATUS_OK)
        ranges_deinit(ranges);
    return status;
}

enum status authorization_addresses(const struct authorization *authorization, struct ranges *ranges_out)
{
    const struct scope *scope = authorization->scope;
    enum status status = STATUS_OK;
    ranges_init(ranges_out);
    for (size_t i = 0; i < scope->owned_count && status == STATUS_OK; i++)
        status = ranges_add(ranges_out, scope->owned[i].range);
    return less_exclusions(scope, status, ranges_out);
}

static enum status add_all(struct ranges *ranges, const struct ranges *more)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < more->count && status == STATUS_OK; i++)
        status = ranges_add(ranges, more->items[i]);
    return status;
}

enum status authorization_fragile(const struct authorization *authorization, struct ranges *ranges_out)
{
    const struct scope *scope = authorization->scope;
    enum status status = STATUS_OK;
    ranges_init(ranges_out);
    for (size_t i = 0; i < scope->organizations_count && status == STATUS_OK; i++)
        status = add_all(ranges_out, &scope->organizations[i].fragile);
    return less_exclusions(scope, status, ranges_out);
}

enum status authorization_ports(const struct authorization *authorization, const struct ports *wanted,
                                struct ports *ports_out)
{
    enum status status = STATUS_OK;
    ports_init(ports_out);
    for (size_t i = 0; i < wanted->count && status == STATUS_OK; i++)
        if (port_is_allowed(authorization->scope, wanted->items[i]))
            status = ports_add(ports_out, wanted->items[i].number, wanted->items[i].transport);
    if (status != STATUS_OK)
        ports_deinit(ports_out);
    return status;
}

struct prefixes {
    struct prefix *items;
    size_t count, capacity;
};

struct authorization_table {
    struct prefixes granted, denied;
    bool ports[UINT16_MAX + 1];
};

static enum status add_prefix(struct prefixes *prefixes, struct prefix prefix)
{
    if (prefixes->count == prefixes->capacity) {
        size_t capacity = prefixes->capacity ? prefixes->capacity * 2 : 16;
        struct prefix *items = reallocarray(prefixes->items, capacity, sizeof *items);
        if (!items)
            return STATUS_NO_MEMORY;
        prefixes->items = items;
        prefixes->capacity = capacity;
    }
    prefixes->items[prefixes->count++] = prefix;
    return STATUS_OK;
}

static enum status add_prefixes(struct prefixes *prefixes, struct range range)
{
    for (;;) {
        struct prefix prefix = range_prefix(range);
        enum status status = add_prefix(prefixes, prefix);
        if (status != STATUS_OK || address_compare(prefix_last(prefix), range.last) >= 0)
            return status;
        range.first = address_next(prefix_last(prefix));
    }
}

static enum status add_all_prefixes(struct prefixes *prefixes, const struct ranges *ranges)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < ranges->count && status == STATUS_OK; i++)
        status = add_prefixes(prefixes, ranges->items[i]);
    return status;
}

static enum status fill_table(struct authorization_table *table, const struct scope *scope)
{
    enum status status = add_all_prefixes(&table->denied, &scope->exclude);
    for (size_t i = 0; i < scope->organizations_count && status == STATUS_OK; i++) {
        status = add_all_prefixes(&table->denied, &scope->organizations[i].fragile);
        if (status == STATUS_OK)
            status = add_all_prefixes(&table->granted, &scope->organizations[i].ranges);
    }
    for (size_t number = 0; number <= UINT16_MAX; number++)
        table->ports[number] = port_is_allowed(scope, (struct port){(uint16_t)number, TRANSPORT_TCP});
    return status;
}

enum status authorization_table_new(const struct authorization *authorization,
                                    struct authorization_table **table_out)
{
    *table_out = calloc(1, sizeof **table_out);
    enum status status = *table_out ? fill_table(*table_out, authorization->scope) : STATUS_NO_MEMORY;
    if (status != STATUS_OK)
        authorization_table_free(table_out);
    return status;
}

void authorization_table_free(struct authorization_table **table)
{
    if (!*table)
        return;
    free((*table)->granted.items);
    free((*table)->denied.items);
    free(*table);
    *table = NULL;
}

const struct prefix *authorization_table_granted(const struct authorization_table *table, size_t *count_out)
{
    *count_out = table->granted.count;
    return table->granted.items;
}

const struct prefix *authorization_table_denied(const struct authorization_table *table, size_t *count_out)
{
    *count_out = table->denied.count;
    return table->denied.items;
}

bool authorization_table_port(const struct authorization_table *table, uint16_t number)
{
    return table->ports[number];
}
