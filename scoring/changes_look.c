#include <string.h>

#include "scoring/changes_parts.h"

/* What one scan says of a place: whether it asked there, and what answered. */

static int place_compare(size_t organization, struct address address, size_t other_organization,
                         struct address other)
{
    if (organization != other_organization)
        return organization < other_organization ? -1 : 1;
    return address_compare(address, other);
}

const struct side_host *side_host(const struct side *side, size_t organization, struct address address)
{
    size_t low = 0, high = side->hosts_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct side_host *host = &side->hosts[middle];
        int order = place_compare(host->organization, host->address, organization, address);
        if (order == 0)
            return host;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int port_compare(struct port a, struct port b)
{
    return a.number != b.number ? a.number - b.number : a.transport - b.transport;
}

/* The first at this place or behind it. */
static size_t first_endpoint(const struct side *side, size_t organization, struct address address,
                             struct port port)
{
    size_t low = 0, high = side->endpoints_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct side_endpoint *endpoint = &side->endpoints[middle];
        int order = place_compare(endpoint->organization, endpoint->address, organization, address);
        order = order ? order : port_compare(endpoint->port, port);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_host(const struct side *side, size_t at, size_t organization, struct address address)
{
    return at < side->endpoints_count &&
           place_compare(side->endpoints[at].organization, side->endpoints[at].address, organization,
                         address) == 0;
}

const struct side_endpoint *side_endpoint(const struct side *side, size_t organization,
                                          struct address address, struct port port)
{
    size_t at = first_endpoint(side, organization, address, port);
    bool there =
        is_host(side, at, organization, address) && port_compare(side->endpoints[at].port, port) == 0;
    return there ? &side->endpoints[at] : NULL;
}

const struct side_endpoint *side_endpoints(const struct side *side, size_t organization,
                                           struct address address, size_t *count_out)
{
    size_t at = first_endpoint(side, organization, address, (struct port){0, 0});
    for (*count_out = 0; is_host(side, at + *count_out, organization, address);)
        ++*count_out;
    return *count_out ? &side->endpoints[at] : NULL;
}

/* Whether the address was its organization's, and to be asked. */
static enum change_reason in_scope(const struct side *side, const struct side *other, size_t organization,
                                   struct address address)
{
    if (!side->asked) {
        bool same = strcmp(side->run.scope, other->run.scope) == 0;
        return same || side_host(side, organization, address) ? REASON_NONE : REASON_SCOPE_UNKNOWN;
    }
    const struct organization *owner = scope_owner(side->asked, address);
    if (!owner || strcmp(owner->id, side->names->items[organization].id) != 0)
        return REASON_ADDRESS;
    return ranges_contain(&side->asked->exclude, address) ? REASON_EXCLUDED : REASON_NONE;
}

static const char *vantage_of(const struct side *side)
{
    return side->run.vantage ? side->run.vantage : "";
}

enum change_reason side_asked(const struct side *side, const struct side *other, size_t organization,
                              struct address address, struct port port)
{
    if (strcmp(vantage_of(side), vantage_of(other)) != 0)
        return REASON_VANTAGE;
    if (!side->organizations[organization].known)
        return REASON_ORGANIZATION;
    enum change_reason reason = in_scope(side, other, organization, address);
    if (reason != REASON_NONE)
        return reason;
    if (port.number && !ports_contain(&side->ports, port.number, port.transport))
        return REASON_PORT;
    if (side->run.shards > 1)
        return REASON_SHARD;
    return side->run.complete ? REASON_NONE : REASON_INCOMPLETE;
}

struct verdict_call {
    const struct item *item;
    struct port port;
    enum change_reason reason;
};

static void judge_at(void *context, const char *organization, const struct observation *observation)
{
    struct verdict_call *call = context;
    (void)organization;
    if (port_compare(observation->port, call->port) != 0)
        return;
    bool unknown = strcmp(observation->service, "unknown") == 0;
    switch (condition_judge(call->item->when, observation)) {
    case VERDICT_YES:
        call->reason = REASON_NONE;
        break;
    case VERDICT_UNDETERMINED:
        call->reason = REASON_UNDETERMINED;
        break;
    case VERDICT_NO:
        call->reason = unknown                                             ? REASON_UNDETERMINED
                       : condition_concerns(call->item->when, observation) ? REASON_ANSWERED
                                                                           : REASON_OTHER_SERVICE;
        break;
    }
}

enum status side_verdict(struct side *side, size_t organization, size_t item, struct address address,
                         struct port port, enum change_reason *reason_out)
{
    struct verdict_call call = {&side->catalogue->items[item], port, REASON_UNDETERMINED};
    enum status status = store_each_observation_at(
        side->store, &side->run, side->names->items[organization].id, address, judge_at, &call);
    *reason_out = call.reason;
    return status;
}
