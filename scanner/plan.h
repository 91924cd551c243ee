#ifndef SCANNER_PLAN_H
#define SCANNER_PLAN_H

#include "targets/authorization.h"
#include "targets/permutation.h"

/* Every target of a scan, each with a number, and the order in which they are drawn. Borrows the
 * authorization. */
struct plan {
    struct ranges addresses;
    struct ranges_index index;
    struct ports ports; /* TCP */
    uint64_t total;     /* addresses × ports */
    struct permutation permutation;
    uint32_t shard, shards; /* from 1 */
};

/* ports: those wanted; what the authorization does not allow is left out. An empty plan (total 0) is no
 * error. */
MUST_USE enum status plan_init(struct plan *plan, const struct authorization *authorization,
                               const struct ports *wanted, uint64_t seed, uint32_t shard, uint32_t shards);
void plan_deinit(struct plan *plan);
/* How many targets this shard draws. */
uint64_t plan_size(const struct plan *plan);
/* The number drawn at a position of this shard. */
uint64_t plan_draw(const struct plan *plan, uint64_t position);
void plan_target(const struct plan *plan, uint64_t number, struct address *address_out,
                 struct port *port_out);

/* Whom a scan would ask how much, for --dry-run. */
struct plan_share {
    const struct organization *organization;
    uint64_t addresses, fragile, targets;
};
/* Fills one share an organization, in the scope's order; the caller's array has organizations_count places.
 */
MUST_USE enum status plan_shares(const struct plan *plan, const struct scope *scope,
                                 struct plan_share *shares);
/* Seconds that discovery takes at least, at a total and a per-host rate, when `answering` (0..1) of the
 * targets answer. */
double plan_seconds(const struct plan *plan, double rate, double rate_per_host, unsigned attempts,
                    double answering);

#endif
