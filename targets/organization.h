#ifndef TARGETS_ORGANIZATION_H
#define TARGETS_ORGANIZATION_H

#include "targets/ranges.h"

/* The value 1..5 of an address range (scope file, "assets"); the narrowest range that holds an address wins.
 */
struct asset {
    struct range range;
    int value;
    char *name; /* may be NULL */
};

/* Further keys of an organization in the scope file (cohorts: province, level, and any other). */
struct tag {
    char *key;
    char *value;
};

struct organization {
    char *id;
    char *name;
    struct tag *tags; /* province and level are among them */
    size_t tags_count;
    double informatization; /* NAN when the scope does not say */
    struct ranges ranges;
    struct ranges fragile;
    struct asset *assets;
    size_t assets_count;
    char **domains; /* as domain_parse writes them; what other sources name is found by them */
    size_t domains_count;
    char **names; /* of hosts, as domain_parse writes them; their addresses carry them (naming.h) */
    size_t names_count;
};

void organization_deinit(struct organization *organization);
/* Takes copies of the other's name, tags and informatization in place of its own; STATUS_NO_MEMORY leaves some of
   them. */
MUST_USE enum status organization_describe(struct organization *organization,
                                           const struct organization *from);
/* The value of a tag, or NULL. */
const char *organization_tag(const struct organization *organization, const char *key);
/* The narrowest asset range that holds the address, or NULL. */
const struct asset *organization_asset(const struct organization *organization, struct address address);

#endif
