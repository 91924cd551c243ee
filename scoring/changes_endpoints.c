#include <stdlib.h>
#include <string.h>

#include "scoring/changes_parts.h"

/* What changed at hosts and ports, whether it is a finding or not. */

struct walk {
    struct changes *changes;
    const struct side *before, *after;
    size_t capacity;
    enum status status;
};

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static struct endpoint_answer answer_of(const struct side_endpoint *endpoint)
{
    if (!endpoint)
        return (struct endpoint_answer){.service = "", .product = "", .version = ""};
    return (struct endpoint_answer){.open = true,
                                    .tls = endpoint->tls,
                                    .service = endpoint->service,
                                    .product = text_of(endpoint->product),
                                    .version = text_of(endpoint->version)};
}

static void add(struct walk *walk, struct endpoint_change change)
{
    struct changes *changes = walk->changes;
    if (walk->status != STATUS_OK)
        return;
    if (changes->endpoints_count == walk->capacity) {
        size_t capacity = walk->capacity ? walk->capacity * 2 : 256;
        struct endpoint_change *grown = reallocarray(changes->endpoints, capacity, sizeof *grown);
        if (!grown) {
            walk->status = STATUS_NO_MEMORY;
            return;
        }
        changes->endpoints = grown;
        walk->capacity = capacity;
    }
    changes->endpoints[changes->endpoints_count++] = change;
    changes->endpoint_counts[change.kind]++;
}

static void tell(struct walk *walk, enum endpoint_change_kind kind, enum change_reason reason,
                 const struct side_endpoint *before, const struct side_endpoint *after)
{
    const struct side_endpoint *either = after ? after : before;
    add(walk, (struct endpoint_change){.kind = kind,
                                       .reason = reason,
                                       .organization = walk->after->names->items[either->organization].id,
                                       .address = either->address,
                                       .port = either->port,
                                       .before = answer_of(before),
                                       .after = answer_of(after)});
}

static void tell_host(struct walk *walk, enum endpoint_change_kind kind, enum change_reason reason,
                      const struct side_host *host)
{
    add(walk, (struct endpoint_change){.kind = kind,
                                       .reason = reason,
                                       .organization = walk->after->names->items[host->organization].id,
                                       .address = host->address,
                                       .before = answer_of(NULL),
                                       .after = answer_of(NULL)});
}

static bool differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

/* What was not found out on one of the two sides is no change. */
static void compare_answers(struct walk *walk, const struct side_endpoint *before,
                            const struct side_endpoint *after)
{
    bool known = strcmp(before->service, "unknown") != 0 && strcmp(after->service, "unknown") != 0;
    if (known && (strcmp(before->service, after->service) != 0 || before->tls != after->tls))
        tell(walk, ENDPOINT_CHANGE_SERVICE, REASON_NONE, before, after);
    else if (differ(before->product, after->product) || differ(before->version, after->version))
        tell(walk, ENDPOINT_CHANGE_VERSION, REASON_NONE, before, after);
}

/* An endpoint of the earlier scan that the later one has not. Of a host that answers nothing any more, or was not
   asked at all, the host alone is told. */
static void lost(struct walk *walk, const struct side_endpoint *endpoint)
{
    const struct port none = {0, 0};
    const struct side *after = walk->after;
    if (side_asked(after, walk->before, endpoint->organization, endpoint->address, none) != REASON_NONE)
        return;
    enum change_reason reason =
        side_asked(after, walk->before, endpoint->organization, endpoint->address, endpoint->port);
    const struct side_host *host = side_host(after, endpoint->organization, endpoint->address);
    if (reason == REASON_NONE && host && host->everywhere)
        reason = REASON_ANSWERS_EVERYWHERE;
    if (reason != REASON_NONE)
        tell(walk, ENDPOINT_CHANGE_NOT_ASKED, reason, endpoint, NULL);
    else if (host)
        tell(walk, ENDPOINT_CHANGE_CLOSED, REASON_NONE, endpoint, NULL);
}

