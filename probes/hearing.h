#ifndef PROBES_HEARING_H
#define PROBES_HEARING_H

#include "probes/probe.h"

/* What a server's bytes mean to a probe without a connection: as far as they go, and what the probe wants beyond
   them (TLS, another connection) it does not get. False when they are not of its protocol, or say nothing;
   facts may have been added by then. */
MUST_USE bool hearing_read(const struct probe *probe, struct span bytes, struct observation *observation);

#endif
