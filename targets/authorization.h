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
};

/* The gate. Borrows the scope. */
struct authorization;
MUST_USE enum status authorization_new(const struct scope *scope, struct authorization **authorization_out);
void authorization_free(struct authorization **authorization);

/* Is anything allowed at this moment (seconds since the epoch)? Dates and hours only. */
enum refusal authorization_moment(const struct authorization *authorization, int64_t now_s);
/* The next moment from now_s on at which hours and dates allow a scan; -1 when there is none. */
int64_t authorization_next_moment(const struct authorization *authorization, int64_t now_s);
/* Grants or refuses; *permit_out is NULL unless REFUSAL_NONE. Exclusions always win. */
enum refusal authorization_permit(struct authorization *authorization, struct address address,
                                  struct port port, int64_t now_s, const struct permit **permit_out);
void authorization_release(struct authorization *authorization, const struct permit *permit);
/* In words, for a person; static. */
const char *refusal_text(enum refusal refusal);

struct address permit_address(const struct permit *permit);
struct port permit_port(const struct permit *permit);
enum manner permit_manner(const struct permit *permit);
/* Never NULL. */
const struct organization *permit_organization(const struct permit *permit);

/* What may ever be asked, for planning: every owned address less the exclusions, normal. Caller deinits. */
MUST_USE enum status authorization_addresses(const struct authorization *authorization,
                                             struct ranges *ranges_out);
/* Those of them that are fragile. Caller deinits. */
MUST_USE enum status authorization_fragile(const struct authorization *authorization,
                                           struct ranges *ranges_out);
/* The ports of `wanted` that the scope allows. Caller deinits. */
MUST_USE enum status authorization_ports(const struct authorization *authorization,
                                         const struct ports *wanted, struct ports *ports_out);

#endif
