#ifndef TARGETS_NAMING_H
#define TARGETS_NAMING_H

#include "targets/scope.h"

/* What the names of a scope were resolved to. A name widens nothing: of its addresses those alone are asked that the
   scope's ranges hold anyway, and they carry it (SNI, Host). An address carries one name, the first in the order of the
   scope file. */

enum naming_kind {
    NAMING_CARRIED,  /* the address is asked by this name */
    NAMING_ALIAS,    /* it is asked by an earlier one */
    NAMING_EXCLUDED, /* the scope excludes it */
    NAMING_OUTSIDE,  /* the scope does not hold it */
    NAMING_MISSING,  /* there is no address, or no further one: `why` */
};

/* A name and one of its addresses. */
struct naming {
    char *organization; /* whose name it is; the address may be another's of the same scope */
    char *name;         /* as domain_parse writes it */
    enum naming_kind kind;
    struct address address; /* unless NAMING_MISSING */
    char *why;              /* NAMING_MISSING: what became of it; else NULL */
};

#define NAMES_MAX           1024 /* names of one scope */
#define NAMES_ADDRESSES_MAX 64   /* of one name */

struct namings {
    struct naming *items; /* owned, in the order of the scope file */
    size_t count, capacity;
    size_t *carried; /* places of the carried ones by address, once indexed */
    size_t carried_count;
};

void namings_init(struct namings *names);
void namings_deinit(struct namings *names);
/* Judges the address by the scope. */
MUST_USE enum status namings_add(struct namings *names, const struct scope *scope, const char *organization,
                                 const char *name, struct address address);
MUST_USE enum status namings_add_missing(struct namings *names, const char *organization, const char *name,
                                         const char *why);
/* Takes a copy as it is: what was judged before. */
MUST_USE enum status namings_copy(struct namings *names, const struct naming *naming);
/* Once all are there: which of several an address carries, and namings_at finds it. */
MUST_USE enum status namings_index(struct namings *names);
/* The name that an address carries, or NULL; O(log). */
const char *namings_at(const struct namings *names, struct address address);
/* "carried", "alias", "excluded", "outside", "missing". */
const char *naming_kind_name(enum naming_kind kind);

#endif
