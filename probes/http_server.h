#ifndef PROBES_HTTP_SERVER_H
#define PROBES_HTTP_SERVER_H

#include "probes/observation.h"

/* Names the software that a Server header tells of; false when it is not known. */
bool http_server_observe(struct observation *observation, struct span server);
/* The same for a library that other software carries inside it, which may be named by its pages instead. */
bool http_server_observe_embedded(struct observation *observation, struct span server);

#endif
