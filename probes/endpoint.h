#ifndef PROBES_ENDPOINT_H
#define PROBES_ENDPOINT_H

#include "probes/observation.h"

/* Facts of an open port as such, set by the scanner: endpoint.connections, endpoint.silent,
 * endpoint.unidentified, endpoint.name. */
extern const struct fact endpoint_facts[];

/* How many connections the port got, and whether it said anything on any of them. */
void endpoint_observe(struct observation *observation, unsigned connections, bool silent);
/* By which name of the scope it was asked, where its address has one. */
void endpoint_observe_name(struct observation *observation, const char *name);
#define ENDPOINT_NAME "endpoint.name" /* that fact */
/* Whether the peer said something that is a protocol's: what makes a port an open one at a host that answers
   everywhere. A service that is known by its silence alone (HL7, printers) is no proof. */
bool endpoint_proven(const struct observation *observation);
/* Why nothing is known of its service; static. */
void endpoint_observe_unidentified(struct observation *observation, const char *why);

#endif
