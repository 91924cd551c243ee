#ifndef TARGETS_SCOPE_READ_H
#define TARGETS_SCOPE_READ_H

#include "targets/fields.h"
#include "targets/scope.h"

/* The reading of one scope file, private to scope*.c. */
struct scope_reading {
    struct fields fields;
    struct scope *scope;
};

/* The parts of the file, in the order in which they are read; each begins at its value in the tree. */
void scope_authorization_read(struct scope_reading *reading, const cJSON *authorization);
void scope_organizations_read(struct scope_reading *reading, const cJSON *organizations);
/* Each organization's "domains", once the organizations are there. */
void scope_domains_read(struct scope_reading *reading, const cJSON *organizations);
/* The same of its "names". */
void scope_names_read(struct scope_reading *reading, const cJSON *organizations);
/* Needs the organizations. */
void scope_accepted_read(struct scope_reading *reading, const cJSON *accepted);
void scope_false_positives_read(struct scope_reading *reading, const cJSON *false_positives);
/* Needs all of the above; rest_right: they brought no complaint. */
void scope_canary_read(struct scope_reading *reading, const cJSON *root, bool rest_right);

#endif
