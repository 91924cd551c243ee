#ifndef SCANNER_LOCAL_PORTS_H
#define SCANNER_LOCAL_PORTS_H

#include "targets/status.h"

/* Does the kernel leave the cookie's ports to us? STATUS_SYSTEM, with why_out[WIRE_WHY_MAX], where it may give one
   of them to a connection of its own (ip-sysctl: ip_local_port_range, ip_local_reserved_ports). */
MUST_USE enum status local_ports_check(char *why_out);

#endif
