#ifndef TARGETS_AUTHORIZATION_H
#define TARGETS_AUTHORIZATION_H

#include "targets/scope.h"

/* Leave to send to one address and port, now. Only authorization.c can make one: the type is incomplete
   everywhere else, and whatever transmits or connects takes one. Belongs to its authorization; give it back
   with authorization_release. */
struct permit;

/* How one is to behave towards the address that a permit names. */
enum manner {
    MANNER_NORMAL,
    MANNER_FRAGILE, /* connect engine only, one socket at a time, a second apart, closed without a byte */
};

enum refusal {
    REFUSAL_NONE,
    REFUSAL_NOT_IN_SCOPE,
    REFUSAL_EXCLUDED,
    REFUSAL_PORT,    /* not among the authorization's ports, or excluded */
    REFUSAL_NOT_YET, /* before valid_from */
    REFUSAL_EXPIRED, /* after valid_until */
    REFUSAL_HOURS,   /* outside the hours */
    REFUSAL_NO_MEMORY,
    REFUSAL_FRAGILE, /* only of a batch */
};

/* The gate. Borrows the scope. */
struct authorization;
MUST_USE enum status authorization_new(const struct scope *scope, struct authorization **authorization_out);
void authorization_free(struct authorization **authorization);

const struct scope *authorization_scope(const struct authorization *authorization);
/* Is anything allowed at this moment (seconds since the epoch)? Dates and hours only. */
enum refusal authorization_moment(const struct authorization *authorization, int64_t now_s);
/* The next moment from now_s on at which hours and dates allow a scan; -1 when there is none. */
int64_t authorization_next_moment(const struct authorization *authorization, int64_t now_s);
/* Grants or refuses; *permit_out is NULL unless REFUSAL_NONE. Exclusions always win. */
enum refusal authorization_permit(struct authorization *authorization, struct address address,
                                  struct port port, int64_t now_s, const struct permit **permit_out);
void authorization_release(struct authorization *authorization, const struct permit *permit);
/* Leave to send to many addresses and ports at once, now: as a permit guarded by its type, so that whoever
   transmits a batch takes one. Belongs to its authorization, which has one: the next grant takes its place. */
struct permits;
#define PERMITS_MAX 256

struct permits_request {
    struct address address;
    struct port port;
};
/* All or nothing: a single request that is refused, or fragile (REFUSAL_FRAGILE: those are never swept), refuses
 * all, and *refused_out is its place. The moment is decided once for all of them; count <= PERMITS_MAX. */
enum refusal authorization_permits(struct authorization *authorization,
                                   const struct permits_request *requests, size_t count, int64_t now_s,
                                   const struct permits **permits_out, size_t *refused_out);
/* In words, for a person; static. */
const char *refusal_text(enum refusal refusal);

struct address permit_address(const struct permit *permit);
struct port permit_port(const struct permit *permit);
enum manner permit_manner(const struct permit *permit);
/* Never NULL. */
const struct organization *permit_organization(const struct permit *permit);

size_t permits_count(const struct permits *permits);
/* place < permits_count. */
struct address permits_address(const struct permits *permits, size_t place);
struct port permits_port(const struct permits *permits, size_t place);

/* What may ever be asked, for planning: every owned address less the exclusions, normal. Caller deinits. */
MUST_USE enum status authorization_addresses(const struct authorization *authorization,
                                             struct ranges *ranges_out);
/* Those of them that are fragile. Caller deinits. */
MUST_USE enum status authorization_fragile(const struct authorization *authorization,
                                           struct ranges *ranges_out);
/* The ports of `wanted` that the scope allows. Caller deinits. */
MUST_USE enum status authorization_ports(const struct authorization *authorization,
                                         const struct ports *wanted, struct ports *ports_out);

/* What a program in the kernel needs to decide on every frame itself: made by authorization.c alone, and from
   the scope alone, so that it holds against a plan that is wrong. An address may be asked when a granted prefix
   holds it and no denied one does; exclusions and fragile ranges are denied. Dates and hours are not in it:
   authorization_moment. */
struct authorization_table;
MUST_USE enum status authorization_table_new(const struct authorization *authorization,
                                             struct authorization_table **table_out);
void authorization_table_free(struct authorization_table **table);
/* The table's own; they may overlap. */
const struct prefix *authorization_table_granted(const struct authorization_table *table, size_t *count_out);
const struct prefix *authorization_table_denied(const struct authorization_table *table, size_t *count_out);
/* TCP. */
bool authorization_table_port(const struct authorization_table *table, uint16_t number);

#endif
