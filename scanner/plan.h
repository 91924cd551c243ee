#ifndef SCANNER_PLAN_H
#define SCANNER_PLAN_H

#include "scanner/order.h"
#include "targets/authorization.h"

/* Every target of a scan, each with a number, and the order in which they are asked: by the connect engine one
   at a time, or swept by an engine that sends without remembering each. Borrows the authorization. */

/* The two parts of a plan; each target is in one of them. */
enum plan_part {
    PLAN_ASKED, /* by the connect engine: all, or where there is a sweep the fragile addresses */
    PLAN_SWEPT,
    PLAN_PARTS
};

struct plan {
    struct ranges addresses;
    struct ranges_index index;
    struct ports ports; /* TCP */
    uint64_t total;     /* addresses × ports: the numbers of targets */
    struct order orders[PLAN_PARTS];
    uint32_t shard, shards; /* from 1 */
};

/* ports: those wanted; what the authorization does not allow is left out. sweep: whether an engine sweeps. An
 * empty plan (total 0) is no error. */
MUST_USE enum status plan_init(struct plan *plan, const struct authorization *authorization,
                               const struct ports *wanted, uint64_t seed, uint32_t shard, uint32_t shards,
                               bool sweep);
void plan_deinit(struct plan *plan);
/* How many targets of a part this shard asks. */
uint64_t plan_size(const struct plan *plan, enum plan_part part);
/* The position in the order of a part that is this shard's step number `step`; step < plan_size. */
uint64_t plan_position(const struct plan *plan, uint64_t step);
/* A number by which a plan that draws other targets, or the same in another order, is told apart: made of some steps
   of each part, and kept with what goes on from a step. */
uint64_t plan_proof(const struct plan *plan);
/* The target of a step. */
void plan_draw(const struct plan *plan, enum plan_part part, uint64_t step, struct address *address_out,
               struct port *port_out);
/* The step at which this shard sweeps a target; UINT64_MAX where it does not. */
uint64_t plan_step(const struct plan *plan, struct address address, uint16_t port);
/* A target's number and back; UINT64_MAX for what is not in the plan. */
uint64_t plan_number(const struct plan *plan, struct address address, struct port port);
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
/* The place of a port in plan->ports; SIZE_MAX where it is not in the plan. */
size_t plan_port_place(const struct plan *plan, struct port port);
/* Adds how many targets of this shard each organization has at each port to counts[organization × ports]. */
MUST_USE enum status plan_census(const struct plan *plan, const struct scope *scope, uint64_t *counts);
/* SYNs a second. */
struct plan_rates {
    double total, per_host;
    double per_network; /* 0: no ceiling */
};
/* Seconds that discovery takes at least when `answering` (0..1) of the targets answer. */
double plan_seconds(const struct plan *plan, const struct plan_rates *rates, unsigned attempts,
                    double answering);

#endif
