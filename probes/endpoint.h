#ifndef PROBES_ENDPOINT_H
#define PROBES_ENDPOINT_H

#include "probes/observation.h"

/* Facts of an open port as such, set by the scanner: endpoint.connections, endpoint.silent,
 * endpoint.unidentified. */
extern const struct fact endpoint_facts[];

/* How many connections the port got, and whether it said anything on any of them. */
void endpoint_observe(struct observation *observation, unsigned connections, bool silent);
/* Why nothing is known of its service; static. */
void endpoint_observe_unidentified(struct observation *observation, const char *why);

#endif