/* Whether it opened, or the earlier scan did not look. */
static enum change_reason looked_before(const struct walk *walk, size_t organization, struct address address,
                                        struct port port)
{
    bool looked = side_asked(walk->before, walk->after, organization, address, port) == REASON_NONE;
    return looked ? REASON_NONE : REASON_FIRST_LOOK;
}

static void gained(struct walk *walk, const struct side_endpoint *endpoint)
{
    tell(walk, ENDPOINT_CHANGE_OPENED,
         looked_before(walk, endpoint->organization, endpoint->address, endpoint->port), NULL, endpoint);
}

static void host_lost(struct walk *walk, const struct side_host *host)
{
    const struct port none = {0, 0};
    size_t open = 0;
    (void)side_endpoints(walk->before, host->organization, host->address, &open);
    enum change_reason reason =
        side_asked(walk->after, walk->before, host->organization, host->address, none);
    if (reason == REASON_NONE)
        tell_host(walk, ENDPOINT_CHANGE_HOST_DOWN, REASON_SILENT_HOST, host);
    else if (open)
        tell_host(walk, ENDPOINT_CHANGE_NOT_ASKED, reason, host);
}

static void host_gained(struct walk *walk, const struct side_host *host)
{
    const struct port none = {0, 0};
    tell_host(walk, ENDPOINT_CHANGE_HOST_NEW, looked_before(walk, host->organization, host->address, none),
              host);
}

static int number_compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int host_compare(const struct side_host *a, const struct side_host *b)
{
    int order = number_compare(a->organization, b->organization);
    return order ? order : address_compare(a->address, b->address);
}

static int endpoint_compare(const struct side_endpoint *a, const struct side_endpoint *b)
{
    int order = number_compare(a->organization, b->organization);
    order = order ? order : address_compare(a->address, b->address);
    order = order ? order : a->port.number - b->port.number;
    return order ? order : a->port.transport - b->port.transport;
}

static void walk_hosts(struct walk *walk)
{
    const struct side *before = walk->before, *after = walk->after;
    for (size_t i = 0, j = 0; i < before->hosts_count || j < after->hosts_count;) {
        int order = i == before->hosts_count  ? 1
                    : j == after->hosts_count ? -1
                                              : host_compare(&before->hosts[i], &after->hosts[j]);
        if (order < 0)
            host_lost(walk, &before->hosts[i]);
        else if (order > 0)
            host_gained(walk, &after->hosts[j]);
        i += order <= 0;
        j += order >= 0;
    }
}

static void walk_endpoints(struct walk *walk)
{
    const struct side *before = walk->before, *after = walk->after;
    for (size_t i = 0, j = 0; i < before->endpoints_count || j < after->endpoints_count;) {
        int order = i == before->endpoints_count ? 1
                    : j == after->endpoints_count
                        ? -1
                        : endpoint_compare(&before->endpoints[i], &after->endpoints[j]);
        if (order < 0)
            lost(walk, &before->endpoints[i]);
        else if (order > 0)
            gained(walk, &after->endpoints[j]);
        else
            compare_answers(walk, &before->endpoints[i], &after->endpoints[j]);
        i += order <= 0;
        j += order >= 0;
    }
}

static int change_compare(const void *a, const void *b)
{
    const struct endpoint_change *left = a, *right = b;
    int order = strcmp(left->organization, right->organization);
    order = order ? order : address_compare(left->address, right->address);
    order = order ? order : left->port.number - right->port.number;
    order = order ? order : left->port.transport - right->port.transport;
    return order ? order : (int)left->kind - (int)right->kind;
}

enum status endpoint_changes_make(struct changes *changes)
{
    struct walk walk = {changes, &changes->parts->before, &changes->parts->after, 0, STATUS_OK};
    walk_hosts(&walk);
    walk_endpoints(&walk);
    if (changes->endpoints_count)
        qsort(changes->endpoints, changes->endpoints_count, sizeof *changes->endpoints, change_compare);
    return walk.status;
}
